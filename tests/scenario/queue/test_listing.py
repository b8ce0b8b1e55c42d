# SPDX-License-Identifier: MIT
"""The listing of a queue that is longer than a piece of it: active messages
first, each message once, whatever is where."""

import json
import socket

import pytest

from tests.support.ports import free_port
from tests.support.waiting import wait_until

DEFERRED = 450       # more than showq takes at a time
ACTIVE = 3
RECIPIENTS = 2500    # more than are read at a time


@pytest.fixture
def hole():
    """A next hop that never says a word."""
    with socket.create_server(("127.0.0.1", free_port())) as server:
        yield server.getsockname()[1]


@pytest.fixture
def instance(relay_to, hole):
    """Most mail is for a next hop that is not there."""
    return relay_to(
        free_port(), minimal_backoff_time="600s", maximal_backoff_time="600s",
        queue_run_delay="600s", initial_destination_concurrency="20",
        smtpd_recipient_limit="5000",
        transport_maps=f"inline:{{ stuck.example=smtp:[127.0.0.1]:{hole} }}")


def send_many(instance, count, recipient):
    ids = []
    with instance.client() as client:
        client.ehlo()
        for _ in range(count):
            client.mail("sender@client.example")
            client.rcpt(recipient)
            _, text = client.data(instance.message([recipient]))
            ids.append(text.decode().rsplit(" ", 1)[1])
    return ids


def objects(instance):
    text = instance.run("postqueue", "-j").stdout.decode()
    return [json.loads(line) for line in text.splitlines()]


def test_active_first_and_each_once(instance):
    ids = send_many(instance, DEFERRED, "someone@dead.example")
    wait_until(lambda: len(instance.queue_files("deferred")) == DEFERRED,
               "all deferred")
    active = send_many(instance, ACTIVE, "someone@stuck.example")
    listed = objects(instance)
    assert sorted(entry["queue_id"] for entry in listed) == \
        sorted(ids + active)
    assert {entry["queue_id"] for entry in listed[:ACTIVE]} == set(active)
    assert {entry["queue_name"] for entry in listed[:ACTIVE]} == {"active"}
    assert {entry["queue_name"] for entry in listed[ACTIVE:]} == {"deferred"}


def test_more_recipients_than_are_read_at_a_time(instance):
    wanted = [f"user{i}@dead.example" for i in range(RECIPIENTS)]
    instance.send(wanted)
    small = instance.send("someone@dead.example")

    def is_deferred():
        return len(instance.queue_files("deferred")) == 2

    wait_until(is_deferred, "both deferred")
    listed = {len(entry["recipients"]): entry for entry in objects(instance)}
    assert sorted(listed) == [1, RECIPIENTS]
    assert [recipient["address"]
            for recipient in listed[RECIPIENTS]["recipients"]] == wanted
    assert listed[1]["queue_id"] == small
