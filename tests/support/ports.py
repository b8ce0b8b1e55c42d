# SPDX-License-Identifier: MIT
"""Free TCP (and UDP) ports on the loopback addresses."""

import os
import socket

# Each test process takes its own range, so that two never pick the same port
# between the probe and its use.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
FIRST, LAST = 20000 + WORKER * 2000, 20000 + WORKER * 2000 + 1999

_next = FIRST


def _is_free(port):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        probe = socket.socket(socket.AF_INET, kind)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        finally:
            probe.close()
    return True


def free_port():
    global _next
    for _ in range(FIRST, LAST):
        _next = FIRST if _next >= LAST else _next + 1
        if _is_free(_next):
            return _next
    raise RuntimeError("no free port")
