# SPDX-License-Identifier: MIT
"""Local delivery as root: each mailbox is written by its owner. The users exist
in a private mount namespace only: nothing of the machine changes."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

from tests.conftest import ROOT
from tests.support.ports import free_port

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or subprocess.run(
        ["unshare", "-m", "true"], capture_output=True).returncode != 0,
    reason="needs root and a mount namespace")

DAEMONS = ("postern", "postern-in", "postern-out", "postern-local",
           "postern-cleanup", "postern-pickup", "postern-map", "postern-dns",
           "postern-key")
USERS = {name: 64000 + number for number, name in enumerate(DAEMONS)}
USERS.update({"alice": 64101, "bob": 64102, "vmail": 64200, "spool": 64300})

# Runs in the namespace: what the test wants done there follows.
INSIDE = """
import pathlib, re, smtplib, subprocess, sys
sys.path.insert(0, sys.argv[4])
from tests.support.waiting import wait_until

root = pathlib.Path(sys.argv[1])

def postern(*arguments):
    result = subprocess.run([sys.argv[2], "-c", root / "etc", *arguments],
                            capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr

def send(*recipients):
    with smtplib.SMTP("127.0.0.1", int(sys.argv[3]), timeout=30) as client:
        client.sendmail("sender@client.example", recipients,
                        "Subject: x\\n\\nx\\n")

def wait_log(pattern):
    def found():
        return re.search(pattern, (root / "mail.log").read_text(), re.M)
    return wait_until(found, pattern, 20)

def owner(path):
    status = path.stat()
    return status.st_uid, status.st_gid, f"{status.st_mode & 0o7777:o}"

def process(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in text.splitlines())
    return {name: value.split() for name, value in fields.items()}

def launcher_and_children():
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (
                    entry / "comm").read_text() == "launcher\\n":
                found[int(entry.name)] = process(entry.name)
        except OSError:
            continue    # it has ended
    own = {pid: status for pid, status in found.items()
           if f"{root}" in pathlib.Path(f"/proc/{pid}/maps").read_text()
           or int(status["PPid"][0]) in found}
    return own

postern("start")
try:
    PROGRAM
finally:
    postern("stop")
"""


def inside(staging, parameters, program, capabilities=None):
    """Runs `program` with an instance of all users, which has only these
    capabilities if they are given."""
    root = pathlib.Path(tempfile.mkdtemp(prefix="pr-"))
    port = free_port()
    try:
        root.chmod(0o755)
        shutil.copytree(staging.daemons, root / "daemons")
        (root / "etc").mkdir()
        settings = {
            "compatibility_level": "3.6",
            "mail_owner": "postern",
            "myhostname": "mail.example",
            "mydestination": "$myhostname",
            "mynetworks": "127.0.0.0/8",
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "smtpd_peername_lookup": "no",
            "default_transport": "discard",
            "queue_directory": root / "queue",
            "data_directory": root / "data",
            "run_directory": root / "run",
            "daemon_directory": root / "daemons",
            "maillog_file": root / "mail.log",
            "mail_spool_directory": root / "spool",
            "alias_maps": "",
            "alias_database": "",
            "import_environment": "TZ ASAN_OPTIONS",
            **parameters,
        }
        (root / "etc" / "main.cf").write_text("".join(
            f"{name} = {value}\n".replace("{root}", str(root))
            for name, value in settings.items()))
        (root / "etc" / "master.cf").write_text(
            f"127.0.0.1:{port} inet n - n - - smtpd\n"
            "local unix - n n - - local\nvirtual unix - n n - - virtual\n"
            "smtp unix - - y - - smtp\n")
        (root / "spool").mkdir()
        os.chown(root / "spool", 0, USERS["spool"])
        (root / "spool").chmod(0o2775)
        passwd = pathlib.Path("/etc/passwd").read_text()
        group = pathlib.Path("/etc/group").read_text()
        for user, number in USERS.items():
            home = root / "home" / user
            home.mkdir(parents=True)
            os.chown(home, number, number)
            home.chmod(0o700)
            passwd += f"{user}:x:{number}:{number}::{home}:/bin/false\n"
            group += f"{user}:x:{number}:\n"
        (root / "passwd").write_text(passwd)
        (root / "group").write_text(group)
        lines = "\n    ".join(program.strip().splitlines())
        (root / "inside.py").write_text(INSIDE.replace("PROGRAM", lines))
        result = subprocess.run(
            ["unshare", "-m", "sh", "-ec",
             "mount --make-rprivate /\n"
             'mount --bind "$1/passwd" /etc/passwd\n'
             'mount --bind "$1/group" /etc/group\n'
             'root=$1 limit=$2 python=$3; shift 3\n'
             'if [ -n "$limit" ]; then\n'
             '  "$1" -c "$root/etc" set-permissions\n'
             '  set -- "$python" "$root/inside.py" "$root" "$@"\n'
             '  exec setpriv --bounding-set "$limit" --inh-caps -all "$@"\n'
             'fi\n'
             'exec "$python" "$root/inside.py" "$root" "$@"',
             "sh", root, capabilities or "", sys.executable,
             staging.command("postern"), str(port), ROOT],
            capture_output=True, text=True, timeout=100,
            env={"PATH": os.environ["PATH"], "TZ": "UTC",
                 "ASAN_OPTIONS":
                     f"detect_leaks=0:log_path={root}/sanitizer"})
        log = root / "mail.log"
        reports = "".join(path.read_text()
                          for path in root.glob("sanitizer*"))
        assert result.returncode == 0 and not reports, (
            result.stdout + result.stderr + reports +
            (log.read_text() if log.exists() else ""))
    finally:
        shutil.rmtree(root)


def test_spool(staging):
    """The group of the spool directory, the user, and no capability."""
    inside(staging, {}, """
send("alice@mail.example", "root@mail.example")
wait_log(r"to=<alice@mail.example>, .*status=sent .delivered to mailbox")
wait_log(r"to=<root@mail.example>, .*status=sent .delivered to mailbox")
assert owner(root / "spool" / "alice") == (64101, 64300, "600")
assert owner(root / "spool" / "root") == (0, 64300, "600")
seen = {}
for pid, status in launcher_and_children().items():
    is_child = not status["CapEff"][0].endswith("c0")
    seen[is_child, int(status["Uid"][0])] = status
assert set(seen) == {(False, 0), (True, 0), (True, 64101)}, seen
for (is_child, uid), status in seen.items():
    if is_child:
        for name in ("CapEff", "CapPrm", "CapAmb", "CapInh"):
            assert int(status[name][0], 16) == 0, (uid, name)
        assert status["Groups"] == [], uid
        assert set(status["Uid"]) == {str(uid)}
        assert set(status["Gid"]) == {"64300"}
        assert status["NoNewPrivs"] == ["1"]
""")


def test_home(staging):
    inside(staging, {"home_mailbox": "Maildir/"}, """
send("alice@mail.example")
wait_log(r"to=<alice@mail.example>, .*status=sent .delivered to maildir")
maildir = root / "home" / "alice" / "Maildir"
assert owner(maildir) == (64101, 64101, "700")
files = list((maildir / "new").iterdir())
assert [owner(file) for file in files] == [(64101, 64101, "600")]
# Another user's directory is closed to bob, whatever bob has done.
(root / "home" / "bob" / "Maildir").symlink_to(maildir)
send("bob@mail.example")
wait_log(r"to=<bob@mail.example>, .*dsn=4.2.0, status=deferred .maildir "
         r"delivery failed: .*Permission denied")
assert len(list((maildir / "new").iterdir())) == 1
""")


def test_own_users_have_no_mailbox(staging):
    inside(staging, {"local_recipient_maps": ""}, """
send("postern@mail.example", "postern-out@mail.example")
wait_log(r"to=<postern@mail.example>, .*dsn=5.1.1, status=bounced")
wait_log(r"to=<postern-out@mail.example>, .*dsn=5.1.1, status=bounced")
assert list((root / "spool").iterdir()) == []
""")


VIRTUAL = {
    "virtual_mailbox_domains": "box.example",
    "virtual_mailbox_base": "{root}/home/vmail",
    "virtual_mailbox_maps": "static:ann/",
    "virtual_uid_maps": "static:64200",
    "virtual_gid_maps": "static:64200",
}


def test_virtual(staging):
    inside(staging, VIRTUAL, """
send("ann@box.example")
wait_log(r"to=<ann@box.example>, .*status=sent .delivered to maildir")
new = root / "home" / "vmail" / "ann" / "new"
assert [owner(file) for file in new.iterdir()] == [(64200, 64200, "600")]
""")


@pytest.mark.parametrize("uid", ["64000", "64002", "0", "99"])
def test_virtual_users_that_may_not_be(staging, uid):
    inside(staging, {**VIRTUAL, "virtual_uid_maps": f"static:{uid}"}, """
send("ann@box.example")
wait_log(r"to=<ann@box.example>, .*dsn=4.3.5, status=deferred")
""")
