# SPDX-License-Identifier: MIT
"""What confines the daemons: its level, what happens to one that steps over it,
and `postern check sandbox`."""

import re
import stat

import pytest

from tests.scenario.master.test_root import inside, pytestmark as needs_root
from tests.scenario.master.test_supervision import suite  # noqa: F401

PROGRAMS = {"smtpd", "pickup", "showq", "smtp", "lmtp", "local", "virtual",
            "bounce", "launcher", "cleanup", "qmgr", "lookup", "dns", "keyd"}


def _programs(output):
    return set(re.findall(r"\((\w+)\): confined by nnp\+landlock:\d.*seccomp$",
                          output, re.M))


def test_every_daemon_says_its_level(instance):
    instance.send("alice@mail.example")
    instance.wait_mail("alice")
    started = set(re.findall(r"postfix/(\w+)\[\d+\]: sandbox: nnp\+landlock:\d"
                             r"\S*\+seccomp$", instance.log(), re.M))
    assert started == {"smtpd", "pickup", "showq", "cleanup", "qmgr", "lookup",
                       "dns", "local", "launcher"}


@pytest.mark.parametrize("mode", ["yes", "strict"])
def test_check_sandbox(make_instance, mode):
    instance = make_instance(parameters={"sandbox": mode})
    result = instance.run("postern", "check", "sandbox")
    assert _programs(result.stdout.decode()) == PROGRAMS, result
    assert instance.run("postern", "check", "sandbox", "x",
                        check=False).returncode == 64


def test_check_says_what_is_open(make_instance):
    instance = make_instance(parameters={"sandbox": "no"})
    result = instance.run("postern", "check", "sandbox", check=False)
    assert result.returncode == 78
    for program in PROGRAMS:
        line = re.search(rf"\({program}\): the sandbox allows (.*)$",
                         result.stderr.decode(), re.M).group(1)
        assert "writable-code" in line, line


def test_floor(make_instance):
    instance = make_instance(parameters={"sandbox_floor": "landlock:1000"},
                             start=False)
    result = instance.run("postern", "start", check=False)
    assert result.returncode != 0
    assert re.search("sandbox: sandbox_floor has landlock:1000, this system "
                     r"gives nnp\+landlock:\d+\+", instance.log())
    instance.parameters["sandbox"] = "yes"
    instance.write_main_cf()
    instance.run("postern", "start")


def test_refused_call_is_an_error_and_one_line(suite):  # noqa: F811
    suite.postern("start")
    with suite.client() as client:
        pid = suite.command("pid", client)
        for _ in range(3):
            assert suite.command("try tcp", client) == "refused"
        assert suite.command("try execute", client) == "refused"
        assert suite.command("pid", client) == pid
    suite.wait_log(r"error: sandbox: system call execve \(\d+\) was refused")
    assert suite.log().count("sandbox: system call socket (") == 1


def test_refused_call_kills_and_is_named(suite):  # noqa: F811
    suite.parameters["sandbox"] = "strict"
    suite.write()
    suite.postern("start")
    pid = suite.command("pid").split()[0]
    assert suite.command("try tcp") == ""
    suite.wait_log(rf"process smtpd pid {pid} killed by signal 31: session "
                   "127.0.0.1")
    suite.wait_log(rf"error: process smtpd pid {pid} killed by its sandbox: "
                   r"system call socket \(\d+\)\n")
    assert suite.command("pid").split()[0] != pid


def test_nothing_is_confined_without(suite):  # noqa: F811
    suite.parameters["sandbox"] = "no"
    suite.write()
    suite.postern("start")
    assert suite.command("try tcp") == "worked"
    suite.wait_log(r"smtpd\[\d+\]: sandbox: nnp\n")


@needs_root
def test_as_root():
    inside("""
postern("start")
log = (root / "mail.log").read_text()
for program, level in re.findall(r"postfix/(\\w+)\\[\\d+\\]: sandbox: (\\S+)", log):
    assert level.startswith("uid+chroot+caps+nnp+landlock:" if program == "smtpd"
                            else "uid+caps+nnp+landlock:"), (program, level)
for program, pid, uid, status in processes():
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert f"{name}:\\t{0:016x}" in status, (program, name)
    assert "Seccomp:\\t2" in status
    assert re.search(r"^Groups:\\t *$", status, re.M), status
status = pathlib.Path(
    f"/proc/{(root / 'run/master.pid').read_text().strip()}/status").read_text()
for name in ("CapPrm", "CapEff", "CapBnd"):
    assert f"{name}:\\t{0x405ff:016x}" in status, status
assert "NoNewPrivs:\\t1" in status
found = dict(re.findall(r"\\((\\w+)\\): confined by (\\S+)$",
                        postern("check", "sandbox").stdout, re.M))
assert {"smtpd", "cleanup", "qmgr", "launcher"} <= set(found), found
assert found["smtpd"].startswith("uid+chroot+caps+nnp+")
assert found["launcher"].startswith("caps+nnp+")
postern("stop")
""")


def test_no_file_changes_the_user(staging):
    files = [path for path in staging.root.rglob("*") if path.is_file()]
    assert len(files) > 40
    assert not [path for path in files
                if path.stat().st_mode & (stat.S_ISUID | stat.S_ISGID)]
