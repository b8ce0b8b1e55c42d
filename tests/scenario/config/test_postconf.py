# SPDX-License-Identifier: MIT
"""postconf beside Postfix's: what Postfix 3.7 of Debian 12 printed for the
files in postfix/, and made of them, is in postfix/shown and postfix/edited."""

import json
import pathlib
import re
import shlex
import shutil
import subprocess

import pytest

FILES = pathlib.Path(__file__).parent / "postfix"


def recorded(name):
    """[(arguments, text)] of a file of sections "== postconf arguments"."""
    parts = re.split(r"^== postconf (.*)\n", (FILES / name).read_text(),
                     flags=re.M)
    return list(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture
def directory(tmp_path):
    for name in ("main.cf", "master.cf"):
        shutil.copy(FILES / name, tmp_path)
    return tmp_path


@pytest.fixture
def postconf(staging, directory):
    def run(*arguments, check=True):
        result = subprocess.run(
            [staging.command("postconf"), "-c", ".", *arguments],
            cwd=directory, capture_output=True, text=True, timeout=60,
            check=False)
        assert not check or result.returncode == 0, result.stderr
        return result

    return run


@pytest.mark.parametrize("arguments,text", recorded("shown"))
def test_shows_what_postfix_shows(postconf, arguments, text):
    assert postconf(*shlex.split(arguments)).stdout == text


@pytest.mark.parametrize("arguments,text", recorded("edited"))
def test_edits_as_postfix_edits(postconf, directory, arguments, text):
    postconf(*shlex.split(arguments))
    name = "master.cf" if arguments[:2] in ("-M", "-F", "-P") else "main.cf"
    assert (directory / name).read_text() == text
    assert sorted(path.name for path in directory.iterdir()) == [
        "main.cf", "master.cf"]


def test_warns_of_what_nothing_uses(postconf):
    warnings = postconf("-n").stderr
    assert "./main.cf, line 9: unused parameter: unused_thing=x" in warnings
    assert "./master.cf, line 2: unused parameter: -o smtpd_x=" in warnings
    assert "mua_client" not in warnings
    assert postconf("-q", "-n").stderr == ""
    assert "relay_host: unknown parameter (did you mean relayhost?)" in \
        postconf("relay_host").stderr
    assert 'unmatched request: "x/unix"' in postconf("-M", "x/unix").stderr


def test_json(postconf):
    settings = {entry["name"]: entry["value"] for entry in map(
        json.loads, postconf("-jnx").stdout.splitlines())}
    assert settings["header_checks"] == "regexp:/x"
    services = [json.loads(line)
                for line in postconf("-jM").stdout.splitlines()]
    assert services[0]["service"] == "smtp"
    assert services[0]["command"].startswith("smtpd -v -o ")
    options = [json.loads(line)
               for line in postconf("-jP", "slow").stdout.splitlines()]
    assert options == [
        {"name": "slow/unix/smtp_fallback_relay", "value": ""}]


def test_a_refused_edit_changes_nothing(postconf, directory):
    before = (directory / "master.cf").read_text()
    result = postconf("-F", "-e", "slow/unix/chroot=maybe", check=False)
    assert result.returncode == 1
    assert "chroot = maybe: expected y, n or -" in result.stderr
    assert postconf("-M", "-e", "x/unix=y", check=False).returncode == 1
    assert (directory / "master.cf").read_text() == before


def test_a_checked_edit_refuses_what_would_stop_a_start(postconf, directory):
    (directory / "main.cf").write_text("mydomain = example.com\n")
    (directory / "master.cf").write_text("")
    result = postconf("-E", "content_filter=scan:x", check=False)
    assert result.returncode == 1
    assert "nothing is changed: " in result.stderr
    assert "content_filter" in result.stderr
    assert (directory / "main.cf").read_text() == "mydomain = example.com\n"
    postconf("-E", "mydomain=example.org")
    assert (directory / "main.cf").read_text() == "mydomain = example.org\n"


def test_what_the_build_has(postconf):
    tables = postconf("-m").stdout.split()
    assert tables == sorted(tables)
    assert {"hash", "inline", "proxy", "static"} <= set(tables)
    assert postconf("-l").stdout.split() == ["fcntl", "dotlock"]
    assert postconf("-a").stdout == postconf("-A").stdout == ""
    assert postconf("-T", "run-version").stdout.startswith("OpenSSL 3")
    assert "rsa" in postconf("-T", "public-key-algorithms").stdout.split()


def test_words_of_notices(make_instance):
    instance = make_instance(start=False)
    raw = instance.run("postconf", "-t").stdout.decode()
    assert raw.startswith("failure_template = <<EOF\nCharset: us-ascii\n")
    assert raw.count("\nEOF\n") == 4
    assert "host $myhostname." in raw
    expanded = instance.run("postconf", "-b").stdout.decode()
    assert expanded.startswith("expanded_failure_text = <<EOF\n")
    assert "$" not in expanded
    # What -t prints is a template file.
    path = instance.root / "templates"
    path.write_text(raw.replace(
        "Subject: Undelivered", "Subject: Not delivered"))
    again = instance.run("postconf", "-t", path).stdout.decode()
    assert again == path.read_text()
    bad = instance.root / "bad"
    bad.write_text("failure_template = <<EOF\nSubject: x\n")
    result = instance.run("postconf", "-t", bad, check=False)
    assert result.returncode == 78
    assert "line 1: " in result.stderr.decode()


def test_wrong_usage(postconf):
    for arguments, words in {
            ("-n", "-d"): "specify one of -d -n",
            ("-M", "-h"): "with option -M, do not specify -h",
            ("-e", "x"): "expected name=value, found \"x\"",
            ("-M", "a/b/c"): "expected service/type, found \"a/b/c\"",
            ("-Z",): "usage: postconf"}.items():
        result = postconf(*arguments, check=False)
        assert result.returncode == 64
        assert words in result.stderr
