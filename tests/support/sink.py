# SPDX-License-Identifier: MIT
"""A next hop made with aiosmtpd that keeps what it gets and misbehaves on
request."""

import asyncio
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from tests.support.ports import free_port
from tests.support.waiting import wait_until


class Message:
    def __init__(self, envelope, peer):
        self.sender = envelope.mail_from
        self.recipients = list(envelope.rcpt_tos)
        self.options = list(envelope.mail_options)
        self.content = envelope.content
        self.peer = peer


class Sink:
    """rcpt(address) and data(message) may return a reply ("450 4.2.0 later") or
    None for success. data may block: other sessions go on."""

    def __init__(self, rcpt=None, data=None, host="127.0.0.1", port=None,
                 **settings):
        self.rcpt = rcpt
        self.data = data
        self.messages = []
        self.sessions = 0
        self._lock = threading.Lock()
        self.port = port or free_port()
        self._controller = Controller(self, hostname=host, port=self.port,
                                      server_hostname="sink.example",
                                      **settings)
        self._controller.start()

    def stop(self):
        self._controller.stop(no_assert=True)

    async def handle_EHLO(self, server, session, envelope, hostname,
                          responses):
        session.host_name = hostname
        with self._lock:
            self.sessions += 1
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = self.rcpt(address) if self.rcpt else None
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session, envelope):
        message = Message(envelope, session.peer)
        reply = None
        if self.data:
            reply = await asyncio.to_thread(self.data, message)
        if reply:
            return reply
        with self._lock:
            self.messages.append(message)
        return "250 2.0.0 Ok: queued as SINK"

    def wait(self, count=1, patience=30.0):
        wait_until(lambda: len(self.messages) >= count,
                   f"{count} messages at the sink", patience)
        return self.messages
