# SPDX-License-Identifier: MIT
"""A mail server in a folder, a cgroup and a mount namespace of its own, so that
several that cannot be installed together can be measured side by side. All of
them listen on PORT of 127.0.0.1, one at a time, relay to SINK, throw away mail
for discard.test, and put mail for local.test into Maildirs."""

import os
import pathlib
import shutil
import signal
import smtplib
import subprocess
import time

from tests.support.waiting import wait_until

PORT, SINK = 2600, 2525
PATIENCE = 600
BOX_USER = ("bench", 9110)
FIRST_ID = 9200


# What every server is told. Postfix's limits for clients and destinations would
# measure the limits.
SHARED_CF = """\
compatibility_level = 3.6
myhostname = bench.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
alias_database =
smtpd_peername_lookup = no
relayhost = [127.0.0.1]:{sink}
transport_maps = inline:{{ discard.test=discard: }}
virtual_mailbox_domains = local.test
virtual_mailbox_base = {boxes}
virtual_mailbox_maps = static:box/
virtual_minimum_uid = 100
virtual_mailbox_limit = 0
virtual_uid_maps = static:{box_id}
virtual_gid_maps = static:{box_id}
message_size_limit = 60000000
smtpd_recipient_limit = 50000
smtpd_recipient_overshoot_limit = 50000
smtpd_client_connection_count_limit = 0
default_process_limit = 200
default_destination_concurrency_limit = 50
initial_destination_concurrency = 20
in_flow_delay = 0
maillog_file = {log}
"""


def cgroup_root():
    for path in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup"):
        if os.path.exists(path + "/cgroup.procs"):
            return pathlib.Path(path)
    raise SystemExit("needs cgroup version 2 below /sys/fs/cgroup")


class Server:
    """Subclasses say name, users, main_cf, start_command, and make `tree`, a
    folder with the usr and perhaps the etc of an installation."""

    name = "?"
    users = ()

    def __init__(self, folder):
        self.folder = pathlib.Path(folder) / self.name
        self.tree = self.folder / "tree"
        self.work = self.folder / "work"
        self.boxes = self.work / "boxes"
        self.log_path = self.work / "log" / "mail.log"
        self.cgroup = cgroup_root() / f"postern-bench-{self.name}"
        self.process = None
        self.log = None

    # ---- files ----

    def shared_cf(self):
        return SHARED_CF.format(sink=SINK, boxes=self.boxes,
                                box_id=BOX_USER[1], log=self.log_path)

    def _write_users(self):
        users = [(name, number)
                 for number, name in enumerate(self.users, FIRST_ID)]
        lines = {"passwd": "{0}:x:{1}:{1}::/nonexistent:/usr/sbin/nologin\n",
                 "group": "{0}:x:{1}:\n"}
        for file, line in lines.items():
            names = {name for name, _ in (*users, BOX_USER)}
            have = pathlib.Path("/etc", file).read_text().splitlines(True)
            (self.work / "etc" / file).write_text("".join(
                [entry for entry in have if entry.split(":")[0] not in names] +
                [line.format(*user) for user in (*users, BOX_USER)]))
        return dict(users)

    def prepare(self):
        """A queue that is empty, and files of the configuration."""
        shutil.rmtree(self.work, ignore_errors=True)
        for folder in ("etc", "spool", "run", "log", "lib", "boxes"):
            (self.work / folder).mkdir(parents=True)
        self.work.chmod(0o755)
        os.chown(self.boxes, BOX_USER[1], BOX_USER[1])
        self.configure(self._write_users())

    def mounts(self):
        """Shell commands that lay our files over the system's, in the private
        namespace."""
        etc = [str(self.work / "etc"), "/etc"]
        if (self.tree / "etc").is_dir():
            etc.insert(1, str(self.tree / "etc"))
        lines = [f"mount -t overlay none -o lowerdir={':'.join(etc)} /etc",
                 "mount -t overlay none "
                 f"-o lowerdir={self.tree}/usr:/usr /usr"]
        lines += [f"mount --bind {self.work}/{own} {path}" for own, path in (
            ("spool", "/var/spool"), ("run", "/run"), ("lib", "/var/lib"))]
        return lines

    def inside(self, argv):
        """argv as it runs in the namespace."""
        script = "; ".join(["mount --make-rprivate /", *self.mounts(),
                            'exec "$@"'])
        return ["unshare", "-m", "sh", "-ec", script, "sh", *argv]

    # ---- life ----

    def _enter_cgroup(self):
        (self.cgroup / "cgroup.procs").write_text("0")

    def start(self):
        self.cgroup.mkdir(exist_ok=True)
        with open(self.work / "log" / "output", "ab") as output:
            self.process = subprocess.Popen(
                self.inside(self.start_command()), stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True,
                preexec_fn=self._enter_cgroup)
        wait_until(self._is_serving, f"{self.name} to answer", 60)
        self.log = open(self.log_path, "rb")
        self.removed()

    def _is_serving(self):
        try:
            with smtplib.SMTP("127.0.0.1", PORT, timeout=30) as client:
                return client.noop()[0] == 250
        except OSError:
            assert self.process.poll() is None, (
                (self.work / "log" / "output").read_text())
            return False

    def _pids(self):
        path = self.cgroup / "cgroup.procs"
        return [int(line) for line in path.read_text().split()]

    def stop(self):
        if self.process is None:
            return
        os.kill(self.master_pid(), signal.SIGTERM)
        deadline = time.monotonic() + 30
        while self._pids() and time.monotonic() < deadline:
            self.process.poll()
            time.sleep(0.02)
        for pid in self._pids():
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not self._pids(), "the last process")
        self.cgroup.rmdir()
        self.log.close()
        self.process = None

    def master_pid(self):
        return self.process.pid

    # ---- figures ----

    def processor_time(self):
        """Seconds of all processes, of those that are gone, too."""
        for line in (self.cgroup / "cpu.stat").read_text().splitlines():
            name, value = line.split()
            if name == "usage_usec":
                return int(value) / 1e6
        raise ValueError("no usage_usec in cpu.stat")

    def memory(self):
        """Proportional size of all processes, bytes."""
        total = 0
        for pid in self._pids():
            try:
                text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:
                continue    # it has just ended
            total += sum(int(line.split()[1]) for line in text.splitlines()
                         if line.startswith("Pss:"))
        return total * 1024

    def removed(self):
        """Messages that have left the queue since the last question."""
        return self.log.read().count(b": removed\n")
