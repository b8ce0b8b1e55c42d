# SPDX-License-Identifier: MIT
"""What each server of tests/bench/run is put through."""

import collections
import dataclasses
import subprocess
import time

from tests.bench.measure.server import PATIENCE, PORT, SINK
from tests.load.story import CountingSink, Tools
from tests.support.waiting import wait_until

# rate: messages (large: MB; recipients: recipients) a second, from the first
# connection until the last message has left the queue; processor: milliseconds
# of it; slowest: p99 of the time from MAIL to the answer to the message, ms.
Figures = collections.namedtuple("Figures", "rate processor slowest")


@dataclasses.dataclass
class Scenario:
    recipient: str
    messages: int
    sessions: int
    per_session: int = 0     # 0: as many as come
    size: int = 5000
    recipients: int = 1
    unit: float = 1          # of `rate` and `processor` in one message

    def scaled(self, factor):
        return dataclasses.replace(
            self, messages=max(1, round(self.messages * factor)))

    @property
    def has_floor(self):
        return self.recipient.endswith("@relay.test")


SCENARIOS = {
    "accept-20x1": Scenario("u@discard.test", 2000, 20, 1),
    "accept-100": Scenario("u@discard.test", 3000, 100),
    "relay-20x1": Scenario("u@relay.test", 2000, 20, 1),
    "relay-100": Scenario("u@relay.test", 3000, 100),
    "maildir-20": Scenario("u@local.test", 2000, 20),
    "large": Scenario("u@relay.test", 20, 4, 1, size=25000000, unit=25),
    "recipients": Scenario("u@relay.test", 1, 1, recipients=10000,
                           unit=10000),
}


class Client:
    def __init__(self, build, folder):
        self.tools = Tools(build)
        self.folder = folder

    def sink(self):
        return CountingSink(self.tools, self.folder, port=SINK)

    def send(self, scenario, port):
        """What `load` says, as numbers by name."""
        done = subprocess.run(
            [self.tools.load, "-n", str(scenario.messages),
             "-c", str(scenario.sessions), "-p", str(scenario.per_session),
             "-s", str(scenario.size), "-m", str(scenario.recipients),
             "-r", scenario.recipient, "-t", str(PATIENCE),
             "127.0.0.1", str(port), self.folder / "taken"],
            check=True, stdout=subprocess.PIPE, text=True)
        words = done.stdout.split(" error=")[0].split()
        return {name: int(value)
                for name, value in (word.split("=") for word in words)}


def measure_floor(client, scenario):
    """Messages a second from client to sink without a server."""
    sink = client.sink()
    try:
        said = client.send(scenario, SINK)
    finally:
        sink.stop()
    return scenario.messages * scenario.unit * 1000 / said["milliseconds"]


def measure(server, client, scenario):
    sink = client.sink()
    server.prepare()
    try:
        server.start()
        gone = 0

        def is_over():
            nonlocal gone
            gone += server.removed()
            return gone >= scenario.messages

        before = server.processor_time()
        begun = time.monotonic()
        said = client.send(scenario, PORT)
        wait_until(is_over, "the last message", PATIENCE)
        seconds = time.monotonic() - begun
        spent = server.processor_time() - before
    finally:
        server.stop()
        sink.stop()
    units = scenario.messages * scenario.unit
    return Figures(round(units / seconds, 1), round(spent * 1000 / units, 3),
                   round(said["p99"] / 1000, 2))
