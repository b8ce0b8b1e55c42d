# SPDX-License-Identifier: MIT
"""header_checks, body_checks and their like: what becomes of the message, of
its sender and of the log."""

import pytest

from tests.support.waiting import wait_until

FIELDS = {
    "Subject: bad": "REJECT",
    "Subject: later": "REJECT 4.7.1 not today",
    "Subject: gone": "DISCARD nobody wants it",
    "Subject: wait": "HOLD for an administrator",
    "Subject: copy": "BCC copy@copy.example",
    "Subject: other": "REDIRECT other@other.example",
    "Subject: old": "REPLACE Subject: new",
    "Subject: before": "PREPEND X-Before: yes",
    "Subject: strip": "STRIP not shown",
    "Subject: warn": "WARN look at this",
    "Subject: filter": "FILTER smtp:[127.0.0.1]:1",
    "X-Secret: 1": "IGNORE",
}


def table(rows):
    return "inline:{ %s }" % ", ".join(
        "{ %s = %s }" % (key.lower(), value) for key, value in rows.items())


@pytest.fixture
def relay(make_instance, sink):
    return make_instance(parameters={
        "relayhost": f"[127.0.0.1]:{sink.port}",
        "header_checks": table(FIELDS),
        "body_checks": table({"spam": "REJECT 5.7.9 no spam",
                              "old line": "REPLACE new line",
                              "secret": "IGNORE"}),
    })


def message(subject="fine", fields="", body="Hello.\r\n"):
    return (f"From: a@client.example\r\nSubject: {subject}\r\n{fields}"
            f"Message-ID: <1@x>\r\n\r\n{body}").encode()


def refused(instance, data):
    with instance.client() as client:
        client.ehlo()
        client.mail("a@client.example")
        client.rcpt("b@far.example")
        code, text = client.data(data)
    return f"{code} {text.decode()}"


def send(instance, sink, data):
    queue_id = instance.send("b@far.example", data, sender="a@client.example")
    return queue_id, sink.wait()


def test_untouched(relay, sink):
    data = message(body="a\r\nb\r\n\r\n" + ("x" * 900 + "\r\n") * 100)
    _, messages = send(relay, sink, data)
    assert messages[0].content.endswith(data)


@pytest.mark.parametrize("data,reply,logged", [
    (message("bad"), "550 5.7.1 message content rejected",
     r"reject: header Subject: bad from unknown\[127\.0\.0\.1\]; "
     r"from=<a@client\.example> to=<b@far\.example> proto=ESMTP "
     r"helo=<client\.example>: 5\.7\.1 message content rejected$"),
    (message("later"), "451 4.7.1 not today",
     r"reject: header Subject: later from .*: 4\.7\.1 not today$"),
    (message(body="x\r\nspam\r\ny\r\n"), "550 5.7.9 no spam",
     r"reject: body spam from .*: 5\.7\.9 no spam$"),
    (message("filter"), "451 4.3.5 Server configuration error",
     r"filter: header Subject: filter from .*: smtp:\[127\.0\.0\.1\]:1$"),
])
def test_refused(relay, sink, data, reply, logged):
    assert refused(relay, data) == reply
    relay.wait_log(logged)
    assert not sink.messages


def test_discard(relay, sink):
    queue_id = relay.send("b@far.example", message("gone"))
    relay.wait_log(rf"{queue_id}: discard: header Subject: gone from .*: "
                   r"nobody wants it$")
    send(relay, sink, message("fine"))
    relay.wait_queue_empty()
    assert len(sink.messages) == 1


def test_hold(relay, sink):
    queue_id = relay.send("b@far.example", message("wait"))
    assert [path.name for path in relay.queue_files("hold")] == [queue_id]
    relay.wait_log(rf"{queue_id}: hold: header Subject: wait from .*: for an "
                   r"administrator$")
    assert not sink.messages
    relay.run("postsuper", "-H", queue_id)
    assert b"Subject: wait\r\n" in sink.wait()[0].content


def test_redirect(relay, sink):
    _, messages = send(relay, sink, message("other"))
    relay.wait_queue_empty()
    assert [to.recipients for to in messages] == [["other@other.example"]]


def test_redirect_of_a_large_message(relay, sink):
    """It has a file of its own."""
    _, messages = send(relay, sink, message("other", body="x" * 70 + "\r\n")
                       + b"y\r\n" * 40000)
    relay.wait_queue_empty()
    assert [to.recipients for to in messages] == [["other@other.example"]]


def test_copy(relay, sink):
    send(relay, sink, message("copy"))
    relay.wait_queue_empty()
    assert sorted(recipient for to in sink.messages
                  for recipient in to.recipients) == [
        "b@far.example", "copy@copy.example"]


@pytest.mark.parametrize("data,has,has_not", [
    (message("old"), b"\r\nSubject: new\r\n", b"Subject: old"),
    (message("before"), b"\r\nX-Before: yes\r\nSubject: before\r\n", b"XX"),
    (message("strip"), b"\r\n\r\nHello.", b"Subject"),
    (message("warn"), b"\r\nSubject: warn\r\n", b"XX"),
    (message(fields="X-Secret: 1\r\n"), b"Subject: fine\r\nMessage-ID",
     b"X-Secret"),
    (message(body="a\r\nold line\r\nsecret\r\nb\r\n"),
     b"\r\n\r\na\r\nnew line\r\nb\r\n", b"secret"),
])
def test_changed(relay, sink, data, has, has_not):
    _, messages = send(relay, sink, data)
    assert has in messages[0].content
    assert has_not not in messages[0].content


PARTS = ("MIME-Version: 1.0\r\n"
         "Content-Type: multipart/mixed; boundary=b\r\n", """\
--b\r
Content-Type: application/x-evil\r
X-Secret: 1\r
\r
data\r
--b\r
Content-Type: message/rfc822\r
\r
Subject: bad\r
\r
inner\r
--b--\r
""")


@pytest.mark.parametrize("parameters,reply", [
    ({}, "250"),
    ({"mime_header_checks":
      table({"Content-Type: application/x-evil": "REJECT no programs"})},
     "550 5.7.1 no programs"),
    ({"nested_header_checks": table({"Subject: bad": "REJECT nested"})},
     "550 5.7.1 nested"),
    ({"header_checks": table({"Subject: bad": "REJECT"})},
     "550 5.7.1 message content rejected"),
    ({"header_checks": table({"Subject: bad": "REJECT"}),
      "nested_header_checks": ""}, "250"),
    ({"header_checks": table({"Subject: bad": "REJECT"}),
      "disable_mime_input_processing": "yes"}, "250"),
    ({"body_checks": table({"inner": "REJECT found"})}, "550 5.7.1 found"),
    ({"body_checks": table({"inner": "REJECT found"}),
      "body_checks_size_limit": "0"}, "250"),
])
def test_parts(make_instance, sink, parameters, reply):
    instance = make_instance(parameters={
        "relayhost": f"[127.0.0.1]:{sink.port}", **parameters})
    fields, body = PARTS
    assert refused(instance, message(fields=fields, body=body)).startswith(
        reply)


def test_own_mail_is_not_looked_at(make_instance, sink):
    instance = make_instance(parameters={
        "relayhost": f"[127.0.0.1]:{sink.port}",
        "body_checks": "static:REJECT",
        "virtual_alias_maps": "inline:{x@alias.example=x@bad.example}",
        "transport_maps": "inline:{{bad.example=error:5.1.1 nobody}}"})
    instance.send("x@alias.example", b"Subject: s\r\n", sender="a@b.example")
    assert sink.wait()[0].sender == "<>"


def test_local_mail(relay, sink):
    result = relay.run("sendmail", "b@far.example", check=False,
                       input="Subject: bad\n\nx\n")
    assert result.returncode != 0
    relay.wait_log(r"reject: header Subject: bad from local; from=<.*> "
                   r"to=<b@far\.example>: 5\.7\.1 message content rejected$")


def test_changed_table(make_instance, sink):
    instance = make_instance(start=False, parameters={
        "relayhost": f"[127.0.0.1]:{sink.port}",
        "table_check_interval": "1s"})
    rows = instance.config / "checks"
    rows.write_text("other REJECT\n")
    instance.parameters["body_checks"] = f"texthash:{rows}"
    instance.write_main_cf()
    instance.start()
    send(instance, sink, message(body="spam\r\n"))
    rows.write_text("spam REJECT\n")
    wait_until(lambda: refused(instance, message(body="spam\r\n"))
               .startswith("550"), "the new table")


def test_bad_tables(make_instance):
    instance = make_instance(start=False, parameters={
        "nested_header_checks": "nosuchtype:x"})
    result = instance.run("postern", "start", check=False)
    assert result.returncode != 0
    assert b"nested_header_checks: " in result.stderr


def test_no_answer(make_instance, sink):
    instance = make_instance(parameters={
        "relayhost": f"[127.0.0.1]:{sink.port}", "header_checks": "fail:x"})
    assert refused(instance, message()) == \
        "451 4.3.0 Temporary lookup failure"
