# SPDX-License-Identifier: MIT
"""Servers that break the rules (ATK 21 to 24): mail is deferred or bounced for
a reason that is told, never taken for delivered."""

import pytest

RECIPIENT = "someone@remote.example"
WHERE = r"127\.0\.0\.1\[127\.0\.0\.1\]"


def greet(server, *features):
    server.hello(*features)


def transaction(*replies):
    """A session that answers MAIL, RCPT, DATA and the end of data so."""
    def session(server):
        greet(server)
        for command, reply in zip(("MAIL", "RCPT", "DATA", None), replies):
            if command:
                server.expect(command)
            else:
                server.content()
            if reply is None:
                return
            server.say(reply)
        server.gone()
    return session


def greeting(text):
    def session(server):
        server.say(text)
        server.gone()
    return session


def after_a_long_greeting(text):
    def session(server):
        server.say("220 " + "x" * 1000000 + "\r\n")
        server.expect("EHLO")
        server.say(text)
        server.gone()
    return session


def pipelined(replies):
    def session(server):
        greet(server, "PIPELINING")
        for _ in range(3):
            server.line()
        server.say(replies)
        server.gone()
    return session


OK = "250 2.0.0 ok\r\n"
GO = "354 go\r\n"

DEFERRED = {
    # ATK 21
    "endless greeting": (
        greeting("220-more\r\n" * 10000),
        rf"protocol error of {WHERE} while receiving the initial server "
        r"greeting: reply has too many lines"),
    "long line": (
        after_a_long_greeting("421 4.3.2 later\r\n"),
        rf"host {WHERE} said: 421 4\.3\.2 later \(in reply to EHLO command\)"),
    "long refusal": (
        transaction("450 4.2.0 " + "x" * 5000 + "\r\n"),
        rf"host {WHERE} said: 450 4\.2\.0 x+ \(in reply to MAIL FROM "
        r"command\)"),
    "refusal": (
        greeting("554 5.3.2 go away\r\n"),
        rf"host {WHERE} refused to talk to me: 454 4\.3\.2 go away"),
    "busy": (
        greeting("421 4.3.2 later\r\n"),
        rf"host {WHERE} refused to talk to me: 421 4\.3\.2 later"),
    "silence": (
        lambda server: None,
        rf"lost connection with {WHERE} while receiving the initial server "
        "greeting"),
    "zero byte": (
        transaction("450 4.0.0 a\0b\r\n"),
        rf"host {WHERE} said: 450 4\.0\.0 a\?b \(in reply to MAIL FROM "
        r"command\)"),
    # ATK 22
    "bare code": (
        transaction("450\r\n"),
        rf"host {WHERE} said: 450 \(in reply to MAIL FROM command\)"),
    "code without text": (
        transaction("450 4.7.2\r\n"),
        rf"host {WHERE} said: 450 4\.7\.2 \(in reply to MAIL FROM command\)"),
    "code 999": (
        transaction("999 x\r\n"), rf"protocol error of {WHERE} while .*"),
    "code 000": (
        transaction("000 x\r\n"), rf"protocol error of {WHERE} while .*"),
    "letter O": (
        transaction("25O ok\r\n"), rf"protocol error of {WHERE} while .*"),
    "two codes": (
        transaction("250-a\r\n550 b\r\n"),
        rf"protocol error of {WHERE} while sending MAIL FROM: codes 250 and "
        "550 in one reply"),
    # ATK 23
    "one reply for many": (
        pipelined(OK),
        rf"conversation with {WHERE} timed out while sending RCPT TO"),
    "more replies than commands": (
        pipelined(OK * 2 + GO + OK),
        rf"protocol error of {WHERE} while sending message body: reply before "
        "the message"),
    # ATK 24
    "354 to MAIL": (
        transaction(GO),
        rf"host {WHERE} said: 354 go \(in reply to MAIL FROM command\)"),
    "250 to DATA": (
        transaction(OK, OK, OK),
        rf"host {WHERE} said: 250 2\.0\.0 ok \(in reply to DATA command\)"),
    "250 before the message": (
        transaction(OK, OK, GO + OK),
        rf"protocol error of {WHERE} while sending message body: reply before "
        "the message"),
    "354 to the message": (
        transaction(OK, OK, GO, GO),
        rf"host {WHERE} said: 354 go \(in reply to end of DATA command\)"),
    "421 to the message": (
        transaction(OK, OK, GO, "421 4.3.2 shutting down\r\n"),
        rf"host {WHERE} said: 421 4\.3\.2 shutting down \(in reply to end of "
        r"DATA command\)"),
    "nothing to MAIL": (
        transaction(None),
        rf"lost connection with {WHERE} while sending MAIL FROM"),
    "nothing to RCPT": (
        transaction(OK, None),
        rf"lost connection with {WHERE} while sending RCPT TO"),
    "nothing to the message": (    # REL-11
        transaction(OK, OK, GO, None),
        rf"lost connection with {WHERE} while sending end of data -- message "
        "may be sent more than once"),
}


@pytest.mark.parametrize("name", DEFERRED)
def test_it_is_deferred(make_script, relay_to, name):
    session, text = DEFERRED[name]
    instance = relay_to(make_script(session), smtp_rcpt_timeout="1s")
    queue_id = instance.send(RECIPIENT)
    instance.wait_log(rf"{queue_id}: to=<{RECIPIENT}>, .*, dsn=4\.\d\.\d, "
                      rf"status=deferred \({text}\)$")
    assert "status=sent" not in instance.log()


def test_a_greeting_in_single_bytes_is_read(make_script, relay_to):
    def session(server):
        for byte in "220 script.example ESMTP\r\n":
            server.say(byte)
        server.expect("EHLO")
        for byte in "250-script.example\r\n250-SIZE 99999999999999999999" \
                    "\r\n250 X\r\n":
            server.say(byte)
        server.take()
        server.gone()

    instance = relay_to(make_script(session))
    instance.send(RECIPIENT)
    instance.wait_log("status=sent")


def test_an_unknown_end_is_not_tried_elsewhere_at_once(
        make_script, make_instance):
    """The message may have arrived: another copy now would be one too many."""
    second_tried = []

    def first(server):
        greet(server)
        server.expect("MAIL")
        server.say(OK)
        server.expect("RCPT")
        server.say(OK)
        server.expect("DATA")
        server.say(GO)
        server.content()

    one = make_script(first)
    two = make_script(lambda server: second_tried.append(server))
    instance = make_instance(parameters={
        "relayhost": f"[127.0.0.1]:{one.port}, [127.0.0.1]:{two.port}"})
    instance.send(RECIPIENT)
    instance.wait_log("status=deferred")
    assert not second_tried


def test_a_greeting_of_5xx_bounces_when_told_so(make_script, relay_to):
    instance = relay_to(make_script(greeting("554 5.3.2 go away\r\n")),
                        smtp_skip_5xx_greeting="no")
    instance.send(RECIPIENT)
    instance.wait_log(
        rf"dsn=5\.3\.2, status=bounced \(host {WHERE} refused to talk to me: "
        r"554 5\.3\.2 go away\)$")
