#!/usr/bin/env python3
"""call.py - what a call costs and how quick it is, beside Chromium's and aiortc's on the same machine in the same run.

usage: call.py [--seconds 30] [--only tchat|chromium|aiortc] [--json FILE]
Two processes call each other through `tchat serve`: 640x480, 30 frames a second, 1 Mbit/s, both ways. Prints a Markdown table: tchat's
figures, the aims, and how many times as much the others need. CPU time and memory come from the kernel; frames, freezes and latency from
each program's own receiver (the same timecode drawn into the picture). "Join to ..." is the second joiner's.
"""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Tests/Interop"))
import psutil

import processes
from calls import fresh_channel
from processes import CaseFailure, Process, start_peer, start_server

# (key, title, unit, aim, lower is better)
ROWS = [
    ("fps", "decoded frames a second", "", "≥ 29", False),
    ("freezes", "freezes over 250 ms", "", "0", True),
    ("cpu", "CPU time of a process in {seconds} s", "s", "≤ 4.5", True),
    ("rss", "peak resident memory", "MB", "≤ 80", True),
    ("connected", "join to connected", "ms", "≤ 120", True),
    ("first", "join to first picture", "ms", "≤ 220", True),
    ("p50", "capture to decoded, p50", "ms", "≤ 20", True),
    ("p95", "capture to decoded, p95", "ms", "≤ 35", True),
    ("version", "`--version`", "ms", "≤ 30", True),
]


class Usage:
    """The CPU time of a child while media flows, and its highest resident memory, as the kernel counts them."""

    def __init__(self, pid):
        self.process, self.peak, self.seconds, self.stopped = psutil.Process(pid), 0, 0.0, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.stopped.wait(0.1):
            try:
                times = self.process.cpu_times()
                self.seconds = times.user + times.system
                self.peak = max(self.peak, self.process.memory_info().rss // 1024)
            except psutil.Error:
                return

    def stop(self):
        self.stopped.set()
        self.thread.join()


def measure_tchat(url, seconds, folder):
    channel = fresh_channel()

    def start(name, length):
        # As a user runs it, without recordings, whose writing would be measured too.
        return processes.start_tchat(name, folder, url, channel, seconds=length, files=False, options=("--bitrate", 1000))

    a = start("a", seconds + 2)
    a.wait_for(("joined",), 30)
    time.sleep(1)
    b = start("b", seconds)
    usages = [Usage(side.child.pid) for side in (a, b)]
    b.wait_for(("connected",), 30)
    for side in (b, a):
        side.expect_success(seconds + 30)
    for usage in usages:
        usage.stop()
    first, second = a.result(), b.result()
    setup = second["setup"]
    return {
        "fps": min(side["video"]["fps"] for side in (first, second)),
        "freezes": second["video"]["freezes"], "freezesOfFirst": first["video"]["freezes"],
        "cpu": max(usage.seconds for usage in usages), "rss": max(usage.peak for usage in usages) / 1024,
        "connected": setup["connectedMs"] - setup["joinMs"], "first": setup["firstFrameMs"] - setup["joinMs"],
        "p50": max(side["video"]["latencyMs"]["p50"] for side in (first, second)),
        "p95": max(side["video"]["latencyMs"]["p95"] for side in (first, second)),
    }


def run_pair(kind, url, seconds, folder, options=()):
    channel = fresh_channel()
    a = start_peer(kind, f"first-{kind}", folder, url, channel, "--seconds", seconds + 2, "--timeout", 60, "--linger", 1, *options)
    a.wait_for(("waiting",), 40)
    time.sleep(1)
    b = start_peer(kind, f"second-{kind}", folder, url, channel, "--seconds", seconds, *options)
    usages = [Usage(side.child.pid) for side in (a, b)]
    for side in (b, a):
        side.expect_success(seconds + 60)
    for usage in usages:
        usage.stop()
    return a.result(), b.result(), max(usage.peak for usage in usages)


def measure_peer(kind, url, seconds, folder):
    first, second, peak = run_pair(kind, url, seconds, folder)
    # Chromium's cameras are files, which cannot carry the clock: a shorter call with a drawn picture measures its latency.
    timed = run_pair(kind, url, max(12, seconds // 2), folder, ("--timecode",))[:2] if kind == "chromium" else (first, second)
    latencies = [side["media"]["latencyMs"] or {} for side in timed]
    return {
        "fps": min(side["media"]["fps"] for side in (first, second)), "freezes": second["media"]["freezes"],
        "cpu": max(side["cpuSeconds"] / side["measuredSeconds"] * seconds for side in (first, second)),
        "rss": max(side.get("peakRSSKB", peak) for side in (first, second)) / 1024,
        "connected": second["timing"]["connected"], "first": second["timing"]["first-frame"],
        "p50": max((found["p50"] for found in latencies if found), default=None),
        "p95": max((found["p95"] for found in latencies if found), default=None),
    }


def version_time():
    """The median of 20 starts, after one to warm the cache."""
    times = []
    for _ in range(21):
        start = time.perf_counter()
        subprocess.run([processes.TCHAT, "--version"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[1:])


def machine():
    with open("/proc/cpuinfo") as f:
        model = next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), platform.machine())
    with open("/proc/meminfo") as f:
        memory = int(f.readline().split()[1]) // 1024 // 1024
    return f"{model}, {os.cpu_count()} threads, {memory + 1} GB, Linux {platform.release()}"


def cell(value, unit):
    if value is None:
        return "-"
    number = f"{value:.1f}" if unit in ("s", "") and value != int(value) else f"{value:.0f}"
    return f"{number} {unit}".strip()


def table(results, seconds):
    others = [kind for kind in ("chromium", "aiortc") if kind in results]
    names = {"chromium": "Chromium", "aiortc": "aiortc"}
    lines = ["| | tchat | aim |" + "".join(f" {names[kind]} | × |" for kind in others), "|---|---|---|" + "---|---|" * len(others)]
    own = results.get("tchat", {})
    for key, title, unit, aim, lower in ROWS:
        line = f"| {title.format(seconds=seconds)} | {cell(own.get(key), unit)} | {aim} {unit} |".replace(" |", " |").replace("  ", " ")
        for kind in others:
            other, mine = results[kind].get(key), own.get(key)
            ratio = f"{other / mine:.1f}" if lower and other is not None and mine else "-"
            line += f" {cell(other, unit)} | {ratio} |"
        lines.append(line)
    return "\n".join(lines)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seconds", type=int, default=30)
    p.add_argument("--only", choices=("tchat", "chromium", "aiortc"), action="append", help="may be repeated")
    p.add_argument("--json", type=Path, metavar="FILE", help="keep the figures too")
    o = p.parse_args()
    if not os.access(processes.TCHAT, os.X_OK):
        print(f"There is no {processes.TCHAT}; build it with `make build`.", file=sys.stderr)
        return 1
    results, failed = {}, False
    with tempfile.TemporaryDirectory(prefix="tchat-bench-") as folder:
        for kind in o.only or ("tchat", "chromium", "aiortc"):
            print(f"{kind} with {kind}, {o.seconds} s ...", file=sys.stderr, flush=True)
            try:
                url = start_server("serve", Path(folder))
                results[kind] = measure_tchat(url, o.seconds, Path(folder)) if kind == "tchat" else measure_peer(kind, url, o.seconds, Path(folder))
            except CaseFailure as failure:
                print(f"{kind}: {failure}", file=sys.stderr)
                failed = True
            finally:
                Process.end_all()
    if "tchat" in results:
        results["tchat"]["version"] = version_time()
    print(f"640x480, 30 frames a second, 1 Mbit/s, {o.seconds} s, both ways, two processes on one machine: {machine()}.\n")
    print(table(results, o.seconds))
    if "chromium" in results:
        print("\nChromium: all of its processes together, and latency up to the picture shown.")
    if o.json:
        o.json.write_text(json.dumps({"machine": machine(), "seconds": o.seconds, **results}, indent=1) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
