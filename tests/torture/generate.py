#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Messages that mail systems have broken, the same ones for the same seed.

    tests/torture/generate.py DIRECTORY [SEED]      writes them as files
"""

import pathlib
import random
import sys

SEED = 20200901

HEADER = (b"From: sender@client.example\r\n"
          b"To: alice@second.example\r\n"
          b"Subject: torture\r\n"
          b"Message-ID: <torture@client.example>\r\n")

# Where buffers of the suite and of TCP end.
BORDERS = (1024, 1460, 2048, 4096, 8192, 16384, 32768, 65536, 131072, 262144)


def _shapes():
    """Messages with parts missing."""
    yield "empty", b""
    yield "only-blank-line", b"\r\n"
    yield "two-blank-lines", b"\r\n\r\n"
    yield "header-only", HEADER
    yield "header-and-blank-line", HEADER + b"\r\n"
    yield "no-header", b"\r\njust a body\r\n"
    yield "text-without-header", b"just text\r\nand more of it\r\n"
    yield "text-then-header", b"just text\r\n" + HEADER + b"\r\nbody\r\n"
    yield "one-byte", b"x"
    yield "one-field", b"X: y\r\n\r\n"
    yield "blank-lines-body", HEADER + b"\r\n" * 50
    yield "blanks-only-body", HEADER + b"\r\n \r\n\t\r\n  \t \r\n"
    yield "trailing-blanks", HEADER + b"\r\nx \r\ny\t\r\n"
    yield "no-final-newline", HEADER + b"\r\nthe end"
    yield "no-final-newline-header", HEADER + b"X-Last: the end"
    yield "final-blank-without-newline", HEADER + b"\r\nthe end "
    yield "looks-like-smtp", HEADER + (
        b"\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"
        b"QUIT\r\nRSET\r\n250 ok\r\nBDAT 0 LAST\r\n")
    yield "from-lines", HEADER + (
        b"\r\nFrom here on\r\n>From quoted\r\n\r\nFrom a@b Mon Jan  1\r\n")
    yield "mbox-from-first", b"From a@b Mon Jan 1 00:00:00 2024\r\n" + HEADER
    yield "quoted-from-first", b">From a@b Mon Jan 1\r\n" + HEADER + b"\r\nx\r\n"


def _headers(rng):
    """Fields nobody should write."""
    oddities = {
        "blank-before-colon": b"Subject : x\r\nX-A\t: y\r\n",
        "no-name": b": no name\r\n",
        "no-value": b"Subject:\r\nX-A: \r\nX-B:\t\r\n",
        "no-colon": b"Subject is missing\r\n",
        "starts-folded": b" folded from nothing\r\n" + HEADER,
        "starts-with-tab": b"\tfolded\r\n" + HEADER,
        "folded": b"Subject: a\r\n b\r\n\tc\r\n  d\r\n",
        "folded-blank-line": b"X-A: a\r\n \r\n b\r\n",
        "folded-often": b"X-A: a\r\n" + b" b\r\n" * 2000,
        "duplicates": b"From: a@b\r\nFrom: c@d\r\nSubject: 1\r\nSubject: 2\r\n",
        "upper-case": b"FROM: A@B\r\nSUBJECT: X\r\n",
        "8-bit-value": "Subject: Grüße 日本語\r\n".encode(),
        "latin1-value": b"Subject: Gr\xfc\xdfe\r\n",
        "8-bit-name": "Betreff-ü: x\r\n".encode(),
        "broken-utf8": b"Subject: \xc3\x28 \xe2\x82 \xf0\x28\x8c\xbc\r\n",
        "control-bytes": b"X-A: \x01\x02\x07\x08\x0b\x0c\x1b[31m\x7f\r\n",
        "nul-value": b"X-A: a\x00b\r\n",
        "nul-name": b"X\x00A: b\r\n",
        "encoded-word": b"Subject: =?utf-8?q?=0D=0ABcc:_x=40y?=\r\n",
        "long-name": b"X-" + b"n" * 900 + b": x\r\n",
        "comments": b"To: (" * 200 + b"x" + b")" * 200 + b" <a@b>\r\n",
        "many-addresses": b"To: " + b",\r\n ".join(
            b"user%d@client.example" % i for i in range(2000)) + b"\r\n",
        "resent": b"Resent-From: a@b\r\nResent-To: c@d\r\n",
        "dropped": b"Bcc: secret@x.example\r\nX-Kept: 1\r\n"
                   b"Content-Length: 12\r\nReturn-Path: <a@b>\r\n"
                   b"Resent-Bcc: x@y,\r\n z@y\r\nX-Kept: 2\r\n",
        "dropped-folded": b"bCC:\r\n a@b,\r\n\tc@d\r\nX-Kept: 1\r\n",
        "dropped-names-alike": b"Bcc-: 1\r\nXBcc: 2\r\nBccx: 3\r\n",
        "delivered-to": b"Delivered-To: somebody@else.example\r\n",
        "x-original-to": b"X-Original-To: somebody@else.example\r\n",
        "mime-version-only": b"MIME-Version: 1.0\r\n",
        "content-type-broken": b"Content-Type: multipart/mixed; boundary=\r\n",
        "charset-huge": b"Content-Type: text/plain; charset=" + b"x" * 4000 +
                        b"\r\n",
        "rfc2231": b"Content-Type: text/plain;" + b"".join(
            b"\r\n name*%d=x;" % i for i in range(1000)) + b"\r\n",
        "dots": b".: x\r\n..: y\r\n",
    }
    for name, fields in oddities.items():
        yield f"header-{name}", fields + HEADER + b"\r\nbody\r\n"
    for count in (1, 10, 30, 40, 46):
        yield f"received-{count}", b"".join(
            b"Received: from h%d.example by h%d.example; "
            b"Mon, 1 Jan 2024 00:00:00 +0000\r\n" % (i, i + 1)
            for i in range(count)) + HEADER + b"\r\nbody\r\n"
    for count in (1000, 10000):
        yield f"header-{count}-fields", HEADER + b"".join(
            b"X-Field-%d: %s\r\n" % (i, b"v" * rng.randrange(90))
            for i in range(count)) + b"\r\nbody\r\n"


def _lines():
    """Line lengths around what RFC 5321, Postfix and buffers stop at."""
    lengths = (77, 78, 79, 510, 511, 512, 990, 997, 998, 999, 1000, 1001, 2046,
               2047, 2048, 2049, 2050, 4094, 4096, 4098, 16383, 16384, 16385,
               65534, 65535, 65536, 65537, 131072, 1000000)
    for length in lengths:
        yield f"line-{length}", (HEADER + b"\r\nbefore\r\n" + b"x" * length +
                                 b"\r\nafter\r\n")
    for length in (998, 2048, 65536):
        yield f"line-{length}-unended", HEADER + b"\r\n" + b"y" * length
        yield f"line-{length}-dot", HEADER + b"\r\n." + b"." * length + b"\r\n"
    for length in (990, 998, 999, 2047, 2048, 2049, 4096, 16384, 65536, 100000):
        yield f"field-{length}", (b"X-Long: " + b"h" * (length - 8) + b"\r\n" +
                                  HEADER + b"\r\nbody\r\n")
        yield f"field-{length}-folded", (
            b"X-Long: " + b"\r\n ".join([b"h" * 70] * (length // 74)) +
            b"\r\n" + HEADER + b"\r\nbody\r\n")


def _dots():
    """Dots where lines begin, and where buffers end."""
    yield "dot-only", HEADER + b"\r\n.\r\n"
    yield "dots-only", HEADER + b"\r\n.\r\n..\r\n...\r\n....\r\n"
    yield "dot-first-byte", b"."
    yield "dot-last-byte", HEADER + b"\r\nx\r\n."
    yield "dot-unended", HEADER + b"\r\n.x"
    yield "dot-every-line", HEADER + b"\r\n" + b".line\r\n" * 5000
    yield "dot-blanks", HEADER + b"\r\n. \r\n .\r\n\t.\r\n.\t\r\n"
    for border in BORDERS:
        for offset in (-2, -1, 0, 1):
            filler = border + offset - len(HEADER) - 4
            text = (b"f" * 62 + b"\r\n") * (filler // 64)
            text += b"f" * (filler - len(text))
            yield f"dot-at-{border}{offset:+d}", (
                HEADER + b"\r\n" + text + b"\r\n.dot\r\n..\r\n.\r\nend\r\n")


def _bytes(rng):
    """Bytes that are no ASCII text."""
    everything = bytes(b for b in range(256) if b not in b"\r\n")
    yield "all-bytes", HEADER + b"\r\n" + everything + b"\r\n"
    yield "nul", HEADER + b"\r\n\x00\r\na\x00b\x00\r\n"
    yield "nul-many", HEADER + b"\r\n" + b"\x00" * 5000 + b"\r\n"
    yield "high-bytes", HEADER + b"\r\n" + b"\xff" * 500 + b"\r\n"
    yield "utf-8", HEADER + "\r\nGrüße, 日本語, 🐘\r\n".encode()
    yield "utf-16", HEADER + b"\r\n" + "text".encode("utf-16") + b"\r\n"
    yield "delete-escape", HEADER + b"\r\n\x1b]0;x\x07\x7f\x08\r\n"
    for i in range(10):
        text = bytes(rng.choice(everything) for _ in range(3000))
        yield f"random-bytes-{i}", HEADER + b"\r\n" + text + b"\r\n"


def _bare():
    """Line ends that are none: friends have them made whole."""
    for name, text in {
            "lf": b"a\nb\n", "cr": b"a\rb\r", "cr-cr-lf": b"a\r\r\nb\r\n",
            "lf-cr": b"a\n\rb\r\n", "lf-lf": b"a\n\nb\n",
            "lf-dot-lf": b"a\n.\nb\r\n", "lf-dot-crlf": b"a\n.\r\nb\r\n",
            "crlf-dot-lf": b"a\r\n.\nb\r\n", "cr-dot-cr": b"a\r.\rb\r\n",
            "crlf-dot-cr": b"a\r\n.\rb\r\n", "cr-at-end": b"a\r",
            "crs": b"\r" * 1000, "lfs": b"\n" * 1000,
            "lf-dots": b"a\n..b\n...\n"}.items():
        yield f"bare-{name}", HEADER + b"\r\n" + text
    yield "bare-lf-everywhere", (HEADER + b"\r\nbody\r\n").replace(b"\r", b"")
    yield "bare-cr-header", b"X-A: a\rBcc: b\r\n" + HEADER + b"\r\nx\r\n"
    yield "bare-lf-header", b"X-A: a\nBcc: b\nX-B: c\r\n" + HEADER + b"\r\nx\r\n"
    for border in (16384, 65536):
        for ending in (b"\n", b"\r"):
            filler = border - len(HEADER) - 2
            yield f"bare-{ending.hex()}-at-{border}", (
                HEADER + b"\r\n" + b"f" * (filler - 1) + ending + b"x\r\n")


def _multipart(depth, boundary):
    if depth == 0:
        return b"Content-Type: text/plain\r\n\r\ninnermost\r\n"
    mark = b"--" + boundary % depth
    return (b"Content-Type: multipart/mixed; boundary=\"" + boundary % depth +
            b"\"\r\n\r\npreamble\r\n" + mark + b"\r\n" +
            _multipart(depth - 1, boundary) + mark + b"--\r\nepilogue\r\n")


def _mime(rng):
    """Structure that a server has no business with."""
    for depth in (1, 2, 5, 20, 100, 400):
        yield f"multipart-{depth}", (HEADER + b"MIME-Version: 1.0\r\n" +
                                     _multipart(depth, b"b%d"))
    yield "multipart-long-boundary", HEADER + _multipart(3, b"b" * 90 + b"%d")
    inner = HEADER + b"\r\nbody\r\n"
    for depth in range(1, 61):
        inner = (HEADER + b"MIME-Version: 1.0\r\nContent-Type: message/rfc822"
                 b"\r\n\r\n" + inner)
        if depth in (1, 10, 60):
            yield f"rfc822-{depth}", inner
    yield "multipart-unclosed", (
        HEADER + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n"
        b"Content-Type: text/plain\r\n\r\nno end\r\n")
    yield "multipart-prefix-boundaries", (
        HEADER + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\n"
        b"\r\n1\r\n--xx--\r\n--x--\r\n")
    yield "base64", HEADER + (
        b"Content-Transfer-Encoding: base64\r\n\r\n" + b"\r\n".join(
            bytes(rng.choice(b"ABCDEFGHabcdefgh01234567+/")
                  for _ in range(76)) for _ in range(500)) + b"\r\n")
    yield "binary-attachment-8bit", (
        HEADER + b"Content-Transfer-Encoding: 8bit\r\n\r\n" +
        bytes(rng.randrange(128, 256) for _ in range(900)) + b"\r\n")


def _sizes(rng):
    line = bytes(rng.randrange(33, 127) for _ in range(76)) + b"\r\n"
    for size in (60000, 65000, 65531, 65536, 70000, 1 << 20):
        yield f"size-{size}", HEADER + b"\r\n" + line * (size // 78)
    yield "size-10MB", HEADER + b"\r\n" + line * (10_000_000 // 78)
    yield "size-2MB-of-dots", HEADER + b"\r\n" + b".\r\n" * 700_000
    yield "size-2MB-one-line", HEADER + b"\r\n" + b"z" * 2_000_000 + b"\r\n"


def _random(rng, count):
    """Any mix of what the lexers look at."""
    tokens = (b"\r\n", b"\r\n", b"\r\n", b"\r\n.", b".", b"..", b"\n", b"\r",
              b":", b" ", b"\t", b"X-A: b", b"word ", b"\x00", b"\xe4", b"From ",
              b"\r\n\r\n", b"Received: x", b"a" * 997)
    for i in range(count):
        text = b"".join(rng.choice(tokens)
                        for _ in range(rng.randrange(1, 400)))
        yield f"random-{i}", (HEADER if rng.random() < 0.7 else b"") + text


def messages(seed=SEED):
    """A list of (name, content); the content is what the sender means, without
    dot-stuffing."""
    rng = random.Random(seed)
    found = [*_shapes(), *_headers(rng), *_lines(), *_dots(), *_bytes(rng),
             *_bare(), *_mime(rng), *_sizes(rng), *_random(rng, 40)]
    names = {name for name, _ in found}
    assert len(names) == len(found) >= 200
    return found


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    found = messages(int(sys.argv[2]) if len(sys.argv) == 3 else SEED)
    for name, content in found:
        (folder / name).write_bytes(content)
    print(f"{len(found)} messages in {folder}")


if __name__ == "__main__":
    main()
