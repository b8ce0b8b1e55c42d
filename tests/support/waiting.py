# SPDX-License-Identifier: MIT
"""Waiting for something to become true: no scenario sleeps for a fixed time."""

import time

PATIENCE = 30.0
STEP = 0.02


def wait_until(condition, what, patience=PATIENCE):
    """Returns the first true value of condition(); fails after `patience` s."""
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience:.0f} s in vain for {what}")
        time.sleep(STEP)
