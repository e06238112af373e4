"""What moves a second: media packets protected and sent, and data-channel bytes, beside aiortc's."""
import json
import re
import socket
import subprocess
import sys
from pathlib import Path

from processes import CaseFailure

HERE = Path(__file__).resolve().parent
TOOLS = {"tchat": [HERE / ".build/release/tchat-bench"], "aiortc": [sys.executable, HERE / "aiortc_rates.py"]}
TIMES = 5


class Tool:
    """One of the two, with pipes for its lines."""

    def __init__(self, kind, *words):
        self.name = f"{kind} {words[0]}"
        self.child = subprocess.Popen(list(map(str, [*TOOLS[kind], *words])), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def line(self):
        text = self.child.stdout.readline()
        if not text:
            raise CaseFailure(f"{self.name} ended with {self.child.wait()}")
        return json.loads(text)

    def say(self, line):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()

    def end(self):
        self.child.kill()
        self.child.wait()


def send_rate(kind, seconds):
    """Packets of 1200 bytes protected (AES-128-GCM) and sent to a socket that nobody reads, for each second of CPU time."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
        sink.bind(("127.0.0.1", 0))
        tool = Tool(kind, "srtp-send", "--port", sink.getsockname()[1], "--seconds", seconds)
        try:
            return tool.line()["perCPUSecond"]
        finally:
            tool.end()


def ports_of(sdp):
    return [int(port) for port in re.findall(r"a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) typ host", sdp, re.I)]


def by_way_of(sdp, port):
    """The same description, with all of its candidates at this port."""
    return re.sub(r"(a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1) \d+", rf"\1 {port}", sdp, flags=re.I)


def data_rate(kind, delay, seconds):
    """Megabits a second of 16-KiB messages on a reliable, ordered channel, `delay` ms each way; both ends of one kind."""
    tools = [Tool(kind, "data-channel", "--role", role, "--seconds", seconds) for role in ("offer", "answer")]
    try:
        offerer, answerer = tools
        relay = None
        if delay:
            relay = Tool("tchat", "relay", "--delay", delay)
            tools.append(relay)
            between = relay.line()
        offer = offerer.line()["sdp"]
        answerer.say(json.dumps({"sdp": by_way_of(offer, between["second"]) if relay else offer}))
        answer = answerer.line()["sdp"]
        if relay:
            relay.say(f"{ports_of(offer)[0]} {ports_of(answer)[0]}")
        offerer.say(json.dumps({"sdp": by_way_of(answer, between["first"]) if relay else answer}))
        return answerer.line()["megabitsPerSecond"]
    finally:
        for tool in tools:
            tool.end()


def packets_table(o):
    rates = {kind: send_rate(kind, o.seconds or 3) for kind in ("tchat", "aiortc")}
    return table([("packets of 1200 bytes, protected and sent, a CPU second", rates["tchat"], rates["aiortc"], "{:,.0f}")])


def data_table(o):
    rows = []
    for delay in (0, 20):
        rates = {kind: data_rate(kind, delay, o.seconds or 5) for kind in ("tchat", "aiortc")}
        rows.append((f"data channel, {delay} ms each way, Mbit/s", rates["tchat"], rates["aiortc"], "{:,.1f}"))
    return table(rows)


def table(rows):
    lines, met = ["| | tchat | aiortc | × | aim | |", "|---|---|---|---|---|---|"], True
    for title, own, other, form in rows:
        times = own / other if other else 0
        met = met and times >= TIMES
        lines.append(f"| {title} | {form.format(own)} | {form.format(other)} | {times:.1f} | ≥ {TIMES} | {'met' if times >= TIMES else 'MISSED'} |")
    return "\n".join(lines), met
