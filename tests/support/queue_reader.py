# SPDX-License-Identifier: MIT
"""A second implementation of postern-queue(5), written from that page alone: it
reads a queue and shares nothing with the programs."""

import pathlib
import struct

DIGITS = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
WORDS = {b"..TODO..": "todo", b"==DONE==": "done", b"!BOUNCE!": "bounced",
         b"<CANCEL>": "cancelled"}
ALL = 0xffffffff
PAGE = 4096


def _table():
    table = []
    for number in range(256):
        for _ in range(8):
            number = number >> 1 ^ (0x82f63b78 if number & 1 else 0)
        table.append(number)
    return table


TABLE = _table()


def crc32c(data, check=0):
    check ^= 0xffffffff
    for byte in data:
        check = TABLE[(check ^ byte) & 0xff] ^ check >> 8
    return check ^ 0xffffffff


class Corrupt(Exception):
    pass


class Newer(Exception):
    pass


class NeverAccepted(Exception):
    pass


def demand(condition, what):
    if not condition:
        raise Corrupt(what)


def id_time(name):
    """Microseconds since 1970, or None for what is no id."""
    front, separator, tail = name.rpartition("z")
    seconds, microseconds = front[:-4], front[-4:]
    if not separator or not 6 <= len(seconds) <= 8 or \
            not 5 <= len(tail) <= 10 or set(name) - set(DIGITS):
        return None

    def value(text, base):
        number = 0
        for digit in text:
            number = number * base + DIGITS.index(digit)
        return number

    return value(seconds, 52) * 1000000 + value(microseconds, 52)


class Message:
    """The bytes of a queue file; `done` maps recipients to states that stand
    elsewhere."""

    def __init__(self, queue_id, data, done=None):
        self.queue_id = queue_id
        self._read_head(data)
        self._read_end(data)
        self._read_recipients(data)
        self._read_attributes(data)
        self._read_states(data, done or {})
        self._read_journal(data[self.length:])

    def _read_head(self, data):
        if not data or (len(data) >= 512 and not any(data[:512])):
            raise NeverAccepted
        demand(len(data) >= 512, "short head")
        (check,) = struct.unpack_from("<I", data, 508)
        demand(data[:8] == b"PosternQ" and check == crc32c(data[:508]), "head")
        version, size = struct.unpack_from("<HH", data, 8)
        if version > 1:
            raise Newer
        demand(version == 1 and size == 512, "version")
        self.flags, self.arrival, self.count, self.added_count = \
            struct.unpack_from("<IQII", data, 12)
        self.header = struct.unpack_from("<QQII", data, 32)
        self.body = struct.unpack_from("<QQII", data, 56)
        (self.recipients_at, self.added_at, self.attributes_at, self.states_at,
         self.body_area) = [struct.unpack_from("<QQ", data, at)
                            for at in range(80, 160, 16)]
        (self.length,) = struct.unpack_from("<Q", data, 160)
        demand(self.length <= len(data), "length")
        self.content = b"".join(data[at:at + length] for at, length, *_ in
                                (self.header, self.body))

    def _read_end(self, data):
        end = data[self.length - 40:self.length]
        magic, length, arrival, envelope, content, count, check = \
            struct.unpack("<8sQQIIII", end)
        demand(magic == b"EndOfMsg" and check == crc32c(end[:36]), "END")
        demand((length, arrival, count) ==
               (self.length, self.arrival, self.count), "another END")
        area = b"".join(
            data[at:at + size] for at, size in
            (self.recipients_at, self.added_at,
             (self.attributes_at[0],
              self.states_at[0] - self.attributes_at[0])))
        demand(crc32c(area) == envelope, "envelope")
        header_at, header_size, *_ = self.header
        start, size = self.body_area
        demand(crc32c(data[start:start + size] +
                      data[header_at:header_at + header_size]) == content,
               "content")

    def _read_recipients(self, data):
        self.recipients = []
        for at, size in (self.recipients_at, self.added_at):
            end = at + size
            while at < end:
                length, number, notify, address, original, orcpt = \
                    struct.unpack_from("<IIIHHH", data, at)
                demand(number == len(self.recipients), "number")
                texts = data[at + 20:at + 20 + address + original + orcpt]
                self.recipients.append({
                    "address": texts[:address].decode(),
                    "original": texts[address:address + original].decode(),
                    "orcpt": texts[address + original:].decode(),
                    "notify": notify, "reason": ""})
                at += length
        demand(len(self.recipients) == self.count, "count")

    def _read_attributes(self, data):
        at, size = self.attributes_at
        self.attributes = dict(
            item.decode().split("=", 1)
            for item in data[at:at + size].split(b"\0") if item)

    def _read_states(self, data, done):
        at, size = self.states_at
        demand(size == 8 * self.count, "states")
        for number, recipient in enumerate(self.recipients):
            word = data[at + 8 * number:at + 8 * number + 8]
            demand(word in WORDS, "state")
            recipient["state"] = done.get(number, WORDS[word])

    def _read_journal(self, journal):
        self.attempts, self.next_attempt, at = 0, 0, 0
        self.journal_count = 0
        while at + 20 <= len(journal):
            length, kind, _, number, check = \
                struct.unpack_from("<IHHII", journal, at)
            record = journal[at:at + length]
            if length < 20 or length > len(journal) - at or \
                    number != self.journal_count or \
                    crc32c(record[:12] + record[16:]) != check:
                return
            self._take_record(kind, record[16:])
            self.journal_count += 1
            at += length

    def _take_record(self, kind, content):
        if kind == 1:
            self.attempts += 1
            _, self.next_attempt = struct.unpack_from("<QQ", content)
        elif kind == 2:
            number, *lengths = struct.unpack_from("<IHHHH", content)
            at = 12 + sum(lengths[:3])
            self.recipients[number]["reason"] = \
                content[at:at + lengths[3]].decode()

    def outstanding(self):
        return [recipient for recipient in self.recipients
                if recipient["state"] == "todo"]


def _done_records(incoming):
    """{(segment, generation, message): {recipient: state}}"""
    states = {1: "done", 2: "bounced", 3: "cancelled"}
    facts = {}
    for path in incoming.glob("qmgr.done.[01]"):
        data = path.read_bytes()
        for at in range(0, len(data) - 31, 32):
            magic, segment, generation, message, recipient, state, check = \
                struct.unpack_from("<4sIQIIII", data, at)
            if magic == b"Done" and check == crc32c(data[at:at + 28]):
                facts.setdefault((segment, generation, message), {})[
                    recipient] = states[state]
    return facts


def _record(data, at):
    """(generation, number, id, file) of a sound record there, or None."""
    if data[at:at + 8] != b"PosternR":
        return None
    generation, length, number, _, check = \
        struct.unpack_from("<QIIII", data, at + 8)
    record = data[at:at + length]
    if length < 64 or len(record) < length or \
            crc32c(record[:28] + bytes(4) + record[32:]) != check:
        return None
    return generation, number, record[32:64].rstrip(b"\0").decode(), record[64:]


def _segment_messages(path, facts):
    data = path.read_bytes()
    _, writer, n = path.name.split(".")
    segment = int(writer) * 65536 + int(n)
    head, (check,) = data[:60], struct.unpack_from("<I", data, 60)
    if head[:8] != b"PosternS" or crc32c(head) != check:
        return
    (generation,) = struct.unpack_from("<Q", head, 16)
    at, expected = PAGE, 0
    while at < len(data):
        found = _record(data, at)
        if not found or found[0] != generation or found[1] < expected:
            at += 64
            continue
        _, number, queue_id, file = found
        expected = number + 1
        at += (64 + len(file) + 63) // 64 * 64
        done = facts.get((segment, generation, number), {})
        if ALL not in done:
            yield Message(queue_id, file, done)


def read_queue(queue):
    """{queue id: (directory, Message)} of all that is to be delivered."""
    queue = pathlib.Path(queue)
    found = {}
    facts = _done_records(queue / "incoming")
    for path in (queue / "incoming").glob("segment.*.*"):
        for message in _segment_messages(path, facts):
            found[message.queue_id] = ("incoming", message)
    # A file of its own counts more than a record.
    for folder in ("incoming", "deferred", "hold"):
        for path in (queue / folder).rglob("*"):
            if path.is_file() and id_time(path.name) is not None:
                found[path.name] = \
                    (folder, Message(path.name, path.read_bytes()))
    return found
