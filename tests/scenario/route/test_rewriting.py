# SPDX-License-Identifier: MIT
"""What tables make of addresses in the envelope and the header, and who gets
copies."""

import pytest

HEADER = (b"From: Ann <ann@old.example>\r\n"
          b"To: bob, Carl <carl@old.example>\r\n"
          b"Cc: x@host.mask.example\r\n"
          b"Subject: s\r\n"
          b"Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n"
          b"Message-ID: <1@x>\r\n"
          b"\r\nHello.\r\n")

CANONICAL = ("inline:{ ann@old.example=Ann.Smith@new.example, "
             "@old.example=@new.example }")


@pytest.fixture
def relay(make_instance, sink):
    def make(**parameters):
        return make_instance(parameters={
            "relayhost": f"[127.0.0.1]:{sink.port}", **parameters})
    return make


def send(instance, recipients, sender="ann@old.example", message=HEADER):
    return instance.send(recipients, message, sender=sender)


def header_of(message):
    return message.content.split(b"\r\n\r\n", 1)[0].decode()


def test_canonical_of_a_stranger(relay, sink):
    """The envelope is rewritten, the header is his own."""
    instance = relay(canonical_maps=CANONICAL)
    send(instance, "carl@old.example")
    message = sink.wait()[0]
    assert message.sender == "Ann.Smith@new.example"
    assert message.recipients == ["carl@new.example"]
    assert b"From: Ann <ann@old.example>\r\n" in message.content
    assert b"To: bob, Carl <carl@old.example>\r\n" in message.content


@pytest.mark.parametrize("clients", [
    "permit_inet_interfaces", "permit_mynetworks", "static:all",
    "check_address_map inline:{127.0.0.1=x}"])
def test_header_of_local_clients(relay, sink, clients):
    instance = relay(canonical_maps=CANONICAL,
                     masquerade_domains="mask.example",
                     local_header_rewrite_clients=clients)
    send(instance, "carl@old.example")
    header = header_of(sink.wait()[0])
    assert "From: Ann <Ann.Smith@new.example>\r\n" in header
    assert ("To: bob@mail.example, Carl <carl@new.example>\r\n"
            "Cc: x@mask.example\r\n") in header


def test_remote_header_rewrite_domain(relay, sink):
    instance = relay(remote_header_rewrite_domain="domain.invalid")
    send(instance, "carl@old.example", message=HEADER.replace(
        b"Message-ID: <1@x>\r\n", b""))
    header = header_of(sink.wait()[0])
    assert "To: bob@domain.invalid, Carl <carl@old.example>\r\n" in header
    assert "Message-ID: <" in header


def test_masquerade(relay, sink):
    instance = relay(masquerade_domains="mask.example",
                     masquerade_exceptions="root")
    send(instance, "a@host.mask.example", sender="b@host.mask.example")
    send(instance, "a@host.mask.example", sender="root@host.mask.example")
    assert sorted(message.sender for message in sink.wait(2)) == [
        "b@mask.example", "root@host.mask.example"]
    assert sink.messages[0].recipients == ["a@host.mask.example"]


def test_copies(relay, sink):
    """Each gets one copy, whatever the number of reasons."""
    instance = relay(
        always_bcc="all@copy.example",
        sender_bcc_maps="inline:{ann@old.example=sent@copy.example}",
        recipient_bcc_maps="inline:{carl@old.example=got@copy.example, "
                           "@more.example=got@copy.example}",
        virtual_alias_maps="inline:{sent@copy.example=sent@alias.example}")
    queue_id = send(instance, ["carl@old.example", "x@more.example"])
    instance.wait_queue_empty()
    to = sorted(recipient for message in sink.messages
                for recipient in message.recipients)
    assert to == ["all@copy.example", "carl@old.example", "got@copy.example",
                  "sent@alias.example", "x@more.example"]
    instance.wait_log(rf"{queue_id}: from=<ann@old\.example>, .*nrcpt=5 ")


def test_copies_bounce_silently(relay, sink):
    """Nobody is told when a copy cannot be delivered."""
    instance = relay(
        always_bcc="all@copy.example",
        transport_maps="inline:{{copy.example=error:5.1.1 nobody}}")
    queue_id = send(instance, "carl@old.example")
    instance.wait_log(rf"{queue_id}: to=<all@copy\.example>.*status=bounced")
    instance.wait_queue_empty()
    assert len(sink.messages) == 1
    assert "notification" not in instance.log()


def test_no_copies_of_notices(relay, sink):
    instance = relay(
        always_bcc="all@copy.example",
        virtual_alias_maps="inline:{x@alias.example=x@bad.example}",
        transport_maps="inline:{{bad.example=error:5.1.1 nobody}}")
    send(instance, "x@alias.example")
    instance.wait_log(r"sender non-delivery notification: ")
    instance.wait_queue_empty()
    assert sorted((message.sender, message.recipients[0])
                  for message in sink.messages) == [
        ("<>", "ann@old.example"), ("ann@old.example", "all@copy.example")]


def test_no_answer(relay, sink):
    """A table that cannot be asked is a reason to try later, not to guess."""
    instance = relay(sender_canonical_maps="fail:x")
    with instance.client() as client:
        client.ehlo()
        client.mail("ann@old.example")
        code, text = client.rcpt("carl@old.example")
    assert (code, text) == (451, b"4.3.0 Temporary lookup failure")


def test_circles(relay, sink):
    instance = relay(
        recipient_canonical_maps="inline:{a@x.example=b@x.example, "
                                 "b@x.example=a@x.example}")
    with instance.client() as client:
        client.ehlo()
        client.mail("ann@old.example")
        assert client.rcpt("a@x.example")[0] == 451
        assert client.rcpt("c@x.example")[0] == 250


@pytest.mark.parametrize("parameters,recipient,reply", [
    ({"relocated_maps": "inline:{bob@mail.example=bob@new.example}"},
     "bob@mail.example",
     "550 5.1.6 <bob@mail.example>: Recipient address rejected: "
     "User has moved to bob@new.example"),
    ({"transport_maps": "inline:{{x.example=error:5.7.1 not for you}}"},
     "a@x.example",
     "550 5.7.1 <a@x.example>: Recipient address rejected: not for you"),
    ({"transport_maps": "inline:{{x.example=error:gone}}"},
     "a@x.example",
     "550 5.1.1 <a@x.example>: Recipient address rejected: gone"),
    ({}, "nosuchuser@mail.example",
     "550 5.1.1 <nosuchuser@mail.example>: Recipient address rejected: "
     "User unknown in local recipient table"),
    ({"show_user_unknown_table_name": "no"}, "nosuchuser@mail.example",
     "550 5.1.1 <nosuchuser@mail.example>: Recipient address rejected: "
     "User unknown"),
    ({"virtual_alias_domains": "v.example"}, "a@v.example",
     "550 5.1.1 <a@v.example>: Recipient address rejected: "
     "User unknown in virtual alias table"),
])
def test_refused(relay, parameters, recipient, reply):
    instance = relay(**parameters)
    with instance.client() as client:
        client.ehlo()
        client.mail("ann@old.example")
        code, text = client.rcpt(recipient)
    assert f"{code} {text.decode()}" == reply


@pytest.mark.parametrize("parameters", [
    {"canonical_maps": "inline:{nosuchuser@mail.example=bob@mail.example}"},
    {"recipient_canonical_maps": "inline:{nosuchuser=bob}"},
])
def test_canonical_recipients_are_known(relay, parameters):
    instance = relay(**parameters)
    send(instance, "nosuchuser@mail.example")
    assert b"X-Original-To: nosuchuser@mail.example\n" in \
        instance.wait_mail("bob")[0]


def test_bad_parameters(make_instance):
    instance = make_instance(start=False, parameters={
        "local_header_rewrite_clients": "permit_all"})
    result = instance.run("postern", "check", check=False)
    assert result.returncode != 0
    assert b"local_header_rewrite_clients: permit_all is no table and no " \
        b"permission" in result.stderr + instance.log().encode()

