# SPDX-License-Identifier: MIT
"""Free TCP (and UDP) ports on the loopback addresses, below those that the
kernel gives to clients. A process takes them from a few blocks that are its own
as long as it lives, so that two never pick the same port between the probe and
its use, whoever runs tests on this machine."""

import socket

FIRST, LAST = 5000, 32000
BLOCK = 100
BLOCKS_MAXIMUM = 3      # of a process: a sweep runs for hours beside others

_claims = []    # what makes the blocks ours
_ports = []     # of them, the next at the end


def _claim_block():
    """The first port of a block that nobody has; a name of an abstract socket
    can be bound once, and is free again when its owner ends."""
    for first in range(FIRST, LAST, BLOCK):
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0postern-test-ports-{first}")
        except OSError:
            claim.close()
            continue
        _claims.append((claim, first))
        return first
    return None


def _refill():
    """From a new block, or from the old ones when it has enough of them or all
    are taken."""
    first = _claim_block() if len(_claims) < BLOCKS_MAXIMUM else None
    blocks = [first] if first is not None else [had for _, had in _claims]
    if not blocks:
        raise RuntimeError("no free port")
    for block in blocks:
        _ports.extend(reversed(range(block, block + BLOCK)))


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
    for _ in range(FIRST, LAST):
        if not _ports:
            _refill()
        port = _ports.pop()
        if _is_free(port):
            return port
    raise RuntimeError("no free port")
