# SPDX-License-Identifier: MIT
"""Messages in the segments of a queue, read without anybody's help."""

import struct

RECORD = b"PosternR"
ALL = 0xffffffff


def _done(incoming):
    facts = set()
    for path in incoming.glob("qmgr.done.?"):
        data = path.read_bytes()
        for magic, segment, generation, message, recipient, _, _ in \
                struct.iter_unpack("<4sIQIIII", data[:len(data) // 32 * 32]):
            if magic == b"Done" and recipient == ALL:
                facts.add((segment, generation, message))
    return facts


def _records(path):
    """{(segment, generation, number): queue id}"""
    data = path.read_bytes()
    _, writer, n = path.name.split(".")
    segment = int(writer) << 16 | int(n)
    (generation,) = struct.unpack_from("<Q", data, 16)
    start = RECORD + data[16:24]
    found = {}
    at = data.find(start)
    while at >= 0:
        (number,) = struct.unpack_from("<I", data, at + 20)
        name = data[at + 32:at + 64].rstrip(b"\0")
        found[segment, generation, number] = name.decode(errors="replace")
        at = data.find(start, at + 64)
    return found


def messages_in_segments(incoming):
    """Queue ids of those that are not done."""
    records = {}
    for path in incoming.glob("segment.*.*"):
        try:
            records.update(_records(path))
        except (OSError, struct.error):
            continue    # it has just been removed, or begun
    done = _done(incoming) if records else set()
    return sorted(records[key] for key in records.keys() - done)
