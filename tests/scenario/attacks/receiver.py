# SPDX-License-Identifier: MIT
"""A next hop that reads bytes and nothing else: what came between 354 and
CRLF.CRLF is a message, all other lines are commands."""

import contextlib
import socket
import threading

from tests.support.waiting import wait_until


class Receiver:
    def __init__(self):
        self.commands = []
        self.messages = []      # as on the wire, without the end of data
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._run, args=(sock,),
                             daemon=True).start()

    def _run(self, sock):
        with contextlib.suppress(ConnectionError), sock:
            self._serve(sock)

    def _serve(self, sock):
        rest = b""
        in_data = False
        sock.sendall(b"220 receiver.example\r\n")
        while True:
            end = b"\r\n.\r\n" if in_data else b"\r\n"
            while end not in rest:
                more = sock.recv(65536)
                if not more:
                    return
                rest += more
            part, _, rest = rest.partition(end)
            if in_data:
                self.messages.append(part[2:] + b"\r\n")
                in_data = False
                sock.sendall(b"250 2.0.0 ok\r\n")
                continue
            self.commands.append(part)
            in_data = part == b"DATA"
            if in_data:     # its CRLF may begin the end of data
                rest = b"\r\n" + rest
            sock.sendall(b"354 go\r\n" if in_data else b"250 ok\r\n")

    def wait(self, count, patience):
        wait_until(lambda: len(self.messages) >= count,
                   f"{count} messages, not {len(self.messages)}", patience)

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
