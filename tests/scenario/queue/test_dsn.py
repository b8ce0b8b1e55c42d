# SPDX-License-Identifier: MIT
"""RFC 3461: who is told what, whatever the sender asked for and wherever the
message went. `near` takes the mail; all reports end at the sink."""

import collections
import email
import email.policy
import itertools
import re

import pytest

from tests.scenario.queue.conftest import QUICK, TRANSPORTS
from tests.support.waiting import wait_until

SENDER = "sender@client.example"

NOTIFIES = (None, "NEVER", "SUCCESS", "FAILURE", "DELAY", "FAILURE,DELAY",
            "SUCCESS,FAILURE,DELAY")
OUTCOMES = ("accepted", "refused", "delayed")

# What a report of each outcome says, with and without DSN at the next hop.
ACTIONS = {
    "plain": {"accepted": "relayed", "refused": "failed",
              "delayed": "delayed"},
    "dsn": {"accepted": "delivered", "refused": "failed",
            "delayed": "delayed"},
}
WISH_FOR = {"accepted": "SUCCESS", "refused": "FAILURE", "delayed": "DELAY"}
SUBJECTS = {
    "relayed": "Successful Mail Delivery Report",
    "delivered": "Successful Mail Delivery Report",
    "expanded": "Successful Mail Delivery Report",
    "failed": "Undelivered Mail Returned to Sender",
    "delayed": "Delayed Mail (still being retried)",
}


def is_wanted(notify, outcome):
    """RFC 3461 4.1: without NOTIFY failures and delays are reported."""
    if notify is None:
        return outcome != "accepted"
    return WISH_FOR[outcome] in notify.split(",")


def answer(address):
    if address.startswith("refused"):
        return "550 5.1.1 no such user here"
    if address.startswith("delayed"):
        return "450 4.2.2 come back later"
    return None


class Report:
    """A report, taken apart; `fields` of the message, `recipients` of each."""

    def __init__(self, mail):
        assert mail.sender == "<>"
        self.mail = mail
        self.recipient = mail.recipients[0]
        self.message = email.message_from_bytes(
            mail.content, policy=email.policy.default)
        assert self.message.get_content_type() == "multipart/report"
        assert self.message.get_param("report-type") == "delivery-status"
        assert self.message["Auto-Submitted"] == "auto-replied"
        assert self.message["MIME-Version"] == "1.0"
        assert self.message["Message-ID"] and self.message["Date"]
        assert not self.message.defects
        self.text, self.status, self.returned = self.message.iter_parts()
        assert [part["Content-Description"] for part in
                (self.text, self.status)] == ["Notification",
                                              "Delivery report"]
        self.fields, *self.recipients = self.status.get_payload()

    @property
    def envelope_id(self):
        return self.fields["Original-Envelope-Id"]

    @property
    def actions(self):
        return {part["Final-Recipient"].split("; ")[1]: part["Action"]
                for part in self.recipients}


def reports_at(sink):
    return [Report(mail) for mail in list(sink.messages)
            if mail.sender == "<>"]


@pytest.fixture
def next_hop(make_instance, make_sink):
    """(near, who reports, sink) for a next hop without ("plain") and with DSN
    (another Postern)."""
    def make(kind, **parameters):
        sink = make_sink(rcpt=answer)
        hurry = {**QUICK, "delay_warning_time": "1s", **parameters}
        port = sink.port
        far = None
        if kind == "dsn":
            far = make_instance(name="far", parameters={
                **hurry,
                "relayhost": f"[127.0.0.1]:{sink.port}",
                "mydestination": "far.example",
                "local_recipient_maps": "",
                "transport_maps": TRANSPORTS,
                "virtual_alias_maps":
                    "inline:{ " + ", ".join(
                        f"{{ {outcome}-{number}@far.example = {target} }}"
                        for outcome, target in (
                            ("accepted", "alice@far.example"),
                            ("refused", "x@error.example"),
                            ("delayed", "x@retry.example"))
                        for number in range(len(NOTIFIES))) + " }",
            })
            port = far.port
        near = make_instance(parameters={
            **hurry, "relayhost": f"[127.0.0.1]:{port}",
            "transport_maps": TRANSPORTS, "mydestination": ""})
        return near, far or near, sink
    return make


def send(instance, recipients, sender=SENDER, mail_options=(), message=None):
    """recipients: {address: [options]}; the queue id."""
    with instance.client() as client:
        client.ehlo()
        assert client.mail(sender, list(mail_options))[0] == 250
        for address, options in recipients.items():
            code, text = client.rcpt(address, options)
            assert code == 250, text
        code, text = client.data(message or instance.message(list(recipients)))
    assert code == 250, text
    return text.decode().rsplit(" ", 1)[1]


def all_were_tried(instance):
    tried = collections.Counter(re.findall(
        r"(\w+): to=<\S*(?:delayed|retry)\S*>,.* status=deferred",
        instance.log()))
    return len(tried) == len(NOTIFIES) and min(tried.values()) >= 3


@pytest.mark.parametrize("kind", ("plain", "dsn"))
def test_every_wish_and_every_outcome(next_hop, kind):
    near, last_hop, sink = next_hop(kind)
    wanted = {}
    for (number, notify), outcome in itertools.product(
            enumerate(NOTIFIES), OUTCOMES):
        envelope_id = f"{outcome}-{number}"
        address = f"{outcome}-{number}@far.example"
        options = [f"ORCPT=rfc822;{outcome}+2B{number}@old.example"]
        if notify:
            options.append(f"NOTIFY={notify}")
        send(near, {address: options},
             mail_options=[f"ENVID={envelope_id}", "RET=HDRS"])
        if is_wanted(notify, outcome):
            wanted[envelope_id] = ACTIONS[kind][outcome]

    wait_until(lambda: len(reports_at(sink)) >= len(wanted),
               f"{len(wanted)} reports")
    # What is delayed has been tried until every warning was due.
    wait_until(lambda: all_were_tried(last_hop), "three attempts for each")
    found = {}
    for report in reports_at(sink):
        assert report.recipient == SENDER
        assert report.envelope_id not in found
        part, = report.recipients
        found[report.envelope_id] = part["Action"]
        check_fields(report, part, last_hop.name)
    assert found == wanted


def check_fields(report, part, reporter):
    outcome, number = report.envelope_id.split("-")
    assert report.message["Subject"] == SUBJECTS[part["Action"]]
    assert report.fields["Reporting-MTA"] == f"dns; {reporter}"
    assert report.fields["X-Postern-Sender"] == f"rfc822; {SENDER}"
    assert report.fields["X-Postern-Queue-ID"]
    assert report.fields["Arrival-Date"]
    assert part["Original-Recipient"] == (
        f"rfc822; {outcome}+{number}@old.example")
    assert part["Final-Recipient"].startswith("rfc822; ")
    assert part["Status"][0] == {"failed": "5", "delayed": "4"}.get(
        part["Action"], "2")
    assert part["Diagnostic-Code"]
    assert bool(part["Will-Retry-Until"]) == (part["Action"] == "delayed")
    assert bool(part["Remote-MTA"]) == (reporter == "mail.example")
    assert report.returned.get_content_type() == "text/rfc822-headers"
    assert f"<{part['Final-Recipient'][8:]}>" in report.text.get_content()


# ---- sendmail ----

@pytest.mark.parametrize("notify", ("success,failure", "failure", "never"))
@pytest.mark.parametrize("ret", ("hdrs", "full"))
def test_sendmail_carries_wishes(next_hop, notify, ret):
    """-N, -R and -V hold from the command to the last hop's reports."""
    near, far, sink = next_hop("dsn")
    near.run("sendmail", "-N", notify, "-R", ret, "-V", "job+7=x",
             "-f", SENDER, "accepted-0@far.example", "refused-0@far.example",
             input=b"Subject: wishes\n\nsecret body\n")
    wanted = set()
    if "success" in notify:
        wanted.add("delivered")
    if "failure" in notify:
        wanted.add("failed")
    near.wait_queue_empty()
    far.wait_queue_empty()
    wait_until(lambda: len(reports_at(sink)) >= len(wanted),
               f"{len(wanted)} reports")
    reports = {action: report for report in reports_at(sink)
               for action in report.actions.values()}
    assert set(reports) == wanted
    assert len(reports_at(sink)) == len(wanted)
    for action, report in reports.items():
        assert report.recipient == SENDER
        assert report.envelope_id == "job+7=x"
        # RFC 3461 4.3: the whole message with failures only.
        whole = ret == "full" and action == "failed"
        assert report.returned.get_content_type() == (
            "message/rfc822" if whole else "text/rfc822-headers")
        assert (b"secret body" in report.mail.content) == whole


# ---- aliases (RFC 3461 5.2.7) ----

@pytest.fixture
def with_aliases(make_instance, make_sink):
    """Virtual aliases of mail.example and local ones; members are remote."""
    sink = make_sink(rcpt=answer)
    instance = make_instance(start=False, parameters={
        **QUICK,
        "relayhost": f"[127.0.0.1]:{sink.port}",
        "virtual_alias_maps":
            "inline:{ { many@mail.example = a@far.example, refused@far.example"
            " }, { self@mail.example = self@mail.example, b@far.example },"
            " { one@mail.example = accepted@far.example } }",
    })
    (instance.config / "aliases").write_text(
        "postmaster: alice\n"
        "team: c@far.example, d@far.example\n"
        "single: e@far.example\n"
        "self: alice\n"
        "list: f@far.example, refused@far.example\n"
        "owner-list: bob\n")
    return instance.start(), sink


# What a sender hears who asked for NOTIFY: {who: what}.
ALIASES = [
    ("many", "SUCCESS,FAILURE", {"many@mail.example": "expanded",
                                 "refused@far.example": "failed"}),
    ("many", "SUCCESS", {"many@mail.example": "expanded"}),
    ("many", "FAILURE", {"refused@far.example": "failed"}),
    ("many", None, {"refused@far.example": "failed"}),
    ("many", "NEVER", {}),
    ("self", "SUCCESS", {"self@mail.example": "expanded"}),
    ("one", "SUCCESS", {"accepted@far.example": "relayed"}),
    ("team", "SUCCESS", {"team@mail.example": "expanded"}),
    ("single", "SUCCESS", {"e@far.example": "relayed"}),
    ("alice", "SUCCESS", {"alice@mail.example": "delivered"}),
    # A list reports delivery to itself; its owner hears of the rest.
    ("list", "SUCCESS,FAILURE", {"list@mail.example": "delivered"}),
]


def test_aliases(with_aliases):
    instance, sink = with_aliases
    for number, (name, notify, _) in enumerate(ALIASES):
        send(instance, {f"{name}@mail.example":
                        [f"NOTIFY={notify}"] if notify else []},
             mail_options=[f"ENVID=case-{number}"])
    wanted = {f"case-{number}": heard
              for number, (_, _, heard) in enumerate(ALIASES) if heard}
    count = sum(map(len, wanted.values()))
    wait_until(lambda: sum(len(report.recipients)
                           for report in reports_at(sink)) >= count,
               f"{count} reports")
    instance.wait_queue_empty()
    found = collections.defaultdict(dict)
    for report in reports_at(sink):
        assert report.recipient == SENDER
        found[report.envelope_id].update(report.actions)
    assert found == wanted
    owner = email.message_from_bytes(instance.wait_mail("bob")[0],
                                     policy=email.policy.default)
    _, status, _ = owner.iter_parts()
    fields, part = status.get_payload()
    assert "Original-Envelope-Id" not in fields
    assert part["Final-Recipient"] == "rfc822; refused@far.example"
    # Both members have got what the alias of the same name was for.
    assert len(instance.wait_mail("alice", 2)) == 2


def test_an_expanded_alias_stays_one_when_requeued(with_aliases):
    """It is a recipient of its own, and not expanded again."""
    instance, sink = with_aliases
    instance.parameters["default_transport"] = "retry:4.0.0 not now"
    instance.parameters["relayhost"] = ""
    instance.write_main_cf()
    instance.run("postern", "reload")
    queue_id = send(instance, {"many@mail.example": ["NOTIFY=SUCCESS"]})
    instance.wait_log(rf"{queue_id}: to=<a@far\.example>, .*deferred")
    del instance.parameters["default_transport"]
    instance.parameters["relayhost"] = f"[127.0.0.1]:{sink.port}"
    instance.write_main_cf()
    instance.run("postern", "reload")
    instance.run("postsuper", "-r", "ALL")
    instance.wait_queue_empty()
    assert [mail.recipients for mail in sink.messages
            if mail.sender == SENDER] == [["a@far.example"]]


# ---- what is refused ----

@pytest.mark.parametrize("option", (
    "RET=ALL", "RET=FULL RET=HDRS", "ENVID=", "ENVID=a=b", "ENVID=a+0D+0Ab",
    "ENVID=a+", "ENVID=a+C3+B6", "ENVID=" + 101 * "x",
    "ENVID=a ENVID=b",
))
def test_bad_wishes_of_a_message(instance, option):
    with instance.client() as client:
        client.ehlo()
        code, text = client.mail(SENDER, [option])
        assert (code, text[:5]) == (501, b"5.5.4")
        assert client.mail(SENDER, ["RET=FULL", "ENVID=a+20b"])[0] == 250


@pytest.mark.parametrize("option", (
    "NOTIFY=", "NOTIFY=NEVER,SUCCESS", "NOTIFY=FAILURE,NEVER", "NOTIFY=ALWAYS",
    "NOTIFY=SUCCESS,", "NOTIFY=SUCCESS NOTIFY=NEVER",
    "ORCPT=a@b", "ORCPT=rfc822;", "ORCPT=rfc822;a=b", "ORCPT=rfc822;a+0D+0Ab",
    "ORCPT=rfc822;a+", "ORCPT=rfc822;" + 500 * "x", "ORCPT=rfc822;a+C3+B6",
    "ORCPT=utf-8;\\x{0A}", "ORCPT=utf-8;\\x{D800}", "ORCPT=utf-8;\\x{",
    "ORCPT=rfc822;a ORCPT=rfc822;b",
))
def test_bad_wishes_of_a_recipient(instance, option):
    with instance.client() as client:
        client.ehlo()
        client.mail(SENDER)
        code, text = client.rcpt("alice@mail.example", [option])
        assert (code, text[:5]) == (501, b"5.5.4")
        assert client.rcpt("alice@mail.example",
                           ["ORCPT=rfc822;a+2Bb@c"])[0] == 250


# ---- beyond ASCII ----

def test_addresses_outside_ascii(relay_to, make_sink):
    sink = make_sink(enable_SMTPUTF8=True, rcpt=lambda address: (
        "550 5.1.1 nein, ätsch" if address.startswith("böse") else None))
    instance = relay_to(sink.port)
    with instance.client() as client:
        client.ehlo()
        client.command_encoding = "utf-8"
        client.mail("jörg@grün.example", ["SMTPUTF8", "BODY=8BITMIME"])
        assert client.rcpt("böse@grün.example",
                           ["ORCPT=utf-8;b\\x{F6}se+2Balt@grün.example"]
                           )[0] == 250
        original = ("From: jörg@grün.example\r\nSubject: Grüße\r\n"
                    "\r\nHallo ä\r\n").encode()
        assert client.data(original)[0] == 250
    report = Report(sink.wait()[0])
    assert report.recipient == "jörg@grün.example"
    assert {"SMTPUTF8", "BODY=8BITMIME"} <= set(report.mail.options)
    assert report.status.get_content_type() == (
        "message/global-delivery-status")
    assert report.returned.get_content_type() == "message/global"
    for part in (report.message, report.text, report.status, report.returned):
        assert part["Content-Transfer-Encoding"] == "8bit"
    assert report.text.get_content_charset() == "utf-8"
    assert "<böse@grün.example>: host" in report.text.get_content()
    for line in ("To: jörg@grün.example",
                 "X-Postern-Sender: utf-8; jörg@grün.example",
                 "Final-Recipient: utf-8; böse@grün.example",
                 "Original-Recipient: utf-8; böse+alt@grün.example"):
        assert f"\r\n{line}\r\n".encode() in report.mail.content
    assert report.mail.content.count(original) == 1


def test_an_original_recipient_outside_ascii_goes_in_ascii(next_hop):
    """RFC 6533 3: no hop need know SMTPUTF8 for its sake, nor the reader."""
    near, far, sink = next_hop("dsn", smtputf8_enable="no")
    send(near, {"refused-0@far.example":
                ["ORCPT=utf-8;j\\x{F6}rg@old.example", "NOTIFY=FAILURE"]})
    report = Report(sink.wait()[0])
    assert report.fields["Reporting-MTA"] == f"dns; {far.name}"
    assert report.status.get_content_type() == "message/delivery-status"
    assert report.recipients[0]["Original-Recipient"] == (
        "utf-8; j\\x{F6}rg@old.example")
