# SPDX-License-Identifier: MIT
"""bounce_template_file: the administrator's own words in notices."""

import email
import email.policy

REFUSAL = "550 5.1.1 no such user here"

WORDS = """\
# Words of mail.example
failure_template = <<EOF
Charset: utf-8
From: Poste <poste@mail.example>
Subject: Non remis
Postmaster-Subject: Copie: non remis

Désolé, $myhostname a essayé $maximal_queue_lifetime_hours h
et coûte 5 $$.
EOF

delay_template = <<EOF
Subject: En retard
EOF
"""


def refuse(address):
    return REFUSAL if address.startswith("nobody") else None


def write_words(instance, text):
    path = instance.config / "bounce.cf"
    path.write_text(text)
    instance.parameters["bounce_template_file"] = path
    instance.write_main_cf()
    return path


def notice_of(mail):
    notice = email.message_from_bytes(mail.content,
                                      policy=email.policy.default)
    return notice, list(notice.iter_parts())


def test_own_words(relay_to, make_sink):
    sink = make_sink(rcpt=refuse)
    instance = relay_to(sink.port, notify_classes="bounce",
                        maximal_queue_lifetime="2d", mydestination="",
                        bounce_notice_recipient="copies@remote.example")
    write_words(instance, WORDS)
    instance.run("postern", "reload")
    instance.send("nobody@remote.example")
    mails = {mail.recipients[0]: mail for mail in sink.wait(2)}
    notice, (text, _, _) = notice_of(mails["sender@client.example"])
    assert notice["Subject"] == "Non remis"
    assert notice["From"] == "Poste <poste@mail.example>"
    assert notice["Content-Transfer-Encoding"] == "8bit"
    assert text.get_content_charset() == "utf-8"
    assert text.get_content().startswith(
        "Désolé, mail.example a essayé 48 h\r\net coûte 5 $.\r\n\r\n"
        "<nobody@remote.example>: host ")
    # A copy has a subject of its own, and only facts.
    copy, (text, _, _) = notice_of(mails["copies@remote.example"])
    assert copy["Subject"] == "Copie: non remis"
    assert text.get_content().startswith("<nobody@remote.example>: host ")


def test_a_bad_file_is_refused(relay_to, make_sink):
    sink = make_sink(rcpt=refuse)
    instance = relay_to(sink.port)
    path = write_words(instance, WORDS.replace("Subject: En", "Subjct: En"))
    words = (f"bounce_template_file {path}: line 13: expected Charset, From, "
             "Subject or Postmaster-Subject: Subjct")
    result = instance.run("postern", "check", check=False)
    assert result.returncode != 0
    assert words in (result.stdout + result.stderr).decode()
    assert instance.run("postern", "reload", check=False).returncode != 0
    assert words in instance.log()
    path.write_text(WORDS.replace("$myhostname", "$myhostnam"))
    result = instance.run("postern", "check", check=False)
    assert ("line 8: there is no parameter \"myhostnam\""
            in (result.stdout + result.stderr).decode())


def test_a_file_that_goes_bad_later(relay_to, make_sink):
    sink = make_sink(rcpt=refuse)
    instance = relay_to(sink.port)
    path = write_words(instance, WORDS)
    instance.run("postern", "reload")
    path.unlink()
    instance.send("nobody@remote.example")
    instance.wait_log(rf"warning: bounce_template_file {path}: .*No such file "
                      "or directory; the built-in templates are used$")
    notice, _ = notice_of(sink.wait()[0])
    assert notice["Subject"] == "Undelivered Mail Returned to Sender"
