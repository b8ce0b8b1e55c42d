# SPDX-License-Identifier: MIT
"""The SMTP client of the crash tests."""

from tests.support.raw import Raw


def transact(port, sender, recipients, content, chunks=False):
    """One message by DATA, or by BDAT in two chunks: whether it was accepted.
    OSError when the server is gone."""
    with Raw(port) as client:
        client.command("EHLO client.example")
        client.command(f"MAIL FROM:<{sender}>")
        for recipient in recipients:
            if not client.command(f"RCPT TO:<{recipient}>").startswith("250"):
                return False
        if chunks:
            half = len(content) // 2
            client.send(b"BDAT %d\r\n" % half + content[:half])
            if not client.reply().startswith("250"):
                return False
            client.send(b"BDAT %d LAST\r\n" % (len(content) - half) +
                        content[half:])
        else:
            if not client.command("DATA").startswith("354"):
                return False
            client.send(content + b".\r\n")
        return client.reply().startswith("250")
