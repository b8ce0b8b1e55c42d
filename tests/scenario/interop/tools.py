# SPDX-License-Identifier: MIT
"""Programs of others, run beside an instance and as its user."""

import os
import shutil
import subprocess

import pytest


def needs(program):
    """Skips the test when the program is not installed."""
    return pytest.mark.skipif(shutil.which(program) is None,
                              reason=f"{program} is not installed")


def run(instance, *command, input=b"", check=True, timeout=60):
    identity = {}
    if os.geteuid() == 0:
        identity = {"user": instance.user.pw_uid,
                    "group": instance.user.pw_gid, "extra_groups": []}
    result = subprocess.run([str(word) for word in command], input=input,
                            capture_output=True, timeout=timeout, cwd="/",
                            env=instance.environment(), **identity)
    if check and result.returncode != 0:
        raise AssertionError(f"{command}: exit {result.returncode}\n"
                             f"{result.stdout.decode(errors='replace')}\n"
                             f"{result.stderr.decode(errors='replace')}\n"
                             f"--- log\n{instance.log()}")
    return result


def body_of(message):
    return message.split(b"\n\n", 1)[1]
