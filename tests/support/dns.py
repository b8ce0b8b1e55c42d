# SPDX-License-Identifier: MIT
"""A small authoritative DNS server over UDP and TCP, with dnspython for the
messages: zones as dictionaries, and failures on request."""

import socketserver
import struct
import threading

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.support.ports import free_port


class DnsServer:
    """records: {("example.", "MX"): ["10 mx.example."]}. A value may be an int,
    the response code to give (2: SERVFAIL), or "drop"."""

    def __init__(self, records):
        self.records = {(name.lower(), kind): value
                        for (name, kind), value in records.items()}
        self.queries = []
        self.truncate = False
        self.port = free_port()
        self._udp = socketserver.ThreadingUDPServer(
            ("127.0.0.1", self.port), self._handler(self._serve_udp))
        self._tcp = socketserver.ThreadingTCPServer(
            ("127.0.0.1", self.port), self._handler(self._serve_tcp),
            bind_and_activate=False)
        self._tcp.allow_reuse_address = True
        self._tcp.server_bind()
        self._tcp.server_activate()
        for server in (self._udp, self._tcp):
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever,
                             kwargs={"poll_interval": 0.05},
                             daemon=True).start()

    def stop(self):
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @staticmethod
    def _handler(serve):
        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                serve(self.request, self.client_address)
        return Handler

    def _serve_udp(self, request, client):
        wire, sock = request
        reply = self._answer(wire, "udp")
        if reply is not None:
            sock.sendto(reply, client)

    def _serve_tcp(self, sock, _client):
        while True:
            head = self._read(sock, 2)
            if head is None:
                return
            wire = self._read(sock, struct.unpack("!H", head)[0])
            if wire is None:
                return
            reply = self._answer(wire, "tcp")
            if reply is None:
                return
            sock.sendall(struct.pack("!H", len(reply)) + reply)

    @staticmethod
    def _read(sock, count):
        data = b""
        while len(data) < count:
            part = sock.recv(count - len(data))
            if not part:
                return None
            data += part
        return data

    def _answer(self, wire, transport):
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name = question.name.to_text().lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.queries.append((name, kind, transport))
        reply = dns.message.make_response(query, recursion_available=True)
        if self._fill(reply, name, kind) == "drop":
            return None
        if self.truncate and transport == "udp":
            reply.answer = []
            reply.flags |= dns.flags.TC
        return reply.to_wire(max_size=65535 if transport == "tcp" else 0)

    def _fill(self, reply, name, kind):
        for _ in range(10):
            value = self.records.get((name, kind))
            alias = self.records.get((name, "CNAME"))
            if value is None and alias and kind != "CNAME":
                reply.answer.append(dns.rrset.from_text(
                    name, 60, "IN", "CNAME", *alias))
                name = alias[0].lower()
                continue
            break
        if value == "drop":
            return "drop"
        if isinstance(value, int):
            reply.set_rcode(value)
        elif value:
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", kind,
                                                    *value))
        else:
            if not any(known == name for known, _ in self.records):
                reply.set_rcode(dns.rcode.NXDOMAIN)
            reply.authority.append(dns.rrset.from_text(
                "example.", 60, "IN", "SOA",
                "ns.example. admin.example. 1 3600 600 86400 5"))
        return None
