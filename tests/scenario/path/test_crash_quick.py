# SPDX-License-Identifier: MIT
"""A few points of the kill sweep, other ones each time: tests/crash/run."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
POINTS = "2"    # of each path


def sweep(*options):
    build = os.environ.get("POSTERN_BUILD", str(ROOT / "build" / "debug"))
    result = subprocess.run(
        [ROOT / "tests" / "crash" / "run", "--build", build, *options],
        capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, \
        f"{result.stdout[-20000:]}\n{result.stderr[-5000:]}"


def test_nothing_is_lost_wherever_everything_dies():
    sweep("--points", POINTS)


def test_nothing_is_delivered_twice_when_only_qmgr_dies():
    sweep("--points", POINTS, "--one", "--process", "qmgr")
