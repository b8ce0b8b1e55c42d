# SPDX-License-Identifier: MIT
"""Servers and names that mean the client no good (ATK 28 to 31; 21 to 24 are in
tests/scenario/smtp/test_hostile_servers.py)."""

import re
import time

import pytest

from tests.scenario.smtp.scripted import Script

RECIPIENT = "someone@remote.example"
THREE = ["a@remote.example", "b@remote.example", "c@remote.example"]


@pytest.fixture
def make_script():
    scripts = []

    def make(session, **settings):
        scripts.append(Script(session, **settings))
        return scripts[-1]

    yield make
    for script in scripts:
        script.stop()


def lmtp(answers):
    """Three recipients, and then what follows the message."""
    def session(server):
        server.hello("PIPELINING", verb="LHLO")
        for _ in range(5):
            server.line()
        server.say("250 ok\r\n" * 4 + "354 go\r\n")
        server.content()
        server.say(answers)
    return session


SENT = "250 2.0.0 ok\r\n"
# What is said behind the message, and what becomes of a, b and c: only who got a
# 2xx of its own has the mail.
LMTP = {
    "one for all": (SENT, "sent deferred deferred"),
    "one too few": (SENT * 2, "sent sent deferred"),
    "one too many": (SENT * 4, "sent sent sent"),
    "none": ("", "deferred deferred deferred"),
    "nonsense in the middle": (SENT + "what\r\n" + SENT,
                               "sent deferred deferred"),
    "a continued one": ("250-2.0.0 a\r\n250-2.0.0 b\r\n" + SENT,
                        "sent deferred deferred"),
    "421": (SENT + "421 4.3.2 bye\r\n", "sent deferred deferred"),
}


@pytest.mark.parametrize("name", LMTP)
def test_lmtp_replies(make_script, make_instance, name):
    """ATK 28."""
    answers, outcome = LMTP[name]
    script = make_script(lmtp(answers))
    instance = make_instance(parameters={
        "default_transport": f"lmtp:inet:127.0.0.1:{script.port}"})
    queue_id = instance.send(THREE)
    for recipient, status in zip(THREE, outcome.split()):
        instance.wait_log(rf"{queue_id}: to=<{re.escape(recipient)}>, .*"
                          rf"status={status} ")
    assert instance.log().count("status=") == 3


@pytest.mark.parametrize("takes", [0, 1], ids=["nothing", "single bytes"])
def test_a_server_that_hardly_reads(make_script, make_instance, takes):
    """ATK 29: the message is deferred when nothing of it is taken in for
    smtp_data_xfer_timeout; other mail does not wait for it."""
    def session(server):
        server.hello()
        server.expect("MAIL")
        server.say("250 ok\r\n")
        server.expect("RCPT")
        server.say("250 ok\r\n")
        server.expect("DATA")
        server.say("354 go\r\n")
        began = time.monotonic()
        while time.monotonic() - began < 60:
            time.sleep(0.2)
            if takes and not server.sock.recv(1):
                return
            server.sock.send(b"")

    script = make_script(session)
    instance = make_instance(parameters={
        "smtp_data_xfer_timeout": "3s", "message_size_limit": "30000000",
        "default_transport": f"smtp:[127.0.0.1]:{script.port}"})
    line = b"x" * 76 + b"\r\n"
    queue_id = instance.send(
        RECIPIENT, b"Subject: x\r\n\r\n" + line * 200_000)
    instance.send(["bob@mail.example"])
    instance.wait_mail("bob")
    instance.wait_log(rf"{queue_id}: to=<{RECIPIENT}>, .*dsn=4\.4\.2, "
                      r"status=deferred \(conversation with .* timed out while "
                      r"sending message body\)", patience=50)
    for connection in script.connections:
        connection.sock.close()


# Addresses that nobody's mail exchanger has, and what a message for such a domain
# ends with.
ADDRESSES = {
    "127.0.0.1": r"dsn=5\.4\.6, status=bounced .*loops back to myself",
    "0.0.0.0": r"dsn=5\.4\.6, status=bounced .*loops back to myself",
    "224.0.0.1": r"dsn=4\.4\.1, status=deferred .*connect to ",
    "255.255.255.255": r"dsn=4\.4\.1, status=deferred .*connect to ",
}


def test_addresses_of_nobody(make_instance, make_dns):
    """ATK 30."""
    records = {}
    for number, address in enumerate(ADDRESSES):
        records[f"d{number}.example.", "MX"] = [f"10 mx{number}.example."]
        records[f"mx{number}.example.", "A"] = [address]
    dns = make_dns(records)
    instance = make_instance(parameters={
        "dns_servers": dns.address, "smtp_connect_timeout": "2s"})
    for number, _ in enumerate(ADDRESSES):
        instance.send(f"user@d{number}.example")
    for number, end in enumerate(ADDRESSES.values()):
        instance.wait_log(rf"to=<user@d{number}\.example>, .*{end}")


def test_more_exchangers_than_are_tried(make_instance, make_dns):
    """ATK 30: a hundred of them cost no more than smtp_mx_address_limit."""
    records = {("many.example.", "MX"): [
        f"{number} mx{number}.example." for number in range(1, 101)]}
    for number in range(1, 101):
        records[f"mx{number}.example.", "A"] = [f"127.0.1.{number}"]
    dns = make_dns(records)
    dns.truncate = True     # so many come by TCP
    instance = make_instance(parameters={
        "dns_servers": dns.address, "smtp_tcp_port": "1"})
    instance.send("user@many.example")
    instance.wait_log(r"to=<user@many\.example>, .*status=deferred")
    tried = set(re.findall(r"connect to mx\d+\.example\[([\d.]+)\]",
                           instance.log()))
    assert 1 <= len(tried) <= 5


def test_what_a_reply_may_not_say(make_script, make_instance):
    """ATK 31: terminal commands, 8-bit bytes and bare CRs of a server stay out
    of the log and of the notice."""
    def session(server):
        server.hello()
        server.expect("MAIL")
        server.say("250 ok\r\n")
        server.expect("RCPT")
        server.say("550-5.1.1 \x1b[31mred\x07 \xff\xc2\x9b1m\r\n"
                   "550-5.1.1 a\rBcc: evil@x.example\r\n"
                   "550 5.1.1 .\r\n")
        server.gone()

    script = make_script(session)
    instance = make_instance(parameters={
        "default_transport": f"smtp:[127.0.0.1]:{script.port}"})
    instance.send(RECIPIENT, sender="alice@mail.example")
    instance.wait_log(rf"to=<{RECIPIENT}>, .*dsn=5\.1\.1, status=bounced")
    notice = instance.wait_mail("alice")[0]
    for text in (instance.log().encode(), notice):
        assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]",
                             text)
    assert b"?[31mred?" in notice
    header = notice.partition(b"\n\n")[0]
    assert b"evil" not in header
