# SPDX-License-Identifier: MIT
"""TLS with clients: STARTTLS, TLS before the greeting, certificates, and what
must not get through."""

import re
import smtplib
import socket
import ssl
import subprocess

import pytest

from tests.support.raw import Raw

ME = "alice@mail.example"
TLS13 = (r"TLSv1\.3 with cipher TLS_AES_256_GCM_SHA384 \(256/256 bits\) "
         r"key-exchange x25519 server-signature ECDSA \(prime256v1\) "
         r"server-digest SHA256")


def start_tls(client, context, name="mail.example"):
    """STARTTLS on a Raw client; the session goes on inside."""
    assert client.command("STARTTLS") == "220 2.0.0 Ready to start TLS"
    wrap(client, context, name)


def wrap(client, context, name="mail.example"):
    client.file.close()
    client.sock = context.wrap_socket(client.sock, server_hostname=name)
    client.file = client.sock.makefile("rb")


ALERT = b"\x15"


def last_words(client):
    """The first byte of what comes before the end, if it comes: a server that
    closes on unread bytes resets the connection."""
    try:
        return client.file.read()[:1]
    except ConnectionResetError:
        return b""


def test_starttls(make_server, trusting):
    server = make_server({"smtpd_tls_received_header": "yes"})
    with smtplib.SMTP("127.0.0.1", server.port, timeout=30,
                      local_hostname="client.example") as client:
        client.ehlo()
        assert "starttls" in client.esmtp_features
        # smtplib sends the name it connected to.
        client._host = "mail.example"
        client.starttls(context=trusting)
        assert client.sock.version() == "TLSv1.3"
        client.ehlo()
        assert "starttls" not in client.esmtp_features
        client.sendmail("s@client.example", [ME], server.message([ME]))
    message = server.wait_mail("alice")[0].decode()
    received = re.search(r"^Received: from .*?\n(?=\S)", message,
                         re.M | re.S).group(0)
    assert re.sub(r"\s+", " ", received).startswith(
        "Received: from client.example (unknown [127.0.0.1]) "
        "(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) "
        "key-exchange x25519 server-signature ECDSA (prime256v1) "
        "server-digest SHA256) (No client certificate requested) "
        "by mail.example (Postern) with ESMTPS id "), received
    server.wait_log(r"smtpd\[\d+\]: Anonymous TLS connection established from "
                    rf"unknown\[127\.0\.0\.1\](?: to \S+)?: {TLS13}$")
    server.wait_log(r"disconnect from .* ehlo=2 starttls=1 mail=1 rcpt=1 "
                    r"data=1 quit=1 commands=7$")


def test_keywords_stand_where_postfix_has_them(make_server):
    server = make_server()
    with Raw(server.port) as client:
        answer = client.command("EHLO client.example").split("\n")
    words = [line[4:].split()[0] for line in answer]
    assert words[1:5] == ["PIPELINING", "SIZE", "VRFY", "STARTTLS"]


def test_nothing_said_before_counts(make_server, trusting):
    server = make_server({"smtpd_helo_required": "yes"})
    with Raw(server.port) as client:
        client.hello()
        client.command("MAIL FROM:<s@client.example>")
        assert client.command(f"RCPT TO:<{ME}>").startswith("250")
        start_tls(client, trusting)
        assert client.command(f"RCPT TO:<{ME}>")[:9] == "503 5.5.1"
        assert client.command("MAIL FROM:<s@client.example>")[:9] == \
            "503 5.5.1"
        client.hello()
        assert client.command("STARTTLS")[:9] == "554 5.5.1"
        client.begin(ME)
        assert client.command(
            server.message([ME]) + b".").startswith("250")
    server.wait_mail("alice")
    server.wait_log(r"lost connection after DATA|disconnect from")


def test_starttls_takes_no_argument(make_server):
    server = make_server()
    with Raw(server.port) as client:
        client.hello()
        assert client.command("STARTTLS now")[:9] == "501 5.5.4"
        assert client.command("NOOP").startswith("250")


def test_without_tls_there_is_no_starttls(instance):
    with Raw(instance.port) as client:
        assert "STARTTLS" not in client.command("EHLO client.example")
        assert client.command("STARTTLS")[:9] == "502 5.5.1"


def test_keyword_may_be_hidden(make_server):
    server = make_server({"smtpd_discard_ehlo_keywords": "starttls"})
    with Raw(server.port) as client:
        assert "STARTTLS" not in client.command("EHLO client.example")
        assert client.command("STARTTLS")[:9] == "502 5.5.1"


# ATK 6: commands behind STARTTLS in the same segment.
@pytest.mark.parametrize("behind", [
    "NOOP\r\n", "RSET\r\nMAIL FROM:<evil@client.example>\r\n", "\r\n", "x"])
def test_injected_commands_are_not_run(make_server, behind):
    server = make_server()
    with Raw(server.port) as client:
        client.hello()
        client.send("STARTTLS\r\n" + behind)
        assert client.reply()[:9] == "554 5.5.0"
        assert client.at_end()
    server.wait_log(r"warning: plain text behind STARTTLS from "
                    r"unknown\[127\.0\.0\.1\]")
    assert "TLS connection established" not in server.log()


def test_commands_behind_220_are_no_commands(make_server):
    server = make_server()
    with Raw(server.port) as client:
        client.hello()
        assert client.command("STARTTLS").startswith("220")
        client.send("MAIL FROM:<evil@client.example>\r\n")
        assert last_words(client) in (b"", ALERT)
    server.wait_log(r"SSL_accept error from unknown\[127\.0\.0\.1\]: -1$")
    server.wait_log(r"warning: TLS library problem: error:\w+:SSL routines:")
    server.wait_log(r"lost connection after STARTTLS from")
    server.wait_log(r"disconnect from .* ehlo=1 starttls=0/1 commands=1/2$")


@pytest.mark.parametrize("start", [
    b"\x16\x03\x01\xff\xff" + b"\x00" * 100, b"\x16\x03\x01\x00\x05abcde",
    b"\x80\x2e\x01\x00\x02" + b"\x00" * 50, b"\x00" * 64, b"\xff" * 20000])
def test_garbage_is_no_handshake(make_server, start):
    server = make_server({"smtpd_starttls_timeout": "2s"})
    with Raw(server.port) as client:
        client.hello()
        assert client.command("STARTTLS").startswith("220")
        client.send(start)
        server.wait_log(r"SSL_accept error from")
    with Raw(server.port) as client:
        client.hello()


def test_slow_handshake_ends(make_server):
    server = make_server({"smtpd_starttls_timeout": "1s"})
    with Raw(server.port) as client:
        client.hello()
        assert client.command("STARTTLS").startswith("220")
        client.send(b"\x16\x03\x01")
        assert client.at_end()
    server.wait_log(
        r"SSL_accept error from unknown\[127\.0\.0\.1\]: "
        r"Connection timed out$")


def test_client_that_leaves_in_the_handshake(make_server):
    server = make_server()
    with Raw(server.port) as client:
        client.hello()
        assert client.command("STARTTLS").startswith("220")
        client.send(b"\x16\x03\x01")
        client.sock.shutdown(socket.SHUT_WR)
        assert client.at_end()
    server.wait_log(r"SSL_accept error from .*: lost connection$")


def test_half_closed_session_is_answered(make_server, trusting):
    """A client that says good-bye in TLS, and then listens."""
    server = make_server()
    with Raw(server.port) as client:
        client.hello()
        start_tls(client, trusting)
        client.hello()
        client.send("NOOP\r\nQUIT\r\n")
        assert client.reply().startswith("250")
        assert client.reply().startswith("221")
        assert client.at_end()


def test_no_protocol_in_common(make_server, trusting):
    server = make_server({"smtpd_tls_protocols": ">=TLSv1.3"})
    trusting.maximum_version = ssl.TLSVersion.TLSv1_2
    with Raw(server.port) as client:
        client.hello()
        with pytest.raises(ssl.SSLError):
            start_tls(client, trusting)
    server.wait_log(r"TLS library problem: error:\w+:SSL routines::"
                    r"unsupported protocol")


def test_no_cipher_in_common(make_server, trusting):
    server = make_server({"smtpd_tls_protocols": "TLSv1.2",
                          "smtpd_tls_exclude_ciphers": "AES128, CHACHA20"})
    trusting.maximum_version = ssl.TLSVersion.TLSv1_2
    trusting.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
    with Raw(server.port) as client:
        client.hello()
        with pytest.raises(ssl.SSLError):
            start_tls(client, trusting)
    server.wait_log(r"TLS library problem: .*no shared cipher")


def test_mandatory_parameters_count_at_encrypt(make_server, trusting):
    server = make_server({
        "smtpd_tls_security_level": "encrypt",
        "smtpd_tls_protocols": "TLSv1.2",
        "smtpd_tls_mandatory_protocols": ">=TLSv1.3"})
    with Raw(server.port) as client:
        client.hello()
        start_tls(client, trusting)
        assert client.sock.version() == "TLSv1.3"


def test_encrypt_refuses_all_but_the_beginning(make_server, trusting):
    server = make_server({"smtpd_tls_security_level": "encrypt"})
    with Raw(server.port) as client:
        client.hello()
        for line in ("MAIL FROM:<s@client.example>", "RCPT TO:<x@x>",
                     "VRFY x", "RSET"):
            assert client.command(line) == \
                "530 5.7.0 Must issue a STARTTLS command first"
        assert client.command("NOOP").startswith("250")
        start_tls(client, trusting)
        client.hello()
        client.begin(ME)
        assert client.command(
            server.message([ME]) + b".").startswith("250")
    server.wait_mail("alice")


def test_tls_before_the_greeting(make_server, trusting):
    server = make_server(smtpd_options=["smtpd_tls_wrappermode = yes"])
    with Raw(server.port, greeting=False) as client:
        wrap(client, trusting)
        assert client.reply().startswith("220 mail.example")
        assert "STARTTLS" not in client.command("EHLO client.example")
        client.begin(ME)
        assert client.command(
            server.message([ME]) + b".").startswith("250")
    message = server.wait_mail("alice")[0].decode()
    assert re.search(r"by mail\.example \(Postern\)\s+with ESMTPS id", message)


def test_plain_client_at_a_tls_port(make_server):
    server = make_server(smtpd_options=["smtpd_tls_wrappermode = yes"])
    with Raw(server.port, greeting=False) as client:
        client.send("EHLO client.example\r\n")
        assert last_words(client) in (b"", ALERT)
    server.wait_log(r"SSL_accept error from unknown\[127\.0\.0\.1\]: -1$")
    server.wait_log(r"lost connection after CONNECT from")


def test_tls_client_at_a_plain_port(make_server, trusting):
    server = make_server()
    with Raw(server.port) as client:
        with pytest.raises((ssl.SSLError, OSError)):
            wrap(client, trusting)
    with Raw(server.port) as client:
        client.hello()


# RFC 7301: somebody who wants to speak another protocol.
@pytest.mark.parametrize("offered, chosen", [
    (["smtp"], "smtp"), (["h2", "smtp"], "smtp"), (["h2", "http/1.1"], None)])
def test_protocol_that_is_asked_for(make_server, trusting, offered, chosen):
    server = make_server()
    trusting.set_alpn_protocols(offered)
    with Raw(server.port) as client:
        client.hello()
        if chosen is None:
            with pytest.raises(ssl.SSLError, match="(?i)application"):
                start_tls(client, trusting)
        else:
            start_tls(client, trusting)
            assert client.sock.selected_alpn_protocol() == chosen


def test_certificates_by_name(make_server, certificates, trusting):
    one = certificates.issue("mx.one.example")
    two = certificates.issue("*.two.example", common_name="two")
    maps = certificates.root / "sni"
    maps.write_text(f"MX.one.example {one.path}\n.two.example {two.path}\n")
    maps.chmod(0o644)
    server = make_server({"tls_server_sni_maps": f"hash:{maps}"})
    for name, subject in (("mx.one.example", "mx.one.example"),
                          ("mx.two.example", "two"),
                          ("mail.example", "mail.example")):
        with Raw(server.port) as client:
            client.hello()
            start_tls(client, trusting, name)
            peer = client.sock.getpeercert()["subject"]
            assert peer == ((("commonName", subject),),)
    server.wait_log(r"established from unknown\[127\.0\.0\.1\] "
                    r"to mx\.two\.example: TLSv1\.3")
    server.wait_log(r"established from unknown\[127\.0\.0\.1\]: TLSv1\.3")


def test_two_kinds_of_keys(make_server, certificates, mx, trusting):
    rsa = certificates.issue("mail.example", kind="rsa", file="rsa.pem")
    server = make_server({
        "smtpd_tls_chain_files": f"{mx.path}, {rsa.path}",
        "smtpd_tls_protocols": "TLSv1.2"})
    for kind in ("ECDSA", "RSA"):
        trusting.set_ciphers(f"ECDHE+a{kind}")
        with Raw(server.port) as client:
            client.hello()
            start_tls(client, trusting)
            assert kind in client.sock.cipher()[0]
    server.wait_log(r"server-signature RSA-PSS \(2048 bits\)")


def test_key_in_a_file_of_its_own(make_server, certificates, trusting):
    alone = certificates.issue("mail.example", file="alone.pem")
    (certificates.root / "key.pem").write_bytes(alone.key_pem())
    (certificates.root / "key.pem").chmod(0o644)
    alone.path.write_bytes(alone.pem())
    server = make_server({
        "smtpd_tls_chain_files": "",
        "smtpd_tls_cert_file": alone.path,
        "smtpd_tls_key_file": certificates.root / "key.pem"})
    with Raw(server.port) as client:
        client.hello()
        start_tls(client, trusting)


def client_context(certificates, certificate=None):
    context = ssl.create_default_context(cafile=str(certificates.ca))
    if certificate:
        context.load_cert_chain(str(certificate.path))
    return context


def test_client_certificates_are_told(make_server, certificates):
    server = make_server({
        "smtpd_tls_ask_ccert": "yes", "smtpd_tls_CAfile": certificates.ca,
        "smtpd_tls_received_header": "yes"})
    # The name must not break out of its place in the header.
    trusted = certificates.issue("c.example", common_name='c" (evil)',
                                 file="client.pem")
    unknown = certificates.self_signed("self.example")
    for certificate in (trusted, unknown, None):
        with Raw(server.port) as client:
            client.hello()
            start_tls(client, client_context(certificates, certificate))
            client.hello()
            client.begin(ME)
            assert client.command(
                server.message([ME]) + b".").startswith("250")
    folded = [re.sub(r"\s+", " ", message.decode())
              for message in server.wait_mail("alice", 3)]
    for words in ('(Client CN "c? ?evil?", Issuer "Test Authority" '
                  "(verified OK))",
                  '(Client CN "self.example", Issuer "self.example" '
                  "(not verified))",
                  "(Client did not present a certificate)"):
        assert any(words in message for message in folded), (words, folded)
    for trust in ("Trusted", "Untrusted", "Anonymous"):
        server.wait_log(rf"{trust} TLS connection established from")
    server.wait_log(r"client-signature ECDSA \(prime256v1\) "
                    r"client-digest SHA256")


def test_certificates_may_be_demanded(make_server, certificates):
    server = make_server({
        "smtpd_tls_security_level": "encrypt",
        "smtpd_tls_req_ccert": "yes", "smtpd_tls_CAfile": certificates.ca})
    good = certificates.issue("c.example", file="good.pem")
    bad = certificates.self_signed("bad.example")
    for certificate, words in (
            (good, None), (bad, "Client certificate not trusted"),
            (None, "No client certificate presented")):
        with Raw(server.port) as client:
            client.hello()
            start_tls(client, client_context(certificates, certificate))
            client.send("EHLO client.example\r\n")
            if words is None:
                assert client.reply().startswith("250")
            else:
                assert client.reply()[:9] == "421 4.7.1"
                assert client.at_end()
                server.wait_log(rf"NOQUEUE: abort: TLS from .*: {words}$")


def test_huge_chain_of_a_client_is_refused(make_server, certificates):
    server = make_server({"smtpd_tls_ask_ccert": "yes"})
    huge = certificates.issue("c.example", file="huge.pem",
                              signers=[certificates.authority] * 1000)
    with Raw(server.port) as client:
        client.hello()
        with pytest.raises((ssl.SSLError, OSError)):
            start_tls(client, client_context(certificates, huge))
            client.command("NOOP")
            raise OSError if client.at_end() else AssertionError
    server.wait_log(r"SSL_accept error from")
    with Raw(server.port) as client:
        client.hello()


def s_client(port, *arguments, send="QUIT\n"):
    """openssl s_client with what it prints."""
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}",
         "-starttls", "smtp", "-crlf", *arguments],
        input=send.encode(), capture_output=True, timeout=60, check=False)
    return (done.stdout + done.stderr).decode(errors="replace")


def test_renegotiation_is_refused(make_server):
    server = make_server()
    said = s_client(server.port, "-tls1_2", send="R\nQUIT\n")
    assert "RENEGOTIATING" in said
    assert "no renegotiation" in said or "alert" in said, said
    assert "Secure Renegotiation IS supported" in said


def test_no_early_data(make_server):
    server = make_server()
    said = s_client(server.port, "-tls1_3")
    assert "Max Early Data: 0" in said or "Early data was not sent" in said
    assert "250 CHUNKING" in said


def test_swaks(make_server):
    server = make_server()
    done = subprocess.run(
        ["swaks", "--server", f"127.0.0.1:{server.port}", "--tls",
         "--to", ME, "--from", "s@client.example"],
        capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout.decode()
    server.wait_mail("alice")


@pytest.mark.parametrize("parameters, words", [
    ({"smtpd_tls_chain_files": "/none/such.pem"}, "/none/such.pem"),
    ({"smtpd_tls_chain_files": "", "smtpd_tls_security_level": "encrypt"},
     "no certificate"),
    ({"smtpd_tls_security_level": "sometimes"}, "expected none, may"),
    ({"smtpd_tls_protocols": "TLSv9"}, "TLSv9"),
    ({"smtpd_tls_ciphers": "best"}, "expected a cipher grade"),
    ({"smtpd_tls_exclude_ciphers": "@SECLEVEL=0"}, "expected the name"),
    ({"tls_server_sni_maps": "pcre:/x"}, "tls_server_sni_maps"),
    ({"tls_server_sni_maps": "inline:{../x=/y}"}, "expected a host name"),
    ({"smtpd_tls_CAfile": "/none/ca.pem"}, "/none/ca.pem"),
])
def test_what_cannot_work_does_not_start(make_server, parameters, words):
    server = make_server(parameters, start=False)
    result = server.run("postern", "start", check=False)
    assert result.returncode != 0
    assert words in result.stderr.decode() + server.log()


def test_foreign_key_does_not_start(make_server, certificates, mx):
    wrong = certificates.issue("mail.example", file="wrong.pem")
    wrong.path.write_bytes(mx.key_pem() + wrong.pem())
    server = make_server({"smtpd_tls_chain_files": wrong.path}, start=False)
    result = server.run("postern", "start", check=False)
    assert result.returncode != 0
    assert "belongs to the certificate" in \
        result.stderr.decode() + server.log()


def test_no_certificate_no_starttls(make_server):
    server = make_server({"smtpd_tls_chain_files": ""})
    with Raw(server.port) as client:
        assert "STARTTLS" not in client.command("EHLO client.example")
    server.wait_log(r"warning: no server certificate: STARTTLS is not offered")
