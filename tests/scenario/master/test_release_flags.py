# SPDX-License-Identifier: MIT
"""What a release's programs are protected with (section 5.2 of the security
requirements), read from the programs themselves."""

import platform
import re
import shutil
import subprocess

import pytest

from tests.support.staging import release_build

pytestmark = pytest.mark.skipif(shutil.which("readelf") is None,
                                reason="needs readelf (binutils)")

# What each source must have been compiled with, as the compiler recorded it.
SWITCHES = ["-O2", "-fstack-protector-strong", "-fstack-clash-protection",
            "-ftrivial-auto-var-init=zero"]
if platform.machine() == "x86_64":
    SWITCHES.append("-fcf-protection=full")


def readelf(program, *options):
    return subprocess.run(["readelf", "--wide", *options, program], check=True,
                          capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def programs():
    found = sorted((release_build() / "bin").iterdir())
    assert {"master", "smtpd", "smtp", "qmgr", "cleanup", "sendmail"} <= \
        {path.name for path in found}
    return found


def test_position_independent(programs):
    for program in programs:
        assert "DYN (Position-Independent Executable" in \
            readelf(program, "--file-header"), program.name
        assert "TEXTREL" not in readelf(program, "--dynamic"), program.name


def test_relocations_are_read_only(programs):
    for program in programs:
        assert "GNU_RELRO" in readelf(program, "--program-headers"), \
            program.name
        assert re.search(r"\(FLAGS_1\).*\bNOW\b",
                         readelf(program, "--dynamic")), program.name


def test_nothing_is_writable_and_executable(programs):
    for program in programs:
        headers = readelf(program, "--program-headers")
        stack = re.search(r"GNU_STACK\s+(?:0x\w+\s+){5}([RWE ]+?)\s+0x", headers)
        assert stack and stack[1] == "RW", program.name
        assert not re.search(r"^\s+LOAD .* RWE ", headers, re.M), program.name


def test_libraries_are_the_system_s(programs):
    for program in programs:
        assert not re.search(r"\((RPATH|RUNPATH)\)",
                             readelf(program, "--dynamic")), program.name


def test_calls_are_checked(programs):
    """-D_FORTIFY_SOURCE and -fstack-protector are seen in what is called."""
    for program in programs:
        symbols = readelf(program, "--dyn-syms")
        assert "__stack_chk_fail" in symbols, program.name
        assert re.search(r"__\w+printf_chk\b", symbols), program.name
        assert not re.search(r"\b(strcpy|strcat|sprintf|gets)\b", symbols), \
            program.name


def test_every_source_was_compiled_so(programs):
    for program in programs:
        units = readelf(program, "--debug-dump=info", "--dwarf-depth=1")
        producers = re.findall(r"DW_AT_producer .*: (GNU C17.*)", units)
        assert producers, program.name
        for producer in producers:
            missing = [switch for switch in SWITCHES
                       if switch not in producer.split()]
            assert not missing, (program.name, producer)
