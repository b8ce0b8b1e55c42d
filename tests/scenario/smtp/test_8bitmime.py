# SPDX-License-Identifier: MIT
"""8-bit content and servers that take 7 bits (RFC 6152): what is converted
arrives as the same message, what need not be stays byte for byte."""

import email
import email.policy

import pytest

from tests.support.waiting import wait_until

RECIPIENT = "someone@remote.example"
HEADER = (b"From: sender@client.example\r\nSubject: test\r\n"
          b"Message-ID: <1@client.example>\r\n"
          b"Date: Sun, 22 Nov 2026 11:00:09 +0000\r\n")
GERMAN = "Zwölf Boxkämpfer jagen Viktor quer über den Deich.\r\n"
RUSSIAN = "Съешь ещё этих мягких французских булок.\r\n"


def text_part(text, encoding="8bit"):
    return ("Content-Type: text/plain; charset=utf-8\r\n"
            f"Content-Transfer-Encoding: {encoding}\r\n\r\n{text}").encode()


def multipart(boundary, *parts, kind="mixed"):
    start = (f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'
             "preamble\r\n").encode()
    delimiter = f"--{boundary}".encode()
    return start + b"".join(delimiter + b"\r\n" + part + b"\r\n"
                            for part in parts) + delimiter + b"--\r\n"


def message(entity):
    return HEADER + b"MIME-Version: 1.0\r\n" + entity


@pytest.fixture
def relay(relay_to, make_script):
    """send(content) to a server with these features; what arrives there."""
    def start(*features, **parameters):
        contents = []

        def session(connection):
            connection.hello(*features)
            contents.append((connection.take(), connection.lines))

        instance = relay_to(make_script(session), **parameters)

        def send(content):
            queue_id = instance.send(RECIPIENT, content)
            instance.wait_log(rf"{queue_id}: to=.*status=sent")
            wait_until(lambda: contents, "the content")
            text, lines = contents.pop()
            # the lines behind the Received field, dots unstuffed
            text = b"".join(line[1:] if line.startswith(b".") else line
                            for line in text.splitlines(keepends=True))
            return text[text.index(HEADER):], lines

        send.instance = instance
        return send
    return start


def leaves(content):
    """(type, content) of all that has no parts."""
    parsed = email.message_from_bytes(content, policy=email.policy.SMTP)
    return [(part.get_content_type(), part.get_payload(decode=True))
            for part in parsed.walk() if not part.is_multipart()]


def assert_same(arrived, sent):
    assert arrived.isascii()
    assert max(map(len, arrived.splitlines())) <= 998
    assert leaves(arrived) == leaves(sent)


SAMPLES = {
    "german": message(text_part(GERMAN * 3)),
    "russian": message(text_part(RUSSIAN * 3)),
    "blanks": message(text_part("ä \r\n \r\n\t\r\n=\r\n.\r\n..\r\n--\r\nend"
                                "\r\n" + GERMAN)),
    "binary": message(b"Content-Type: application/x-data\r\n"
                      b"Content-Transfer-Encoding: binary\r\n\r\n" +
                      bytes(b for b in range(256) if b not in b"\r\n") * 9 +
                      b"\r\n"),
    "long line": message(text_part("ä" * 5000 + "\r\n")),
    "undeclared": message(text_part(GERMAN, "7bit")),
    "parts": message(multipart(
        "b", text_part("plain ASCII\r\n", "7bit"), text_part(GERMAN),
        text_part(RUSSIAN),
        multipart("bb", text_part(GERMAN), kind="alternative"))),
    "signed": message(multipart(
        "s", text_part(GERMAN),
        b"Content-Type: application/pgp-signature\r\n\r\nsignature\r\n",
        kind="signed; micalg=pgp-sha512; protocol=\"x\"")),
    "forwarded": message(multipart(
        "f", text_part("see below\r\n", "7bit"),
        b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit"
        b"\r\n\r\n" + message(text_part(GERMAN)))),
    "large": message(multipart("b", *[text_part(GERMAN * 2000),
                                      text_part(RUSSIAN * 20000)] * 2)),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_it_is_the_same_message_in_7_bits(relay, name):
    sent = SAMPLES[name]
    send = relay("PIPELINING", "SIZE")
    arrived, lines = send(sent)
    assert_same(arrived, sent)
    assert not [line for line in lines if "BODY=" in line]
    again, _ = send(sent)
    assert again == arrived


@pytest.mark.parametrize("name", SAMPLES)
def test_what_takes_8_bits_gets_them(relay, name):
    send = relay("8BITMIME", smtp_line_length_limit=0)
    arrived, lines = send(SAMPLES[name])
    assert arrived == SAMPLES[name]
    assert [line for line in lines if line.endswith(" BODY=8BITMIME")]


def test_the_shorter_encoding_is_taken(relay):
    send = relay()
    assert b"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nZw=C3" in \
        send(SAMPLES["german"])[0]
    assert b"\r\nContent-Transfer-Encoding: base64\r\n\r\n0KHRitC10" in \
        send(SAMPLES["russian"])[0]


def test_what_needs_nothing_stays(relay):
    send = relay()
    ascii_only = message(multipart(
        "b", text_part("all = ASCII \r\n", "8bit"), text_part("x\r\n", "7bit")))
    assert send(ascii_only)[0] == ascii_only
    # the part that is ASCII keeps every byte, and so do the lines between
    arrived, _ = send(SAMPLES["parts"])
    assert arrived.startswith(message(
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\npreamble\r\n'
        b"--b\r\n" + text_part("plain ASCII\r\n", "7bit") + b"\r\n--b\r\n"))
    assert b"Subject: test\r\n" in arrived


def test_a_message_without_mime(relay):
    send = relay()
    arrived, _ = send(HEADER + b"\r\nGr\xfc\xdfe, and more text behind\r\n")
    assert arrived == (
        HEADER + b"MIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=unknown-8bit\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        b"Gr=FC=DFe, and more text behind\r\n")


def test_conversion_can_be_off(relay):
    send = relay(disable_mime_output_conversion="yes")
    arrived, lines = send(SAMPLES["german"])
    assert arrived == SAMPLES["german"]
    assert not [line for line in lines if "BODY=" in line]


def nested(depth):
    entity = text_part(GERMAN)
    for level in range(depth):
        entity = multipart(f"level{level}", entity)
    return message(entity)


def test_too_deep_to_be_converted(relay):
    send = relay()
    arrived, _ = send(nested(100))
    assert_same(arrived, nested(100))
    instance = send.instance
    queue_id = instance.send(RECIPIENT, nested(101))
    instance.wait_log(rf"{queue_id}: to=<{RECIPIENT}>, .*dsn=5\.6\.3, "
                      r"status=bounced \(MIME nesting exceeds safety limit\)$")


def test_nothing_is_too_deep_without_conversion(relay):
    assert relay("8BITMIME")(nested(101))[0] == nested(101)


def test_lmtp_converts_too(make_instance, make_script):
    contents = []

    def session(connection):
        connection.hello(verb="LHLO")
        contents.append(connection.take())

    server = make_script(session)
    instance = make_instance(parameters={
        "default_transport": f"lmtp:inet:127.0.0.1:{server.port}"})
    queue_id = instance.send(RECIPIENT, SAMPLES["german"])
    instance.wait_log(rf"{queue_id}: to=.*relay=.*status=sent")
    wait_until(lambda: contents, "the content")
    assert_same(contents[0][contents[0].index(HEADER):], SAMPLES["german"])
