# SPDX-License-Identifier: MIT
"""Postern in a side-by-side harness: the adapter of a folder that BENCH_ADAPTERS
names. It measures build/release (POSTERN_BUILD: another build), installed as a
packager would, with its users and its defaults; what differs from them is in
what all servers are told (measure/server.py) and in MAIN_CF."""

import os
import pathlib
import shutil
import subprocess
import sys

from adapters.base import BAD, SINK, Adapter

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.measure.postern import (       # noqa: E402
    postern_master_cf, postern_users)
from tests.bench.measure.server import SHARED_CF    # noqa: E402

BUILD = pathlib.Path(os.environ.get("POSTERN_BUILD", ROOT / "build/release"))
FIRST_ID = 9200
BOX_USER_ID = 9110

# Beside what our own benchmark tells all servers; the last setting of a name
# counts.
MAIN_CF = """\
queue_directory = {work}/spool/postern
data_directory = {work}/lib/postern
run_directory = {work}/run/postern
transport_maps = inline:{{
    {{discard.test=discard:}}, {{.bad.test=smtp:[127.0.0.1]:{bad}}} }}
virtual_mailbox_maps = inline:{{
    u0@local.test=u0/, u1@local.test=u1/, u2@local.test=u2/, u3@local.test=u3/ }}
smtpd_timeout = 3600s
default_process_limit = {sessions}
minimal_backoff_time = 4000s
queue_run_delay = 4000s
"""


class Postern(Adapter):
    name = "postern"
    apt_libs = ("libdb5.3", "libidn2-0")
    notes = ("as Postfix's: destination concurrency 50, in_flow_delay 0, no "
             "client limits; segments and users by default")

    # ---- installation ----

    def prepare(self):
        shutil.rmtree(self.root, ignore_errors=True)
        subprocess.run(["cmake", "--install", str(BUILD)], check=True,
                       env=dict(os.environ, DESTDIR=self.root),
                       stdout=subprocess.DEVNULL)
        return True

    def fresh(self):
        super().fresh()
        for number, name in enumerate(
                postern_users()[1:], FIRST_ID):
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
        (config / "main.cf").write_text(SHARED_CF.format(
            sink=SINK, boxes=f"{self.work}/maildirs", box_id=BOX_USER_ID,
            log=f"{self.work}/log/mail.log") + MAIN_CF.format(
            work=self.work, bad=BAD,
            sessions=max(opt.get("procs", 200), opt.get("idle", 0) + 300)))
        (config / "master.cf").write_text(postern_master_cf(self.port))
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
