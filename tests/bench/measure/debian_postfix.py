# SPDX-License-Identifier: MIT
"""Debian's Postfix, unpacked and not installed."""

import os
import subprocess

from tests.bench.measure.server import PORT, Server

OWN_CF = """\
queue_directory = /var/spool/postfix
data_directory = /var/lib/postfix
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file_prefixes = {work}
local_recipient_maps =
smtp_dns_support_level = disabled
smtp_tls_security_level = none
smtpd_tls_security_level = none
smtpd_recipient_restrictions = permit_mynetworks, reject
"""

MASTER_CF = f"""\
127.0.0.1:{PORT} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class DebianPostfix(Server):
    name = "postfix"
    users = ("postfix", "postdrop")

    def obtain(self):
        """Fetches the package unless it is there."""
        if (self.tree / "usr").is_dir():
            return
        packages = self.folder / "packages"
        packages.mkdir(parents=True, exist_ok=True)
        packages.chmod(0o777)   # apt fetches as another user
        subprocess.run(["apt-get", "-q", "download", "postfix"], check=True,
                       cwd=packages)
        subprocess.run(["dpkg", "-x", *packages.glob("*.deb"), self.tree],
                       check=True)

    def configure(self, users):
        config = self.work / "etc" / "postfix"
        config.mkdir()
        for folder in ("spool", "lib"):
            (self.work / folder / "postfix").mkdir()
        os.chown(self.work / "lib" / "postfix", users["postfix"], -1)
        for name in ("postdrop", "postqueue"):
            program = self.tree / "usr" / "sbin" / name
            os.chown(program, 0, users["postdrop"])
            program.chmod(0o2755)
        (config / "main.cf").write_text(
            self.shared_cf() + OWN_CF.format(work=self.work))
        (config / "master.cf").write_text(MASTER_CF)

    def start_command(self):
        return ["/usr/sbin/postfix", "start-fg"]

    def master_pid(self):
        path = self.work / "spool" / "postfix" / "pid" / "master.pid"
        return int(path.read_text())
