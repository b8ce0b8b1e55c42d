# SPDX-License-Identifier: MIT
"""qmgr dies, agents die, memory is short: nothing is lost, and nothing arrives
twice when only qmgr died."""

import os
import re
import signal
import struct
import threading
import time

import pytest

from tests.support.queue_reader import crc32c
from tests.support.waiting import wait_until


def test_deliveries_go_on_while_qmgr_is_replaced(relay_to, make_sink):
    sink = make_sink(data=lambda message: time.sleep(4))
    instance = relay_to(sink.port)
    queue_id = instance.send("slow@remote.example")
    instance.wait_log(rf"{queue_id}: from=.*\(queue active\)$")
    wait_until(lambda: sink.sessions, "the delivery to begin")
    instance.kill("qmgr")
    sink.wait()
    instance.wait_log(rf"{queue_id}: removed$")
    instance.wait_queue_empty()
    assert len(sink.messages) == 1


def set_version(path, version):
    """The head of the queue file says so, soundly."""
    with path.open("r+b") as file:
        head = bytearray(file.read(508))
        struct.pack_into("<H", head, 8, version)
        file.seek(0)
        file.write(head + struct.pack("<I", crc32c(bytes(head))))


def test_a_result_waits_for_a_file_that_cannot_be_read(relay_to, make_sink):
    """It is not forgotten, and nobody tries without a pause."""
    release = threading.Event()
    sink = make_sink(data=lambda message: release.wait(60) and None)
    instance = relay_to(sink.port, queue_segments="no")
    queue_id = instance.send("slow@remote.example")
    path = instance.queue / "incoming" / queue_id
    wait_until(lambda: sink.sessions, "the delivery to begin")
    set_version(path, 2)
    instance.kill("qmgr")
    release.set()
    line = rf"{queue_id}: left alone: "
    begun = time.monotonic()
    instance.wait_log(line, count=3)
    assert time.monotonic() - begun > 1
    set_version(path, 1)
    instance.wait_log(rf"{queue_id}: removed$")
    instance.wait_queue_empty()
    assert len(sink.messages) == 1


def test_a_result_does_not_release_a_message(relay_to, make_sink):
    """It was held while qmgr was not there; the rest of it stays held."""
    release = threading.Event()
    sink = make_sink(data=lambda message: release.wait(60) and None)
    instance = relay_to(sink.port, queue_segments="no")
    queue_id = instance.send(["first@remote.example", "second@retry.example"])
    wait_until(lambda: sink.sessions, "the delivery to begin")
    deferred = rf"{queue_id}: to=<second@retry\.example>.*status=deferred"
    instance.wait_log(deferred)
    (pid,) = instance.pids("qmgr")
    os.kill(pid, signal.SIGSTOP)
    held = instance.queue / "hold" / queue_id
    (instance.queue / "incoming" / queue_id).rename(held)
    os.kill(pid, signal.SIGKILL)
    release.set()
    wait_until(lambda: any(b"DONE" in path.read_bytes() for path in
                           instance.queue_files("hold")),
               "the result on the disk")
    other = instance.send("other@remote.example")
    instance.wait_log(rf"{other}: removed$")
    assert len(re.findall(deferred, instance.log())) == 1
    assert instance.queue_files("hold") == [held]
    assert [mail.recipients for mail in sink.messages] == [
        ["first@remote.example"], ["other@remote.example"]]


@pytest.mark.parametrize("segments", ["no", "yes"])
def test_nothing_comes_twice_when_qmgr_dies(relay_to, make_sink, segments):
    """A list of 50, five at a time: some are delivered, some in the hand of an
    agent, some not begun, whenever it happens."""
    sink = make_sink(data=lambda message: time.sleep(0.4))
    instance = relay_to(sink.port, queue_segments=segments,
                        default_destination_recipient_limit="5")
    # Until the first segment is ready all mail has files.
    wait_until(lambda: segments == "no" or instance.send("a@remote.example")
               not in [path.name for path in instance.queue_files()],
               "a message in a segment")
    instance.wait_queue_empty()
    sink.messages.clear()
    many = [f"user{number}@remote.example" for number in range(50)]
    queue_id = instance.send(many)
    is_own_file = queue_id in [path.name for path in instance.queue_files()]
    assert is_own_file == (segments == "no")
    for delivered in (0, 2, 5):
        wait_until(lambda: sink.sessions and len(sink.messages) >= delivered,
                   f"{delivered} deliveries")
        instance.kill("qmgr")
    instance.wait_log(rf"{queue_id}: removed$")
    instance.wait_queue_empty()
    got = [address for mail in sink.messages for address in mail.recipients]
    assert sorted(got) == sorted(many)


class Later:
    """A sink's answers: the first attempts at an address are put off, and the
    next one waits in DATA until it is released."""

    def __init__(self, refusals):
        self.refusals = refusals  # by what addresses begin with
        self.events = {kind: threading.Event() for kind in refusals}
        self.begun = set()
        self._refused = {}

    def rcpt(self, address):
        kind = address[:4]
        count = self._refused.get(address, 0)
        if count >= self.refusals[kind]:
            return None
        self._refused[address] = count + 1
        return "450 4.2.0 later"

    def data(self, message):
        kind = message.recipients[0][:4]
        self.begun.add(kind)
        self.events[kind].wait(60)

    def wait_begun(self, kind):
        wait_until(lambda: kind in self.begun, f"the delivery to {kind}")


@pytest.mark.parametrize("order", ["", "-h"])
def test_a_result_waits_for_recipients_not_read(relay_to, make_sink, order):
    """Those before it are open again, so the new qmgr has not read it; nor does
    it read on to deliver when the message is to be held."""
    later = Later({"slow": 2, "fast": 1})
    sink = make_sink(rcpt=later.rcpt, data=later.data)
    instance = relay_to(sink.port, queue_segments="no",
                        qmgr_message_recipient_limit="20",
                        qmgr_message_recipient_minimum="1",
                        default_destination_recipient_limit="20")
    slow = [f"slow{number}@remote.example" for number in range(20)]
    fast = [f"fast{number}@remote.example" for number in range(20)]
    queue_id = instance.send(slow + fast)
    later.wait_begun("fast")
    instance.kill("qmgr")
    later.wait_begun("slow")
    if order:
        instance.run("postsuper", order, queue_id, check=False)
    later.events["fast"].set()
    sink.wait(1)
    later.events["slow"].set()
    instance.wait_log(rf"{queue_id}: removed$")
    instance.wait_queue_empty()
    got = [address for mail in sink.messages for address in mail.recipients]
    assert sorted(got) == sorted(slow + fast)


def test_messages_of_a_dead_agent_are_sent_again(relay_to, make_sink):
    slow = [True]
    sink = make_sink(data=lambda message: time.sleep(4) if slow else None)
    instance = relay_to(sink.port)
    queue_id = instance.send("one@remote.example")
    wait_until(lambda: sink.sessions, "the delivery to begin")
    slow.clear()
    instance.kill("smtp")
    sink.wait()
    instance.wait_log(rf"{queue_id}: removed$")
    instance.wait_queue_empty()


def test_more_mail_than_memory(relay_to, sink):
    instance = relay_to(sink.port, qmgr_message_active_limit="5",
                        qmgr_message_recipient_limit="50")
    many = [f"user{number}@remote.example" for number in range(900)]
    with instance.client() as client:
        client.ehlo()
        for number in range(100):
            client.sendmail("sender@client.example", [f"{number}@x.example"],
                            b"Subject: small\r\n\r\n")
    big = instance.send(many)
    instance.wait_log(rf"{big}: removed$", patience=60)
    instance.wait_queue_empty()
    recipients = [address for mail in sink.messages
                  for address in mail.recipients]
    assert sorted(recipients) == sorted(
        many + [f"{number}@x.example" for number in range(100)])


def test_a_letter_overtakes_a_list(relay_to, make_sink):
    sink = make_sink(data=lambda message: time.sleep(0.2))
    instance = relay_to(sink.port, default_destination_recipient_limit="2",
                        default_destination_concurrency_limit="1")
    instance.send([f"user{number}@remote.example" for number in range(100)])
    instance.send("letter@remote.example")
    wait_until(lambda: any(mail.recipients == ["letter@remote.example"]
                           for mail in sink.messages), "the letter")
    assert len(sink.messages) < 20


def test_a_second_qmgr_waits_for_the_lock(relay_to, sink):
    instance = relay_to(sink.port)
    instance.send("one@remote.example")
    sink.wait()
    for _ in range(3):
        instance.kill("qmgr")
        instance.send("one@remote.example")
    sink.wait(4)
    instance.wait_queue_empty()
    assert len(sink.messages) == 4
