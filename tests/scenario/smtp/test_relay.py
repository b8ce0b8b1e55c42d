# SPDX-License-Identifier: MIT
"""Mail leaves for a next hop: what is said, what is logged, what arrives."""

import re

RECIPIENT = "someone@remote.example"


def message(body):
    return (b"From: sender@client.example\r\nSubject: test\r\n"
            b"Message-ID: <1@client.example>\r\n"
            b"Date: Sun, 22 Nov 2026 11:00:09 +0000\r\n\r\n" + body)


def body_of(content):
    return content.split(b"\r\n\r\n", 1)[1]


def test_a_message_arrives_and_the_line_says_so(relay_to, sink):
    instance = relay_to(sink)
    queue_id = instance.send(RECIPIENT)
    arrived = sink.wait()[0]
    assert arrived.sender == "sender@client.example"
    assert arrived.recipients == [RECIPIENT]
    assert arrived.content.startswith(b"Received: from client.example ")
    number = r"\d+(?:\.\d+)?"
    instance.wait_log(
        rf"postfix/smtp\[\d+\]: {queue_id}: to=<{RECIPIENT}>, "
        rf"relay=127\.0\.0\.1\[127\.0\.0\.1\]:{sink.port}, delay={number}, "
        rf"delays={number}/{number}/{number}/{number}, dsn=2\.0\.0, "
        r"status=sent \(250 2\.0\.0 Ok: queued as SINK\)$")
    instance.wait_log(rf"{queue_id}: removed$")


def test_content_is_not_changed(relay_to, sink):
    bodies = [
        b"",
        b".\r\n",
        b"..\r\n.\r\n...x\r\nend\r\n",
        b"x" * 998 + b"\r\n",
        "grüße\r\n".encode("latin-1"),
        (b".begins with a dot " + b"y" * 60 + b"\r\n") * 20000,
        (b"z" * 76 + b"\r\n") * 100000,
        b"no line end",
    ]
    instance = relay_to(sink)
    for number, body in enumerate(bodies):
        instance.send(RECIPIENT, message(body),
                      sender=f"m{number}@client.example")
    sink.wait(len(bodies))
    arrived = {mail.sender: mail for mail in sink.messages}
    for number, body in enumerate(bodies):
        mail = arrived[f"m{number}@client.example"]
        if not body.endswith(b"\r\n") and body:
            body += b"\r\n"
        assert body_of(mail.content) == body, number
    assert "BODY=8BITMIME" in arrived["m4@client.example"].options
    assert "BODY=8BITMIME" not in arrived["m3@client.example"].options


def test_long_lines_are_cut_unless_told_otherwise(make_script, relay_to):
    line = b"0123456789" * 150
    contents = []

    def session(server):
        server.hello()
        contents.append(server.take())
        server.gone()

    script = make_script(session)
    for limit in (998, 0):
        instance = relay_to(script, smtp_line_length_limit=limit)
        instance.send(RECIPIENT, message(line + b"\r\n"))
        instance.wait_log("status=sent")
    assert body_of(contents[0]) == (line[:998] + b"\r\n " + line[998:] +
                                    b"\r\n")
    assert body_of(contents[1]) == line + b"\r\n"


def test_each_recipient_has_its_own_outcome(relay_to, make_sink):
    replies = {"late@remote.example": "450 4.2.0 try later",
               "none@remote.example": "550 5.1.1 unknown"}
    sink = make_sink(rcpt=replies.get)
    instance = relay_to(sink)
    queue_id = instance.send(["good@remote.example", *replies])
    assert sink.wait()[0].recipients == ["good@remote.example"]
    where = r"host 127\.0\.0\.1\[127\.0\.0\.1\] said: "
    instance.wait_log(rf"{queue_id}: to=<good@.*dsn=2\.0\.0, status=sent ")
    instance.wait_log(
        rf"{queue_id}: to=<late@.*dsn=4\.2\.0, status=deferred "
        rf"\({where}450 4\.2\.0 try later \(in reply to RCPT TO command\)\)$")
    instance.wait_log(
        rf"{queue_id}: to=<none@.*dsn=5\.1\.1, status=bounced "
        rf"\({where}550 5\.1\.1 unknown \(in reply to RCPT TO command\)\)$")


def test_a_refused_message_bounces_and_a_postponed_one_waits(
        relay_to, make_sink):
    replies = {"a@client.example": "554 5.7.1 no", "b@client.example":
               "451 4.3.0 not now"}
    sink = make_sink(data=lambda mail: replies[mail.sender])
    instance = relay_to(sink)
    bounced, deferred = [instance.send(RECIPIENT, sender=sender)
                         for sender in replies]
    instance.wait_log(
        rf"{bounced}: .*dsn=5\.7\.1, status=bounced \(host .* said: 554 5\.7\.1"
        r" no \(in reply to end of DATA command\)\)$")
    instance.wait_log(
        rf"{deferred}: .*dsn=4\.3\.0, status=deferred \(host .* said: 451 "
        r"4\.3\.0 not now \(in reply to end of DATA command\)\)$")


def test_many_messages_share_a_connection(relay_to, sink):
    instance = relay_to(sink)
    for _ in range(20):
        instance.send(RECIPIENT)
    sink.wait(20)
    assert sink.sessions < 10
    assert re.search(r"conn_use=\d+, delay=", instance.log())


def test_an_unreachable_host_defers(make_instance):
    instance = make_instance(parameters={"relayhost": "[127.0.0.1]:1"})
    queue_id = instance.send(RECIPIENT)
    text = r"connect to 127\.0\.0\.1\[127\.0\.0\.1\]:1: Connection refused"
    instance.wait_log(
        rf"{queue_id}: to=<{RECIPIENT}>, relay=none, .*, dsn=4\.4\.1, "
        rf"status=deferred \({text}\)$")
    instance.wait_log(rf"postfix/smtp\[\d+\]: {text}$")


def test_a_fallback_relay_takes_what_the_first_host_cannot(
        make_instance, sink):
    instance = make_instance(parameters={
        "relayhost": "[127.0.0.1]:1",
        "smtp_fallback_relay": f"[127.0.0.1]:{sink.port}"})
    instance.send(RECIPIENT)
    sink.wait()
