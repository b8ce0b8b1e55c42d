# SPDX-License-Identifier: MIT
"""The machine's clock is wrong by ten years, for a while or again and again:
nothing expires, no mail is left lying, and the log says so once."""

import re

import pytest

from tests.support.ports import free_port
from tests.support.preload import Preload
from tests.support.waiting import wait_until

TEN_YEARS = 10 * 365 * 86400
JUMP = r"the clock was set by more than an hour"
RIGHT = r"the clock is right again"


@pytest.fixture
def clocked(relay_to):
    """An instance, its clock, and the port where nobody listens yet."""
    port = free_port()
    instance = relay_to(port, start=False,
                        destination_concurrency_failed_cohort_limit="0",
                        default_destination_concurrency_failed_cohort_limit="0")
    clock = Preload(instance)
    return instance.start(), clock, port


def wait_deferred(instance, *queue_ids):
    for queue_id in queue_ids:
        instance.wait_log(rf"{queue_id}: .*status=deferred")
    wait_until(lambda: {path.name for path in
                        instance.queue_files("deferred")} >= set(queue_ids),
               "the messages in deferred")


@pytest.mark.parametrize("first, then", [
    (0, -TEN_YEARS), (TEN_YEARS, 0), (-TEN_YEARS, 0), (0, TEN_YEARS),
])
def test_deferred_mail_is_tried_again(clocked, make_sink, first, then):
    instance, clock, port = clocked
    clock.set_clock(first)
    queue_id = instance.send("one@remote.example")
    wait_deferred(instance, queue_id)
    clock.set_clock(then)
    sink = make_sink(port=port)
    sink.wait(1)
    instance.wait_log(rf"{queue_id}: removed$")
    instance.wait_queue_empty()
    assert len(sink.messages) == 1


def test_nothing_expires_and_nothing_storms(clocked, make_sink):
    instance, clock, port = clocked
    ids = [instance.send(f"user{number}@remote.example")
           for number in range(10)]
    wait_deferred(instance, *ids)
    clock.set_clock(TEN_YEARS)
    instance.wait_log(JUMP)
    ids.append(instance.send("late@remote.example"))
    before = len(re.findall("status=deferred", instance.log()))
    for queue_id in ids:
        instance.wait_log(rf"{queue_id}: .*status=deferred", count=3)
    # The limits of back-off hold: all are tried as often as each.
    tried = len(re.findall("status=deferred", instance.log())) - before
    assert tried < 10 * len(ids)
    clock.set_clock(0)
    instance.wait_log(RIGHT)
    sink = make_sink(port=port)
    sink.wait(len(ids))
    instance.wait_queue_empty()
    log = instance.log()
    assert "status=expired" not in log
    assert len(re.findall(JUMP, log)) == 1
    assert len(re.findall(RIGHT, log)) == 1


def test_a_clock_that_jumps_every_second(clocked, make_sink):
    instance, clock, port = clocked
    ids = []
    for number in range(12):
        clock.set_clock((TEN_YEARS, 0, -TEN_YEARS)[number % 3])
        ids.append(instance.send(f"user{number}@remote.example"))
        wait_deferred(instance, ids[-1])
    clock.set_clock(0)
    assert len(set(ids)) == len(ids)
    sink = make_sink(port=port)
    sink.wait(len(ids))
    for queue_id in ids:
        instance.wait_log(rf"{queue_id}: removed$")
    instance.wait_queue_empty()
    assert len(sink.messages) == len(ids)
    assert "status=expired" not in instance.log()
    assert not instance.queue_files("corrupt")
