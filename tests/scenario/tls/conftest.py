# SPDX-License-Identifier: MIT
import ssl

import pytest

from tests.scenario.smtp.conftest import make_script     # noqa: F401
from tests.support.certificates import Certificates


@pytest.fixture(scope="session")
def certificates():
    made = Certificates()
    yield made
    made.remove()


@pytest.fixture(scope="session")
def mx(certificates):
    """The server's usual certificate."""
    return certificates.issue("mail.example")


@pytest.fixture
def trusting(certificates):
    """What a client uses that knows the authority."""
    context = ssl.create_default_context(cafile=str(certificates.ca))
    return context


@pytest.fixture
def make_server(make_instance, mx):
    """Instances that offer TLS, with more parameters by name."""
    def make(parameters=None, **settings):
        return make_instance({
            "smtpd_tls_security_level": "may",
            "smtpd_tls_chain_files": mx.path,
            "smtpd_tls_loglevel": "1",
            **(parameters or {})}, **settings)
    return make
