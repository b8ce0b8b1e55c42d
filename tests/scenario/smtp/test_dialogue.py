# SPDX-License-Identifier: MIT
"""What is said to servers of different abilities."""

RECIPIENT = "someone@remote.example"


def test_an_old_server_gets_helo(make_script, relay_to):
    def session(server):
        server.say("220 old.example\r\n")
        assert server.expect("EHLO") == "EHLO mail.example"
        server.say("500 what?\r\n")
        assert server.expect("HELO") == "HELO mail.example"
        server.say("250 old.example\r\n")
        server.take()
        assert server.lines[2:4] == ["MAIL FROM:<sender@client.example>",
                                     f"RCPT TO:<{RECIPIENT}>"]
        server.gone()

    instance = relay_to(make_script(session))
    queue_id = instance.send(RECIPIENT)
    instance.wait_log(rf"{queue_id}: .*status=sent \(250 2\.0\.0 taken\)$")


def test_commands_are_pipelined_when_offered(make_script, relay_to):
    recipients = [f"user{number}@remote.example" for number in range(50)]

    def session(server):
        server.hello("PIPELINING", "SIZE 10000000")
        commands = [server.line() for _ in range(50)]
        assert commands[0].startswith(
            "MAIL FROM:<sender@client.example> SIZE=")
        server.say("250 ok\r\n" * 50)
        commands += [server.line() for _ in range(2)]
        server.say("250 ok\r\n354 go on\r\n")
        assert commands[1:51] == [f"RCPT TO:<{address}>"
                                  for address in recipients]
        assert commands[51] == "DATA"
        server.content()
        server.say("250 2.0.0 all\r\n")
        server.gone()

    script = make_script(session)
    instance = relay_to(script, smtp_destination_recipient_limit=200)
    queue_id = instance.send(recipients)
    instance.wait_log(rf"{queue_id}: .*status=sent \(250 2\.0\.0 all\)$",
                      count=50)


def test_nothing_is_sent_when_no_recipient_is_left(make_script, relay_to):
    """RFC 2920 3.1: a server may say 354 although it took nobody."""
    contents = []

    def session(server):
        server.hello("PIPELINING")
        for _ in range(3):
            server.line()
        server.say("250 ok\r\n550 5.1.1 nobody\r\n354 go on then\r\n")
        contents.append(server.content())
        server.say("250 2.0.0 empty\r\n")
        server.expect("RSET")
        server.say("250 ok\r\n")
        server.gone()

    instance = relay_to(make_script(session))
    queue_id = instance.send(RECIPIENT)
    instance.wait_log(rf"{queue_id}: .*dsn=5\.1\.1, status=bounced")
    instance.stop()
    assert contents == [b""]


def test_dsn_parameters_are_passed_on(make_script, relay_to):
    def session(server):
        server.hello("PIPELINING", "DSN")
        commands = [server.line() for _ in range(3)]
        assert commands[0] == ("MAIL FROM:<sender@client.example> RET=HDRS "
                               "ENVID=id+2B1")
        assert commands[1] == (f"RCPT TO:<{RECIPIENT}> NOTIFY=SUCCESS,DELAY "
                               "ORCPT=rfc822;first+2Bx@remote.example")
        server.say("250 ok\r\n250 ok\r\n354 go\r\n")
        server.content()
        server.say("250 2.0.0 taken\r\n")
        server.gone()

    instance = relay_to(make_script(session))
    with instance.client() as client:
        client.ehlo()
        client.mail("sender@client.example", ["RET=HDRS", "ENVID=id+2B1"])
        client.rcpt(RECIPIENT, ["NOTIFY=SUCCESS,DELAY",
                                "ORCPT=rfc822;first+2Bx@remote.example"])
        client.data(instance.message([RECIPIENT]))
    instance.wait_log(r"status=sent \(250 2\.0\.0 taken\)$")


def test_a_server_that_is_too_small_is_not_bothered(make_script, relay_to):
    def session(server):
        server.hello("SIZE 100")
        server.gone()
        assert not [line for line in server.lines if line.startswith("MAIL")]

    instance = relay_to(make_script(session))
    queue_id = instance.send(RECIPIENT)
    instance.wait_log(
        rf"{queue_id}: .*dsn=5\.3\.4, status=bounced \(message size \d+ "
        r"exceeds size limit 100 of server 127\.0\.0\.1\[127\.0\.0\.1\]\)$")


def test_a_kept_connection_that_died_does_not_hurt(make_script, relay_to):
    """The second message finds the connection of the first one closed."""
    def session(server):
        server.hello()
        server.take(reply=f"250 2.0.0 taken by {server.number}")
        if server.number == 1:
            server.expect("MAIL FROM:")
            server.say("421 4.4.2 idle for too long\r\n")
        else:
            server.gone()

    instance = relay_to(make_script(session))
    for number in (1, 2):
        queue_id = instance.send(RECIPIENT)
        instance.wait_log(rf"{queue_id}: .*taken by {number}\)$")
    assert "status=deferred" not in instance.log()


def test_an_unused_connection_ends_with_quit(make_script, relay_to):
    script = make_script(lambda server: (server.hello(), server.take(),
                                         server.gone()))
    instance = relay_to(script, smtp_connection_cache_time_limit="1s")
    instance.send(RECIPIENT)
    instance.wait_log("status=sent")
    script.threads[1].join(10)
    assert script.connections[0].lines[-1] == "QUIT"
