# SPDX-License-Identifier: MIT
"""Programs and people queue mail with sendmail: what arrives, what is refused
and what the exit status says."""

import os
import re
import signal
import socket
import subprocess
import time

import pytest

from tests.support.waiting import wait_until

ME = "alice@mail.example"       # whoever runs the tests is alice in passwd
OK, USAGE, DATAERR, TEMPFAIL, NOPERM = 0, 64, 65, 75, 77


def sendmail(instance, *arguments, text=b"Subject: x\n\nbody\n", **settings):
    return instance.run("sendmail", *arguments, input=text, check=False,
                        **settings)


def accepted(result):
    assert result.returncode == OK, result.stderr
    assert result.stderr == b""
    return result


def split(message):
    header, _, body = message.partition(b"\n\n")
    return header + b"\n", body


def test_a_message_is_completed_and_delivered(instance):
    accepted(sendmail(instance, "-F", "Joe Test", "bob", "carol@localhost"))
    for user in ("bob", "carol"):
        header, body = split(instance.wait_mail(user)[0])
        assert body == b"body\n"
        assert b"\nFrom: Joe Test <" + ME.encode() + b">\n" in header
        assert re.search(rb"\nMessage-ID: <\d{14}\.\w+@mail\.example>\n",
                         header)
        assert re.search(rb"\nDate: \w{3}, \d+ \w{3} \d{4} [\d:]{8} \+0000 "
                         rb"\(UTC\)\n", header)
        assert re.search(rb"\nReceived: by mail\.example \(Postern, from "
                         rb"userid \d+\)\n\tid \w+; ", header)
        assert header.startswith(b"Return-Path: <" + ME.encode() + b">\n")
    instance.wait_log(r"postfix/pickup\[\d+\]: \w+: uid=\d+ from=<alice>$")
    instance.wait_log(r"postfix/cleanup\[\d+\]: (\w+): message-id="
                      r"<\d{14}\.\1@mail\.example>$")
    instance.wait_queue_empty()


def test_what_is_there_stays(instance):
    text = (b"from: Somebody <else@x.example>\nDate: yesterday\n"
            b"Message-Id: <1@x.example>\nSubject:  two  blanks\n\ttab \n\n"
            b".\n..\n8-bit \xff\n")
    accepted(sendmail(instance, "-i", "-f", "joe@x.example", "bob",
                      text=text))
    message = instance.wait_mail("bob")[0]
    assert message.endswith(text)
    assert message.startswith(b"Return-Path: <joe@x.example>\n")


def test_recipients_from_the_header(instance):
    text = (b"To: Bob <bob>,\n carol@localhost\nCc: friends: alice;\n"
            b"Bcc: bob@localhost,\n carol\nSubject: x\n\nbody\n")
    accepted(sendmail(instance, "-t", text=text))
    for user in ("bob", "carol", "alice"):
        header, _ = split(instance.wait_mail(user)[0])
        assert b"Bcc" not in header
        assert b"\n carol\n" not in header
        assert b"\nTo: Bob <bob@mail.example>,\n carol@localhost\n" in header
        assert b"\nCc: friends: alice@mail.example;\n" in header
    instance.wait_queue_empty()


def test_resent_recipients_win(instance):
    text = b"To: bob\nResent-To: carol\nSubject: x\n\nbody\n"
    accepted(sendmail(instance, "-t", text=text))
    header, _ = split(instance.wait_mail("carol")[0])
    assert b"\nResent-Message-ID: <" in header
    assert b"\nResent-From: Alice Test <alice@mail.example>\n" in header
    instance.wait_queue_empty()
    assert instance.maildir_files("bob") == []


def test_where_standard_input_ends(instance):
    for arguments, text, want in [
            (["bob"], b"\na\n.\nlost\n", b"a\n"),
            (["-i", "bob"], b"\na\n.\nkept\n", b"a\n.\nkept\n"),
            (["-oi", "bob"], b"\r\na\r\n.\r\nno end", b"a\n.\nno end\n"),
            (["bob"], b"From joe Mon\n>From x\n\nFrom y\n", b"From y\n"),
            (["bob"], b"", b"")]:
        accepted(sendmail(instance, *arguments, text=text))
        files = wait_until(lambda: instance.maildir_files("bob"), "mail")
        _, body = split(files[0].read_bytes())
        assert body == want, (arguments, text)
        files[0].unlink()


def test_a_large_message(instance):
    line = bytes(range(33, 126)) + b"\n"
    text = b"Subject: x\n\n" + line * 60000
    accepted(sendmail(instance, "bob", text=text))
    _, body = split(instance.wait_mail("bob")[0])
    assert body == line * 60000


def test_many_recipients(make_instance):
    instance = make_instance({"virtual_alias_maps": "static:bob"})
    text = "Bcc: " + ",\n ".join(
        f"user{number}@mail.example" for number in range(2500)) + "\n\nx\n"
    accepted(sendmail(instance, "-t", text=text))
    instance.wait_log(r"nrcpt=2500 \(queue active\)")


@pytest.mark.parametrize("arguments, text, status, words", [
    ([], b"", USAGE, b"recipient addresses must be specified"),
    (["-t"], b"Subject: x\n\n", DATAERR, b"no recipients"),
    (["-bx", "bob"], b"", USAGE, b"unsupported: -bx"),
    (["-k", "bob"], b"", USAGE, b"unknown option"),
    (["-f"], b"", USAGE, b"needs an argument"),
    (["-B8bit", "bob"], b"", USAGE, b"8BITMIME"),
    (["bob", "a@@b"], b"", DATAERR, b"a@@b"),
    (["-t"], b"To: a@@b, bob\n\n", DATAERR, b"To: bad recipient"),
    (["-f", "a@@b", "bob"], b"", DATAERR, b"-f a@@b"),
    (["bob"], b"x" * 20000, DATAERR, b"message_size_limit"),
])
def test_refusals(make_instance, arguments, text, status, words):
    instance = make_instance({"message_size_limit": 20000})
    result = sendmail(instance, *arguments, text=text)
    assert result.returncode == status
    assert result.stderr.startswith(b"sendmail: fatal: ")
    assert result.stderr.count(b"\n") == 1
    assert words in result.stderr
    assert instance.queue_files() == []


def test_who_may_not_submit(make_instance):
    instance = make_instance({"authorized_submit_users":
                              "!alice, static:anyone"})
    result = sendmail(instance, "bob")
    assert result.returncode == NOPERM
    assert re.fullmatch(rb"sendmail: fatal: User alice\(\d+\) is not allowed "
                        rb"to submit mail\n", result.stderr)


def test_nothing_is_running(make_instance):
    instance = make_instance(start=False)
    result = sendmail(instance, "bob")
    assert result.returncode == TEMPFAIL
    assert b"is the mail system running?" in result.stderr


def test_a_loop_is_refused(make_instance):
    instance = make_instance({"hopcount_limit": 5})
    result = sendmail(instance, "bob",
                      text=b"Received: by x.example\n" * 5 + b"\n")
    assert result.returncode == DATAERR
    assert b"too many hops" in result.stderr
    assert instance.queue_files() == []


def start_sendmail(instance, *arguments):
    identity = {}
    if os.geteuid() == 0:
        identity = {"user": instance.user.pw_uid,
                    "group": instance.user.pw_gid, "extra_groups": []}
    return subprocess.Popen(
        [instance.staging.command("sendmail"), *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=instance.environment(), cwd="/",
        **identity)


def test_a_sender_that_dies_queues_nothing(instance):
    process = start_sendmail(instance, "bob")
    process.stdin.write(b"Subject: x\n\nhalf")
    process.stdin.flush()
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    accepted(sendmail(instance, "carol"))
    instance.wait_mail("carol")
    instance.wait_queue_empty()
    assert instance.maildir_files("bob") == []


def test_smtp_on_standard_input(instance):
    said = (b"EHLO client\r\nMAIL FROM:<joe@x.example>\r\nRCPT TO:<bob>\r\n"
            b"DATA\r\nSubject: x\r\n\r\n..body\r\n.\r\nQUIT\r\n")
    result = instance.run("sendmail", "-bs", input=said)
    replies = result.stdout.split(b"\r\n")
    assert replies[0].startswith(b"220 mail.example ESMTP")
    assert [line[:3] for line in replies if line[3:4] == b" "] == \
        [b"220", b"250", b"250", b"250", b"354", b"250", b"221"]
    assert any(line.startswith(b"250 2.0.0 Ok: queued as ")
               for line in replies)
    header, body = split(instance.wait_mail("bob")[0])
    assert body == b".body\n"
    assert b"\nFrom: Alice Test <joe@x.example>\n" in header


def test_the_limit_of_submissions(make_instance):
    instance = make_instance({"submit_sessions_per_user": 2})
    path = str(instance.queue / "public" / "submit")
    clients = []
    for want in (b"220", b"220", b"421"):
        client = socket.socket(socket.AF_UNIX)
        # The kernel's word is about who connects.
        if os.geteuid() == 0:
            os.seteuid(instance.user.pw_uid)
        try:
            client.connect(path)
        finally:
            if os.getuid() == 0:
                os.seteuid(0)
        client.settimeout(30)
        assert client.recv(1000)[:3] == want
        clients.append(client)
    result = sendmail(instance, "bob")
    assert result.returncode == TEMPFAIL
    for client in clients:
        client.close()
    wait_until(lambda: sendmail(instance, "bob").returncode == OK,
               "a free place")


def test_the_queue_by_other_names(instance):
    for command, arguments in (("mailq", []), ("sendmail", ["-bp"])):
        result = instance.run(command, *arguments)
        assert result.stdout == b"Mail queue is empty\n"
    assert instance.run("sendmail", "-q").returncode == OK


def test_newaliases(make_instance):
    instance = make_instance(start=False)
    aliases = instance.config / "aliases"
    database = f"hash:{aliases}"
    instance.parameters.update(alias_maps=database, alias_database=database)
    instance.write_main_cf()
    aliases.write_text("helpdesk: bob, carol\n")
    result = instance.run("newaliases")
    assert result.stdout + result.stderr == b""
    instance.start()
    accepted(sendmail(instance, "helpdesk"))
    instance.wait_mail("bob")
    instance.wait_mail("carol")
    aliases.write_text("helpdesk: bob\n broken\n:\n")
    assert sendmail(instance, "-bi").returncode in (OK, DATAERR)
