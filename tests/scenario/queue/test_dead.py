# SPDX-License-Identifier: MIT
"""A destination that cannot be reached costs nothing, until it comes back."""

import re
import socket
import threading

import pytest

from tests.support.ports import free_port
from tests.support.waiting import wait_until

MESSAGES = 30
DEAD = "dead.example"


class Refuser:
    """Accepts connections, says each of `replies` when it is its turn, and closes
    them; counts them."""

    def __init__(self, replies=()):
        self.connections = 0
        self._replies = replies
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with client:
                self._refuse(client)

    def _refuse(self, client):
        client.settimeout(10)
        for reply in self._replies:
            client.sendall(reply)
            client.recv(1000)   # a command, or the end

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


def dead_instance(relay_to, dead_port, live_port, **parameters):
    """Mail for DEAD goes to the one, all other to the other; two failures in a
    row are a window full."""
    return relay_to(live_port, **{
        "transport_maps":
            f"inline:{{ {{ {DEAD} = smtp:[127.0.0.1]:{dead_port} }} }}",
        "initial_destination_concurrency": "2",
        "minimal_backoff_time": "600s", "maximal_backoff_time": "600s",
        **parameters})


def deferred_lines(instance, text=""):
    return re.findall(rf"to=<\S+@{DEAD}>, .*status=deferred \({text}",
                      instance.log())


def send_all(instance):
    """Returns the ids once each was tried or put off."""
    ids = [instance.send(f"user{number}@{DEAD}")
           for number in range(MESSAGES)]
    wait_until(lambda: len(deferred_lines(instance)) >= MESSAGES,
               "all deferred")
    wait_until(lambda: len(instance.queue_files("deferred")) == MESSAGES,
               "all moved")
    return ids


@pytest.mark.parametrize("replies", [
    [],
    [b"421 4.3.2 busy\r\n"],
    [b"220 here\r\n", b"421 4.7.0 too many from you\r\n"],
    [b"220 here\r\n", b"what?\r\n"],
], ids=["silence", "greeting", "EHLO", "nonsense"])
def test_nobody_knocks_at_a_dead_door(relay_to, sink, replies):
    refuser = Refuser(replies)
    instance = dead_instance(relay_to, refuser.port, sink.port)
    send_all(instance)
    knocks = refuser.connections
    suspended = len(deferred_lines(
        instance, "delivery temporarily suspended: "))
    assert knocks < MESSAGES // 2
    assert knocks + suspended == MESSAGES
    # Queue runs come and go: nothing is tried, and nothing is said.
    lines = len(deferred_lines(instance))
    for number in range(3):
        live = instance.send(f"user{number}@alive.example")
        instance.wait_log(rf"{live}: removed$")
    assert refuser.connections == knocks
    assert len(deferred_lines(instance)) == lines == MESSAGES
    refuser.stop()


def test_a_flush_revives_it(relay_to, make_sink, sink):
    port = free_port()
    instance = dead_instance(relay_to, port, sink.port)
    send_all(instance)
    revived = make_sink(port=port)
    instance.run("postqueue", "-f")
    revived.wait(MESSAGES)
    instance.wait_queue_empty()


def test_a_flush_of_the_site_revives_it(relay_to, make_sink, sink):
    port = free_port()
    instance = dead_instance(relay_to, port, sink.port)
    send_all(instance)
    revived = make_sink(port=port)
    instance.run("postqueue", "-s", DEAD)
    revived.wait(MESSAGES)
    instance.wait_queue_empty()


def test_the_suspension_ends_by_itself(relay_to, make_sink, sink):
    port = free_port()
    instance = dead_instance(relay_to, port, sink.port,
                             minimal_backoff_time="3s",
                             maximal_backoff_time="3s")
    send_all(instance)
    revived = make_sink(port=port)
    revived.wait(MESSAGES)
    instance.wait_queue_empty()
    assert len(revived.messages) == MESSAGES


def test_a_dead_destination_takes_no_slot(relay_to, sink):
    """Two slots: were one of them spent on the dead, the others would wait for
    connections that nobody answers."""
    silent = socket.create_server(("127.0.0.1", 0), backlog=0)
    instance = dead_instance(
        relay_to, silent.getsockname()[1], sink.port,
        smtp_helo_timeout="1s", initial_destination_concurrency="1",
        smtp_destination_concurrency_limit="1")
    send_all(instance)
    live = [instance.send(f"user{number}@alive.example")
            for number in range(5)]
    for queue_id in live:
        instance.wait_log(rf"{queue_id}: removed$")
    assert len(deferred_lines(
        instance, "delivery temporarily suspended: ")) >= MESSAGES - 2
    silent.close()
