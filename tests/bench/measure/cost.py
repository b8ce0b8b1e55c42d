# SPDX-License-Identifier: MIT
"""What each daemon spends on a message: processor time and context switches of
one run, system calls of another one under the tracer of tests/crash."""

import collections
import os
import pathlib
import shutil
import subprocess
import tempfile

from tests.crash.traced import CrashInstance, Traced, call_names
from tests.load.story import CountingSink, Tools
from tests.support.waiting import wait_until

PATIENCE = 600
BODY = 5000
SYNCS = ("fsync", "fdatasync", "sync_file_range")

# Of one process: seconds of the processor, and context switches.
Usage = collections.namedtuple("Usage", "processor switches")


def usage(pid):
    """All threads, those that are gone for the processor only."""
    process = pathlib.Path(f"/proc/{pid}")
    words = (process / "stat").read_text().rsplit(")", 1)[1].split()
    switches = 0
    for path in process.glob("task/*/status"):
        switches += sum(int(line.split()[1])
                        for line in path.read_text().splitlines()
                        if "ctxt_switches" in line)
    return Usage(sum(map(int, words[11:13])) / os.sysconf("SC_CLK_TCK"),
                 switches)


class Path:
    """An instance, a client and a sink; `sessions` at once, with `per_session`
    messages each (0: many)."""

    def __init__(self, staging, build, sessions, per_session):
        self.tools = Tools(build)
        self.tracer = pathlib.Path(build) / "tests" / "crash" / "crash_tracer"
        self.sessions = sessions
        self.per_session = per_session
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pcost-"))
        self.sink = CountingSink(self.tools, self.folder)
        self.instance = CrashInstance(staging, self.sink.port, {
            "default_destination_concurrency_limit": "20",
            "queue_segment_size": "16777216"})

    def close(self):
        self.sink.stop()
        self.instance.remove()
        shutil.rmtree(self.folder)

    def _send(self, messages):
        with open(self.instance.log_path, "rb") as log:
            log.seek(0, os.SEEK_END)
            subprocess.run(
                [self.tools.load, "-n", str(messages),
                 "-c", str(self.sessions), "-p", str(self.per_session),
                 "-s", str(BODY), "-t", str(PATIENCE), "127.0.0.1",
                 str(self.instance.port), self.folder / "taken"],
                check=True, stdout=subprocess.DEVNULL)
            gone = 0

            def is_over():
                nonlocal gone
                gone += log.read().count(b": removed\n")
                return gone >= messages

            wait_until(is_over, "the last message", PATIENCE)

    def _usages(self):
        master = self.instance.master_pid()
        pids = [str(master)]
        for path in pathlib.Path(f"/proc/{master}/task").glob("*/children"):
            pids += path.read_text().split()
        return {(pathlib.Path(f"/proc/{pid}/comm").read_text().strip(), pid):
                usage(pid) for pid in pids}

    def usages(self, messages):
        """{daemon: Usage of one message}, after as many as a warm-up."""
        self.instance.start()
        try:
            self._send(messages)
            before = self._usages()
            self._send(messages)
            after = self._usages()
        finally:
            self.instance.stop()
        found = collections.defaultdict(lambda: Usage(0, 0))
        for key, now in after.items():
            then = before.get(key, Usage(0, 0))
            have = found[key[0]]
            found[key[0]] = Usage(
                have.processor + (now.processor - then.processor) / messages,
                have.switches + (now.switches - then.switches) / messages)
        return found

    def calls(self, messages):
        """{daemon: Counter of system calls of one message}. Stopped at each of
        its calls everything is slower, and batches are larger or smaller than
        they are in peace."""
        names = call_names()
        traced = Traced(self.tracer, self.instance)
        try:
            traced.wait_served()
            self._send(messages)
            before = self._count(traced, names)
            self._send(messages)
            after = self._count(traced, names)
        finally:
            traced.stop()
            self.instance.run("postern", "abort", check=False)
        return {daemon: {name: (count - before[daemon][name]) / messages
                         for name, count in calls.items()}
                for daemon, calls in after.items()}

    @staticmethod
    def _count(traced, names):
        found = collections.defaultdict(collections.Counter)
        for daemon, _, calls in traced.report():
            found[daemon].update(names.get(call, str(call)) for call in calls)
        return found
