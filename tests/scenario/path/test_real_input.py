# SPDX-License-Identifier: MIT
"""Real and torturous messages go through two instances by SMTP into a Maildir
and arrive byte for byte, under the trace headers that the way has added."""

import pathlib
import queue
import random
import re
import threading

import pytest

from tests.support.raw import Raw
from tests.support.waiting import wait_until
from tests.torture import generate, model

CONNECTIONS = 8
PER_SESSION = 12
PYTHON_MESSAGES = pathlib.Path("/usr/lib/python3.11/test/test_email/data")
TRACE = [b"Return-Path", b"X-Original-To", b"Delivered-To", b"Received",
         b"Received"]


def python_messages():
    """Files as they are on disk: the wire wants CRLF."""
    return [(path.name, re.sub(rb"(?<!\r)\n", b"\r\n", path.read_bytes()))
            for path in sorted(PYTHON_MESSAGES.glob("*.txt"))]


SOURCES = {"python": python_messages, "torture": generate.messages}
AT_LEAST = {"python": 40, "torture": 200}


class Sender(threading.Thread):
    """Takes messages from the common heap; in some sessions by DATA, in others
    by BDAT, in pieces of random size."""

    def __init__(self, port, heap, seed):
        super().__init__(daemon=True)
        self.port = port
        self.heap = heap
        self.random = random.Random(seed)
        self.sent = {}
        self.problem = None

    def run(self):
        try:
            while not self.heap.empty():
                self._session()
        except Exception as problem:    # reported by the test
            self.problem = problem

    def _session(self):
        with Raw(self.port) as client:
            client.hello()
            for _ in range(PER_SESSION):
                try:
                    number, name, content = self.heap.get_nowait()
                except queue.Empty:
                    break
                self._send(client, number, name, content)
            client.command("QUIT")

    def _send(self, client, number, name, content):
        assert client.command(
            f"MAIL FROM:<m{number}@client.example>").startswith("250"), name
        assert client.command(
            "RCPT TO:<alice@second.example>").startswith("250"), name
        if self.random.random() < 0.5:
            content = model.as_sent_by_data(content)
            self._data(client, content)
        else:
            self._chunks(client, content)
        reply = client.reply()
        assert reply.startswith("250 2.0.0 Ok: queued as "), (name, reply)
        self.sent[number] = (name, content)

    def _data(self, client, content):
        assert client.command("DATA").startswith("354")
        wire = model.dot_stuffed(content) + b".\r\n"
        cut = self.random.randrange(1, 70000)
        client.send(wire[:cut])
        client.send(wire[cut:])

    def _chunks(self, client, content):
        while len(content) > 70000 or (content and self.random.random() < 0.3):
            size = self.random.randrange(1, min(len(content), 200000) + 1)
            client.send(b"BDAT %d\r\n" % size + content[:size])
            assert client.reply().startswith("250")
            content = content[size:]
        client.send(b"BDAT %d LAST\r\n" % len(content) + content)


def send_all(port, messages):
    heap = queue.Queue()
    for number, (name, content) in enumerate(messages):
        heap.put((number, name, content))
    senders = [Sender(port, heap, seed) for seed in range(CONNECTIONS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(300)
        if sender.problem:
            raise sender.problem
    return {number: sent for sender in senders
            for number, sent in sender.sent.items()}


def field_names(block):
    return [line.split(b":")[0] for line in block.splitlines()
            if not line.startswith((b" ", b"\t"))]


def difference(have, want):
    at = next((i for i, (a, b) in enumerate(zip(have[::-1], want[::-1]))
               if a != b), min(len(have), len(want)))
    have, want = have[:len(have) - at], want[:len(want) - at]
    return (f"{at} bytes from the end: have {have[-80:]!r}, "
            f"want {want[-80:]!r}")


def check(path, sent):
    """The number of the message in the file, which is just what was sent."""
    have = path.read_bytes()
    mark = re.match(rb"Return-Path: <m(\d+)@client\.example>\n", have)
    assert mark, have[:200]
    number = int(mark[1])
    name, content = sent[number]
    want = model.as_file(content)
    assert have.endswith(want), f"{name}: {difference(have, want)}"
    trace = field_names(have[:len(have) - len(want)])
    assert trace == TRACE, f"{name}: {trace}"
    return number


@pytest.mark.parametrize("source", SOURCES)
def test_messages_arrive_byte_for_byte(make_instance, source):
    messages = SOURCES[source]()
    assert len(messages) >= AT_LEAST[source]
    limits = {
        "message_size_limit": "30000000",
        "hopcount_limit": "50",
        # The default folds lines above 998 bytes, as the RFC wants.
        "smtp_line_length_limit": "0",
    }
    second = make_instance(limits, name="second")
    first = make_instance({**limits,
                           "relayhost": f"[127.0.0.1]:{second.port}"},
                          name="first")

    sent = send_all(first.port, messages)
    assert len(sent) == len(messages)
    wait_until(lambda: len(second.maildir_files("alice")) >= len(messages),
               f"{len(messages)} messages", 300)
    first.wait_queue_empty()
    second.wait_queue_empty()

    arrived = [check(path, sent) for path in second.maildir_files("alice")]
    assert sorted(arrived) == sorted(sent)
    assert first.maildir_files("alice") == []
