# SPDX-License-Identifier: MIT
"""An instance that goes through a path again and again, each time with another
call of some process failing. It is never restarted by hand, unless the path is
its end or its beginning."""

import collections
import os
import pathlib
import re
import socket
import threading
import time

from tests.crash.ledger import Account, Findings
from tests.crash.paths import FAR
from tests.crash.sweep import Run
from tests.crash.traced import Traced
from tests.support.waiting import wait_until

SETTLE_PATIENCE = 3.0
OUTAGE = 1.0            # seconds of a fault that lasts, after the path's work
SERVE_PATIENCE = 20.0   # until mail is accepted again
DRAIN_PATIENCE = 60.0
LONG = 3.0              # seconds; shorter rounds say nothing about idling
BUSY_SHARE = 0.4        # of the time, for one process: it turns in circles

ENDED = re.compile(r"process (\S+) pid \d+ (exit status \d+|killed by .*)")


class Outcome:
    """Of one round."""

    def __init__(self):
        self.reached = False
        self.refused = 0
        self.exits = []         # processes that ended with an error
        self.duplicates = 0
        self.lost = 0
        self.problems = []


class Faulty(Run):
    # ---- what may be counted or fail: one round ----

    def begin(self):
        starts = self.instance.log().count("daemon started")
        self._start_traced("record")
        self.instance.wait_log("daemon started", starts + 1)

    def record(self):
        """Counter of (process, class) in one round."""
        self._play("record")
        if self.path.ends:
            return self.counts_at_end
        time.sleep(0.3)     # what comes after the last visible step
        return self.traced.classes()

    def record_rounds(self):
        """The same of a first round and of a later one. A path that begins or
        ends the instance knows no difference."""
        if self.path.lives_on:
            return [self.record(), self.record()]
        return [collections.Counter(), self.record()]

    def play(self, point):
        """One round with the fault of the point; returns its Outcome."""
        outcome = Outcome()
        log_before = len(self.instance.log())
        refused_before = self._refused()
        account_before = Account(self.ledger,
                                 Findings(self.instance, self.sink))
        cpu_before, begun = self._cpu_times(), time.monotonic()
        self.traced.failed = None
        try:
            self._play(point.command())
        except Exception as error:
            if not self._has_ended(point):
                outcome.problems.append(f"{type(error).__name__}: {error}")
        try:
            if self._has_ended(point):
                outcome.exits.append("master")
                self._begin_again()
            outcome.refused = self._refused() - refused_before
            self._serve_again()
        except Exception as error:      # whatever it is, the point is bad
            outcome.problems.append(f"{type(error).__name__}: {error}")
        outcome.reached = self.traced.failed is not None
        self._find_busy(outcome, cpu_before, time.monotonic() - begun)
        self._find_ends(outcome, self.instance.log()[log_before:])
        account = Account(self.ledger, Findings(self.instance, self.sink))
        outcome.duplicates = account.duplicates - account_before.duplicates
        outcome.lost = len(account.lost)
        if account.lost or account.damaged:
            outcome.problems.append(str(account))
        if self.traced.dead.is_set():
            outcome.problems.append("the instance is gone")
        return outcome

    def _play(self, command):
        self.later_may_pass = False
        self.acted = False
        self.sink.rcpt = self._answer_rcpt(self.path.refuses)
        self.path.prepare(self)
        if self.path.counts_start:
            self._start_with(command)
        else:
            self.traced.command(command)
        act = threading.Thread(target=self.path.act, args=(self,), daemon=True)
        act.start()
        act.join(DRAIN_PATIENCE)
        assert not act.is_alive(), "the clients of the path wait for ever"
        self.traced.wait_settled(lambda: self.path.is_settled(self),
                                 SETTLE_PATIENCE)
        if command.startswith("from"):
            time.sleep(OUTAGE)
            self.traced.command("mend")
        if self.path.ends:
            self._end()
        self.later_may_pass = True
        self.sink.rcpt = self._answer_rcpt(None)
        self.sink.data = None
        wait_until(self._could_recover, "the path's recovery", DRAIN_PATIENCE)
        self._drain(DRAIN_PATIENCE)
        if command != "record":
            self.traced.command("mend")

    def _start_with(self, command):
        """A start that fails is tried again, without the fault."""
        self.traced = Traced(self.tracer, self.instance, command)
        wait_until(lambda: self.traced.dead.is_set() or self._is_served(),
                   "the greeting of a traced instance")
        if self.traced.dead.is_set():
            self._restart()

    def _is_served(self):
        try:
            with socket.create_connection(("127.0.0.1", self.instance.port),
                                          timeout=5) as probe:
                return probe.recv(4) == b"220 "
        except OSError:
            return False

    def _end(self):
        """A stop that was refused is tried again."""
        if not self.traced.dead.is_set():
            self.instance.run("postern", "stop", check=False)
        assert self.traced.dead.wait(DRAIN_PATIENCE), "it does not stop"
        self.counts_at_end = self.traced.classes()
        self._restart()

    def _restart(self):
        self.traced.stop()
        failed = self.traced.failed
        self.begin()
        self.traced.failed = failed

    def _has_ended(self, point):
        """master had no memory, or gave its start up because a service did not
        start, and all ended with it. Who has started it starts it again."""
        return self.traced.dead.is_set() and (
            self.path.counts_start or
            point.process.startswith("master") and point.error == "ENOMEM")

    def _begin_again(self):
        self._restart()
        self.later_may_pass = True
        self.sink.rcpt = self._answer_rcpt(None)
        wait_until(self._could_recover, "the path's recovery", DRAIN_PATIENCE)
        self._drain(DRAIN_PATIENCE)

    def _could_recover(self):
        try:
            self.path.recover(self)
            return True
        except AssertionError:
            return False

    def _refused(self):
        return len(self.ledger.recipients) - len(self.ledger.accepted)

    def _serve_again(self):
        def is_accepted():
            accepted = len(self.ledger.accepted)
            self.smtp(FAR, 1000)
            return len(self.ledger.accepted) > accepted

        wait_until(is_accepted, "mail to be accepted again", SERVE_PATIENCE)
        self._drain(DRAIN_PATIENCE)

    # ---- findings ----

    def _cpu_times(self):
        """{(pid, name): seconds} of the children of master."""
        found = {}
        tick = os.sysconf("SC_CLK_TCK")
        try:
            master = self.instance.master_pid()
        except OSError:
            return found
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                head, rest = (entry / "stat").read_text().rsplit(")", 1)
            except OSError:
                continue
            words = rest.split()
            if int(words[1]) == master or int(entry.name) == master:
                found[int(entry.name), head.split("(", 1)[1]] = \
                    (int(words[11]) + int(words[12])) / tick
        return found

    def _find_busy(self, outcome, before, duration):
        if duration < LONG:
            return
        for key, seconds in self._cpu_times().items():
            used = seconds - before.get(key, 0.0)
            if used > BUSY_SHARE * duration:
                outcome.problems.append(
                    f"{key[1]} used {used:.1f} s of {duration:.1f} s")

    def _find_ends(self, outcome, log):
        for program, how in ENDED.findall(log):
            outcome.exits.append(f"{program} {how}")
            # What could not be given all it needs is killed by master.
            if how.startswith("killed") and "signal 9" not in how:
                outcome.problems.append(f"{program} {how}")
        try:
            self.instance.assert_clean()
        except AssertionError as error:
            outcome.problems.append(str(error)[-3000:])
