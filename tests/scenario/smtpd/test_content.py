# SPDX-License-Identifier: MIT
"""The line discipline: what ends a message, what is stored, what is refused."""

import pytest

from tests.support.raw import Raw

ME = "alice@mail.example"


def body_of(message):
    return message.split(b"\r\n\r\n", 1)[1] if b"\r\n\r\n" in message \
        else message.split(b"\n\n", 1)[1]


def unix(text):
    return text.replace(b"\r\n", b"\n")


BODIES = [
    b"plain\r\n",
    b"",
    b".leading dot\r\n",
    b".\r\n..\r\n...\r\n",
    b"8-bit \xff\xfe\r\n",
    b"x" * 5000 + b"\r\n",
    b"\r\n\r\n\r\n",
    b"trailing blank \r\n\t\r\n",
]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_bodies_arrive_byte_for_byte(make_instance, body):
    instance = make_instance()
    stuffed = b"".join(b"." + line if line.startswith(b".") else line
                       for line in body.splitlines(keepends=True))
    with Raw(instance.port) as client:
        client.hello()
        client.begin(ME)
        client.send(b"Subject: x\r\n\r\n" + stuffed + b".\r\n")
        assert client.reply().startswith("250 2.0.0 Ok: queued as ")
    message = instance.wait_mail("alice")[0]
    assert body_of(message) == unix(body)


ENDINGS = [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n",
           b"\r\r\n.\r\r\n"]


@pytest.mark.parametrize("ending", ENDINGS, ids=range(len(ENDINGS)))
def test_only_crlf_dot_crlf_ends_a_message(make_instance, ending):
    """Whatever looks like an end to somebody else is refused from a stranger,
    and the smuggled commands are part of the refused message."""
    instance = make_instance({"mynetworks": "192.0.2.0/24"})
    with Raw(instance.port) as client:
        client.hello()
        client.begin(ME)
        client.send(b"Subject: x\r\n\r\nfirst" + ending +
                    b"MAIL FROM:<evil@x.example>\r\n"
                    b"RCPT TO:<bob@mail.example>\r\nDATA\r\n"
                    b"Subject: smuggled\r\n\r\nx\r\n.\r\n")
        assert client.reply().startswith("550 5.5.2")
        assert client.command("NOOP").startswith("250")
    assert instance.maildir_files("bob") == []
    assert instance.queue_files() == []


def test_friends_have_bare_newlines_made_whole(make_instance):
    instance = make_instance()
    with Raw(instance.port) as client:
        client.hello()
        client.begin(ME)
        client.send(b"Subject: x\r\n\r\nfirst\n.\nsecond\r\n.\r\n")
        assert client.reply().startswith("250")
    # A lone dot is stuffing once its line has been made whole.
    assert body_of(instance.wait_mail("alice")[0]) == b"first\n\nsecond\n"


def test_a_message_that_is_too_large(make_instance):
    instance = make_instance({"message_size_limit": "10000"})
    with Raw(instance.port) as client:
        client.hello()
        client.begin(ME)
        client.send(b"Subject: x\r\n\r\n" + b"x" * 70 + b"\r\n")
        for _ in range(1000):
            client.send((b"y" * 70 + b"\r\n") * 10)
        client.send(b".\r\n")
        assert client.reply().startswith("552 5.3.4")
        assert client.command("NOOP").startswith("250")
    assert instance.queue_files() == []


def test_too_many_hops(make_instance):
    instance = make_instance({"hopcount_limit": "5"})
    with Raw(instance.port) as client:
        client.hello()
        client.begin(ME)
        client.send(b"Received: from a by b\r\n" * 6 + b"\r\nx\r\n.\r\n")
        assert client.reply().startswith("554 5.4.0")
    assert instance.queue_files() == []


def test_a_client_that_leaves_queues_nothing(make_instance):
    instance = make_instance()
    for cut in (b"Subject: x\r\n", b"Subject: x\r\n\r\nbody\r\n",
                b"Subject: x\r\n\r\nbody\r\n.", b"\r\nbody\r\n.\r"):
        with Raw(instance.port) as client:
            client.hello()
            client.begin(ME)
            client.send(cut)
    instance.wait_log(r"lost connection after DATA", count=4)
    assert instance.queue_files() == []
    assert instance.maildir_files("alice") == []


def test_chunks(make_instance):
    instance = make_instance()
    with Raw(instance.port) as client:
        client.hello()
        client.command("MAIL FROM:<>")
        client.command(f"RCPT TO:<{ME}>")
        client.send(b"BDAT 14\r\nSubject: x\r\n\r\nBDAT 7\r\n.\r\nab\r\n"
                    b"BDAT 0 LAST\r\n")
        assert client.reply().startswith("250 2.0.0")
        assert client.reply().startswith("250 2.0.0")
        assert client.reply().startswith("250 2.0.0 Ok: queued as")
    assert body_of(instance.wait_mail("alice")[0]) == b".\nab\n"


def test_chunks_out_of_order(make_instance):
    instance = make_instance()
    with Raw(instance.port) as client:
        client.hello()
        client.send(b"BDAT 5 LAST\r\nQUIT\n")
        assert client.reply().startswith("503 5.5.1")
        client.command("MAIL FROM:<>")
        client.command(f"RCPT TO:<{ME}>")
        client.send(b"BDAT 5\r\n12345")
        assert client.reply().startswith("250")
        assert client.command("DATA").startswith("503 5.5.1")
        assert client.command(f"RCPT TO:<{ME}>").startswith("503 5.5.1")
        assert client.command("RSET").startswith("250")
        assert client.command("BDAT -1").startswith("521 5.5.4")
        assert client.at_end()


def test_received_header(make_instance):
    instance = make_instance()
    queue_id = instance.send(ME)
    message = instance.wait_mail("alice")[0]
    received = message.split(b"\nFrom:", 1)[0].split(b"Received: ", 1)[1]
    assert received.startswith(
        b"from client.example (unknown [127.0.0.1])\n"
        b"\tby mail.example (Postern) with ESMTP id " + queue_id.encode() +
        b"\n\tfor <alice@mail.example>; ")
