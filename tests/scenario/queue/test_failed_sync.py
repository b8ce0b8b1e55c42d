# SPDX-License-Identifier: MIT
"""A failed fsync is final (REL-04): the message is refused and nothing of it
stays; after several the suite takes no mail until the disk works again."""

import os
import pathlib

import pytest

from tests.crash.traced import CrashInstance, Traced
from tests.support.raw import Raw
from tests.support.waiting import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("POSTERN_BUILD", ROOT / "build" / "debug"))
FAR = "far@sink.example"
ALARM = "cleanup.* error: mail storage is failing, no mail is accepted: "
REFUSED = "451 4.3.0 Mail storage is failing, please try again later"


@pytest.fixture
def start_traced(staging, sink):
    """Starts an instance under the tracer of tests/crash."""
    opened = []

    def start(**parameters):
        # A transcript for postmaster would be synced, too.
        instance = CrashInstance(staging, sink.port,
                                 {"notify_classes": "", **parameters})
        traced = Traced(BUILD / "tests" / "crash" / "crash_tracer", instance)
        opened.append((instance, traced))
        traced.wait_served()
        instance.wait_log("daemon started")
        return instance, traced

    yield start
    for instance, traced in opened:
        traced.stop()
        instance.assert_clean()
        instance.run("postern", "abort", check=False)
        instance.remove()


def submit(instance):
    """The reply to RCPT if it is a refusal, to the end of data otherwise."""
    with Raw(instance.port) as client:
        client.hello()
        client.command("MAIL FROM:<alice@mail.example>")
        reply = client.command(f"RCPT TO:<{FAR}>")
        if not reply.startswith("250"):
            return reply
        assert client.command("DATA").startswith("354")
        client.send(b"Subject: test\r\n\r\nHello.\r\n.\r\n")
        return client.reply()


def warm_up(instance, traced, sink, segments="no"):
    """A message goes through; then cleanup has the segments that it wants."""
    def wait_syncs(count):
        wait_until(lambda: traced.classes()["cleanup", "sync"] >= count,
                   "a segment in reserve")

    # A segment is synced with its directory; then the message, and another
    # segment.
    if segments == "yes":
        wait_syncs(2)
    assert submit(instance).startswith("250")
    sink.wait()
    instance.wait_queue_empty()
    if segments == "yes":
        wait_syncs(5)


@pytest.mark.parametrize("segments", ["yes", "no"])
@pytest.mark.parametrize("error", ["EIO", "ENOSPC", "EINTR"])
def test_the_message_is_refused_and_nothing_stays(start_traced, sink, segments,
                                                  error):
    instance, traced = start_traced(queue_segments=segments)
    warm_up(instance, traced, sink, segments)
    traced.command(f"fail cleanup 0 sync 1 {error}")
    reply = submit(instance)
    assert reply == ("452 4.3.1 Insufficient system storage"
                     if error == "ENOSPC" else
                     "451 4.3.0 Error: queue file write error")
    wait_until(lambda: traced.failed and traced.failed.endswith(" sync"),
               "the tracer's word")
    # One call, and no other that would succeed and mean nothing.
    if segments == "no":
        assert traced.classes()["cleanup", "sync"] == 1
    # A segment that was written to for nothing goes with qmgr's consent.
    instance.wait_queue_empty()
    assert len(sink.messages) == 1
    assert submit(instance).startswith("250")
    sink.wait(2)


def test_the_directory_counts_as_well(start_traced, sink):
    instance, traced = start_traced(queue_segments="no")
    warm_up(instance, traced, sink)
    traced.command("fail cleanup 0 sync 2 EIO")
    assert submit(instance).startswith("451 4.3.0")
    instance.wait_log("fsync of the queue directory")
    assert instance.queue_is_empty()
    assert len(sink.messages) == 1


def fail_until_refused(instance, traced):
    """One fsync after the other fails, until mail is refused at RCPT."""
    def is_refused():
        traced.command("fail cleanup 0 sync 1 EIO")
        return submit(instance) == REFUSED

    wait_until(is_refused, "a refusal at RCPT")
    traced.command("mend")


def stop_disk(instance, traced):
    """Nothing at all can be written from now on."""
    traced.command("from cleanup 0 write 1 EROFS")
    wait_until(lambda: submit(instance) == REFUSED, "a refusal at RCPT")


@pytest.mark.parametrize("segments", ["yes", "no"])
@pytest.mark.parametrize("fail", [fail_until_refused, stop_disk])
def test_nothing_is_accepted_while_the_disk_fails(start_traced, sink, segments,
                                                  fail):
    instance, traced = start_traced(queue_segments=segments)
    sink.rcpt = lambda _: "450 4.2.1 come back later"
    assert submit(instance).startswith("250")
    instance.wait_log("status=deferred")
    fail(instance, traced)
    instance.wait_log(ALARM)
    # What was accepted is delivered all the same.
    sink.rcpt = None
    instance.run("postqueue", "-f")
    sink.wait()
    traced.command("mend")
    wait_until(lambda: submit(instance).startswith("250"),
               "mail to be accepted again")
    instance.wait_log("warning: mail storage works again, mail is accepted")
    sink.wait(2)
    assert instance.log().count("mail storage is failing, no mail") == 1
