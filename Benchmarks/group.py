#!/usr/bin/env python3
"""group.py - what a call of 2, 3 and 4 tchats costs each of them, by thread: encoding must not grow with the members.

usage: group.py [--tchat PATH] [--members 2,3,4] [--seconds 10] [--sizes 320x240@15,640x480@30]
All run on this machine, through a server of their own. Prints for each call the CPU seconds of one tchat (the mean of all), by the kind of
thread, and the encoder's milliseconds a picture. Threads are read from /proc once a call stands and again before it ends, so starting is not
in it. Exit status 1 when the encoder's time a picture of the same size grows by more than a quarter from one number of members to the next.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
TICK = os.sysconf("SC_CLK_TCK")
# Names of threads are cut at 15 bytes by the kernel.
KINDS = {"video-encode": "encode", "video-capture": "capture", "audio-capture": "sound out", "audio-playout": "sound in", "video-decode": "decode",
         "network": "network"}


def threads(pid):
    """Seconds of CPU by kind; what is no known thread is "other"."""
    total = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            name, rest = re.match(r"\d+ \((.*)\) (.*)", (task / "stat").read_text(), re.S).groups()
        except (OSError, AttributeError):
            continue
        fields = rest.split()
        kind = KINDS.get(name, "other")
        total[kind] = total.get(kind, 0) + (int(fields[11]) + int(fields[12])) / TICK
    return total


class Caller:
    def __init__(self, tchat, folder, url, channel, index, size, rate, others):
        self.path, self.read_to, self.events = folder / f"{channel}-{index}.jsonl", 0, []
        command = [tchat, channel, "--server", url, "--headless", "--json", "--ice-server", "none", "--loopback", "--ephemeral", "--timeout", "60",
                   "--members", others, "--size", size, "--fps", rate, "--name", f"m{index}", "--tone", 300 + 100 * index, "--bitrate", 1000]
        self.child = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=open(self.path, "wb"), stderr=subprocess.DEVNULL)

    def poll(self):
        with open(self.path, "rb") as f:
            f.seek(self.read_to)
            data = f.read()
        end = data.rfind(b"\n") + 1
        self.read_to += end
        self.events += [json.loads(line) for line in data[:end].splitlines()]
        return self.events

    def wait(self, enough, what):
        deadline = time.monotonic() + 60
        while not enough(self.poll()):
            if self.child.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{self.path.name}: no sign of {what}")
            time.sleep(0.05)

    def stats(self):
        before = len(self.poll())
        self.child.stdin.write(b"stats\n")
        self.child.stdin.flush()
        self.wait(lambda events: any(e["event"] == "stats" for e in events[before:]), "stats")
        return next(e for e in reversed(self.events) if e["event"] == "stats")

    def end(self):
        if self.child.poll() is None:
            self.child.stdin.write(b"hangup\n")
            self.child.stdin.close()
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()


def measure(tchat, folder, url, count, size, rate, seconds):
    channel = f"g{count}-{size}-{rate}"
    callers = []
    try:
        for index in range(count):
            callers.append(Caller(tchat, folder, url, channel, index, size, rate, count - 1))
            callers[-1].wait(lambda events: any(e["event"] == "joined" for e in events), "joining")
        for caller in callers:
            caller.wait(lambda events: sum(e["event"] == "first-frame" for e in events) >= count - 1, "every picture")
        # The bit rate has found its height.
        time.sleep(4)
        before = [(threads(c.child.pid), c.stats()) for c in callers]
        time.sleep(seconds)
        after = [(threads(c.child.pid), c.stats()) for c in callers]
    finally:
        for caller in callers:
            caller.end()
    cpu, encoded, encoding, decoded = {}, 0, 0.0, 0

    def video_out(stats):
        return next(o for o in stats["rtc"] if o["type"] == "outbound-rtp" and o["kind"] == "video")

    for (cpu0, stats0), (cpu1, stats1) in zip(before, after):
        for kind in cpu1:
            cpu[kind] = cpu.get(kind, 0) + (cpu1[kind] - cpu0.get(kind, 0)) / count
        encoded += stats1["video"]["encoded"] - stats0["video"]["encoded"]
        encoding += cpu1.get("encode", 0) - cpu0.get("encode", 0)
        decoded += stats1["video"]["decoded"] - stats0["video"]["decoded"]
    per_picture = 1000 * encoding / max(1, encoded)
    sizes = {(o.get("frameWidth"), o.get("frameHeight")) for o in (video_out(s) for _, s in before + after)}
    sent = video_out(after[0][1])
    print(f"{count} members {size}@{rate}: {sum(cpu.values()):5.2f} s CPU each in {seconds} s: "
          + ", ".join(f"{kind} {cpu.get(kind, 0):.2f}" for kind in [*dict.fromkeys(KINDS.values()), "other"])
          + f"; {encoded / count / seconds:.1f} encoded/s ({sent.get('frameWidth')}x{sent.get('frameHeight')}), {per_picture:.2f} ms each;"
          + f" {decoded / count / seconds:.1f} decoded/s", flush=True)
    # What has changed its size cannot be compared.
    return per_picture, sizes.pop() if len(sizes) == 1 else None


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--tchat", default=str(PROJECT / ".build/release/tchat"))
    parser.add_argument("--members", default="2,3,4")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--sizes", default="320x240@15,640x480@30")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tchat-group-"))
    server = subprocess.Popen([options.tchat, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
    grown = False
    try:
        url = next(line.split()[-1] for line in server.stdout if "http://" in line)
        for size in options.sizes.split(","):
            size, rate = size.split("@")
            times = [measure(options.tchat, folder, url, int(n), size, int(rate), options.seconds) for n in options.members.split(",")]
            grown = grown or any(size and size == next_size and next_time > 1.25 * time
                                 for (time, size), (next_time, next_size) in zip(times, times[1:]))
    finally:
        server.terminate()
        server.wait(5)
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
