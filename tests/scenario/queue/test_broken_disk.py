# SPDX-License-Identifier: MIT
"""The queue's file system runs out of inodes, or takes no more writes."""

import ctypes
import errno
import os
import shutil
import smtplib
import socket
import subprocess
import threading

import pytest

from tests.support.disks import (
    FILE_SYSTEMS, Loop, is_mounted, mount, shut_down, unmount)
from tests.support.waiting import wait_until

CLONE_NEWNS = 0x20000

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not os.path.exists("/dev/loop-control") or
    subprocess.run(["unshare", "-m", "true"],
                   capture_output=True).returncode != 0,
    reason="needs root, loop devices and a mount namespace")


@pytest.fixture(scope="session")
def private_mounts():
    """What this thread and those whom it starts mount is seen by nobody else,
    and ends with them."""
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.unshare(CLONE_NEWNS) == 0, os.strerror(ctypes.get_errno())
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)


class Disk:
    """Where the instance has its queue."""

    def __init__(self, kind, instance, image):
        kind.make_image(image)
        self.kind = kind
        self.loop = Loop(image)
        self.place = instance.root / "disk"
        self.place.mkdir()
        self.mount()
        os.chown(self.place, instance.user.pw_uid, instance.user.pw_gid)
        instance.queue = self.place / "queue"
        instance.parameters["queue_directory"] = instance.queue
        instance.write_main_cf()

    def mount(self):
        mount(self.kind.name, "", self.loop.path, self.place)

    def replace(self):
        """As an administrator would after a look at it."""
        unmount(self.place)
        self.mount()

    def close(self):
        if is_mounted(self.place):
            unmount(self.place)
        self.loop.close()


@pytest.fixture
def on_disk(staging, make_instance, private_mounts, tmp_path):
    """An instance with a disk of its own."""
    made = []

    def make(name, port, **parameters):
        if shutil.which(f"mkfs.{name}") is None:
            pytest.skip(f"no mkfs.{name}")
        instance = make_instance(start=False, parameters={
            "relayhost": f"[127.0.0.1]:{port}",
            "minimal_backoff_time": "1s", "maximal_backoff_time": "1s",
            "queue_run_delay": "1s", **parameters})
        disk = Disk(FILE_SYSTEMS[name], instance, tmp_path / f"{len(made)}")
        made.append((instance, disk))
        instance.start()
        return instance, disk

    yield make
    for instance, disk in made:
        instance.run("postern", "abort", check=False)
        disk.close()


def answer_to_rcpt(instance):
    """The first in a transaction for which cleanup looks at the disk."""
    with instance.client() as client:
        client.ehlo()
        client.mail("sender@client.example")
        return client.rcpt("b@sink.example")


def fill(place, leave):
    """Takes inodes until `leave` are free; the instance may take some, too."""
    place.mkdir(exist_ok=True)
    for number in range(os.statvfs(place).f_favail - leave):
        try:
            (place / f"{leave}.{number}").touch()
        except OSError as error:
            assert error.errno == errno.ENOSPC
            return


def test_inodes_run_out(on_disk, make_sink):
    """ATK-71: mail is refused for a while, and nobody has to do anything but
    make room."""
    sink = make_sink(rcpt=lambda _: "450 4.2.1 come back later")
    instance, disk = on_disk("ext4", sink.port)
    instance.send("a@sink.example")
    filler = disk.place / "filler"
    fill(filler, 500)
    # What was found free is believed for a moment.
    wait_until(lambda: answer_to_rcpt(instance) ==
               (452, b"4.3.1 Insufficient system storage"), "a refusal")
    fill(filler, 0)
    sink.rcpt = None
    sink.wait(1)
    assert answer_to_rcpt(instance)[0] == 452
    shutil.rmtree(filler)
    instance.send("b@sink.example")
    sink.wait(2)
    instance.wait_queue_empty()
    assert not instance.queue_files("corrupt")


def test_a_stop_on_a_full_disk_is_not_clean(on_disk, make_sink):
    """What is in a segment cannot move out, and says so; the next start finds
    it there."""
    hole = socket.create_server(("127.0.0.1", 0))
    port = hole.getsockname()[1]
    instance, disk = on_disk("ext4", port, queue_segments="yes")
    incoming = instance.queue / "incoming"
    ids = []

    def is_in_segment():
        ids.append(instance.send("a@sink.example"))
        return ids[-1] not in [path.name for path in instance.queue_files()]

    wait_until(is_in_segment, "a message in a segment")
    filler = disk.place / "filler"
    fill(filler, 0)
    instance.stop()
    instance.wait_log(r"the stop is not clean, [1-9]\d* segments remain: "
                      r".*No space left on device")
    assert ids[-1] not in [path.name for path in instance.queue_files()]
    assert list(incoming.glob("segment.*"))
    hole.close()
    sink = make_sink(port=port)
    shutil.rmtree(filler)
    instance.start()
    for queue_id in ids:
        instance.wait_log(rf"{queue_id}: removed$")
    instance.wait_queue_empty()
    assert len(sink.messages) == len(ids)


class Load:
    """Clients that send one message after the other, and remember what was
    promised, before and after an instant."""

    CLIENTS = 4

    def __init__(self, instance):
        self.instance = instance
        self.promised = []
        self.refused = []
        self.is_over = False
        self.threads = [threading.Thread(target=self._send, args=(number,))
                        for number in range(self.CLIENTS)]
        for thread in self.threads:
            thread.start()

    def _send(self, number):
        serial = 0
        while not self.is_over:
            serial += 1
            recipient = f"u{number}.{serial}@sink.example"
            try:
                self.instance.send(recipient)
                self.promised.append(recipient)
            except (AssertionError, smtplib.SMTPException, OSError) as error:
                self.refused.append(str(error))

    def end(self):
        self.is_over = True
        for thread in self.threads:
            thread.join()


@pytest.mark.parametrize("segments", ["yes", "no"])
@pytest.mark.parametrize("name", ["ext4", "xfs"])
def test_nothing_can_be_written(on_disk, make_sink, name, segments):
    """ATK-73: under load the file system takes no more writes. Nothing is
    promised from then on, everybody lives, the log says why; on a sound disk all
    that was promised is there."""
    sink = make_sink(rcpt=lambda _: "450 4.2.1 come back later")
    instance, disk = on_disk(name, sink.port, queue_segments=segments)
    load = Load(instance)
    wait_until(lambda: len(load.promised) >= 20, "some mail")
    before = {program: instance.pids(program)
              for program in ("qmgr", "cleanup", "smtpd", "showq")}
    assert shut_down(disk.place)
    promised = list(load.promised)
    count = len(load.refused)
    wait_until(lambda: len(load.refused) >= count + 20, "refusals")
    load.end()
    # An answer may have been under way.
    assert len(load.promised) <= len(promised) + Load.CLIENTS
    assert all("4.3." in error for error in load.refused[count:]), load.refused
    assert "Input/output error" in instance.log()
    assert {program: instance.pids(program) for program in before} == before
    instance.run("postern", "stop", check=False)
    disk.replace()
    sink.rcpt = None
    instance.start()
    instance.wait_queue_empty()
    found = {recipient for message in sink.messages
             for recipient in message.recipients}
    assert set(load.promised) <= found
