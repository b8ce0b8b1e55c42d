# SPDX-License-Identifier: MIT
"""An instance that mail flows through, and what that costs."""

import collections
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from tests.load.story import CountingSink, Tools
from tests.support.instance import Instance
from tests.support.waiting import wait_until

PATIENCE = 600
BODY = 5000
RECIPIENTS = {"relay": "sink@relay.test", "accept": "nobody@discard.test"}

# rate: messages per second until the last has left the queue; processor:
# microseconds of all our processes for one.
Figures = collections.namedtuple("Figures", "rate processor")


def process_times(pid, with_children=False):
    """Seconds that the process has used, and those of its dead children."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1]
    words = text.split()[11:15 if with_children else 13]
    return sum(map(int, words)) / os.sysconf("SC_CLK_TCK")


class Stream:
    def __init__(self, staging, build, segments):
        self.tools = Tools(build)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="pbench-"))
        self.sink = CountingSink(self.tools, self.folder)
        self.instance = Instance(staging, {
            "relayhost": f"[127.0.0.1]:{self.sink.port}",
            "transport_maps": "inline:{ discard.test=discard: }",
            "queue_segments": segments,
            "queue_segment_size": "16777216",
        }).start()
        self.log = open(self.instance.log_path, "rb")

    def close(self):
        self.log.close()
        self.instance.stop(timeout=PATIENCE)
        self.sink.stop()
        self.instance.remove()
        shutil.rmtree(self.folder)

    def _processor_time(self):
        """Of master and of all processes it has or had."""
        master = self.instance.master_pid()
        seconds = process_times(master, with_children=True)
        for path in pathlib.Path(f"/proc/{master}/task").glob("*/children"):
            seconds += sum(process_times(pid)
                           for pid in path.read_text().split())
        return seconds

    def _removed(self):
        """Messages that have left the queue since the last question."""
        return self.log.read().count(b": removed\n")

    def run(self, way, sessions, per_session, messages):
        """Sends so many messages and waits until all are gone."""
        self._removed()
        gone = 0

        def is_over():
            nonlocal gone
            gone += self._removed()
            return gone >= messages

        before = self._processor_time()
        begun = time.monotonic()
        subprocess.run(
            [self.tools.load, "-n", str(messages), "-c", str(sessions),
             "-p", str(per_session), "-s", str(BODY), "-r", RECIPIENTS[way],
             "-t", str(PATIENCE), "127.0.0.1", str(self.instance.port),
             self.folder / "taken"],
            check=True, stdout=subprocess.DEVNULL)
        wait_until(is_over, "the last message", PATIENCE)
        seconds = time.monotonic() - begun
        spent = self._processor_time() - before
        return Figures(round(messages / seconds),
                       round(spent / messages * 1e6))
