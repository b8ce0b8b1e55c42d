# SPDX-License-Identifier: MIT
"""How fast mail goes out: rate delays, windows, and their bad values."""

import time

import pytest

from tests.support.waiting import wait_until

# Lower bounds of times only; what is measured at the sink may come a little
# later than it was begun.
DELAY = 1.0
JITTER = 0.3


class Clock:
    """When each message came, and how many were in hand at a time."""

    def __init__(self):
        self.times = []

    def __call__(self, _message):
        self.times.append(time.monotonic())

    def gaps(self):
        return [after - before
                for before, after in zip(self.times, self.times[1:])]


def test_a_destination_rests_between_deliveries(relay_to, make_sink):
    clock = Clock()
    sink = make_sink(data=clock)
    instance = relay_to(sink.port, smtp_destination_rate_delay="1s")
    for number in range(4):
        instance.send(f"user{number}@remote.example")
    sink.wait(4)
    assert all(gap > DELAY - JITTER for gap in clock.gaps()), clock.times
    instance.wait_queue_empty()


def test_with_one_recipient_each_is_a_destination(relay_to, sink):
    instance = relay_to(sink.port, smtp_destination_rate_delay="1h",
                        smtp_destination_recipient_limit="1")
    first = instance.send("a@remote.example")
    instance.wait_log(rf"{first}: removed$")
    waits = instance.send(["a@remote.example", "b@remote.example"])
    other = instance.send("c@remote.example")
    instance.wait_log(rf"{waits}: to=<b@remote\.example>, .*status=sent")
    instance.wait_log(rf"{other}: removed$")
    assert f"{waits}: to=<a@" not in instance.log()
    listing = instance.run("postqueue", "-p").stdout.decode()
    assert f"{waits}*" in listing


def test_a_transport_rests_between_deliveries(relay_to, make_sink):
    clock = Clock()
    sink = make_sink(data=clock)
    instance = relay_to(sink.port, default_transport_rate_delay="1s",
                        smtp_destination_recipient_limit="1")
    instance.send([f"user{number}@remote.example" for number in range(4)])
    sink.wait(4)
    assert all(gap > DELAY - JITTER for gap in clock.gaps()), clock.times
    instance.wait_queue_empty()


def test_a_rest_does_not_hold_up_the_stop(relay_to, sink):
    instance = relay_to(sink.port, smtp_destination_rate_delay="1h")
    sent = instance.send("a@remote.example")
    instance.wait_log(rf"{sent}: removed$")
    waits = instance.send("b@remote.example")
    instance.wait_log(rf"{waits}: from=.*\(queue active\)$")
    instance.stop()
    assert [path.name for path in instance.queue_files()] == [waits]
    instance.start()
    instance.wait_log(rf"{waits}: removed$")


@pytest.mark.parametrize("name, value, expected", [
    ("smtp_destination_rate_delay", "5x",
     "expected a duration between 0s and 100d, such as 30s or 5m"),
    ("local_destination_concurrency_limit", "-1",
     "expected a number between 0 and 100000"),
    ("relay_destination_recipient_limit", "fifty",
     "expected a number between 0 and 100000"),
    ("default_destination_concurrency_positive_feedback", "2",
     "expected a number between 0 and 1, or such a number / concurrency, or "
     "/ sqrt_concurrency"),
    ("smtp_destination_concurrency_negative_feedback", "1/window",
     "expected a number between 0 and 1, or such a number / concurrency, or "
     "/ sqrt_concurrency"),
    ("smtp_transport_rate_delay", "soon",
     "expected a duration between 0s and 100d, such as 30s or 5m"),
    ("lmtp_initial_destination_concurrency", "0",
     "expected a number between 1 and 100000"),
])
def test_bad_values_stop_the_start(make_instance, name, value, expected):
    instance = make_instance({name: value}, start=False)
    line = list(instance.parameters).index(name) + 1
    complaint = f"main.cf, line {line}: {name} = {value}: {expected}"
    for command in ("check", "start"):
        result = instance.run("postern", command, check=False)
        assert result.returncode != 0
        assert complaint in result.stderr.decode() + instance.log()


def test_a_bad_value_is_no_reload(instance):
    instance.parameters["smtp_destination_rate_delay"] = "5x"
    instance.write_main_cf()
    assert instance.run("postern", "reload", check=False).returncode != 0
    wait_until(lambda: "smtp_destination_rate_delay = 5x: expected a duration"
               in instance.log(), "a complaint")
    instance.send("alice")
    instance.wait_mail("alice")


def test_postconf_knows_them(instance):
    names = ["smtp_destination_rate_delay", "smtp_transport_rate_delay",
             "local_destination_concurrency_limit",
             "default_destination_concurrency_negative_feedback"]
    shown = instance.run("postconf", *names).stdout.decode().splitlines()
    assert shown == [
        "smtp_destination_rate_delay = $default_destination_rate_delay",
        "smtp_transport_rate_delay = $default_transport_rate_delay",
        "local_destination_concurrency_limit = 2",
        "default_destination_concurrency_negative_feedback = 1"]


def test_what_is_not_needed_is_no_error(make_instance):
    instance = make_instance({
        "default_delivery_slot_cost": "9", "smtp_delivery_slot_loan": "2",
        "default_minimum_delivery_slots": "5",
        "default_extra_recipient_limit": "7",
        "smtp_recipient_refill_delay": "9s", "smtp_recipient_limit": "5"})
    result = instance.run("postern", "check")
    assert b"slot" not in result.stderr and b"recipient" not in result.stderr
