# SPDX-License-Identifier: MIT
"""master with stand-ins for the daemons: it starts them, connects them, replaces
them when they die, reloads without a gap and stops in order."""

import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest

from tests.support.ports import free_port
from tests.support.waiting import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("POSTERN_BUILD", ROOT / "build" / "debug"))
PROGRAMS = ("smtpd", "cleanup", "qmgr", "lookup", "dns", "pickup", "showq",
            "smtp", "local", "virtual", "bounce", "launcher", "keyd")


class Suite:
    """An instance whose daemons are all tests/unit/master/fake_daemon.c."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="pm-"))
        self.port = free_port()
        self.other_port = free_port()
        (self.root / "etc").mkdir()
        (self.root / "daemons").mkdir()
        for program in PROGRAMS:
            shutil.copy(BUILD / "unit" / "fake_daemon",
                        self.root / "daemons" / program)
        shutil.copy(BUILD / "bin" / "master", self.root / "daemons")
        self.parameters = {
            "compatibility_level": "3.6",
            "mail_owner": "",
            "inet_interfaces": "127.0.0.1",
            "queue_directory": self.root / "queue",
            "data_directory": self.root / "data",
            "run_directory": self.root / "run",
            "daemon_directory": self.root / "daemons",
            "maillog_file": self.root / "mail.log",
            "import_environment": "TZ ASAN_OPTIONS UBSAN_OPTIONS",
        }
        self.lines = [
            f"127.0.0.1:{self.port} inet n - n - - smtpd",
            "smtp unix - - n - - smtp",
        ]
        self.write()

    def write(self):
        (self.root / "etc" / "main.cf").write_text("".join(
            f"{name} = {value}\n" for name, value in self.parameters.items()))
        (self.root / "etc" / "master.cf").write_text(
            "\n".join(self.lines) + "\n")
        if os.geteuid() == 0:
            owner = pwd.getpwnam("nobody")
            for path in (self.root, *self.root.rglob("*")):
                os.chown(path, owner.pw_uid, owner.pw_gid)

    def surroundings(self):
        """How the commands are run: as a user who is not root."""
        identity = {}
        if os.geteuid() == 0:
            owner = pwd.getpwnam("nobody")
            identity = {"user": owner.pw_uid, "group": owner.pw_gid,
                        "extra_groups": []}
        return {
            "stdin": subprocess.DEVNULL,
            "text": True,
            "cwd": "/",
            "env": {
                "TZ": "UTC",
                "ASAN_OPTIONS": "detect_leaks=0:handle_segv=0:"
                                f"log_path={self.root}/sanitizer",
                "UBSAN_OPTIONS": f"log_path={self.root}/sanitizer",
            },
            **identity,
        }

    def postern(self, *arguments, status=0):
        result = subprocess.run(
            [BUILD / "bin" / "postern", "-c", self.root / "etc", *arguments],
            capture_output=True, timeout=60, **self.surroundings())
        assert result.returncode == status, \
            f"{arguments}\n{result.stderr}\n--- log\n{self.log()}"
        return result

    def log(self):
        path = self.root / "mail.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def wait_log(self, pattern):
        try:
            return wait_until(lambda: re.search(pattern, self.log()),
                              f"log line {pattern!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()}") from None

    def processes(self):
        """[(service, program, pid, state)]"""
        return [(service, program, int(pid), state) for
                service, program, pid, state in
                (line.split() for line in
                 self.postern("status").stdout.splitlines())]

    def pid_of(self, program):
        pids = [pid for _, name, pid, _ in self.processes()
                if name == program]
        assert len(pids) == 1, pids
        return pids[0]

    def client(self, port=None, address="127.0.0.1"):
        return socket.create_connection(("127.0.0.1", port or self.port),
                                        timeout=20, source_address=(address, 0))

    def public_client(self, name):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(20)
        client.connect(str(self.root / "queue" / "public" / name))
        return client

    def command(self, line, client=None):
        connection = client or self.client()
        connection.sendall(line.encode() + b"\n")
        answer = connection.recv(1000).decode().strip()
        if client is None:
            connection.close()
        return answer

    def remove(self):
        if (self.root / "run" / "master.pid").exists():
            self.postern("abort")
        reports = [path.read_text() for path in self.root.glob("sanitizer.*")]
        log = self.log()
        shutil.rmtree(self.root)
        assert not reports, "\n".join(reports)
        assert "panic:" not in log, log


@pytest.fixture
def suite():
    suite = Suite()
    yield suite
    suite.remove()


def test_start_status_stop(suite):
    result = suite.postern("status", status=1)
    assert "is not running" in result.stderr
    result = suite.postern("start")
    assert "starting the Postern mail system" in result.stderr
    result = suite.postern("status")
    assert re.search(r"is running: PID: \d+$", result.stderr.strip())
    assert {program for _, program, _, _ in suite.processes()} == {
        "smtpd", "cleanup", "qmgr", "lookup", "dns", "pickup", "showq"}
    assert suite.postern("start", status=1).stderr.endswith(
        "fatal: the mail system is already running\n")
    suite.postern("stop")
    assert "daemon started -- version " in suite.log()
    assert "terminating on signal 15" in suite.log()
    assert not list((suite.root / "run").glob("*.pid"))
    assert not list((suite.root / "run" / "private").iterdir())
    suite.postern("stop", status=1)
    with pytest.raises(ConnectionRefusedError):
        suite.client()


def test_in_the_foreground(suite):
    suite.parameters["maillog_file"] = ""
    suite.write()
    with subprocess.Popen(
            [BUILD / "bin" / "postern", "-c", suite.root / "etc", "start-fg"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            **suite.surroundings()) as master:
        lines = iter(master.stdout.readline, "")
        assert any("daemon started -- version" in line for line in lines)
        assert suite.command("pid")
        master.send_signal(signal.SIGHUP)
        assert any("reload -- version" in line for line in lines)
        master.send_signal(signal.SIGINT)
        assert any("terminating on signal 2" in line for line in lines)
        assert master.wait(20) == 0


def test_stop_leaves_no_process(suite):
    suite.postern("start")
    pids = [pid for _, _, pid, _ in suite.processes()]
    suite.postern("stop")
    assert not [pid for pid in pids if pathlib.Path(f"/proc/{pid}").exists()]


def test_switchboard_checks_edges(suite):
    suite.postern("start")
    assert suite.command("ask lookup key") == \
        f"lookup {suite.pid_of('lookup')} key"
    assert "may not be asked for" in suite.command("ask launcher key")
    assert "is not configured" in suite.command("ask nothing key")
    suite.wait_log("smtpd pid [0-9]+: may not ask for launcher")


def test_dead_service_is_replaced_at_once(suite):
    suite.postern("start")
    time.sleep(1.1)  # what dies younger waits for a second
    old = suite.pid_of("lookup")
    os.kill(old, signal.SIGKILL)
    began = time.monotonic()
    answer = suite.command("ask lookup key")
    assert answer.startswith("lookup ") and str(old) not in answer
    assert time.monotonic() - began < 2
    suite.wait_log(f"process lookup pid {old} killed by signal 9")


def test_crash_names_what_was_in_work(suite):
    suite.postern("start")
    time.sleep(1.1)
    pid = suite.pid_of("smtpd")
    with suite.client() as client:
        client.sendall(b"crash\n")
        suite.wait_log(f"process smtpd pid {pid} killed by signal 11: "
                       "session 127.0.0.1")
    wait_until(lambda: suite.command("pid"), "an answer")
    assert suite.pid_of("smtpd") != pid


def crash(suite, address):
    """A client from there ends the process that serves it."""
    with suite.client(address=address) as client:
        client.sendall(b"crash\n")
        assert client.recv(100) == b""


def test_client_of_three_crashes_is_alone(suite):
    suite.postern("start")
    for _ in range(3):
        crash(suite, "127.0.0.2")
        wait_until(lambda: suite.command("pid"), "another worker")
    suite.wait_log(r"client 127\.0\.0\.2 was connected to three processes")
    worker = suite.command("pid")
    evil = [suite.client(address="127.0.0.2") for _ in range(2)]
    pids = {suite.command("pid", client) for client in evil}
    assert len(pids) == 2 and worker not in pids
    alone = [str(pid) for _, _, pid, state in suite.processes()
             if state == "alone"]
    assert {pid.split()[0] for pid in pids} == set(alone)
    crashes = suite.log().count("killed by signal 11")
    evil[0].sendall(b"crash\n")
    assert evil[0].recv(100) == b""
    wait_until(lambda: suite.log().count("killed by signal 11") > crashes,
               "the crash")
    assert suite.command("pid") == worker
    evil[1].close()
    wait_until(lambda: "alone" not in {state for *_, state in
                                       suite.processes()}, "their end")
    assert suite.command("pid") == worker


def test_clients_that_are_alone_are_few(suite):
    suite.postern("start")
    for _ in range(3):
        crash(suite, "127.0.0.2")
        wait_until(lambda: suite.command("pid"), "another worker")
    suite.wait_log("was connected to three processes")
    evil = [suite.client(address="127.0.0.2") for _ in range(10)]
    answers = []
    for client in evil:
        client.sendall(b"pid\n")
        # Those that are served stay.
        answers.append(client.recv(100)[:4])
    assert answers.count(b"421 ") == 6 and b"" not in answers
    assert suite.command("pid")
    for client in evil:
        client.close()


def test_broken_service_backs_off(suite):
    suite.postern("start")
    # Breaks what is started from now on; the running ones do not notice.
    path = suite.root / "queue" / "incoming"
    path.rename(path.with_name("elsewhere"))
    os.kill(suite.pid_of("cleanup"), signal.SIGKILL)
    suite.wait_log("service cleanup: open .*/incoming: No such file")
    time.sleep(4)
    attempts = suite.log().count("service cleanup: open")
    assert 2 <= attempts <= 4, suite.log()
    assert "does not start" in suite.command("ask cleanup key")
    path.with_name("elsewhere").rename(path)
    wait_until(lambda: suite.command("ask cleanup key").startswith("cleanup"),
               "cleanup is back", 15)


def test_reload_replaces_all_but_those_that_stay(suite):
    suite.postern("start")
    before = {program: pid for _, program, pid, _ in suite.processes()}
    with suite.client() as client:
        assert suite.command("pid", client) == f"{before['smtpd']} none"
        suite.postern("reload")
        # The session goes on where it is, new ones do not go there.
        assert suite.command("pid", client) == f"{before['smtpd']} none"
        for _ in range(20):
            assert suite.command("pid") != f"{before['smtpd']} none"
    assert "reload -- version " in suite.log()
    wait_until(lambda: len(suite.processes()) == len(before),
               "the old processes have gone")
    after = {program: pid for _, program, pid, _ in suite.processes()}
    kept = {program for program in before if before[program] == after[program]}
    assert kept == {"qmgr", "dns"}


def test_reload_with_other_settings_replaces_all(suite):
    suite.postern("start")
    before = {program: pid for _, program, pid, _ in suite.processes()}
    suite.parameters["fake_text"] = "changed"
    suite.lines.append(
        f"127.0.0.1:{suite.other_port} inet n - n - - smtpd "
        "-o { fake_text = on the line }")
    suite.write()
    suite.postern("reload")
    assert suite.command("pid").endswith(" changed")
    assert suite.command("pid", suite.client(suite.other_port)).endswith(
        " on the line")
    wait_until(lambda: not {pid for _, _, pid, _ in suite.processes()} &
               set(before.values()), "the old processes have gone")
    wait_until(lambda: suite.log().count("agents: ") == 2, "the new qmgr")
    suite.lines.pop()
    suite.write()
    suite.postern("reload")
    with pytest.raises(ConnectionRefusedError):
        suite.client(suite.other_port)


@pytest.mark.parametrize("setting, line, problem", [
    ({"fake_broken": "smtpd"}, None, "smtpd is broken"),
    ({"max_idle": "soon"}, None, "max_idle = soon"),
    ({"smtpd_sessions_per_process": "0"}, None,
     "smtpd_sessions_per_process = 0"),
    ({}, "what is this", "master.cf, line 3"),
    ({}, "x unix - - n - - frobnicate", "unknown program frobnicate"),
    ({}, "x unix - - n - - smtpd", "needs type inet"),
    ({"content_filter": "scan:[127.0.0.1]:10024"}, None,
     "this version has no content filter"),
])
def test_bad_configuration_changes_nothing(suite, setting, line, problem):
    suite.postern("start")
    before = suite.processes()
    suite.parameters.update(setting)
    if line is not None:
        suite.lines.append(line)
    suite.write()
    suite.postern("reload", status=1)
    assert problem in suite.log()
    assert "the configuration in force stays" in suite.log()
    assert suite.processes() == before
    assert suite.command("pid").endswith(" none")
    assert problem in suite.postern("check", status=78).stderr
    suite.postern("stop")
    assert problem in suite.postern("start", status=78).stderr
    suite.postern("status", status=1)


def test_changed_tables_replace_lookup(suite):
    table = suite.root / "broken"
    suite.parameters["fake_table"] = table
    suite.write()
    suite.postern("start")
    old = suite.pid_of("lookup")
    assert suite.command("ask lookup changed") == f"lookup {old} changed"
    wait_until(lambda: str(old) not in suite.command("ask lookup key"),
               "a new lookup")
    old = suite.pid_of("lookup")
    table.touch()
    suite.command("ask lookup changed")
    suite.wait_log("service lookup: broken table")
    suite.wait_log("service lookup: the tables it has stay in use")
    assert suite.command("ask lookup key") == f"lookup {old} key"


def test_agent_starts_when_wanted(suite):
    suite.postern("start")
    assert "smtp" not in {program for _, program, _, _ in suite.processes()}
    with suite.public_client("showq") as client:
        suite.command("ask qmgr want nothing", client)
        suite.command("ask qmgr want cleanup", client)
        suite.command("ask qmgr want smtp", client)
    wait_until(lambda: "smtp" in {program for _, program, _, _ in
                                  suite.processes()}, "the agent")
    assert len([1 for _, program, _, _ in suite.processes()
                if program == "cleanup"]) == 1


def test_nobody_else_may_want(suite):
    suite.postern("start")
    pid = suite.pid_of("lookup")
    suite.command("ask lookup want smtp")
    suite.wait_log(f"process lookup pid {pid}: killed, unexpected WANT")


def test_one_more_process_when_all_are_full(suite):
    suite.parameters["smtpd_sessions_per_process"] = "1"
    suite.parameters["max_idle"] = "1"
    suite.lines[0] = f"127.0.0.1:{suite.port} inet n - n - 3 smtpd"
    suite.write()
    suite.postern("start")
    clients = []
    pids = set()
    for _ in range(3):
        clients.append(suite.client())
        pids.add(suite.command("pid", clients[-1]))
    assert len(pids) == 3
    late = suite.client()
    late.settimeout(0.5)
    late.sendall(b"pid\n")
    with pytest.raises(TimeoutError):
        late.recv(100)
    clients[0].close()
    late.settimeout(10)
    assert late.recv(100).decode().strip() in pids
    for client in (*clients, late):
        client.close()
    wait_until(lambda: len([1 for _, program, _, _ in suite.processes()
                            if program == "smtpd"]) == 1,
               "the surplus has gone", 50)


def test_silent_process_is_killed(suite):
    """The heartbeat; takes a minute."""
    suite.postern("start")
    pid = suite.pid_of("smtpd")
    with suite.client() as client:
        client.sendall(b"fail 300\n")
        wait_until(lambda: f"smtpd pid {pid}: killed, silent" in suite.log(),
                   "the end of the hanging process", 90)
    wait_until(lambda: suite.command("pid"), "an answer")


def test_processes_end_with_master(suite):
    suite.postern("start")
    pids = [pid for _, _, pid, _ in suite.processes()]
    master = int((suite.root / "run" / "master.pid").read_text())
    os.kill(master, signal.SIGKILL)
    wait_until(lambda: not [pid for pid in pids
                            if pathlib.Path(f"/proc/{pid}").exists()],
               "the end of all processes", 10)
    suite.postern("start")
    assert suite.command("pid")


def test_submission_only(suite):
    suite.postern("start-submit")
    assert {program for _, program, _, _ in suite.processes()} == {
        "cleanup", "lookup", "pickup"}
    suite.postern("start")
    assert {program for _, program, _, _ in suite.processes()} >= {
        "smtpd", "qmgr", "cleanup", "lookup", "pickup"}


def test_log_rotation(suite):
    suite.postern("start")
    log = suite.root / "mail.log"
    log.rename(suite.root / "mail.log.1")
    suite.postern("reload")
    assert "reload -- version" in log.read_text()
    suite.postern("stop")
    assert "terminating" in log.read_text()


def test_missing_program_is_a_warning(suite):
    (suite.root / "daemons" / "showq").unlink()
    suite.lines.append("old unix - n n - - pipe user=x argv=/bin/false")
    suite.write()
    stderr = suite.postern("start").stderr
    assert "service showq: " in stderr and "is not installed" in stderr
    assert "this version has no program pipe" in stderr
    assert suite.command("pid")


@pytest.mark.skipif(os.geteuid() != 0, reason="asks whether root is refused")
def test_root_is_refused_with_one_user(suite):
    result = subprocess.run(
        [BUILD / "bin" / "postern", "-c", suite.root / "etc", "start"],
        capture_output=True, text=True, timeout=60)
    assert result.returncode == 78
    assert "refusing to run as root with an empty mail_owner" in result.stderr
