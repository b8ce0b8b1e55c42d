# SPDX-License-Identifier: MIT
"""A sweep of faults: points are taken from a recorded round of each path, and
each is tried in an instance that lives on."""

import argparse
import collections
import multiprocessing
import os
import pathlib
import random
import sys
import time
import traceback
import typing

from tests.crash import workers
from tests.crash.faulty import Faulty
from tests.crash.paths import PATHS
from tests.support.staging import Staging

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
STORES = {"segments": list(PATHS),
          "files": [name for name, path in PATHS.items() if path.own_files]}
ROUNDS = 12             # of an instance
JOBS_EACH_CPU = 3       # most of a round is waiting
QUICK_SECONDS = 40      # after which a quick sweep begins nothing new


class Point(typing.NamedTuple):
    """The call'th of a class, of a process of a name, in an instance's first
    round or in a later one."""

    is_first: bool
    process: str
    kind: str
    call: int
    error: str
    lasts: bool

    def command(self):
        return (f"{'from' if self.lasts else 'fail'} {self.process} 0 "
                f"{self.kind} {self.call} {self.error}")

    def __str__(self):
        return (f"{self.process}:{self.kind}:{self.call}:{self.error}"
                f"{':lasts' if self.lasts else ''}"
                f"{':first' if self.is_first else ''}")

    @classmethod
    def parse(cls, text):
        process, kind, call, error, *marks = text.split(":")
        return cls("first" in marks, process, kind, int(call), error,
                   "lasts" in marks)


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true",
                        help="some points of each path (the default)")
    parser.add_argument("--full", action="store_true", help="all points")
    parser.add_argument("--points", type=int, default=12, help="of a path")
    parser.add_argument("--paths", type=int, default=len(PATHS),
                        help="so many of them, drawn")
    parser.add_argument("--seconds", type=float,
                        help="begin nothing new after them")
    parser.add_argument("--path", action="append", choices=list(PATHS))
    parser.add_argument("--class", action="append", dest="kinds")
    parser.add_argument("--process", action="append")
    parser.add_argument("--point", action="append",
                        help="PROCESS:CLASS:CALL:ERROR[:lasts][:first]")
    parser.add_argument("--seed", type=int,
                        default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument("--store", choices=list(STORES),
                        default="segments")
    parser.add_argument("--keep", action="store_true",
                        help="leave the instances of failed points")
    parser.add_argument("--jobs", type=int,
                        default=JOBS_EACH_CPU * os.cpu_count())
    parser.add_argument("--build", type=pathlib.Path, required=True)
    return parser.parse_args()


class Worker:
    def __init__(self, staging, tracer, options):
        self.staging = staging
        self.tracer = tracer
        self.keep = options.keep
        # Transcripts of refusals are mail that the ledger knows nothing of.
        self.parameters = {"notify_classes": ""}
        if options.store == "files":
            self.parameters["queue_segments"] = "no"

    def _open(self, name):
        return Faulty(self.staging, self.tracer, PATHS[name], self.parameters)

    def record(self, name):
        """(name, [counts of the first round, of the second]) or a text."""
        run = self._open(name)
        try:
            run.begin()
            return name, run.record_rounds()
        except Exception:
            return name, f"{traceback.format_exc()}\n{run.instance.log()}"
        finally:
            self._close(run, keep=False)

    def play(self, task):
        """(name, [(point, Outcome)], the points that were left out)"""
        name, points, deadline = task
        done = []
        points = list(points)
        while points and time.monotonic() < deadline:
            self._play_in_one_instance(name, points, done)
        return name, done, points

    def _play_in_one_instance(self, name, points, done):
        run = self._open(name)
        bad = False
        try:
            run.begin()
            if not points[0].is_first:
                run.record()
            while points and not bad:
                point = points.pop(0)
                outcome = run.play(point)
                bad = bool(outcome.problems)
                if bad:
                    outcome.problems.append(run.instance.log()[-4000:])
                done.append((point, outcome))
                if points and points[0].is_first:
                    break
        finally:
            self._close(run, self.keep and bad)

    @staticmethod
    def _close(run, keep):
        run.traced.stop()
        run.close(keep)
        if keep:
            print(f"kept {run.instance.root}", flush=True)


def has_option(build, name):
    """The build was configured with that option of CMake on."""
    try:
        return f"{name}:BOOL=ON" in (build / "CMakeCache.txt").read_text()
    except OSError:
        return False


def points_of(counts, errors, lasting, options):
    """Of the two recorded rounds, by class and error."""
    found = []
    for is_first, round_counts in zip((True, False), counts):
        for (process, kind), count in sorted(round_counts.items()):
            if options.process and process not in options.process:
                continue
            if options.kinds and kind not in options.kinds:
                continue
            for lasts, table in ((False, errors), (True, lasting)):
                found += [Point(is_first, process, kind, call, error, lasts)
                          for error in table.get(kind, ())
                          for call in range(1, count + 1)]
    return found


def draw(rng, points, count):
    """Of every process, class and error in turn: what is rare is as dangerous
    as what happens all the time."""
    groups = collections.defaultdict(list)
    for point in points:
        groups[point.process, point.kind, point.error,
               point.lasts].append(point)
    waiting = list(groups.values())
    rng.shuffle(waiting)
    for group in waiting:
        rng.shuffle(group)
    drawn = []
    while waiting and len(drawn) < count:
        group = waiting.pop(0)
        drawn.append(group.pop())
        if group:
            waiting.append(group)
    return drawn


def batches(points):
    """Points that share an instance: at most one of a first round, in front."""
    first = [point for point in points if point.is_first]
    later = [point for point in points if not point.is_first]
    made = []
    while first or later:
        batch = [first.pop(0)] if first else []
        batch += later[:ROUNDS]
        del later[:ROUNDS]
        made.append(batch)
    return made


class Tally:
    COLUMNS = ("tried", "reached", "refused", "lost", "dup", "exits",
               "failed")

    def __init__(self):
        self.rows = collections.defaultdict(collections.Counter)
        self.ended = collections.Counter()
        self.bad = []

    def add(self, name, point, outcome):
        for key in ((name, f"{point.kind} {point.error}"),
                    ("all", f"{point.kind} {point.error}"), ("all", "all")):
            row = self.rows[key]
            row["tried"] += 1
            row["reached"] += outcome.reached
            row["refused"] += outcome.refused
            row["dup"] += outcome.duplicates
            row["exits"] += len(outcome.exits)
            row["lost"] += outcome.lost
            row["failed"] += bool(outcome.problems)
        for end in outcome.exits:
            self.ended[f"{point.process} {point.kind} {point.error}: {end}"] \
                += 1
        if outcome.problems:
            self.bad.append(f"{name} {point}: " + "\n".join(outcome.problems))
            print(f"\nFAILED {self.bad[-1]}", flush=True)

    def show(self):
        print(f"{'path':<18}{'class, error':<22}" +
              "".join(f"{column:>9}" for column in self.COLUMNS))
        for (name, kind), row in sorted(
                self.rows.items(), key=lambda item: (item[0][0] == "all",
                                                     item[0])):
            print(f"{name:<18}{kind:<22}" +
                  "".join(f"{row[column]:>9}" for column in self.COLUMNS))
        for text, count in sorted(self.ended.items()):
            print(f"  {count} x {text}")
        for text in self.bad:
            print("FAILED " + text.split("\n")[0])
        print(f"\npoints tried {self.rows['all', 'all']['tried']}, "
              f"reached {self.rows['all', 'all']['reached']}, "
              f"failed {len(self.bad)}", flush=True)


def choose(pool, worker, options, errors, lasting, tally):
    rng = random.Random(options.seed)
    chosen = []
    tried = STORES[options.store]
    names = options.path or rng.sample(tried, min(options.paths, len(tried)))
    for name, counts in pool.imap_unordered(worker.record, names):
        if isinstance(counts, str):
            tally.bad.append(f"{name} while recording: {counts}")
            print(f"\nFAILED {tally.bad[-1]}", flush=True)
            continue
        points = points_of(counts, errors, lasting, options)
        print(f"  {name}: {len(points)} points", flush=True)
        if not options.full:
            points = draw(rng, points, options.points)
        chosen += [(name, batch) for batch in batches(points)]
    rng.shuffle(chosen)
    return chosen


def sweep(pool, worker, options, errors, lasting):
    tally = Tally()
    if options.point:
        chosen = [(options.path[0], [Point.parse(text)])
                  for text in options.point]
    else:
        chosen = choose(pool, worker, options, errors, lasting, tally)
    begun = time.monotonic()
    deadline = begun + (options.seconds or
                        (float("inf") if options.full else QUICK_SECONDS))
    tasks = [(name, batch, deadline) for name, batch in chosen]
    left = 0
    for number, (name, done, points) in enumerate(
            pool.imap_unordered(worker.play, tasks), 1):
        left += len(points)
        for point, outcome in done:
            tally.add(name, point, outcome)
        if sys.stdout.isatty() or number % 50 == 0:
            print(f"  {number} of {len(tasks)} batches, "
                  f"{len(tally.bad)} failed, "
                  f"{time.monotonic() - begun:.0f} s", flush=True)
    tally.show()
    if left:
        print(f"{left} points left out: no time")
    return not tally.bad and tally.rows["all", "all"]["reached"] > 0


def main(description, errors, lasting):
    """errors: {class: names of what its calls fail with}, or a function that
    gives it for a build directory; lasting: the same for faults that go on."""
    options = arguments(description)
    build = options.build.resolve()
    if callable(errors):
        errors = errors(build)
    print(f"seed {options.seed}", flush=True)
    staging = Staging(build)
    worker = Worker(staging, build / "tests" / "crash" / "crash_tracer",
                    options)
    counter = multiprocessing.Value("i", 0)
    begun = time.monotonic()
    try:
        with multiprocessing.Pool(options.jobs, workers.begin,
                                  (counter,)) as pool:
            good = sweep(pool, worker, options, errors, lasting)
    finally:
        staging.remove()
    print(f"{time.monotonic() - begun:.0f} s")
    sys.exit(0 if good else 1)
