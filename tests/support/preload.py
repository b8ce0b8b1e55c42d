# SPDX-License-Identifier: MIT
"""Crashes and clocks for the daemons of an instance: tests/preload/preload.c."""

import os
import pathlib
import shutil

ROOT = pathlib.Path(__file__).resolve().parents[2]
ORDERS_SIZE = 1024      # of preload.c


def library():
    build = pathlib.Path(os.environ.get("POSTERN_BUILD",
                                        ROOT / "build" / "debug"))
    return build / "tests" / "preload" / "libpreload.so"


class Preload:
    """For an instance that has not been started yet. Its commands are as always;
    what follows concerns the daemons."""

    def __init__(self, instance):
        self.folder = instance.root / "preload"
        self.folder.mkdir()
        copy = self.folder / "preload.so"
        shutil.copy(library(), copy)
        (self.folder / "orders").write_bytes(b"\0" * ORDERS_SIZE)
        (self.folder / "orders").chmod(0o644)
        self.orders = {}
        self.folder.chmod(0o755)
        copy.chmod(0o755)
        # The sanitizers want to be loaded first, and would catch the signal.
        instance.parameters["import_environment"] = (
            "MAIL_CONFIG TZ LANG=C UBSAN_OPTIONS "
            f"LD_PRELOAD={copy} PRELOAD_DIRECTORY={self.folder} "
            "{ ASAN_OPTIONS=detect_leaks=0:verify_asan_link_order=0:"
            f"log_path={instance.sanitizer_path} }}")
        instance.write_main_cf()

    def _write(self):
        """In place: the daemons have mapped the file."""
        text = "".join(f"\n{name} {order}" for name, order in
                       self.orders.items())
        assert len(text) < ORDERS_SIZE
        with open(self.folder / "orders", "r+b", buffering=0) as file:
            file.write(text.encode().ljust(ORDERS_SIZE, b"\0"))

    def crash(self, program, text, when="send"):
        """The program dies when it sends this, reads it from a file ("read"), or
        with all of a segment ("scan")."""
        self.orders[f"crash-{when}-{program}"] = text
        self._write()

    def spare(self, program):
        for when in ("send", "read", "scan"):
            self.orders.pop(f"crash-{when}-{program}", None)
        self._write()

    def set_clock(self, seconds):
        """So much is added to the wall clock."""
        self.orders["clock"] = str(int(seconds))
        self._write()
