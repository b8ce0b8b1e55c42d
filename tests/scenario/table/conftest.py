# SPDX-License-Identifier: MIT
import os
import pathlib
import shutil
import subprocess

import pytest


class Tools:
    """postmap and postalias of one mail system, with a configuration that says
    nothing but who owns what."""

    def __init__(self, folder, environment, config):
        self.folder = folder
        self.environment = environment
        self.config = config

    def run(self, program, *arguments, input=b""):
        return subprocess.run(
            [self.folder / program, "-c", self.config, *map(str, arguments)],
            input=input, capture_output=True, env=self.environment,
            timeout=300)

    def check(self, program, *arguments, input=b""):
        result = self.run(program, *arguments, input=input)
        assert result.returncode == 0, result.stderr.decode()
        assert result.stderr == b"", result.stderr.decode()
        return result.stdout


@pytest.fixture(scope="session")
def ours(staging, tmp_path_factory):
    config = tmp_path_factory.mktemp("postern")
    (config / "main.cf").write_text("myhostname = mx.example\nmail_owner =\n")
    (config / "master.cf").write_text("")
    return Tools(pathlib.Path(staging.command("postmap")).parent,
                 {"PATH": "/usr/bin:/bin",
                  "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")}, config)


def unpack(folder):
    """Debian's postfix package below `folder`, not installed."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        pytest.skip("no apt-get and dpkg to fetch Debian's postfix with")
    folder.chmod(0o777)     # apt fetches as another user
    fetched = subprocess.run(["apt-get", "download", "postfix"], cwd=folder,
                             capture_output=True, timeout=120)
    packages = list(folder.glob("postfix_*.deb"))
    if fetched.returncode != 0 or not packages:
        pytest.skip("apt-get download postfix: "
                    + fetched.stderr.decode().strip()[-200:])
    subprocess.run(["dpkg", "-x", packages[0], folder / "tree"], check=True)
    return folder / "tree"


@pytest.fixture(scope="session")
def theirs(tmp_path_factory):
    """Those of Debian's Postfix."""
    tree = unpack(tmp_path_factory.mktemp("package"))
    config = tmp_path_factory.mktemp("postfix")
    libraries = tree / "usr/lib/postfix"
    (config / "main.cf").write_text(
        "compatibility_level = 3.6\nmyhostname = mx.example\n"
        "mail_owner = daemon\nsetgid_group = games\n"
        f"shlib_directory = {libraries}\ndaemon_directory = {libraries}/sbin\n"
        f"command_directory = {tree}/usr/sbin\n")
    (config / "master.cf").write_text("")
    tools = Tools(tree / "usr/sbin",
                  {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": str(libraries)},
                  config)
    result = tools.run("postmap", "-q", "a", "inline:{a=b}")
    if result.stdout != b"b\n":
        pytest.skip("Debian's postmap does not run here: "
                    + result.stderr.decode()[-200:])
    return tools
