# SPDX-License-Identifier: MIT
"""A message that its readers die of is set aside after two crashes; those that
were in hand beside it, and all other mail, are delivered."""

import re
import signal
import socket
import subprocess
import threading

import pytest

from tests.support.preload import Preload
from tests.support.waiting import wait_until

POISON = "do not read this"
SENDER = "poison@client.example"


@pytest.fixture
def poisoned(relay_to, make_sink):
    """An instance that is not started, what kills its daemons, and its sink."""
    def make(**parameters):
        sink = make_sink()
        instance = relay_to(sink.port, start=False, **parameters)
        return instance, Preload(instance), sink
    return make


def poison(instance, recipients, body="Hello.\r\n"):
    return instance.message(recipients, subject=POISON, body=body)


def wait_aside(instance, queue_id):
    path = instance.queue / "corrupt" / queue_id
    try:
        wait_until(path.exists, f"{path}")
    except AssertionError as error:
        raise AssertionError(f"{error}\n--- log\n{instance.log()}") from None
    instance.wait_log(rf"{queue_id}: set aside in corrupt, unopened: ")


def crashes(instance, program):
    return len(re.findall(rf"process {program} pid \d+ killed by signal 11: "
                          rf"\S+ \S+", instance.log()))


def put_back(instance, queue_id):
    """What the log line says."""
    command = re.search(rf'{queue_id}: set aside.*"(mv .*) && postsuper -H',
                        instance.log()).group(1)
    subprocess.run(["sh", "-c", command], check=True)
    instance.run("postsuper", "-H", queue_id)


@pytest.mark.parametrize("segments", ["no", "yes"])
@pytest.mark.parametrize("program, recipient, text, when", [
    ("smtp", "one@remote.example", POISON, "send"),
    ("local", "alice@mail.example", POISON, "send"),
    # It looks at the envelope only.
    ("qmgr", "one@remote.example", SENDER, "read"),
])
def test_readers_die_twice_and_no_more(poisoned, program, recipient, text, when,
                                       segments):
    instance, preload, sink = poisoned(queue_segments=segments)
    instance.start()
    instance.send("first@remote.example")
    sink.wait(1)
    preload.crash(program, text, when)
    queue_id = instance.send(recipient, poison(instance, [recipient]),
                             sender=SENDER)
    wait_aside(instance, queue_id)
    assert crashes(instance, program) == 2
    for number in range(5):
        instance.send("other@remote.example")
    sink.wait(6)
    instance.wait_queue_empty_but(queue_id)
    preload.spare(program)
    shown = instance.run("postcat", "-q", queue_id).stdout.decode()
    assert POISON in shown and "Hello." in shown
    put_back(instance, queue_id)
    instance.wait_log(rf"{queue_id}: removed$")
    instance.wait_queue_empty()
    assert crashes(instance, program) == 2


def test_bystanders_are_delivered(poisoned, make_sink):
    """Many are in the hand of the same process, slowly, when it dies."""
    hole = socket.create_server(("127.0.0.1", 0), backlog=100)
    port = hole.getsockname()[1]
    instance, preload, sink = poisoned(
        initial_destination_concurrency="20",
        transport_maps=f"inline:{{ {{ slow.example = "
                       f"smtp:[127.0.0.1]:{port} }} }}")
    instance.start()
    ids = [instance.send(f"user{number}@slow.example")
           for number in range(12)]
    instance.send("first@remote.example")
    sink.wait(1)
    preload.crash("smtp", POISON)
    bad = instance.send("bad@remote.example",
                        poison(instance, ["bad@remote.example"]))
    crash = instance.wait_log(r"process smtp pid \d+ killed by signal 11.*")
    assert len([name for name in ids if name in crash.group()]) == 12
    hole.close()
    slow = make_sink(port=port)
    wait_aside(instance, bad)
    for queue_id in ids:
        instance.wait_log(rf"{queue_id}: removed$")
    instance.wait_queue_empty_but(bad)
    assert len(slow.messages) == 12
    assert crashes(instance, "smtp") == 2


def test_bounce_dies_of_what_it_returns(poisoned):
    instance, preload, sink = poisoned()
    instance.start()
    preload.crash("bounce", POISON)
    queue_id = instance.send(
        "one@error.example", poison(instance, ["one@error.example"]),
        sender="alice@mail.example")
    wait_aside(instance, queue_id)
    assert crashes(instance, "bounce") == 2
    assert not instance.maildir_files("alice")
    preload.spare("bounce")
    put_back(instance, queue_id)
    instance.wait_mail("alice")
    instance.wait_queue_empty()


def test_showq_dies_of_what_it_lists(poisoned):
    instance, preload, sink = poisoned(minimal_backoff_time="1h",
                                       maximal_backoff_time="1h")
    instance.start()
    queue_id = instance.send("one@retry.example", sender=SENDER)
    other = instance.send("two@retry.example")
    wait_until(lambda: len(instance.queue_files("deferred")) == 2,
               "two deferred messages")
    preload.crash("showq", SENDER, "read")
    for _ in range(2):
        failed = instance.run("postqueue", "-p", check=False)
        assert failed.returncode == 69
    wait_aside(instance, queue_id)
    assert crashes(instance, "showq") == 2
    text = instance.run("postqueue", "-p").stdout.decode()
    assert other in text and queue_id not in text


def segments_in(instance, queue):
    return sorted((instance.queue / queue).glob("segment.*"))


def test_a_segment_that_readers_die_of_is_set_aside(poisoned):
    """cleanup has it open, and goes on with another one."""
    release = threading.Event()
    instance, preload, sink = poisoned(queue_segments="yes")
    sink.data = lambda message: release.wait(60) and "450 4.2.0 later"
    instance.start()
    wait_until(lambda: segments_in(instance, "incoming"), "a segment")
    queue_id = instance.send("one@remote.example", sender=SENDER)
    assert not [path for path in instance.queue_files("incoming")
                if path.name == queue_id]
    wait_until(lambda: sink.sessions, "the delivery to begin")
    preload.crash("qmgr", SENDER, "scan")
    instance.kill("qmgr")
    instance.wait_log(r"segment\.\S+ set aside in corrupt, unopened: ")
    (aside,) = segments_in(instance, "corrupt")
    assert SENDER.encode() in aside.read_bytes()
    assert crashes(instance, "qmgr") == 2
    instance.kill("smtp")
    release.set()
    sink.data = None
    for _ in range(5):
        instance.send("other@remote.example")
    sink.wait(5)
    instance.wait_queue_empty()
    preload.spare("qmgr")
    aside.rename(instance.queue / "incoming" / aside.name)
    instance.wait_log(rf"{queue_id}: removed$")
    assert sink.messages[-1].sender == SENDER
    instance.wait_queue_empty()
    assert crashes(instance, "qmgr") == 2


def test_mail_of_a_bad_segment_that_came_later_is_delivered(poisoned):
    """showq dies of it, so all that qmgr has in hand of it is known."""
    release = threading.Event()
    instance, preload, sink = poisoned(queue_segments="yes")
    sink.data = lambda message: release.wait(60) and None
    instance.start()
    wait_until(lambda: segments_in(instance, "incoming"), "a segment")
    queue_id = instance.send("one@remote.example", sender=SENDER)
    wait_until(lambda: sink.sessions, "the delivery to begin")
    preload.crash("showq", SENDER, "scan")
    for _ in range(2):
        assert instance.run("postqueue", "-p", check=False).returncode == 69
    instance.wait_log(r"segment\.\S+ set aside in corrupt, unopened: ")
    assert segments_in(instance, "corrupt")
    assert queue_id in [path.name for path in instance.queue_files("incoming")]
    release.set()
    instance.wait_log(rf"{queue_id}: removed$")
    instance.wait_queue_empty()
    assert crashes(instance, "qmgr") == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_kill_from_outside_accuses_nobody(relay_to, make_sink, number):
    release = threading.Event()
    sink = make_sink(data=lambda message: release.wait(60) and None)
    instance = relay_to(sink.port)
    queue_id = instance.send("one@remote.example")
    for times in range(2):
        wait_until(lambda: sink.sessions > times, "a delivery")
        instance.kill("smtp", number)
        if number == signal.SIGTERM:
            break
    release.set()
    instance.wait_log(rf"{queue_id}: removed$")
    instance.wait_queue_empty()
    assert not instance.queue_files("corrupt")
    assert "set aside" not in instance.log()
