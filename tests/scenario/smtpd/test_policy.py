# SPDX-License-Identifier: MIT
"""Who may send what to whom: relaying, limits, restrictions."""

from tests.support.raw import Raw


def stranger(**more):
    """Parameters under which the test client is not in mynetworks."""
    return {"mynetworks": "192.0.2.0/24", "smtpd_error_sleep_time": "0s",
            **more}


def test_strangers_may_not_relay(make_instance):
    instance = make_instance(stranger())
    with Raw(instance.port) as client:
        client.hello()
        client.command("MAIL FROM:<s@client.example>")
        for address in ("x@far.example", "x%far.example@mail.example",
                        "far.example!x@mail.example",
                        "\"x@far.example\"@mail.example",
                        "@mail.example:x@far.example", "x@[192.0.2.1]"):
            reply = client.command(f"RCPT TO:<{address}>")
            assert reply[:3] in ("550", "554", "501"), (address, reply)
        assert client.command("RCPT TO:<alice@mail.example>")\
            .startswith("250")
    instance.wait_log(
        r"NOQUEUE: reject: RCPT from unknown\[127\.0\.0\.1\]: 554 5\.7\.1 "
        r"<x@far\.example>: Relay access denied; from=<s@client\.example> "
        r"to=<x@far\.example> proto=ESMTP helo=<client\.example>$")


def test_unknown_users_are_refused_and_logged(make_instance):
    instance = make_instance(stranger())
    with Raw(instance.port) as client:
        client.hello()
        client.command("MAIL FROM:<s@client.example>")
        assert client.command("RCPT TO:<who@mail.example>") == (
            "550 5.1.1 <who@mail.example>: Recipient address rejected: "
            "User unknown in local recipient table")
    instance.wait_log(r"reject: RCPT from .*: 550 5\.1\.1 <who@mail\.example>: "
                      r"Recipient address rejected: User unknown in local "
                      r"recipient table; from=<s@client\.example>")


def test_relay_domains_are_relayed_to(make_instance, sink):
    instance = make_instance(stranger(
        relay_domains="far.example", relayhost=f"[127.0.0.1]:{sink.port}",
        relay_transport=f"smtp:[127.0.0.1]:{sink.port}"))
    instance.send("x@far.example")
    assert sink.wait()[0].recipients == ["x@far.example"]


def test_too_many_recipients(make_instance):
    instance = make_instance({"smtpd_recipient_limit": "3"})
    with Raw(instance.port) as client:
        client.hello()
        client.command("MAIL FROM:<>")
        replies = [client.command("RCPT TO:<alice@mail.example>")[:9]
                   for _ in range(5)]
    assert replies == ["250 2.1.5"] * 3 + ["452 4.5.3"] * 2


def test_too_many_errors_end_the_session(make_instance):
    instance = make_instance({"smtpd_error_sleep_time": "0s",
                              "smtpd_hard_error_limit": "3"})
    with Raw(instance.port) as client:
        for _ in range(2):
            assert client.command("FOO").startswith("500")
        client.send("FOO\r\n")
        assert client.reply().startswith("500")
        assert client.reply().startswith("421 4.7.0")
        assert client.at_end()
    instance.wait_log(r"too many errors after UNKNOWN from unknown\[127")


def test_silence_is_answered_with_421(make_instance):
    instance = make_instance({"smtpd_timeout": "1s"})
    with Raw(instance.port) as client:
        assert client.reply().startswith("421 4.4.2")
        assert client.at_end()
    instance.wait_log(r"timeout after CONNECT from unknown\[127")


def test_helo_can_be_required(make_instance):
    instance = make_instance({"smtpd_helo_required": "yes"})
    with Raw(instance.port) as client:
        assert client.command("MAIL FROM:<>").startswith("503 5.5.1")


def test_restrictions(make_instance, make_dns):
    dns = make_dns({("good.example.", "MX"): ["10 mx.good.example."],
                    ("nomail.example.", "MX"): ["0 ."],
                    ("broken.example.", "MX"): 2,
                    ("broken.example.", "A"): 2,
                    ("broken.example.", "AAAA"): 2})
    instance = make_instance(stranger(
        dns_servers=dns.address,
        smtpd_helo_restrictions="reject_invalid_helo_hostname, "
                                "reject_non_fqdn_helo_hostname",
        smtpd_sender_restrictions="reject_non_fqdn_sender, "
                                  "reject_unknown_sender_domain",
        smtpd_recipient_restrictions="reject_non_fqdn_recipient"))
    cases = [
        ("client.example", "s@good.example", "alice@mail.example", "250"),
        ("client", "s@good.example", "alice@mail.example", "504 5.5.2"),
        ("cli..ent", "s@good.example", "alice@mail.example", "501 5.5.2"),
        ("client.example", "s@good", "alice@mail.example", "504 5.5.2"),
        ("client.example", "s@none.example", "alice@mail.example",
         "450 4.1.8"),
        ("client.example", "s@nomail.example", "alice@mail.example",
         "450 4.1.8"),
        ("client.example", "s@broken.example", "alice@mail.example",
         "450 4.1.8"),
        ("client.example", "s@good.example", "alice", "504 5.5.2"),
    ]
    for hello, sender, recipient, want in cases:
        with Raw(instance.port) as client:
            client.command(f"EHLO {hello}")
            client.command(f"MAIL FROM:<{sender}>")
            reply = client.command(f"RCPT TO:<{recipient}>")
            assert reply.startswith(want), (hello, sender, recipient, reply)


def test_client_names_come_from_dns(make_instance, make_dns):
    dns = make_dns({
        ("2.0.0.127.in-addr.arpa.", "PTR"): ["good.example."],
        ("good.example.", "A"): ["127.0.0.2"],
        ("3.0.0.127.in-addr.arpa.", "PTR"): ["forged.example."],
        ("forged.example.", "A"): ["192.0.2.9"],
    })
    instance = make_instance({"dns_servers": dns.address,
                              "smtpd_peername_lookup": "yes"})
    import socket
    for source in ("127.0.0.2", "127.0.0.3"):
        socket.create_connection(("127.0.0.1", instance.port), timeout=30,
                                 source_address=(source, 0)).close()
    instance.wait_log(r" connect from good\.example\[127\.0\.0\.2\]$")
    instance.wait_log(r" connect from unknown\[127\.0\.0\.3\]$")
    instance.wait_log(r"warning: hostname forged\.example does not resolve to "
                      r"address 127\.0\.0\.3")


def test_sending_ahead_unasked_ends_the_session(make_instance):
    instance = make_instance(stranger())
    with Raw(instance.port) as client:
        client.send("HELO client.example\r\nMAIL FROM:<>\r\n")
        assert client.reply().startswith("554 5.5.0")
        assert client.at_end()
    instance.wait_log(r"improper command pipelining after HELO from unknown")


def test_an_open_relay_does_not_start(make_instance):
    instance = make_instance(
        {"smtpd_relay_restrictions": "permit"}, start=False)
    result = instance.run("postern", "start", check=False)
    assert result.returncode != 0
    assert b"would relay for anyone" in result.stderr


def test_an_unsupported_restriction_does_not_start(make_instance):
    instance = make_instance(
        {"smtpd_recipient_restrictions": "reject_rbl_client bl.example"},
        start=False)
    result = instance.run("postern", "start", check=False)
    assert result.returncode != 0
    assert b"reject_rbl_client" in result.stderr
