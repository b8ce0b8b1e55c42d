# SPDX-License-Identifier: MIT
"""An instance on recorded disks: what it does, what is left of that after a
power cut, and whether the promises made by then are kept."""

import os
import pathlib
import random
import shutil
import tempfile
import time

from tests.crash.client import transact
from tests.crash.ledger import Ledger, message
from tests.crash.powercut.account import Recorded
from tests.support.disks import (
    Loop, copy_sparse, is_mounted, mount, shut_down, unmount)
from tests.crash.powercut.recording import (
    REMAINS, Log, Recorder, apply)
from tests.crash.traced import CrashInstance
from tests.support.instance import USERS
from tests.support.sink import Sink
from tests.support.waiting import wait_until

DRAIN_PATIENCE = 40.0
class Disk:
    """An image, what is known to be on it, and what may be after a cut."""

    def __init__(self, number, name, folder, kind):
        self.number = number
        self.kind = kind
        self.image = folder / f"{name}.recorded"
        self.durable_path = folder / f"{name}.durable"
        self.state_path = folder / f"{name}.state"
        self.recorded_loop = None
        self.loop = None
        kind.make_image(self.image)
        self.durable = os.open(self.durable_path, os.O_RDWR | os.O_CREAT)
        self.durable_to = 0     # position in the log
        self.state = os.open(self.state_path, os.O_RDWR | os.O_CREAT)
        with open(self.image, "rb") as image:
            copy_sparse(image.fileno(), self.durable)

    def begin_replay(self):
        self.image.unlink()
        copy_sparse(self.durable, self.state)
        self.loop = Loop(self.state_path)

    def make_state(self, log, position, remains, rng):
        """States come in the order of their positions."""
        flushed = log.last_flush(self.number, position) + 1
        if flushed > self.durable_to:
            apply(log, self.durable, [
                (event, 0, event.length) for event in
                log.writes(self.number, self.durable_to, flushed)])
            self.durable_to = flushed
        copy_sparse(self.durable, self.state)
        apply(log, self.state, REMAINS[remains](
            log.writes(self.number, flushed, position), rng))
        self.loop.forget()

    def close(self):
        for loop in (self.loop, self.recorded_loop):
            if loop is not None:
                loop.close()
        os.close(self.durable)
        os.close(self.state)


class MarkedLedger(Ledger):
    """What was promised is in the log of the disks as well."""

    def __init__(self, mark):
        super().__init__()
        self._mark = mark

    def accept(self, serial):
        super().accept(serial)
        self._mark(f"accept {serial}")


class Run:
    """One workload on one kind of file system."""

    def __init__(self, staging, tools, kind, workload, wrapper=()):
        self.workload = workload
        self.wrapper = wrapper
        self.refuse = None
        self.before_taking = None
        self.is_recording = True
        self.taken = []         # what the sink had, in the order of its marks
        self.sink = Sink(rcpt=self._answer_rcpt, data=self._take)
        self.instance = CrashInstance(staging, self.sink.port,
                                      workload.parameters)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pc-"))
        self.disks = [Disk(0, "queue", self.folder, kind)]
        self.places = [self.instance.root / "disk"]
        if workload.store:
            self.disks.append(Disk(1, "store", self.folder, kind))
            self.places.append(self.instance.root / "home")
        self.recorder = Recorder(
            tools / "block_recorder", self.folder / "log",
            self.folder / "recorded", [disk.image for disk in self.disks])
        self.ledger = MarkedLedger(self.recorder.mark)
        self._set_places()

    def _set_places(self):
        self.places[0].mkdir()
        self.instance.queue = self.places[0] / "queue"
        self.instance.parameters["queue_directory"] = self.instance.queue
        self.instance.write_main_cf()

    def save(self, folder):
        """For whoever wants to look at what was bad."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        shutil.copy(self.instance.log_path, folder)

    def close(self):
        self.kill_all()
        self._unmount()
        for disk in self.disks:
            disk.close()
        if self.recorder is not None:
            self.recorder.close()
        self.sink.stop()
        self.instance.remove()
        shutil.rmtree(self.folder)

    # ---- the sink ----

    def _answer_rcpt(self, address):
        if address.startswith("refused@"):
            return "550 5.1.1 nobody of that name"
        return self.refuse(address) if self.refuse else None

    def _take(self, found):
        if self.before_taking:
            self.before_taking()
        if self.is_recording:
            self.taken.append(found)
            self.recorder.mark("sink")

    # ---- what workloads do ----

    def smtp(self, recipients, size, chunks=False):
        serial = self.ledger.begin(recipients)
        assert transact(self.instance.port, self.workload.sender, recipients,
                        message(serial, size), chunks), "not accepted"
        self.ledger.accept(serial)

    def wait(self, condition):
        wait_until(condition, "the next state of the workload")

    def settle(self):
        self.wait(self.is_empty)

    @staticmethod
    def pause(seconds):
        """The passing of time is part of a workload."""
        time.sleep(seconds)

    def cut_power(self):
        """And on again: what was not durable is gone where the file system can
        be told so; all processes are."""
        for place in self.places:
            shut_down(place)
        self.kill_all()
        self._unmount()
        for disk, place in zip(self.disks, self.places):
            mount(disk.kind.name, disk.kind.options, disk.recorded_loop.path,
                  place)
        self.instance.start()

    def kill_all(self):
        """Not a process is left."""
        self.instance.run("postern", "abort", check=False)

    def is_empty(self):
        """But for what was set aside."""
        return self.instance.queue_is_empty("incoming", "deferred", "hold")

    # ---- recording ----

    def _mount_recorded(self):
        for disk, place in zip(self.disks, self.places):
            disk.recorded_loop = Loop(self.recorder.place / str(disk.number))
            mount(disk.kind.name, disk.kind.options, disk.recorded_loop.path,
                  place)
            os.chown(place, self.instance.user.pw_uid,
                     self.instance.user.pw_gid)
        if self.workload.store:
            for user in USERS:
                home = self.places[1] / user
                home.mkdir()
                os.chown(home, self.instance.user.pw_uid,
                         self.instance.user.pw_gid)
        os.sync()

    def _unmount(self):
        for place in self.places:
            if is_mounted(place):
                unmount(place)

    def record(self):
        """Returns the log from the first start of the instance on."""
        self._mount_recorded()
        self.recorder.mark("begin")
        self.instance.start(wrapper=self.wrapper)
        self.workload.act(self)
        self.recorder.mark("end")
        self.kill_all()
        self.is_recording = False
        self.refuse = None
        self.before_taking = None
        self._unmount()
        for disk in self.disks:
            disk.recorded_loop.close()
            disk.recorded_loop = None
        self.recorder.close()
        self.recorder = None
        for disk in self.disks:
            disk.begin_replay()
        return Recorded(Log(self.folder / "log"), self.ledger.recipients,
                        self.taken)

    # ---- replay ----

    def start_after_cut(self, recorded, state):
        rng = random.Random(state.seed)
        for disk in self.disks:
            disk.make_state(recorded.log, state.position, state.remains, rng)
        for disk, place in zip(self.disks, self.places):
            mount(disk.kind.name, disk.kind.replay_options, disk.loop.path,
                  place)
        self.sink.messages.clear()
        shutil.rmtree(self.instance.root / "run", ignore_errors=True)
        self.instance.log_path.unlink(missing_ok=True)
        self.instance.start()

    def drain(self):
        self.instance.run("postsuper", "-H", "ALL", check=False)
        def is_drained():
            if self.is_empty():
                return True
            self.instance.run("postqueue", "-f", check=False)
            time.sleep(0.05)
            return False

        wait_until(is_drained, "an empty queue", DRAIN_PATIENCE)

    def replay(self, recorded, state):
        """Cuts the power at the state; returns an account of it."""
        try:
            self.start_after_cut(recorded, state)
            self.drain()
            return recorded.account(state.position, self.instance, self.sink)
        finally:
            self.kill_all()
            self._unmount()
