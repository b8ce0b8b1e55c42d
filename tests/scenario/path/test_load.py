# SPDX-License-Identifier: MIT
"""tests/load/run in small: 20 parallel senders, 100 messages each."""

import os
import pathlib

import pytest

from tests.load.story import Story

MESSAGES = 20 * 100
ROOT = pathlib.Path(__file__).resolve().parents[3]


@pytest.fixture
def story(staging):
    build = os.environ.get("POSTERN_BUILD", ROOT / "build" / "debug")
    story = Story(staging, build)
    yield story
    story.close()


def test_nothing_is_lost_or_duplicated(story):
    _, _, account = story.relay(MESSAGES)
    assert account.taken == MESSAGES
    assert not account.lost, account.report()
    assert account.duplicates == 0, account.report()
    assert account.unasked == 0, account.report()


def test_nothing_is_lost_when_daemons_are_killed(story):
    _, kills, account = story.relay_under_fire(MESSAGES)
    killed = {kind for kind, _ in kills}
    assert {"smtpd", "cleanup", "qmgr", "smtp", "lookup",
            "master"} <= killed
    assert account.taken >= MESSAGES
    assert not account.lost, account.report()
    assert not [name for name in account.classes if "queued twice" in name], \
        account.report()
    print(account.report())


def test_idle_sessions_beside_flowing_mail(story):
    smtpd, everything, account = story.idle(300, 200)
    print(f"memory per idle session: {smtpd} bytes in smtpd, {everything} in "
          f"all processes")
    assert not account.lost
    assert account.duplicates == 0
