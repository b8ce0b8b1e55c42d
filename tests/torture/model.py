# SPDX-License-Identifier: MIT
"""What becomes of a message's content, written independently of the C code: the
documented normalisation (postern-smtpd(8)) and nothing else."""

import re

DROPPED = {b"bcc", b"content-length", b"resent-bcc", b"return-path"}


def as_sent_by_data(content):
    """DATA cannot express a message without a final line end."""
    if content and not content.endswith(b"\r\n"):
        return content + b"\r\n"
    return content


def dot_stuffed(content):
    return re.sub(rb"(\A|\n)\.", rb"\1..", content)


def _with_whole_newlines(content):
    """A bare LF ends a line, a bare CR becomes a blank, the last line is
    ended."""
    content = re.sub(rb"\r\n|\r|\n",
                     lambda found: b" " if found[0] == b"\r" else b"\r\n",
                     content)
    if content and not content.endswith(b"\r\n"):
        content += b"\r\n"
    return content


def _without_dropped_fields(content):
    """Fields are dropped up to the first line that is none."""
    kept, drops, start = [], False, 0
    while start < len(content):
        end = content.index(b"\r\n", start) + 2
        line = content[start:end]
        if line[:1] not in (b" ", b"\t"):
            field = re.match(rb"([!-9;-~]+)[ \t]*:", line)
            if not field:
                break
            drops = field[1].lower() in DROPPED
        if not drops:
            kept.append(line)
        start = end
    return b"".join(kept) + content[start:]


def stored(content):
    """The content as it is in the queue, and as it leaves."""
    return _without_dropped_fields(_with_whole_newlines(content))


def as_file(content):
    """The same in a mailbox, where LF alone ends a line."""
    return stored(content).replace(b"\r\n", b"\n")
