# SPDX-License-Identifier: MIT
"""Transports that wait, and other hosts for mail that has nowhere to go."""

from tests.support.ports import free_port


def test_defer_transports(make_instance, sink):
    """Mail for them waits until somebody flushes the queue."""
    instance = make_instance(parameters={
        "relayhost": f"[127.0.0.1]:{sink.port}",
        "defer_transports": "slow, smtp",
        "minimal_backoff_time": "1s", "maximal_backoff_time": "1s",
        "queue_run_delay": "1s"})
    queue_id = instance.send("b@far.example")
    instance.wait_log(
        rf"{queue_id}: to=<b@far\.example>, relay=none, .*dsn=4\.3\.2, "
        r"status=deferred \(deferred transport\)$", count=2)
    assert not sink.messages
    instance.run("postqueue", "-f")
    sink.wait()
    instance.wait_queue_empty()


def test_defer_transports_one_message(make_instance, sink):
    instance = make_instance(parameters={
        "relayhost": f"[127.0.0.1]:{sink.port}", "defer_transports": "smtp"})
    queue_id = instance.send("b@far.example")
    other_id = instance.send("c@far.example")
    for waiting in (queue_id, other_id):
        instance.wait_log(rf"{waiting}: .*\(deferred transport\)$")
    instance.run("postqueue", "-i", queue_id)
    assert sink.wait()[0].recipients == ["b@far.example"]
    instance.wait_log(rf"{queue_id}: removed$")
    assert len(sink.messages) == 1


def test_fallback_relay(make_instance, sink):
    instance = make_instance(parameters={
        "relayhost": f"[127.0.0.1]:{free_port()}",
        "smtp_fallback_relay": f"[127.0.0.1]:{sink.port}"})
    instance.send("b@far.example")
    assert sink.wait()[0].recipients == ["b@far.example"]
