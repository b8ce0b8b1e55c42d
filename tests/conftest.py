# SPDX-License-Identifier: MIT
import os
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.dns import DnsServer          # noqa: E402
from tests.support.instance import Instance      # noqa: E402
from tests.support.sink import Sink              # noqa: E402
from tests.support.staging import Staging        # noqa: E402


@pytest.fixture(scope="session")
def staging():
    """The build under test, installed: POSTERN_BUILD or build/debug."""
    build = pathlib.Path(os.environ.get("POSTERN_BUILD",
                                        ROOT / "build" / "debug"))
    staging = Staging(build)
    yield staging
    staging.remove()


@pytest.fixture
def make_instance(staging):
    """Makes instances; those that still run at the end are stopped."""
    instances = []

    def make(*arguments, start=True, **settings):
        instance = Instance(staging, *arguments, **settings)
        instances.append(instance)
        return instance.start() if start else instance

    yield make
    errors = []
    for instance in instances:
        try:
            instance.stop()
        except AssertionError as error:
            errors.append(str(error))
        instance.remove()
    assert not errors, "\n".join(errors)


@pytest.fixture
def instance(make_instance):
    return make_instance()


@pytest.fixture
def make_sink():
    sinks = []

    def make(**settings):
        sink = Sink(**settings)
        sinks.append(sink)
        return sink

    yield make
    for sink in sinks:
        sink.stop()


@pytest.fixture
def sink(make_sink):
    return make_sink()


@pytest.fixture
def make_dns():
    servers = []

    def make(records):
        server = DnsServer(records)
        servers.append(server)
        return server

    yield make
    for server in servers:
        server.stop()
