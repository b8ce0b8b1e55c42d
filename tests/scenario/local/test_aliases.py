# SPDX-License-Identifier: MIT
"""alias_maps: where mail for local names goes."""

import pytest

from tests.support.waiting import wait_until

ALIASES = """\
postmaster: alice
root: postmaster
team: alice, bob
self: carol, self@mail.example
carol: carol, bob
final: \\carol
away: someone@elsewhere.example
both: alice, someone@elsewhere.example
list: bob
owner-list: alice
command: "|/bin/true"
file: /dev/null
include: :include:/etc/passwd
one: two
two: one
"""


@pytest.fixture
def aliased(make_instance):
    instance = make_instance(start=False, parameters={
        "default_transport": "discard", "recipient_delimiter": "+"})
    (instance.config / "aliases").write_text(
        ALIASES)
    return instance.start()


def test_one_user(aliased):
    """A chain of aliases to one user is delivered at once."""
    queue_id = aliased.send("root@mail.example")
    raw = aliased.wait_mail("alice")[0]
    assert raw.startswith(b"Return-Path: <sender@client.example>\n"
                          b"X-Original-To: root@mail.example\n"
                          b"Delivered-To: root@mail.example\n")
    aliased.wait_log(rf"{queue_id}: to=<alice@mail\.example>, "
                     r"orig_to=<root@mail\.example>, relay=local, .*"
                     r"status=sent \(delivered to maildir\)$")


def test_several(aliased):
    queue_id = aliased.send("team@mail.example")
    match = aliased.wait_log(
        rf"local\[\d+\]: {queue_id}: to=<team@mail\.example>, relay=local, .*"
        r"dsn=2\.0\.0, status=sent \(forwarded as (\w+)\)$")
    for user in ("alice", "bob"):
        raw = aliased.wait_mail(user)[0].decode()
        assert raw.startswith("Return-Path: <sender@client.example>\n"
                              "X-Original-To: team@mail.example\n"
                              f"Delivered-To: {user}@mail.example\n"
                              "Received: by mail.example (Postern)\n"
                              f"\tid {queue_id}; ")
        assert "\nDelivered-To: team@mail.example\n" in raw
        aliased.wait_log(
            rf"{match[1]}: to=<{user}@mail\.example>, "
            r"orig_to=<team@mail\.example>, .*delivered to maildir")
    aliased.wait_queue_empty()


def test_name_in_its_own_alias(aliased):
    """Stands for the user, in a list and alone."""
    aliased.send("carol@mail.example")
    raw = aliased.wait_mail("carol")[0]
    assert b"\nDelivered-To: carol@mail.example\n" in raw
    assert b"\\" not in raw
    aliased.wait_mail("bob")
    aliased.send("final@mail.example")
    aliased.wait_mail("carol", 2)
    aliased.wait_queue_empty()
    assert len(aliased.maildir_files("bob")) == 1


def test_other_systems(aliased):
    sent = r"to=<someone@elsewhere\.example>, relay=none, .*status=sent"
    aliased.send("away@mail.example")
    aliased.wait_log(sent)
    aliased.send("both@mail.example")
    aliased.wait_mail("alice")
    aliased.wait_log(sent, 2)


def test_owner(aliased):
    """Bounces of a list go to its owner."""
    aliased.send("list@mail.example")
    raw = aliased.wait_mail("bob")[0]
    assert raw.startswith(b"Return-Path: <owner-list@mail.example>\n")


def test_extension(aliased):
    aliased.send("team+x@mail.example")
    aliased.wait_mail("bob")


@pytest.mark.parametrize("name, words", [
    ("command", "a command"), ("file", "a file"),
    ("include", "an :include: list")])
def test_not_yet(aliased, name, words):
    aliased.send(f"{name}@mail.example")
    aliased.wait_log(
        rf"to=<{name}@mail\.example>, .*dsn=4\.3\.5, status=deferred \(alias "
        rf'"{name}" names {words}, to which this version cannot deliver\)$')


def test_endless(aliased):
    aliased.send("one@mail.example", sender="bob@mail.example")
    aliased.wait_log(r"dsn=5\.4\.6, status=bounced \(alias database loop for "
                     r"(one|two)@mail\.example\)$")
    aliased.wait_mail("bob")


def test_changes_are_noticed(make_instance):
    instance = make_instance(parameters={"table_check_interval": "1s"})
    with open(instance.config / "aliases", "a") as file:
        file.write("fresh: bob\n")
    instance.wait_log(r"postfix/lookup\[\d+\]: table aliases:\S+ has changed")

    def is_known():
        """While lookup is replaced the answer is "later"."""
        with instance.client() as client:
            client.ehlo()
            client.mail("sender@client.example")
            return client.rcpt("fresh@mail.example")[0] == 250

    wait_until(is_known, "the new alias")
    instance.send("fresh@mail.example")
    instance.wait_mail("bob")


def test_unreadable_table(make_instance):
    """Without an answer nobody is refused and nothing bounces."""
    instance = make_instance(parameters={
        "alias_maps": "hash:/nonexistent/aliases"})
    with instance.client() as client:
        client.ehlo()
        client.mail("sender@client.example")
        code, _ = client.rcpt("who@mail.example")
    assert code == 451
    instance.run("sendmail", "-f", "bob@mail.example", "alice@mail.example",
                 input="Subject: x\n\nx\n")
    instance.wait_log(r"to=<alice@mail\.example>, .*dsn=4\.3\.0, "
                      r"status=deferred \(alias database unavailable\)$")


TRICKS = [
    "someone@elsewhere.example",
    "someone%elsewhere.example@mail.example",
    "elsewhere.example!someone@mail.example",
    '"someone@elsewhere.example"@mail.example',
    '"someone%elsewhere.example"@mail.example',
    "someone%elsewhere.example@[127.0.0.1]",
    "@mail.example:someone@elsewhere.example",
    "someone%elsewhere.example@localhost",
    "someone%elsewhere.example%mail.example@mail.example",
    "elsewhere.example!mail.example!someone",
    "someone%elsewhere.example",
    "someone@[192.0.2.1]",
]


@pytest.mark.parametrize("recipient", TRICKS)
def test_strangers_find_no_way_through(stranger, recipient):
    with stranger.client() as client:
        client.ehlo()
        client.docmd("MAIL FROM:<sender@client.example>")
        code, text = client.docmd(f"RCPT TO:<{recipient}>")
    assert code == 554, text
    assert b"Relay access denied" in text


@pytest.mark.parametrize("recipient", [
    "alice@mail.example", "alice@[127.0.0.1]", "postmaster", "PostMaster",
    "alice@localhost", '"alice"@mail.example'])
def test_strangers_may_write_to_us(stranger, recipient):
    with stranger.client() as client:
        client.ehlo()
        client.docmd("MAIL FROM:<sender@client.example>")
        code, text = client.docmd(f"RCPT TO:<{recipient}>")
    assert code == 250, text


@pytest.fixture(scope="module")
def stranger(staging):
    """An instance to which this machine is a stranger."""
    from tests.support.instance import Instance
    instance = Instance(staging, parameters={"mynetworks": "192.0.2.0/24"})
    yield instance.start()
    instance.stop()
    instance.remove()
