# SPDX-License-Identifier: MIT
"""Mail for local users reaches their mailboxes, whatever their form."""

import fcntl
import mailbox
import os
import re
import time

import pytest

from tests.support.waiting import wait_until

BODY = ("From the start\r\n"
        ".\r\n"
        "..two dots\r\n"
        "\r\n"
        "From me\r\n"
        ">From you\r\n"
        "\tblanks at the end  \r\n"
        "last\r\n")


def message(body=BODY, header="Subject: test\r\nMessage-ID: <1@x.example>\r\n"
            "Date: Sun, 22 Nov 2026 11:00:09 +0000\r\n"
            "From: sender@client.example\r\n"):
    return (header + "\r\n" + body).encode()


def stored(raw):
    """Content as it lies in a maildir."""
    return raw.replace(b"\r\n", b"\n")


def without_trace(raw):
    """Without the headers that delivery has added."""
    return re.sub(rb"\A.*?^(?=Subject:)", b"", raw, count=1,
                  flags=re.S | re.M)


def test_maildir(instance):
    queue_id = instance.send("alice@mail.example", message())
    raw = instance.wait_mail("alice")[0]
    head = raw.split(b"Received:")[0]
    assert head == (b"Return-Path: <sender@client.example>\n"
                    b"X-Original-To: alice@mail.example\n"
                    b"Delivered-To: alice@mail.example\n")
    assert without_trace(raw) == stored(message())
    file = instance.maildir_files("alice")[0]
    assert re.fullmatch(r"\d+\.V[0-9a-f]+I[0-9a-f]+M\d+\.mail\.example",
                        file.name)
    assert file.stat().st_mode & 0o777 == 0o600
    instance.wait_log(
        rf"postfix/local\[\d+\]: {queue_id}: to=<alice@mail\.example>, "
        r"relay=local, delay=[\d.]+, delays=[\d.]+/[\d.]+/[\d.]+/[\d.]+, "
        r"dsn=2\.0\.0, status=sent \(delivered to maildir\)$")
    assert list((file.parent.parent / "tmp").iterdir()) == []
    instance.wait_queue_empty()


def test_null_sender_and_case(instance):
    instance.send("ALICE@Mail.Example", message(), sender="")
    raw = instance.wait_mail("alice")[0]
    assert raw.startswith(b"Return-Path: <>\n"
                          b"X-Original-To: ALICE@Mail.Example\n")


@pytest.mark.parametrize("body", [
    "", "no line end", "\r\n\r\n", "x" * 5000 + "\r\n", "\u00e4\u20ac\r\n",
    "".join(f"{n:06d} {'y' * 90}\r\n" for n in range(40000)),
], ids=["empty", "unended", "blank", "long line", "utf8", "4 MB"])
def test_content_is_kept(instance, body):
    instance.send("alice@mail.example", message(body))
    want = stored(message(body))
    if not want.endswith(b"\n"):
        want += b"\n"
    assert without_trace(instance.wait_mail("alice")[0]) == want


def read_mbox(path):
    return list(mailbox.mbox(path, create=False))


def wait_mbox(instance, path, count):
    return wait_until(
        lambda: path.exists() and len(read_mbox(path)) == count and
        read_mbox(path), f"{count} messages in {path}", 30)


def test_mbox_in_home(make_instance):
    instance = make_instance(parameters={"home_mailbox": "mail/inbox"})
    for _ in range(3):
        instance.send("bob@mail.example", message())
    path = instance.root / "home" / "bob" / "mail" / "inbox"
    messages = wait_mbox(instance, path, 3)
    instance.wait_log(r"status=sent \(delivered to mailbox\)", 3)
    raw = path.read_bytes()
    assert raw.startswith(b"From sender@client.example  ")
    assert re.match(rb"From \S+  \w{3} \w{3} [ \d]\d [\d:]{8} \d{4}\n"
                    rb"Return-Path: <sender@client.example>\n", raw)
    assert raw.count(b"\n>From me\n>From you\n") == 3
    assert raw.endswith(b"last\n\n")
    for item in messages:
        assert item["Delivered-To"] == "bob@mail.example"
    assert path.stat().st_mode & 0o777 == 0o600
    assert not path.with_name("inbox.lock").exists()


@pytest.mark.parametrize("slash", ["", "/"])
def test_spool(make_instance, slash):
    instance = make_instance(start=False)
    spool = instance.root / "spool"
    spool.mkdir()
    os.chown(spool, instance.user.pw_uid, instance.user.pw_gid)
    instance.parameters["mail_spool_directory"] = f"{spool}{slash}"
    instance.parameters["home_mailbox"] = ""
    instance.write_main_cf()
    instance.start()
    instance.send("bob@mail.example", message())
    if slash:
        instance.wait_log(r"status=sent \(delivered to maildir\)")
        files = list((spool / "bob" / "new").iterdir())
        assert without_trace(files[0].read_bytes()) == stored(message())
    else:
        instance.wait_log(r"status=sent \(delivered to mailbox\)")
        assert len(read_mbox(spool / "bob")) == 1


def test_mbox_waits_for_a_reader(make_instance):
    """A mail reader has the mailbox locked for a while, by either lock."""
    instance = make_instance(parameters={"home_mailbox": "inbox",
                                         "deliver_lock_delay": "1s"})
    path = instance.root / "home" / "bob" / "inbox"
    instance.send("bob@mail.example", message())
    wait_mbox(instance, path, 1)
    with open(path, "r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        instance.send("bob@mail.example", message())
        time.sleep(1.5)
        assert instance.log().count("delivered to mailbox") == 1
    instance.wait_log(r"status=sent \(delivered to mailbox\)", 2)
    lock = path.with_name("inbox.lock")
    lock.touch()
    instance.send("bob@mail.example", message())
    time.sleep(1.5)
    assert instance.log().count("delivered to mailbox") == 2
    lock.unlink()
    wait_mbox(instance, path, 3)


def test_mbox_stays_locked(make_instance):
    instance = make_instance(parameters={
        "home_mailbox": "inbox", "deliver_lock_attempts": "1"})
    path = instance.root / "home" / "bob" / "inbox"
    path.with_name("inbox.lock").touch()
    instance.send("bob@mail.example", message())
    instance.wait_log(r"dsn=4\.2\.0, status=deferred \(cannot update mailbox "
                      rf"{path} for user bob\. unable to lock for exclusive "
                      r"access: .*\)$")
    assert path.stat().st_size == 0


def test_size_limit(make_instance):
    instance = make_instance(parameters={"mailbox_size_limit": "2000",
                                         "message_size_limit": "100000"})
    instance.send("alice@mail.example", message("x" * 70 + "\r\n"))
    instance.wait_mail("alice")
    instance.send("alice@mail.example", message(("x" * 70 + "\r\n") * 100))
    instance.wait_log(r"dsn=5\.2\.2, status=bounced \(maildir delivery failed: "
                      r"the message is larger than 2000 bytes\)$")
    assert len(instance.maildir_files("alice")) == 1


def test_obstacles(instance):
    """What stands in the way defers mail and is not followed or removed."""
    home = instance.root / "home" / "alice"
    (home / "Maildir").mkdir()
    (home / "elsewhere").mkdir()
    (home / "Maildir" / "new").symlink_to("../elsewhere")
    for name in (home / "Maildir", home / "elsewhere"):
        os.chown(name, instance.user.pw_uid, instance.user.pw_gid)
    instance.send("alice@mail.example", message())
    instance.wait_log(r"dsn=4\.2\.0, status=deferred \(maildir delivery failed:"
                      r" open new: .*\)$")
    assert list((home / "elsewhere").iterdir()) == []


def test_unknown_user(instance):
    with instance.client() as client:
        client.ehlo()
        client.mail("sender@client.example")
        code, text = client.rcpt("nobody-here@mail.example")
    assert code == 550
    assert text == (b"5.1.1 <nobody-here@mail.example>: Recipient address "
                    b"rejected: User unknown in local recipient table")
    instance.run("sendmail", "-f", "bob@mail.example",
                 "nobody-here@mail.example", input="Subject: x\n\nx\n")
    instance.wait_log(r"to=<nobody-here@mail\.example>, .*relay=local, .*"
                      r"dsn=5\.1\.1, status=bounced "
                      r'\(unknown user: "nobody-here"\)$')
    assert b'unknown user: "nobody-here"' in instance.wait_mail("bob")[0]


def test_extension(make_instance):
    instance = make_instance(parameters={"recipient_delimiter": "+"})
    instance.send("alice+lists@mail.example", message())
    raw = instance.wait_mail("alice")[0]
    assert b"Delivered-To: alice+lists@mail.example\n" in raw


def test_loop(instance):
    instance.send("alice@mail.example", message(
        header="Delivered-To: Alice@mail.example\r\nSubject: loop\r\n"),
        sender="bob@mail.example")
    instance.wait_log(r"dsn=5\.4\.6, status=bounced \(mail forwarding loop for "
                      r"alice@mail\.example\)$")
    assert b"mail forwarding loop" in instance.wait_mail("bob")[0]
    assert instance.maildir_files("alice") == []


def test_many_and_killed_processes(instance):
    """Nothing is lost when those who deliver are killed."""
    subjects = [f"number {n}" for n in range(60)]
    for number, subject in enumerate(subjects):
        instance.send("alice@mail.example",
                      message(header=f"Subject: {subject}\r\n"))
        if number % 20 == 10:
            instance.kill("launcher")
        if number % 20 == 15:
            instance.kill("local")

    def all_there():
        found = b"\n".join(path.read_bytes()
                           for path in instance.maildir_files("alice"))
        return all(f"Subject: {subject}\n".encode() in found
                   for subject in subjects)

    instance.run("postqueue", "-f")
    try:
        wait_until(all_there, "all messages", 20)
    except AssertionError:
        instance.run("postqueue", "-f")
        wait_until(all_there, "all messages", 60)
    instance.wait_queue_empty()
