# SPDX-License-Identifier: MIT
"""Mail that cannot be delivered now: put off, tried again, given up."""

import re
import time

from tests.support.ports import free_port
from tests.support.waiting import wait_until

NULL_SENDER = "<>"              # as aiosmtpd shows it
LATER = "450 4.2.0 greylisted"


def test_deferred_mail_is_tried_again(relay_to, make_sink):
    answers = [LATER, LATER]
    sink = make_sink(rcpt=lambda address: answers.pop() if answers else None)
    instance = relay_to(sink.port)
    queue_id = instance.send("one@remote.example")
    sink.wait()
    instance.wait_log(rf"{queue_id}: to=<one@remote\.example>, .*"
                      rf"status=deferred \(host .* said: {LATER}", count=2)
    instance.wait_log(rf"{queue_id}: from=<sender@client\.example>, "
                      r"size=\d+, nrcpt=1 \(queue active\)$", count=3)
    instance.wait_log(rf"{queue_id}: removed$")
    instance.wait_queue_empty()
    assert len(sink.messages) == 1


def test_only_what_is_left_is_tried_again(relay_to, make_sink):
    seen = []

    def answer(address):
        seen.append(address)
        if address.startswith("later") and seen.count(address) == 1:
            return LATER
        return None

    sink = make_sink(rcpt=answer)
    instance = relay_to(sink.port)
    queue_id = instance.send(["now@remote.example", "later@remote.example"])
    sink.wait(2)
    instance.wait_log(rf"{queue_id}: removed$")
    assert [mail.recipients for mail in sink.messages] == [
        ["now@remote.example"], ["later@remote.example"]]
    instance.wait_log(rf"{queue_id}: from=.*, nrcpt=1 \(queue active\)$")


def test_deferred_mail_survives_a_restart(relay_to, make_sink):
    port = free_port()
    instance = relay_to(port, minimal_backoff_time="3s",
                        maximal_backoff_time="3s")
    queue_id = instance.send("one@remote.example")
    instance.wait_log(rf"{queue_id}: to=.*status=deferred")
    wait_until(lambda: instance.queue_files("deferred"), "a deferred file")
    instance.stop()
    sink = make_sink(port=port)
    instance.start()
    sink.wait()
    instance.wait_log(rf"{queue_id}: removed$")
    assert len(sink.messages) == 1


def test_a_dead_destination_is_left_alone(relay_to):
    instance = relay_to(free_port(), minimal_backoff_time="30s",
                        maximal_backoff_time="30s",
                        initial_destination_concurrency="1")
    first = instance.send("one@remote.example")
    instance.wait_log(rf"{first}: to=<one@remote\.example>, relay=none, .*"
                      r"dsn=4\.4\.1, status=deferred \(connect to ")
    second = instance.send("two@remote.example")
    instance.wait_log(
        rf"postfix/qmgr\[\d+\]: {second}: to=<two@remote\.example>, "
        r"relay=none, delay=[\d.]+, delays=[\d.]+/[\d.]+/0/0, dsn=4\.4\.1, "
        r"status=deferred \(delivery temporarily suspended: connect to ")


def test_a_flush_brings_everything_back(relay_to, make_sink):
    port = free_port()
    instance = relay_to(port, minimal_backoff_time="600s",
                        maximal_backoff_time="600s",
                        initial_destination_concurrency="1")
    first = instance.send("one@remote.example")
    second = instance.send("two@remote.example")
    for queue_id in (first, second):
        instance.wait_log(rf"{queue_id}: to=.*status=deferred")
    wait_until(lambda: len(instance.queue_files("deferred")) == 2,
               "both deferred")
    sink = make_sink(port=port)
    instance.run("postqueue", "-i", first)
    sink.wait(1)
    assert sink.messages[0].recipients == ["one@remote.example"]
    instance.run("postqueue", "-f")
    sink.wait(2)
    instance.wait_queue_empty()


def test_what_is_too_old_goes_back(relay_to, make_sink):
    sink = make_sink(rcpt=lambda address: LATER if "one@" in address else None)
    instance = relay_to(sink.port, maximal_queue_lifetime="4s")
    queue_id = instance.send("one@remote.example")
    instance.wait_log(rf"postfix/qmgr\[\d+\]: {queue_id}: "
                      r"from=<sender@client\.example>, status=expired, "
                      r"returned to sender$")
    instance.wait_log(rf"{queue_id}: removed$")
    bounce = sink.wait()[0]
    assert bounce.sender == NULL_SENDER
    assert bounce.recipients == ["sender@client.example"]
    assert b"Action: failed\r\nStatus: 4.2.0\r\n" in bounce.content


def test_notices_have_a_lifetime_of_their_own(relay_to, make_sink):
    sink = make_sink(rcpt=lambda _: LATER)
    instance = relay_to(sink.port, bounce_queue_lifetime="2s")
    notice = instance.send("one@remote.example", sender="")
    letter = instance.send("two@remote.example")
    instance.wait_log(rf"postfix/qmgr\[\d+\]: {notice}: from=<>, "
                      r"status=expired, returned to sender$")
    instance.wait_log(rf"{notice}: removed$")
    instance.wait_log(rf"{letter}: to=.*status=deferred", count=3)
    assert f"{letter}: from=<sender@client.example>, status=expired" \
        not in instance.log()


def test_attempts_keep_their_distance(relay_to, make_sink):
    times = []

    def answer(_address):
        times.append(time.monotonic())
        return LATER if len(times) < 3 else None

    sink = make_sink(rcpt=answer)
    instance = relay_to(sink.port, minimal_backoff_time="3s",
                        maximal_backoff_time="3s")
    instance.send("one@remote.example")
    sink.wait()
    # The first is counted from the end of an attempt, in whole seconds.
    assert times[1] - times[0] > 1.9 and times[2] - times[1] > 1.9, times


def test_nothing_expires_untried(relay_to, make_sink):
    port = free_port()
    instance = relay_to(port, maximal_queue_lifetime="2s",
                        minimal_backoff_time="3s", maximal_backoff_time="3s")
    queue_id = instance.send("one@remote.example")
    wait_until(lambda: instance.queue_files("deferred"), "a deferred file")
    instance.stop()
    time.sleep(3)
    sink = make_sink(port=port)
    instance.start()
    mail = sink.wait()[0]
    assert mail.recipients == ["one@remote.example"]
    instance.wait_log(rf"{queue_id}: removed$")
    assert "status=expired" not in instance.log()


def test_held_mail_does_not_expire(relay_to, make_sink):
    sink = make_sink(rcpt=lambda address: LATER if "@remote" in address
                     else None)
    instance = relay_to(sink.port, maximal_queue_lifetime="2s")
    held = instance.send("held@remote.example")
    instance.run("postsuper", "-h", held)
    path = instance.queue / "hold" / held
    wait_until(path.exists, "the message in hold")
    tries = len(re.findall(rf"{held}: to=", instance.log()))
    # Others come, grow old and go meanwhile.
    for number in range(2):
        other = instance.send("other@remote.example")
        instance.wait_log(rf"{other}: from=.*, status=expired")
        instance.wait_log(rf"{other}: removed$")
    assert path.exists()
    assert len(re.findall(rf"{held}: to=", instance.log())) == tries
    # Nor as soon as it is let go: it has another attempt first.
    instance.run("postsuper", "-H", held)
    instance.wait_log(rf"{held}: to=.*status=deferred", count=tries + 1)
    instance.wait_log(rf"{held}: from=.*, status=expired")
    log = instance.log()
    assert len(re.findall(rf"{held}: to=",
                          log[:log.index(f"{held}: from=<sender@client.example>"
                                         ", status=expired")])) > tries


def test_the_sender_is_warned_once(relay_to, make_sink):
    sink = make_sink(rcpt=lambda address: LATER if "one@" in address else None)
    instance = relay_to(sink.port, delay_warning_time="1s")
    queue_id = instance.send("one@remote.example")
    instance.wait_log(rf"postfix/bounce\[\d+\]: {queue_id}: sender delay "
                      r"notification: \w+$")
    instance.wait_log(rf"{queue_id}: to=.*status=deferred", count=4)
    warning = sink.wait()[0]
    assert b"Subject: Delayed Mail (still being retried)" in warning.content
    assert b"Action: delayed" in warning.content
    assert len(sink.messages) == 1


def test_transports_that_qmgr_decides(relay_to, sink):
    instance = relay_to(sink.port)
    queue_id = instance.send(["a@error.example", "b@retry.example",
                              "c@discard.example", "d@missing.example"])
    qmgr = rf"postfix/qmgr\[\d+\]: {queue_id}: to=<"
    instance.wait_log(qmgr + r"a@error\.example>, relay=none, .*dsn=5\.1\.1, "
                      r"status=bounced \(nobody lives here\)$")
    instance.wait_log(qmgr + r"b@retry\.example>, relay=none, .*dsn=4\.7\.1, "
                      r"status=deferred \(come back later\)$")
    instance.wait_log(qmgr + r"c@discard\.example>, relay=none, "
                      r".*dsn=2\.0\.0, status=sent \(thrown away\)$")
    instance.wait_log(qmgr + r"d@missing\.example>, relay=none, "
                      r".*dsn=4\.3\.0, status=deferred "
                      r"\(mail transport unavailable\)$")
    instance.wait_log(rf"{queue_id}: from=.*nrcpt=2 \(queue active\)$")
    assert sink.wait()[0].sender == NULL_SENDER
