# SPDX-License-Identifier: MIT
import pytest

from tests.scenario.smtp.scripted import Script


@pytest.fixture
def make_script():
    """Scripted next hops; an assertion that failed in one fails the test."""
    scripts = []

    def make(session, **settings):
        script = Script(session, **settings)
        scripts.append(script)
        return script

    yield make
    for script in scripts:
        script.stop()


@pytest.fixture
def relay_to(make_instance):
    """An instance whose relayhost is the server."""
    def make(server, **parameters):
        return make_instance(parameters={
            "relayhost": f"[127.0.0.1]:{server.port}", **parameters})
    return make
