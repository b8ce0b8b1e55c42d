# SPDX-License-Identifier: MIT
"""Things in the queue's directories that are no messages: they hold nothing up,
stay what and where they are, and the log has each of them once."""

import os

from tests.support.waiting import wait_until

FIFO_ID = "4jcGpx0JK4z0cT77"
LINK_ID = "4jcGpx0JK4z0cT78"
FOLDER_ID = "4jcGpx0JK4z0cT79"


def make_strangers(folder):
    """Names that are no ids, of all kinds."""
    (folder / "README").write_text("hello\n")
    os.mkfifo(folder / "pipe")
    (folder / "link").symlink_to("/etc/passwd")
    (folder / "hard").write_text("two names\n")
    os.link(folder / "hard", folder / "hard.2")
    (folder / "folder").mkdir()
    (folder / ("n" * 255)).write_text("")
    (folder / "new\nline: removed").write_text("")
    with open(os.fsencode(folder) + b"/\xff\xfe\x01", "wb"):
        pass
    return sorted(os.listdir(os.fsencode(folder)))


def test_strangers_are_left_alone(make_instance, make_sink):
    sink = make_sink()
    instance = make_instance(start=False, parameters={
        "relayhost": f"[127.0.0.1]:{sink.port}", "queue_run_delay": "1s"})
    instance.start()
    incoming, deferred = instance.queue / "incoming", instance.queue / "deferred"
    before = {}
    for folder in (incoming, deferred, instance.queue / "hold"):
        had = set(os.listdir(os.fsencode(folder)))
        before[folder] = [name for name in make_strangers(folder)
                          if name not in had]
    os.mkfifo(incoming / FIFO_ID)
    (incoming / LINK_ID).symlink_to("/etc/passwd")
    (incoming / FOLDER_ID).mkdir()
    os.chown(incoming / FOLDER_ID, instance.user.pw_uid, instance.user.pw_gid)
    instance.wait_log("incoming/README is no message: left alone")
    instance.wait_log("deferred/README is no message: left alone")
    # Rounds in which each might be told again.
    for number in range(3):
        instance.send("one@remote.example")
        sink.wait(number + 1)
        instance.kill("cleanup")    # has the queue scanned
        wait_until(lambda: instance.pids("cleanup"), "another cleanup")
    for name in (FIFO_ID, LINK_ID, FOLDER_ID):
        instance.wait_log(rf"{name}: set aside in corrupt: not a regular file")
        wait_until(lambda: os.path.lexists(instance.queue / "corrupt" / name),
                   "what has the name of an id in corrupt")
    for folder, names in before.items():
        assert set(names) <= set(os.listdir(os.fsencode(folder)))
    told = [line for line in instance.log().splitlines()
            if "is no message" in line]
    assert len(told) == len(set(told)) == 18
    assert not [line for line in instance.log().splitlines()
                if line.startswith("line: removed")]
    listed = instance.run("postqueue", "-p").stdout.decode()
    assert "README" not in listed
