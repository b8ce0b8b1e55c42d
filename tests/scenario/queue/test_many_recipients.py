# SPDX-License-Identifier: MIT
"""A message for very many recipients: no process holds them all at a time in
more memory than its limits allow. With POSTERN_TEST_RECIPIENTS=100000,
POSTERN_BUILD=build/release and -s it prints the most that each process needed.
"""

import json
import os
import pathlib
import socket

import pytest

from tests.support.ports import free_port
from tests.support.waiting import wait_until

RECIPIENTS = int(os.environ.get("POSTERN_TEST_RECIPIENTS", "20000"))
BATCH = 1000         # commands that are sent before the replies are read
PATIENCE = 240
# Bytes, for 100,000 with the address sanitizer; more than twice what is needed.
MOST = 100 << 20
PROGRAMS = ("smtpd", "cleanup", "qmgr", "smtp", "showq", "bounce")


@pytest.fixture
def instance(make_instance):
    """Nothing is delivered: the next hop is not there."""
    made = make_instance(start=False, parameters={
        "relayhost": f"[127.0.0.1]:{free_port()}",
        "smtpd_recipient_limit": str(RECIPIENTS),
        "smtpd_reject_unlisted_recipient": "no",
        "transport_maps":
            "inline:{ { error.example = error:5.1.1 nobody lives here } }",
    })
    # Freed memory is not to be counted.
    options = made.environment()["ASAN_OPTIONS"] + ":quarantine_size_mb=1"
    return made.start(environment={"ASAN_OPTIONS": options})


def peak_memory(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def peaks(instance):
    """{program: the most that one process of it had, bytes}"""
    return {name: max(map(peak_memory, instance.pids(name)), default=0)
            for name in PROGRAMS}


def send_to_all(instance, domain):
    """One transaction, its recipients pipelined; returns the queue id."""
    with socket.create_connection(("127.0.0.1", instance.port),
                                  timeout=PATIENCE) as client:
        stream = client.makefile("rwb")

        def talk(commands, code):
            stream.write(b"".join(commands))
            stream.flush()
            for _ in commands:
                line = stream.readline()
                assert line.startswith(code), line
            return line

        assert stream.readline().startswith(b"220 ")
        talk([b"HELO client.example\r\n"], b"250 ")
        talk([b"MAIL FROM:<sender@client.example>\r\n"], b"250 ")
        for first in range(0, RECIPIENTS, BATCH):
            talk([b"RCPT TO:<user%d@%s>\r\n" % (number, domain)
                  for number in range(first, first + BATCH)], b"250 ")
        talk([b"DATA\r\n"], b"354 ")
        line = talk([b"Subject: to all\r\n\r\nHello.\r\n.\r\n"], b"250 ")
        return line.decode().split()[-1]


def test_deferred_listed_and_shown(instance):
    queue_id = send_to_all(instance, b"dead.example")
    wait_until(lambda: instance.queue_files("deferred"), "its deferral",
               PATIENCE)
    listed = instance.run("postqueue", "-j", timeout=PATIENCE).stdout
    entry = json.loads(listed)
    assert entry["queue_id"] == queue_id
    assert len({recipient["address"] for recipient in entry["recipients"]}) \
        == RECIPIENTS
    shown = instance.run("postcat", "-qe", queue_id, timeout=PATIENCE).stdout
    assert shown.count(b"@dead.example") >= RECIPIENTS
    found = peaks(instance)
    print(*(f"{name} {size / (1 << 20):.1f} MB"
            for name, size in found.items()))
    assert {name: size for name, size in found.items() if size > MOST} == {}
    instance.run("postsuper", "-d", queue_id)
    instance.wait_queue_empty()


def test_all_bounced(instance):
    """The sender is told, in however many notices."""
    send_to_all(instance, b"error.example")
    instance.wait_log(r"removed$", patience=PATIENCE)
    found = peaks(instance)
    print(*(f"{name} {size / (1 << 20):.1f} MB"
            for name, size in found.items()))
    assert {name: size for name, size in found.items() if size > MOST} == {}
    assert instance.log().count("status=bounced") >= RECIPIENTS
