# SPDX-License-Identifier: MIT
"""What postmaster hears of servers that break the rules (notify_classes)."""

import email
import email.policy

import pytest

RECIPIENT = "someone@remote.example"


def refusing(reply):
    """A session in which RCPT is answered so; None hangs up."""
    def session(server):
        server.hello()
        server.expect("MAIL")
        server.say("250 2.1.0 ok\r\n")
        server.expect("RCPT")
        if reply is not None:
            server.say(reply)
            server.gone()
    return session


def transcripts(instance, user):
    return [email.message_from_bytes(content, policy=email.policy.default)
            for content in instance.wait_mail(user)]


@pytest.fixture
def told(make_script, relay_to):
    """An instance that relays to such a server and tells bob."""
    def make(session, classes="protocol", **parameters):
        return relay_to(make_script(session), notify_classes=classes,
                        error_notice_recipient="bob@mail.example",
                        **parameters)
    return make


def send(instance, sender="sender@client.example"):
    queue_id = instance.send(RECIPIENT, sender=sender)
    instance.wait_log(rf"{queue_id}: to=<{RECIPIENT}>, ")
    return queue_id


def test_a_transcript_of_a_session_with_errors(told):
    instance = told(refusing("503 5.5.1 need MAIL\r\n"))
    queue_id = send(instance)
    notice, = transcripts(instance, "bob")
    assert notice["Subject"] == (
        "Postern SMTP client: errors from 127.0.0.1[127.0.0.1]")
    assert notice["From"].endswith("<MAILER-DAEMON@mail.example>")
    assert notice["Return-Path"] == "<double-bounce@mail.example>"
    text = notice.get_content().replace("\r\n", "\n")
    assert text.startswith("Transcript of session follows.\n\n"
                           " In:  220 script.example ESMTP\n"
                           " Out: EHLO mail.example\n"
                           " In:  250 script.example\n"
                           " Out: MAIL FROM:<sender@client.example>\n"
                           " In:  250 2.1.0 ok\n"
                           f" Out: RCPT TO:<{RECIPIENT}>\n"
                           " In:  503 5.5.1 need MAIL\n")
    instance.wait_log(rf"bounce\[\d+\]: {queue_id}: postmaster transcript "
                      r"notification: \w+")


CASES = {
    "malformed reply": (refusing("hello\r\n"), "protocol", {}, True),
    "unexpected code": (refusing("354 go on\r\n"), "protocol", {}, True),
    "lost in the middle": (refusing(None), "protocol", {}, True),
    "greeting": (lambda server: server.say("nonsense\r\n"), "protocol", {},
                 True),
    "another class": (refusing("503 no\r\n"), "resource, software", {},
                      False),
    "no class": (refusing("503 no\r\n"), "", {}, False),
    "lost before mail": (lambda server: None, "protocol", {}, False),
    "a refusal": (refusing("550 5.1.1 unknown\r\n"), "protocol", {}, False),
    "not now": (refusing("421 4.3.2 bye\r\n"), "protocol", {}, False),
    # Not about a notice: it could come round again.
    "null sender": (refusing("503 no\r\n"), "protocol", {"sender": ""},
                    False),
    "double bounce": (refusing("503 no\r\n"), "protocol",
                      {"sender": "double-bounce@mail.example"}, False),
}


@pytest.mark.parametrize("case", CASES)
def test_classes(told, case):
    session, classes, envelope, is_told = CASES[case]
    instance = told(session, classes)
    send(instance, **envelope)
    if is_told:
        assert len(transcripts(instance, "bob")) == 1
    else:
        # Sent later by the same way, so it would be there.
        instance.send("alice@mail.example", sender="bob@mail.example")
        instance.wait_mail("alice")
        assert instance.maildir_files("bob") == []
        assert "transcript" not in instance.log()


def test_no_more_than_one_of_a_server_in_a_minute(told):
    instance = told(refusing("503 5.5.1 no\r\n"))
    for _ in range(5):
        send(instance, sender="alice@mail.example")
    assert len(transcripts(instance, "bob")) == 1
    assert len(instance.wait_mail("alice", 5)) == 5
    assert instance.log().count("postmaster transcript notification") == 1


def test_postmaster_behind_a_bad_server(make_script, relay_to):
    """The transcript goes to the server it is about, and nothing follows."""
    script = make_script(refusing("503 5.5.1 no\r\n"))
    instance = relay_to(script, notify_classes="protocol, bounce, 2bounce",
                        error_notice_recipient="boss@remote.example",
                        bounce_notice_recipient="boss@remote.example")
    instance.parameters["2bounce_notice_recipient"] = "boss@remote.example"
    send(instance, sender="alice@mail.example")
    instance.wait_log(r"postmaster transcript notification: \w+")
    instance.wait_queue_empty()
    assert len(instance.wait_mail("alice")) == 1
    assert instance.log().count("postmaster transcript notification") == 1
