# SPDX-License-Identifier: MIT
"""One running Postern in a directory of its own, on free high ports, as one user
(never root: a scratch user when the tests run as root)."""

import email.utils
import mailbox
import os
import pathlib
import pwd
import re
import shutil
import signal
import smtplib
import subprocess
import tempfile

from tests.support.ports import free_port
from tests.support.segments import messages_in_segments
from tests.support.waiting import wait_until

USERS = ("alice", "bob", "carol")
BROKEN = r"panic:|ERROR: \w+Sanitizer|: runtime error: |killed by its sandbox"


def scratch_user():
    """The user an instance runs as."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    return pwd.getpwnam("nobody")


def _is_alive(pid):
    try:
        status = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rsplit(")", 1)[1].split()[0] not in "ZX"


class Instance:
    """parameters: settings of main.cf; services: further lines of master.cf;
    overrides: {service name: [-o options]}. POSTERN_TEST_SEGMENTS=yes|no says
    which of the two stores fresh mail goes to."""

    def __init__(self, staging, parameters=None, services=(), name="mail",
                 smtpd_options=()):
        self.staging = staging
        self.user = scratch_user()
        self.name = f"{name}.example"
        self.port = free_port()
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="pt-"))
        self.config = self.root / "etc"
        self.queue = self.root / "queue"
        self.log_path = self.root / "mail.log"
        self.sanitizer_path = self.root / "sanitizer"
        self.parameters = {
            "compatibility_level": "3.6",
            "mail_owner": "",
            "myhostname": self.name,
            "mydestination": "$myhostname, localhost",
            "mynetworks": "127.0.0.0/8 [::1]/128",
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "smtpd_peername_lookup": "no",
            # Clients of the tests stand for strangers.
            "local_header_rewrite_clients": "",
            "queue_directory": self.queue,
            "data_directory": self.root / "data",
            "run_directory": self.root / "run",
            "daemon_directory": staging.daemons,
            "command_directory":
                pathlib.Path(staging.command("postern")).parent,
            "maillog_file": self.log_path,
            "home_mailbox": "Maildir/",
            "alias_maps": f"aliases:{self.config}/aliases",
            "alias_database": "",
            "queue_segments": os.environ.get("POSTERN_TEST_SEGMENTS", "yes"),
            "queue_segment_size": "1048576",
            # A system call that no daemon should make is its death, and in
            # the log.
            "sandbox": "strict",
            "import_environment":
                "MAIL_CONFIG TZ LANG=C ASAN_OPTIONS UBSAN_OPTIONS",
        }
        self.parameters.update(parameters or {})
        self.services = list(services)
        self.smtpd_options = list(smtpd_options)
        self._write_files()

    # ---- files ----

    def _write_files(self):
        for folder in (self.config, self.root / "home"):
            folder.mkdir()
        lines = []
        for number, user in enumerate(USERS):
            home = self.root / "home" / user
            home.mkdir()
            lines.append(f"{user}:x:{self.user.pw_uid}:{self.user.pw_gid}:"
                         f"{user.title()} Test:{home}:/bin/sh\n")
        lines.append(f"{self.user.pw_name}:x:{self.user.pw_uid}:"
                     f"{self.user.pw_gid}:Scratch:{self.root}/home:/bin/sh\n")
        (self.config / "passwd").write_text("".join(lines))
        (self.config / "aliases").write_text("postmaster: alice\n")
        self.write_main_cf()
        self.write_master_cf()
        self._give_to_user()

    def _give_to_user(self):
        if os.geteuid() != 0:
            return
        for folder, _, files in os.walk(self.root):
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)
            for file in files:
                os.chown(os.path.join(folder, file), self.user.pw_uid,
                         self.user.pw_gid)

    def write_main_cf(self):
        (self.config / "main.cf").write_text("".join(
            f"{name} = {value}\n" for name, value in self.parameters.items()))

    def write_master_cf(self):
        options = "".join(f"\n    -o {{ {option} }}"
                          for option in self.smtpd_options)
        lines = [f"127.0.0.1:{self.port} inet n - n - - smtpd{options}",
                 "smtp unix - - n - - smtp",
                 "relay unix - - n - - smtp",
                 "lmtp unix - - n - - lmtp",
                 "local unix - n n - - local",
                 "virtual unix - n n - - virtual",
                 "error unix - - n - - error",
                 "retry unix - - n - - error",
                 "discard unix - - n - - discard",
                 *self.services]
        (self.config / "master.cf").write_text("\n".join(lines) + "\n")

    # ---- processes ----

    def environment(self):
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "TZ": "UTC",
            "HOME": str(self.root / "home"),
            "MAIL_CONFIG": str(self.config),
            # Daemons are not dumpable, which the leak checker needs; what
            # they leak is the unit tests' business.
            "ASAN_OPTIONS": f"detect_leaks=0:log_path={self.sanitizer_path}",
            "UBSAN_OPTIONS":
                f"print_stacktrace=1:log_path={self.sanitizer_path}",
        }

    def run(self, command, *arguments, check=True, input=None, timeout=60,
            environment=None, wrapper=()):
        """Runs one of our commands as the instance's user; `wrapper` is a
        command that runs it."""
        identity = {}
        if os.geteuid() == 0:
            identity = {"user": self.user.pw_uid, "group": self.user.pw_gid,
                        "extra_groups": []}
        if isinstance(input, str):
            input = input.encode()
        result = subprocess.run(
            [*wrapper, self.staging.command(command), *map(str, arguments)],
            input=input if input is not None else b"", capture_output=True,
            timeout=timeout, cwd="/",
            env={**self.environment(), **(environment or {})}, **identity)
        if check and result.returncode != 0:
            raise AssertionError(
                f"{command} {arguments}: exit {result.returncode}\n"
                f"{result.stdout.decode()}\n{result.stderr.decode()}\n"
                f"--- log\n{self.log()}")
        return result

    def start(self, **settings):
        self.run("postern", "start", **settings)
        return self

    def stop(self, **settings):
        self.run("postern", "stop", check=False, **settings)
        self.assert_clean()

    def master_pid(self):
        return int((self.root / "run" / "master.pid").read_text().split()[0])

    def is_running(self):
        return self.run("postern", "status", check=False).returncode == 0

    def pids(self, program=None):
        """Processes of this instance that run `program`, or all but master."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                parent = int((entry / "stat").read_text()
                             .rsplit(")", 1)[1].split()[1])
                name = (entry / "comm").read_text().strip()
            except (OSError, IndexError, ValueError):
                continue
            if parent == self.master_pid() and program in (name, None):
                found.append(int(entry.name))
        return found

    def kill(self, program, number=signal.SIGKILL):
        pids = wait_until(lambda: self.pids(program), f"a running {program}")
        for pid in pids:
            os.kill(pid, number)
        return pids

    def kill_all(self):
        """The machine has no power: all processes at once, with kill -9."""
        pids = [self.master_pid(), *self.pids()]
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in pids:
                os.kill(pid, number)
        wait_until(lambda: not any(_is_alive(pid) for pid in pids),
                   "the end of all processes")

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)

    def assert_clean(self):
        """No sanitizer report, no broken invariant."""
        reports = [path.read_text(errors="replace")
                   for path in self.root.glob("sanitizer.*")]
        assert not reports, "\n".join(reports)
        # Daemons cannot open files for reports any more.
        assert not re.search(BROKEN, self.log()), self.log()

    # ---- log ----

    def log(self):
        if not self.log_path.exists():
            return ""
        return self.log_path.read_text(errors="replace")

    def wait_log(self, pattern, count=1, patience=30.0):
        """The `count`th match of the regular expression in the log."""
        compiled = re.compile(pattern, re.MULTILINE)

        def matches():
            found = list(compiled.finditer(self.log()))
            return found[count - 1] if len(found) >= count else None

        try:
            return wait_until(matches, f"log line {pattern!r}", patience)
        except AssertionError as error:
            raise AssertionError(f"{error}\n--- log\n{self.log()}") from None

    # ---- mail ----

    def client(self):
        return smtplib.SMTP("127.0.0.1", self.port, timeout=30,
                            local_hostname="client.example")

    def send(self, recipients, message=None, sender="sender@client.example"):
        """Sends bytes by SMTP; returns the queue id."""
        if isinstance(recipients, str):
            recipients = [recipients]
        if message is None:
            message = self.message(recipients)
        with self.client() as client:
            client.ehlo()
            code, text = client.mail(sender)
            assert code == 250, text
            for recipient in recipients:
                code, text = client.rcpt(recipient)
                assert code == 250, text
            code, text = client.data(message)
        assert code == 250, text
        return text.decode().rsplit(" ", 1)[1]

    @staticmethod
    def message(recipients, subject="test", body="Hello.\r\n"):
        return (f"From: sender@client.example\r\n"
                f"To: {', '.join(recipients)}\r\n"
                f"Subject: {subject}\r\n"
                f"Date: {email.utils.formatdate()}\r\n"
                f"Message-ID: {email.utils.make_msgid(domain='x.example')}"
                f"\r\n\r\n{body}").encode()

    def maildir(self, user):
        return mailbox.Maildir(self.root / "home" / user / "Maildir",
                               create=False)

    def maildir_files(self, user):
        folder = self.root / "home" / user / "Maildir" / "new"
        return sorted(folder.iterdir()) if folder.is_dir() else []

    def wait_mail(self, user, count=1, patience=30.0):
        """The raw messages in the user's Maildir, once there are `count`."""
        def arrived():
            files = self.maildir_files(user)
            return files if len(files) >= count else None

        try:
            files = wait_until(arrived, f"{count} messages for {user}",
                               patience)
        except AssertionError as error:
            raise AssertionError(f"{error}\n--- log\n{self.log()}") from None
        return [file.read_bytes() for file in files]

    def queue_files(self, *folders):
        """Messages with a file of their own."""
        folders = folders or ("incoming", "deferred", "hold", "corrupt")
        return [path for folder in folders
                for path in (self.queue / folder).rglob("*")
                if path.is_file()
                and not path.name.startswith(("segment.", "qmgr.done."))]

    def queue_is_empty(self, *folders):
        """Nothing is in a file, and nothing in a segment. A message may go from
        what is yet to be looked at to what was, and a notice come when its
        message ends: only the second look is sure."""
        return all(not self.queue_files(*folders) and
                   not messages_in_segments(self.queue / "incoming")
                   for _ in range(2))

    def wait_queue_empty_but(self, *queue_ids):
        """Until nothing but these is left, which are set aside."""
        def is_so():
            return {path.name for path in self.queue_files()} == \
                set(queue_ids) and \
                not messages_in_segments(self.queue / "incoming")

        wait_until(is_so, f"a queue with {queue_ids} and nothing else")

    def wait_queue_empty(self, patience=30.0):
        try:
            wait_until(self.queue_is_empty, "an empty queue", patience)
        except AssertionError as error:
            raise AssertionError(
                f"{error}: {self.queue_files()}\n--- log\n{self.log()}"
            ) from None
