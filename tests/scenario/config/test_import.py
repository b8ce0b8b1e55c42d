# SPDX-License-Identifier: MIT
"""postern import: what becomes of a configuration of Postfix."""

import pathlib
import re
import subprocess

import pytest

STYLES = pathlib.Path(__file__).parent / "styles"

MAIN_CF = """\
# Head.
compatibility_level = 3.6
queue_directory = /var/spool/postfix
mail_owner = postfix
myorigin = {origin}

# Tables
virtual_alias_maps = hash:/etc/postfix/virtual
\t# inside
\ttexthash:{source}/maps/more
transport_maps = hash:/etc/postfix/gone
mynetworks_style = planet
soft_bounce = maybe
smtpd_upstream_proxy_protocol = haproxy
smtp_sasl_mechanism_filter = plain
"""

MASTER_CF = """\
# Services
smtp      inet  n       -       y       -       -       smtpd
  -o smtpd_helo_required=yes
tlsmgr    unix  -       -       y       1000?   1       tlsmgr
slow      unix  -       -       y       -       7       smtp
vacation  unix  -       n       n       -       -       pipe
  flags=Rq user=vacation argv={source}/vacation -- ${{sender}}
odd       unix  -       -       n       -       -       nosuch
"""


@pytest.fixture
def postern(staging):
    def run(*arguments, check=True):
        result = subprocess.run([staging.command("postern"), *arguments],
                                capture_output=True, text=True, timeout=60,
                                check=False)
        assert not check or result.returncode == 0, result.stderr
        return result

    return run


@pytest.fixture
def source(tmp_path):
    source = tmp_path / "postfix"
    (source / "maps").mkdir(parents=True)
    origin = tmp_path / "mailname"
    origin.write_text("example.net\n")
    (source / "main.cf").write_text(
        MAIN_CF.format(source=source, origin=origin))
    (source / "master.cf").write_text(MASTER_CF.format(source=source))
    (source / "virtual").write_text("a@example.com b\n")
    (source / "virtual.db").write_bytes(b"\0" * 100)
    (source / "maps" / "more").write_text("c d\n")
    (source / "maps" / "more").chmod(0o640)
    (source / "post-install").write_text("#!/bin/sh\n")
    (source / "makedefs.out").symlink_to("/nowhere")
    (source / "link").symlink_to("virtual")
    return source


def test_an_import(postern, source, tmp_path):
    target = tmp_path / "postern"
    account = postern("-c", str(target), "import", str(source)).stdout
    main_cf = (target / "main.cf").read_text()
    expected = (source / "main.cf").read_text()
    expected = expected.replace("\nqueue_directory", "\n#queue_directory")
    expected = expected.replace("\nmail_owner", "\n#mail_owner")
    expected = expected.replace(str(tmp_path / "mailname"), "example.net")
    expected = expected.replace("hash:/etc/postfix/virtual",
                                f"hash:{target}/virtual")
    expected = expected.replace(f"{source}/maps", f"{target}/maps")
    assert main_cf == expected
    # The program behind a pipe was not there to be copied.
    assert (target / "master.cf").read_text() == \
        (source / "master.cf").read_text()
    assert sorted(str(path.relative_to(target))
                  for path in target.rglob("*")) == [
        "main.cf", "maps", "maps/more", "master.cf", "virtual", "virtual.db"]
    assert (target / "maps" / "more").stat().st_mode & 0o777 == 0o640

    sections = dict(re.findall(r"^(\S.*):\n((?:  .*\n)+)", account, re.M))
    changed = sections["Changed in the copy"]
    assert "main.cf, line 3: queue_directory = /var/spool/postfix is a " \
        "comment now" in changed
    assert f"main.cf, line 8: /etc/postfix/virtual is now {target}/virtual" \
        in changed
    assert "what the file has, example.net" in changed
    assert "link is not copied: it is no regular file" in changed
    stops = sections["Stops the start until it is changed"]
    assert "main.cf, line 14: smtpd_upstream_proxy_protocol" in stops
    assert "main.cf, line 13: soft_bounce: " in stops
    assert "master.cf, line 8: unknown program nosuch" in stops
    ignored = sections["Has no effect"]
    assert "main.cf, line 15: smtp_sasl_mechanism_filter" in ignored
    differs = sections["Behaves differently"]
    assert "mail_name is not set" in differs
    assert "master.cf, line 5: maxproc 7 is the number of sessions" in differs
    assert "tlsmgr" not in account
    wrong = sections["Looks wrong, also for Postfix"]
    assert "line 11: transport_maps: /etc/postfix/gone.db: No such" in wrong


def test_an_import_keeps_what_is_there(postern, source, tmp_path):
    target = tmp_path / "postern"
    target.mkdir()
    (target / "main.cf").write_text("mine = 1\n")
    result = postern("-c", str(target), "import", str(source), check=False)
    assert result.returncode == 1
    assert "main.cf exists; --replace keeps it" in result.stderr
    assert (target / "main.cf").read_text() == "mine = 1\n"
    postern("-c", str(target), "import", "--replace", str(source))
    assert (target / "main.cf.before-import").read_text() == "mine = 1\n"
    assert "# Head." in (target / "main.cf").read_text()


def test_what_cannot_be_read_is_not_imported(postern, source, tmp_path):
    target = tmp_path / "postern"
    for name, text, words in (
            ("main.cf", "a = 1\nnonsense\n",
             'main.cf, line 2: expected "name = value", found "nonsense"'),
            ("master.cf", "# x\nsmtp inet n\n",
             "master.cf, line 2: expected 8 columns")):
        before = (source / name).read_text()
        (source / name).write_text(text)
        result = postern("-c", str(target), "import", str(source),
                         check=False)
        assert result.returncode == 1
        assert words in result.stderr
        assert not list(target.iterdir())
        (source / name).write_text(before)
    result = postern("-c", str(source), "import", str(source), check=False)
    assert "would be its own copy" in result.stderr
    result = postern("-c", str(target), "import", "/no/where", check=False)
    assert "/no/where: No such file" in result.stderr
    assert postern("import", check=False).returncode == 64


# The features that configurations of well-known projects use: each loads, and
# the account names what this version does not have.
STYLE_WORDS = {
    "mailcow": ["smtpd_milters = inet:rspamd:9900: this version has no",
                "postscreen_dnsbl_sites"],
    "mailinabox": ["smtpd_sender_login_maps is not supported yet"],
    "iredmail": ["content_filter = smtp-amavis:[127.0.0.1]:10024",
                 "no program pipe: nothing serves dovecot"],
    "dockermail": ["no program spawn: nothing serves policyd-spf"],
    "ispconfig": ["no program pipe: nothing serves maildrop"],
}


@pytest.mark.parametrize("style", sorted(STYLE_WORDS))
def test_styles_of_well_known_projects(postern, staging, tmp_path, style):
    target = tmp_path / "postern"
    account = postern(
        "-c", str(target), "import", str(STYLES / style)).stdout
    for words in STYLE_WORDS[style]:
        assert words in account
    # Nothing that these files set is unknown.
    assert "unused parameter" not in account
    assert "unknown program" not in account
    shown = subprocess.run(
        [staging.command("postconf"), "-c", str(target), "-nx"],
        capture_output=True, text=True, check=True)
    assert shown.stderr == ""
    assert "myhostname" in shown.stdout or "$" not in shown.stdout
