# SPDX-License-Identifier: MIT
"""Many clients that send a byte now and then, and the time that a fresh one
needs for a message."""

import selectors
import socket
import threading
import time

from tests.support.raw import Raw


class SlowClients:
    """`count` connections from several loopback addresses; each sends one byte of
    an endless command every `pause` seconds, until the block is left."""

    def __init__(self, port, count, pause):
        self.port, self.count, self.pause = port, count, pause
        self.greeted = self.lost = 0
        self.sockets = []
        self._selector = selectors.DefaultSelector()
        self._stopped = False
        self._thread = threading.Thread(target=self._drip, daemon=True)

    def __enter__(self):
        for number in range(self.count):
            sock = socket.socket()
            sock.bind((f"127.0.{1 + number // 200}.{1 + number % 200}", 0))
            sock.connect(("127.0.0.1", self.port))
            sock.setblocking(False)
            self.sockets.append(sock)
            self._selector.register(sock, selectors.EVENT_READ)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopped = True
        self._thread.join(30)
        for sock in self.sockets:
            sock.close()
        self._selector.close()

    def _listen(self, patience):
        for key, _ in self._selector.select(patience):
            try:
                heard = key.fileobj.recv(4096)
            except OSError:
                heard = b""
            self.greeted += heard.startswith(b"220")
            if not heard:
                self.lost += 1
                self._selector.unregister(key.fileobj)

    def _drip(self):
        turn = 0
        while not self._stopped:
            # A tenth of them each tenth of the pause.
            for sock in self.sockets[turn % 10::10]:
                try:
                    sock.send(b"x")
                except OSError:
                    pass
            turn += 1
            until = time.monotonic() + self.pause / 10
            while (left := until - time.monotonic()) > 0:
                self._listen(left)

    def wait_for_greetings(self, patience=60):
        """How many have been greeted."""
        until = time.monotonic() + patience
        while self.greeted < self.count and time.monotonic() < until:
            time.sleep(0.05)
        return self.greeted


def session_times(port, recipient, count):
    """Seconds that each of `count` sessions took from connect(2) to 221, with
    one message in it."""
    times = []
    for _ in range(count):
        began = time.monotonic()
        with Raw(port) as client:
            client.hello()
            client.begin(recipient)
            client.send(b"Subject: x\r\n\r\nx\r\n.\r\n")
            assert client.reply().startswith("250 2.0.0")
            assert client.command("QUIT").startswith("221")
        times.append(time.monotonic() - began)
    return times
