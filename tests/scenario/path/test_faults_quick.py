# SPDX-License-Identifier: MIT
"""A few points of the error sweep and of the memory sweep, other ones each time:
tests/crash/errors, tests/crash/memory."""

import os
import pathlib
import subprocess

import pytest

from tests.crash.faultsweep import has_option

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("POSTERN_BUILD", ROOT / "build" / "debug"))


def sweep(script):
    result = subprocess.run(
        [ROOT / "tests" / "crash" / script, "--paths", "4", "--points", "8",
         "--jobs", "3", "--seconds", "30", "--build", BUILD],
        capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, \
        f"{result.stdout[-20000:]}\n{result.stderr[-5000:]}"


def test_nothing_is_lost_whatever_call_fails():
    sweep("errors")


@pytest.mark.skipif(not has_option(BUILD, "POSTERN_FAULTS"),
                    reason="built without POSTERN_FAULTS")
def test_nothing_is_lost_wherever_memory_ends():
    sweep("memory")
