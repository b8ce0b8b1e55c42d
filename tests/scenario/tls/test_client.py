# SPDX-License-Identifier: MIT
"""TLS with servers: what is demanded of them, what becomes of mail when they do
not comply, and what must not happen then."""

import re
import ssl

import pytest

TO = "user@remote.example"
# Of a first attempt that nothing follows soon.
PATIENT = {"minimal_backoff_time": "1h", "maximal_backoff_time": "1h"}


def server_context(certificate, **settings):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(certificate.path))
    for name, value in settings.items():
        setattr(context, name, value)
    return context


@pytest.fixture(scope="session")
def sink_certificate(certificates):
    return certificates.issue("sink.example")


@pytest.fixture
def make_tls_sink(make_sink, sink_certificate):
    """A next hop that offers STARTTLS."""
    def make(certificate=None, context=None, **settings):
        return make_sink(tls_context=context or server_context(
            certificate or sink_certificate), **settings)
    return make


@pytest.fixture
def relay(make_instance, certificates):
    """An instance that sends everything to the server, with parameters; policy:
    its entry in smtp_tls_policy_maps."""
    def make(server, policy=None, **parameters):
        hop = f"[127.0.0.1]:{server.port}"
        if policy is not None:
            parameters["smtp_tls_policy_maps"] = (
                f"inline:{{ {{ {hop} = {policy} }} }}")
        return make_instance({
            "relayhost": hop, "smtp_tls_loglevel": "1",
            "smtp_tls_CAfile": certificates.ca, **PATIENT, **parameters})
    return make


def established(trust, how="established", protocol=r"TLSv1\.3"):
    return (rf"smtp\[\d+\]: {trust} TLS connection {how} to "
            rf"127\.0\.0\.1\[127\.0\.0\.1\]:\d+: {protocol} with cipher \S+ "
            r"\(\d+/\d+ bits\)")


def deferred(words):
    return rf"to=<{re.escape(TO)}>, .* status=deferred \({words}"


def test_tls_if_it_is_offered(make_tls_sink, relay):
    sink = make_tls_sink()
    instance = relay(sink, smtp_tls_security_level="may")
    instance.send(TO)
    sink.wait()
    instance.wait_log(established("Trusted") + r" key-exchange x25519 "
                      r"server-signature ECDSA \(prime256v1\) "
                      r"server-digest SHA256$")
    instance.wait_queue_empty()


def test_no_tls_if_it_is_not(sink, relay):
    instance = relay(sink, smtp_tls_security_level="may")
    instance.send(TO)
    sink.wait()
    assert "TLS connection" not in instance.log()


def test_offer_that_is_not_wanted_is_noted(make_tls_sink, relay):
    sink = make_tls_sink()
    instance = relay(sink, smtp_tls_security_level="none",
                     smtp_tls_note_starttls_offer="yes")
    instance.send(TO)
    sink.wait()
    instance.wait_log(r"smtp\[\d+\]: Host offered STARTTLS: \[127\.0\.0\.1\]")
    assert "TLS connection" not in instance.log()


def test_keyword_may_be_ignored(make_tls_sink, relay):
    sink = make_tls_sink()
    instance = relay(sink, smtp_tls_security_level="may",
                     smtp_discard_ehlo_keywords="STARTTLS")
    instance.send(TO)
    sink.wait()
    assert "TLS connection" not in instance.log()


def test_mandatory_tls_that_is_not_offered(sink, relay):
    instance = relay(sink, smtp_tls_security_level="encrypt")
    instance.send(TO)
    instance.wait_log(r"dsn=4\.7\.4, status=deferred \(TLS is required, but "
                      r"was not offered by host 127\.0\.0\.1\[127\.0\.0\.1\]\)")
    assert not sink.messages


def refuse_tls(connection):
    connection.hello("STARTTLS")
    connection.expect("STARTTLS")
    connection.say("454 4.7.0 TLS not available\r\n")


def test_refused_tls_is_done_without(make_script, relay):
    def session(connection):
        refuse_tls(connection)
        connection.take()
        connection.gone()

    script = make_script(session)
    instance = relay(script, smtp_tls_security_level="may")
    instance.send(TO)
    instance.wait_log(r"status=sent \(250 2\.0\.0 taken\)")


def test_refused_tls_that_is_mandatory(make_script, relay):
    def session(connection):
        refuse_tls(connection)
        connection.expect("QUIT")

    script = make_script(session)
    instance = relay(script, smtp_tls_security_level="encrypt")
    instance.send(TO)
    instance.wait_log(deferred(
        r"TLS is required, but host 127\.0\.0\.1\[127\.0\.0\.1\] refused to "
        r"start TLS: 454 4\.7\.0 TLS not available\)"))


# ATK 25: plain text behind the answer to STARTTLS.
@pytest.mark.parametrize("level", ["may", "encrypt"])
def test_injected_answers_are_not_read(make_script, relay, level):
    def session(connection):
        connection.hello("STARTTLS", "8BITMIME")
        connection.expect("STARTTLS")
        connection.say("220 go\r\n250-injected\r\n250 8BITMIME\r\n")
        connection.gone()
        assert connection.lines[-1] == "STARTTLS"

    script = make_script(session)
    instance = relay(script, smtp_tls_security_level=level)
    instance.send(TO)
    instance.wait_log(deferred("plain text behind the answer to STARTTLS"))
    instance.wait_log(r"warning: plain text behind the answer to STARTTLS")


def spoil_handshake(connection):
    """No TLS for those who try; mail for those who do not."""
    connection.hello("STARTTLS")
    line = connection.line()
    if line == "STARTTLS":
        connection.say("220 go\r\n")
        connection.sock.recv(10000)
        connection.say("this is no handshake\r\n")
        return
    assert line.startswith("MAIL")
    connection.say("250 ok\r\n")
    connection.expect("RCPT")
    connection.say("250 ok\r\n")
    connection.expect("DATA")
    connection.say("354 go on\r\n")
    connection.content()
    connection.say("250 2.0.0 taken\r\n")
    connection.gone()


def test_failed_handshake_defers_at_first(make_script, relay):
    script = make_script(spoil_handshake)
    instance = relay(script, smtp_tls_security_level="may")
    instance.send(TO)
    instance.wait_log(r"dsn=4\.7\.5, status=deferred \(Cannot start TLS: "
                      r"handshake failure\)")
    instance.wait_log(r"SSL_connect error to 127\.0\.0\.1\[127\.0\.0\.1\]:"
                      r"\d+: -1$")
    instance.wait_log(r"warning: TLS library problem: error:\w+:SSL routines")
    assert len(script.connections) == 1


@pytest.mark.parametrize("level, sent", [("may", True), ("encrypt", False)])
def test_mail_that_has_waited_does_without(make_script, relay, level, sent):
    script = make_script(spoil_handshake)
    instance = relay(script, smtp_tls_security_level=level,
                     minimal_backoff_time="1s", maximal_backoff_time="1s",
                     queue_run_delay="1s")
    instance.send(TO)
    instance.wait_log(deferred("Cannot start TLS"))
    if sent:
        instance.wait_log(r"status=sent \(250 2\.0\.0 taken\)")
        instance.wait_queue_empty()
    else:
        instance.wait_log(deferred("Cannot start TLS"), 3)
        assert "status=sent" not in instance.log()


# ATK 27: what breaks off inside TLS is not said again in the clear.
def test_broken_session_is_not_repeated_in_the_clear(
        make_script, relay, sink_certificate):
    context = server_context(sink_certificate)

    def session(connection):
        connection.hello("STARTTLS")
        connection.expect("STARTTLS")
        connection.say("220 go\r\n")
        connection.file.close()
        connection.sock = context.wrap_socket(connection.sock,
                                              server_side=True)
        connection.file = connection.sock.makefile("rb")
        connection.expect("EHLO")
        connection.say("250 script.example\r\n")
        connection.expect("MAIL")

    script = make_script(session)
    instance = relay(script, smtp_tls_security_level="may")
    instance.send(TO)
    instance.wait_log(deferred(r"lost connection with 127\.0\.0\.1"))
    assert [connection.lines[-1].split()[0]
            for connection in script.connections] == ["MAIL"]


def test_slow_handshake_ends(make_script, relay):
    def session(connection):
        connection.hello("STARTTLS")
        connection.expect("STARTTLS")
        connection.say("220 go\r\n")
        while connection.sock.recv(10000):
            pass

    script = make_script(session)
    instance = relay(script, smtp_tls_security_level="may",
                     smtp_starttls_timeout="1s")
    instance.send(TO)
    instance.wait_log(r"SSL_connect error to .*: Connection timed out$")
    instance.wait_log(deferred("Cannot start TLS"))


# ---- who is it? ----

CERTIFICATES = {
    "good": lambda made: made.issue("sink.example", file="s-good.pem"),
    "wild": lambda made: made.issue("*.sink.example", file="s-wild.pem"),
    "other": lambda made: made.issue("other.example", file="s-other.pem"),
    "expired": lambda made: made.issue("sink.example", days=(-9, -1),
                                       file="s-expired.pem"),
    "early": lambda made: made.issue("sink.example", days=(1, 9),
                                     file="s-early.pem"),
    "self": lambda made: made.self_signed("sink.example", file="s-self.pem"),
    "nul": lambda made: made.issue("sink.example\0.evil.example",
                                   common_name="sink.example",
                                   file="s-nul.pem"),
}


@pytest.mark.parametrize("policy, certificate, words", [
    ("encrypt", "self", None),
    ("encrypt", "expired", None),
    ("secure match=sink.example", "good", None),
    ("secure match=.example", "good", None),
    ("secure match=x.example:a.sink.example", "wild", None),
    ("verify match=sink.example", "good", None),
    ("secure match=sink.example", "other", "verified"),
    ("secure match=nexthop", "good", "verified"),
    ("secure", "good", "verified"),
    ("verify", "good", "verified"),
    ("secure match=sink.example", "expired", "trusted"),
    ("secure match=sink.example", "early", "trusted"),
    ("secure match=sink.example", "self", "trusted"),
    ("secure match=sink.example", "nul", "verified"),
    ("fingerprint match=00:11:22", "good", "verified"),
])
def test_certificates(make_tls_sink, relay, certificates, policy, certificate,
                      words):
    sink = make_tls_sink(CERTIFICATES[certificate](certificates))
    instance = relay(sink, policy)
    instance.send(TO)
    if words is None:
        sink.wait()
        instance.wait_log(established(
            "Untrusted" if policy == "encrypt" else "Verified"))
    else:
        instance.wait_log(
            r"dsn=4\.7\.5, status=deferred "
            rf"\(Server certificate not {words}\)")
        assert not sink.messages
    if certificate == "expired" and words:
        instance.wait_log(r"certificate verification failed for .*: "
                          r"certificate has expired$")


def test_fingerprints(make_tls_sink, relay, certificates):
    mine = certificates.self_signed("fp.example", file="fp.pem")
    for fingerprint in (mine.fingerprint(), mine.key_fingerprint()):
        sink = make_tls_sink(mine)
        instance = relay(sink, f"fingerprint match=aa:bb|{fingerprint}")
        instance.send(TO)
        sink.wait()
        instance.wait_log(established("Verified"))


def test_site_policy(make_tls_sink, relay):
    sink = make_tls_sink()
    instance = relay(sink, smtp_tls_security_level="secure",
                     smtp_tls_secure_cert_match="sink.example")
    instance.send(TO)
    sink.wait()
    instance.wait_log(established("Verified"))


def test_nothing_is_trusted_by_itself(make_tls_sink, relay):
    sink = make_tls_sink()
    instance = relay(sink, "secure match=sink.example", smtp_tls_CAfile="")
    instance.send(TO)
    instance.wait_log(deferred("Server certificate not trusted"))


def test_directory_of_authorities(make_tls_sink, relay, certificates):
    folder = certificates.root / "hashed"
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "0123abcd.0").write_bytes(certificates.ca.read_bytes())
    (folder / "0123abcd.0").chmod(0o644)
    (folder / "README").write_text("no certificate")
    sink = make_tls_sink()
    instance = relay(sink, "secure match=sink.example", smtp_tls_CAfile="",
                     smtp_tls_CApath=folder)
    instance.send(TO)
    sink.wait()
    instance.wait_log(established("Verified"))


# ---- policies ----

@pytest.mark.parametrize("policy, protocol", [
    ("may protocols=TLSv1.2", r"TLSv1\.2"),
    ("encrypt protocols=!TLSv1.3 ciphers=high", r"TLSv1\.2"),
    ("may {protocols = >=TLSv1.3}", r"TLSv1\.3"),
    ("dane", r"TLSv1\.3"),
])
def test_policy_decides(make_tls_sink, relay, policy, protocol):
    sink = make_tls_sink()
    instance = relay(sink, policy, smtp_tls_security_level="none")
    instance.send(TO)
    sink.wait()
    instance.wait_log(established("Trusted", protocol=protocol))


def test_policy_may_want_none(make_tls_sink, relay):
    sink = make_tls_sink()
    instance = relay(sink, "none", smtp_tls_security_level="encrypt")
    instance.send(TO)
    sink.wait()
    assert "TLS connection" not in instance.log()


@pytest.mark.parametrize("policy, words", [
    ("sometimes", "expected a level"),
    ("dane-only", "does not look up TLSA records"),
    ("secure match", "expected attribute=value"),
    ("secure tafile=/x", "unknown attribute"),
    ("may match=x", "means nothing at the level may"),
    ("encrypt protocols=TLSv9", "expected a version"),
])
def test_unusable_policy_is_no_policy(make_tls_sink, relay, policy, words):
    sink = make_tls_sink()
    instance = relay(sink, policy)
    instance.send(TO)
    instance.wait_log(r"dsn=4\.7\.5, status=deferred "
                      r"\(client TLS configuration problem\)")
    instance.wait_log(rf"warning: smtp_tls_policy_maps: \[127.*{words}")
    assert not sink.messages


def test_unusable_table_is_no_policy(make_tls_sink, relay):
    sink = make_tls_sink()
    instance = relay(sink, smtp_tls_policy_maps="fail:later",
                     smtp_tls_security_level="may")
    instance.send(TO)
    instance.wait_log(deferred("client TLS configuration problem"))
    assert not sink.messages


def test_policies_of_domains_hold_below_them(make_tls_sink, make_instance,
                                             make_dns):
    sink = make_tls_sink()
    dns = make_dns({("a.b.example.", "A"): ["127.0.0.1"]})
    instance = make_instance({
        **PATIENT, "dns_servers": dns.address, "smtp_tcp_port": sink.port,
        "smtp_tls_policy_maps":
            "inline:{ {.example = none}, {.b.example = secure} }"})
    instance.send("user@a.b.example")
    instance.wait_log(r"status=deferred \(Server certificate not trusted\)")


# ---- sessions ----

def test_server_that_begins_with_tls(make_sink, sink_certificate, relay):
    sink = make_sink(ssl_context=server_context(sink_certificate))
    instance = relay(sink, smtp_tls_wrappermode="yes",
                     smtp_tls_security_level="encrypt")
    instance.send(TO)
    sink.wait()
    instance.wait_log(established("Trusted"))


def test_own_certificate(make_sink, certificates, sink_certificate, relay):
    context = server_context(sink_certificate)
    context.load_verify_locations(str(certificates.ca))
    context.verify_mode = ssl.CERT_REQUIRED
    sink = make_sink(tls_context=context)
    mine = certificates.issue("mail.example", file="mine.pem")
    instance = relay(sink, smtp_tls_security_level="encrypt",
                     smtp_tls_chain_files=mine.path)
    instance.send(TO)
    sink.wait()
    instance.wait_log(r"client-signature ECDSA \(prime256v1\) "
                      r"client-digest SHA256$")


def test_huge_chain_is_refused(make_sink, certificates, relay):
    huge = certificates.issue("sink.example", file="s-huge.pem",
                              signers=[certificates.authority] * 1000)
    sink = make_sink(tls_context=server_context(huge))
    instance = relay(sink, smtp_tls_security_level="may")
    instance.send(TO)
    instance.wait_log(r"TLS library problem: .*excessive message size")
    instance.wait_log(deferred("Cannot start TLS"))


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_sessions_are_resumed(make_tls_sink, sink_certificate, relay, version):
    context = server_context(sink_certificate)
    context.maximum_version = getattr(ssl.TLSVersion, version)
    sink = make_tls_sink(context=context)
    instance = relay(sink, "secure match=sink.example",
                     smtp_connection_cache_time_limit="0s",
                     smtp_tls_session_cache_database="btree:/any/where")
    for number in range(1, 4):
        instance.send(TO)
        sink.wait(number)
        instance.wait_log(r"removed", number)
        protocol = version.replace("_", r"\.")
        instance.wait_log(established("Verified", protocol=protocol), number)
    assert context.session_stats()["hits"] == 2


def test_sessions_are_not_resumed_without_a_cache(
        make_tls_sink, sink_certificate, relay):
    context = server_context(sink_certificate)
    sink = make_tls_sink(context=context)
    instance = relay(sink, smtp_tls_security_level="may",
                     smtp_connection_cache_time_limit="0s")
    for number in (1, 2):
        instance.send(TO)
        instance.wait_log(r"removed", number)
    assert context.session_stats()["hits"] == 0


def test_connections_are_used_again(make_tls_sink, relay):
    sink = make_tls_sink()
    instance = relay(sink, smtp_tls_security_level="may",
                     smtp_connection_cache_time_limit="30s")
    for number in (1, 2):
        instance.send(TO)
        instance.wait_log(r"removed", number)
    instance.wait_log(established("Trusted", "reused"))
    instance.wait_log(r"conn_use=2")


def test_content_goes_through_tls_whole(make_tls_sink, relay):
    """A message in a file of its own, which is sent piece by piece."""
    sink = make_tls_sink(data_size_limit=None)
    instance = relay(sink, smtp_tls_security_level="encrypt")
    body = "".join(f"line {number} " + "x" * 60 + "\r\n"
                   for number in range(20000))
    instance.send(TO, instance.message([TO], body=body))
    sink.wait()
    assert sink.messages[0].content.decode().endswith(body)


# ---- lmtp ----

def test_lmtp_has_parameters_of_its_own(make_script, make_instance):
    def session(connection):
        connection.hello(verb="LHLO")
        connection.gone()

    script = make_script(session)
    instance = make_instance({
        **PATIENT, "smtp_tls_security_level": "none",
        "lmtp_tls_security_level": "encrypt",
        "mailbox_transport": f"lmtp:inet:127.0.0.1:{script.port}",
        "local_transport": f"lmtp:inet:127.0.0.1:{script.port}"})
    instance.send("alice@mail.example")
    instance.wait_log(r"relay=127\.0\.0\.1\S*, .*dsn=4\.7\.4, "
                      r"status=deferred \(TLS is required")


# ---- what does not start ----

@pytest.mark.parametrize("parameters, words", [
    ({"smtp_tls_security_level": "dane-only"}, "TLSA"),
    ({"smtp_tls_security_level": "perhaps"}, "expected a level"),
    ({"smtp_tls_security_level": "fingerprint"}, "nothing to compare"),
    ({"smtp_tls_wrappermode": "yes", "smtp_tls_security_level": "may"},
     "encrypt or stronger"),
    ({"smtp_tls_CAfile": "/none/ca.pem"}, "/none/ca.pem"),
    ({"smtp_tls_cert_file": "/none/c.pem"}, "/none/c.pem"),
    ({"smtp_tls_protocols": "TLSv9"}, "TLSv9"),
    ({"smtp_tls_fingerprint_digest": "crc"}, "expected a digest"),
])
def test_what_cannot_work_does_not_start(make_instance, parameters, words):
    instance = make_instance({"smtp_tls_security_level": "may",
                              **parameters}, start=False)
    result = instance.run("postern", "start", check=False)
    assert result.returncode != 0
    assert words in result.stderr.decode() + instance.log()


def test_policies_of_one_service_do_not_start(make_instance):
    instance = make_instance(start=False, services=[
        "other unix - - n - - smtp\n"
        "    -o { smtp_tls_policy_maps = static:secure }"])
    result = instance.run("postern", "start", check=False)
    assert result.returncode != 0
    assert "main.cf only" in result.stderr.decode() + instance.log()
