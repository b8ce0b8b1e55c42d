# SPDX-License-Identifier: MIT
"""Dovecot takes mail by LMTP and refuses whom it does not know."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from tests.support.instance import scratch_user
from tests.support.waiting import wait_until

DOVECOT = shutil.which("dovecot", path="/usr/sbin:/usr/bin")
LMTP = pathlib.Path("/usr/lib/dovecot/lmtp")

pytestmark = pytest.mark.skipif(
    DOVECOT is None or not LMTP.exists(), reason="needs dovecot-lmtpd")

CONFIGURATION = """\
base_dir = {root}/run
state_dir = {root}/run
log_path = {root}/log
protocols = lmtp
ssl = no
hostname = dovecot.example
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:~/Maildir
passdb {{
  driver = passwd-file
  args = {root}/users
}}
userdb {{
  driver = passwd-file
  args = {root}/users
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service lmtp {{
  unix_listener {root}/lmtp {{
    mode = 0666
  }}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {port}
  }}
}}
"""


class Dovecot:
    def __init__(self, port):
        user = scratch_user()
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="pd-"))
        self.root.chmod(0o755)
        self.port = port
        (self.root / "users").write_text("".join(
            f"{name}@box.example:{{plain}}x:{user.pw_uid}:{user.pw_gid}::"
            f"{self.root}/{name}::\n" for name in ("ann", "bob")))
        group = subprocess.run(["id", "-gn", user.pw_name], check=True,
                               capture_output=True, text=True).stdout.strip()
        (self.root / "conf").write_text(CONFIGURATION.format(
            root=self.root, user=user.pw_name, group=group, port=port))
        identity = {}
        if os.geteuid() == 0:
            os.chown(self.root, user.pw_uid, user.pw_gid)
            identity = {"user": user.pw_uid, "group": user.pw_gid,
                        "extra_groups": []}
        self.process = subprocess.Popen(
            [DOVECOT, "-F", "-c", self.root / "conf"], cwd="/",
            env={"PATH": "/usr/sbin:/usr/bin"}, **identity)

    def wait(self):
        wait_until(lambda: self.process.poll() is not None or
                   (self.root / "lmtp").exists(), "Dovecot's socket")
        assert self.process.poll() is None, self.log()
        return self

    def log(self):
        path = self.root / "log"
        return path.read_text() if path.exists() else ""

    def mail(self, user):
        folder = self.root / user / "Maildir" / "new"
        return list(folder.iterdir()) if folder.is_dir() else []

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)
        shutil.rmtree(self.root, ignore_errors=True)


@pytest.fixture
def dovecot():
    from tests.support.ports import free_port
    server = Dovecot(free_port())
    try:
        yield server.wait()
    finally:
        server.stop()


@pytest.mark.parametrize("transport", ["unix:{0.root}/lmtp",
                                       "inet:127.0.0.1:{0.port}"])
def test_delivery(dovecot, make_instance, transport):
    instance = make_instance(parameters={
        "virtual_mailbox_domains": "box.example",
        "virtual_transport": "lmtp:" + transport.format(dovecot)})
    body = "".join(f"{n:05d} {'x' * 70}\r\n" for n in range(3000))
    message = instance.message(["ann@box.example"], body=".dot\r\n" + body)
    queue_id = instance.send(
        ["ann@box.example", "bob@box.example", "nobody@box.example"], message)
    for user in ("ann", "bob"):
        instance.wait_log(
            rf"postfix/lmtp\[\d+\]: {queue_id}: to=<{user}@box\.example>, .*"
            r"dsn=2\.0\.0, status=sent \(250 2\.0\.0 .*Saved\)$")
    instance.wait_log(rf"{queue_id}: to=<nobody@box\.example>, .*"
                      r"dsn=5\.1\.1, status=bounced \(host .* said: 550 5\.1\.1"
                      r" .*User doesn't exist.*\)$")
    for user in ("ann", "bob"):
        raw = dovecot.mail(user)[0].read_bytes()
        assert raw.startswith(b"Return-Path: <sender@client.example>\n")
        assert raw.endswith(
            message.replace(b"\r\n", b"\n").split(b"\n\n", 1)[1])
