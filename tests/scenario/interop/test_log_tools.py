# SPDX-License-Identifier: MIT
"""Programs that read mail logs understand ours."""

import re

import pytest

from tools import needs, run


@pytest.fixture
def busy(make_instance, make_sink):
    """An instance with one of each in its log."""
    def refuse(address):
        return {"no": "550 5.1.1 nobody", "later": "450 4.2.1 later"}.get(
            address.split("@")[0])

    sink = make_sink(rcpt=refuse)
    instance = make_instance({"relayhost": f"[127.0.0.1]:{sink.port}"})
    for recipient in ("alice@mail.example", "yes@far.example",
                      "later@far.example", "no@far.example"):
        instance.send(recipient, sender="bob@mail.example")
    with instance.client() as client:
        client.ehlo()
        client.mail("x@client.example")
        for _ in range(3):
            client.rcpt("nobody-here@mail.example")
    instance.wait_log(r"status=sent", count=3)      # one is the bounce
    instance.wait_log(r"status=deferred")
    instance.wait_log(r"status=bounced")
    instance.wait_log(r"disconnect from .* rcpt=0/3")
    return instance


@needs("pflogsumm")
def test_pflogsumm(busy):
    report = run(busy, "pflogsumm", busy.log_path).stdout.decode()
    totals = {name: int(number) for number, name in re.findall(
        r"^\s+(\d+)\s+(received|delivered|deferred|bounced|rejected)\b",
        report, re.MULTILINE)}
    assert totals == {"received": 4, "delivered": 3, "deferred": 1,
                      "bounced": 1, "rejected": 3}, report


@needs("fail2ban-regex")
def test_fail2ban(busy):
    result = run(busy, "fail2ban-regex", "--raw", "--print-all-matched",
                 busy.log_path, "postfix[mode=aggressive]")
    text = result.stdout.decode()
    assert re.search(r"Failregex: [1-9]\d* total", text), text
    assert text.count("reject: RCPT from unknown[127.0.0.1]: 550 5.1.1") == 3, \
        text
