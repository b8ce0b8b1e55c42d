# SPDX-License-Identifier: MIT
"""What tests/load/run and the scenario of the same name do: many messages from
many parallel senders through an instance to a counting sink, in peace, with
daemons killed under it, and beside idle sessions."""

import collections
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

from tests.support.instance import Instance
from tests.support.ports import free_port
from tests.support.waiting import wait_until

KINDS = ("smtpd", "cleanup", "qmgr", "smtp", "lookup", "dns", "pickup",
         "showq", "master")
SENDERS = 20
SENT_BODY = 2048


class Tools:
    """The programs load and load_sink of a build."""

    def __init__(self, build):
        folder = pathlib.Path(build) / "tests" / "load"
        self.load = folder / "load"
        self.sink = folder / "load_sink"


class CountingSink:
    """`options` of load_sink: -d, -w."""

    def __init__(self, tools, folder, name="received", options=(), port=None):
        self.port = port or free_port()
        self.path = folder / name
        self.process = subprocess.Popen(
            [tools.sink, *options, str(self.port), str(self.path)])
        wait_until(self._is_listening, "the sink")

    def _is_listening(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        self.process.kill()
        self.process.wait()

    def received(self):
        """[(serial, queue id, milliseconds)]"""
        found = []
        for line in self.path.read_text().splitlines():
            serial, queue_id, when = line.split()
            found.append((int(serial), queue_id, int(when)))
        return found

    def count(self):
        with open(self.path, "rb") as file:
            return sum(chunk.count(b"\n")
                       for chunk in iter(lambda: file.read(1 << 20), b""))


class Account:
    """What was taken (answered 250) against what the sink has received."""

    def __init__(self, taken, received, kills=()):
        serials = collections.Counter(serial for serial, _, _ in received)
        self.taken = len(taken)
        self.received = len(received)
        self.lost = sorted(taken - serials.keys())
        self.unasked = len(serials.keys() - taken)
        self.duplicates = sum(serials.values()) - len(serials)
        self.classes = self._classes(received, kills)

    @staticmethod
    def _classes(received, kills):
        """Duplicates by what was killed last before the second copy came, and
        whether both copies came from one queue file."""
        classes = collections.Counter()
        first = {}
        for serial, queue_id, when in sorted(received, key=lambda r: r[2]):
            if serial not in first:
                first[serial] = queue_id
                continue
            killed = [kind for kind, at in kills if at <= when]
            same = "sent again" if first[serial] == queue_id else "queued twice"
            classes[f"{same} after {killed[-1] if killed else 'nothing'}"] += 1
        return classes

    def report(self):
        lines = [f"taken {self.taken}, received {self.received}, "
                 f"lost {len(self.lost)}, duplicates {self.duplicates}, "
                 f"received though not answered {self.unasked}"]
        lines += [f"  duplicates {name}: {count}"
                  for name, count in sorted(self.classes.items())]
        return "\n".join(lines)


class Story:
    """An instance in front of a counting sink. progress(text) is told how far
    things are."""

    def __init__(self, staging, build, progress=lambda text: None):
        self.tools = Tools(build)
        self.progress = progress
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pload-"))
        self.sink = CountingSink(self.tools, self.folder)
        self.instance = Instance(staging, {
            "relayhost": f"[127.0.0.1]:{self.sink.port}",
            # What a kill has deferred is tried again at once.
            "minimal_backoff_time": "1s",
            "maximal_backoff_time": "2s",
            "queue_run_delay": "1s",
            "default_destination_concurrency_limit": "20",
            "queue_segment_size": "16777216",
        }).start()

    def close(self):
        self.instance.stop()
        self.sink.stop()
        self.instance.remove()

    # ---- sending ----

    def _begin_load(self, messages, senders, patience):
        self.taken_path = self.folder / "taken"
        self.taken_path.unlink(missing_ok=True)
        return subprocess.Popen(
            [self.tools.load, "-n", str(messages), "-c", str(senders),
             "-p", "100", "-s", str(SENT_BODY), "-t", str(int(patience)),
             "127.0.0.1", str(self.instance.port), str(self.taken_path)],
            stdout=subprocess.PIPE, text=True)

    def _taken(self):
        if not self.taken_path.exists():
            return set()
        lines = self.taken_path.read_text().splitlines()
        return {int(line) for line in lines}

    def _finish(self, load, messages, patience):
        deadline = time.monotonic() + patience
        while load.poll() is None:
            self.progress(f"taken {len(self._taken())} of {messages}, "
                          f"received {self.sink.count()}")
            assert time.monotonic() < deadline, "the senders do not finish"
            time.sleep(0.5)
        summary = load.stdout.read().strip()
        assert load.returncode == 0, f"{summary}\n{self.instance.log()[-4000:]}"
        return summary

    def _drain(self, taken, patience):
        """Until the queue is empty, and for as long as the sink is catching
        up."""
        deadline = time.monotonic() + patience
        while not self.instance.queue_is_empty():
            self.progress(f"received {self.sink.count()} of {len(taken)}, "
                          f"{len(self.instance.queue_files())} queued")
            assert time.monotonic() < deadline, \
                f"still queued: {self.instance.queue_files()[:5]}\n" \
                f"{self.instance.log()[-4000:]}"
            time.sleep(0.5)

    def relay(self, messages, senders=SENDERS, patience=600):
        """All in peace; returns (summary, seconds until the queue was empty,
        account)."""
        before = len(self.sink.received())
        begun = time.monotonic()
        load = self._begin_load(messages, senders, patience)
        summary = self._finish(load, messages, patience)
        taken = self._taken()
        self._drain(taken, patience)
        seconds = time.monotonic() - begun
        return summary, seconds, Account(taken, self.sink.received()[before:])

    # ---- killing ----

    def kill(self, kind):
        """Kills all processes of a kind at once; a dead master is started
        anew. False when there was none."""
        if kind == "master":
            self._kill_master()
            return True
        pids = self.instance.pids(kind)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return bool(pids)

    def _kill_master(self):
        pid = self.instance.master_pid()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists(),
                   "master's death")

        def is_started():
            return self.instance.run("postern", "start",
                                     check=False).returncode == 0

        wait_until(is_started, "postern start after master's death")

    def relay_under_fire(self, messages, kinds=KINDS, senders=SENDERS,
                         patience=600):
        """One kind is killed per round, the rounds spread over the load;
        returns (summary, kills, account)."""
        before = len(self.sink.received())
        load = self._begin_load(messages, senders, patience)
        kills = []
        for number, kind in enumerate(kinds):
            due = messages * (number + 1) // (len(kinds) + 1)
            wait_until(lambda: load.poll() is not None or
                       len(self._taken()) >= due,
                       f"{due} messages taken", patience)
            at = time.monotonic_ns() // 1_000_000
            if self.kill(kind):
                kills.append((kind, at))
                self.progress(f"killed {kind} at {len(self._taken())}")
        summary = self._finish(load, messages, patience)
        taken = self._taken()
        self._drain(taken, patience)
        return summary, kills, Account(taken, self.sink.received()[before:],
                                       kills)

    # ---- idle sessions ----

    def memory(self, program=None):
        """PSS in bytes of the instance's processes, or of one program's."""
        programs = [program] if program else [*KINDS, "local", "bounce"]
        pids = [pid for name in programs if name != "master"
                for pid in self.instance.pids(name)]
        return sum(proportional_size(pid) for pid in pids)

    def idle(self, sessions, messages):
        """Opens the sessions, lets mail flow beside them, and returns (bytes
        per session in smtpd, bytes per session in all, account)."""
        self.relay(messages)       # what is allocated once is there
        before = self.memory("smtpd"), self.memory()
        clients = [self._idle_session() for _ in range(sessions)]
        after = self.memory("smtpd"), self.memory()
        _, _, account = self.relay(messages)
        alive = sum(is_served(client) for client in clients)
        for client in clients:
            client.close()
        assert alive == sessions, f"{alive} of {sessions} sessions live"
        return ((after[0] - before[0]) // sessions,
                (after[1] - before[1]) // sessions, account)

    def _idle_session(self):
        client = socket.create_connection(("127.0.0.1", self.instance.port),
                                          timeout=30)
        assert client.recv(1000).startswith(b"220 ")
        client.sendall(b"EHLO idle.example\r\n")
        assert client.recv(1000).startswith(b"250")
        return client


def proportional_size(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()\
            .splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def is_served(client):
    client.sendall(b"NOOP\r\n")
    return client.recv(1000).startswith(b"250 ")
