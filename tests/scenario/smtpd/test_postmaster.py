# SPDX-License-Identifier: MIT
"""What postmaster hears of sessions (notify_classes), and soft_bounce."""

import email
import email.policy

import pytest


def talk(instance, *commands):
    """The codes of the answers."""
    with instance.client() as client:
        client.ehlo()
        return [client.docmd(command)[0] for command in commands]


def transcripts(instance, user):
    return [email.message_from_bytes(content, policy=email.policy.default)
            for content in instance.wait_mail(user)]


def test_a_transcript_of_a_session_with_errors(make_instance):
    instance = make_instance(parameters={
        "notify_classes": "protocol", "error_notice_recipient": "bob"})
    assert talk(instance, "RCPT TO:<alice>", "NOOP") == [503, 250]
    notice, = transcripts(instance, "bob")
    assert notice["Subject"].startswith(
        "Postern SMTP server: errors from ")
    assert "[127.0.0.1]" in notice["Subject"]
    assert notice["From"].endswith("<MAILER-DAEMON@mail.example>")
    assert notice["Return-Path"] == "<double-bounce@mail.example>"
    text = notice.get_content().replace("\r\n", "\n")
    assert ("\n In:  RCPT TO:<alice>\n"
            " Out: 503 5.5.1 Error: need MAIL command\n"
            " In:  NOOP\n Out: 250 2.0.0 Ok\n") in text
    assert text.startswith("Transcript of session follows.\n\n"
                           " Out: 220 mail.example ESMTP Postern\n"
                           " In:  ehlo client.example\n"
                           " Out: 250-mail.example\n"
                           " Out: 250-PIPELINING\n")
    instance.wait_log(r"smtpd\[\d+\]: postmaster transcript notification: \w+")


CLASSES = [
    ("protocol", ["NONSENSE"], True),
    ("policy", ["NONSENSE"], False),
    ("policy", ["MAIL FROM:<a@b.example> SIZE=999999999"], True),
    ("bounce", ["MAIL FROM:<a@b.example>", "RCPT TO:<nobody@mail.example>"],
     True),
    # Not about a notice: it could come round again.
    ("bounce", ["MAIL FROM:<>", "RCPT TO:<nobody@mail.example>"], False),
    ("bounce", ["MAIL FROM:<double-bounce@mail.example>",
                "RCPT TO:<nobody@mail.example>"], False),
    ("", ["NONSENSE"], False),
]


@pytest.mark.parametrize("classes,commands,is_told", CLASSES)
def test_classes(make_instance, classes, commands, is_told):
    instance = make_instance(parameters={
        "notify_classes": classes, "error_notice_recipient": "bob",
        "bounce_notice_recipient": "bob",
        "local_recipient_maps": "inline:{alice=x, bob=x}"})
    talk(instance, *commands)
    instance.wait_log("disconnect from ")
    instance.send("alice@mail.example", sender="b@b.example")
    instance.wait_mail("alice")
    if is_told:
        assert len(transcripts(instance, "bob")) == 1
    else:
        instance.wait_queue_empty()
        assert instance.maildir_files("bob") == []


def test_an_unknown_class_is_an_error(make_instance):
    instance = make_instance()
    instance.parameters["notify_classes"] = "bounce, bouncy"
    instance.write_main_cf()
    result = instance.run("postern", "check", check=False)
    assert result.returncode != 0
    assert b'notify_classes: expected bounce, ' in (
        result.stdout + result.stderr)


def test_soft_bounce(make_instance):
    instance = make_instance(parameters={
        "soft_bounce": "yes", "local_recipient_maps": "inline:{alice=x}",
        "notify_classes": "protocol", "error_notice_recipient": "alice",
        "virtual_alias_maps": "inline:{x@alias.example=x@error.example}",
        "transport_maps":
            "inline:{ {error.example = error:5.1.1 nobody} }"})
    with instance.client() as client:
        client.ehlo()
        assert client.docmd("RCPT TO:<a>") == (
            403, b"4.5.1 Error: need MAIL command")
        client.mail("a@b.example")
        code, text = client.rcpt("nobody@mail.example")
        assert (code, text[:5]) == (450, b"4.1.1")
    transcript = transcripts(instance, "alice")[0].get_content()
    assert " Out: 403 4.5.1 Error: need MAIL command" in transcript
    queue_id = instance.send("x@alias.example")
    instance.wait_log(rf"{queue_id}: to=<x@error\.example>, .*")
    assert b"x@error.example" in instance.run("postqueue", "-p").stdout
    assert "non-delivery notification" not in instance.log()
