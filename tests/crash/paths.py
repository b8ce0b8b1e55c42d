# SPDX-License-Identifier: MIT
"""The paths of a message on which everything is killed at every point. A path
brings the instance into a state, acts while calls are counted, and tells when
its work is done."""

import re
import threading
import time

from tests.crash.ledger import message
from tests.support.raw import Raw

LOCAL = ["alice@mail.example"]
FAR = ["far@sink.example"]
FIFTY = [f"far{i}@sink.example" for i in range(50)]
LARGE = 100_000


class Path:
    """act() runs in the counted part, prepare() before it. `refuses`: what the
    sink answers to RCPT until the restart."""

    parameters = {}
    refuses = None
    counts_start = False    # the start itself belongs to the counted part
    ends = False            # it is the end of the instance
    lives_on = True         # mail flows on when one process dies
    own_files = True        # it can be run with queue_segments = no

    def prepare(self, run):
        """Before the counting."""

    def act(self, run):
        raise NotImplementedError

    def is_settled(self, run):
        return run.instance.queue_is_empty()

    def recover(self, run):
        """After the restart."""


class Smtp(Path):
    def __init__(self, recipients, chunks=False, size=1000, messages=2):
        self.recipients = recipients
        self.chunks = chunks
        self.size = size
        self.messages = messages

    def act(self, run):
        for _ in range(self.messages):
            run.smtp(self.recipients, self.size, self.chunks)


class Sendmail(Path):
    def act(self, run):
        run.sendmail(LOCAL)
        run.sendmail(FAR)


class Deferral(Smtp):
    refuses = "450 4.2.1 come back later"

    def is_settled(self, run):
        return run.instance.log().count("status=deferred") >= 2


class Partial(Smtp):
    """One recipient is delivered, the other has to wait."""

    parameters = {"minimal_backoff_time": "300s",
                  "maximal_backoff_time": "300s"}

    def is_settled(self, run):
        return len(run.instance.queue_files("deferred")) >= self.messages


class Bounce(Smtp):
    """The sink refuses; the sender is local."""

    def is_settled(self, run):
        return (run.instance.queue_is_empty() and
                len(run.instance.maildir_files("alice")) >= self.messages)


class Mbox(Smtp):
    # The dead leave their dot-lock behind.
    parameters = {"home_mailbox": "mbox", "stale_lock_time": "1s"}


class Deferred(Path):
    """Begins with messages that lie in deferred/."""

    refuses = "450 4.2.1 come back later"
    parameters = {"minimal_backoff_time": "300s",
                  "maximal_backoff_time": "300s"}

    def prepare(self, run):
        for _ in range(3):
            run.smtp(FAR, 1000)
        run.wait(lambda: len(run.instance.queue_files("deferred")) == 3 and
                 not run.instance.queue_files("incoming"))


class Postsuper(Deferred):
    def act(self, run):
        for option in ("-h", "-H", "-r"):
            run.instance.run("postsuper", option, "ALL", check=False)
        run.acted = True

    def is_settled(self, run):
        return run.acted

    def recover(self, run):
        run.release_held()


class PostsuperDelete(Deferred):
    """The first message goes, the others stay."""

    def act(self, run):
        first = min(run.instance.queue_files("deferred"),
                    key=lambda path: path.name)
        serial = re.search(rb"^X-Serial: (\d+)", first.read_bytes(), re.M)
        run.ledger.withdrawn.add(int(serial[1]))
        run.instance.run("postsuper", "-d", first.name, check=False)
        run.acted = True

    def is_settled(self, run):
        return run.acted


class PostsuperHold(Deferred):
    """Of one that is being delivered, and of others."""

    def act(self, run):
        run.sink.rcpt = None
        run.smtp(FAR, 1000)
        run.instance.run("postsuper", "-h", "ALL", check=False)
        run.acted = True

    def is_settled(self, run):
        return run.acted

    def recover(self, run):
        run.release_held()


class Flush(Deferred):
    def act(self, run):
        run.sink.rcpt = None
        run.instance.run("postqueue", "-f", check=False)


class Stop(Deferred):
    lives_on = False
    ends = True

    def act(self, run):
        run.instance.run("postern", "stop", check=False)

    def is_settled(self, run):
        return False    # the death of master ends it


class Recovery(Deferred):
    """Starts on what a crash has left: deferred mail, a delivery in hand, and
    a message that was never finished."""

    counts_start = True
    lives_on = False

    def prepare(self, run):
        super().prepare(run)
        begun = threading.Event()
        run.sink.rcpt = None
        run.sink.data = lambda _: begun.set() or "451 4.3.0 not yet"
        run.smtp(FAR, LARGE)
        threading.Thread(target=self._unfinished, args=(run,),
                         daemon=True).start()
        run.wait(begun.is_set)
        run.traced.stop()
        run.sink.data = None

    @staticmethod
    def _unfinished(run):
        try:
            with Raw(run.instance.port) as client:
                client.hello()
                client.begin(FAR[0])
                client.send(message(0, 2 * LARGE))
                client.reply()
        except (OSError, AssertionError):
            pass

    def act(self, run):
        run.smtp(FAR, 1000)

    def is_settled(self, run):
        return not run.instance.queue_files("incoming")


class Segments(Smtp):
    """Small segments, so that they are used again."""

    own_files = False
    parameters = {"queue_segments": "yes", "queue_segment_size": "262144"}

    def prepare(self, run):
        run.wait(lambda: list(run.instance.queue.glob("incoming/segment.*")))


class SegmentMove(Segments):
    refuses = "450 4.2.1 come back later"

    def is_settled(self, run):
        return run.instance.log().count("status=deferred") >= self.messages


class SegmentStop(Segments):
    """Messages wait in a segment for the only session there may be."""

    lives_on = False
    ends = True
    parameters = {**Segments.parameters,
                  "initial_destination_concurrency": "1",
                  "default_destination_concurrency_limit": "1"}

    def prepare(self, run):
        super().prepare(run)
        begun = threading.Event()
        self.ended = threading.Event()

        def be_slow(_):
            begun.set()
            time.sleep(1)
            self.ended.set()

        run.sink.data = be_slow
        for _ in range(self.messages):
            run.smtp(self.recipients, self.size)
        run.wait(begun.is_set)

    def act(self, run):
        run.instance.run("postern", "stop", check=False)

    def is_settled(self, run):
        return False    # the death of master ends it


class SegmentRecovery(SegmentStop):
    """Starts on segments with mail in them."""

    counts_start = True
    ends = False

    def prepare(self, run):
        super().prepare(run)
        run.traced.stop()
        run.sink.data = None
        run.wait(self.ended.is_set)     # nobody is there to be answered

    def act(self, run):
        run.smtp(FAR, 1000)

    def is_settled(self, run):
        return run.instance.queue_is_empty()


PATHS = {
    "smtp-data-1": Smtp(FAR),
    "smtp-data-50": Smtp(FIFTY, messages=1),
    "smtp-bdat-1": Smtp(FAR, chunks=True),
    "smtp-bdat-50": Smtp(FIFTY, chunks=True, messages=1),
    "smtp-large": Smtp(FAR, size=LARGE, messages=1),
    "sendmail": Sendmail(),
    "deferral": Deferral(FAR),
    "partial": Partial(FAR + ["later@sink.example"]),
    "bounce": Bounce(["refused@sink.example"]),
    "maildir": Smtp(LOCAL),
    "mbox": Mbox(LOCAL),
    "postsuper": Postsuper(),
    "delete": PostsuperDelete(),
    "hold": PostsuperHold(),
    "flush": Flush(),
    "stop": Stop(),
    "recovery": Recovery(),
    "segment-reuse": Segments(FAR, messages=12, size=50000),
    "segment-move": SegmentMove(FAR, messages=4),
    "segment-stop": SegmentStop(FAR, messages=6),
    "segment-recovery": SegmentRecovery(FAR, messages=6),
}
