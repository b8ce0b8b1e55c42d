# SPDX-License-Identifier: MIT
"""Mail finds its way with the answers of a real name server."""

import pathlib
import subprocess
import tempfile

import dns.message
import dns.query
import pytest

from tests.support.ports import free_port
from tests.support.waiting import wait_until
from tools import needs

# Whether it is reached over IPv4 or IPv6.
REACHED = {"far.test": 4, "nomx.far.test": 4, "alias.far.test": 4,
           "chain1.far.test": 4, "mxalias.far.test": 4, "many.far.test": 4,
           "six.far.test": 6, "both.far.test": 6}
BOUNCED = {
    "missing.far.test": "5.4.4",    # NXDOMAIN
    "empty.far.test": "5.4.4",      # no address
    "null.far.test": "5.1.10",      # RFC 7505
    "dangling.far.test": "5.4.4",   # the MX host does not exist
}
LOOP = "loop1.far.test"

ZONE = """\
$ORIGIN far.test.
$TTL 60
@         SOA   ns admin 1 3600 600 86400 60
@         NS    ns
ns        A     127.0.0.1
@         MX    10 closed
@         MX    20 open
closed    A     127.0.0.9
open      A     127.0.0.1
nomx      A     127.0.0.1
alias     CNAME real
real      MX    10 open
chain1    CNAME chain2
chain2    CNAME chain3
chain3    MX    10 open
loop1     CNAME loop2
loop2     CNAME loop1
six       MX    10 open6
open6     AAAA  ::1
both      MX    10 dual
dual      A     127.0.0.9
dual      AAAA  ::1
null      MX    0 .
empty     TXT   "no address here"
dangling  MX    10 missing
mxalias   MX    10 openalias
openalias CNAME open
{many}
many      A     127.0.0.1
big       MX    10 open
{padding}
"""

CONFIG = """\
server:
  ip-address: 127.0.0.1@{port}
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  database: ""
  logfile: "{folder}/nsd.log"
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  server-count: 1
  ipv4-edns-size: 1232
remote-control:
  control-enable: no
zone:
  name: far.test
  zonefile: far.test.zone
"""


@pytest.fixture(scope="module")
def name_server():
    """nsd with the zone far.test; gives its port."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pnsd-"))
    port = free_port()
    # More than fits into a UDP answer.
    many = "\n".join(f"many MX {i + 10} closed-number-{i}.far.test."
                     for i in range(60)) + "\nmany MX 5 open"
    padding = "\n".join(f"closed-number-{i} A 127.0.0.9" for i in range(60))
    (folder / "far.test.zone").write_text(
        ZONE.format(many=many, padding=padding))
    (folder / "nsd.conf").write_text(CONFIG.format(port=port, folder=folder))
    process = subprocess.Popen(["nsd", "-d", "-c", folder / "nsd.conf"],
                               stderr=subprocess.DEVNULL)

    def answers():
        query = dns.message.make_query("far.test.", "MX")
        try:
            return dns.query.udp(query, "127.0.0.1", 1, port).answer
        except (OSError, dns.exception.Timeout):
            return None

    try:
        wait_until(answers, f"nsd ({folder})")
        yield port
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def far(name_server, make_instance, make_sink):
    """(instance, sink, sink on ::1): mail for the zone goes by MX, to the port
    of the sinks."""
    sink = make_sink()
    sink6 = make_sink(host="::1", port=sink.port)
    routes = ",".join(f"{{{domain}=smtp:{domain}:{sink.port}}}"
                      for domain in (*REACHED, *BOUNCED, LOOP))
    instance = make_instance({
        "dns_servers": f"127.0.0.1:{name_server}",
        "inet_protocols": "all",
        "smtp_connect_timeout": "5s",
        "transport_maps": f"inline:{{{routes}}}",
    })
    return instance, sink, sink6


@needs("nsd")
@pytest.mark.parametrize("domain", REACHED)
def test_mail_arrives(far, domain):
    instance, sink, sink6 = far
    instance.send(f"joe@{domain}")
    where = sink if REACHED[domain] == 4 else sink6
    instance.wait_log(rf"to=<joe@{domain}>, .*status=sent")
    message = where.wait()[0]
    assert [address.split("@")[0] for address in message.recipients] == ["joe"]
    instance.wait_queue_empty()


@needs("nsd")
@pytest.mark.parametrize("domain", BOUNCED)
def test_negative_answers_bounce(far, domain):
    instance, sink, _ = far
    instance.send(f"joe@{domain}", sender="alice@mail.example")
    instance.wait_log(
        rf"to=<joe@{domain}>, .*dsn={BOUNCED[domain]}, status=bounced")
    notice = instance.wait_mail("alice")[0]
    assert b"Final-Recipient: rfc822; joe@" + domain.encode() in notice
    assert sink.messages == []


@needs("nsd")
def test_an_alias_loop_does_not_go_on(far):
    instance, _, _ = far
    instance.send(f"joe@{LOOP}", sender="alice@mail.example")
    instance.wait_log(
        rf"to=<joe@{LOOP}>, .*dsn=[45]\.4\.\d, status=(deferred|bounced)")


@needs("nsd")
def test_a_server_that_is_gone_defers(make_instance):
    instance = make_instance({
        "dns_servers": f"127.0.0.1:{free_port()}",
        "minimal_backoff_time": "300s",
    })
    instance.send("joe@far.test", sender="alice@mail.example")
    instance.wait_log(r"to=<joe@far.test>, .*dsn=4\.4\.3, status=deferred", 1,
                      90)
    assert len(instance.queue_files()) == 1
