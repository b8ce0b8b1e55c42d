# SPDX-License-Identifier: MIT
"""One run of a path: record its points, or be killed at one of them, restart,
drain and account."""

import time

from tests.crash.client import transact
from tests.crash.ledger import (Account, Findings, Ledger, Scene,
                                message)
from tests.crash.traced import CrashInstance, Traced
from tests.support.sink import Sink
from tests.support.waiting import wait_until

DRAIN_PATIENCE = 40.0


class Run:
    """The state of one run; paths use it."""

    def __init__(self, staging, tracer, path, parameters=None):
        self.tracer = tracer
        self.path = path
        self.ledger = Ledger()
        self.later_may_pass = False
        self.sink = Sink(rcpt=self._answer_rcpt(path.refuses))
        self.instance = CrashInstance(staging, self.sink.port,
                                      {**path.parameters,
                                       **(parameters or {})})
        self.traced = None
        self.acted = False

    def _answer_rcpt(self, refuses):
        def answer(address):
            if address.startswith("refused@"):
                return "550 5.1.1 nobody of that name"
            if address.startswith("later@") and not self.later_may_pass:
                return "450 4.2.1 come back later"
            return refuses
        return answer

    def close(self, keep):
        self.instance.run("postern", "abort", check=False)
        self.sink.stop()
        if not keep:
            self.instance.remove()

    # ---- what paths do; whoever is cut off was promised nothing ----

    def wait(self, condition):
        wait_until(condition, "the state that the path begins with")

    def release_held(self):
        """qmgr may just have died."""
        wait_until(lambda: self.instance.run(
            "postsuper", "-H", "ALL", check=False).returncode == 0,
            "the release of what is held")

    def smtp(self, recipients, size, chunks=False):
        serial = self.ledger.begin(recipients)
        try:
            if transact(self.instance.port, "alice@mail.example", recipients,
                        message(serial, size), chunks):
                self.ledger.accept(serial)
        except OSError:
            pass

    def sendmail(self, recipients):
        serial = self.ledger.begin(recipients)
        result = self.instance.run(
            "sendmail", "-i", "-f", "alice@mail.example", *recipients,
            input=message(serial, 1000).replace(b"\r\n", b"\n"), check=False)
        if result.returncode == 0:
            self.ledger.accept(serial)

    # ---- the run ----

    def _start_traced(self, command):
        self.traced = Traced(self.tracer, self.instance, command)
        self.traced.wait_served()

    def _run_to_end(self, command):
        """Everything up to the death, or to the point where all is done."""
        self._start_traced("record")
        self.path.prepare(self)
        if self.path.counts_start:
            self._start_traced(command)
        else:
            self.traced.command(command)
        self.path.act(self)
        self.traced.wait_settled(lambda: self.path.is_settled(self))

    def record(self):
        """[(name, number, [call, ...])] of the counted part."""
        self._run_to_end("record")
        time.sleep(0.3)     # what comes after the last visible step
        report = self.traced.report()
        self.traced.stop()
        return report

    def die_at(self, name, number, call):
        """Returns (whether the point was reached, account)."""
        self._run_to_end(f"kill {name} {number} {call}")
        self.traced.stop()
        scene = Scene(self.instance, self.sink)
        self._recover()
        return self.traced.killed is not None, self._account(scene)

    def lose_one_at(self, name, number, call):
        """Only that process dies, the rest lives on; returns as die_at."""
        self._run_to_end(f"one {name} {number} {call}")
        self._recover(restart=False)
        self._drain()
        self.traced.stop()
        return (self.traced.killed is not None,
                Account(self.ledger, Findings(self.instance, self.sink)))

    def _recover(self, restart=True):
        self.later_may_pass = True
        self.sink.rcpt = self._answer_rcpt(None)
        self.sink.data = None
        if restart:
            self.instance.start()
        self.path.recover(self)

    def _drain(self, patience=DRAIN_PATIENCE):
        def is_drained():
            if self.instance.queue_is_empty():
                return True
            self.instance.run("postqueue", "-f", check=False)
            time.sleep(0.1)
            return False

        wait_until(is_drained, "an empty queue", patience)

    def _account(self, scene):
        self._drain()
        self.instance.stop()
        return Account(self.ledger, Findings(self.instance, self.sink), scene)
