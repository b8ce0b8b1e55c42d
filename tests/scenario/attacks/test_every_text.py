# SPDX-License-Identifier: MIT
"""SEC-09 through real daemons: every text over {CR, LF, '.', x} up to length 5,
with a message to smuggle behind it, by DATA and by BDAT, from a friend and from a
stranger. The next hop sees exactly the messages that were promised, byte for
byte, and no other. (The same texts up to length 9 and 12 within one process:
tests/unit/lib/mail/test_smuggling.c.)"""

import collections
import itertools
import os
import re
import threading

import pytest

from tests.scenario.attacks.receiver import Receiver
from tests.support.raw import Raw
from tests.torture import model

LENGTH = int(os.environ.get("POSTERN_TEXT_LENGTH", "5"))
WORKERS = 4
FRIEND, STRANGER = "127.0.0.1", "127.0.0.2"

SMUGGLED = (b"MAIL FROM:<evil@client.example>\r\n"
            b"RCPT TO:<victim@relay.example>\r\n"
            b"DATA\r\nX-Number: 999999\r\n\r\nsmuggled\r\n.\r\n")


def texts():
    for length in range(LENGTH + 1):
        for letters in itertools.product((b"\r", b"\n", b".", b"x"),
                                         repeat=length):
            yield b"".join(letters)


class Case:
    def __init__(self, number, text, verb, client):
        self.text, self.verb, self.client = text, verb, client
        self.head = b"X-Number: %d\r\n\r\n" % number
        self.number = number
        sent = self.head + text
        self.ends_early = b"\r\n.\r\n" in sent
        if verb == "DATA":
            sent += b"\r\n.\r\n" if self.ends_early else SMUGGLED
        self.sent = sent

    def content(self):
        """What the message is, by the standard."""
        if self.verb == "BDAT":
            return self.sent
        return self.sent[:self.sent.index(b"\r\n.\r\n") + 2]

    def is_refused(self):
        return self.client == STRANGER and re.search(
            rb"\r(?!\n)|(?<!\r)\n", self.content()) is not None

    def body(self):
        """What the next hop gets behind the header."""
        stored = model.stored(self.content())
        if self.verb == "DATA":
            stored = re.sub(rb"(\r\n)\.", rb"\1", stored)
        return model.dot_stuffed(stored[len(self.head):])


def cases():
    every = itertools.product(texts(), ("DATA", "BDAT"), (FRIEND, STRANGER))
    return [Case(number, *case) for number, case in enumerate(every)]


class Worker(threading.Thread):
    """Says its cases to the server, and notes what was promised."""

    def __init__(self, port, mine):
        super().__init__()
        self.port, self.mine = port, mine
        self.promised, self.failures = [], []

    def say(self, client, case):
        for line in ("MAIL FROM:<s@client.example>",
                     "RCPT TO:<r@relay.example>"):
            reply = client.command(line)
            assert reply.startswith("250"), reply
        if case.verb == "DATA":
            assert client.command("DATA").startswith("354")
        else:
            client.send(f"BDAT {len(case.sent)} LAST\r\n")
        client.send(case.sent)
        code = client.reply()[:3]
        assert code == ("550" if case.is_refused() else "250"), code
        if code == "250":
            self.promised.append(case)

    def run(self):
        client = None
        for case in self.mine:
            try:
                if client is None:
                    client = Raw(self.port, source=case.client)
                    client.hello()
                self.say(client, case)
                # What stands behind its end is for nobody to answer.
                if case.verb == "DATA" and case.ends_early:
                    client.close()
                    client = None
            except (AssertionError, OSError) as error:
                self.failures.append((case.text, case.verb, case.client,
                                      error))
                client = None
        if client is not None:
            assert client.command("QUIT").startswith("221")
            client.close()


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.stop()


def numbered(message):
    return int(re.search(rb"^X-Number: (\d+)\r$", message, re.M)[1])


def test_one_message_or_none(make_instance, receiver):
    instance = make_instance(parameters={
        "mynetworks": f"{FRIEND}/32",
        "relay_domains": "relay.example",
        "relay_transport": f"relay:[127.0.0.1]:{receiver.port}",
        "smtpd_error_sleep_time": "0s",
        "smtpd_hard_error_limit": "100000",
    })
    every = cases()
    workers = [Worker(instance.port, [case for case in every
                                      if case.client == source][part::2])
               for source in (FRIEND, STRANGER) for part in range(2)]
    assert len(workers) == WORKERS
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    failures = [failure for worker in workers for failure in worker.failures]
    assert not failures, failures[:10]
    promised = [case for worker in workers for case in worker.promised]
    receiver.wait(len(promised), patience=180)
    instance.wait_queue_empty()

    got = collections.Counter(map(numbered, receiver.messages))
    assert got == collections.Counter(case.number for case in promised)
    assert not [line for line in receiver.commands
                if b"evil" in line or b"victim" in line]
    by_number = {case.number: case for case in promised}
    for message in receiver.messages:
        case = by_number[numbered(message)]
        body = message.split(b"\r\n\r\n", 1)[1]
        assert body == case.body(), (case.text, case.verb, case.client)
    # Both kinds of client were heard, and both kinds of answer given.
    refused = len(every) - len(promised)
    assert len(promised) > refused > 0
