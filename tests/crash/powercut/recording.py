# SPDX-License-Identifier: MIT
"""What block devices were told, in its order: written by block_recorder.c, read
here, and turned into what a power cut may have left of it."""

import collections
import mmap
import os
import struct
import subprocess

from tests.support.disks import unmount
from tests.support.waiting import wait_until

RECORD = struct.Struct("=IIQQq")    # struct record
WRITE, FLUSH, MARK = range(3)
SECTOR = 512

# time: microseconds; at: where the bytes are in the log.
Event = collections.namedtuple("Event", "kind image offset length time at")


class Recorder:
    """Serves the images as `place`/0 and so on, until it is closed."""

    def __init__(self, program, log, place, images):
        place.mkdir()
        self.place = place
        self._process = subprocess.Popen(
            [str(program), str(log), str(place), *map(str, images)])
        wait_until(lambda: os.path.ismount(place), "the recorder's mount")
        self._marks = os.open(place / "marks", os.O_WRONLY)

    def mark(self, text):
        """Whatever has come true before is before it in the log."""
        os.write(self._marks, text.encode())

    def close(self):
        os.close(self._marks)
        unmount(self.place)
        assert self._process.wait(30) == 0


class Log:
    def __init__(self, path):
        with open(path, "rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        self.events = []
        at = 0
        while at < len(self._bytes):
            kind, image, offset, length, time = RECORD.unpack_from(
                self._bytes, at)
            at += RECORD.size
            self.events.append(Event(kind, image, offset, length, time, at))
            at += length

    def close(self):
        self._bytes.close()

    def content(self, event, start=0, count=None):
        start += event.at
        end = event.at + event.length if count is None else start + count
        return self._bytes[start:end]

    def marks(self):
        """[(position, text)]"""
        return [(position, self.content(event).decode())
                for position, event in enumerate(self.events)
                if event.kind == MARK]

    def flushes(self, begin, end):
        return [position for position in range(begin, end)
                if self.events[position].kind == FLUSH]

    def last_flush(self, image, position):
        """Of the image before the position; -1: there is none."""
        while position > 0:
            position -= 1
            event = self.events[position]
            if event.kind == FLUSH and event.image == image:
                return position
        return -1

    def writes(self, image, begin, end):
        return [event for event in self.events[begin:end]
                if event.kind == WRITE and event.image == image]


# ---- what of the writes since the last flush has reached the disk ----
# [(event, start, count)] from the events, with a random.Random

def nothing(_events, _rng):
    return []


def prefix(events, rng):
    return [(event, 0, event.length)
            for event in events[:rng.randint(0, len(events))]]


def subset(events, rng):
    share = rng.random()
    return [(event, 0, event.length) for event in events
            if rng.random() < share]


# A torn superblock is nothing that a mail system could survive.
TEARABLE_FROM = 128 * 1024


def torn(events, rng):
    """A prefix whose last write has lost some of its sectors."""
    pieces = prefix(events, rng)
    if not pieces or pieces[-1][0].offset < TEARABLE_FROM:
        return pieces
    event = pieces.pop()[0]
    return pieces + [(event, start, SECTOR)
                     for start in range(0, event.length, SECTOR)
                     if rng.random() < 0.5]


REMAINS = {"nothing": nothing, "prefix": prefix, "subset": subset,
           "torn": torn}


def apply(log, image, pieces):
    """Writes pieces to the open file `image`."""
    for event, start, count in pieces:
        os.pwrite(image, log.content(event, start, count),
                  event.offset + start)
