# SPDX-License-Identifier: MIT
"""Tables beside Debian's Postfix: each reads the other's files, both find the
same in the same patterns, and a writer of the other kind does not disturb our
readers."""

import os
import subprocess
import threading

import pytest

MAP = b"""\
# a comment
User@Example.COM  one
"quoted user"@example.com\ttwo
.example.com three,
  four
@example.org a  b
key value
key second
\xc3\xa4 umlaut
"""
KEYS = ["user@example.com", "USER@EXAMPLE.COM", '"quoted user"@example.com',
        ".example.com", "@example.org", "key", "\u00e4", "none", "a comment"]

ALIASES = b"""\
postmaster: root
Root: joe, "|/bin/cat -n",
    :include:/etc/x
joe+x: \\joe
"""


def answers(tools, table, program="postmap"):
    found = []
    for key in KEYS + ["postmaster", "root", "joe+x", "@"]:
        result = tools.run(program, "-q", key, table)
        assert b"fatal" not in result.stderr, result.stderr.decode()
        found.append((key, result.returncode, result.stdout))
    return found


def entries(tools, table):
    return sorted(tools.run("postmap", "-s", table).stdout.splitlines())


@pytest.mark.parametrize("kind", ["hash", "btree"])
@pytest.mark.parametrize("direction", ["theirs to ours", "ours to theirs"])
def test_map_files(ours, theirs, tmp_path, kind, direction):
    writer, reader = (theirs, ours) if direction == "theirs to ours" else \
        (ours, theirs)
    path = tmp_path / "map"
    path.write_bytes(MAP)
    tmp_path.chmod(0o755)
    table = f"{kind}:{path}"
    result = writer.run("postmap", table)
    assert result.returncode == 0, result.stderr.decode()
    assert b"duplicate entry" in result.stderr
    assert answers(reader, table) == answers(writer, table)
    assert entries(reader, table) == entries(writer, table)
    assert len(entries(reader, table)) == 6
    # Each changes what the other has made.
    reader.check("postmap", "-i", table, input=b"new entry\n")
    reader.check("postmap", "-d", "key", table)
    assert writer.check("postmap", "-q", "new", table) == b"entry\n"
    assert writer.run("postmap", "-q", "key", table).returncode == 1
    assert entries(reader, table) == entries(writer, table)


@pytest.mark.parametrize("direction", ["theirs to ours", "ours to theirs"])
def test_alias_files(ours, theirs, tmp_path, direction):
    writer, reader = (theirs, ours) if direction == "theirs to ours" else \
        (ours, theirs)
    path = tmp_path / "aliases"
    path.write_bytes(ALIASES)
    tmp_path.chmod(0o755)
    table = f"hash:{path}"
    writer.check("postalias", table)
    assert answers(reader, table, "postalias") == \
        answers(writer, table, "postalias")
    assert entries(reader, table) == entries(writer, table)
    assert len(entries(reader, table)) == 6


PATTERNS = [
    ("regexp", "/^(.*)@example\\.com$/ $1@example.org"),
    ("regexp", "/^User/i cased\n/^user/ other"),
    ("regexp", "if /example/\n/^a/ A\n/^b/ B\nendif\n/./ rest"),
    ("regexp", "if !/example/\n/./ outside\nendif\n!/user/ not"),
    ("regexp", "/[[:digit:]]{2,}/ digits $$\n/(a)(b)?/ <${1}><$(2)>"),
    ("regexp", "/\\(a\\)/x basic $1\n/a+b/x plus\n/(/ bad\n/x/ $1\n/y/q bad"),
    ("regexp", "nonsense\n/a|b/ either\n/^$/ empty"),
    ("regexp", "|a/b| bars\n/\\<word\\>/ word\n/(.)\\1/ twice $1"),
    ("cidr", "192.0.2.0/24 net\n192.0.2.1 host\n::/0 six"),
    ("cidr", "!192.0.2.0/24 outside\n192.0.2.1 host\n192.0.2.1/24 bad"),
    ("cidr", "if 192.0.2.0/24\n192.0.2.1 one\nendif\n0.0.0.0/0 all"),
    ("cidr", "[2001:db8::]/32 bracket\n2001:db8::1 plain"),
    ("texthash", "a b\nUser@Example.com c\nbad\na again"),
    ("inline", "{a=b, {user@example.com=c d}}"),
    ("unionmap", "{inline:{a=b}, static:c}"),
    ("pipemap", "{inline:{a=b}, inline:{b=c}}"),
    ("static", "a value"),
    ("randmap", "{one}"),
]
QUESTIONS = ["a", "ab", "aa", "b", "user@example.com", "User@Example.com",
             "example", "12", "1", "a/b", "a word b", "aword", "x", "y",
             "(a)", "a+b", "192.0.2.1", "192.0.2.2", "192.0.3.1",
             "2001:db8::1", "::1", "not an address"]


@pytest.mark.parametrize("kind,text", PATTERNS)
def test_same_answers(ours, theirs, tmp_path, kind, text):
    table = f"{kind}:{text}"
    if kind in ("regexp", "cidr", "texthash"):
        (tmp_path / "rows").write_text(text + "\n")
        tmp_path.chmod(0o755)
        table = f"{kind}:{tmp_path}/rows"
    for key in QUESTIONS:
        mine = ours.run("postmap", "-q", key, table)
        other = theirs.run("postmap", "-q", key, table)
        assert (key, mine.returncode, mine.stdout) == \
            (key, other.returncode, other.stdout), other.stderr.decode()


MESSAGE = b"""\
Subject: a
 folded
To: b
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain

body line
--x--
"""


@pytest.mark.parametrize("option", ["-h", "-b", "-hb", "-hm", "-bm", "-hbm"])
def test_same_message_keys(ours, theirs, tmp_path, option):
    (tmp_path / "rows").write_text("/./ found\n")
    tmp_path.chmod(0o755)
    arguments = ("postmap", option, "-q", "-", f"regexp:{tmp_path}/rows")
    assert ours.check(*arguments, input=MESSAGE) == \
        theirs.check(*arguments, input=MESSAGE)


@pytest.mark.parametrize("kind", ["hash", "btree"])
def test_lookups_under_a_writer(ours, theirs, tmp_path, kind):
    """Postfix truncates the file and fills it again under its lock.
    POSTERN_TEST_LOOKUPS says how many (1000000 take minutes)."""
    count = int(os.environ.get("POSTERN_TEST_LOOKUPS", "20000"))
    keys = [b"key%d" % number for number in range(500)]
    path = tmp_path / "map"
    tmp_path.chmod(0o755)
    table = f"{kind}:{path}"
    ended = threading.Event()
    rewrites = []

    def write(filler):
        path.write_bytes(b"".join(b"%s value\n" % key for key in keys)
                         + b"".join(b"filler%d x\n" % number
                                    for number in range(filler)))
        theirs.check("postmap", table)

    def keep_writing():
        while not ended.is_set():
            write(len(rewrites) % 7 * 100)
            rewrites.append(1)

    write(0)
    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        result = subprocess.run(
            [ours.folder / "postmap", "-c", ours.config, "-q", "-", table],
            input=b"".join(key + b"\n" for key in keys) * (count // len(keys)),
            capture_output=True, env=ours.environment, timeout=550)
    finally:
        ended.set()
        writer.join()
    assert result.returncode == 0, result.stderr.decode()
    assert result.stderr == b""
    assert result.stdout.count(b"\tvalue\n") == count
    assert rewrites
