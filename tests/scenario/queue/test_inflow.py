# SPDX-License-Identifier: MIT
"""Receiving does not outrun sending: many clients in front of a slow next
hop."""

import os
import pathlib
import subprocess

import pytest

from tests.load.story import CountingSink, Tools
from tests.support.waiting import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[3]
MESSAGES = 120
CLIENTS = 10
ROOM = 20            # messages in qmgr's memory
PAUSE = 300          # milliseconds that the next hop takes for a message


@pytest.fixture
def tools():
    return Tools(os.environ.get("POSTERN_BUILD", ROOT / "build" / "debug"))


@pytest.fixture
def slow_sink(tools, tmp_path):
    sink = CountingSink(tools, tmp_path, options=["-w", str(PAUSE)])
    yield sink
    sink.stop()


@pytest.fixture
def crowded(relay_to, slow_sink):
    def make(in_flow_delay):
        return relay_to(slow_sink.port, in_flow_delay=in_flow_delay,
                        qmgr_message_active_limit=str(ROOM),
                        default_destination_concurrency_limit="5")
    return make


def flood(instance, tools, sink, folder):
    """Sends all; returns how many were queued at a time, at most."""
    taken = folder / "taken"
    load = subprocess.Popen(
        [tools.load, "-n", str(MESSAGES), "-c", str(CLIENTS), "-t", "110",
         "127.0.0.1", str(instance.port), taken], stdout=subprocess.DEVNULL)
    most = 0

    def is_over():
        nonlocal most
        before = sink.count()
        if taken.exists():
            most = max(most, taken.read_text().count("\n") - before)
        return load.poll() is not None

    wait_until(is_over, "the end of the flood", 120)
    assert load.returncode == 0
    return most


def test_clients_are_slowed_down(crowded, tools, slow_sink, tmp_path):
    instance = crowded("1s")
    most = flood(instance, tools, slow_sink, tmp_path)
    assert most < 3 * ROOM
    instance.wait_log("mail comes in faster than it is delivered")
    instance.wait_queue_empty(60)
    assert slow_sink.count() == MESSAGES
    instance.wait_log("mail is delivered as fast as it comes in")


def test_off(crowded, tools, slow_sink, tmp_path):
    instance = crowded("0")
    assert flood(instance, tools, slow_sink, tmp_path) > 3 * ROOM
    instance.wait_queue_empty(60)
    assert slow_sink.count() == MESSAGES
