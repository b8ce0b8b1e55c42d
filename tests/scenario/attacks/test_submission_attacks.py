# SPDX-License-Identifier: MIT
"""What users of this machine try (ATK 50 to 58): words, descriptors, limits and
environments for sendmail, and bytes for the sockets that are there for everybody.
A message is wholly queued or not at all, the exit status says which, and others
are served."""

import array
import itertools
import os
import pathlib
import resource
import signal
import socket
import stat
import subprocess

import pytest

from tests.support.instance import Instance
from tests.support.waiting import wait_until

TEXT = b"Subject: x\n\nbody\n"
OK, USAGE, DATAERR, TEMPFAIL = 0, 64, 65, 75


@pytest.fixture(scope="module")
def shared(staging):
    instance = Instance(staging).start()
    yield instance
    instance.stop()
    instance.remove()


def as_user(instance):
    if os.geteuid() != 0:
        return {}
    return {"user": instance.user.pw_uid, "group": instance.user.pw_gid,
            "extra_groups": []}


def run(instance, *words, text=TEXT, environment=None, **settings):
    """sendmail with these words, its name included."""
    return subprocess.run(
        words, executable=instance.staging.command("sendmail"), input=text,
        capture_output=True, timeout=60, cwd="/",
        env={**instance.environment(), **(environment or {})},
        **as_user(instance), **settings)


def mail_of(instance, user):
    return len(instance.maildir_files(user))


# ATK 50: words, and the exit status.
WORDS = [
    (["sendmail", "-f", "", "bob"], OK),
    (["sendmail", "-oX", "bob"], OK),
    (["sendmail", "-OQueueDirectory=/tmp/evil", "bob"], OK),
    (["sendmail", "-X", "/tmp/postern-attack-log", "bob"], OK),
    (["sendmail", "-p", "smtp:evil", "bob"], OK),
    (["sendmail", "-be"], USAGE),
    (["sendmail", "-C", "/nonexistent/evil.cf", "bob"], TEMPFAIL),
    (["sendmail", "--", "-oQ/tmp"], OK),
    (["sendmail", "bob@@"], DATAERR),
    (["sendmail", "a" * 100_000 + "@mail.example"], DATAERR),
    (["sendmail", *["bob"] * 20_000], OK),
    ([""], USAGE),
]


@pytest.mark.parametrize("words, status", WORDS,
                         ids=[" ".join(words)[:30] for words, _ in WORDS])
def test_words(shared, words, status):
    result = run(shared, *words)
    assert result.returncode == status, result.stderr
    assert not pathlib.Path("/tmp/postern-attack-log").exists()
    assert not pathlib.Path("/tmp/evil").exists()
    if status != OK:
        assert result.stderr.startswith(b"sendmail: fatal: "), result.stderr
        assert result.stderr.count(b"\n") == 1


def test_a_header_line_with_a_bare_cr(shared):
    """SEC-15: it never becomes a header of its own."""
    before = mail_of(shared, "carol")
    result = run(shared, "sendmail", "-t",
                 text=b"To: bob\nSubject: a\rBcc: carol\nX: \rCc: carol\n\nx\n")
    assert result.returncode == OK, result.stderr
    shared.wait_queue_empty()
    assert mail_of(shared, "carol") == before


@pytest.mark.parametrize("closed", [
    subset for count in range(4)
    for subset in itertools.combinations((0, 1, 2), count)],
    ids=lambda closed: "closed " + "".join(map(str, closed)))
def test_closed_descriptors(shared, closed):
    """ATK 51: without standard input the message is empty; nothing is written
    where it does not belong."""
    wanted = mail_of(shared, "bob") + 1
    command = " ".join([f'exec {shared.staging.command("sendmail")} bob',
                        *(f"{fd}>&-" for fd in closed)])
    result = subprocess.run(
        ["sh", "-c", command], input=TEXT, capture_output=True, timeout=60,
        cwd="/", env=shared.environment(), **as_user(shared))
    assert result.returncode == OK, result.stderr
    assert result.stdout == b"" and result.stderr == b""
    messages = shared.wait_mail("bob", wanted)
    assert len(messages) == wanted


def test_input_that_is_a_directory(shared):
    folder = os.open("/", os.O_RDONLY)
    try:
        result = subprocess.run(
            [shared.staging.command("sendmail"), "bob"], stdin=folder,
            capture_output=True, timeout=60, cwd="/",
            env=shared.environment(), **as_user(shared))
    finally:
        os.close(folder)
    assert result.returncode == TEMPFAIL
    assert b"standard input: Is a directory" in result.stderr


def test_output_that_takes_nothing(shared):
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [shared.staging.command("sendmail"), "a@@b"], input=TEXT,
            stdout=full, stderr=full, timeout=60, cwd="/",
            env=shared.environment(), **as_user(shared))
    assert result.returncode == DATAERR


# ATK 52: none of them changes what the daemons do, nor where mail goes.
ENVIRONMENT = {
    "LD_LIBRARY_PATH": "/tmp/evil", "LD_BIND_NOW": "1",
    "MALLOC_PERTURB_": "165", "TZ": "/etc/passwd", "IFS": "/", "PATH": "",
    "LANG": "xx_XX.evil", "LC_ALL": "C.UTF-8", "RES_OPTIONS": "debug",
    "HOSTALIASES": "/etc/passwd", "LOCALDOMAIN": "evil.example",
    "OPENSSL_CONF": "/etc/passwd", "SSLKEYLOGFILE": "/tmp/postern-keys",
    "DB_HOME": "/tmp/evil", "HOME": "/nonexistent", "NAME": "a\nBcc: carol",
    "USER": "root", "LOGNAME": "root", "TMPDIR": "/nonexistent"}


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_environment(shared, name):
    wanted = mail_of(shared, "bob") + 1
    others = mail_of(shared, "carol")
    result = run(shared, "sendmail", "bob",
                 environment={name: ENVIRONMENT[name]})
    assert result.returncode == OK, result.stderr
    message = shared.wait_mail("bob", wanted)[-1]
    header = message.partition(b"\n\n")[0]
    assert b"evil" not in header and b"\nBcc" not in header
    assert mail_of(shared, "carol") == others
    assert not pathlib.Path("/tmp/postern-keys").exists()


# ATK 53: limits, as (resource, value).
LIMITS = {
    "no file": (resource.RLIMIT_FSIZE, 0),
    "few descriptors": (resource.RLIMIT_NOFILE, 4),
    "no descriptor": (resource.RLIMIT_NOFILE, 0),
    "no core": (resource.RLIMIT_CORE, 0),
    "no process": (resource.RLIMIT_NPROC, 0),
    "little stack": (resource.RLIMIT_STACK, 256 << 10),
    "a second": (resource.RLIMIT_CPU, 1),
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits(shared, name):
    kind, value = LIMITS[name]
    before = mail_of(shared, "bob")
    result = run(shared, "sendmail", "bob", preexec_fn=lambda:
                 resource.setrlimit(kind, (value, value)))
    shared.wait_queue_empty()
    if result.returncode == OK:
        shared.wait_mail("bob", before + 1)
    assert mail_of(shared, "bob") == before + (result.returncode == OK)


def test_a_storm_of_signals(shared):
    """ATK 53: stopped, continued and killed at any time: each message is there
    wholly or not at all, and the exit status 0 is never false."""
    body = b"Subject: storm\n\n" + b"line\n" * 20_000 + b"end\n"
    before = mail_of(shared, "bob")
    succeeded = 0
    for number in range(30):
        process = subprocess.Popen(
            [shared.staging.command("sendmail"), "bob"],
            stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/",
            env=shared.environment(), **as_user(shared))
        try:
            process.stdin.write(body[:len(body) * number // 30])
            process.stdin.flush()
            process.send_signal(signal.SIGSTOP)
            process.send_signal(signal.SIGCONT)
            if number % 3 == 0:
                process.kill()
            process.stdin.write(body[len(body) * number // 30:])
            process.stdin.close()
        except BrokenPipeError:
            pass
        succeeded += process.wait(60) == 0
    shared.wait_queue_empty()
    found = shared.wait_mail("bob", before + succeeded)
    assert before + succeeded <= len(found) <= before + 30
    for message in found:
        if b"Subject: storm" in message:
            assert message.endswith(b"end\n")


def test_nothing_is_installed_with_privileges(staging):
    """ATK 54: what sendmail can be made to do, its user can do."""
    for path in staging.root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert not path.stat().st_mode & (stat.S_ISUID | stat.S_ISGID), path


def connect(instance, name):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(30)
    if os.geteuid() == 0:
        os.seteuid(instance.user.pw_uid)
    try:
        client.connect(str(instance.queue / "public" / name))
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
    return client


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


@pytest.mark.parametrize("name", ["submit", "showq", "flush"])
def test_the_public_sockets(shared, name):
    """ATK 55, 56: descriptors, noise and silence; who comes after is served,
    and no descriptor stays."""
    owner = {"submit": "pickup"}.get(name, "showq")
    path = shared.queue / "public" / name
    if not path.exists():
        pytest.skip(f"no socket {name}")
    run(shared, "sendmail", "bob")
    pids = wait_until(lambda: shared.pids(owner), owner)
    before = sum(map(descriptors, pids))
    for payload in (b"\0" * 100_000, b"\xff" * 4096, b"GET / HTTP/1.0\r\n\r\n",
                    b"\x0c\0\0\0" * 500, b""):
        with connect(shared, name) as client:
            fds = array.array("i", [0] * 100)
            try:
                if payload:
                    client.sendmsg([payload], [(
                        socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
                client.shutdown(socket.SHUT_WR)
                while client.recv(65536):
                    continue
            except (BrokenPipeError, ConnectionResetError):
                pass
    idle = [connect(shared, name) for _ in range(20)]
    for client in idle:
        client.close()
    assert shared.pids(owner) == pids
    wait_until(lambda: sum(map(descriptors, pids)) <= before + 1,
               "the descriptors to be closed")
    wanted = mail_of(shared, "carol") + 1
    assert run(shared, "sendmail", "carol").returncode == OK
    shared.wait_mail("carol", wanted)
    assert shared.run("mailq").returncode == OK


@pytest.mark.parametrize("kind", ["symbolic link", "file", "directory"])
def test_what_lies_where_a_socket_should_be(make_instance, kind, tmp_path):
    """ATK 57: it is not followed and nobody else's is removed."""
    instance = make_instance(start=False)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    public = instance.queue / "public"
    public.mkdir(parents=True)
    path = public / "submit"
    if kind == "symbolic link":
        path.symlink_to(victim)
    elif kind == "file":
        path.write_text("x")
    else:
        path.mkdir()
        (path / "x").write_text("x")
    instance._give_to_user()
    result = instance.run("postern", "start", check=False)
    assert victim.read_text() == "precious"
    if result.returncode == 0:
        assert stat.S_ISSOCK(path.lstat().st_mode)
    else:
        assert b"submit" in result.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
def test_private_sockets_are_closed_to_others(shared):
    """ATK 58."""
    private = shared.root / "run" / "private"
    assert list(private.iterdir())
    script = ("import os, socket, sys\n"
              "os.setgroups([]); os.setgid(12345); os.setuid(12345)\n"
              "try:\n"
              "    socket.socket(socket.AF_UNIX).connect(sys.argv[1])\n"
              "except PermissionError:\n"
              "    sys.exit(0)\n"
              "sys.exit(1)\n")
    shared.root.chmod(0o755)
    for path in private.iterdir():
        assert subprocess.run(["/usr/bin/python3", "-c", script, path],
                              timeout=30).returncode == 0, path
