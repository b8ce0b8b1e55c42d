# SPDX-License-Identifier: MIT
"""An SMTP client that sends exactly the bytes it is told to."""

import socket


class Raw:
    def __init__(self, port, host="127.0.0.1", greeting=True, source=None):
        self.sock = socket.create_connection(
            (host, port), timeout=30,
            source_address=(source, 0) if source else None)
        self.file = self.sock.makefile("rb")
        if greeting:
            self.greeting = self.reply()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.file.close()
        self.sock.close()

    def send(self, data):
        if isinstance(data, str):
            data = data.encode()
        self.sock.sendall(data)

    def reply(self):
        """One reply, its lines joined by LF; empty at end of file."""
        lines = []
        while True:
            line = self.file.readline()
            if not line:
                break
            lines.append(line.rstrip(b"\r\n").decode())
            if line[3:4] != b"-":
                break
        return "\n".join(lines)

    def command(self, line):
        self.send(line + "\r\n" if isinstance(line, str) else line + b"\r\n")
        return self.reply()

    def hello(self):
        assert self.command("EHLO client.example").startswith("250")

    def begin(self, recipient, sender="s@client.example"):
        """MAIL, RCPT and DATA up to the 354."""
        assert self.command(f"MAIL FROM:<{sender}>").startswith("250")
        assert self.command(f"RCPT TO:<{recipient}>").startswith("250")
        assert self.command("DATA").startswith("354")

    def at_end(self):
        """True when the server has closed the connection."""
        return self.file.read(1) == b""
