"""A call by way of a TURN server that is not ours: coturn."""
import shutil
import socket
import time

from calls import FIRST, SECOND, fresh_channel, judge_recording
from processes import CaseFailure, Process, free_port, start_server, start_tchat

USER, PASSWORD = "user", "pass"


def start_coturn(folder):
    """coturn on loopback, with the long-term credential USER:PASSWORD; returns its process, and what --ice-server takes."""
    port = free_port()
    process = Process(
        "coturn",
        ["turnserver", "-n", "--no-cli", "--no-tls", "--no-dtls", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1",
         f"--listening-port={port}", "--realm=interop", "--fingerprint", "--lt-cred-mech", f"--user={USER}:{PASSWORD}", "--allow-loopback-peers", "--log-file=stdout",
         "--simple-log", f"--pidfile={folder}/coturn.pid", f"--userdb={folder}/coturn.db", "--verbose"],
        folder)
    # It listens on TCP as well, which can be asked whether it is there.
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if process.child.poll() is not None:
            raise CaseFailure(f"coturn ended with {process.child.returncode}{process.complaint()}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process, f"turn:{USER}:{PASSWORD}@127.0.0.1:{port}"
        except OSError:
            time.sleep(0.05)
    raise CaseFailure("coturn does not listen")


def relay_case(folder, seconds):
    if not shutil.which("turnserver"):
        raise CaseFailure("there is no turnserver; Scripts/bootstrap interop installs it (Debian package coturn)")
    url, channel = start_server("serve", folder), fresh_channel()
    coturn, server = start_coturn(folder)
    options = ["--loopback", "--ice-policy", "relay", "--ice-server", server]
    a = start_tchat("a", folder, url, channel, seconds=seconds + 2, tone=FIRST["tone"], options=options)
    a.wait_for(("joined",), 30)
    b = start_tchat("b", folder, url, channel, seconds=seconds, tone=SECOND["tone"], options=options)
    b.expect_success(seconds + 60)
    a.expect_success(30)
    details = []
    for side, other in ((a, SECOND), (b, FIRST)):
        pair = side.result()["transport"]["pair"] or "no pair"
        if not pair.startswith("relay-relay "):
            raise CaseFailure(f"{side.name} went by way of {pair}")
        details.append(judge_recording(side, folder, seconds, other["tone"], True, other["luma"]))
    # What coturn says of them: both allocations were given back, none was left to expire.
    text = coturn.out_path.read_text(errors="replace")
    given_back = text.count("refreshed, realm=<interop>, username=<user>, lifetime=0")
    if given_back < 2:
        raise CaseFailure(f"{given_back} of 2 allocations were given back to coturn")
    return " | ".join(details)
