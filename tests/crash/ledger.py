# SPDX-License-Identifier: MIT
"""Who was promised what, and what became of it."""

import collections
import email
import mailbox
import re
import threading

from tests.support.instance import USERS

LINE = b"0123456789 a line of the body\r\n"


def message(serial, size):
    """A message that shows whether it is whole."""
    return (b"From: alice@mail.example\r\nSubject: crash\r\n"
            b"X-Serial: %d\r\n\r\n" % serial + LINE * (size // len(LINE)) +
            b"end of %d\r\n" % serial)


class Ledger:
    """Serial numbers of messages, their recipients, and whether they were
    accepted: answered 250, or sendmail's exit 0."""

    def __init__(self):
        self._lock = threading.Lock()
        self.recipients = {}
        self.accepted = set()

    def begin(self, recipients):
        with self._lock:
            serial = len(self.recipients) + 1
            self.recipients[serial] = list(recipients)
        return serial

    def accept(self, serial):
        with self._lock:
            self.accepted.add(serial)

    def promised(self):
        return {(serial, recipient) for serial in self.accepted
                for recipient in self.recipients[serial]}


class Findings:
    """What is at the sink and in the mailboxes: (serial, recipient) -> copies,
    bounces apart."""

    def __init__(self, instance, sink):
        self.copies = collections.Counter()
        self.bounced = collections.Counter()
        self.damaged = []
        for found in sink.messages:
            self._take(found.content, found.recipients, "sink")
        for user in USERS:
            for path in instance.maildir_files(user):
                self._take_file(path.read_bytes(), f"Maildir of {user}")
            path = instance.root / "home" / user / "mbox"
            if path.exists():
                self._take_mbox(path, user)

    def _take_mbox(self, path, user):
        box = mailbox.mbox(path, create=False)
        for key in box.keys():
            self._take_file(box.get_bytes(key), f"mbox of {user}")
        box.close()

    def _take_file(self, content, place):
        if re.search(rb"^Content-Type: multipart/report", content, re.M):
            self._take_bounce(content)
            return
        recipient = re.search(rb"^Delivered-To: (\S+)", content, re.M)
        self._take(content, [recipient[1].decode()] if recipient else [],
                   place)

    def _take(self, content, recipients, place):
        serial = re.search(rb"^X-Serial: (\d+)", content, re.M)
        if serial is None or not recipients or \
                not re.search(rb"^end of %b\r?$" % serial[1], content, re.M):
            self.damaged.append((place, content[:300]))
            return
        for recipient in recipients:
            self.copies[int(serial[1]), recipient] += 1

    def _take_bounce(self, content):
        report = email.message_from_bytes(content)
        serial = re.search(rb"^X-Serial: (\d+)", content, re.M)
        failed = [part["Final-Recipient"].split(";")[1].strip()
                  for part in report.walk() if part["Final-Recipient"]]
        if serial is None or not failed:
            self.damaged.append(("bounce", content[:300]))
            return
        for recipient in failed:
            self.bounced[int(serial[1]), recipient] += 1


class Account:
    """Promises against findings."""

    def __init__(self, ledger, findings):
        found = findings.copies + findings.bounced
        self.promised = len(ledger.promised())
        self.lost = sorted(ledger.promised() - found.keys())
        self.damaged = findings.damaged
        self.duplicates = sum(found.values()) - len(found)

    @property
    def is_good(self):
        return not self.lost and not self.damaged

    def __str__(self):
        return (f"promised {self.promised}, lost {self.lost}, "
                f"damaged {self.damaged}, duplicates {self.duplicates}")
