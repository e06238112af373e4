"""The processes of a case: started in sessions of their own, watched through their JSON lines, and ended by whoever started them."""
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
TCHAT = os.environ.get("TCHAT", str(PROJECT / ".build/release/tchat"))
# A machine without a network has only 127.0.0.1, which browsers leave out unless told.
NETWORK = any(name != "lo" and open(f"/sys/class/net/{name}/operstate").read().strip() == "up" for name in os.listdir("/sys/class/net"))


class CaseFailure(Exception):
    """Why a case did not pass, as a sentence."""


class Process:
    """A child whose standard output and error go to files."""

    all = []

    def __init__(self, name, command, folder, prefix=(), env=None):
        self.name, self.started = name, time.monotonic()
        self.out_path, self.err_path = Path(folder) / f"{name}.jsonl", Path(folder) / f"{name}.err"
        with open(self.out_path, "wb") as out, open(self.err_path, "wb") as err:
            self.child = subprocess.Popen([*prefix, *map(str, command)], stdin=subprocess.PIPE, stdout=out, stderr=err, start_new_session=True,
                                          env={**os.environ, **(env or {})})
        self.read_to, self.events, self.usage = 0, [], None
        Process.all.append(self)

    def poll_events(self):
        """All JSON lines so far; each gets "seen", the runner's clock when it was first read."""
        with open(self.out_path, "rb") as f:
            f.seek(self.read_to)
            data = f.read()
        end = data.rfind(b"\n") + 1
        self.read_to += end
        for line in data[:end].splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict):
                self.events.append({**event, "seen": time.monotonic()})
        return self.events

    def wait_for(self, names, seconds, after=0, where=lambda event: True):
        """The first event of one of these names, and as `where` wants it, at or after position `after` of the list."""
        deadline = time.monotonic() + seconds
        while True:
            ended = self.child.poll() is not None
            for event in self.poll_events()[after:]:
                if event.get("event") in names and where(event):
                    return event
            if ended:
                raise CaseFailure(f"{self.name} ended with {self.child.returncode} before {' or '.join(names)}{self.complaint()}")
            if time.monotonic() > deadline:
                raise CaseFailure(f"{self.name} did not say {' or '.join(names)} within {seconds} s{self.complaint()}")
            time.sleep(0.01)

    def wait_connected(self, seconds=30):
        """A tchat says so itself, the peers say each state."""
        return self.wait_for(("connected", "connection"), seconds, where=lambda event: event.get("state", "connected") == "connected")

    def complaint(self):
        text = self.err_path.read_text(errors="replace").strip().splitlines()
        return f": {text[-1][:200]}" if text else ""

    def say(self, line):
        self.child.stdin.write(line.encode() + b"\n")
        self.child.stdin.flush()

    def finish(self, seconds):
        """Its exit status."""
        try:
            status = self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise CaseFailure(f"{self.name} did not end within {seconds} s{self.complaint()}") from None
        self.poll_events()
        return status

    def expect_success(self, seconds):
        status = self.finish(seconds)
        if status != 0:
            result = self.result()
            reason = "; ".join(result.get("failures", [])) or self.complaint().removeprefix(": ") or "no reason given"
            raise CaseFailure(f"{self.name} ended with {status}: {reason}")

    def result(self):
        """Its last line: a peer's result, or a tchat's summary."""
        for event in reversed(self.poll_events()):
            if event.get("event") in ("result", "summary"):
                return event
        return {}

    def kill(self):
        self.child.kill()
        self.child.wait()

    def end(self):
        """Ends it and what it started itself."""
        for number, patience in ((signal.SIGTERM, 3), (signal.SIGKILL, 3)):
            if self.child.poll() is not None:
                break
            try:
                os.killpg(self.child.pid, number)
                self.child.wait(patience)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass
        if self.child.stdin:
            try:
                self.child.stdin.close()
            except OSError:
                pass

    @staticmethod
    def end_all():
        while Process.all:
            Process.all.pop().end()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_port(host, port, server, prefix=(), seconds=30):
    deadline = time.monotonic() + seconds
    probe = [*prefix, sys.executable, "-c", f"import socket; socket.create_connection(({host!r}, {port}), 1)"]
    while time.monotonic() < deadline:
        if server.child.poll() is not None:
            raise CaseFailure(f"the signaling server ended with {server.child.returncode}{server.complaint()}")
        if subprocess.run(probe, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return
        time.sleep(0.05)
    raise CaseFailure(f"the signaling server does not answer at {host}:{port}")


class Server:
    """A signaling server on a port of its own. kind: serve (tchat's, with `options`) or seed (python-socketio)."""

    def __init__(self, kind, folder, host="127.0.0.1", prefix=(), options=(), env=None, scheme="http"):
        self.kind, self.folder, self.host, self.prefix, self.options, self.env = kind, folder, host, prefix, options, env
        self.port, self.starts = free_port(), 0
        self.url = f"{scheme}://{host}:{self.port}"
        self.start()

    def start(self):
        """Again on the same port, after it has ended."""
        program = [TCHAT, "serve"] if self.kind == "serve" else [sys.executable, HERE / "peers/seed_server.py"]
        self.starts += 1
        name = f"server-{self.kind}" + (f"-{self.starts}" if self.starts > 1 else "")
        self.process = Process(name, [*program, "--host", self.host, "--port", self.port, *self.options], self.folder, self.prefix, self.env)
        wait_for_port(self.host, self.port, self.process, self.prefix)

    @property
    def pid(self):
        return self.process.child.pid


def start_server(kind, folder, host="127.0.0.1", prefix=(), options=()):
    """The URL of such a server."""
    return Server(kind, folder, host, prefix, options).url


def start_tchat(name, folder, url, channel, *, seconds, tone=440, files=True, prefix=(), options=(), timeout=30, env=None):
    command = [TCHAT, channel, "--server", url, "--headless", "--camera", "test", "--mic", "test", "--tone", tone, "--seconds", seconds,
               "--timeout", timeout, "--json"]
    if files:
        command += ["--video-out", Path(folder) / f"{name}.y4m", "--audio-out", Path(folder) / f"{name}.wav"]
    # Who was met before is kept there: each is new to the other.
    state = {"XDG_STATE_HOME": str(Path(folder).absolute() / f"{name}.state")}
    return Process(name, [*command, *options], folder, prefix, {**state, **(env or {})})


def start_peer(kind, name, folder, url, channel, *options, prefix=()):
    """A Chromium or aiortc peer."""
    loopback = [] if NETWORK or prefix or "--loopback" in options else ["--loopback"]
    return Process(name, [sys.executable, HERE / f"peers/{kind}_peer.py", "--url", url, "--channel", channel, *loopback, *options], folder,
                   prefix)
