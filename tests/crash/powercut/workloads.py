# SPDX-License-Identifier: MIT
"""What an instance does while its disks are recorded."""

import concurrent.futures
import itertools
import threading
import time

from tests.crash.paths import FAR, FIFTY, LARGE, LOCAL

SENDER = "sender@sink.example"
LATER = "450 4.2.1 come back later"
QUIET = 1.3     # seconds, in which all that is done must become durable


class Workload:
    """`store`: the mailboxes are on a recorded disk of their own. `renews`: one
    message may become two that are both right, for a second."""

    parameters = {}
    store = False
    renews = False
    sender = SENDER

    def act(self, run):
        raise NotImplementedError


class Relay(Workload):
    """Twice the same with a pause between, so that cuts fall upon messages that
    were sent long ago."""

    def __init__(self, recipient_lists=(FAR, FIFTY), size=1000, parameters=None,
                 store=False, renews=False):
        self.recipient_lists = recipient_lists
        self.size = size
        self.parameters = parameters or {}
        self.store = store
        self.renews = renews
        if store:
            self.sender = "alice@mail.example"

    def act(self, run):
        for _ in range(2):
            for recipients, chunks in itertools.product(self.recipient_lists,
                                                        (False, True)):
                run.smtp(recipients, self.size, chunks)
            run.settle()
            run.pause(QUIET)


class Deferral(Workload):
    """Messages are refused in part, in full, and taken at last."""

    def __init__(self, parameters=None):
        self.parameters = {"minimal_backoff_time": "300s",
                           "maximal_backoff_time": "300s",
                           **(parameters or {})}

    @staticmethod
    def put_off(run):
        run.refuse = lambda address: LATER if "1" in address else None
        run.smtp(FIFTY, 1000)
        run.refuse = lambda address: LATER
        run.smtp(FAR, 1000)
        run.smtp(FAR, LARGE)
        run.wait(lambda: len(run.instance.queue_files("deferred")) == 3 and
                 not run.instance.queue_files("incoming"))
        run.pause(QUIET)

    def act(self, run):
        self.put_off(run)
        run.refuse = None
        run.instance.run("postqueue", "-f")
        run.settle()
        run.pause(QUIET)
        run.smtp(FAR, 1000)
        run.settle()


class Postsuper(Deferral):
    renews = True

    def act(self, run):
        self.put_off(run)
        queue = run.instance.queue_files
        run.instance.run("postsuper", "-h", "ALL")
        run.wait(lambda: len(queue("hold")) == 3)
        run.smtp(FAR, 1000)
        run.instance.run("postsuper", "-H", "ALL")
        run.wait(lambda: not queue("hold") and not queue("incoming"))
        run.pause(QUIET)
        before = set(queue("deferred"))
        run.recorder.mark("renew")
        run.instance.run("postsuper", "-r", "ALL")
        run.wait(lambda: len(set(queue("deferred")) - before) == 4 and
                 not queue("incoming"))
        run.recorder.mark("renew")
        run.refuse = None
        run.instance.run("postqueue", "-f")
        run.settle()


class Waiting(Workload):
    """Messages wait in segments for the only session there may be."""

    parameters = {"queue_segments": "yes",
                  "initial_destination_concurrency": "1",
                  "default_destination_concurrency_limit": "1"}

    @staticmethod
    def wait_in_line(run):
        begun = threading.Event()

        def be_slow():
            begun.set()
            time.sleep(0.5)

        run.before_taking = be_slow
        for _ in range(6):
            run.smtp(FAR, 1000)
        run.wait(begun.is_set)


class Stop(Waiting):
    def act(self, run):
        self.wait_in_line(run)
        run.instance.run("postern", "stop")
        run.before_taking = None
        run.instance.start()
        run.smtp(FAR, 1000)
        run.settle()


class Recovery(Waiting):
    """A cut that is itself recorded: others fall upon the recovery from it."""

    def act(self, run):
        self.wait_in_line(run)
        run.before_taking = None
        run.cut_power()
        run.smtp(FAR, 1000)
        run.settle()
        run.pause(QUIET)


class Reuse(Workload):
    """Small segments that are filled again and again."""

    parameters = {"queue_segments": "yes", "queue_segment_size": "262144"}

    def act(self, run):
        for number in range(24):
            run.smtp(FAR, 50_000)
            if number % 8 == 7:
                run.settle()


class Crowd(Workload):
    """Many clients at a time: their messages share writes and syncs. What is
    not relayed at once waits in the queue."""

    CLIENTS = 8
    EACH = 4
    SIZES = (300, 5000, 50_000, LARGE)

    def __init__(self, parameters):
        self.parameters = parameters

    def act(self, run):
        run.refuse = lambda address: LATER if "later" in address else None
        with concurrent.futures.ThreadPoolExecutor(self.CLIENTS) as clients:
            sent = [clients.submit(self._send, run, number)
                    for number in range(self.CLIENTS * self.EACH)]
            for one in sent:
                one.result()
        run.pause(QUIET)
        run.refuse = None
        run.instance.run("postqueue", "-f")
        run.settle()

    def _send(self, run, number):
        recipients = [["later@sink.example"], FAR][number // 2 % 2]
        run.smtp(recipients, self.SIZES[number % len(self.SIZES)],
                 number % 2 == 0)


FILES = {"queue_segments": "no"}
SEGMENTS = {"queue_segments": "yes"}
MBOX = {"home_mailbox": "mbox", "stale_lock_time": "1s"}
REFUSED = (["refused@sink.example"], ["refused@sink.example", *FAR])

WORKLOADS = {
    "relay": Relay(parameters=SEGMENTS),
    "relay-files": Relay(parameters=FILES),
    "large": Relay(size=LARGE),
    "crowd": Crowd(SEGMENTS),
    "crowd-files": Crowd(FILES),
    "deferral": Deferral(SEGMENTS),
    "deferral-files": Deferral(FILES),
    "bounce": Relay(REFUSED, parameters=SEGMENTS, renews=True),
    "bounce-files": Relay(REFUSED, parameters=FILES, renews=True),
    "postsuper": Postsuper(),
    "stop": Stop(),
    "recovery": Recovery(),
    "reuse": Reuse(),
    "maildir": Relay((LOCAL, ["bob@mail.example"]), parameters=SEGMENTS,
                     store=True),
    "maildir-files": Relay((LOCAL, ["bob@mail.example"]), parameters=FILES,
                           store=True),
    "mbox": Relay((LOCAL, ["bob@mail.example"]),
                  parameters={**SEGMENTS, **MBOX}, store=True),
    "mbox-large": Relay((LOCAL, ["bob@mail.example"]), size=LARGE,
                        parameters=MBOX, store=True),
    "bounce-home": Relay(REFUSED, parameters=SEGMENTS, store=True,
                         renews=True),
}
