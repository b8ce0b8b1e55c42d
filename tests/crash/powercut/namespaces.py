# SPDX-License-Identifier: MIT
"""A place for tests that mount: nothing of it is seen outside or outlives it."""

import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile

INSIDE = "POSTERN_POWERCUT_INSIDE"
UNSHARE = ["unshare", "--mount", "--propagation", "private", "--pid",
           "--mount-proc", "--net", "--fork", "--kill-child"]


def _begin_loopback():
    SIOCSIFFLAGS, IFF_UP = 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo",
                                                       IFF_UP))


def _use_memory(folder):
    """Everything that is made goes to a file system in memory."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "powercut",
                    folder], check=True)
    tempfile.tempdir = folder


def _take_in_orphans(folder):
    """The first process of the namespace gets the children of all who end;
    returns in another one, and removes the folder after that."""
    child = os.fork()
    if child == 0:
        return
    pid = None
    while pid != child:
        pid, status = os.wait()
    subprocess.run(["umount", "--lazy", folder], check=True)
    os.rmdir(folder)
    os._exit(os.waitstatus_to_exitcode(status) & 0xff)


def _set_up():
    folder = tempfile.mkdtemp(prefix="powercut-")
    _use_memory(folder)
    _take_in_orphans(folder)
    _begin_loopback()


def obstacle():
    """Why enter() would fail, below a chroot for one; None when it would not."""
    if INSIDE in os.environ:
        return None
    tried = subprocess.run([*UNSHARE, "true"], capture_output=True, text=True)
    return None if tried.returncode == 0 else tried.stderr.strip()


def enter():
    """Starts the program again, in namespaces of mounts, processes and networks
    that are its own; returns there. When the process that was started by the
    caller is killed, all inside are, and nothing stays mounted."""
    if INSIDE in os.environ:
        _set_up()
        return
    os.environ[INSIDE] = "yes"
    os.execvp(UNSHARE[0], [*UNSHARE, sys.executable, *sys.argv])
