# SPDX-License-Identifier: MIT
"""postern check and postern reload --dry-run."""

import os
import time


def append(instance, name, text):
    with open(instance.config / name, "a", encoding="utf-8") as file:
        file.write(text)


def check(instance):
    result = instance.run("postern", "check", check=False)
    return result.returncode, result.stderr.decode()


def test_check_finds_what_loads_and_is_wrong(instance):
    assert check(instance)[0] == 0
    table = instance.config / "routes"
    table.write_text("example.org smtp:[127.0.0.1]\n")
    instance.run("postmap", f"hash:{table}")
    future = time.time() + 60
    os.utime(table, (future, future))
    append(instance, "main.cf",
           "smtpd_sender_restrictions = permit_mynetworks, permit, reject\n"
           f"transport_maps = hash:{table}\n"
           "relay_hosts = x\n"
           "fallback_transport = nowhere:\n"
           "sender_canonical_maps = texthash:/no/where\n")
    append(instance, "master.cf",
           "extra unix - - n - - smtp -o smtp_hello_name=x\n")
    status, words = check(instance)
    assert status == 0
    for expected in (
            'smtpd_sender_restrictions: "reject" is never reached: it comes '
            'after "permit"',
            f"{table} is newer than {table}.db; run postmap hash:{table}",
            "unused parameter: relay_hosts=x (did you mean relayhost?)",
            "fallback_transport: master.cf has no service nowhere of type "
            "unix",
            "sender_canonical_maps: /no/where: No such file or directory",
            "unused parameter: -o smtp_hello_name=x (did you mean "
            "smtp_helo_name?)"):
        assert expected in words
    for line in words.splitlines():
        assert "main.cf, line" in line or "master.cf, line" in line


def test_check_refuses_an_origin_in_a_file(make_instance):
    instance = make_instance(start=False)
    append(instance, "main.cf", "myorigin = /etc/mailname\n")
    status, words = check(instance)
    assert status == 78
    assert "myorigin = /etc/mailname: expected a domain" in words


def test_dry_run_shows_what_a_reload_would_change(instance):
    def dry_run(status=0):
        result = instance.run("postern", "reload", "--dry-run", check=False)
        assert result.returncode == status, result.stderr
        return result.stdout.decode()

    pids = instance.pids()
    said = dry_run()
    assert said.startswith("nothing changes\nget new processes: smtpd ")
    assert "keep their processes: qmgr dns" in said

    append(instance, "main.cf",
           "# A change.\nbanner_name = Mail\n"
           "smtpd_banner = $myhostname ESMTP $banner_name\n")
    append(instance, "master.cf", "slow unix - - n - 3 smtp\n")
    said = dry_run()
    lines = said.splitlines()
    assert 'banner_name: "" -> "Mail"' in lines
    banner = next(line for line in lines if line.startswith("smtpd_banner: "))
    assert banner.endswith(' ESMTP Mail" (smtpd)')
    assert lines[2].split() == "+ slow unix - - n - 3 smtp".split()
    assert len(lines) == 5
    assert lines[4].startswith("get new processes, one after the other: ")
    # Nothing has changed by looking.
    assert instance.pids() == pids

    instance.run("postern", "reload")
    assert dry_run().startswith("nothing changes\n")

    # What could not be reloaded says so.
    append(instance, "main.cf", "maximal_backoff_time = soon\n")
    assert 'maximal_backoff_time: "4000s" -> "soon"' in dry_run(status=78)
    append(instance, "main.cf", "nonsense\n")
    dry_run(status=78)


def test_dry_run_needs_a_running_mail_system(make_instance):
    instance = make_instance(start=False)
    result = instance.run("postern", "reload", "--dry-run", check=False)
    assert result.returncode == 1
    assert b"is not running" in result.stderr
    assert instance.run("postern", "stop", "--dry-run",
                        check=False).returncode == 64
