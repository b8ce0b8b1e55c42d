# SPDX-License-Identifier: MIT
"""Clients that take their time (ATK 16): each wait, each session and each message
has an end, and who comes beside them is served as if they were not there. With
5,000 of them: tests/bench/slow_clients."""

import statistics
import time

import pytest

from tests.support.raw import Raw
from tests.support.slow import SlowClients, session_times

ME = "alice@mail.example"


def cut_off_after(client, send, pause):
    """Seconds until the server says 421, while the client goes on."""
    began = time.monotonic()
    client.sock.settimeout(pause)
    heard = b""
    while b"421 4.4.2" not in heard and time.monotonic() - began < 30:
        try:
            client.sock.sendall(send)
            heard += client.sock.recv(1000)
        except TimeoutError:
            pass
        except OSError:
            break
    assert b"421 4.4.2" in heard
    return time.monotonic() - began


def begin_nothing(client):
    pass


def begin_message(client):
    client.begin(ME)


def begin_chunk(client):
    client.command("MAIL FROM:<>")
    client.command(f"RCPT TO:<{ME}>")
    client.send("BDAT 1000000 LAST\r\n")


@pytest.mark.parametrize("begin, send", [
    (begin_nothing, b"NOOP\r\n"), (begin_nothing, b"x"),
    (begin_message, b"x"), (begin_chunk, b"x")],
    ids=["commands", "a command", "message", "chunk"])
def test_a_session_is_not_for_ever(make_instance, begin, send):
    """Each command is in time, each byte too, and yet it ends."""
    instance = make_instance({"smtpd_session_time_limit": "3s",
                              "smtpd_timeout": "20s",
                              "smtpd_junk_command_limit": "1000000"})
    with Raw(instance.port) as client:
        client.hello()
        begin(client)
        assert 2 < cut_off_after(client, send, 0.3) < 15
    instance.wait_log(r"timeout after \w+ from unknown")
    assert instance.queue_is_empty()


def test_who_sends_fast_enough_has_time(make_instance):
    """Bytes of a message, and messages, begin the time anew."""
    instance = make_instance({"smtpd_session_time_limit": "2s",
                              "smtpd_min_data_rate": "1000"})
    with Raw(instance.port) as client:
        client.hello()
        for _ in range(3):
            client.begin(ME)
            for _ in range(4):
                client.send("x" * 998 + "\r\n")
                time.sleep(0.4)
            assert client.command(".").startswith("250 2.0.0")


def test_slow_clients_beside_a_fresh_one(make_instance):
    instance = make_instance()
    alone = session_times(instance.port, ME, 30)
    with SlowClients(instance.port, 300, pause=0.5) as slow:
        assert slow.wait_for_greetings() == 300
        beside = session_times(instance.port, ME, 30)
        assert slow.lost == 0
    # Of a machine that others use: far from what waiting for them would cost.
    assert statistics.median(beside) < 4 * statistics.median(alone) + 0.05
