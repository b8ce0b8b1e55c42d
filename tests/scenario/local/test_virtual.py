# SPDX-License-Identifier: MIT
"""virtual_mailbox_domains: mailboxes without system users."""

import mailbox

import pytest



@pytest.fixture
def virtual(make_instance):
    instance = make_instance(start=False)
    base = instance.root / "vmail"
    base.mkdir()
    instance._give_to_user()
    instance.parameters.update({
        "virtual_mailbox_domains": "box.example",
        "virtual_mailbox_base": base,
        "virtual_mailbox_maps": f"texthash:{instance.config}/vmailbox",
        "virtual_alias_maps": "inline:{info@box.example=ann@box.example}",
        "virtual_uid_maps": f"static:{instance.user.pw_uid}",
        "virtual_gid_maps": f"static:{instance.user.pw_gid}",
        "virtual_minimum_uid": "100",
        "virtual_mailbox_limit": "5000",
        "recipient_delimiter": "+",
    })
    (instance.config / "vmailbox").write_text(
        "ann@box.example box.example/ann/\n"
        "bob@box.example /box.example/bob\n"
        "up@box.example ../outside/\n")
    instance.write_main_cf()
    instance.base = base
    return instance.start()


def new_files(instance, name):
    folder = instance.base / "box.example" / name / "new"
    return list(folder.iterdir()) if folder.is_dir() else []


def test_maildir(virtual):
    queue_id = virtual.send("Ann+x@box.example")
    virtual.wait_log(rf"postfix/virtual\[\d+\]: {queue_id}: "
                     r"to=<Ann\+x@box\.example>, relay=virtual, .*dsn=2\.0\.0, "
                     r"status=sent \(delivered to maildir\)$")
    raw = new_files(virtual, "ann")[0].read_bytes()
    assert raw.startswith(b"Return-Path: <sender@client.example>\n"
                          b"X-Original-To: Ann+x@box.example\n"
                          b"Delivered-To: Ann+x@box.example\n")
    virtual.wait_queue_empty()


def test_mbox(virtual):
    virtual.send("bob@box.example")
    virtual.send("bob@box.example")
    virtual.wait_log(r"status=sent \(delivered to mailbox\)", 2)
    box = mailbox.mbox(virtual.base / "box.example" / "bob", create=False)
    assert len(box) == 2


def test_alias(virtual):
    virtual.send("info@box.example")
    virtual.wait_log(r"to=<ann@box\.example>, orig_to=<info@box\.example>, "
                     r"relay=virtual")
    assert len(new_files(virtual, "ann")) == 1


def test_unknown(virtual):
    with virtual.client() as client:
        client.ehlo()
        client.mail("sender@client.example")
        code, text = client.rcpt("nobody@box.example")
    assert code == 550
    assert b"User unknown in virtual mailbox table" in text
    virtual.run("sendmail", "-f", "alice@mail.example", "nobody@box.example",
                input="Subject: x\n\nx\n")
    virtual.wait_log(r"dsn=5\.1\.1, status=bounced \(unknown user: "
                     r'"nobody@box\.example"\)$')


def test_limit(virtual):
    virtual.send("ann@box.example", virtual.message(["x"], body="x" * 6000))
    virtual.wait_log(r"relay=virtual, .*dsn=5\.2\.2, status=bounced ")


def test_no_way_out_of_the_base(virtual):
    virtual.send("up@box.example")
    virtual.wait_log(r"relay=virtual, .*dsn=4\.2\.0, status=deferred ")
    assert not (virtual.root / "outside").exists()


def test_loop(virtual):
    virtual.send("ann@box.example",
                 b"Delivered-To: ann@box.example\r\nSubject: x\r\n\r\nx\r\n")
    virtual.wait_log(r"dsn=5\.4\.6, status=bounced \(mail forwarding loop")


@pytest.mark.parametrize("setting", [
    {"virtual_uid_maps": "static:99"}, {"virtual_uid_maps": "static:joe"},
    {"virtual_gid_maps": ""}])
def test_bad_user_ids(make_instance, setting):
    instance = make_instance(parameters={
        "virtual_mailbox_domains": "box.example",
        "virtual_mailbox_base": "/nonexistent",
        "virtual_mailbox_maps": "static:ann/",
        "virtual_uid_maps": "static:65534",
        "virtual_gid_maps": "static:65534", **setting})
    instance.send("ann@box.example")
    instance.wait_log(r"dsn=4\.3\.5, status=deferred \(mail system "
                      r"configuration error\)$")


def test_base_must_exist(make_instance):
    instance = make_instance(parameters={
        "virtual_mailbox_domains": "box.example",
        "virtual_mailbox_base": "/nonexistent",
        "virtual_mailbox_maps": "static:ann/",
        "virtual_uid_maps": "static:65534",
        "virtual_gid_maps": "static:65534"})
    instance.send("ann@box.example")
    instance.wait_log(r"status=deferred \(maildir delivery failed: open "
                      r"/nonexistent: No such file or directory\)$")
