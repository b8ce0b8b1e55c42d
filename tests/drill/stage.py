# SPDX-License-Identifier: MIT
"""A mail system with mail in its queue, all of whose daemons run and do what an
attacker tells them."""

import contextlib
import os
import pathlib
import pwd
import re
import smtplib
import socket
import subprocess

from tests.support.ports import free_port
from tests.support.waiting import wait_until

USERS = {name: 64000 + number for number, name in enumerate((
    "postern", "postern-in", "postern-out", "postern-local",
    "postern-cleanup", "postern-pickup", "postern-map", "postern-dns",
    "postern-key", "alice"))}

# Each of them starts another agent; the first two stay in the queue.
RECIPIENTS = ("one@remote.example", "two@lmtp.example", "alice@mail.example",
              "joe@virtual.example")
RETURNED = "nobody@bad.example"


class Attacker:
    """In one daemon."""

    def __init__(self, path):
        self.pid = int(path.suffix[1:])
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(str(path))

    def close(self):
        self.socket.close()

    def attempt(self, name, argument=None):
        """errno, or 0 when it worked."""
        line = name if argument is None else f"{name} {argument}"
        self.socket.sendall(line.encode() + b"\n")
        return int(self.socket.recv(100))

    def descriptor_of(self, path):
        """The number of one that leads there."""
        for entry in pathlib.Path(f"/proc/{self.pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                if os.readlink(entry) == str(path):
                    return entry.name
        raise AssertionError(f"{self.pid} does not have {path}")


class Stage:
    def __init__(self, root, mode, daemons):
        self.root = root
        self.mode = mode
        self.daemons = daemons
        self.port = free_port()
        self.queue = root / "queue"
        self.config = root / "etc"
        self.run = root / "run"
        self.log_path = root / "mail.log"
        self.drill = root / "drill"
        self.user = pwd.getpwnam("nobody" if mode == "unprivileged" and
                                 os.geteuid() == 0 else
                                 pwd.getpwuid(os.geteuid()).pw_name)

    # ---- files ----

    def _write_main_cf(self):
        settings = {
            "compatibility_level": "3.6",
            "mail_owner": "postern" if self.mode == "root" else "",
            "myhostname": "mail.example",
            "mydestination": "$myhostname",
            "mynetworks": "127.0.0.0/8",
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "smtpd_peername_lookup": "no",
            "relayhost": "[127.0.0.1]:1",
            "queue_directory": self.queue,
            "data_directory": self.root / "data",
            "run_directory": self.run,
            "daemon_directory": self.daemons,
            "maillog_file": self.log_path,
            "mail_spool_directory": f"{self.root}/spool/",
            "alias_maps": f"aliases:{self.config}/aliases",
            "alias_database": "",
            "transport_maps": f"texthash:{self.config}/transport",
            "virtual_mailbox_domains": "virtual.example",
            "virtual_mailbox_maps": f"texthash:{self.config}/mailboxes",
            "virtual_mailbox_base": self.root / "virtual",
            "virtual_uid_maps": f"static:{self._mail_uid()}",
            "virtual_gid_maps": f"static:{self._mail_uid()}",
            "import_environment":
                f"TZ POSTERN_DRILL_DIRECTORY={self.drill}",
        }
        (self.config / "main.cf").write_text("".join(
            f"{name} = {value}\n" for name, value in settings.items()))

    def _mail_uid(self):
        return USERS["alice"] if self.mode == "root" else self.user.pw_uid

    def _write(self):
        self.root.chmod(0o755)
        for folder in (self.config, self.config / "keys", self.drill,
                       self.root / "spool", self.root / "virtual"):
            folder.mkdir()
        self._write_main_cf()
        (self.config / "master.cf").write_text(
            f"127.0.0.1:{self.port} inet n - n - - smtpd\n" + "".join(
                f"{name} unix - - n - - {name}\n"
                for name in ("smtp", "lmtp", "local", "virtual", "error")))
        (self.config / "aliases").write_text("postmaster: alice\n")
        (self.config / "passwd").write_text(
            f"alice:x:{self.user.pw_uid}:{self.user.pw_gid}::{self.root}"
            "/spool:/bin/false\n")
        (self.config / "transport").write_text(
            "lmtp.example lmtp:unix:/nonexistent\n"
            "bad.example error:5.1.1 nobody is there\n")
        (self.config / "mailboxes").write_text("joe@virtual.example joe/\n")
        (self.config / "keys" / "key.pem").write_text("a private key\n")
        (self.config / "keys" / "key.pem").chmod(0o600)
        if self.mode == "root":
            for folder in ("spool", "virtual"):
                (self.root / folder).chmod(0o1777)
            return
        for path in (self.root, *self.root.rglob("*")):
            os.chown(path, self.user.pw_uid, self.user.pw_gid)

    # ---- processes ----

    def _run(self, command, *arguments, text=""):
        identity = {}
        if self.mode == "unprivileged" and os.geteuid() == 0:
            identity = {"user": self.user.pw_uid, "group": self.user.pw_gid,
                        "extra_groups": []}
        root = self.daemons.parents[len(self.daemons.parents) - 4]
        path = next(pathlib.Path(root).glob(f"**/sbin/{command}"))
        result = subprocess.run(
            [path, *arguments], capture_output=True, text=True, timeout=60,
            input=text, cwd="/", env={"TZ": "UTC"}, **identity)
        assert result.returncode == 0, result.stderr + self.log()

    def _postern(self, verb):
        self._run("postern", "-c", self.config, verb)

    def log(self):
        return self.log_path.read_text() if self.log_path.exists() else ""

    def _wait_log(self, pattern):
        try:
            wait_until(lambda: re.search(pattern, self.log()), pattern)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log()}") from None

    def __enter__(self):
        self._write()
        self._postern("start")
        try:
            self._fill()
        except BaseException:
            self._postern("abort")
            raise
        return self

    def _fill(self):
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as client:
            for recipient in RECIPIENTS:
                client.sendmail("sender@client.example", [recipient],
                                "Subject: secret\n\nsecret\n")
        # A server refuses it, who submits it gets it back.
        self._run("sendmail", "-C", self.config, RETURNED,
                  text="Subject: secret\n\nsecret\n")
        for recipient in (*RECIPIENTS, RETURNED):
            self._wait_log(rf"to=<{recipient}>.* status=")
        self._wait_log(r"non-delivery notification")
        wait_until(lambda: self._deferred(), "a deferred message")

    def __exit__(self, *_):
        self._postern("stop")

    def take_over(self, program):
        path = next(self.drill.glob(f"{program}.*"))
        return contextlib.closing(Attacker(path))

    # ---- what there is to reach ----

    def _deferred(self):
        return [path for path in (self.queue / "deferred").rglob("*")
                if path.is_file()]

    def message(self):
        return self._deferred()[0]

    def segment(self):
        return next((self.queue / "incoming").glob("segment.*"))

    def sibling(self, attacker):
        """The process id of another daemon."""
        return next(int(path.suffix[1:]) for path in self.drill.iterdir()
                    if int(path.suffix[1:]) != attacker.pid)
