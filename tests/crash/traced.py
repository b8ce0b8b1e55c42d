# SPDX-License-Identifier: MIT
"""An instance under tests/crash/tracer.c: what it does is counted call by call,
and everything can be killed at one of them."""

import collections
import os
import queue
import re
import socket
import subprocess
import threading
import time

from tests.support.instance import Instance
from tests.support.waiting import wait_until

HEADERS = ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
           "/usr/include/asm-generic/unistd.h")


def call_names():
    """{number: name} of this machine's system calls."""
    for header in HEADERS:
        if os.path.exists(header):
            with open(header) as file:
                return {int(number): name for name, number in re.findall(
                    r"#define __NR(?:3264)?_(\w+)\s+(\d+)", file.read())}
    return {}


class Traced:
    """One run of the instance in the foreground, under the tracer."""

    def __init__(self, tracer, instance, first_command="record"):
        self.instance = instance
        identity = {}
        if os.geteuid() == 0:
            identity = {"user": instance.user.pw_uid,
                        "group": instance.user.pw_gid, "extra_groups": []}
        self.process = subprocess.Popen(
            [str(tracer), instance.staging.command("postern"), "start-fg"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, cwd="/",
            env=instance.environment(), **identity)
        self.lines = queue.Queue()
        self.killed = None      # "NAME NUMBER CALL"
        self.failed = None      # "NAME NUMBER CLASS"
        self.dead = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        self.command(first_command)

    def _read(self):
        for line in self.process.stdout:
            line = line.rstrip("\n")
            if line.startswith("killed "):
                self.killed = line[7:]
            elif line.startswith("failed "):
                self.failed = line[7:]
            elif line == "dead":
                self.dead.set()
            else:
                self.lines.put(line)
        self.dead.set()

    def command(self, text):
        """Sends one that is answered "ok"."""
        self._send(text)
        assert self.lines.get(timeout=30) == "ok"

    def _send(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def report(self):
        """[(name, number, [call, ...])]"""
        self._send("report")
        found = []
        while (line := self.lines.get(timeout=30)) != "end":
            name, number, *calls = line.split()
            found.append((name, int(number), [int(call) for call in calls]))
        return found

    def classes(self):
        """Calls so far: Counter of (name, class)."""
        self._send("classes")
        found = collections.Counter()
        while (line := self.lines.get(timeout=30)) != "end":
            name, _, kind, count = line.split()
            found[name, kind] += int(count)
        return found

    def stop(self):
        """Kills whatever is left."""
        try:
            self.process.stdin.close()  # end of file says "stop"
        except BrokenPipeError:
            pass
        assert self.dead.wait(30), "the tracer does not end"
        self.process.wait()

    def wait_served(self):
        """Until SMTP is answered, or all is dead."""
        def is_served():
            if self.dead.is_set():
                return True
            try:
                with socket.create_connection(
                        ("127.0.0.1", self.instance.port), timeout=5) as probe:
                    return probe.recv(4) == b"220 "
            except OSError:
                return False
        wait_until(is_served, "the greeting of a traced instance")
        assert self.killed or not self.dead.is_set(), "did not start"

    def wait_settled(self, is_settled, patience=10.0):
        """Until is_settled() or death; a run that does not settle in time is as
        good as one that does: it is killed then."""
        deadline = time.monotonic() + patience
        while not self.dead.is_set() and time.monotonic() < deadline:
            if is_settled():
                return
            time.sleep(0.02)


class CrashInstance(Instance):
    """Tries again at once what a crash or a refusal has put off."""

    def __init__(self, staging, sink_port, parameters):
        super().__init__(staging, {
            "relayhost": f"[127.0.0.1]:{sink_port}",
            "minimal_backoff_time": "1s",
            "maximal_backoff_time": "1s",
            "queue_run_delay": "1s",
            **parameters})
