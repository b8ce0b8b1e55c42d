# SPDX-License-Identifier: MIT
"""The processes that a sweep of faults runs in."""

import os

from tests.support import ports

PORTS_EACH = 500        # of a worker, in a range that other tests leave alone
FIRST_PORT = 10000
PORT_RANGES = 20


def begin(counter):
    """Pins this worker to one CPU, so that its points are repeatable, and
    gives it ports of its own."""
    with counter.get_lock():
        number = counter.value
        counter.value += 1
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpus[number % len(cpus)]})
    place = (os.getppid() + number) % PORT_RANGES
    ports.FIRST = ports._next = FIRST_PORT + PORTS_EACH * place
    ports.LAST = ports.FIRST + PORTS_EACH - 1
