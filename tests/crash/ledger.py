# SPDX-License-Identifier: MIT
"""Who was promised what, and what became of it."""

import calendar
import collections
import email
import mailbox
import re
import threading
import time

from tests.support.instance import USERS

LINE = b"0123456789 a line of the body\r\n"


def message(serial, size):
    """A message that shows whether it is whole."""
    return (b"From: alice@mail.example\r\nSubject: crash\r\n"
            b"X-Serial: %d\r\n\r\n" % serial + LINE * (size // len(LINE)) +
            b"end of %d\r\n" % serial)


class Ledger:
    """Serial numbers of messages, their recipients, and whether they were
    accepted: answered 250, or sendmail's exit 0. A message that was withdrawn
    (an administrator deleted it) is promised to nobody."""

    def __init__(self):
        self._lock = threading.Lock()
        self.recipients = {}
        self.accepted = set()
        self.withdrawn = set()

    def begin(self, recipients):
        with self._lock:
            serial = len(self.recipients) + 1
            self.recipients[serial] = list(recipients)
        return serial

    def accept(self, serial):
        with self._lock:
            self.accepted.add(serial)

    def promised(self):
        return {(serial, recipient)
                for serial in self.accepted - self.withdrawn
                for recipient in self.recipients[serial]}


def _queue_id(content, field):
    found = re.search(rb"^" + field + rb"(\w+)", content, re.M | re.S)
    return found[1].decode() if found else None


class Copy:
    """Somebody has been told: by the message itself, or by a bounce about the
    message `about`. `when`: (earliest, latest) second of the delivery, where a
    mailbox says that."""

    def __init__(self, content, recipient, when, about=None):
        self.queue_id = _queue_id(content, rb"Received: .*?\bid ")
        self.recipient = recipient
        self.when = when
        self.about = about


def _maildir_time(name):
    """By the name of the file."""
    seconds, micro = re.match(r"(\d+)\..*M(\d+)\.", name).groups()
    at = int(seconds) + int(micro) / 1e6
    return at, at


def _mbox_time(from_line):
    """By the line that begins with From."""
    at = calendar.timegm(time.strptime(from_line.split("  ")[1]))
    return at, at + 1


class Findings:
    """What is at the sink and in the mailboxes: `copies` is (serial, recipient)
    -> list of Copy."""

    def __init__(self, instance, sink):
        self.copies = collections.defaultdict(list)
        self.damaged = []
        for found in sink.messages:
            self._take_content(found.content, found.recipients, "sink")
        for user in USERS:
            for path in instance.maildir_files(user):
                self._take_file(path.read_bytes(), f"Maildir of {user}",
                                _maildir_time(path.name))
            path = instance.root / "home" / user / "mbox"
            if path.exists():
                self._take_mbox(path, user)

    def _take_mbox(self, path, user):
        box = mailbox.mbox(path, create=False)
        for key in box.keys():
            self._take_file(box.get_bytes(key), f"mbox of {user}",
                            _mbox_time(box.get_message(key).get_from()))
        box.close()

    def _take_file(self, content, place, when):
        recipient = re.search(rb"^Delivered-To: (\S+)", content, re.M)
        self._take_content(
            content, [recipient[1].decode()] if recipient else [], place,
            when)

    def _take_content(self, content, recipients, place, when=None):
        if re.search(rb"^Content-Type: multipart/report", content, re.M):
            self._take_bounce(content, recipients, when)
        else:
            self._take(content, recipients, place, when)

    def _take(self, content, recipients, place, when):
        serial = re.search(rb"^X-Serial: (\d+)", content, re.M)
        if serial is None or not recipients or \
                not re.search(rb"^end of %b\r?$" % serial[1], content, re.M):
            self.damaged.append((place, content[:300]))
            return
        for recipient in recipients:
            self.copies[int(serial[1]), recipient].append(
                Copy(content, recipient, when))

    def _take_bounce(self, content, recipients, when):
        report = email.message_from_bytes(content)
        serial = re.search(rb"^X-Serial: (\d+)", content, re.M)
        failed = [part["Final-Recipient"].split(";")[1].strip()
                  for part in report.walk() if part["Final-Recipient"]]
        if serial is None or not failed or not recipients:
            self.damaged.append(("bounce", content[:300]))
            return
        about = _queue_id(content, rb"X-\w+-Queue-ID: ")
        for recipient in failed:
            self.copies[int(serial[1]), recipient].append(
                Copy(content, recipients[0], when, about))


class Scene:
    """What could be known from outside when everything died: the copies that
    were out, the log, and which messages lay in files of their own in
    deferred/."""

    def __init__(self, instance, sink):
        self.copies = Findings(instance, sink).copies
        self.log = instance.log()
        self.deferred = {path.name for path in
                         instance.queue_files("deferred")}

    def is_recorded(self, queue_id, recipient):
        """qmgr had written what became of the recipient: it has removed the
        message, or put off what was left after its only attempt."""
        reports = self._reports(queue_id, recipient)
        return f"{queue_id}: removed" in self.log or (
            queue_id in self.deferred and
            reports in (["sent"], ["bounced"]))

    def is_reported(self, queue_id, recipient):
        return bool({"sent", "bounced"} &
                    set(self._reports(queue_id, recipient)))

    def _reports(self, queue_id, recipient):
        return re.findall(
            rf"{queue_id}: to=<{re.escape(recipient)}>,.*status=(\w+)",
            self.log)


class Account:
    """Promises against findings. Duplicates are of three classes: `in hand` (the
    other side had the message, nobody here knew), `reported` (the agent knew,
    qmgr had not written it), `recorded` (qmgr had: REL-06 allows none). Without
    a scene they are not told apart."""

    CLASSES = ("in hand", "reported", "recorded", "other")

    def __init__(self, ledger, findings, scene=None):
        self.promised = len(ledger.promised())
        self.lost = sorted(ledger.promised() - findings.copies.keys())
        self.damaged = findings.damaged
        self.classes = collections.Counter()
        for key, copies in findings.copies.items():
            if len(copies) > 1:
                self.classes[self._class(key, copies, scene)] += \
                    len(copies) - 1

    @staticmethod
    def _class(key, copies, scene):
        if scene is None or None in {copy.queue_id for copy in copies}:
            return "other"
        # One message that arrived twice, or two bounces about the same.
        queue_id, recipient = copies[0].queue_id, copies[0].recipient
        if queue_id != copies[-1].queue_id and copies[0].about:
            queue_id, recipient = copies[0].about, key[1]
        is_later = len(copies) > len(scene.copies[key])
        if is_later and scene.is_recorded(queue_id, recipient):
            return "recorded"
        if scene.is_reported(queue_id, recipient):
            return "reported"
        return "in hand"

    @property
    def duplicates(self):
        return sum(self.classes.values())

    @property
    def is_good(self):
        return not self.lost and not self.damaged and \
            not self.classes["recorded"]

    def __str__(self):
        return (f"promised {self.promised}, lost {self.lost}, "
                f"damaged {self.damaged}, duplicates {dict(self.classes)}")
