# SPDX-License-Identifier: MIT
"""What was promised and delivered before a power cut, and what was found after
it."""

import collections
import pathlib
import re
import types

from tests.crash.ledger import Findings
from tests.crash.powercut.recording import FLUSH, REMAINS

# A delivery confirmed earlier than this before the cut is not done again
# (REL-06). The rest is what the machine of a test may take for it.
KNOWN_AFTER = 1.0
MACHINE = 0.5

State = collections.namedtuple("State", "position remains seed")

NOWHERE = types.SimpleNamespace(maildir_files=lambda _user: [],
                                root=pathlib.Path("/nonexistent"))


def findings_at_sink(messages):
    return Findings(NOWHERE, types.SimpleNamespace(messages=messages))


class Recorded:
    """A log, and what was promised and delivered at each position of it.
    `taken`: what the sink had, in the order of its marks."""

    def __init__(self, log, recipients, taken):
        self.log = log
        self.recipients = recipients
        self.taken = taken
        self.begin = self.end = None
        self.accepted = []      # [(position, serial)]
        self.renewed = []       # [(position, None)]
        self.sunk = []          # positions
        for position, text in log.marks():
            word, *rest = text.split()
            if word == "accept":
                self.accepted.append((position, int(rest[0])))
            elif word == "renew":
                self.renewed.append((position, None))
            elif word == "sink":
                self.sunk.append(position)
            elif word == "begin":
                self.begin = position + 1
            else:
                self.end = position

    def flushes(self):
        return [position for position in range(self.begin, self.end)
                if self.log.events[position].kind == FLUSH]

    def choose(self, rng, boundaries, others):
        """States in the order of their positions: up to `boundaries` just before
        a flush, with nothing left of what it would have covered, and `others`
        anywhere, with anything."""
        flushes = self.flushes()
        if boundaries < len(flushes):
            flushes = rng.sample(flushes, boundaries)
        states = [State(position, "nothing", 0) for position in flushes]
        remains = [name for name in REMAINS if name != "nothing"]
        for _ in range(others):
            states.append(State(rng.randrange(self.begin, self.end),
                                rng.choice(remains), rng.getrandbits(32)))
        return sorted(states)

    def account(self, position, instance, sink):
        """Of an instance that was started on what a cut at the position left."""
        return Account(self, position, Findings(instance, sink),
                       len(instance.queue_files("corrupt")))

    def time(self, position):
        """Seconds; the latest that a cut there can have been."""
        return self.log.events[position].time / 1e6

    def renewal(self, serial, position):
        """When a second copy could last be made of the message: when it was
        accepted (if that was known yet), for its notice, or near a mark."""
        return max((self.time(at) for at, which in self.accepted + self.renewed
                    if at < position and which in (serial, None)),
                   default=self.time(position))

    def promised(self, position):
        return {(serial, recipient) for at, serial in self.accepted
                if at < position for recipient in self.recipients[serial]}

    def sunk_times(self, position):
        """{(serial, recipient): [seconds]} of what the sink took before."""
        times = collections.defaultdict(list)
        for at, found in zip(self.sunk, self.taken):
            if at >= position:
                break
            one = findings_at_sink([found])
            for key in one.copies:
                times[key].append(self.time(at))
        return times


def is_older(copy, cut):
    """In a mailbox, since before the cut."""
    return copy.when is not None and copy.when[0] < cut


def is_part(place, content, findings):
    """In an mbox, of a message that is there as a whole, too."""
    queue_id = re.search(rb"^\tby .*\bid (\w+)$", content, re.M)
    return place.startswith("mbox") and queue_id is not None and any(
        copy.queue_id == queue_id[1].decode()
        for copies in findings.copies.values() for copy in copies)


class Account:
    """`ages`: of deliveries before the cut that were done again after it; `twins`:
    of two that were both done after it, the age of what allows that;
    `aside`: files in corrupt/; `parts`: of messages at which the cut found an
    mbox, which no format of one file can avoid, and which came again."""

    def __init__(self, recorded, position, findings, aside):
        sunk = recorded.sunk_times(position)
        promised = recorded.promised(position)
        self.aside = aside
        self.promised = len(promised)
        self.lost = sorted(promised - findings.copies.keys() - sunk.keys())
        self.parts = [found for found in findings.damaged
                      if is_part(*found, findings)]
        self.damaged = [found for found in findings.damaged
                        if found not in self.parts]
        self.ages = {}
        self.twins = {}
        cut = recorded.time(position)
        for key, copies in findings.copies.items():
            before = sunk.get(key, []) + [
                copy.when[1] for copy in copies if is_older(copy, cut)]
            after = [copy for copy in copies if not is_older(copy, cut)]
            if before and after:
                self.ages[key] = max(0, cut - max(before))
            elif len(after) > 1:
                self.twins[key] = cut - recorded.renewal(key[0], position)

    def late(self):
        return {key: age for key, age in {**self.ages, **self.twins}.items()
                if age > KNOWN_AFTER + MACHINE}

    def is_good(self, workload):
        return not self.lost and not self.damaged and not self.late() and \
            (workload.renews or not self.twins)

    def __str__(self):
        return (f"promised {self.promised}, lost {self.lost}, damaged "
                f"{self.damaged}, duplicates {self.ages}, twins {self.twins}")
