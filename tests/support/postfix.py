# SPDX-License-Identifier: MIT
"""Debian's Postfix, unpacked and not installed: takes mail by SMTP, and its log
says where each recipient went. Every transport is a discard(8) that logs its
next hop. For root only, which Postfix's master must be."""

import os
import pathlib
import re
import shutil
import smtplib
import subprocess
import tempfile

from tests.support.ports import free_port
from tests.support.waiting import wait_until

# Debian has these, and Postfix wants an owner and a group of its own.
OWNER, GROUP = "daemon", "games"

QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold",
          "incoming", "maildrop", "private", "public", "pid", "saved", "trace")

DELIVERY = re.compile(
    r"postfix/(?P<transport>[\w-]+)/(?:discard|error)\[\d+\]: (?P<id>\w+): "
    r"to=<(?P<to>.*?)>, (?:orig_to=<.*?>, )?relay=none, .*dsn=(?P<dsn>[\d.]+), "
    r"status=(?P<status>\w+) \((?P<text>.*)\)$")


class Unavailable(Exception):
    """Why there is no Postfix here."""


def unpack(folder):
    """The package's tree below `folder`."""
    if os.geteuid() != 0:
        raise Unavailable("Postfix's master needs root")
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise Unavailable("no apt-get and dpkg")
    fetched = subprocess.run(["apt-get", "download", "postfix"], cwd=folder,
                             capture_output=True, timeout=120)
    packages = list(folder.glob("postfix_*.deb"))
    if fetched.returncode != 0 or not packages:
        raise Unavailable("apt-get download postfix: "
                          + fetched.stderr.decode().strip()[-200:])
    tree = folder / "tree"
    subprocess.run(["dpkg", "-x", packages[0], tree], check=True)
    missing = subprocess.run(
        ["ldd", tree / "usr/lib/postfix/sbin/cleanup"], capture_output=True,
        env={"LD_LIBRARY_PATH": str(tree / "usr/lib/postfix")}).stdout
    if b"not found" in missing:
        raise Unavailable("libraries of Postfix are missing")
    return tree


class Postfix:
    """`parameters` and `tables` ({name: text} of texthash files in the
    configuration directory) as Postern would get them; `transports` are the
    names that routes may give."""

    def __init__(self, tree, parameters, tables, transports):
        self.tree = tree
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="pt-postfix-"))
        self.root.chmod(0o755)
        self.port = free_port()
        self.log_path = self.root / "mail.log"
        self.config = self.root / "etc"
        self.config.mkdir()
        for name, text in tables.items():
            (self.config / name).write_text(text)
        self.configure(parameters)
        self._write_master_cf(transports)
        self._make_queue()
        self._master = None

    def configure(self, parameters):
        daemons = self.tree / "usr/lib/postfix"
        settings = {
            "config_directory": self.config,
            "queue_directory": self.root / "queue",
            "data_directory": self.root / "data",
            "daemon_directory": daemons / "sbin",
            "command_directory": self.tree / "usr/sbin",
            "shlib_directory": daemons,
            "mail_owner": OWNER,
            "setgid_group": GROUP,
            "inet_protocols": "ipv4",
            "smtpd_peername_lookup": "no",
            "smtpd_reject_unlisted_recipient": "no",
            "smtpd_recipient_restrictions": "permit_mynetworks, reject",
            "smtpd_hard_error_limit": "100000",
            "smtpd_error_sleep_time": "0",
            "maillog_file": self.log_path,
            "maillog_file_prefixes": self.root,
            "import_environment": "MAIL_CONFIG LANG=C TZ LD_LIBRARY_PATH",
            "alias_maps": "",
            "alias_database": "",
            **parameters,
        }
        (self.config / "main.cf").write_text("".join(
            f"{name} = {value}\n" for name, value in settings.items()))

    def _write_master_cf(self, transports):
        lines = [f"127.0.0.1:{self.port} inet n - n - - smtpd",
                 "pickup unix n - n 60 1 pickup",
                 "cleanup unix n - n - 0 cleanup",
                 "qmgr unix n - n 300 1 qmgr",
                 "rewrite unix - - n - - trivial-rewrite",
                 "proxymap unix - - n - - proxymap",
                 "bounce unix - - n - 0 bounce",
                 "defer unix - - n - 0 bounce",
                 "trace unix - - n - 0 bounce",
                 "postlog unix-dgram n - n - 1 postlogd",
                 "error unix - - n - - error -o syslog_name=postfix/error",
                 "retry unix - - n - - error -o syslog_name=postfix/retry"]
        lines += [f"{name} unix - - n - - discard"
                  f" -o syslog_name=postfix/{name}" for name in transports]
        (self.config / "master.cf").write_text("\n".join(lines) + "\n")

    def _make_queue(self):
        queue = self.root / "queue"
        for folder in (queue, self.root / "data",
                       *(queue / name for name in QUEUES)):
            folder.mkdir()
            if folder not in (queue, queue / "pid"):
                shutil.chown(folder, OWNER)
        for name in ("maildrop", "public"):
            shutil.chown(queue / name, OWNER, GROUP)

    def __enter__(self):
        environment = {
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
            "MAIL_CONFIG": str(self.config),
            "LD_LIBRARY_PATH": str(self.tree / "usr/lib/postfix"),
        }
        self._master = subprocess.Popen(
            [self.tree / "usr/lib/postfix/sbin/master", "-c", self.config],
            env=environment, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, cwd="/")
        try:
            wait_until(self._answers, "Postfix's greeting")
        except AssertionError:
            self._stop()
            raise
        return self

    def _answers(self):
        if self._master.poll() is not None:
            raise AssertionError(self._master.stderr.read().decode()
                                 + self.log())
        try:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=10):
                return True
        except (OSError, smtplib.SMTPException):
            return False

    def _stop(self):
        self._master.terminate()
        self._master.wait(30)
        shutil.rmtree(self.root)

    def __exit__(self, *_):
        self._stop()

    def log(self):
        if not self.log_path.exists():
            return ""
        return self.log_path.read_text(errors="replace")

    def route(self, questions):
        """For each (sender, recipient) the list of (recipient, transport, next
        hop), sorted, or the reply that refused it."""
        ids, answers = [], {}
        for sender, recipient in questions:
            with smtplib.SMTP("127.0.0.1", self.port, timeout=60) as client:
                client.ehlo("client.example")
                answer = self._send(client, sender, recipient)
            if " " in answer:
                answers[len(ids)] = answer
                answer = None
            ids.append(answer)
        wanted = {queue_id for queue_id in ids if queue_id}
        ended = re.compile(r": (\w+): (?:removed$|.*status=deferred )", re.M)
        wait_until(lambda: wanted <= set(ended.findall(self.log())),
                   "the end of all mail", 120)
        found = {}
        for line in self.log().splitlines():
            match = DELIVERY.search(line)
            if match and match["id"] in wanted:
                found.setdefault(match["id"], []).append(self._entry(match))
        return [answers.get(number) or sorted(found[queue_id])
                for number, queue_id in enumerate(ids)]

    @staticmethod
    def _entry(match):
        text = match["text"]
        if match["transport"] in ("error", "retry"):
            text = f"{match['dsn']} {text}"
        return match["to"], match["transport"], text

    @staticmethod
    def _send(client, sender, recipient):
        for command in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>"):
            code, text = client.docmd(command)
            if code != 250:
                return f"{code} {text.decode()}"
        code, text = client.data(b"Subject: s\r\n\r\n")
        if code != 250:
            return f"{code} {text.decode()}"
        return text.decode().rsplit(" ", 1)[1]
