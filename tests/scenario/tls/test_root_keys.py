# SPDX-License-Identifier: MIT
"""As root: the key file is root's, and no process that sees a client could read
it."""

from tests.scenario.local.test_root_delivery import inside, pytestmark

__all__ = ["pytestmark"]

PROGRAM = r"""
import os, ssl
key = pathlib.Path(KEY)
context = ssl.create_default_context(cafile=CA)
for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
    context.maximum_version = version
    with smtplib.SMTP("127.0.0.1", int(sys.argv[3]), timeout=30) as client:
        client.ehlo()
        client._host = "mail.example"
        client.starttls(context=context)
        client.sendmail("s@client.example", ["x@elsewhere.example"], "x")

status = subprocess.run([sys.argv[2], "-c", root / "etc", "status"],
                        capture_output=True, text=True, check=True).stdout
processes = [line.split()[1:3] for line in status.splitlines()]
pids = {program: int(pid) for program, pid in processes}
assert process(pids["keyd"])["Uid"] == ["64008"] * 4
assert int(process(pids["keyd"])["CapEff"][0], 16) == 0
for program in ("keyd", "smtpd"):
    assert os.readlink(f"/proc/{pids[program]}/root") == f"{root}/run/empty"

def can_read(uid):
    reader = os.fork()
    if reader == 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        try:
            key.open("rb").close()
        except PermissionError:
            os._exit(0)
        os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(reader, 0)[1]) == 1

assert owner(key) == (0, 0, "600")
assert not can_read(64001) and not can_read(64008)
for pid in (pids["smtpd"], pids["keyd"]):
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        assert "root.key" not in os.readlink(entry)
wait_log(r"postfix/keyd\[.*: keys in .*/root\.key: 1$")
"""


def test_nobody_else_could_read_it(staging, certificates):
    mx = certificates.issue("mail.example", file="root.pem")
    key = certificates.root / "root.key"
    key.write_bytes(mx.key_pem())
    key.chmod(0o600)
    cert = certificates.root / "root.cert"
    cert.write_bytes(mx.pem())
    inside(staging, {
        "smtpd_tls_security_level": "may",
        "smtpd_tls_cert_file": cert,
        "smtpd_tls_key_file": key,
    }, PROGRAM.replace("KEY", f"'{key}'").replace("CA", f"'{certificates.ca}'"))
