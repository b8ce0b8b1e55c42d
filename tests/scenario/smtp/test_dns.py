# SPDX-License-Identifier: MIT
"""Name servers of all kinds, as the mail that depends on them sees them."""

import time

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from tests.support.dns import DnsServer
from tests.support.waiting import wait_until

RECIPIENT = "someone@remote.example"


class Stepwise(DnsServer):
    """Gives an alias without what it leads to."""

    def _fill(self, reply, name, kind):
        alias = self.records.get((name, "CNAME"))
        if alias is None:
            return super()._fill(reply, name, kind)
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME",
                                                *alias))
        return None


class WithoutEdns(DnsServer):
    """Refuses what it does not know, and does not even repeat the question."""

    def _answer(self, wire, transport):
        query = dns.message.from_wire(wire)
        if query.edns < 0:
            return super()._answer(wire, transport)
        reply = dns.message.Message(query.id)
        reply.flags = dns.flags.QR
        reply.set_rcode(dns.rcode.FORMERR)
        return reply.to_wire()


class Slow(DnsServer):
    def _answer(self, wire, transport):
        time.sleep(0.5)
        return super()._answer(wire, transport)


@pytest.fixture
def start(make_instance):
    servers = []

    def make(server, port):
        servers.append(server)
        return make_instance(parameters={
            "dns_servers": server.address, "smtp_tcp_port": port})

    yield make
    for server in servers:
        server.stop()


def chain(length):
    """An alias of an alias ... of 127.0.0.2."""
    records = {("remote.example.", "MX"): ["10 a0.example."]}
    for number in range(length):
        records[(f"a{number}.example.", "CNAME")] = [
            f"a{number + 1}.example."]
    records[(f"a{length}.example.", "A")] = ["127.0.0.2"]
    return records


def test_aliases_are_followed_from_answer_to_answer(start, make_sink):
    sink = make_sink(host="127.0.0.2")
    instance = start(Stepwise(chain(16)), sink.port)
    instance.send(RECIPIENT)
    sink.wait()


@pytest.mark.parametrize("records", [
    chain(17), {("remote.example.", "MX"): ["10 a.example."],
                ("a.example.", "CNAME"): ["b.example."],
                ("b.example.", "CNAME"): ["a.example."]}])
def test_aliases_end_somewhere(start, records):
    instance = start(Stepwise(records), 25)
    instance.send(RECIPIENT)
    instance.wait_log(r"dsn=5\.4\.4, status=bounced \(.*Malformed or "
                      r"unexpected name server reply\)$")


def test_an_old_server_is_asked_without_edns(start, make_sink):
    sink = make_sink(host="127.0.0.2")
    server = WithoutEdns({("remote.example.", "A"): ["127.0.0.2"]})
    instance = start(server, sink.port)
    instance.send(RECIPIENT)
    sink.wait()


def test_absence_is_remembered(start):
    server = DnsServer({("other.example.", "A"): ["127.0.0.2"]})
    instance = start(server, 25)
    for _ in range(3):
        instance.send(RECIPIENT)
    instance.wait_log("status=bounced", count=3)
    # The notices ask for another name.
    assert [query for query in server.queries
            if query[0] == "remote.example."] == [
                ("remote.example.", "MX", "udp")]


def test_equal_questions_are_asked_once(start, make_sink):
    sink = make_sink(host="127.0.0.2")
    server = Slow({("remote.example.", "MX"): ["10 mx.example."],
                   ("mx.example.", "A"): ["127.0.0.2"]})
    instance = start(server, sink.port)
    for _ in range(10):
        instance.send(RECIPIENT)
    sink.wait(10)
    assert sorted(server.queries) == [("mx.example.", "A", "udp"),
                                      ("remote.example.", "MX", "udp")]


def test_hosts_come_first(start, make_sink):
    """localhost is in every hosts file."""
    sink = make_sink()
    server = DnsServer({("remote.example.", "MX"): ["10 localhost."],
                        ("localhost.", "A"): ["127.0.0.9"]})
    instance = start(server, sink.port)
    instance.send(RECIPIENT)
    sink.wait()
    assert ("localhost.", "A", "udp") not in server.queries


def test_a_server_that_recovers_is_believed(start, make_sink):
    sink = make_sink(host="127.0.0.2")
    server = DnsServer({("remote.example.", "A"): 2,
                        ("remote.example.", "MX"): 2})
    instance = start(server, sink.port)
    instance.send(RECIPIENT)
    instance.wait_log(r"dsn=4\.4\.3, status=deferred")
    server.records.pop(("remote.example.", "MX"))
    server.records[("remote.example.", "A")] = ["127.0.0.2"]

    def arrived():
        instance.run("postern", "flush")
        return sink.messages

    wait_until(arrived, "the message, once the failure is forgotten")
