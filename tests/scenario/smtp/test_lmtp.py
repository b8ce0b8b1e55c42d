# SPDX-License-Identifier: MIT
"""The same program as an LMTP client (RFC 2033), over TCP and UNIX sockets."""

import pathlib
import shutil
import tempfile

import pytest

RECIPIENTS = ["a@remote.example", "b@remote.example", "c@remote.example"]


@pytest.fixture
def folder():
    """For sockets: short and open to the instance's user."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="pl-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def session(server):
    server.hello("PIPELINING", verb="LHLO")
    assert server.lines == ["LHLO mail.example"]
    for _ in range(5):
        server.line()
    server.say("250 ok\r\n" * 4 + "354 go\r\n")
    server.content()
    server.say("250 2.0.0 for a\r\n450 4.2.2 full\r\n550 5.2.1 gone\r\n")
    server.gone()


def check(instance, relay):
    queue_id = instance.send(RECIPIENTS)
    line = rf"postfix/lmtp\[\d+\]: {queue_id}: to=<{{}}@remote\.example>, " \
        rf"relay={relay}, .*, dsn={{}}, status={{}} \({{}}"
    instance.wait_log(line.format("a", r"2\.0\.0", "sent",
                                  r"250 2\.0\.0 for a\)$"))
    instance.wait_log(line.format("b", r"4\.2\.2", "deferred",
                                  r"host .* said: 450 4\.2\.2 full \(in reply "
                                  r"to end of DATA command\)\)$"))
    instance.wait_log(line.format("c", r"5\.2\.1", "bounced", "host .*"))


def test_one_reply_for_each_recipient(make_script, make_instance):
    script = make_script(session)
    instance = make_instance(parameters={
        "default_transport": f"lmtp:inet:127.0.0.1:{script.port}"})
    check(instance, rf"127\.0\.0\.1\[127\.0\.0\.1\]:{script.port}")


def test_an_absolute_socket(make_script, make_instance, folder):
    make_script(session, path=folder / "lmtp")
    instance = make_instance(parameters={
        "default_transport": f"lmtp:unix:{folder}/lmtp"})
    check(instance, rf"mail\.example\[{folder}/lmtp\]")


def test_a_socket_in_the_queue_directory(make_script, make_instance):
    instance = make_instance(parameters={
        "default_transport": "lmtp:unix:private/lmtp"})
    private = instance.queue / "private"
    private.mkdir(exist_ok=True)
    private.chmod(0o755)
    make_script(session, path=private / "lmtp")
    check(instance, r"mail\.example\[private/lmtp\]")


def test_no_socket(make_instance, folder):
    instance = make_instance(parameters={
        "default_transport": f"lmtp:unix:{folder}/none"})
    instance.send(RECIPIENTS[0])
    instance.wait_log(
        rf"relay=none, .*dsn=4\.4\.1, status=deferred \(connect to "
        rf"mail\.example\[{folder}/none\]: No such file or directory\)$")
