# SPDX-License-Identifier: MIT
"""Clients that people and scripts send with, over SMTP and through the sendmail
command."""

import email
import email.message
import email.policy
import smtplib

import pytest

from tools import body_of, needs, run

ME = "alice@mail.example"
BODY = b"first line\n.leading dot\n\n.\n8-bit: \xc3\xa4\nlast line\n"


def delivered(instance, subject, count=1, user="alice"):
    """The message with that subject, once `count` have arrived."""
    for message in instance.wait_mail(user, count):
        if b"\nSubject: " + subject + b"\n" in message:
            return message
    raise AssertionError(f"no {subject} for {user}")


@needs("swaks")
@pytest.mark.parametrize("options", [
    [], ["--pipeline"], ["--protocol", "SMTP"], ["--ehlo", "[127.0.0.1]"],
], ids=" ".join)
def test_swaks(instance, options):
    run(instance, "swaks", "--server", "127.0.0.1", "--port", instance.port,
        "--from", "joe@client.example", "--to", f"{ME},bob@mail.example",
        "--h-Subject", "from swaks", "--body", "-", *options, input=BODY)
    for user in ("alice", "bob"):
        message = delivered(instance, b"from swaks", user=user)
        assert message.startswith(b"Return-Path: <joe@client.example>\n")
        assert body_of(message).startswith(BODY)


@needs("swaks")
def test_swaks_through_sendmail_bs(instance):
    sendmail = instance.staging.command("sendmail")
    run(instance, "swaks", "--pipe", f"{sendmail} -bs", "--from",
        "joe@client.example", "--to", ME, "--h-Subject", "from a pipe",
        "--body", "-", input=BODY)
    assert body_of(delivered(instance, b"from a pipe")).startswith(BODY)


@needs("swaks")
def test_swaks_is_told_no(instance):
    result = run(instance, "swaks", "--server", "127.0.0.1", "--port",
                 instance.port, "--from", "joe@client.example", "--to",
                 "nobody-here@mail.example", check=False)
    assert result.returncode != 0
    assert b"550 5.1.1" in result.stdout


@needs("msmtp")
def test_msmtp(instance):
    run(instance, "msmtp", "--host=127.0.0.1", f"--port={instance.port}",
        "--from=joe@client.example", "--tls=off", "--auth=off", ME,
        "bob@mail.example",
        input=b"From: joe@client.example\nSubject: from msmtp\n\n" + BODY)
    for user in ("alice", "bob"):
        assert body_of(delivered(instance, b"from msmtp", user=user)) == BODY


@needs("msmtp")
def test_msmtp_reads_recipients_from_the_header(instance):
    run(instance, "msmtp", "--host=127.0.0.1", f"--port={instance.port}",
        "--from=joe@client.example", "--tls=off", "--auth=off", "-t",
        input=b"From: joe@client.example\nTo: " + ME.encode() +
        b"\nBcc: bob@mail.example\nSubject: with -t\n\n" + BODY)
    assert b"bob" not in delivered(instance, b"with -t")
    assert b"\nBcc:" not in delivered(instance, b"with -t", user="bob")


def s_nail(instance, mta, subject, body):
    run(instance, "s-nail", "-:/", "-S", "v15-compat", "-S", f"mta={mta}",
        "-S", "sendwait", "-S", "from=joe@client.example", "-S",
        "smtp-auth=none", "-S", "hostname=client.example", "-S",
        "ttycharset=utf-8", "-s", subject, ME, input=body)


@needs("s-nail")
def test_s_nail(instance):
    s_nail(instance, f"smtp://127.0.0.1:{instance.port}", "from s-nail",
           b"over SMTP\n.\nstill here\n")
    message = delivered(instance, b"from s-nail")
    assert body_of(message) == b"over SMTP\n.\nstill here\n"


@needs("s-nail")
def test_s_nail_through_sendmail(instance):
    s_nail(instance, instance.staging.command("sendmail"), "a local letter",
           b"through sendmail\n.\nstill here\n")
    message = delivered(instance, b"a local letter")
    assert body_of(message) == b"through sendmail\n.\nstill here\n"
    assert b"\nMessage-" in message


def test_smtplib_sends_a_made_message(instance):
    letter = email.message.EmailMessage(policy=email.policy.SMTP)
    letter["From"] = "Jö Sender <joe@client.example>"
    letter["To"] = f"{ME}, bob@mail.example"
    letter["Subject"] = "Grüße"
    letter.set_content("Schöne Grüße\n" * 100)
    letter.add_attachment(bytes(range(256)) * 100, maintype="application",
                          subtype="octet-stream", filename="bytes.bin")
    with instance.client() as client:
        refused = client.send_message(letter)
    assert refused == {}
    for user in ("alice", "bob"):
        got = email.message_from_bytes(instance.wait_mail(user)[0],
                                       policy=email.policy.default)
        assert got["Subject"] == "Grüße"
        assert got.get_body().get_content() == "Schöne Grüße\n" * 100
        (attachment,) = got.iter_attachments()
        assert attachment.get_content() == bytes(range(256)) * 100


def test_smtplib_learns_who_was_refused(instance):
    with instance.client() as client:
        refused = client.sendmail("joe@client.example",
                                  [ME, "nobody-here@mail.example"],
                                  b"Subject: partly\r\n\r\nx\r\n")
    assert list(refused) == ["nobody-here@mail.example"]
    assert refused["nobody-here@mail.example"][0] == 550
    delivered(instance, b"partly")


def test_smtplib_sends_many_in_one_session(instance):
    with instance.client() as client:
        for number in range(30):
            client.sendmail("joe@client.example", [ME],
                            b"Subject: %d\r\n\r\nx\r\n" % number)
    subjects = {email.message_from_bytes(message)["Subject"]
                for message in instance.wait_mail("alice", 30)}
    assert subjects == {str(number) for number in range(30)}


def test_smtplib_is_told_about_size(make_instance):
    instance = make_instance({"message_size_limit": "10000"})
    with instance.client() as client:
        with pytest.raises(smtplib.SMTPSenderRefused) as refusal:
            client.sendmail("joe@client.example", [ME],
                            b"Subject: x\r\n\r\n" + b"x" * 76 * 200)
    assert refusal.value.smtp_code == 552
