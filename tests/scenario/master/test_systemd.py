# SPDX-License-Identifier: MIT
"""The systemd units: how exposed they leave the machine, and that a relay works
with the capabilities that its unit leaves to it."""

import os
import re
import shutil
import subprocess

import pytest

from tests.scenario.local.test_root_delivery import inside

# What "systemd-analyze security" may give at most, in tenths.
UNITS = {"postern.service": 25, "postern-local.service": 30}

needs_analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None or
    "--offline" not in subprocess.run(
        ["systemd-analyze", "--help"], capture_output=True, text=True).stdout,
    reason="needs systemd-analyze security --offline")


def unit(staging, name):
    return next(staging.root.glob(f"**/systemd/system/{name}"))


def settings(staging, name, key):
    return re.findall(rf"^{key}=(.*)$", unit(staging, name).read_text(), re.M)


@needs_analyze
@pytest.mark.parametrize("name", UNITS)
def test_exposure(staging, name):
    result = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager",
         f"--threshold={UNITS[name]}", unit(staging, name)],
        capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Overall exposure level" in result.stdout


@needs_analyze
def test_a_unit_that_leaves_everything_open_is_found(tmp_path):
    bare = tmp_path / "bare.service"
    bare.write_text("[Service]\nExecStart=/bin/true\n")
    assert subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager",
         "--threshold=25", bare], capture_output=True).returncode != 0


def test_the_units_exclude_each_other(staging):
    for name in UNITS:
        others = " ".join(settings(staging, name, "Conflicts")).split()
        assert set(UNITS) - {name} <= set(others)


def limit_of(staging, name):
    """The unit's capabilities as setpriv takes them, and their number."""
    names = " ".join(settings(staging, name, "CapabilityBoundingSet")).split()
    assert names and all(name.startswith("CAP_") for name in names)
    return ",".join(["-all", *("+" + name.removeprefix("CAP_").lower()
                               for name in names)]), len(names)


as_root = pytest.mark.skipif(
    os.geteuid() != 0 or subprocess.run(
        ["unshare", "-m", "true"], capture_output=True).returncode != 0,
    reason="needs root and a mount namespace")


@as_root
def test_a_relay_works_with_its_capabilities(staging, sink):
    limit, count = limit_of(staging, "postern.service")
    inside(staging, {"default_transport": "smtp",
                     "relayhost": f"[127.0.0.1]:{sink.port}"}, f"""
send("someone@remote.example")
wait_log(r"to=<someone@remote.example>, .*status=sent")
bounding = int(process((root / "run" / "master.pid").read_text().strip())[
    "CapBnd"][0], 16)
assert bin(bounding).count("1") == {count}
postern("reload")
send("another@remote.example")
wait_log(r"to=<another@remote.example>, .*status=sent")
""", capabilities=limit)
    assert len(sink.messages) == 2


@as_root
def test_mailboxes_are_written_with_their_capabilities(staging):
    limit, _ = limit_of(staging, "postern-local.service")
    inside(staging, {}, """
send("alice@mail.example")
wait_log(r"to=<alice@mail.example>, .*status=sent .delivered to mailbox")
assert owner(root / "spool" / "alice") == (64101, 64300, "600")
""", capabilities=limit)
