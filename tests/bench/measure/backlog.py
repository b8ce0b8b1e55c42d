# SPDX-License-Identifier: MIT
"""An instance with a long queue, and how it does."""

import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

from tests.load.story import CountingSink, Tools, proportional_size
from tests.support.instance import Instance
from tests.support.waiting import wait_until

FRESH = 20           # messages whose latency is measured
PATIENCE = 600


def milliseconds():
    return time.monotonic_ns() / 1e6


def peak_memory(pid):
    """The most that was resident, bytes."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def megabytes(number):
    return f"{number / (1 << 20):.1f}"


class Backlog:
    """The queue lies below `directory`. Fresh mail is for a sink that takes
    everything, the rest for one that answers 450."""

    def __init__(self, staging, build, directory, size):
        self.fill_tool = pathlib.Path(build) / "tests" / "bench" / "queue_fill"
        self.size = size
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pbench-",
                                                    dir=directory))
        self.folder.chmod(0o755)
        tools = Tools(build)
        self.sink = CountingSink(tools, self.folder, "taken")
        self.refusing = CountingSink(tools, self.folder, "refused", ["-d"])
        self.serial = 0
        self.instance = Instance(staging, {
            "queue_directory": self.folder / "queue",
            "transport_maps":
                f"inline:{{ fresh.test=smtp:[127.0.0.1]:{self.sink.port} }}",
            "relayhost": f"[127.0.0.1]:{self.refusing.port}",
            "queue_segment_size": "16777216",
        })
        self.queue = self.folder / "queue"
        self.queue.mkdir()
        os.chown(self.queue, self.instance.user.pw_uid,
                 self.instance.user.pw_gid)

    def close(self):
        self.instance.stop(timeout=PATIENCE)
        self.sink.stop()
        self.refusing.stop()
        self.instance.remove()
        shutil.rmtree(self.folder)

    def fill(self, messages, due_percent):
        """Only while the instance is stopped."""
        identity = {}
        if os.geteuid() == 0:
            identity = {"user": self.instance.user.pw_uid,
                        "group": self.instance.user.pw_gid, "extra_groups": []}
        subprocess.run([self.fill_tool, "-n", str(due_percent), "-s",
                        str(self.size), self.queue, str(messages)],
                       check=True, stdout=subprocess.DEVNULL, **identity)

    # ---- fresh mail ----

    def _arrival(self, serial):
        for number, _, when in self.sink.received():
            if number == serial:
                return when
        return None

    def _deliver(self, client):
        """Sends one message; returns when it was in the sink."""
        self.serial += 1
        client.sendmail(
            "sender@client.example", ["someone@fresh.test"],
            f"X-Serial: {self.serial}\r\nSubject: fresh\r\n\r\nHello.\r\n")
        return wait_until(lambda: self._arrival(self.serial), "fresh mail",
                          PATIENCE)

    def _start(self):
        """Milliseconds until a message sent at once is delivered."""
        begun = milliseconds()
        self.instance.start(timeout=PATIENCE)
        with self.instance.client() as client:
            return self._deliver(client) - begun

    def _latencies(self):
        """Of one message after the other, milliseconds, sorted."""
        found = []
        with self.instance.client() as client:
            for _ in range(FRESH):
                begun = milliseconds()
                found.append(self._deliver(client) - begun)
        return sorted(found)

    # ---- the listing ----

    def _list(self, option):
        """(seconds to the first line, to the last, lines)"""
        identity = {}
        if os.geteuid() == 0:
            identity = {"user": self.instance.user.pw_uid,
                        "group": self.instance.user.pw_gid, "extra_groups": []}
        begun = time.monotonic()
        process = subprocess.Popen(
            [self.instance.staging.command("postqueue"), option],
            env=self.instance.environment(), stdout=subprocess.PIPE,
            **identity)
        process.stdout.readline()
        first = time.monotonic() - begun
        count = 1 + sum(chunk.count(b"\n") for chunk in
                        iter(lambda: process.stdout.read(1 << 20), b""))
        assert process.wait() == 0
        return first, time.monotonic() - begun, count

    # ---- all of it ----

    def measure(self):
        """From a start to a stop; a row of the table."""
        start = self._start()
        latencies = self._latencies()
        table = self._list("-p")
        lines = self._list("-j")
        after = self._latencies()
        qmgr, showq = (self.instance.pids(name)[0]
                       for name in ("qmgr", "showq"))
        row = {
            "start ms": f"{start:.0f}",
            "fresh ms": f"{statistics.median(latencies):.0f}",
            "worst": f"{latencies[-1]:.0f}",
            "later": f"{statistics.median(after):.0f}",
            "-p first s": f"{table[0]:.2f}",
            "-p all": f"{table[1]:.1f}",
            "-j first": f"{lines[0]:.2f}",
            "-j all": f"{lines[1]:.1f}",
            "listed": lines[2],
            "qmgr MB": megabytes(proportional_size(qmgr)),
            "peak": megabytes(peak_memory(qmgr)),
            "showq peak": megabytes(peak_memory(showq)),
        }
        begun = milliseconds()
        self.instance.stop(timeout=PATIENCE)
        row["stop ms"] = f"{milliseconds() - begun:.0f}"
        return row
