# SPDX-License-Identifier: MIT
"""Clients that mean no good: what they send costs little, says nothing false in
the log and never becomes a message it should not be."""

import os
import re
import socket
import time

import pytest

from tests.support.raw import Raw
from tests.support.waiting import wait_until

ME = "alice@mail.example"


def stranger(**more):
    """Parameters under which the test client is not in mynetworks."""
    return {"mynetworks": "192.0.2.0/24", "smtpd_error_sleep_time": "0s",
            **more}


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("address", ['""', '""@mail.example',
                                     '""@relay.example', '@mail.example'])
def test_nobody_is_no_recipient(make_instance, address):
    instance = make_instance(stranger(relay_domains="relay.example"))
    with Raw(instance.port) as client:
        client.hello()
        client.command("MAIL FROM:<s@client.example>")
        assert client.command(f"RCPT TO:<{address}>")[:9] == "501 5.1.3"
        assert client.command(f"VRFY {address}")[:9] == "501 5.1.3"


ROUTED = [f"x{mark}" for mark in (
    "%far.example@mail.example", "%far.example@relay.example",
    "%far.example%mail.example@mail.example",
    "%far.example@[127.0.0.1]", "@far.example@mail.example",
    "@far.example@relay.example")] + [
    "far.example!x@mail.example", "far.example!x@relay.example",
    "far.example!mail.example!x@mail.example", "far.example!x"]


@pytest.mark.parametrize("address", ROUTED)
def test_strangers_may_not_route(make_instance, address):
    instance = make_instance(stranger(relay_domains="relay.example"))
    local, at, domain = address.rpartition("@")
    if "@" in local:
        address = f'"{local}"{at}{domain}'
    with Raw(instance.port) as client:
        client.hello()
        client.command("MAIL FROM:<s@client.example>")
        assert client.command(f"RCPT TO:<{address}>").startswith(
            "554 5.7.1"), address
        assert client.command("RCPT TO:<x@relay.example>").startswith("250")


def test_a_refused_client_is_told_and_may_only_leave(make_instance):
    instance = make_instance(stranger(
        smtpd_delay_reject="no", smtpd_client_restrictions="reject"))
    with Raw(instance.port) as client:
        assert client.greeting.startswith("554 5.7.1")
        assert client.command("EHLO client.example").startswith("503 5.7.0")
        assert client.command("MAIL FROM:<>").startswith("503 5.7.0")
        assert client.command("QUIT").startswith("221")
        assert client.at_end()
    instance.wait_log(r"NOQUEUE: reject: CONNECT from unknown\[127\.0\.0\.1\]")
    instance.wait_log(r"disconnect from unknown\[127")


@pytest.mark.parametrize("end", ["EHLO x.example", "RSET"])
def test_a_forgotten_message_lends_its_id_to_no_line(make_instance, end):
    instance = make_instance(stranger())
    with Raw(instance.port) as client:
        client.hello()
        client.command("MAIL FROM:<s@client.example>")
        assert client.command(f"RCPT TO:<{ME}>").startswith("250")
        assert client.command(end).startswith("250")
        client.command("MAIL FROM:<s@client.example>")
        assert client.command("RCPT TO:<x@far.example>").startswith("554")
    instance.wait_log(r"\]: NOQUEUE: reject: RCPT from .*<x@far\.example>")


def test_a_message_refused_at_its_end_lends_its_id_to_no_line(make_instance):
    instance = make_instance(stranger(
        smtpd_end_of_data_restrictions="reject_multi_recipient_bounce"))
    with Raw(instance.port) as client:
        client.hello()
        client.command("MAIL FROM:<>")
        for user in ("alice", "bob"):
            client.command(f"RCPT TO:<{user}@mail.example>")
        assert client.command("DATA").startswith("354")
        assert client.command(".").startswith("550 5.5.3")
        client.command("MAIL FROM:<s@client.example>")
        assert client.command("RCPT TO:<x@far.example>").startswith("554")
    instance.wait_log(r"\]: NOQUEUE: reject: RCPT from .*<x@far\.example>")


def test_greetings_do_not_go_on_for_ever(make_instance):
    instance = make_instance(stranger(smtpd_junk_command_limit="5",
                                      smtpd_hard_error_limit="5"))
    with Raw(instance.port) as client:
        for _ in range(9):
            assert client.command("EHLO client.example").startswith("250")
        client.send("EHLO client.example\r\n")
        assert client.reply().startswith("250")
        assert client.reply().startswith("421 4.7.0")
        assert client.at_end()


def test_a_chunk_too_many_is_refused_at_once(make_instance):
    instance = make_instance({"message_size_limit": "1000"})
    with Raw(instance.port) as client:
        client.hello()
        client.command("MAIL FROM:<>")
        client.command(f"RCPT TO:<{ME}>")
        client.send("BDAT 900\r\n" + "x" * 900)
        assert client.reply().startswith("250")
        client.send("BDAT 900\r\n" + "x" * 900)
        assert client.reply().startswith("552 5.3.4")
        client.send("BDAT 4 LAST\r\nQUIT")
        assert client.reply().startswith("503 5.5.1")
        assert client.command("NOOP").startswith("250")


@pytest.mark.parametrize("command", ["DATA", "BDAT 1000000 LAST"])
def test_a_trickle_is_cut_off(make_instance, command):
    instance = make_instance({"smtpd_timeout": "2s",
                              "smtpd_per_request_deadline": "yes",
                              "smtpd_min_data_rate": "1000"})
    with Raw(instance.port) as client:
        client.hello()
        client.command("MAIL FROM:<>")
        client.command(f"RCPT TO:<{ME}>")
        client.send(command + "\r\n")
        if command == "DATA":
            assert client.reply().startswith("354")
        # As much as buys no second more than smtpd_timeout.
        started = time.monotonic()
        client.sock.settimeout(0.25)
        answer = b""
        while not answer and time.monotonic() - started < 15:
            client.send("x")
            try:
                answer = client.sock.recv(100)
            except TimeoutError:
                pass
        assert answer.startswith(b"421 4.4.2")
        assert 1.5 < time.monotonic() - started < 8


def test_a_steady_client_is_not_cut_off(make_instance):
    instance = make_instance({"smtpd_timeout": "1s",
                              "smtpd_per_request_deadline": "yes",
                              "smtpd_min_data_rate": "1000"})
    with Raw(instance.port) as client:
        client.hello()
        client.begin(ME)
        for _ in range(10):
            client.send("x" * 900 + "\r\n")
            time.sleep(0.3)
        assert client.command(".").startswith("250 2.0.0")


def test_a_stopped_server_says_goodbye(make_instance):
    instance = make_instance()
    with Raw(instance.port) as idle:
        idle.hello()
        started = time.monotonic()
        instance.run("postern", "stop")
        assert idle.reply().startswith("421 4.3.2")
        assert idle.at_end()
    assert time.monotonic() - started < 4


def test_too_few_descriptors_cost_no_processor(make_instance):
    instance = make_instance(start=False)
    instance.start(wrapper=["prlimit", "--nofile=200:200"])
    with Raw(instance.port) as client:
        client.hello()
    pids = instance.pids("smtpd")
    clients = [socket.create_connection(("127.0.0.1", instance.port))
               for _ in range(210 * len(pids))]
    instance.wait_log(r"smtpd\[\d+\]: warning: .*: Too many open files")
    before = sum(map(cpu_seconds, pids))
    time.sleep(2)
    assert sum(map(cpu_seconds, pids)) - before < 0.5
    for client in clients:
        client.close()

    def is_served():
        with Raw(instance.port) as client:
            return client.command("NOOP").startswith("250")

    wait_until(is_served, "an answer to a new client")


def test_quoted_addresses_cannot_forge_a_line(make_instance):
    instance = make_instance(stranger())
    with Raw(instance.port) as client:
        client.hello()
        client.command('MAIL FROM:<"s> to=<x@y"@client.example>')
        client.command('RCPT TO:<"x>, relay=none, (y"@far.example>')
    line = instance.wait_log(r"NOQUEUE: reject: .*$").group()
    assert re.search(r'from=<"s> to=<x@y"@client\.example> '
                     r'to=<"x>, relay=none, \(y"@far\.example> ', line)
