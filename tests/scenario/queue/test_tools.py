# SPDX-License-Identifier: MIT
"""The queue tools: while the mail system runs, and while it is down."""

import json
import socket
import struct

import pytest

from tests.support.ports import free_port
from tests.support.queue_reader import crc32c, read_queue
from tests.support.waiting import wait_until

HEADER = ("----Queue ID----- --Size-- ---Arrival Time---- "
          "--Sender/Recipient------")


@pytest.fixture
def waiting(relay_to):
    """An instance with two messages that wait for a next hop that is not
    there; their ids."""
    instance = relay_to(free_port(), minimal_backoff_time="600s",
                        maximal_backoff_time="600s", queue_run_delay="600s",
                        initial_destination_concurrency="20")
    ids = [instance.send(f"{name}@remote.example") for name in ("one", "two")]
    wait_until(lambda: len(instance.queue_files("deferred")) == 2,
               "both deferred")
    return instance, ids


def listing(instance):
    return instance.run("postqueue", "-p").stdout.decode().splitlines()


def objects(instance):
    text = instance.run("postqueue", "-j").stdout.decode()
    return {entry["queue_id"]: entry
            for entry in map(json.loads, text.splitlines())}


def test_the_listing(waiting):
    instance, ids = waiting
    lines = listing(instance)
    assert lines[0] == HEADER
    assert lines[-2:] == ["", "-- 0 Kbytes in 2 Requests."]
    entries = "\n".join(lines[1:-2]).split("\n\n")
    assert len(entries) == 2
    for entry in entries:
        first, reason, recipient = entry.splitlines()
        assert first[:17].strip() in ids
        assert first[47:] == "sender@client.example"
        assert reason.strip().startswith("(connect to ")
        assert recipient[:47].strip() == ""
        assert recipient[47:] in ("one@remote.example", "two@remote.example")
    assert instance.run("mailq").stdout.decode().splitlines() == lines


def test_the_listing_for_programs(waiting):
    instance, ids = waiting
    entry = objects(instance)[ids[0]]
    assert list(entry) == ["queue_name", "queue_id", "arrival_time",
                           "message_size", "forced_expire", "sender",
                           "recipients"]
    assert entry["queue_name"] == "deferred"
    assert entry["forced_expire"] is False
    (recipient,) = entry["recipients"]
    assert recipient["address"] == "one@remote.example"
    assert recipient["delay_reason"].startswith("connect to ")


def test_what_failed_while_others_are_under_way(relay_to, make_sink):
    gate = []
    sink = make_sink(rcpt=lambda address: (
        "550 5.1.1 nobody" if address.startswith("nobody") else
        wait_until(lambda: gate, "the gate") and None))
    instance = relay_to(sink.port, smtp_destination_recipient_limit="1")
    queue_id = instance.send(["nobody@remote.example", "slow@remote.example"])
    instance.wait_log(rf"{queue_id}: to=<nobody@remote\.example>, .*bounced")
    recipients = wait_until(lambda: [
        recipient for recipient in objects(instance)[queue_id]["recipients"]
        if "bounce_reason" in recipient], "the reason")
    assert [recipient["address"] for recipient in recipients] == [
        "nobody@remote.example"]
    assert "550 5.1.1 nobody" in recipients[0]["bounce_reason"]
    gate.append(True)
    instance.wait_log(rf"{queue_id}: removed$")


def test_the_protocol_of_the_socket(waiting):
    instance, ids = waiting
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(instance.queue / "public" / "showq"))
        text = b""
        while chunk := client.recv(65536):
            text += chunk
    assert text.startswith(b"protocol\0mail_queue_list_protocol\0\0"
                           b"queue_name\0deferred\0queue_id\0")
    assert text.endswith(b"\0\0")
    for queue_id in ids:
        assert b"queue_id\0" + queue_id.encode() + b"\0time\0" in text


def test_hold_release_requeue_delete(waiting):
    instance, (first, second) = waiting
    result = instance.run("postsuper", "-h", first)
    assert result.stderr.decode().splitlines() == [
        f"postsuper: {first}: placed on hold",
        "postsuper: Placed on hold: 1 message"]
    assert instance.run("postsuper", "-h", first).stderr == b""
    assert objects(instance)[first]["queue_name"] == "hold"
    assert any(line.startswith(first + "!") for line in listing(instance))
    instance.run("postqueue", "-f")
    instance.wait_log(rf"{second}: from=.*\(queue active\)$", count=2)
    assert objects(instance)[first]["queue_name"] == "hold"
    instance.run("postsuper", "-H", "-", input=first + "\n")
    instance.wait_log(rf"{first}: from=.*\(queue active\)$", count=2)
    instance.wait_log(rf"postfix/postsuper\[\d+\]: {first}: "
                      r"released from hold$")
    instance.run("postsuper", "-r", second)
    assert second not in objects(instance)
    assert len(objects(instance)) == 2
    result = instance.run("postsuper", "-d", "ALL")
    assert result.stderr.decode().splitlines()[-1] == (
        "postsuper: Deleted: 2 messages")
    assert listing(instance) == ["Mail queue is empty"]
    assert instance.queue_files() == []


def test_requeued_mail_takes_todays_way(waiting, make_sink):
    instance, (first, second) = waiting
    sink = make_sink()
    instance.stop()
    instance.parameters["relayhost"] = f"[127.0.0.1]:{sink.port}"
    instance.write_main_cf()
    instance.start()
    instance.run("postsuper", "-r", first)
    mail = sink.wait()[0]
    assert mail.recipients == ["one@remote.example"]
    assert mail.sender == "sender@client.example"
    assert b"Subject: test\r\n" in mail.content
    assert list(objects(instance)) == [second]


def test_postcat(waiting):
    instance, (first, _) = waiting
    text = instance.run("postcat", "-q", first).stdout.decode()
    assert f"*** ENVELOPE RECORDS deferred/{first} ***\n" in text
    assert "\nsender: sender@client.example\n" in text
    assert "\nrecipient: one@remote.example\n" in text
    assert "\nSubject: test\n" in text
    assert "\n\nHello.\n*** MESSAGE FILE END" in text
    header = instance.run("postcat", "-qh", first).stdout.decode()
    assert "Subject: test" in header and "Hello." not in header
    body = instance.run("postcat", "-qb", first).stdout.decode()
    assert "Subject: test" not in body and "Hello." in body
    assert instance.run("postcat", "-q", "4jXRJQ3HHZz1d0Hr",
                        check=False).returncode != 0


def journal_record(kind, number, content):
    """As postern-queue(5) says."""
    length = -(-(16 + len(content) + 4) // 8) * 8
    start = struct.pack("<IHHI", length, kind, 0, number)
    rest = content.ljust(length - 20, b"\0") + struct.pack("<I", length)
    return start + struct.pack("<I", crc32c(start + rest)) + rest


def test_postcat_of_all_that_a_journal_may_say(waiting):
    """The last is of a type that nobody knows yet."""
    instance, (first, second) = waiting
    instance.stop()
    (path,) = [path for path in instance.queue_files("deferred")
               if path.name == first]
    (_, message), before = read_queue(instance.queue)[first], path.read_bytes()
    begin = message.journal_count
    time = struct.pack("<Q", 1)
    copy = instance.root / "copy"
    copy.write_bytes(before + b"".join(
        journal_record(kind, begin + i, content) for i, (kind, content) in
        enumerate([(3, time), (4, time), (5, time),
                   (6, second.encode().ljust(32, b"\0")), (7, time)])))
    copy.chmod(0o644)
    lines = instance.run("postcat", copy).stdout.decode().splitlines()
    names = [line.split(":")[0] for line in lines]
    for name in ("attempt", "sender_warned", "told_to_expire",
                 "told_to_requeue"):
        assert name in names
    assert f"successor: {second}" in lines
    assert not any("DAMAGED" in line for line in lines)


@pytest.mark.parametrize("state", ["running", "stopped", "killed"])
def test_postcat_of_a_damaged_file(waiting, state):
    instance, (first, second) = waiting
    if state == "stopped":
        instance.stop()
    elif state == "killed":
        instance.kill_all()
    paths = {path.name: path for path in instance.queue_files("deferred")}
    damaged = bytearray(paths[first].read_bytes())
    damaged[damaged.index(b"Hello.")] ^= 1
    copy = instance.root / "copy"
    copy.write_bytes(damaged)
    copy.chmod(0o644)
    result = instance.run("postcat", copy, check=False)
    assert result.returncode == 65
    text = result.stdout.decode()
    assert "the check of header and body differs ***\n" in text
    assert "\nrecipient: one@remote.example\n" in text
    assert "\n\nIello.\n*** MESSAGE FILE END" in text
    damaged[20] ^= 1
    copy.write_bytes(damaged)
    text = instance.run("postcat", copy, check=False).stdout.decode()
    assert "*** DAMAGED at 0, 512 bytes: head: damaged" in text
    assert "\nrecipient: one@remote.example\n" in text
    assert "\nSubject: test\n" in text
    copy.write_bytes(damaged[:100])
    assert instance.run("postcat", copy, check=False).returncode == 65
    text = instance.run("postcat", "-qov", second).stdout.decode()
    lines = text.splitlines()
    content = paths[second].read_bytes()
    for line in lines:
        if "Subject: test" in line:
            assert content[int(line.split()[0]):].startswith(b"Subject: test")
    assert any(line.split()[1:2] == ["attempt:"] for line in lines)
    text = instance.run("postcat", "-qdev", second).stdout.decode()
    assert "\nrecipient 0 state 0: two@remote.example\n" in text
    assert "\njournal_type: 1\n" in text


def test_the_tools_while_the_mail_system_is_down(waiting):
    instance, (first, second) = waiting
    instance.stop()
    result = instance.run("postqueue", "-p")
    assert b"accessing queue directly" in result.stderr
    assert len(objects(instance)) == 2
    result = instance.run("postqueue", "-f", check=False)
    assert result.returncode == 69
    instance.run("postsuper", "-h", first)
    assert objects(instance)[first]["queue_name"] == "hold"
    instance.run("postsuper", "-d", second)
    assert list(objects(instance)) == [first]
    instance.start()
    assert list(objects(instance)) == [first]
    assert objects(instance)[first]["queue_name"] == "hold"
