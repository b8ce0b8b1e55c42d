# SPDX-License-Identifier: MIT
"""Postern in a side-by-side harness: the adapter of a folder that BENCH_ADAPTERS
names. It measures build/release (POSTERN_BUILD: another build), installed as a
packager would, with its users, its sandbox and its defaults; what differs from
them is in the two files below."""

import os
import pathlib
import shutil
import subprocess

from adapters.base import BAD, SINK, Adapter

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("POSTERN_BUILD", ROOT / "build/release"))
FIRST_ID = 9200

MAIN_CF = """\
compatibility_level = 3.6
mail_owner = postern
queue_directory = {work}/spool/postern
data_directory = {work}/lib/postern
run_directory = {work}/run/postern
maillog_file = {work}/log/mail.log
myhostname = mta.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
alias_database =
smtpd_peername_lookup = no
relayhost = [127.0.0.1]:{sink}
transport_maps = inline:{{
    {{discard.test=discard:}}, {{.bad.test=smtp:[127.0.0.1]:{bad}}} }}
virtual_mailbox_domains = local.test
virtual_mailbox_base = {work}/maildirs
virtual_mailbox_maps = inline:{{
    u0@local.test=u0/, u1@local.test=u1/, u2@local.test=u2/, u3@local.test=u3/ }}
virtual_minimum_uid = 100
virtual_mailbox_limit = 0
virtual_uid_maps = static:9110
virtual_gid_maps = static:9110
message_size_limit = 60000000
smtpd_recipient_limit = 50000
smtpd_recipient_overshoot_limit = 50000
smtpd_client_connection_count_limit = 0
smtpd_timeout = 3600s
default_process_limit = {sessions}
default_destination_concurrency_limit = 50
initial_destination_concurrency = 20
in_flow_delay = 0
minimal_backoff_time = 4000s
queue_run_delay = 4000s
"""


class Postern(Adapter):
    name = "postern"
    apt_libs = ("libdb5.3", "libidn2-0")
    notes = ("as Postfix's: destination concurrency 50, in_flow_delay 0, no "
             "client limits; segments, sandbox and users by default")

    # ---- installation ----

    def prepare(self):
        shutil.rmtree(self.root, ignore_errors=True)
        subprocess.run(["cmake", "--install", str(BUILD)], check=True,
                       env=dict(os.environ, DESTDIR=self.root),
                       stdout=subprocess.DEVNULL)
        return True

    def _users(self):
        lines = (ROOT / "conf" / "sysusers.conf").read_text().splitlines()
        names = [line.split()[1] for line in lines if line.startswith("u ")]
        return [name for name in names if name != "postern"]

    def fresh(self):
        super().fresh()
        for number, name in enumerate(self._users(), FIRST_ID):
            for file, line in (
                    ("passwd", f"{name}:x:{number}:{number}::/nonexistent:/\n"),
                    ("group", f"{name}:x:{number}:\n")):
                with open(os.path.join(self.work, "etc", file), "a") as out:
                    out.write(line)

    # ---- configuration ----

    def configure(self, opt):
        self.fresh()
        config = pathlib.Path(self.work, "etc", "postern")
        config.mkdir()
        for folder in ("spool", "lib", "run"):
            pathlib.Path(self.work, folder, "postern").mkdir()
        (config / "main.cf").write_text(MAIN_CF.format(
            work=self.work, sink=SINK, bad=BAD,
            sessions=max(opt.get("procs", 200), opt.get("idle", 0) + 300)))
        lines = (ROOT / "conf" / "master.cf").read_text().splitlines(True)
        (config / "master.cf").write_text("".join(
            line.replace("smtp  ", f"127.0.0.1:{self.port} ", 1)
            if line.startswith("smtp ") and " inet " in line else line
            for line in lines))
        self.sh([self._command("postern"), "set-permissions"], check=True)

    # ---- running ----

    def _command(self, name):
        return f"/usr/local/sbin/{name}"

    def command(self):
        return [self._command("postern"), "start-fg"]

    def list_command(self):
        return [self._command("postqueue"), "-p"]

    def _ask(self, *argv):
        """A command's output. It runs outside of the private mounts, which are
        no secret to a socket's path, and so costs one process."""
        path = f"{self.root}/usr/local/sbin/{argv[0]}"
        done = subprocess.run(
            [path, *argv[1:]], check=False, stdout=subprocess.PIPE,
            env=dict(os.environ, MAIL_CONFIG=f"{self.work}/etc/postern"))
        return done.stdout if done.returncode == 0 else b"unknown"

    def queue_dirs(self):
        return ["spool/postern/" + name
                for name in ("incoming", "active", "deferred")]

    def is_queue_file(self, fname):
        return not fname.startswith(("segment", "journal"))

    def queue_empty(self):
        return self._ask("postqueue", "-p").startswith(b"Mail queue is empty")

    def queue_len(self):
        return self._ask("postqueue", "-j").count(b"\n")

    def queue_settled(self):
        return b'"queue_name": "active"' not in self._ask("postqueue", "-j")

    def version(self):
        return self._ask("postconf", "-h", "mail_version").decode().strip()
