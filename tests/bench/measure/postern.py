# SPDX-License-Identifier: MIT
"""A build of ours, installed as a packager would, with its users and
its defaults."""

import os
import pathlib
import shutil
import subprocess

from tests.bench.measure.server import PORT, Server

ROOT = pathlib.Path(__file__).resolve().parents[3]


def postern_users():
    """Of conf/sysusers.conf; the owner of the queue is the first."""
    lines = (ROOT / "conf" / "sysusers.conf").read_text().splitlines()
    return [line.split()[1] for line in lines if line.startswith("u ")]


def postern_master_cf(port):
    """conf/master.cf, but for the port."""
    lines = (ROOT / "conf" / "master.cf").read_text().splitlines(True)
    return "".join(f"127.0.0.1:{port} {line.split(None, 1)[1]}"
                   if line.split()[:2] == ["smtp", "inet"] else line
                   for line in lines)


class Postern(Server):
    name = "postern"
    users = tuple(postern_users())

    def __init__(self, folder, build):
        super().__init__(folder)
        self.build = build

    def obtain(self):
        shutil.rmtree(self.tree, ignore_errors=True)
        subprocess.run(["cmake", "--install", self.build], check=True,
                       env=dict(os.environ, DESTDIR=str(self.tree)),
                       stdout=subprocess.DEVNULL)

    def configure(self, users):
        config = self.work / "etc" / "postern"
        config.mkdir()
        for folder in ("spool", "lib", "run"):
            (self.work / folder / "postern").mkdir()
        (config / "main.cf").write_text(
            self.shared_cf() + f"mail_owner = {self.users[0]}\n")
        (config / "master.cf").write_text(postern_master_cf(PORT))
        subprocess.run(
            self.inside([self._command(), "set-permissions"]), check=True)

    def _command(self):
        program = next(self.tree.glob("usr/**/sbin/postern"))
        return "/" + str(program.relative_to(self.tree))

    def start_command(self):
        return [self._command(), "start-fg"]
