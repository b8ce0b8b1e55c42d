# SPDX-License-Identifier: MIT
"""Internationalised mail (RFC 6531): who may send it, where it may go, how it
is kept and shown."""

import json
import smtplib

import pytest

from tests.support.waiting import wait_until

SENDER = "jürgen@client.example"
FAR = "josé@fern.example"
ASCII_FAR = "jose@fern.example"
HEADER = "From: Jürgen <jürgen@client.example>\r\nSubject: Grüße\r\n"
CONTENT = f"{HEADER}\r\nBlumen\r\n".encode()
# 63 bytes of UTF-8 that make a longer A-label
LONG = "".join(chr(0x4e00 + 997 * number) for number in range(21))
PLAIN = b"From: j@client.example\r\nSubject: x\r\n\r\nflowers\r\n"


def send(instance, sender, recipients, content, options=("SMTPUTF8",)):
    with instance.client() as client:
        client.ehlo()
        client.command_encoding = "utf-8"
        code, text = client.mail(sender, list(options))
        assert code == 250, text
        for recipient in recipients:
            code, text = client.rcpt(recipient)
            assert code == 250, text
        code, text = client.data(content)
    assert code == 250, text
    return text.decode().rsplit(" ", 1)[1]


def legacy(*features):
    """A next hop without SMTPUTF8, and what it was told."""
    contents = []

    def session(connection):
        connection.hello("8BITMIME", *features)
        contents.append((connection.take(), connection.lines))

    return session, contents


@pytest.fixture
def commands(instance):
    def talk(*lines):
        replies = []
        with instance.client() as client:
            client.ehlo()
            for line in lines:
                if isinstance(line, str):
                    line = line.encode()
                client.send(line + b"\r\n")
                code, text = client.getreply()
                replies.append(f"{code} {text.decode()}")
        return replies
    return talk


@pytest.mark.parametrize("lines, reply", [
    (["MAIL FROM:<jürgen@client.example> SMTPUTF8"], "250 2.1.0"),
    (["MAIL FROM:<jürgen@bücher.example> smtputf8"], "250 2.1.0"),
    (["MAIL FROM:<jürgen@client.example>"], "553 5.6.7"),
    (["MAIL FROM:<a@bücher.example>"], "553 5.6.7"),
    (["MAIL FROM:<a@b.example> SMTPUTF8=yes"], "501 5.5.4"),
    (["MAIL FROM:<a@b.example>", "RCPT TO:<álice@mail.example>"],
     "553 5.6.7"),
    (["MAIL FROM:<a@b.example> SMTPUTF8", "RCPT TO:<álice@mail.example>"],
     "550 5.1.1 <álice@mail.example>"),
    (["VRFY álice@mail.example"], "553 5.6.7"),
    (["VRFY álice@mail.example SMTPUTF8"], "550 5.1.1"),
    (["VRFY alice@mail.example SMTPUTF8"], "252 2.0.0 alice@mail.example"),
    (["MAIL FROM:<a@b.example> SMTPUTF8", "VRFY alice",
      "RCPT TO:<alice@mail.example>"], "250 2.1.5"),
    # not UTF-8, overlong, a surrogate
    ([b"MAIL FROM:<j\xfcrgen@client.example> SMTPUTF8"], "500 5.5.2"),
    ([b"MAIL FROM:<\xc0\xaf@client.example> SMTPUTF8"], "500 5.5.2"),
    ([b"MAIL FROM:<\xed\xa0\x80@client.example> SMTPUTF8"], "500 5.5.2"),
    ([b"EHLO caf\xe9.example"], "500 5.5.2"),
    # what cannot be seen: right-to-left override, zero width, C1 controls
    (["MAIL FROM:<a\u202eb@client.example> SMTPUTF8"], "501 5.1.7"),
    (["MAIL FROM:<a\u200bb@client.example> SMTPUTF8"], "501 5.1.7"),
    (["MAIL FROM:<ab@cli\u200bent.example> SMTPUTF8"], "501 5.1.7"),
    (["MAIL FROM:<a\u0085b@client.example> SMTPUTF8"], "501 5.1.7"),
    (["EHLO a\u202eb.example"], "501 "),
    # no A-label is that long, or has that character
    ([f"MAIL FROM:<a@{LONG}.example> SMTPUTF8"], "501 5.1.7"),
    (["MAIL FROM:<a@b\u2028c.example> SMTPUTF8"], "501 5.1.7"),
    (["MAIL FROM:<a@☃\u2fff.example> SMTPUTF8"], "501 5.1.7"),
])
def test_commands(commands, lines, reply):
    assert commands(*lines)[-1].startswith(reply)


@pytest.mark.parametrize("recipient", [
    "alice@xn--bcher-kva.example", "alice@bücher.example",
    "alice@BÜCHER.example"])
def test_a_domain_of_ours_in_any_form(make_instance, recipient):
    instance = make_instance(parameters={
        "mydestination": "mail.example bücher.example"})
    send(instance, SENDER, [recipient], CONTENT)
    assert instance.wait_mail("alice")[0].endswith(b"Blumen\n")


def test_old_ways_are_a_parameter(make_instance, sink):
    instance = make_instance(parameters={
        "strict_smtputf8": "no", "relayhost": f"[127.0.0.1]:{sink.port}"})
    send(instance, SENDER, [FAR], PLAIN, options=())
    message = sink.wait()[0]
    assert (message.sender, message.recipients) == (SENDER, [FAR])
    assert "SMTPUTF8" not in message.options


def test_without_smtputf8(make_instance):
    instance = make_instance(parameters={"smtputf8_enable": "no"})
    with instance.client() as client:
        client.ehlo()
        assert not client.has_extn("smtputf8")
        assert client.docmd("MAIL", "FROM:<a@b.example> SMTPUTF8")[0] == 555
        client.command_encoding = "utf-8"
        assert client.mail(SENDER)[0] == 501


def test_it_goes_through_unchanged(make_instance, sink):
    instance = make_instance(parameters={
        "relayhost": f"[127.0.0.1]:{sink.port}"})
    queue_id = send(instance, SENDER, [FAR], CONTENT,
                    ["SMTPUTF8", "BODY=8BITMIME"])
    message = sink.wait()[0]
    assert (message.sender, message.recipients) == (SENDER, [FAR])
    assert "SMTPUTF8" in message.options
    assert "BODY=8BITMIME" in message.options
    assert message.content.endswith(CONTENT)
    received = message.content[:-len(CONTENT)].decode()
    assert f"with UTF8SMTP id {queue_id}\r\n" in received
    assert f"for <{FAR}>;" in received
    instance.wait_log(rf"{queue_id}: from=<{SENDER}>, size=")
    instance.wait_log(rf"{queue_id}: to=<{FAR}>, .* status=sent ")


def test_smtplib_sends_a_message(make_instance, sink):
    instance = make_instance(parameters={
        "relayhost": f"[127.0.0.1]:{sink.port}"})
    with smtplib.SMTP("127.0.0.1", instance.port) as client:
        client.sendmail(SENDER, [FAR], CONTENT,
                        ["SMTPUTF8", "BODY=8BITMIME"])
    assert sink.wait()[0].sender == SENDER


@pytest.mark.parametrize("sender, content", [
    (SENDER, PLAIN), ("a@client.example", CONTENT)], ids=["sender", "header"])
def test_a_server_without_it_gets_nothing_that_needs_it(
        relay_to, make_script, sender, content):
    session, contents = legacy()
    instance = relay_to(make_script(session))
    queue_id = send(instance, sender, [ASCII_FAR], content)
    instance.wait_log(
        rf"{queue_id}: to=<{ASCII_FAR}>, .*dsn=5\.6\.7, status=bounced "
        r"\(SMTPUTF8 is required, but was not offered by host \S+\)$")
    assert not [text for text, _ in contents if b"flowers" in text]


def test_it_gets_what_does_not_need_it(relay_to, make_script):
    session, contents = legacy()
    instance = relay_to(make_script(session))
    queue_id = send(instance, "a@client.example", [ASCII_FAR, FAR], PLAIN)
    instance.wait_log(rf"{queue_id}: to=<{ASCII_FAR}>, .*status=sent ")
    instance.wait_log(rf"{queue_id}: to=<{FAR}>, .*dsn=5\.6\.7, "
                      r"status=bounced \(SMTPUTF8 is required")
    wait_until(lambda: contents, "the content")
    text, lines = contents[0]
    assert text.endswith(PLAIN)
    assert f"RCPT TO:<{ASCII_FAR}>" in lines
    assert not [line for line in lines
                if line.startswith("MAIL") and "SMTPUTF8" in line]


def test_sendmail_need_not_say_so(make_instance, sink):
    instance = make_instance(parameters={
        "relayhost": f"[127.0.0.1]:{sink.port}"})
    for number, (arguments, text) in enumerate([
            (["-f", SENDER, ASCII_FAR], "Subject: x\n\nx\n"),
            ([FAR], "Subject: x\n\nx\n"),
            (["-t"], f"To: {FAR}\n\nx\n"),
            ([ASCII_FAR], "Subject: Grüße\n\nx\n")]):
        instance.run("sendmail", *arguments, input=text)
        message = sink.wait(number + 1)[-1]
        assert "SMTPUTF8" in message.options, (arguments, text)
    # neither the body nor another character set is a reason
    instance.run("sendmail", ASCII_FAR, input=b"Subject: x\n\nGr\xc3\xbc\n")
    instance.run("sendmail", ASCII_FAR, input=b"Subject: Gr\xfc\n\nx\n")
    for message in sink.wait(6)[4:]:
        assert "SMTPUTF8" not in message.options


def test_detection_is_a_parameter(make_instance, sink):
    instance = make_instance(parameters={
        "smtputf8_autodetect_classes": "smtpd",
        "relayhost": f"[127.0.0.1]:{sink.port}"})
    instance.run("sendmail", ASCII_FAR, input="Subject: Grüße\n\nx\n")
    assert "SMTPUTF8" not in sink.wait()[0].options
    instance.send(ASCII_FAR, CONTENT)
    assert "SMTPUTF8" in sink.wait(2)[1].options


def test_dns_is_asked_for_a_labels(make_instance, make_dns, make_sink):
    sink = make_sink(host="127.0.0.2")
    dns = make_dns({
        ("xn--bcher-kva.example.", "MX"): ["10 mx.example."],
        ("mx.example.", "A"): ["127.0.0.2"]})
    instance = make_instance(parameters={
        "dns_servers": dns.address, "smtp_tcp_port": sink.port})
    for domain in ("bücher.example", "BÜCHER.example"):
        send(instance, SENDER, [f"a@{domain}"], PLAIN)
    messages = sink.wait(2)
    assert {message.recipients[0] for message in messages} == {
        "a@bücher.example", "a@BÜCHER.example"}


def test_a_sender_domain_is_looked_up(make_instance, make_dns):
    dns = make_dns({("xn--bcher-kva.example.", "MX"): ["10 mx.example."]})
    instance = make_instance(parameters={
        "dns_servers": dns.address, "smtpd_delay_reject": "no",
        "smtpd_sender_restrictions": "reject_unknown_sender_domain"})
    with instance.client() as client:
        client.ehlo()
        client.command_encoding = "utf-8"
        assert client.mail("a@bücher.example", ["SMTPUTF8"])[0] == 250
        client.rset()
        assert client.mail("a@tücher.example", ["SMTPUTF8"])[0] == 450


def test_local_mailboxes(make_instance):
    instance = make_instance(start=False, parameters={
        "mydestination": "$myhostname, localhost, bücher.example"})
    with (instance.config / "aliases").open("a") as aliases:
        aliases.write("jürgen: alice\n")
    (instance.config / "passwd").write_text(
        (instance.config / "passwd").read_text() +
        f"søren:x:{instance.user.pw_uid}:{instance.user.pw_gid}:Søren:"
        f"{instance.root}/home/søren:/bin/sh\n")
    home = instance.root / "home" / "søren"
    home.mkdir()
    instance._give_to_user()
    instance.start()
    queue_id = send(instance, SENDER, ["jürgen@bücher.example",
                                       "søren@mail.example"], CONTENT)
    stored = CONTENT.replace(b"\r\n", b"\n")
    for user in ("alice", "søren"):
        text = instance.wait_mail(user)[0]
        assert text.endswith(stored)
        assert text.startswith(f"Return-Path: <{SENDER}>\n".encode())
    assert "X-Original-To: jürgen@bücher.example\n" in \
        instance.wait_mail("alice")[0].decode()
    assert "Delivered-To: søren@mail.example\n" in \
        instance.wait_mail("søren")[0].decode()
    instance.wait_log(rf"{queue_id}: to=<søren@mail\.example>, relay=local")


def test_virtual_mailboxes(make_instance):
    instance = make_instance(start=False)
    base = instance.root / "virtual"
    base.mkdir()
    instance.parameters.update({
        "virtual_mailbox_domains": "bücher.example",
        "virtual_mailbox_base": base,
        "virtual_mailbox_maps":
            "inline:{ {jürgen@bücher.example=jürgen/} }",
        "virtual_uid_maps": f"static:{instance.user.pw_uid}",
        "virtual_gid_maps": f"static:{instance.user.pw_gid}",
        "virtual_minimum_uid": "1"})
    instance.write_main_cf()
    instance._give_to_user()
    instance.start()
    queue_id = send(instance, SENDER, ["Jürgen@bücher.EXAMPLE"], CONTENT)
    instance.wait_log(rf"{queue_id}: to=<Jürgen@.*relay=virtual.*=sent")
    file, = (base / "jürgen" / "new").iterdir()
    assert file.read_bytes().endswith(CONTENT.replace(b"\r\n", b"\n"))


def test_lists_and_logs_show_it(make_instance):
    instance = make_instance(parameters={"relayhost": "[127.0.0.1]:1"})
    queue_id = send(instance, SENDER, [FAR], CONTENT)
    instance.wait_log(rf"{queue_id}: to=<{FAR}>, .*status=deferred")
    listing = instance.run("postqueue", "-j").stdout.decode()
    entry, = [json.loads(line) for line in listing.splitlines()]
    assert entry["sender"] == SENDER
    assert entry["recipients"][0]["address"] == FAR
    assert SENDER in instance.run("postqueue", "-p").stdout.decode()
    shown = instance.run("postcat", "-q", queue_id).stdout.decode()
    assert FAR in shown and "Subject: Grüße" in shown
    instance.run("postsuper", "-r", queue_id)
    instance.wait_log(rf"to=<{FAR}>, .*status=deferred", count=2)
