# SPDX-License-Identifier: MIT
"""The processes that a sweep of faults runs in."""

import os


def begin(counter):
    """Pins this worker to one CPU, so that its points are repeatable."""
    with counter.get_lock():
        number = counter.value
        counter.value += 1
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpus[number % len(cpus)]})
