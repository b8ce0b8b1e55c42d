# SPDX-License-Identifier: MIT
"""An installation of the build under test in a place that every user can read,
made by `cmake --install` as a packager would."""

import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def release_build():
    build = ROOT / "build" / "release"
    subprocess.run(["cmake", "--preset", "release"], cwd=ROOT, check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", str(build)], check=True,
                   stdout=subprocess.DEVNULL)
    return build


class Staging:
    def __init__(self, build):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="pst-"))
        self.root.chmod(0o755)
        # A build that can be told to fail installs nowhere else.
        environment = dict(os.environ, DESTDIR=str(self.root),
                           POSTERN_TEST_STAGING="yes")
        subprocess.run(["cmake", "--install", str(build)], check=True,
                       env=environment, stdout=subprocess.DEVNULL)
        self.daemons = self._folder_of("smtpd")
        self.commands = {}
        for folder in ("bin", "sbin"):
            for path in self.root.glob(f"usr*/**/{folder}/*"):
                self.commands[path.name] = path

    def _folder_of(self, program):
        return next(self.root.glob(f"**/{program}")).parent

    def command(self, name):
        return str(self.commands[name])

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)
