"""Calls by way of a TURN server that is not ours: coturn."""
import base64
import hashlib
import hmac
import re
import shutil
import socket
import subprocess
import time
from urllib.parse import quote

from calls import Call
from processes import CaseFailure, Process, free_port, start_server

USER, PASSWORD, SECRET = "user", "pass", "the-interop-secret"


class TURN:
    """coturn on loopback. `credentials`: static (one user) or rest (users are made up with a shared secret, and expire)."""

    def __init__(self, folder, credentials="static", transport="udp"):
        if not shutil.which("turnserver"):
            raise CaseFailure("there is no turnserver; Scripts/bootstrap interop installs it (Debian package coturn)")
        self.port, self.transport, self.authority = free_port(), transport, None
        if credentials == "rest":
            self.user = f"{int(time.time()) + 3600}:bob"
            self.password = base64.b64encode(hmac.new(SECRET.encode(), self.user.encode(), hashlib.sha1).digest()).decode()
            access = ["--use-auth-secret", f"--static-auth-secret={SECRET}"]
        else:
            self.user, self.password = USER, PASSWORD
            access = ["--lt-cred-mech", f"--user={USER}:{PASSWORD}"]
        tls = ["--no-tls"]
        if transport == "tls":
            self.tls_port = free_port()
            certificate, key = self.make_certificate(folder)
            tls = [f"--tls-listening-port={self.tls_port}", f"--cert={certificate}", f"--pkey={key}"]
        self.process = Process(
            "coturn",
            ["turnserver", "-n", "--no-cli", "--no-dtls", *tls, "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", f"--listening-port={self.port}",
             "--realm=interop", "--fingerprint", *access, "--allow-loopback-peers", "--log-file=stdout", "--simple-log",
             f"--pidfile={folder}/coturn.pid", f"--userdb={folder}/coturn.db", "--verbose"],
            folder)
        self.wait()

    def make_certificate(self, folder):
        """One for 127.0.0.1, by an authority made on the spot."""
        self.authority, key, request, certificate = (folder / name for name in ("authority.pem", "key.pem", "request.pem", "certificate.pem"))
        new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        (folder / "names").write_text("subjectAltName=IP:127.0.0.1")
        for command in (
            ["req", "-x509", *new_key, "-keyout", folder / "authority.key", "-out", self.authority, "-days", "2", "-subj", "/CN=interop authority"],
            ["req", *new_key, "-keyout", key, "-out", request, "-subj", "/CN=127.0.0.1"],
            ["x509", "-req", "-in", request, "-CA", self.authority, "-CAkey", folder / "authority.key", "-CAcreateserial", "-days", "2",
             "-out", certificate, "-extfile", folder / "names"],
        ):
            subprocess.run(["openssl", *map(str, command)], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        return certificate, key

    def wait(self):
        """It listens on TCP in any case, which can be asked whether it is there."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if self.process.child.poll() is not None:
                raise CaseFailure(f"coturn ended with {self.process.child.returncode}{self.process.complaint()}")
            try:
                for port in (self.port, *([self.tls_port] if self.authority else [])):
                    socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise CaseFailure("coturn does not listen")

    def options(self, kind):
        """What makes a peer of this kind use it, and nothing else."""
        if kind == "tchat":
            access = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@127.0.0.1"
            # Without a transport it is UDP, which every client must know by itself.
            server = {"udp": f"turn:{access}:{self.port}", "tcp": f"turn:{access}:{self.port}?transport=tcp"}.get(self.transport)
            return ("--loopback", "--ice-policy", "relay", "--ice-server", server or f"turns:{access}:{self.tls_port}")
        return ("--loopback", "--relay-only", "--ice-server", f"turn:127.0.0.1:{self.port}?transport={self.transport}", "--ice-user", self.user,
                "--ice-password", self.password)

    @property
    def text(self):
        return self.process.out_path.read_text(errors="replace")


def relay_case(first, second, transport, credentials, folder, seconds):
    """Both sides' paths are really relayed, over the transport that was asked for, and a tchat gives its allocation back."""
    url, server = start_server("serve", folder), TURN(folder, credentials, transport)
    probes = server.text.count("tcp or tls connected")
    env = {"SSL_CERT_FILE": str(server.authority)} if server.authority else None
    call = Call(folder, url, (first, second), seconds, tuple(map(server.options, (first, second))), env=env)
    details = call.judge()
    for side, kind in zip(call.sides, call.kinds):
        pair = side.result()["transport"].get("pair") or "no pair"
        if kind != "tchat":
            pair = f"{pair['local']}-{pair['remote']} " if isinstance(pair, dict) else pair
        if not pair.startswith("relay-"):
            raise CaseFailure(f"{side.name} went by way of {pair}")
        if kind == "tchat" and not pair.startswith(("relay-relay ", "relay-prflx ")):
            raise CaseFailure(f"{side.name} went by way of {pair}")
    if transport != "udp" and server.text.count("tcp or tls connected") - probes < 2:
        raise CaseFailure("the two did not come to coturn over TCP")
    # What coturn says of them: the allocations were given back, none was left to expire.
    given_back = len(re.findall(r"refreshed, realm=<interop>, username=<[^>]*>, lifetime=0", server.text))
    if given_back < call.kinds.count("tchat"):
        raise CaseFailure(f"{given_back} of {call.kinds.count('tchat')} allocations were given back to coturn")
    return " | ".join(details)


def relay_cases():
    """Names and cases. Browsers refuse a certificate of ours, so TLS is for two tchats."""
    for transport in ("udp", "tcp", "tls"):
        for credentials in ("static", "rest"):
            for first, second in (("tchat", "tchat"), ("chromium", "tchat"), ("tchat", "aiortc")):
                if transport != "tls" or first == second:
                    yield (f"relay {transport} {credentials}: {first} then {second}",
                           lambda folder, seconds, a=(first, second, transport, credentials): relay_case(*a, folder, min(seconds, 4)))
