# SPDX-License-Identifier: MIT
"""A few states that a power cut leaves, other ones each time:
tests/crash/powercut/run. It runs in namespaces of its own and ends with its
first process, so nothing stays mounted."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
SKIPPED = 77


def replay(*options):
    """(exit status, what it says)"""
    build = os.environ.get("POSTERN_BUILD", str(ROOT / "build" / "debug"))
    result = subprocess.run(
        [ROOT / "tests" / "crash" / "powercut" / "run", "--build", build,
         *options], capture_output=True, text=True, timeout=600)
    if result.returncode == SKIPPED:
        pytest.skip(result.stdout.strip())
    return result.returncode, (f"{result.stdout[-20000:]}\n"
                               f"{result.stderr[-5000:]}")


def test_a_power_cut_loses_nothing():
    status, text = replay("--quick")
    assert status == 0, text


@pytest.mark.parametrize("call, workload", [
    ("fsync", "deferral-files"),
    ("fdatasync", "deferral"),
    ("fsync", "maildir-files"),
])
def test_daemons_that_do_not_sync_are_found_out(call, workload):
    status, text = replay("--without", call, "--workload", workload,
                          "--states", "8")
    assert status == 1, text
    assert "lost [(" in text, text
