# SPDX-License-Identifier: MIT
"""postqueue -s: mail that waits for one site is tried, other mail is not."""

import pytest

from tests.support.ports import free_port
from tests.support.waiting import wait_until

LITERAL = "[127.0.0.1]"


@pytest.fixture
def stuck(relay_to):
    """Three deferred messages for two sites whose common next hop is not
    there; the port of it, and {site: [queue ids]}."""
    port = free_port()
    instance = relay_to(port, minimal_backoff_time="600s",
                        maximal_backoff_time="600s", queue_run_delay="600s",
                        initial_destination_concurrency="1")
    ids = {
        "one.example": [instance.send("a@one.example"),
                        instance.send(["b@two.example", "c@ONE.example"])],
        "two.example": [instance.send("d@two.example")],
    }
    wait_until(lambda: len(instance.queue_files("deferred")) == 3,
               "three deferred messages")
    return instance, port, ids


def test_the_mail_of_a_site(stuck, make_sink):
    instance, port, ids = stuck
    sink = make_sink(port=port)
    instance.run("postqueue", "-s", "One.Example")
    sink.wait(2)
    for queue_id in ids["one.example"]:
        instance.wait_log(rf"{queue_id}: removed$")
    instance.wait_log(r"flush of site One\.Example: 2 messages$")
    assert [path.name for path in instance.queue_files()] == \
        ids["two.example"]


def test_a_site_without_mail(stuck):
    instance, _, _ = stuck
    instance.run("postqueue", "-s", "elsewhere.example")
    instance.wait_log(r"flush of site elsewhere\.example: 0 messages$")
    instance.run("postqueue", "-s", LITERAL)
    instance.wait_log(r"flush of site \[127\.0\.0\.1\]: 0 messages$")


@pytest.mark.parametrize("site", ["", "a b", "[300.1.1.1]", "[", "a..b",
                                  "\x1b[2J", "x" * 400])
def test_what_is_no_site(stuck, site):
    instance, _, _ = stuck
    result = instance.run("postqueue", "-s", site, check=False)
    assert result.returncode == 64
    assert b"invalid destination" in result.stderr
    assert b"\x1b" not in result.stderr


def test_who_may_flush_a_site(relay_to):
    instance = relay_to(free_port(), authorized_flush_users="root-of-nobody")
    result = instance.run("postqueue", "-s", "one.example", check=False)
    assert result.returncode == 69
    assert result.stderr == b"postqueue: fatal: not allowed\n"
    instance.stop()
    result = instance.run("postqueue", "-s", "one.example", check=False)
    assert result.returncode == 69
    assert b"mail system is down" in result.stderr
