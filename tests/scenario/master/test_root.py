# SPDX-License-Identifier: MIT
"""master as root, with the users of the process table. They exist in a private
mount namespace only: nothing of the machine changes."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

from tests.scenario.master.test_supervision import BUILD, PROGRAMS
from tests.support.ports import free_port

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or subprocess.run(
        ["unshare", "-m", "true"], capture_output=True).returncode != 0,
    reason="needs root and a mount namespace")

USERS = ("postern", "postern-in", "postern-out", "postern-local",
         "postern-cleanup", "postern-pickup", "postern-map", "postern-dns",
         "postern-key")

# Runs in the namespace: PROGRAM is what the test wants done there.
INSIDE = """
import os, pathlib, re, subprocess, sys
root = pathlib.Path(sys.argv[1])

def postern(*arguments, status=0):
    result = subprocess.run(
        [sys.argv[2], "-c", root / "etc", *arguments],
        capture_output=True, text=True, timeout=60,
        env={"TZ": "UTC", "ASAN_OPTIONS": f"log_path={root}/sanitizer"
             ":detect_leaks=0"})
    assert result.returncode == status, (arguments, result.stderr)
    return result

def processes():
    for line in postern("status").stdout.splitlines():
        service, program, pid, state = line.split()
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        yield program, pid, int(re.search(r"^Uid:.(\\d+)", status,
                                          re.M).group(1)), status

def owner(path):
    status = os.stat(path)
    return status.st_uid, f"{status.st_mode & 0o7777:o}"

"""


def inside(program, users=USERS):
    """Runs `program` with an instance whose daemons are stand-ins."""
    root = pathlib.Path(tempfile.mkdtemp(prefix="pr-"))
    try:
        root.chmod(0o755)
        (root / "etc").mkdir()
        (root / "daemons").mkdir()
        for name in PROGRAMS:
            shutil.copy(BUILD / "unit" / "fake_daemon",
                        root / "daemons" / name)
        shutil.copy(BUILD / "bin" / "master", root / "daemons")
        (root / "etc" / "main.cf").write_text(
            "compatibility_level = 3.6\nmail_owner = postern\n"
            f"queue_directory = {root}/queue\n"
            f"data_directory = {root}/data\n"
            f"run_directory = {root}/run\n"
            f"daemon_directory = {root}/daemons\n"
            f"maillog_file = {root}/mail.log\n"
            "import_environment = TZ ASAN_OPTIONS\n")
        (root / "etc" / "master.cf").write_text(
            f"127.0.0.1:{free_port()} inet n - n - - smtpd\n")
        for name, line in (("passwd", "{}:x:{}:{}::/:/bin/false\n"),
                           ("group", "{}:x:{}:\n")):
            text = pathlib.Path("/etc", name).read_text()
            for number, user in enumerate(users, start=64000):
                text += line.format(user, number, number)
            (root / name).write_text(text)
        (root / "inside.py").write_text(INSIDE + program)
        result = subprocess.run(
            ["unshare", "-m", "sh", "-ec",
             "mount --make-rprivate /\n"
             'mount --bind "$1/passwd" /etc/passwd\n'
             'mount --bind "$1/group" /etc/group\n'
             'exec "$3" "$1/inside.py" "$1" "$2"',
             "sh", root, BUILD / "bin" / "postern", sys.executable],
            capture_output=True, text=True, timeout=100)
        log = root / "mail.log"
        reports = "".join(path.read_text()
                          for path in root.glob("sanitizer.*"))
        assert result.returncode == 0 and not reports, (
            result.stdout + result.stderr + reports +
            (log.read_text() if log.exists() else ""))
    finally:
        shutil.rmtree(root)


def test_users_and_owners():
    inside("""
postern("start")
users = {}
for program, pid, uid, status in processes():
    users[program] = uid
    assert "NoNewPrivs:\\t1" in status
    if program == "smtpd":
        assert os.readlink(f"/proc/{pid}/root") == f"{root}/run/empty"
assert users == {"smtpd": 64001, "pickup": 64005, "showq": 64000,
                 "cleanup": 64004, "qmgr": 64000, "lookup": 64006,
                 "dns": 64007}, users
assert owner(root / "queue") == (0, "711")
assert owner(root / "queue/incoming") == (64004, "2370")
assert owner(root / "queue/deferred") == (64000, "700")
assert owner(root / "queue/public/submit") == (0, "666")
assert owner(root / "run/private") == (0, "700")
assert owner(root / "run/control") == (0, "600")
assert owner(root / "run/qmgr") == (64000, "600")
assert owner(root / "data") == (64000, "700")
assert "warning" not in postern("check").stderr
postern("reload")
os.chmod(root, 0o777)
assert f"{root}, on the way to {root}/queue, is" in postern("check").stderr
os.chmod(root, 0o755)
os.chmod(root / "run/private", 0o755)
assert "has mode 0755, not 0700" in postern("check").stderr
postern("set-permissions")
assert owner(root / "run/private") == (0, "700")
postern("stop")
""")


def test_missing_user_is_named():
    inside("""
result = postern("start", status=78)
assert "user postern-key does not exist" in result.stderr
assert "postern set-permissions --create-users" in result.stderr
""", users=USERS[:-1])
