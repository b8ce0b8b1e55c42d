# SPDX-License-Identifier: MIT
"""postern-queue(5) is enough to read a queue: a reader made from it agrees with
the tools."""

import json
import socket

from tests.support.queue_reader import crc32c, id_time, read_queue
from tests.support.waiting import wait_until


def test_vectors_of_the_page():
    assert crc32c(b"123456789") == 0xe3069283
    assert crc32c(bytes(32)) == 0x8a9136aa
    assert id_time("segment.1.2") is None
    assert id_time("qmgr.done.0") is None


def listing(instance):
    lines = instance.run("postqueue", "-j").stdout.decode().splitlines()
    return {entry["queue_id"]: entry for entry in map(json.loads, lines)}


def check(instance):
    """What the reader finds is what the tools say; returns the queue ids."""
    ours = read_queue(instance.queue)
    theirs = listing(instance)
    assert set(ours) == set(theirs)
    for queue_id, (folder, message) in ours.items():
        entry = theirs[queue_id]
        assert entry["queue_name"] in (folder, "active")
        assert entry["sender"] == \
            message.attributes.get("sender", "MAILER-DAEMON")
        assert entry["arrival_time"] == message.arrival // 1000000
        assert abs(id_time(queue_id) - message.arrival) < 60 * 1000000
        assert entry["message_size"] == len(message.content)
        assert [(recipient["address"], recipient.get("delay_reason", ""))
                for recipient in entry["recipients"]] == \
            [(recipient["address"], recipient["reason"])
             for recipient in message.outstanding()]
        shown = instance.run("postcat", "-hb", "-q", queue_id).stdout
        lines = [line for line in shown.splitlines()
                 if not line.startswith(b"*** ")]
        assert lines == message.content.splitlines()
    return ours


def test_a_reader_made_from_the_page_agrees(relay_to):
    hole = socket.create_server(("127.0.0.1", 0), backlog=100)
    instance = relay_to(hole.getsockname()[1], queue_segments="yes",
                        initial_destination_concurrency="100",
                        minimal_backoff_time="1h", maximal_backoff_time="1h")
    wait_until(lambda: list((instance.queue / "incoming").glob("segment.*")),
               "a segment")
    # One of two is done, the other waits: a done record for a recipient.
    instance.send(["one@discard.example", "two@remote.example"])
    for number in range(5):
        instance.send(f"user{number}@remote.example")
    later = instance.send("later@retry.example", sender="")
    instance.send([f"many{number}@retry.example" for number in range(50)] +
                  ["alice@mail.example"])
    large = instance.send("large@remote.example", instance.message(
        ["large@remote.example"], body="x" * 70 + "\r\n" + "y\r\n" * 40000))
    instance.send("last@remote.example")
    instance.send("gone@discard.example")
    wait_until(lambda: len(instance.queue_files("deferred")) == 2,
               "the deferred ones")
    wait_until(lambda: len(listing(instance)) == 10, "ten messages")
    instance.wait_mail("alice")
    found = check(instance)
    places = {folder for folder, _ in found.values()}
    assert places == {"incoming", "deferred"}
    assert len(found[large][1].content) > 120000
    attempts = {message.attempts for _, message in found.values()}
    assert attempts == {0, 1}
    # What was done in a segment is known, too.
    assert any(len(message.recipients) == 2 and len(message.outstanding()) == 1
               for _, message in found.values())
    instance.run("postsuper", "-h", later)
    assert check(instance)[later][0] == "hold"
    instance.stop()
    hole.close()
    assert len(check(instance)) == 10
    assert not list((instance.queue / "incoming").glob("segment.*"))
