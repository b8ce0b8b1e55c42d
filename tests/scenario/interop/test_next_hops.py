# SPDX-License-Identifier: MIT
"""Servers of others that mail is relayed to."""

import os
import shutil
import socket
import subprocess

import pytest

from tests.support.instance import scratch_user
from tests.support.ports import free_port
from tests.support.waiting import wait_until

FAR = ["a@far.example", "b@far.example"]
BODY = b"Subject: relayed\r\n\r\n.dot\r\n..\r\n8-bit \xe4\r\nlast\r\n"


def relay(make_instance, port, **more):
    return make_instance({"relayhost": f"[127.0.0.1]:{port}", **more})


def test_aiosmtpd_gets_envelope_and_content(make_instance, sink):
    instance = relay(make_instance, sink.port)
    instance.send(FAR, BODY, sender="joe@client.example")
    message = sink.wait()[0]
    assert message.sender == "joe@client.example"
    assert sorted(message.recipients) == FAR
    assert message.content.endswith(BODY)
    assert b"\r\n\tby mail.example (Postern) with ESMTP id " in message.content
    assert "BODY=8BITMIME" in [option.upper() for option in message.options]
    instance.wait_queue_empty()


def test_aiosmtpd_gets_many_over_few_connections(make_instance, sink):
    instance = relay(make_instance, sink.port)
    for number in range(50):
        instance.send(FAR[0], b"Subject: %d\r\n\r\nx\r\n" % number)
    messages = sink.wait(50)
    assert len({message.content.split(b"Subject: ")[1]
                for message in messages}) == 50
    instance.wait_queue_empty()


def test_aiosmtpd_that_wants_less(make_instance, make_sink):
    """A size limit of the next hop's is honoured before anything is sent."""
    sink = make_sink(data_size_limit=20000)
    instance = relay(make_instance, sink.port)
    instance.send(FAR[0], b"Subject: x\r\n\r\n" + (b"y" * 76 + b"\r\n") * 400,
                  sender="alice@mail.example")
    instance.wait_log(r"status=bounced")
    notice = instance.wait_mail("alice")[0]
    assert b"Status: 5.3.4" in notice
    assert sink.messages == []


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.skipif(shutil.which("smtp-sink") is None,
                    reason="smtp-sink (package postfix) is not installed")
@pytest.mark.parametrize("options", [[], ["-p"], ["-e"], ["-8"]],
                         ids=["plain", "no-pipelining", "no-esmtp",
                              "no-8bitmime"])
def test_smtp_sink(make_instance, options):
    port = free_port()
    user = ["-u", scratch_user().pw_name] if os.geteuid() == 0 else []
    server = subprocess.Popen(["smtp-sink", *user, *options,
                               f"127.0.0.1:{port}", "100"])
    try:
        wait_until(lambda: is_listening(port), "smtp-sink")
        instance = relay(make_instance, port)
        for number in range(20):
            instance.send(FAR, b"Subject: %d\r\n\r\nx\r\n" % number)
        instance.wait_log(r"status=sent", count=40)
        instance.wait_queue_empty()
    finally:
        server.kill()
        server.wait()
