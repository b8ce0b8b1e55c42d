# SPDX-License-Identifier: MIT
"""File systems in image files: made, mounted through a loop device, copied.
Loop devices clear themselves when the last who uses them is gone, and mounts are
those of a private namespace: nothing is left behind, however this ends."""

import errno
import fcntl
import os
import struct
import subprocess

from tests.support.waiting import wait_until

LOOP_CONTROL = "/dev/loop-control"
LOOP_CTL_GET_FREE = 0x4C82
LOOP_CONFIGURE = 0x4C0A
BLKFLSBUF = 0x1261
FS_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2
LOOP_CONFIG = struct.Struct("=II 5Q 4I 64s 64s 32s 2Q 8Q")
AUTOCLEAR = 4
TRIES = 100

MEGABYTE = 1 << 20


class FileSystem:
    """`options`: of the mount that is recorded. Nothing but what is synced shall
    become durable by the passing of time."""

    def __init__(self, name, size, make, options, replay_options=""):
        self.name = name
        self.size = size
        self.make = make
        self.options = options
        self.replay_options = replay_options

    def make_image(self, path):
        with open(path, "wb") as file:
            file.truncate(self.size)
        subprocess.run([*self.make.split(), path], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


FILE_SYSTEMS = {
    "ext4": FileSystem(
        "ext4", 64 * MEGABYTE,
        "mkfs.ext4 -q -F -E nodiscard,lazy_itable_init=0 -J size=4",
        "commit=600"),
    # So small a one is for tests only.
    "xfs": FileSystem("xfs", 64 * MEGABYTE,
                      "mkfs.xfs -q -K -f --unsupported", "nodiscard"),
    "btrfs": FileSystem("btrfs", 128 * MEGABYTE,
                        "mkfs.btrfs -q -K -f --mixed",
                        "nodiscard,commit=600", "nodiscard"),
}


class Loop:
    """A loop device over a file, for as long as this is open."""

    def __init__(self, path):
        with open(path, "r+b") as file, open(LOOP_CONTROL, "r+b",
                                             buffering=0) as control:
            for _ in range(TRIES):
                number = fcntl.ioctl(control, LOOP_CTL_GET_FREE)
                if self._configure(number, file):
                    return
        raise OSError(errno.EBUSY, "no free loop device")

    def _configure(self, number, file):
        """False when somebody else was faster."""
        self.path = f"/dev/loop{number}"
        self._device = os.open(self.path, os.O_RDWR)
        config = LOOP_CONFIG.pack(
            file.fileno(), 512, *[0] * 5, 0, 0, 0, AUTOCLEAR, b"", b"", b"",
            *[0] * 10)
        try:
            fcntl.ioctl(self._device, LOOP_CONFIGURE, config)
        except OSError as error:
            os.close(self._device)
            if error.errno != errno.EBUSY:
                raise
            return False
        return True

    def forget(self):
        """What the kernel remembers of the file, which was written to."""
        fcntl.ioctl(self._device, BLKFLSBUF)

    def close(self):
        os.close(self._device)


class MountFailed(Exception):
    """The file system does not take the image."""


def mount(kind, options, device, place):
    result = subprocess.run(
        ["mount", "-t", kind, *(["-o", options] if options else []), device,
         str(place)], capture_output=True, text=True)
    if result.returncode != 0:
        raise MountFailed(result.stderr.strip())


def is_mounted(place):
    """Where even that cannot be read, as after a shutdown, too."""
    with open("/proc/self/mounts") as file:
        return any(line.split()[1] == str(place) for line in file)


def unmount(place):
    """Whoever still has a file open there is about to end."""
    wait_until(lambda: subprocess.run(["umount", str(place)],
                                      capture_output=True).returncode == 0,
               f"the end of all use of {place}")


def shut_down(place):
    """From now on nothing reaches the disk, and what has not yet is lost; false
    when the file system cannot do that."""
    directory = os.open(place, os.O_RDONLY)
    try:
        fcntl.ioctl(directory, FS_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
    except OSError as error:
        if error.errno != errno.ENOTTY:
            raise
        return False
    finally:
        os.close(directory)
    return True


def copy_sparse(source, target):
    """Makes the open file `target` equal to `source`."""
    size = os.fstat(source).st_size
    os.ftruncate(target, 0)
    os.ftruncate(target, size)
    at = 0
    while at < size:
        try:
            at = os.lseek(source, at, os.SEEK_DATA)
        except OSError:
            return      # only a hole follows
        end = os.lseek(source, at, os.SEEK_HOLE)
        while at < end:
            data = os.pread(source, min(end - at, MEGABYTE), at)
            os.pwrite(target, data, at)
            at += len(data)
