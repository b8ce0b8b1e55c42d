# SPDX-License-Identifier: MIT
"""postsuper: each order in each state of the mail system."""

import json
import os
import pwd
import re
import signal
import subprocess

import pytest

from tests.support.ports import free_port
from tests.support.waiting import wait_until

NULL_SENDER = "<>"              # as aiosmtpd shows it
NOBODY = "4jXRJQ3HHZz1d0Hr"     # an id that nothing has


@pytest.fixture
def waiting(relay_to):
    """An instance with three deferred messages; the port of the next hop that
    is not there, and the ids."""
    port = free_port()
    instance = relay_to(port, minimal_backoff_time="600s",
                        maximal_backoff_time="600s", queue_run_delay="600s",
                        initial_destination_concurrency="20")
    ids = [instance.send(f"{name}@remote.example")
           for name in ("one", "two", "three")]
    wait_until(lambda: len(instance.queue_files("deferred")) == 3,
               "all deferred")
    return instance, port, ids


def queues(instance):
    """{queue id: queue}"""
    text = instance.run("postqueue", "-j").stdout.decode()
    return {entry["queue_id"]: entry["queue_name"]
            for entry in map(json.loads, text.splitlines())}


def said(result):
    return [line.removeprefix("postsuper: ")
            for line in result.stderr.decode().splitlines()
            if not line.startswith("qmgr: ")]


STATES = {
    "running": lambda instance: None,
    "stopped": lambda instance: instance.stop(),
    "killed": lambda instance: instance.kill_all(),
}


@pytest.fixture(params=STATES)
def state(request):
    return STATES[request.param]


def test_delete_hold_release(waiting, state):
    instance, _, (first, second, third) = waiting
    state(instance)
    assert said(instance.run("postsuper", "-h", first, "-h", second)) == [
        f"{first}: placed on hold", f"{second}: placed on hold",
        "Placed on hold: 2 messages"]
    assert said(instance.run("postsuper", "-h", first)) == []
    assert said(instance.run("postsuper", "-H", third)) == [
        f"warning: {third}: no such message in hold"]
    assert said(instance.run("postsuper", "-H", first)) == [
        f"{first}: released from hold", "Released from hold: 1 message"]
    found = queues(instance)
    assert found[first] in ("incoming", "active", "deferred")
    assert found[second] == "hold" and found[third] == "deferred"
    assert said(instance.run("postsuper", "-d", "ALL", "hold")) == [
        f"{second}: removed", "Deleted: 1 message"]
    assert set(queues(instance)) == {first, third}
    assert said(instance.run("postsuper", "-d", "-", input=(
        f"{first}\n\n  {third}  \n"))) == [
            f"{first}: removed", f"{third}: removed", "Deleted: 2 messages"]
    assert queues(instance) == {}


def test_requeue(waiting, state, make_sink):
    instance, port, ids = waiting
    state(instance)
    lines = said(instance.run("postsuper", "-r", "ALL"))
    assert sorted(lines) == sorted(
        [f"{queue_id}: requeued" for queue_id in ids] +
        ["Requeued: 3 messages"])
    sink = make_sink(port=port)
    if not instance.is_running():
        instance.start()
    else:
        instance.run("postqueue", "-f")
    sink.wait(3)
    instance.wait_queue_empty()
    assert sorted(mail.recipients[0] for mail in sink.messages) == [
        "one@remote.example", "three@remote.example", "two@remote.example"]
    for queue_id in ids:        # they went under another id
        instance.wait_log(rf"{queue_id}: requeued$")
        assert f"{queue_id}: to=<" not in \
            instance.log().split(f"{queue_id}: requeued")[-1]


def test_the_successor_is_named_durably(waiting, tmp_path):
    """Otherwise a power cut may leave two messages that know nothing of each
    other, and both would be delivered."""
    instance, _, (first, *_) = waiting
    (pid,) = instance.pids("qmgr")
    trace = tmp_path / "trace"
    with subprocess.Popen(
            ["strace", "-f", "-y", "-e", "trace=fsync,fdatasync",
             "-o", str(trace), "-p", str(pid)],
            stderr=subprocess.PIPE, text=True) as tracer:
        assert "attached" in tracer.stderr.readline()
        instance.run("postsuper", "-r", first)
        assert first not in queues(instance)
        tracer.terminate()
    assert re.search(rf"sync\(\d+<[^>]*/{first}>", trace.read_text())


def test_expire(waiting, state, make_sink):
    instance, port, (first, second, third) = waiting
    instance.run("postsuper", "-h", first, "-h", second)
    state(instance)
    assert said(instance.run("postsuper", "-e", first, "-f", second,
                             "-e", third)) == [
        f"{first}: expired", f"{second}: expired",
        f"{second}: released from hold", f"{third}: expired",
        "Released from hold: 1 message", "Force-expired: 3 messages"]
    sink = make_sink(port=port)
    if not instance.is_running():
        entries = [json.loads(line) for line in
                   instance.run("postqueue", "-j").stdout.splitlines()]
        assert all(entry["forced_expire"] for entry in entries)
        instance.start()
    instance.wait_log(rf"{second}: from=<sender@client\.example>, "
                      r"status=force-expired")
    instance.wait_log(rf"{third}: removed$")
    instance.wait_log(rf"{second}: removed$")
    instance.run("postqueue", "-f")
    sink.wait(2)
    assert {mail.sender for mail in sink.messages} == {NULL_SENDER}
    assert all(b"\nLast-Attempt-Date: " in mail.content
               for mail in sink.messages)
    assert any(b"two@remote.example" in mail.content and
               b"connect to" in mail.content for mail in sink.messages)
    assert queues(instance)[first] == "hold"
    assert said(instance.run("postsuper", "-e", first)) == []
    instance.run("postsuper", "-H", first)
    sink.wait(3)
    instance.wait_queue_empty()


@pytest.mark.parametrize("argument", ["../../etc/passwd", "a b", "\x1b[2J", "",
                                      "x" * 500, "segment.1.1"])
def test_what_is_no_id(waiting, state, argument):
    instance, _, ids = waiting
    state(instance)
    for arguments, text in (([argument], None), (["-"], argument + "\n")):
        if text == "\n":
            continue            # an empty line is nothing
        result = instance.run("postsuper", "-d", *arguments, input=text)
        assert b": invalid mail queue id\n" in result.stderr
        assert b"\x1b" not in result.stderr
    assert set(queues(instance)) == set(ids)


def test_a_long_line_is_no_id(waiting):
    """Wherever it would be cut."""
    instance, _, ids = waiting
    lines = b"".join(b"%s%s\n" % (b"x" * length, ids[0].encode())
                     for length in (255, 256, 4095, 65535))
    result = instance.run("postsuper", "-d", "-", input=lines)
    assert len(said(result)) == 4
    assert all(line.endswith("invalid mail queue id")
               for line in said(result))
    assert set(queues(instance)) == set(ids)


def test_an_id_that_nothing_has(waiting, state):
    instance, _, _ = waiting
    state(instance)
    for option in "dhHref":
        result = instance.run("postsuper", f"-{option}", NOBODY)
        queues_searched = ("hold" if option == "H" else
                           "hold, incoming, active, deferred")
        assert said(result) == [
            f"warning: {NOBODY}: no such message in {queues_searched}"]


def test_a_wrong_queue(waiting):
    instance, _, (first, *_) = waiting
    result = instance.run("postsuper", "-d", first, "outgoing", check=False)
    assert result.returncode == 64
    assert b"usage: postsuper" in result.stderr
    assert said(instance.run("postsuper", "-d", first, "incoming")) == [
        f"warning: {first}: no such message in incoming"]
    assert first in queues(instance)


def test_a_message_in_hand_is_returned_when_that_ends(relay_to, make_sink):
    """It is with an agent when it is told to expire."""
    gate = []
    sink = make_sink(rcpt=lambda address: (
        wait_until(lambda: gate, "the gate") and "450 4.2.0 later"
        if address == "slow@remote.example" else None))
    instance = relay_to(sink.port, maximal_backoff_time="600s",
                        minimal_backoff_time="600s")
    queue_id = instance.send("slow@remote.example")
    wait_until(lambda: sink.sessions, "the delivery to begin")
    assert said(instance.run("postsuper", "-e", queue_id)) == [
        f"{queue_id}: expired", "Force-expired: 1 message"]
    gate.append(signal.SIGCONT)
    instance.wait_log(rf"{queue_id}: removed$")
    notice = sink.wait()[0]
    assert notice.sender == NULL_SENDER
    assert b"450 4.2.0 later" in notice.content


@pytest.mark.parametrize("reply, want", [
    ("450 4.2.0 later", "placed on hold"),
    (None, "no such message in hold, incoming, active, deferred"),
])
def test_hold_of_a_message_in_hand(relay_to, make_sink, reply, want):
    """It is said to be held when it is: not when it was delivered before."""
    gate = []
    sink = make_sink(rcpt=lambda address: (
        wait_until(lambda: gate, "the gate") and reply))
    instance = relay_to(sink.port, maximal_backoff_time="600s",
                        minimal_backoff_time="600s")
    queue_id = instance.send("slow@remote.example")
    wait_until(lambda: sink.sessions, "the delivery to begin")
    with subprocess.Popen(
            [instance.staging.command("postsuper"), "-h", queue_id],
            env=instance.environment(), stderr=subprocess.PIPE) as command:
        # Takes longer than the order takes to arrive.
        instance.run("postsuper", "-h", NOBODY)
        gate.append(True)
        _, errors = command.communicate(timeout=60)
    assert f"{queue_id}: {want}\n" in errors.decode()
    held = [path.name for path in instance.queue_files("hold")]
    assert held == ([queue_id] if reply else [])


def test_a_message_in_hand_is_held_when_that_ends(relay_to, make_sink):
    """Two recipients are with an agent, two wait: the first delivery is reported
    before the file moves, and the second is not begun."""
    gate = []
    sink = make_sink(data=lambda message: wait_until(lambda: gate, "the gate")
                     and None)
    instance = relay_to(sink.port, default_destination_recipient_limit="2",
                        initial_destination_concurrency="1",
                        default_destination_concurrency_limit="1")
    four = [f"user{number}@remote.example" for number in range(4)]
    queue_id = instance.send(four)
    wait_until(lambda: sink.sessions, "the delivery to begin")
    instance.run("postsuper", "-h", queue_id, check=False)
    held = instance.queue / "hold" / queue_id
    assert not held.exists()
    gate.append(True)
    wait_until(held.exists, "the message in hold")
    assert instance.log().count(f"{queue_id}: to=") == 2
    assert len(sink.messages) == 1
    instance.run("postsuper", "-H", queue_id)
    instance.wait_log(rf"{queue_id}: removed$")
    assert [mail.recipients for mail in sink.messages] in (
        [four[:2], four[2:]], [four[2:], four[:2]])


# ---- the structure ----

def disorder(instance, ids):
    """Puts messages and other things where they do not belong; what postsuper
    -s is to say of each, without and with putting it right."""
    first, second, third = ids
    paths = {path.name: path for path in instance.queue_files("deferred")}
    deferred = instance.queue / "deferred"
    bucket = paths[first].parent.name
    wrong = deferred / bucket.upper().replace("0", "00")
    if wrong.name == bucket:
        wrong = deferred / ("0" + bucket)
    wrong.mkdir()
    paths[first].rename(wrong / first)
    (deferred / "1").mkdir()
    paths[second].rename(deferred / "1" / second)
    paths[third].rename(instance.queue / "active" / third)
    (instance.queue / "hold" / "README").write_text("not ours")
    (instance.queue / "incoming" / NOBODY).write_bytes(b"")
    (instance.queue / "hold" / "4jXRJQ3HHZz1d0Hs").write_bytes(b"x" * 600)
    for path in instance.queue.rglob("*"):
        if path.is_dir() or path.is_file():
            os.chown(path, instance.user.pw_uid, instance.user.pw_gid)
    misplaced = "is where no queue scan looks"
    return {
        f"deferred/{wrong.name}/{first}": (misplaced, "moved to incoming"),
        f"deferred/{wrong.name}": ("is no name of a bucket", "removed"),
        f"deferred/1/{second}": (None, "moved"),
        f"./active/{third}": (misplaced, "moved to incoming"),
        "hold/README": ("is no name of a message", None),
        f"incoming/{NOBODY}": (None, "removed"),
        "hold/4jXRJQ3HHZz1d0Hs": (None, "moved to corrupt"),
    }


def findings(result):
    return {line.split(": ")[0]: line.split(": ")[1:]
            for line in said(result) if not line.startswith("warning: ")}


def test_the_structure_is_put_right(waiting):
    instance, _, ids = waiting
    instance.stop()
    want = disorder(instance, ids)
    found = findings(instance.run("postsuper", "-s"))
    assert found.keys() == want.keys()
    for path, (what, done) in want.items():
        assert what is None or found[path][0] == what
        assert done is None or found[path][-1] == done
    assert set(queues(instance)) == set(ids)
    left = findings(instance.run("postsuper"))
    assert left == {"hold/README": ["is no name of a message"]}


def test_the_structure_is_only_looked_at(waiting):
    instance, _, ids = waiting
    want = {path: what for path, (what, _) in
            disorder(instance, ids).items() if what is not None}
    result = instance.run("postsuper", "-s")
    assert findings(result) == {path: [what] for path, what in want.items()}
    assert b"nothing is put right while the mail system runs" in result.stderr


def test_only_what_was_never_accepted_is_purged(waiting):
    instance, _, ids = waiting
    instance.stop()
    disorder(instance, ids)
    assert findings(instance.run("postsuper", "-p")) == {
        f"incoming/{NOBODY}": ["was never accepted", "removed"]}


def test_who_may(waiting, state):
    """Another user is told who."""
    instance, _, (first, *_) = waiting
    if os.geteuid() != 0:
        pytest.skip("needs root to become another user")
    state(instance)
    other = pwd.getpwnam("games")
    for command, arguments in (("postsuper", ["-d", first]),
                               ("postcat", ["-q", first]),
                               ("postern", ["queue", "shape"]),
                               ("postern", ["queue", "why", first])):
        for path in (instance.root, instance.config, instance.queue):
            path.chmod(0o755)
        for path in instance.config.iterdir():
            path.chmod(0o644)
        result = subprocess.run(
            [instance.staging.command(command), *arguments], cwd="/",
            env=instance.environment(), user=other.pw_uid,
            group=other.pw_gid, extra_groups=[], capture_output=True,
            timeout=60)
        assert result.returncode in (69, 77)
        assert (b"reserved for root and nobody" in result.stderr or
                b"Permission denied" in result.stderr), result.stderr


def test_root_may(waiting, state):
    """And leaves nothing behind that belongs to root."""
    instance, _, (first, second, third) = waiting
    if os.geteuid() != 0:
        pytest.skip("needs root")
    state(instance)
    for arguments in (["-h", first], ["-e", second], ["-d", third], ["-s"]):
        result = subprocess.run(
            [instance.staging.command("postsuper"), *arguments], cwd="/",
            env=instance.environment(), capture_output=True, timeout=60)
        assert result.returncode == 0, result.stderr
    for path in instance.queue_files():
        assert path.stat().st_uid == instance.user.pw_uid
    if not instance.is_running():
        assert set(queues(instance)) == {first, second}
