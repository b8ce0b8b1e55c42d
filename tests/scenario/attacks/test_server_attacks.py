# SPDX-License-Identifier: MIT
"""What strangers send to the server (ATK 1 to 20), one line for each attack: the
bytes, and the codes of the replies to them. None becomes a message, the log stays
one line for each event, and a neighbour is served at once."""

import re
import socket
import struct
import time

import pytest

from tests.support.instance import Instance
from tests.support.raw import Raw
from tests.support.waiting import wait_until

ME = b"alice@mail.example"
MAIL = b"MAIL FROM:<s@client.example>\r\n"
RCPT = b"RCPT TO:<" + ME + b">\r\n"
HELLO = b"EHLO client.example\r\n"
CLIENT_HELLO = (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" +
                bytes(range(128, 256)) + b"\r\n")
PROXY_2 = b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\xff\xff"


def rcpt(address):
    return HELLO + MAIL + b"RCPT TO:<" + address + b">\r\n"


# id, name, what is sent, codes of the replies behind the greeting. The client
# says QUIT at the end; the codes end where the server hangs up.
ATTACKS = [
    (1, "HTTP", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "221"),
    (1, "HTTP POST", b"POST / HTTP/1.1\r\n\r\nMAIL FROM:<>\r\n", "221"),
    (1, "HTTP proxy", b"CONNECT mail.example:25 HTTP/1.1\r\n\r\n", "221"),
    (1, "SSH", b"SSH-2.0-OpenSSH_9.2\r\n", "500 221"),
    (1, "TLS", CLIENT_HELLO, "221"),
    (1, "NUL", b"\0\r\n", "221"),
    (1, "high byte", b"\xff\r\n", "221"),
    (1, "blank", b" \r\n", "500 221"),
    (2, "endless command", b"NOOP " + b"x" * 3_000_000 + b"\r\n", "500 221"),
    (3, "NUL in a command", b"NOOP \0\r\nRSET\0\r\n", "250 500 221"),
    (5, "BDAT 2^63", HELLO + b"BDAT 9223372036854775808\r\n", "250 521"),
    (5, "BDAT -1", HELLO + b"BDAT -1\r\n", "250 521"),
    (5, "BDAT zeros", HELLO + b"BDAT 00000001\r\nx", "250 503 221"),
    (5, "BDAT without MAIL", HELLO + b"BDAT 4 LAST\r\nQUIT", "250 503 221"),
    (9, "AUTH", HELLO + b"AUTH PLAIN AGFsaWNlAFNFQ1JFVA==\r\n", "250 500 221"),
    (9, "long AUTH", HELLO + b"AUTH PLAIN " + b"QUFB" * 3000 + b"\r\n",
     "250 500 221"),
    (9, "AUTH in a transaction", HELLO + MAIL + b"AUTH LOGIN\r\n" + RCPT,
     "250 250 500 250 221"),
    (10, "64 KB of parameters",
     HELLO + b"MAIL FROM:<>" + b" X=y" * 16000 + b"\r\n", "250 500 221"),
    (10, "SIZE=2^64", HELLO + b"MAIL FROM:<> SIZE=18446744073709551616\r\n",
     "250 501 221"),
    (10, "SIZE twice", HELLO + b"MAIL FROM:<> SIZE=1 SIZE=2\r\n",
     "250 501 221"),
    (10, "many parameters",
     HELLO + b"MAIL FROM:<>" + b"".join(b" X%d" % i for i in range(40)) +
     b"\r\n", "250 501 221"),
    (11, "percent", rcpt(b"x%far.example@mail.example"), "250 250 554 221"),
    (11, "bang path", rcpt(b"far.example!x"), "250 250 554 221"),
    (11, "source route", rcpt(b"@mail.example:x@far.example"),
     "250 250 554 221"),
    (11, "quoted route", rcpt(b'"x@far.example"@mail.example'),
     "250 250 554 221"),
    (11, "escaped line end", rcpt(b'"a\\\r\nb"@mail.example'),
     "250 250 501 500 221"),
    (11, "junk literal", rcpt(b"x@[IPv6:::::1]"), "250 250 501 221"),
    (11, "command", rcpt(b"|/bin/sh@mail.example"), "250 250 550 221"),
    (11, "quoted command", rcpt(b'"|/bin/sh"@mail.example'),
     "250 250 550 221"),
    (11, "file", rcpt(b"/etc/passwd@mail.example"), "250 250 550 221"),
    (11, "include", rcpt(b'":include:/etc/passwd"@mail.example'),
     "250 250 550 221"),
    (11, "option", rcpt(b"-oQ/tmp@mail.example"), "250 250 550 221"),
    (11, "parent directory", rcpt(b"../../alice@mail.example"),
     "250 250 550 221"),
    (11, "expansion", rcpt(b"${alice}@mail.example"), "250 250 550 221"),
    (12, "UTF-8 unasked", rcpt("ä@mail.example".encode()),
     "250 250 553 221"),
    (12, "overlong", rcpt(b"\xc0\xaf@mail.example"), "250 250 500 221"),
    (12, "surrogate", rcpt(b"\xed\xa0\x80@mail.example"), "250 250 500 221"),
    (12, "bidi", HELLO + "MAIL FROM:<x@a\u202eb.example> SMTPUTF8\r\n".encode(),
     "250 501 221"),
    (12, "zero width",
     HELLO + "MAIL FROM:<x@a\u200bb.example> SMTPUTF8\r\n".encode(),
     "250 501 221"),
    (12, "long label", HELLO + b"MAIL FROM:<x@" + "ä".encode() * 100 +
     b".example> SMTPUTF8\r\n", "250 501 221"),
    (12, "bidi HELO", "EHLO \u202ea.example\r\n".encode(), "501 221"),
    (13, "EXPN, ETRN, TURN", b"EXPN x\r\nETRN x\r\nTURN\r\n",
     "500 500 500 221"),
    (13, "2 KB NOOP", b"NOOP " + b"x" * 2000 + b"\r\n", "250 221"),
    (17, "XCLIENT", HELLO + b"XCLIENT ADDR=127.0.0.1\r\n", "250 500 221"),
    (17, "XFORWARD", HELLO + b"XFORWARD NAME=x\r\n", "250 500 221"),
    (17, "PROXY", b"PROXY TCP4 127.0.0.1 127.0.0.1 1 25\r\n", "500 221"),
    (17, "PROXY 2", PROXY_2, "500 500 221"),
    (18, "4 KB HELO", b"HELO " + b"x" * 4096 + b"\r\n", "500 221"),
    (18, "our name", b"HELO mail.example\r\n", "250 221"),
    (18, "header in HELO", b"EHLO a\rReceived: b\r\n", "501 221"),
]


@pytest.fixture(scope="module")
def shared(staging):
    instance = Instance(staging, parameters={
        "mynetworks": "192.0.2.0/24",
        "smtpd_forbid_unauth_pipelining": "no",
        "smtpd_error_sleep_time": "0s",
        "mail_spool_directory": "/nonexistent"}).start()
    yield instance
    instance.stop()
    instance.remove()


def replies(client):
    codes = []
    while reply := client.reply():
        codes.append(reply[:3])
    return codes


@pytest.mark.parametrize("attack", ATTACKS,
                         ids=lambda attack: f"{attack[0]}-{attack[1]}")
def test_attack(shared, attack):
    _, _, sent, codes = attack
    with Raw(shared.port, source="127.0.0.2") as client, \
            Raw(shared.port, source="127.0.0.3") as neighbour:
        try:
            client.send(sent + b"QUIT\r\n")
        except (BrokenPipeError, ConnectionResetError):
            pass    # it hung up before all was sent
        assert neighbour.command("NOOP").startswith("250")
        assert replies(client) == codes.split()
    assert shared.queue_is_empty()


def test_what_is_logged_of_them(shared):
    """After all of them: one line an event, nothing that a terminal obeys, and
    no word of a password."""
    log = shared.log()
    assert "SECRET" not in log and "AGFsaWNlAFNFQ1JFVA" not in log
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", log)
    for line in log.splitlines():
        assert re.match(r"\w{3} [ \d]\d [\d:]{8} \S+ postfix/\w+\[\d+\]: ",
                        line), line
        assert len(line) < 2100, line[:200]


def test_any_first_byte(shared):
    """ATK 1: whatever it is, there is one reply, and the session does not go on
    as if nothing had been said."""
    for byte in range(256):
        with Raw(shared.port, source="127.0.0.2") as client:
            client.send(bytes([byte]) + b"\r\nQUIT\r\n")
            codes = replies(client)
            is_letter = bytes([byte]).isalpha() and byte < 128
            assert codes[-1] == "221", byte
            assert len(codes) <= 3, byte
            if not is_letter and byte not in b" \t\r\n":
                assert codes == ["221"], byte


def reset(client):
    """Closes with RST."""
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                           struct.pack("ii", 1, 0))
    client.close()


def test_a_reset_anywhere_in_a_message(make_instance):
    """ATK 15: no message before the final dot; behind it at most one, and then
    its id is in the log."""
    instance = make_instance()
    message = b"Subject: x\r\n\r\nbody\r\n.\r\n"
    for cut in range(len(message) + 1):
        client = Raw(instance.port)
        client.hello()
        client.begin(ME.decode())
        client.send(message[:cut])
        reset(client)
    instance.send(["bob@mail.example"])
    instance.wait_mail("bob")
    instance.wait_log("disconnect from", count=len(message) + 2)
    instance.wait_queue_empty()
    kept = len(re.findall(r"to=<alice@mail\.example>.*status=sent",
                          instance.log()))
    assert len(instance.maildir_files("alice")) == kept <= 1


def test_who_does_not_read_is_left(make_instance):
    """ATK 20: a client that sends and never reads; the server's own write has a
    deadline, and neighbours notice nothing."""
    instance = make_instance({"mynetworks": "192.0.2.0/24",
                              "smtpd_timeout": "2s",
                              "smtpd_forbid_unauth_pipelining": "no",
                              "smtpd_junk_command_limit": "1000000"})
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    deaf.connect(("127.0.0.1", instance.port))
    deaf.setblocking(False)
    began = time.monotonic()

    def is_left():
        try:
            deaf.send(b"HELP\r\n" * 1000)
        except BlockingIOError:
            pass
        except OSError:
            return True
        return False

    wait_until(is_left, "the end of the connection", 60)
    assert time.monotonic() - began < 50
    instance.wait_log(r"timeout after \w+ from unknown")
    with Raw(instance.port) as neighbour:
        assert neighbour.command("NOOP").startswith("250")
    deaf.close()
