# SPDX-License-Identifier: MIT
"""Small fresh messages share segments: who sees them there, and how they get
out of them again."""

import os
import pathlib
import signal
import socket

import pytest

from tests.support.ports import free_port
from tests.support.waiting import wait_until

SMALLEST = "262144"


class BlackHole:
    """A next hop that accepts connections and never says a word."""

    def __init__(self):
        self.port = free_port()
        self.socket = socket.create_server(("127.0.0.1", self.port))

    def close(self):
        self.socket.close()


@pytest.fixture
def hole():
    hole = BlackHole()
    yield hole
    hole.close()


@pytest.fixture
def segmented(relay_to):
    def make(port, **parameters):
        return relay_to(port, **{"queue_segments": "yes",
                                 "queue_segment_size": SMALLEST,
                                 "initial_destination_concurrency": "20",
                                 **parameters})
    return make


def segments(instance):
    return sorted((instance.queue / "incoming").glob("segment.*"))


def wait_segment(instance):
    wait_until(lambda: segments(instance), "a segment")


def send_light(instance, recipient, **settings):
    """A message that is in a segment: without one in reserve it gets a file."""
    wait_segment(instance)

    def send():
        queue_id = instance.send(recipient, **settings)
        return None if is_own_file(instance, queue_id) else queue_id

    return wait_until(send, "a message in a segment")


def is_own_file(instance, queue_id):
    return any(path.name == queue_id for path in instance.queue_files())


def kill_everything(instance):
    """No process gets a last word."""
    master = instance.master_pid()
    pids = [master]
    for entry in pathlib.Path("/proc").iterdir():
        try:
            parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
        except (OSError, IndexError):
            continue
        if entry.name.isdigit() and int(parent) == master:
            pids.append(int(entry.name))
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(pathlib.Path(f"/proc/{pid}/exe").exists()
                               for pid in pids), "their end")


def test_small_mail_and_large_mail(segmented, make_sink):
    sink = make_sink()
    instance = segmented(sink.port)
    wait_segment(instance)
    large = "x" * 70 + "\r\n"
    for number in range(20):
        instance.send("small@remote.example")
        instance.send("large@remote.example", instance.message(
            ["large@remote.example"], body=large * 1000))
    sink.wait(40)
    instance.wait_queue_empty()
    bodies = {len(mail.content) > 65536 for mail in sink.messages}
    assert bodies == {True, False}
    assert len(sink.messages) == 40


def generations(instance):
    """{segment: generation}; 0 before its first use."""
    return {path.name: path.read_bytes()[16:24] for path in segments(instance)}


def test_segments_are_used_again(segmented, make_sink):
    sink = make_sink()
    instance = segmented(sink.port)
    wait_segment(instance)
    message = instance.message(["one@remote.example"],
                               body=("y" * 70 + "\r\n") * 500)
    seen = {}
    for number in range(80):
        instance.send("one@remote.example", message)
        for name, generation in generations(instance).items():
            seen.setdefault(name, set()).add(generation)
    sink.wait(80)
    instance.wait_queue_empty()
    assert len(sink.messages) == 80
    assert len(seen) <= 8
    assert any(len(uses - {bytes(8)}) > 1 for uses in seen.values())


def test_tools_see_what_is_in_a_segment(segmented, hole):
    instance = segmented(hole.port)
    queue_id = send_light(instance, "one@remote.example")
    text = instance.run("postqueue", "-p").stdout.decode()
    assert queue_id in text and "one@remote.example" in text
    shown = instance.run("postcat", "-q", queue_id).stdout.decode()
    assert "Hello." in shown
    instance.run("postsuper", "-d", queue_id)
    wait_until(lambda: queue_id not in
               instance.run("postqueue", "-p").stdout.decode(),
               "its end")
    assert not is_own_file(instance, queue_id)


def test_a_message_that_is_held_leaves_its_segment(segmented, hole):
    instance = segmented(hole.port)
    queue_id = send_light(instance, "one@remote.example")
    instance.kill("smtp")
    instance.run("postsuper", "-h", queue_id)
    assert (instance.queue / "hold" / queue_id).exists()


def test_a_clean_stop_leaves_only_files(segmented, hole):
    instance = segmented(hole.port)
    queue_id = send_light(instance, "one@remote.example")
    instance.stop()
    assert is_own_file(instance, queue_id)
    assert not list((instance.queue / "incoming").glob("segment.*"))
    assert not list((instance.queue / "incoming").glob("qmgr.done.*"))


def test_after_a_crash_mail_is_sent_from_the_segment(segmented, hole,
                                                     make_sink):
    instance = segmented(hole.port)
    queue_id = send_light(instance, "one@remote.example")
    kill_everything(instance)
    assert not is_own_file(instance, queue_id)
    hole.close()
    sink = make_sink(port=hole.port)
    instance.start()
    instance.wait_log(rf"{queue_id}: removed$")
    instance.wait_queue_empty()
    copies = [mail for mail in sink.messages
              if queue_id.encode() in mail.content]
    assert len(copies) == 1


def test_after_a_crash_tools_move_mail_out_first(segmented, hole):
    instance = segmented(hole.port)
    first = send_light(instance, "one@remote.example")
    second = send_light(instance, "two@remote.example")
    kill_everything(instance)
    text = instance.run("postqueue", "-p").stdout.decode()
    assert first in text and second in text
    instance.run("postsuper", "-h", first)
    assert (instance.queue / "hold" / first).exists()
    assert (instance.queue / "incoming" / second).exists()
    assert not segments(instance)


def test_a_dead_cleanup_leaves_its_mail(segmented, hole, make_sink):
    instance = segmented(hole.port, smtp_connect_timeout="1s")
    queue_id = send_light(instance, "one@remote.example")
    old = set(segments(instance))
    instance.kill("cleanup")
    hole.close()
    instance.kill("smtp")
    make_sink(port=hole.port)
    instance.wait_log(rf"{queue_id}: removed$")
    wait_until(lambda: not old & set(segments(instance)),
               "the end of its segments")


def test_a_slow_message_is_moved_out_of_a_full_segment(segmented, hole):
    instance = segmented(hole.port)
    first = send_light(instance, "slow@remote.example")
    body = ("y" * 70 + "\r\n") * 800
    for number in range(8):
        instance.send("slow@remote.example", instance.message(
            ["slow@remote.example"], body=body))
    wait_until(lambda: is_own_file(instance, first), "a file of its own",
               patience=60)
