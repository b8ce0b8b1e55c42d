# SPDX-License-Identifier: MIT
"""A next hop whose every word is written in the test."""

import contextlib
import pathlib
import socket
import threading


class Connection:
    """One connection to the script; the client's lines without CRLF."""

    def __init__(self, sock, number):
        self.sock = sock
        self.number = number
        self.file = sock.makefile("rb")
        self.lines = []

    def say(self, text):
        self.sock.sendall(text.encode("latin-1"))

    def line(self):
        line = self.file.readline()
        if not line:
            raise EOFError
        assert line.endswith(b"\r\n"), line
        self.lines.append(line[:-2].decode())
        return self.lines[-1]

    def expect(self, start):
        line = self.line()
        assert line.upper().startswith(start), (start, line)
        return line

    def hello(self, *features, verb="EHLO"):
        self.say("220 script.example ESMTP\r\n")
        self.expect(verb)
        words = ["script.example", *features]
        self.say("".join(f"250{'-' if word is not words[-1] else ' '}{word}"
                         "\r\n" for word in words))

    def content(self):
        """What follows 354, with its dots still stuffed."""
        lines = []
        while True:
            line = self.file.readline()
            if not line:
                raise EOFError
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line)

    def take(self, recipients=1, reply="250 2.0.0 taken"):
        """One good transaction without PIPELINING."""
        self.expect("MAIL FROM:")
        self.say("250 2.1.0 ok\r\n")
        for _ in range(recipients):
            self.expect("RCPT TO:")
            self.say("250 2.1.5 ok\r\n")
        self.expect("DATA")
        self.say("354 go on\r\n")
        content = self.content()
        self.say(f"{reply}\r\n")
        return content

    def gone(self):
        """The client closes, with QUIT or without."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                self.line()


class Script:
    """Runs session(connection) for each connection; an assertion that fails in
    it fails the test when it stops the script."""

    def __init__(self, session, host="127.0.0.1", port=0, path=None):
        self.session = session
        self.connections = []
        self.failures = []
        if path is None:
            self.listener = socket.create_server((host, port))
            self.port = self.listener.getsockname()[1]
        else:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(path))
            self.listener.listen()
            pathlib.Path(path).chmod(0o777)
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self.listener.accept()
                connection = Connection(sock, len(self.connections) + 1)
                self.connections.append(connection)
                thread = threading.Thread(target=self._serve,
                                          args=(connection,), daemon=True)
                self.threads.append(thread)
                thread.start()

    def _serve(self, connection):
        try:
            self.session(connection)
        except (EOFError, ConnectionError):
            pass
        except BaseException as failure:    # reported by stop()
            self.failures.append(failure)
        finally:
            connection.file.close()
            connection.sock.close()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join(10)
        if self.failures:
            raise self.failures[0]
