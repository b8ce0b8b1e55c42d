# SPDX-License-Identifier: MIT
"""postern queue shape and postern queue why."""

import pytest

from tests.support.ports import free_port
from tests.support.waiting import wait_until

NOBODY = "4jXRJQ3HHZz1d0Hr"     # an id that nothing has

STATES = {
    "running": lambda instance: None,
    "stopped": lambda instance: instance.stop(),
    "killed": lambda instance: instance.kill_all(),
}


@pytest.fixture(params=STATES)
def state(request):
    return STATES[request.param]


@pytest.fixture
def waiting(relay_to):
    instance = relay_to(free_port(), minimal_backoff_time="600s",
                        maximal_backoff_time="600s", queue_run_delay="600s",
                        initial_destination_concurrency="1")
    ids = [instance.send(["a@one.example", "b@One.Example"]),
           instance.send(["c@two.example"])]
    wait_until(lambda: len(instance.queue_files("deferred")) == 2,
               "both deferred")
    return instance, ids


def ask(instance, *arguments, status=0):
    result = instance.run("postern", "queue", *arguments, check=False)
    assert result.returncode == status, result
    return (result.stdout if status == 0 else result.stderr).decode()


def test_shape(waiting, state):
    instance, (first, _) = waiting
    state(instance)
    title, labels, *rows = ask(instance, "shape").split("\n\n")[0].splitlines()
    assert title == \
        "3 recipients of 2 messages in active, incoming, deferred (minutes)"
    assert labels.split() == ["T", "5", "10", "20", "40", "80", "160", "320",
                              "640", "1280", "1280+"]
    zeros = ["0"] * 9
    assert [row.split() for row in rows] == [
        ["TOTAL", "3", "3", *zeros],
        ["one.example", "2", "2", *zeros],
        ["two.example", "1", "1", *zeros]]
    instance.run("postsuper", "-h", first)
    rows = ask(instance, "shape", "-s", "-b", "2", "hold").splitlines()
    assert [row.split() for row in rows[1:4]] == [
        ["T", "5", "5+"], ["TOTAL", "2", "2", "0"],
        ["client.example", "2", "2", "0"]]
    assert rows[5].startswith("    < 5 min |####")


def test_an_empty_queue(relay_to, state):
    instance = relay_to(free_port())
    state(instance)
    lines = ask(instance, "shape").splitlines()
    assert lines[0].startswith("0 recipients of 0 messages")


@pytest.mark.parametrize("arguments", [
    [], ["form"], ["shape", "-x"], ["shape", "outgoing"], ["shape", "-b", "1"],
    ["shape", "-b", "17"], ["shape", "-t", "0"], ["shape", "-n", "x"],
    ["why"], ["why", NOBODY, NOBODY]])
def test_wrong_usage(instance, arguments):
    assert ask(instance, *arguments, status=64).startswith("usage: postern")


def test_why_deferred(waiting, state):
    instance, (first, _) = waiting
    state(instance)
    text = ask(instance, "why", first)
    assert f"{first} is deferred" in text
    assert "It came from <sender@client.example> at " in text
    assert "for 2 recipients: 0 delivered, 0 returned, 2 left." in text
    assert "It is deferred until " in text
    assert "last: connect to 127.0.0.1" in text
    assert ("the mail system is down" in text) != instance.is_running()
    if instance.is_running():
        assert "this destination is left alone until " in text
        assert "because: 4.4.1 connect to 127.0.0.1" in text
        assert f"postqueue -i {first}" in text
    else:
        assert "postern start" in text


def test_why_held_and_expired(waiting, state):
    instance, (first, second) = waiting
    state(instance)
    instance.run("postsuper", "-h", first, "-e", first)
    text = ask(instance, "why", first)
    assert f"{first} is on hold" in text
    assert "returned when it is released" in text
    assert f"postsuper -H {first}" in text
    for path in instance.queue_files("deferred"):
        path.rename(instance.queue / "corrupt" / path.name)
    text = ask(instance, "why", second)
    assert f"{second} was set aside in corrupt/" in text
    assert f"postsuper -H {second} corrupt" in text


def test_why_not_yet(relay_to, make_sink):
    """One is with an agent, the other waits for the destination's window."""
    gate = []
    sink = make_sink(rcpt=lambda address: wait_until(
        lambda: gate, "the gate") and None)
    instance = relay_to(sink.port, initial_destination_concurrency="1",
                        smtp_destination_concurrency_limit="1",
                        delay_warning_time="4h")
    first = instance.send("a@one.example")
    wait_until(lambda: sink.sessions, "the delivery to begin")
    second = instance.send("b@one.example")
    instance.wait_log(rf"{second}: from=.*\(queue active\)$")
    text = ask(instance, "why", first)
    assert f"{first} is active.\n" in text
    assert "being delivered since " in text
    assert "The sender is told of the delay at " in text
    text = ask(instance, "why", second)
    assert "to end: 1 of 1 busy\n" in text
    assert "smtp_destination_concurrency_limit in main.cf" in text
    gate.append(True)
    sink.wait(2)


def test_why_nothing(waiting, state):
    instance, _ = waiting
    state(instance)
    assert ask(instance, "why", NOBODY, status=1) == \
        f"postern queue: no such message: {NOBODY}\n"
    assert ask(instance, "why", "../\x1b", status=1) == \
        "postern queue: no valid queue id\n"
