# SPDX-License-Identifier: MIT
"""Private keys are at keyd and nowhere else: handshakes work all the same, with
old and new certificates, and when keyd dies."""

import array
import itertools
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import threading

import pytest

from tests.support.raw import Raw
from tests.support.waiting import wait_until

NEEDS_ROOT = pytest.mark.skipif(
    os.geteuid() != 0, reason="reads the memory of other processes")


@pytest.fixture
def at_keyd(make_instance):
    """An instance whose certificate and key are files of their own."""
    def make(certificate, parameters=None):
        instance = make_instance({
            "smtpd_tls_security_level": "may",
            "smtpd_tls_loglevel": "1",
            **(parameters or {})}, start=False)
        install(instance, certificate)
        instance.start()
        return instance
    return make


def install(instance, certificate):
    """Replaces the files, as tools that renew certificates do."""
    for name, text in (("cert", certificate.pem()),
                       ("key", certificate.key_pem())):
        fresh = instance.config / f"{name}.new"
        fresh.write_bytes(text)
        fresh.chmod(0o600)
        shutil.chown(fresh, instance.user.pw_uid, instance.user.pw_gid)
        fresh.rename(instance.config / f"{name}.pem")
    instance.parameters.update({
        "smtpd_tls_cert_file": instance.config / "cert.pem",
        "smtpd_tls_key_file": instance.config / "key.pem"})
    instance.write_main_cf()


def shake_hands(client, context, session=None):
    client.file.close()
    client.sock = context.wrap_socket(
        client.sock, server_hostname="mail.example", session=session)
    client.file = client.sock.makefile("rb")


def before_tls(instance):
    """A session whose handshake is yet to come."""
    client = Raw(instance.port)
    client.hello()
    assert client.command("STARTTLS").startswith("220 ")
    return client


def secured(instance, context):
    """A session in TLS."""
    client = before_tls(instance)
    shake_hands(client, context)
    return client


def has(client, certificate):
    """Whether the server has shown this one."""
    serial = client.sock.getpeercert()["serialNumber"]
    return int(serial, 16) == certificate.certificate.serial_number


def tls12(certificates):
    context = ssl.create_default_context(cafile=str(certificates.ca))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


# ---- memory ----

def secrets_of(key):
    """What would be the end of the key, as OpenSSL keeps it and as it is
    written."""
    private = key.private_numbers()
    numbers = [private.private_value] if hasattr(private, "private_value") \
        else [private.d, private.p, private.q]
    found = []
    for number in numbers:
        size = (number.bit_length() + 7) // 8
        found += [number.to_bytes(size, "little"), number.to_bytes(size, "big")]
    return found


def pages(pid):
    """The runs of pages that the process has, as start and end."""
    size = os.sysconf("SC_PAGE_SIZE")
    with open(f"/proc/{pid}/pagemap", "rb", buffering=0) as pagemap:
        for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
            addresses, mode = line.split()[:2]
            start, end = (int(part, 16) for part in addresses.split("-"))
            if not mode.startswith("rw") or end - start > 1 << 32:
                continue    # the shadow memory of a sanitizer
            pagemap.seek(start // size * 8)
            words = array.array("Q", pagemap.read((end - start) // size * 8))
            for present, run in itertools.groupby(
                    range(len(words)), lambda page: words[page] >> 62 != 0):
                if present:
                    run = list(run)
                    yield start + run[0] * size, start + (run[-1] + 1) * size


def holds(pid, needles):
    """Addresses at which the process has one of them in its memory."""
    found = []
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for start, end in pages(pid):
            memory.seek(start)
            image = memory.read(end - start)
            for needle in needles:
                at = image.find(needle)
                while at >= 0:
                    found.append(start + at)
                    at = image.find(needle, at + 1)
    return found


def flags_of(pid, address):
    """How the kernel treats the memory there."""
    inside = False
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        match = re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line)
        if match:
            start, end = (int(part, 16) for part in match.groups())
            inside = start <= address < end
        elif inside and line.startswith("VmFlags:"):
            return line.split()[1:]
    raise AssertionError(f"no memory at {address:x}")


@NEEDS_ROOT
@pytest.mark.parametrize("kind", ["ec", "rsa"])
@pytest.mark.parametrize("in_one_file", [True, False])
def test_no_other_process_has_the_key(at_keyd, make_instance, certificates,
                                      trusting, kind, in_one_file):
    mx = certificates.issue("mail.example", kind=kind, file=f"mx-{kind}.pem")
    if in_one_file:
        instance = make_instance({"smtpd_tls_security_level": "may",
                                  "smtpd_tls_chain_files": mx.path})
    else:
        instance = at_keyd(mx)
    for context in (trusting, tls12(certificates)):
        for _ in range(5):
            secured(instance, context).close()
    needles = secrets_of(mx.key) + mx.key_pem().splitlines()[1:3]
    keyd, = instance.pids("keyd")
    others = [instance.master_pid(),
              *(pid for pid in instance.pids() if pid != keyd)]
    assert len(others) > 5 and instance.pids("smtpd")
    for pid in others:
        assert not holds(pid, needles), pathlib.Path(
            f"/proc/{pid}/comm").read_text()
    at = holds(keyd, needles)
    assert at, "the key is nowhere"
    for address in at:
        assert "dd" in flags_of(keyd, address)      # in no core dump
        assert "lo" in flags_of(keyd, address)      # locked
    limits = pathlib.Path(f"/proc/{keyd}/limits").read_text()
    assert re.search(r"^Max core file size +0 +0 ", limits, re.M)
    # Not dumpable: what belongs to the user then belongs to root.
    assert os.stat(f"/proc/{keyd}/mem").st_uid == 0


# ---- old and new ----

def test_generations_overlap(at_keyd, certificates, trusting):
    old = certificates.issue("mail.example", file="old.pem")
    new = certificates.issue("mail.example", kind="rsa", file="new.pem")
    instance = at_keyd(old)
    waiting = before_tls(instance)
    going_on = secured(instance, trusting)
    assert has(going_on, old)
    keyd, = instance.pids("keyd")

    install(instance, new)
    instance.run("postern", "reload")
    assert instance.pids("keyd") == [keyd]
    for context in (trusting, tls12(certificates)):
        with secured(instance, context) as client:
            assert has(client, new)
    # The old process still has its certificate, and keyd the key to it.
    shake_hands(waiting, trusting)
    assert has(waiting, old)
    for client in (waiting, going_on):
        assert client.command("NOOP").startswith("421")
        client.close()
    instance.wait_log(r"postfix/keyd\[.*: keys kept: 1$")
    with secured(instance, trusting) as client:
        assert has(client, new)


def test_reload_with_other_files(at_keyd, certificates, trusting):
    """main.cf changes, so keyd too is another one."""
    old = certificates.issue("mail.example", file="old.pem")
    new = certificates.issue("mail.example", file="new.pem")
    instance = at_keyd(old)
    waiting = before_tls(instance)
    secured(instance, trusting).close()
    instance.parameters.update({"smtpd_tls_cert_file": "",
                                "smtpd_tls_key_file": "",
                                "smtpd_tls_chain_files": new.path})
    instance.write_main_cf()
    instance.run("postern", "reload")
    with secured(instance, trusting) as client:
        assert has(client, new)
    shake_hands(waiting, trusting)
    assert has(waiting, old)
    waiting.close()


# ---- when keyd dies ----

def test_the_next_keyd_goes_on(at_keyd, mx, trusting):
    instance = at_keyd(mx)
    secured(instance, trusting).close()
    # What the old one had counts, not what is there now.
    (instance.config / "key.pem").unlink()
    for _ in range(2):
        before = instance.kill("keyd")
        with secured(instance, trusting) as client:
            client.hello()
        assert instance.pids("keyd") not in ([], before)


def test_killed_before_it_answers(at_keyd, mx, trusting):
    instance = at_keyd(mx)
    secured(instance, trusting).close()
    keyd, = instance.pids("keyd")
    os.kill(keyd, signal.SIGSTOP)
    done = []
    threads = [threading.Thread(
        target=lambda: done.append(secured(instance, trusting)))
        for _ in range(5)]
    clients = [Raw(instance.port) for _ in range(5)]
    for client in clients:
        client.hello()
    for thread in threads:
        thread.start()
    # The others are served meanwhile.
    for client in clients:
        assert client.command("NOOP").startswith("250")
        client.close()
    assert not done
    os.kill(keyd, signal.SIGKILL)
    for thread in threads:
        thread.join(30)
    assert len(done) == 5
    for client in done:
        client.hello()
        client.close()


def test_key_that_is_gone(at_keyd, mx, trusting):
    """Nothing but TLS fails, and the log says why."""
    instance = at_keyd(mx)
    (instance.config / "key.pem").unlink()
    smtpd = instance.kill("smtpd")
    wait_until(lambda: instance.pids("smtpd") not in ([], smtpd),
               "another smtpd")
    with before_tls(instance) as client:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            shake_hands(client, trusting)
    instance.wait_log(r"postfix/master\[.*error: .*key file .*key\.pem: No "
                      r"such file or directory")
    instance.wait_log(r"postfix/keyd\[.*warning: no signature for .*: no key "
                      r"[0-9a-f]{16}$")
    instance.wait_log(r"TLS library problem: keyd: no key [0-9a-f]{16}$")
    instance.send("alice@mail.example")
    instance.wait_mail("alice")


# ---- session tickets ----

def resumes(instance, context, session):
    with before_tls(instance) as client:
        shake_hands(client, context, session)
        client.hello()
        return client.sock.session_reused


def take_ticket(instance, context):
    def with_ticket():
        with secured(instance, context) as client:
            client.hello()
            session = client.sock.session
            return session if session.has_ticket else None
    return wait_until(with_ticket, "a session ticket")


def test_tickets_are_of_all_workers(at_keyd, certificates, mx):
    instance = at_keyd(mx)
    context = tls12(certificates)
    session = take_ticket(instance, context)
    assert resumes(instance, context, session)
    smtpd = instance.kill("smtpd")
    wait_until(lambda: instance.pids("smtpd") not in ([], smtpd),
               "another smtpd")
    wait_until(lambda: resumes(instance, context, session), "the same keys")
    # A new keyd has others; nothing but the short way is lost.
    instance.kill("keyd")
    wait_until(lambda: not resumes(instance, context, session), "other keys")
    session = take_ticket(instance, context)
    assert resumes(instance, context, session)


def test_ticket_keys_are_renewed(at_keyd, certificates, mx):
    instance = at_keyd(mx, {"keyd_ticket_key_lifetime": "1s"})
    context = tls12(certificates)
    session = take_ticket(instance, context)
    wait_until(lambda: not resumes(instance, context, session),
               "the end of the key")
    session = take_ticket(instance, context)
    assert session.has_ticket


# ---- what is logged ----

def test_uses_are_counted(at_keyd, certificates, trusting):
    mx = certificates.issue("mail.example", kind="rsa", file="counted.pem")
    instance = at_keyd(mx)
    instance.wait_log(r"postfix/keyd\[.*: keys in .*/key\.pem: 1$")
    for context in (trusting, tls12(certificates)):
        secured(instance, context).close()
    instance.kill("smtpd", signal.SIGTERM)
    instance.wait_log(r"postfix/keyd\[.*: smtp: 2 signatures made, 0 refused$"
                      r"|postfix/keyd\[.*:\d+: 2 signatures made, 0 refused$")


def test_no_decryption_is_offered(at_keyd, certificates):
    mx = certificates.issue("mail.example", kind="rsa", file="norsa.pem")
    instance = at_keyd(mx, {"smtpd_tls_ciphers": "medium"})
    for cipher, works in (("kRSA", False), ("ECDHE", True), ("DHE", True)):
        result = subprocess.run(
            ["openssl", "s_client", "-starttls", "smtp", "-tls1_2", "-cipher",
             cipher, "-connect", f"127.0.0.1:{instance.port}"],
            input=b"QUIT\r\n", capture_output=True, timeout=30)
        assert (b"Cipher is (NONE)" not in result.stdout) == works, cipher
