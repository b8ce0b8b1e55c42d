# SPDX-License-Identifier: MIT
"""What becomes of mail that fails for good: RFC 3464 reports, and the rules for
mail that must not bounce."""

import email
import email.policy
import re

from tests.support.waiting import wait_until

NULL_SENDER = "<>"              # as aiosmtpd shows it
REFUSAL = "550 5.1.1 no such user here"


def refuse(address):
    return REFUSAL if address.startswith("nobody") else None


def parts_of(mail):
    notice = email.message_from_bytes(mail.content,
                                      policy=email.policy.default)
    assert notice.get_content_type() == "multipart/report"
    assert notice.get_param("report-type") == "delivery-status"
    return notice, list(notice.iter_parts())


def send_with(instance, sender, recipients, message=None, mail_options=()):
    """recipients: {address: [RCPT parameters]}; returns the queue id."""
    message = message or instance.message(list(recipients))
    with instance.client() as client:
        client.ehlo()
        assert client.mail(sender, list(mail_options))[0] == 250
        for address, options in recipients.items():
            assert client.rcpt(address, options)[0] == 250
        code, text = client.data(message)
    assert code == 250, text
    return text.decode().rsplit(" ", 1)[1]


def test_a_refused_message_is_returned(relay_to, make_sink):
    sink = make_sink(rcpt=refuse)
    instance = relay_to(sink.port)
    message = instance.message(["nobody@remote.example"], subject="lost")
    queue_id = instance.send("nobody@remote.example", message)
    mail = sink.wait()[0]
    assert mail.sender == NULL_SENDER
    assert mail.recipients == ["sender@client.example"]
    notice, (text, report, original) = parts_of(mail)
    assert notice["Subject"] == "Undelivered Mail Returned to Sender"
    assert notice["From"].endswith("<MAILER-DAEMON@mail.example>")
    assert notice["To"] == "sender@client.example"
    assert notice["Auto-Submitted"] == "auto-replied"
    assert "<nobody@remote.example>: host " in text.get_content()
    assert report.get_content_type() == "message/delivery-status"
    about_message, about_recipient = report.get_payload()
    assert about_message["Reporting-MTA"] == "dns; mail.example"
    assert about_message["X-Postern-Queue-ID"] == queue_id
    assert about_message["Arrival-Date"]
    assert about_recipient["Final-Recipient"] == (
        "rfc822; nobody@remote.example")
    assert about_recipient["Action"] == "failed"
    assert about_recipient["Status"] == "5.1.1"
    assert about_recipient["Diagnostic-Code"] == f"smtp; {REFUSAL}"
    assert original.get_content_type() == "message/rfc822"
    assert mail.content.count(message) == 1
    instance.wait_log(rf"postfix/bounce\[\d+\]: {queue_id}: sender "
                      r"non-delivery notification: \w+$")
    instance.wait_log(rf"{queue_id}: removed$")
    instance.wait_queue_empty()


def test_a_large_message_comes_back_as_its_header(relay_to, make_sink):
    sink = make_sink(rcpt=refuse)
    instance = relay_to(sink.port)
    instance.send("nobody@remote.example", instance.message(
        ["nobody@remote.example"], body="0123456789\r\n" * 5000))
    mail = sink.wait()[0]
    original = parts_of(mail)[1][2]
    assert original.get_content_type() == "text/rfc822-headers"
    assert b"0123456789" not in mail.content


def test_an_eight_bit_message_comes_back_unchanged(relay_to, make_sink):
    sink = make_sink(rcpt=refuse)
    instance = relay_to(sink.port)
    message = (b"Subject: x\r\nFrom: a@client.example\r\n\r\n"
               b".gr\xc3\xbc\xdfe\r\n..\r\n")
    instance.send("nobody@remote.example", message)
    mail = sink.wait()[0]
    assert mail.content.count(message) == 1
    assert "BODY=8BITMIME" in mail.options


def test_a_long_name_leaves_the_boundary_legal(relay_to, make_sink):
    sink = make_sink(rcpt=refuse)
    name = f"{'m' * 60}.{'n' * 60}.example"
    instance = relay_to(sink.port, myhostname=name)
    instance.send("nobody@remote.example")
    notice, parts = parts_of(sink.wait()[0])
    assert 40 < len(notice.get_boundary()) <= 70
    assert len(parts) == 3
    assert notice["From"].endswith(f"<MAILER-DAEMON@{name}>")


def test_what_the_sender_asked_for(relay_to, make_sink):
    sink = make_sink(rcpt=refuse)
    instance = relay_to(sink.port)
    queue_id = send_with(instance, "sender@client.example", {
        "good@remote.example": ["NOTIFY=SUCCESS",
                                "ORCPT=rfc822;the+2Bgood@old.example"],
        "nobody-1@remote.example": ["NOTIFY=NEVER"],
        "nobody-2@remote.example": ["NOTIFY=SUCCESS"],
        "nobody-3@remote.example": ["NOTIFY=FAILURE"],
    }, mail_options=["RET=HDRS", "ENVID=QQ+3D17"])
    sink.wait(3)
    instance.wait_log(rf"{queue_id}: removed$")
    notices = [mail for mail in sink.messages if mail.sender == NULL_SENDER]
    by_subject = {}
    for mail in notices:
        notice, parts = parts_of(mail)
        by_subject[notice["Subject"]] = parts
    assert set(by_subject) == {"Undelivered Mail Returned to Sender",
                               "Successful Mail Delivery Report"}
    _, report, original = by_subject["Undelivered Mail Returned to Sender"]
    assert original.get_content_type() == "text/rfc822-headers"
    about_message, *about_recipients = report.get_payload()
    assert about_message["Original-Envelope-Id"] == "QQ=17"
    assert [part["Final-Recipient"] for part in about_recipients] == [
        "rfc822; nobody-3@remote.example"]
    report = by_subject["Successful Mail Delivery Report"][1]
    about_recipient = report.get_payload()[1]
    assert about_recipient["Action"] == "relayed"
    assert about_recipient["Original-Recipient"] == (
        "rfc822; the+good@old.example")


def failed_recipients(mail):
    """{address: status} of a failure notice."""
    report = parts_of(mail)[1][1]
    return {part["Final-Recipient"].split("; ")[1]: part["Status"]
            for part in report.get_payload()[1:]}


def test_one_notice_tells_of_all_that_failed(relay_to, make_sink):
    """At different destinations and times; those that wait are left out."""
    sink = make_sink(rcpt=refuse)
    instance = relay_to(sink.port, default_destination_recipient_limit="2")
    recipients = [f"nobody-{number}@remote.example" for number in range(9)]
    queue_id = instance.send([*recipients, "x@error.example",
                              "y@retry.example", "good@remote.example"])
    sink.wait(2)
    instance.wait_log(rf"{queue_id}: sender non-delivery notification: ")
    notices = [mail for mail in sink.messages if mail.sender == NULL_SENDER]
    assert len(notices) == 1
    assert failed_recipients(notices[0]) == {
        **dict.fromkeys(recipients, "5.1.1"), "x@error.example": "5.1.1"}
    instance.wait_log(rf"{queue_id}: to=<y@retry\.example>", count=2)
    assert instance.run("postqueue", "-j").stdout.count(b"@") >= 1
    assert b"nobody" not in instance.run("postqueue", "-p").stdout
    assert len(instance.log().split(f"{queue_id}: sender non-delivery")) == 2


def test_failures_wait_for_bounce_and_are_not_tried_again(relay_to, make_sink):
    """What failed is on disk with its reason; the whole suite may end before
    the sender is told."""
    sink = make_sink(rcpt=refuse)
    instance = relay_to(sink.port)
    instance.parameters["bounce_service_name"] = "nowhere"
    instance.write_main_cf()
    instance.run("postern", "reload")
    queue_id = instance.send(["nobody@remote.example", "y@retry.example"])
    instance.wait_log(rf"{queue_id}: to=<nobody@remote\.example>, .*bounced")
    instance.wait_log(rf"{queue_id}: to=<y@retry\.example>, .*deferred")
    instance.stop()
    assert instance.queue_files()
    del instance.parameters["bounce_service_name"]
    instance.write_main_cf()
    instance.start()
    mail = sink.wait()[0]
    assert failed_recipients(mail) == {"nobody@remote.example": "5.1.1"}
    tried = re.findall(rf"{queue_id}: to=<nobody@remote\.example>",
                       instance.log())
    assert len(tried) == 1


def test_deliveries_wait_for_bounce_and_are_not_made_again(relay_to, make_sink):
    """Nor are they when qmgr ends, or when the message is queued anew."""
    sink = make_sink()
    instance = relay_to(sink.port, bounce_service_name="nowhere")
    recipients = {f"user{number}@remote.example": ["NOTIFY=SUCCESS"]
                  for number in range(3)}
    queue_id = send_with(instance, "sender@client.example", recipients)
    path = wait_until(lambda: instance.queue_files("incoming"), "its file")[0]
    wait_until(lambda: path.read_bytes().count(b"queued as SINK") >= 3,
               "three reasons in it")
    instance.run("postsuper", "-r", queue_id, check=False)
    instance.kill("qmgr")
    instance.wait_log(rf"{queue_id}: from=.*queue active", count=2)
    instance.stop()
    shown = instance.run("postcat", "-q", queue_id).stdout.decode()
    assert "sender_to_be_told: relayed" in shown
    del instance.parameters["bounce_service_name"]
    instance.write_main_cf()
    instance.start()
    notice = sink.wait(2)[1]
    assert notice.recipients == ["sender@client.example"]
    assert notice.content.count(b"Action: relayed") == 3
    instance.wait_queue_empty()
    assert len(sink.messages) == 2


def test_a_notice_of_thousands_of_recipients(relay_to, make_sink):
    sink = make_sink(rcpt=refuse)
    instance = relay_to(sink.port, smtpd_recipient_limit="3000")
    recipients = [f"nobody-{number}@error.example" for number in range(2500)]
    queue_id = instance.send(recipients)
    instance.wait_log(rf"{queue_id}: removed$", patience=120)
    mails = sink.wait(3)
    found = {}
    for mail in mails:
        assert len(mail.content) < 1 << 20
        statuses = failed_recipients(mail)
        assert not found.keys() & statuses.keys()
        found.update(statuses)
    assert found == dict.fromkeys(recipients, "5.1.1")


def test_a_bounce_does_not_bounce(relay_to, make_sink):
    sink = make_sink(rcpt=refuse)
    instance = relay_to(sink.port)
    queue_id = send_with(instance, "", {"nobody@remote.example": []})
    instance.wait_log(rf"{queue_id}: to=<nobody@remote\.example>, .*"
                      r"status=bounced")
    instance.wait_log(rf"{queue_id}: removed$")
    instance.wait_queue_empty()
    assert sink.messages == []


def test_postmaster_hears_of_what_he_wants(relay_to, make_sink):
    sink = make_sink(rcpt=refuse)
    instance = relay_to(sink.port, notify_classes="2bounce, bounce",
                        mydestination="",
                        bounce_notice_recipient="copies@remote.example")
    first = send_with(instance, "", {"nobody@remote.example": []})
    instance.wait_log(rf"{first}: postmaster non-delivery notification: ")
    second = instance.send("nobody@remote.example")
    instance.wait_log(rf"{second}: sender non-delivery notification: ")
    instance.wait_log(rf"{second}: postmaster non-delivery notification: ")
    sink.wait(3)
    to = sorted(mail.recipients[0] for mail in sink.messages)
    assert to == ["copies@remote.example", "postmaster@mail.example",
                  "sender@client.example"]


def test_nothing_is_lost_while_bounce_is_down(relay_to, make_sink):
    sink = make_sink(rcpt=refuse)
    instance = relay_to(sink.port)
    sent = []
    kills = 0
    for number in range(5):
        sent.append(instance.send("nobody@remote.example"))
        if number % 2 == 0:
            instance.kill("bounce")
            kills += 1

    def noticed():
        """How many notices have come for each message."""
        counts = dict.fromkeys(sent, 0)
        for mail in list(sink.messages):
            found = re.search(rb"X-Postern-Queue-ID: (\w+)", mail.content)
            counts[found[1].decode()] += 1
        return counts

    wait_until(lambda: all(noticed().values()), "a notice for each", 60)
    instance.wait_queue_empty()
    # A notice that was durable when its maker was killed, but not yet
    # reported, is made again (REL-06): once for each kill at most.
    assert sum(noticed().values()) <= len(sent) + kills
