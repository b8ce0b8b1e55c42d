# SPDX-License-Identifier: MIT
"""The file system of the queue is full, really: new mail is refused, what was
accepted goes on, and nobody has to help when there is space again (REL-10)."""

import os
import subprocess

import pytest

from tests.support.waiting import wait_until

FAR = "far@sink.example"
REFUSED = "refused@sink.example"
SIZE = "48m"
LARGE = 200_000     # gets a file of its own, and so does its notice
RESERVE = 4 << 20
FULL = "452 4.3.1"


def can_mount(place):
    return os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", place],
        capture_output=True).returncode == 0


@pytest.fixture
def small_queue(make_instance, sink):
    """Makes an instance whose queue is on a small file system of its own."""
    mounted = []

    def make(**parameters):
        instance = make_instance(start=False, parameters={
            "relayhost": f"[127.0.0.1]:{sink.port}",
            "minimal_backoff_time": "1s",
            "maximal_backoff_time": "1s",
            "queue_run_delay": "1s",
            "notify_classes": "",   # each refusal is a transcript otherwise
            **parameters})
        instance.queue.mkdir()
        if not can_mount(instance.queue):
            pytest.skip("needs root and may not mount")
        mounted.append(instance)
        os.chown(instance.queue, instance.user.pw_uid, instance.user.pw_gid)
        instance.start()
        wait_until(lambda: reserve_size(instance) == RESERVE,
                   "the reserve to be filled")
        return instance

    yield make
    for instance in mounted:
        instance.run("postern", "stop", check=False)
        subprocess.run(["umount", instance.queue], check=True)


def reserve_size(instance):
    return (instance.queue / "reserve").stat().st_size


def fill(instance):
    """Takes all that is free; returns the file that has it."""
    filler = instance.queue / "filler"
    with open(filler, "wb", buffering=0) as file:
        for size in (1 << 20, 4096):
            try:
                while file.write(b"x" * size) == size:
                    pass
            except OSError:
                pass
    return filler


def try_to_send(instance):
    """The first refusal, or the last reply."""
    with instance.client() as client:
        client.ehlo()
        client.mail("alice@mail.example")
        code, text = client.rcpt(FAR)
        if code == 250:
            code, text = client.data(instance.message([FAR]))
        return f"{code} {text.decode()}"


def test_new_mail_waits_and_old_mail_goes_on(small_queue, sink):
    instance = small_queue()
    sink.rcpt = lambda _: "450 4.2.1 come back later"
    for _ in range(5):
        instance.send([FAR])
    instance.wait_log("status=deferred", 5)
    filler = fill(instance)
    wait_until(lambda: try_to_send(instance).startswith(FULL), "a refusal")
    sink.rcpt = None
    instance.run("postqueue", "-f")
    sink.wait(5)
    instance.wait_queue_empty()
    assert try_to_send(instance).startswith(FULL)
    filler.unlink()
    wait_until(lambda: try_to_send(instance).startswith("250"),
               "mail to be accepted again")
    sink.wait(6)


@pytest.mark.parametrize("segments", ["yes", "no"])
def test_a_notice_is_written_with_the_reserve(small_queue, sink, segments):
    instance = small_queue(queue_segments=segments)
    sink.rcpt = lambda _: "450 4.2.1 come back later"
    instance.send([REFUSED], instance.message([REFUSED],
                                              body="x" * 70 + "\r\n" +
                                              LARGE // 72 * ("y" * 70 + "\r\n")),
                  sender="alice@mail.example")
    instance.wait_log("status=deferred")
    filler = fill(instance)
    wait_until(lambda: try_to_send(instance).startswith(FULL), "a refusal")
    sink.rcpt = lambda address: \
        "550 5.1.1 nobody of that name" if address == REFUSED else None
    instance.run("postqueue", "-f")
    notice, = instance.wait_mail("alice")
    assert REFUSED.encode() in notice
    instance.wait_queue_empty()
    instance.wait_log("qmgr.*warning: the queue file system is full, its "
                      "reserve is spent: ")
    assert reserve_size(instance) == 0
    assert try_to_send(instance).startswith(FULL)
    filler.unlink()
    instance.wait_log("the reserve of the queue file system is back")
    assert reserve_size(instance) == RESERVE
    assert try_to_send(instance).startswith("250")
    sink.wait()


def test_a_stop_moves_segments_with_the_reserve(small_queue, sink):
    instance = small_queue()
    sink.rcpt = lambda _: "450 4.2.1 come back later"
    instance.send([FAR])
    instance.wait_log("status=deferred")
    fill(instance)
    instance.run("postern", "stop")
    assert not list(instance.queue.glob("incoming/segment.*"))
    assert len(instance.queue_files()) == 1


def test_fewer_than_a_thousand_inodes(make_instance, sink):
    instance = make_instance(start=False)
    instance.queue.mkdir()
    if os.geteuid() != 0 or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE},nr_inodes=500",
             "tmpfs", instance.queue], capture_output=True).returncode != 0:
        pytest.skip("needs root and may not mount")
    try:
        os.chown(instance.queue, instance.user.pw_uid, instance.user.pw_gid)
        instance.start()
        assert try_to_send(instance).startswith(FULL)
        instance.stop()
    finally:
        subprocess.run(["umount", instance.queue], check=True)
