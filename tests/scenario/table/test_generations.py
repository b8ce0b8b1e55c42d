# SPDX-License-Identifier: MIT
"""lookup notices tables that change, takes the good ones, and keeps what it has
when one is broken; servers that are asked cannot hold it up."""

import socket
import threading

from tests.support.waiting import wait_until


def build(instance, text, kind="hash"):
    (instance.config / "users").write_text(text)
    instance.run("postmap", f"{kind}:{instance.config}/users")


def make(make_instance, kind="hash", **parameters):
    instance = make_instance(start=False, parameters={
        "table_check_interval": "1s",
        "virtual_mailbox_domains": "box.example",
        "virtual_transport": "discard",
        "virtual_mailbox_maps": f"{kind}:{{0}}/users", **parameters})
    instance.parameters["virtual_mailbox_maps"] = \
        instance.parameters["virtual_mailbox_maps"].format(instance.config)
    instance.write_main_cf()
    return instance


def answer(instance, address):
    with instance.client() as client:
        client.ehlo()
        client.mail("sender@client.example")
        return client.rcpt(address)[0]


def test_changed_table_is_taken(make_instance):
    instance = make(make_instance)
    build(instance, "ann@box.example x\n")
    instance.start()
    assert answer(instance, "ann@box.example") == 250
    assert answer(instance, "bob@box.example") == 550
    before = set(instance.pids("lookup"))
    build(instance, "bob@box.example x\n")
    instance.wait_log(r"lookup\[\d+\]: table hash:\S+/users has changed, "
                      r"opened anew")
    wait_until(lambda: answer(instance, "bob@box.example") == 250,
               "the new table")
    assert answer(instance, "ann@box.example") == 550
    wait_until(lambda: instance.pids("lookup") and
               not before & set(instance.pids("lookup")),
               "lookup with the new table alone")
    assert answer(instance, "bob@box.example") == 250


def test_broken_table_is_not_taken(make_instance):
    instance = make(make_instance, kind="cdb")
    build(instance, "ann@box.example x\n", kind="cdb")
    instance.start()
    assert answer(instance, "ann@box.example") == 250
    broken = instance.config / "broken"
    broken.write_text("this is no table\n")
    broken.replace(instance.config / "users.cdb")
    instance.wait_log(r"lookup\[\d+\]: error: table cdb:\S+/users has changed, "
                      r"the old one stays in use: ")
    assert answer(instance, "ann@box.example") == 250
    assert answer(instance, "bob@box.example") == 550
    (instance.config / "users.cdb").unlink()
    build(instance, "bob@box.example x\n", kind="cdb")
    wait_until(lambda: answer(instance, "bob@box.example") == 250,
               "the table that is good again")


def test_rows_that_are_wrong_are_named(make_instance):
    instance = make(make_instance, kind="pcre")
    (instance.config / "users").write_text(
        "/(/ x\n/^ann@/ x\n/^(a+)+b@/ x\nif /x/\n")
    instance.start()
    instance.wait_log(r"warning: \S+/users, line 1: at offset 1 of the pattern")
    instance.wait_log(r"warning: \S+/users, line 4: if without an endif")
    assert answer(instance, "ann@box.example") == 250
    assert answer(instance, "bob@box.example") == 550
    # A pattern that explodes is no answer.
    assert answer(instance, "a" * 40 + "@box.example") == 451
    instance.wait_log(r"lookup\[\d+\]: warning: pcre:\S+: line 3: match limit")


def test_server_that_hangs(make_instance):
    """Others are answered meanwhile, and who waits is told to try again."""
    listener = socket.create_server(("127.0.0.1", 0))
    instance = make(make_instance, virtual_mailbox_maps="socketmap:inet:"
                    f"127.0.0.1:{listener.getsockname()[1]}:users")
    instance.start()
    codes = []
    waiting = threading.Thread(target=lambda: codes.append(
        answer(instance, "ann@box.example")))
    waiting.start()
    connection, _ = listener.accept()
    try:
        assert connection.recv(1000) == b"21:users ann@box.example,"
        assert answer(instance, "alice@mail.example") == 250
        assert not codes
        connection.sendall(b"999999:OK x,")
        waiting.join()
        assert codes == [451]
        instance.wait_log(r"socketmap:\S+: the server does not keep to the "
                          r"protocol")
    finally:
        connection.close()
        listener.close()
