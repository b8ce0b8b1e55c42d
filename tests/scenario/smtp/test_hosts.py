# SPDX-License-Identifier: MIT
"""Which host gets the mail: RFC 5321 section 5.1 with real DNS messages."""

import socket

from tests.support.ports import free_port
from tests.support.sink import Sink

RECIPIENT = "someone@remote.example"
PLACE = r"Host or domain name not found\. Name service error for name="


def start(make_instance, dns, port, **parameters):
    return make_instance(parameters={
        "dns_servers": dns.address, "smtp_tcp_port": port, **parameters})


def closed_port_on(host, port):
    """Asserts that nobody listens there."""
    with socket.socket() as probe:
        probe.bind((host, port))


def test_the_preferred_exchanger_gets_the_mail(make_instance, make_dns,
                                               make_sink):
    best = make_sink(host="127.0.0.2")
    other = Sink(host="127.0.0.3", port=best.port)
    dns = make_dns({
        ("remote.example.", "MX"): ["20 other.example.", "10 best.example."],
        ("best.example.", "A"): ["127.0.0.2"],
        ("other.example.", "A"): ["127.0.0.3"]})
    instance = start(make_instance, dns, best.port)
    try:
        for _ in range(5):
            instance.send(RECIPIENT)
        best.wait(5)
        assert not other.messages
        instance.wait_log(rf"relay=best\.example\[127\.0\.0\.2\]:{best.port},")
    finally:
        other.stop()


def test_the_next_exchanger_helps_when_the_first_is_down(
        make_instance, make_dns, make_sink):
    sink = make_sink(host="127.0.0.3")
    closed_port_on("127.0.0.2", sink.port)
    dns = make_dns({
        ("remote.example.", "MX"): ["10 best.example.", "20 other.example."],
        ("best.example.", "A"): ["127.0.0.2"],
        ("other.example.", "A"): ["127.0.0.3"]})
    instance = start(make_instance, dns, sink.port)
    instance.send(RECIPIENT)
    sink.wait()
    instance.wait_log(rf"connect to best\.example\[127\.0\.0\.2\]:{sink.port}"
                      ": Connection refused$")
    instance.wait_log(r"relay=other\.example\[127\.0\.0\.3\]:\d+, .*sent")


def test_equal_exchangers_share_the_load(make_instance, make_dns, make_sink):
    one = make_sink(host="127.0.0.2")
    two = Sink(host="127.0.0.3", port=one.port)
    dns = make_dns({
        ("remote.example.", "MX"): ["10 one.example.", "10 two.example."],
        ("one.example.", "A"): ["127.0.0.2"],
        ("two.example.", "A"): ["127.0.0.3"]})
    instance = start(make_instance, dns, one.port)
    try:
        for _ in range(40):
            instance.send(RECIPIENT)
        instance.wait_log("status=sent", count=40)
        assert one.messages and two.messages
    finally:
        two.stop()


def test_a_refused_recipient_is_offered_to_the_next_host(
        make_instance, make_dns, make_sink):
    first = make_sink(host="127.0.0.2", rcpt=lambda _: "450 4.2.1 busy")
    second = Sink(host="127.0.0.3", port=first.port)
    dns = make_dns({
        ("remote.example.", "MX"): ["10 one.example.", "20 two.example."],
        ("one.example.", "A"): ["127.0.0.2"],
        ("two.example.", "A"): ["127.0.0.3"]})
    instance = start(make_instance, dns, first.port)
    try:
        instance.send(RECIPIENT)
        second.wait()
        instance.wait_log(r"relay=two\.example.*status=sent")
        assert "deferred" not in instance.log()
    finally:
        second.stop()


def test_a_domain_without_exchanger_is_its_own(make_instance, make_dns,
                                               make_sink):
    sink = make_sink(host="127.0.0.2")
    dns = make_dns({("remote.example.", "A"): ["127.0.0.2"]})
    instance = start(make_instance, dns, sink.port)
    instance.send(RECIPIENT)
    sink.wait()


def test_aliases_are_followed(make_instance, make_dns, make_sink):
    sink = make_sink(host="127.0.0.2")
    dns = make_dns({
        ("remote.example.", "CNAME"): ["real.example."],
        ("real.example.", "MX"): ["10 mx.example."],
        ("mx.example.", "CNAME"): ["host.example."],
        ("host.example.", "A"): ["127.0.0.2"]})
    instance = start(make_instance, dns, sink.port)
    instance.send(RECIPIENT)
    sink.wait()


def test_a_cut_answer_is_asked_for_over_tcp(make_instance, make_dns,
                                            make_sink):
    sink = make_sink(host="127.0.0.2")
    dns = make_dns({("remote.example.", "MX"): ["10 mx.example."],
                    ("mx.example.", "A"): ["127.0.0.2"]})
    dns.truncate = True
    instance = start(make_instance, dns, sink.port)
    instance.send(RECIPIENT)
    sink.wait()
    assert ("remote.example.", "MX", "tcp") in dns.queries


def test_answers_are_kept(make_instance, make_dns, make_sink):
    sink = make_sink(host="127.0.0.2")
    dns = make_dns({("remote.example.", "MX"): ["10 mx.example."],
                    ("mx.example.", "A"): ["127.0.0.2"]})
    instance = start(make_instance, dns, sink.port)
    for _ in range(10):
        instance.send(RECIPIENT)
    sink.wait(10)
    assert len([query for query in dns.queries if query[1] == "MX"]) == 1


def test_what_names_fail_with(make_instance, make_dns):
    dns = make_dns({
        ("null.example.", "MX"): ["0 ."],
        ("broken.example.", "MX"): 2,
        ("empty.example.", "TXT"): ['"nothing else"'],
        ("dangling.example.", "MX"): ["10 missing.example."],
        ("unsure.example.", "MX"): ["10 slow.example."],
        ("slow.example.", "A"): 2})
    instance = start(make_instance, dns, 25)
    cases = {
        "null.example": (r"5\.1\.10", "bounced", r"Domain null\.example does "
                         r"not accept mail \(nullMX\)"),
        "none.example": (r"5\.4\.4", "bounced",
                         PLACE + r"none\.example type=MX: Host not found"),
        "broken.example": (r"4\.4\.3", "deferred", PLACE + r"broken\.example "
                           r"type=MX: Host not found, try again"),
        "empty.example": (r"5\.4\.4", "bounced", PLACE + r"empty\.example "
                          r"type=A: Host found but no data record of "
                          r"requested type"),
        "dangling.example": (r"5\.4\.4", "bounced", PLACE +
                             r"missing\.example type=A: Host not found"),
        "unsure.example": (r"4\.4\.3", "deferred", PLACE + r"slow\.example "
                           r"type=A: Host not found, try again"),
    }
    for domain in cases:
        instance.send(f"user@{domain}")
    for domain, (dsn, status, text) in cases.items():
        instance.wait_log(rf"to=<user@{domain}>, relay=none, .*, dsn={dsn}, "
                          rf"status={status} \({text}\)$")


def test_mail_does_not_loop(make_instance, make_dns, make_sink):
    """127.0.0.1 is this machine: nothing of its preference or a lower one."""
    dns = make_dns({
        ("self.example.", "MX"): ["10 me.example.", "20 other.example."],
        ("backup.example.", "MX"): ["10 best.example.", "20 me.example.",
                                    "20 equal.example.", "30 last.example."],
        ("me.example.", "A"): ["127.0.0.1"],
        ("best.example.", "A"): ["127.0.0.2"],
        ("equal.example.", "A"): ["127.0.0.4"],
        ("last.example.", "A"): ["127.0.0.5"],
        ("other.example.", "A"): ["127.0.0.3"]})
    instance = start(make_instance, dns, 25)
    instance.send("user@self.example")
    instance.send("user@backup.example")
    instance.wait_log(r"to=<user@self\.example>, relay=none, .*dsn=5\.4\.6, "
                      r"status=bounced \(mail for self\.example loops back to "
                      r"myself\)$")
    instance.wait_log(r"to=<user@backup\.example>, .*dsn=4\.4\.1, "
                      r"status=deferred \(connect to best\.example\[127\.0\.0"
                      r"\.2\]:25: Connection refused\)$")


def test_a_fallback_relay_serves_unknown_domains_only(
        make_instance, make_dns, make_sink):
    """Not those that want no mail, nor those that we are the exchanger of."""
    sink = make_sink(host="127.0.0.2")
    dns = make_dns({("null.example.", "MX"): ["0 ."],
                    ("self.example.", "MX"): ["10 me.example."],
                    ("me.example.", "A"): ["127.0.0.1"]})
    instance = start(make_instance, dns, 25,
                     smtp_fallback_relay=f"[127.0.0.2]:{sink.port}")
    for domain in ("null", "self", "none"):
        instance.send(f"user@{domain}.example")
    instance.wait_log(r"to=<user@null\.example>.*dsn=5\.1\.10, .*bounced")
    instance.wait_log(r"to=<user@self\.example>.*dsn=5\.4\.6, .*bounced")
    instance.wait_log(r"to=<user@none\.example>.*status=sent")
    # The bounces go to an unknown domain as well.
    assert [mail.recipients for mail in sink.messages
            if mail.recipients != ["sender@client.example"]] == [
                ["user@none.example"]]


def test_next_hops_name_hosts_and_ports(make_instance, make_dns, make_sink):
    sink = make_sink(host="127.0.0.2")
    dns = make_dns({("host.example.", "A"): ["127.0.0.2"],
                    ("host.example.", "MX"): ["10 nobody.example."]})
    instance = start(make_instance, dns, free_port(),
                     relayhost=f"[host.example]:{sink.port}")
    instance.send(RECIPIENT)
    sink.wait()
    assert not [query for query in dns.queries if query[1] == "MX"]


def test_a_name_server_that_is_silent_is_passed_over(
        make_instance, make_dns, make_sink):
    sink = make_sink(host="127.0.0.2")
    dns = make_dns({("remote.example.", "A"): ["127.0.0.2"]})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        first = f"127.0.0.1:{silent.getsockname()[1]}"
        instance = make_instance(parameters={
            "dns_servers": f"{first}, {dns.address}",
            "smtp_tcp_port": sink.port})
        instance.send(RECIPIENT)
        sink.wait()
