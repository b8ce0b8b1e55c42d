# SPDX-License-Identifier: MIT
"""Certificates for tests, made anew in a directory of their own that every user
can read."""

import datetime
import hashlib
import pathlib
import shutil
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID


def _new_key(kind):
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def _name(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


class Certificate:
    """path: key, certificate and those of the signers, in one file."""

    def __init__(self, certificate, key, signers, path):
        self.certificate = certificate
        self.key = key
        self.path = path
        self.write(signers)

    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self):
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption())

    def write(self, signers):
        self.path.write_bytes(
            self.key_pem() + self.pem() +
            b"".join(signer.pem() for signer in signers))
        self.path.chmod(0o644)

    def fingerprint(self):
        der = self.certificate.public_bytes(serialization.Encoding.DER)
        return hashlib.sha256(der).hexdigest().upper()

    def key_fingerprint(self):
        der = self.certificate.public_key().public_bytes(
            serialization.Encoding.DER,
            serialization.PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(der).hexdigest()


class Certificates:
    """An authority (ca: the path of its certificate) and what it signs."""

    def __init__(self, name="Test Authority"):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="ptc-"))
        self.root.chmod(0o755)
        self.authority = self._make(name, [], None, authority=True)
        self.ca = self.root / "ca.pem"
        self.ca.write_bytes(self.authority.pem())
        self.ca.chmod(0o644)

    def _make(self, common_name, names, issuer, kind="ec", days=(-2, 10),
              authority=False, signers=(), file=None):
        key = _new_key(kind)
        now = datetime.datetime.utcnow()
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(common_name))
            .issuer_name(issuer.certificate.subject if issuer
                         else _name(common_name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + datetime.timedelta(days=days[0]))
            .not_valid_after(now + datetime.timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=authority,
                                                 path_length=None), True))
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(
                [x509.DNSName(name) for name in names]), False)
        certificate = builder.sign(issuer.key if issuer else key,
                                   hashes.SHA256())
        path = self.root / (file or f"{common_name}.pem".replace(" ", "-"))
        return Certificate(certificate, key, signers, path)

    def issue(self, *names, **settings):
        """A certificate for the names; kind="rsa" or "ec", days=(from, to)
        relative to now, signers=[...] to be sent with it, issuer."""
        settings.setdefault("issuer", self.authority)
        return self._make(settings.pop("common_name", names[0]), names,
                          **settings)

    def self_signed(self, *names, **settings):
        return self._make(names[0], names, None, **settings)

    def intermediate(self, name, **settings):
        settings.setdefault("issuer", self.authority)
        return self._make(name, [], authority=True, **settings)

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)
