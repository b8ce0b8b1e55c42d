# SPDX-License-Identifier: MIT
"""What an attacker tries, and which of it works for a reason: everything else is
refused. A reason that names a mode holds in that mode only."""

import ctypes

PROGRAMS = ("smtpd", "pickup", "showq", "smtp", "lmtp", "local", "virtual",
            "bounce", "launcher", "cleanup", "qmgr", "lookup", "dns")


def landlock_version():
    libc = ctypes.CDLL(None)
    return max(0, libc.syscall(444, None, 0, 1))


class Act:
    """`argument` is called with (stage, attacker); None: the act's own. Files
    are out of reach by landlock, which Linux has from `since` on, where no
    other user owns them."""

    def __init__(self, name, word, argument=None, since=0):
        self.name = name
        self.word = word
        self.argument = argument
        self.since = since

    def order(self, stage, attacker):
        if self.argument is None:
            return (self.word,)
        return (self.word, self.argument(stage, attacker))

    def may_differ(self, stage):
        """It cannot be enforced below this kernel."""
        return stage.mode == "unprivileged" and \
            landlock_version() < self.since


FILES = 2       # landlock's version of Linux 5.19

ACTS = (
    Act("read a queue file", "read", lambda s, a: s.message(), FILES),
    Act("change a queue file", "write", lambda s, a: s.message(), FILES),
    Act("read what has just come", "read", lambda s, a: s.segment(), FILES),
    Act("list incoming", "list", lambda s, a: s.queue / "incoming", FILES),
    Act("list deferred", "list", lambda s, a: s.queue / "deferred", FILES),
    Act("make a message", "make", lambda s, a: s.queue / "incoming" / "made",
        FILES),
    Act("make a deferred message", "make",
        lambda s, a: s.queue / "deferred" / "made", FILES),
    Act("open its log anew", "reopen",
        lambda s, a: a.descriptor_of(s.log_path), FILES),
    Act("read a key", "read", lambda s, a: s.config / "keys" / "key.pem",
        FILES),
    Act("read the configuration", "read", lambda s, a: s.config / "main.cf",
        FILES),
    Act("change the configuration", "write",
        lambda s, a: s.config / "main.cf", FILES),
    Act("read the users", "read", lambda s, a: "/etc/passwd", FILES),
    Act("read /proc", "read", lambda s, a: "/proc/self/status", FILES),
    Act("make a file in /tmp", "make", lambda s, a: "/tmp/postern-drill",
        FILES),
    Act("make a mailbox", "make", lambda s, a: s.root / "spool" / "made",
        FILES),
    Act("make a link", "link", lambda s, a: "/tmp/postern-drill"),
    Act("execute a program", "execute"),
    Act("make new code", "writable-code"),
    Act("fork", "fork"),
    Act("open a TCP socket", "tcp"),
    Act("open a TCP socket for IPv6", "tcp6"),
    Act("open a UDP socket", "udp"),
    Act("open a raw socket", "raw"),
    Act("open a netlink socket", "netlink"),
    Act("dial a private socket", "unix", lambda s, a: s.run / "private/qmgr"),
    Act("dial master", "unix", lambda s, a: s.run / "control"),
    Act("dial the queue manager's control", "unix",
        lambda s, a: s.run / "qmgr"),
    Act("dial a public socket", "unix",
        lambda s, a: s.queue / "public/submit"),
    Act("signal a sibling", "signal", lambda s, a: s.sibling(a)),
    Act("signal master", "signal"),
    Act("trace a sibling", "trace", lambda s, a: s.sibling(a)),
    Act("read a sibling's memory", "memory", lambda s, a: s.sibling(a)),
    Act("become root", "become-root"),
    Act("make a user namespace", "namespace"),
    Act("mount", "mount"),
    Act("use kernel keys", "keys"),
    Act("load a BPF program", "bpf"),
    Act("make an io_uring", "ring"),
    Act("watch performance counters", "perf"),
)

OWNER = "it owns the queue"
CREATES = "it creates files there"
TABLES = "its tables lie beside it"
ONE_USER = "one user owns all"
NEXT_HOP = "a next hop may be anywhere"
CHILDREN = "its children do, as other users"

# {program: {act: reason, or {mode: reason}}}
ALLOWED = {
    "showq": {
        "read a queue file": "it lists the queue",
        "read what has just come": "it lists the queue",
        "list incoming": "it lists the queue",
        "list deferred": "it lists the queue",
    },
    "smtp": {
        "open a TCP socket": NEXT_HOP,
        "open a TCP socket for IPv6": NEXT_HOP,
    },
    "lmtp": {
        "open a TCP socket": NEXT_HOP,
        "open a TCP socket for IPv6": NEXT_HOP,
        "dial a private socket": {"unprivileged": ONE_USER},
        "dial master": {"unprivileged": ONE_USER},
        "dial the queue manager's control": {"unprivileged": ONE_USER},
        "dial a public socket": NEXT_HOP,
    },
    "launcher": {
        "read a queue file": {"unprivileged": CHILDREN},
        "change a queue file": {"unprivileged": CHILDREN},
        "read what has just come": {"unprivileged": CHILDREN},
        "make a message": {"unprivileged": CHILDREN},
        "make a deferred message": {"unprivileged": CHILDREN},
        "open its log anew": CHILDREN,
        "read a key": CHILDREN,
        "read the configuration": CHILDREN,
        "change the configuration": CHILDREN,
        "read the users": CHILDREN,
        "read /proc": CHILDREN,
        "make a file in /tmp": CHILDREN,
        "make a mailbox": CHILDREN,
        "fork": "it has children",
        "become root": {"root": "it changes users, and has no other right"},
    },
    "cleanup": {
        "read what has just come": {"unprivileged": CREATES},
        "make a message": CREATES,
        "read a key": {"unprivileged": TABLES},
        "read the configuration": TABLES,
    },
    "qmgr": {
        "read a queue file": OWNER,
        "change a queue file": OWNER,
        "read what has just come": OWNER,
        "list incoming": OWNER,
        "list deferred": OWNER,
        "make a message": OWNER,
        "make a deferred message": OWNER,
    },
    "lookup": {
        "read a key": {"unprivileged": TABLES},
        "read the configuration": TABLES,
        "read the users": {"root": "it answers for them"},
        "dial a public socket": {"root": "users may be at a socket (NSS)"},
    },
    "dns": {
        "open a TCP socket": "name servers",
        "open a TCP socket for IPv6": "name servers",
        "open a UDP socket": "name servers",
        "read the users": "it lies beside /etc/hosts",
    },
}


def expectation(program, act, stage):
    """Why it works; None: it must not."""
    reason = ALLOWED.get(program, {}).get(act.name)
    if isinstance(reason, dict):
        return reason.get(stage.mode)
    return reason
