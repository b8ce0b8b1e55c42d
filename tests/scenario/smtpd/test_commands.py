# SPDX-License-Identifier: MIT
"""RFC 5321 section 4: every command, well-formed and malformed."""

import pytest

from tests.support.raw import Raw

ME = "alice@mail.example"


@pytest.fixture(scope="module")
def shared(staging):
    """These stories leave nothing behind, so they share one instance."""
    from tests.support.instance import Instance
    instance = Instance(staging, parameters={
        "smtpd_error_sleep_time": "0s",
        "smtpd_hard_error_limit": "1000",
        "smtpd_soft_error_limit": "1000",
        "message_size_limit": "100000",
    }).start()
    yield instance
    instance.stop()
    instance.remove()


def test_greeting_and_ehlo(shared):
    with Raw(shared.port) as client:
        assert client.greeting == "220 mail.example ESMTP Postern"
        reply = client.command("EHLO client.example")
    lines = reply.split("\n")
    assert lines[0] == "250-mail.example"
    assert [line[4:] for line in lines[1:]] == [
        "PIPELINING", "SIZE 100000", "VRFY", "ENHANCEDSTATUSCODES",
        "8BITMIME", "DSN", "SMTPUTF8", "CHUNKING"]


REPLIES = [
    # commands before, command, start of its reply
    ([], "NOOP", "250 2.0.0"),
    ([], "noop", "250 2.0.0"),
    ([], "RSET", "250 2.0.0"),
    ([], "RSET now", "501 5.5.4"),
    ([], "HELP", "214 2.0.0"),
    ([], "FOO", "500 5.5.2"),
    ([], "", "500 5.5.2"),
    ([], "EXPN list", "500 5.5.2"),
    ([], "HELO", "501 "),
    ([], "EHLO", "501 "),
    ([], "HELO client.example", "250 mail.example"),
    ([], f"MAIL FROM:<{ME}>", "250 2.1.0"),
    ([], "MAIL FROM:<>", "250 2.1.0"),
    ([], "mail from:<>", "250 2.1.0"),
    ([], f"MAIL FROM: <{ME}>", "250 2.1.0"),
    ([], f"MAIL FROM:{ME}", "250 2.1.0"),
    ([], f"MAIL FROM:<{ME}> SIZE=100000", "250 2.1.0"),
    ([], f"MAIL FROM:<{ME}> SIZE=100001", "552 5.3.4"),
    ([], f"MAIL FROM:<{ME}> SIZE=18446744073709551616", "501 5.5.4"),
    ([], f"MAIL FROM:<{ME}> SIZE=x", "501 5.5.4"),
    ([], f"MAIL FROM:<{ME}> BODY=8BITMIME", "250 2.1.0"),
    ([], f"MAIL FROM:<{ME}> BODY=BINARYMIME", "501 5.5.4"),
    ([], f"MAIL FROM:<{ME}> RET=HDRS ENVID=abc", "250 2.1.0"),
    ([], f"MAIL FROM:<{ME}> RET=SOME", "501 5.5.4"),
    ([], f"MAIL FROM:<{ME}> FOO=bar", "555 5.5.4"),
    ([], f"MAIL FROM:<{ME}> SMTPUTF8", "250 2.1.0"),
    ([], "MAIL", "501 5.5.4"),
    ([], "MAIL TO:<a@b.example>", "501 5.5.4"),
    ([], "MAIL FROM:<a@b", "501 5.1.7"),
    ([], "MAIL FROM:<a b@c.example>", "501 5.1.7"),
    (["MAIL FROM:<>"], "MAIL FROM:<>", "503 5.5.1"),
    ([], f"RCPT TO:<{ME}>", "503 5.5.1"),
    (["MAIL FROM:<>"], f"RCPT TO:<{ME}>", "250 2.1.5"),
    (["MAIL FROM:<>"], "RCPT TO:<postmaster>", "250 2.1.5"),
    (["MAIL FROM:<>"], "RCPT TO:<Postmaster@mail.example>", "250 2.1.5"),
    (["MAIL FROM:<>"], "RCPT TO:<\"alice\"@mail.example>", "250 2.1.5"),
    (["MAIL FROM:<>"], f"RCPT TO:<@a.example,@b.example:{ME}>", "250 2.1.5"),
    (["MAIL FROM:<>"], "RCPT TO:<alice@[127.0.0.1]>", "250 2.1.5"),
    (["MAIL FROM:<>"], "RCPT TO:<nobody-here@mail.example>", "550 5.1.1"),
    (["MAIL FROM:<>"], "RCPT TO:<>", "501 5.1.3"),
    (["MAIL FROM:<>"], "RCPT FROM:<a@b>", "501 5.5.4"),
    (["MAIL FROM:<>"], f"RCPT TO:<{ME}> NOTIFY=NEVER", "250 2.1.5"),
    (["MAIL FROM:<>"], f"RCPT TO:<{ME}> NOTIFY=NEVER,DELAY", "501 5.5.4"),
    (["MAIL FROM:<>"], f"RCPT TO:<{ME}> ORCPT=rfc822;a+40b", "250 2.1.5"),
    (["MAIL FROM:<>"], f"RCPT TO:<{ME}> ORCPT=a", "501 5.5.4"),
    ([], "DATA", "503 5.5.1"),
    (["MAIL FROM:<>"], "DATA", "503 5.5.1"),
    (["MAIL FROM:<>", f"RCPT TO:<{ME}>"], "DATA now", "501 5.5.4"),
    (["MAIL FROM:<>", f"RCPT TO:<{ME}>", "RSET"], "DATA", "503 5.5.1"),
    (["MAIL FROM:<>", f"RCPT TO:<{ME}>", "EHLO x.example"], "DATA",
     "503 5.5.1"),
    ([], f"VRFY {ME}", "252 2.0.0"),
    ([], "VRFY", "501 5.5.4"),
    ([], "VRFY nobody-here@mail.example", "550 5.1.1"),
    ([], "QUIT now", "501 5.5.4"),
    ([], "QUIT", "221 2.0.0"),
]


@pytest.mark.parametrize("before,command,want", REPLIES)
def test_reply(shared, before, command, want):
    with Raw(shared.port) as client:
        client.hello()
        for line in before:
            assert client.command(line).startswith("250"), line
        assert client.command(command).startswith(want)


def test_no_valid_recipients(shared):
    with Raw(shared.port) as client:
        client.hello()
        client.command("MAIL FROM:<>")
        assert client.command("RCPT TO:<nobody-here@mail.example>")\
            .startswith("550")
        assert client.command("DATA").startswith("554 5.5.1")


def test_a_line_that_is_too_long_is_refused_once(shared):
    with Raw(shared.port) as client:
        client.hello()
        client.send(b"NOOP " + b"x" * 1_000_000 + b"\r\n")
        assert client.reply().startswith("500 5.5.2")
        assert client.command("NOOP").startswith("250")


def test_commands_of_other_protocols_end_the_session(shared):
    with Raw(shared.port) as client:
        assert client.command("GET / HTTP/1.1").startswith("221 2.7.0")
        assert client.at_end()
    shared.wait_log(r"warning: non-SMTP command from .*: GET / HTTP/1.1")


def test_pipelined_commands_are_answered_in_order(shared):
    with Raw(shared.port) as client:
        client.hello()
        client.send("MAIL FROM:<>\r\nRCPT TO:<nobody-here@mail.example>\r\n"
                    f"RCPT TO:<{ME}>\r\nRSET\r\nNOOP\r\n")
        assert [client.reply()[:3] for _ in range(5)] == \
            ["250", "550", "250", "250", "250"]


def test_disconnect_line_counts_commands(shared):
    with Raw(shared.port) as client:
        client.hello()
        client.command("FOO")
        client.command("NOOP")
        client.command("QUIT")
    shared.wait_log(r"disconnect from unknown\[127\.0\.0\.1\] "
                    r"ehlo=1 noop=1 quit=1 unknown=0/1 commands=3/4$")


def test_a_lost_connection_is_logged_with_its_state(shared):
    with Raw(shared.port) as client:
        client.hello()
        client.command("MAIL FROM:<>")
    shared.wait_log(r"lost connection after MAIL from unknown\[127")
