# SPDX-License-Identifier: MIT
"""What a queue scan finds besides the usual: files that somebody is writing,
files of a later version, files in the wrong bucket, and very many at once."""

import fcntl
import itertools
import os
import struct
import time

import pytest

from tests.support.ports import free_port
from tests.support.queue_reader import DIGITS, crc32c, read_queue
from tests.support.waiting import wait_until

BACKLOG = 2000
FRESH = 5
TAIL = 8                        # characters of an id behind its z


class Files:
    """Makes queue files of an instance out of one of its own."""

    def __init__(self, instance, queue_id):
        self.instance = instance
        self.path = next(path for path in instance.queue_files()
                         if path.name == queue_id)
        self.bytes = self.path.read_bytes()
        (length,) = struct.unpack_from("<Q", self.bytes, 160)
        self.untried = self.bytes[:length]      # without its journal
        self.front = queue_id.split("z")[0]
        self.tails = itertools.product(DIGITS[10:40], repeat=TAIL)

    def folder(self, name):
        path = self.instance.queue / name
        path.mkdir(mode=0o700, exist_ok=True)
        self.own(path)
        return path

    def own(self, path):
        os.chown(path, self.instance.user.pw_uid, self.instance.user.pw_gid)

    def write(self, folder, data, prepare=lambda file: None):
        """A file of a new id comes up whole; prepare(file) before that."""
        queue_id = f"{self.front}z{''.join(next(self.tails))}"
        draft = self.instance.root / queue_id
        with open(draft, "wb", buffering=0, opener=lambda path, flags:
                  os.open(path, flags, 0o600)) as file:
            file.write(data)
            self.own(draft)
            prepare(file)
            draft.rename(self.folder(folder) / queue_id)
        return queue_id


def later_version(data):
    head = bytearray(data)
    struct.pack_into("<H", head, 8, 2)
    struct.pack_into("<I", head, 508, crc32c(head[:508]))
    return bytes(head)


def later_segment():
    head = bytearray(262144)
    struct.pack_into("<8sIIQ", head, 0, b"PosternS", 2, len(head), 1)
    struct.pack_into("<I", head, 60, crc32c(head[:60]))
    return bytes(head)


def wait_scan(instance, folder):
    """Until one that began after the call has ended: it meets the first name,
    and the next one after that the second."""
    for number in range(2):
        name = f"mark-{time.monotonic_ns()}"
        (instance.queue / folder / name).write_text("")
        instance.wait_log(f"{folder}/{name} is no message")


@pytest.fixture
def stuck(relay_to):
    """An instance, its port without a server, and one deferred message."""
    port = free_port()
    instance = relay_to(port, minimal_backoff_time="600s",
                        maximal_backoff_time="600s")
    queue_id = instance.send("one@remote.example")
    instance.wait_log(rf"{queue_id}: .*status=deferred")
    wait_until(lambda: instance.queue_files("deferred"), "a deferred file")
    return instance, port, queue_id


def test_a_locked_file_is_adopted_later(stuck):
    instance, _, queue_id = stuck
    files = Files(instance, queue_id)
    kept = []

    def lock(file):
        fcntl.flock(file, fcntl.LOCK_EX)
        kept.append(os.dup(file.fileno()))

    written = files.write("incoming", files.untried, lock)
    wait_scan(instance, "incoming")
    assert (instance.queue / "incoming" / written).exists()
    assert written not in instance.log()
    os.close(kept[0])
    instance.wait_log(rf"{written}: from=.* \(queue active\)$")


def test_a_later_version_is_left_alone(stuck, make_sink):
    instance, port, queue_id = stuck
    files = Files(instance, queue_id)
    data = later_version(files.bytes)
    later = {instance.queue / folder / files.write(folder, data): data
             for folder in ("incoming", "deferred/1", "hold")}
    segment = instance.queue / "incoming" / "segment.63000.1"
    segment.write_bytes(later_segment())
    files.own(segment)
    later[segment] = later_segment()
    for folder in ("incoming", "deferred"):
        wait_scan(instance, folder)
    make_sink(port=port)
    instance.run("postqueue", "-f")
    instance.wait_log(rf"{queue_id}: removed$")
    instance.stop()
    instance.run("postsuper", "-s", check=False)
    instance.start()
    for folder in ("incoming", "deferred"):
        wait_scan(instance, folder)
    assert {path: path.read_bytes() for path in later if path.exists()} == \
        later


def test_the_name_of_a_bucket_is_a_hint(stuck, make_sink):
    instance, port, queue_id = stuck
    files = Files(instance, queue_id)
    instance.stop()
    moved = files.folder("deferred/1") / queue_id
    files.path.rename(moved)
    instance.start()
    wait_scan(instance, "deferred")
    # The file says that it is not due.
    assert instance.log().count(f"{queue_id}: to=") == 1
    assert queue_id in instance.run("postqueue", "-p").stdout.decode()
    sink = make_sink(port=port)
    instance.run("postqueue", "-i", queue_id)
    sink.wait(1)
    instance.wait_log(rf"{queue_id}: removed$")
    wait_until(lambda: not moved.parent.exists(), "the end of the past bucket")


def test_fresh_mail_does_not_wait_for_thousands(relay_to, make_sink):
    """All goes to one destination, two at a time."""
    port = free_port()
    instance = relay_to(port, initial_destination_concurrency="2",
                        default_destination_concurrency_limit="2",
                        qmgr_message_active_limit="200")
    first = instance.send("old@remote.example")
    instance.wait_log(rf"{first}: .*status=deferred")
    wait_until(lambda: instance.queue_files("deferred"), "a deferred file")
    instance.stop()
    files = Files(instance, first)
    due = read_queue(instance.queue)[first][1].next_attempt
    wait_until(lambda: time.time() * 1e6 > due, "all to be due")
    for _ in range(BACKLOG):
        files.write("deferred/1", files.bytes)
    accepted = {files.write("incoming", files.untried) for _ in range(FRESH)}
    sink = make_sink(port=port, data=lambda message: time.sleep(0.02))
    instance.start()
    for queue_id in accepted:
        instance.wait_log(rf"{queue_id}: removed$")
    assert len(sink.messages) < BACKLOG / 4
    for number in range(FRESH):
        before = len(sink.messages)
        queue_id = instance.send(f"fresh{number}@remote.example")
        instance.wait_log(rf"{queue_id}: removed$")
        assert len(sink.messages) - before < BACKLOG / 10
    assert len(sink.messages) < BACKLOG
