"""What a signaling server costs: load.js and crowd.js against `tchat serve` and python-socketio, beside what the reference server on node needed.

Messages are counted for each second of the server's CPU time, so that the generator's own need does not matter.
"""
import json
import os
import resource
import signal
import statistics
import subprocess
import time
import urllib.request
from pathlib import Path

import psutil

from processes import CaseFailure, Process, Server

HERE = Path(__file__).resolve().parent
NODE = {**os.environ, "NODE_PATH": "/usr/share/nodejs"}
# Of the reference server, by the same load.js on a machine of two cores (node 20, medians of 5): it is in no Debian package.
NODE_FIGURES = {"relay 100": 40_700, "relay 1000": 26_300, "relay 5000/s": 21_700, "poll 100": 7_800, "cpu": 0.53, "kib 2000": 28}

# (key, title, form, aim, is it a least value, how load.js is called, what is taken of its report)
ROWS = [
    ("relay 100", "relay, 100 sockets, messages a CPU second", "{:,.0f}", 100_000, True),
    ("relay 1000", "relay, 1000 sockets", "{:,.0f}", 65_000, True),
    ("relay 5000/s", "relay, 200 sockets, 5000 messages a second", "{:,.0f}", 55_000, True),
    ("p99", "  delay of those, p99, ms", "{:.1f}", 5, False),
    ("poll 100", "long polling, 100 sessions", "{:,.0f}", 20_000, True),
    ("cpu", "connect and join, 2000 sockets, ms of CPU each", "{:.2f}", 0.2, False),
    ("kib 2000", "  resident KiB each", "{:.1f}", 20, False),
    ("kib 10000", "resident KiB each of 10 000 sockets", "{:.1f}", 20, False),
]


def raise_limit():
    """Every connection is a file; servers and generators inherit this."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def load(kind, folder, mode, *options):
    """load.js's report about a server of its own."""
    server = Server(kind, folder)
    try:
        command = ["node", HERE / "load.js", mode, server.url, "--json", "--pid", server.pid, *options]
        done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=NODE, timeout=300, check=False)
        if not done.stdout.strip():
            raise CaseFailure(f"load.js {mode} said nothing about {kind}{server.process.complaint()}")
        report = json.loads(done.stdout.strip().splitlines()[-1])
        if report["errors"]:
            raise CaseFailure(f"load.js {mode} had {report['errors']} errors with {kind}")
        return report
    finally:
        Process.end_all()


def figures(kind, folder, seconds):
    relay = ("--secs", seconds)
    found = {
        "relay 100": load(kind, folder, "relay", "--n", 100, *relay)["relayed_per_cpu_s"],
        "relay 1000": load(kind, folder, "relay", "--n", 1000, *relay)["relayed_per_cpu_s"],
        "poll 100": load(kind, folder, "poll", "--n", 100, *relay)["relayed_per_cpu_s"],
    }
    # An open loop is for servers that keep up with it.
    if kind == "serve":
        paced = load(kind, folder, "relay", "--n", 200, "--rate", 5000, *relay)
        found |= {"relay 5000/s": paced["relayed_per_cpu_s"], "p99": paced["lat_p99_ms"]}
    joins = load(kind, folder, "join", "--n", 2000)
    found |= {"cpu": (joins["connect_cpu_s"] + joins["join_cpu_s"]) * 1000 / joins["n"], "kib 2000": joins["rss_kb_per_conn"]}
    if kind == "serve":
        found["kib 10000"] = load(kind, folder, "join", "--n", 10_000)["rss_kb_per_conn"]
    return found


def signaling_table(o):
    if raise_limit() < 11_000:
        raise CaseFailure("10 000 connections need `ulimit -n` of at least 11 000")
    runs = {}
    for kind, count in (("serve", o.runs), ("seed", 1)):
        runs[kind] = []
        for number in range(count):
            o.complain(f"signaling: {'tchat' if kind == 'serve' else 'python-socketio'}, run {number + 1} of {count} ...")
            runs[kind].append(figures(kind, o.folder, o.seconds or 10))
    own = {key: statistics.median(run[key] for run in runs["serve"]) for key in runs["serve"][0]}
    other = runs["seed"][0]
    lines, met = ["| | tchat | aim | | reference (node) | × | python-socketio | × |", "|---|---|---|---|---|---|---|---|"], True
    for key, title, form, aim, is_least in ROWS:
        is_met = own[key] >= aim if is_least else own[key] <= aim
        met = met and is_met
        line = f"| {title} | {form.format(own[key])} | {'≥' if is_least else '≤'} {aim:,} | {'met' if is_met else 'MISSED'} |"
        for theirs in (NODE_FIGURES.get(key), other.get(key)):
            ratio = None if theirs is None else own[key] / theirs if is_least else theirs / own[key]
            line += " - | - |" if ratio is None else f" {form.format(theirs)} | {ratio:.1f} |"
        lines.append(line)
    lines.append(f"\nMedians of {o.runs}. The reference's figures were measured with the same load.js on another machine of two cores (node 20).")
    return "\n".join(lines), met


# Ten thousand at once, and ten minutes of coming and going.

def crowd(name, folder, mode, server, *options):
    return Process(name, ["node", HERE / "crowd.js", mode, server.url, *options], folder, env=NODE)


def resident(server):
    return psutil.Process(server.pid).memory_info().rss / 1e6


def metric(server, name):
    """The sum of a metric's values, whatever their labels; 0 when nothing was counted yet."""
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    values = [line.rsplit(" ", 1)[1] for line in text.splitlines() if line.split("{")[0].split(" ")[0] == name]
    return sum(map(float, values))


def eventually(check, seconds):
    deadline = time.monotonic() + seconds
    while not (value := check()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return value


def drop_table(o):
    """10 000 connections in 1429 channels, seven in each and one who watches; the seven end with kill -9."""
    raise_limit()
    each, channels = 7, 1429
    server = Server("serve", o.folder)
    fresh = resident(server)
    place = ("--channels", channels, "--each", each)
    watchers = crowd("watchers", o.folder, "watch", server, *place)
    watchers.wait_for(("watching",), 120)
    before = resident(server)
    rounds = []
    for number in range(2):
        members = crowd(f"members-{number}", o.folder, "fill", server, *place)
        members.wait_for(("filled",), 300)
        full = resident(server)
        # What is told of arrivals has to be out first.
        time.sleep(2)
        position = len(watchers.poll_events())
        members.kill()
        try:
            told = watchers.wait_for(("told",), 60, after=position)
        except CaseFailure:
            watchers.child.send_signal(signal.SIGUSR1)
            seen = watchers.wait_for(("seen",), 10)
            raise CaseFailure(f"the watchers were told of {seen['left']} of {channels * each} that are gone") from None
        time.sleep(3)
        rounds.append((full, resident(server), told))
    members_left = metric(server, "tchat_members")
    watchers.kill()
    is_empty = eventually(lambda: metric(server, "tchat_members") == 0 and metric(server, "tchat_channels") == 0, 20)
    probe = crowd("probe", o.folder, "probe", server, *place).wait_for(("probed",), 120)
    (full, after, told), (_, after_again, told_again) = rounds
    slowest = max(told["ms"], told_again["ms"]) / 1000
    checks = [
        ("connections lost at once, all in one process ended by kill -9", f"{channels * each:,}, twice", "", None),
        ("of those, told to who remains", f"{told['left']:,} and {told_again['left']:,}", f"{channels * each:,}",
         told["left"] == told_again["left"] == channels * each),
        ("time from the first told to the last", f"{slowest:.2f} s", "≤ 5 s", slowest <= 5),
        ("members counted afterwards", f"{members_left:.0f}", f"{channels:,}", members_left == channels),
        ("members and channels counted once the watchers are gone too", "0" if is_empty else "more", "0", bool(is_empty)),
        ("channels with a ghost in them", str(probe["occupied"]), "0", probe["occupied"] == 0),
        ("resident MB: fresh, with the watchers, full, after, after the second time",
         f"{fresh:.0f}, {before:.0f}, {full:.0f}, {after:.0f}, {after_again:.0f}", f"≤ {before + (full - before) * 0.25:.0f}",
         after_again <= before + (full - before) * 0.25),
    ]
    return verdicts(checks)


def churn_table(o):
    """Resident memory, sampled while hundreds come and go; the second fifth of the time is compared with the last."""
    raise_limit()
    server = Server("serve", o.folder)
    minutes = o.minutes
    guests = crowd("guests", o.folder, "churn", server, "--minutes", minutes, "--rate", 300, "--channels", 150)
    samples, began = [], time.monotonic()
    while guests.child.poll() is None:
        if time.monotonic() - began > minutes * 60 + 60:
            raise CaseFailure("the guests did not end")
        samples.append(resident(server))
        time.sleep(minutes * 60 / 600)
    done = guests.wait_for(("churned",), 1)
    fifth = len(samples) // 5
    early, late = statistics.median(samples[fifth:2 * fifth]), statistics.median(samples[-fifth:])
    is_empty = eventually(lambda: metric(server, "tchat_members") == 0, 60)
    checks = [
        (f"deeds in {minutes:g} minutes", f"{sum(done['counts'].values()):,}", "", None),
        ("connections lost unasked", str(done["errors"]), "0", done["errors"] == 0),
        ("resident MB in the second fifth, and in the last", f"{early:.1f}, {late:.1f}", f"≤ {early * 1.05 + 1:.1f}", late <= early * 1.05 + 1),
        ("members counted when all are gone", "0" if is_empty else f"{metric(server, 'tchat_members'):.0f}", "0", bool(is_empty)),
    ]
    return verdicts(checks)


def verdicts(checks):
    lines = ["| | | aim | |", "|---|---|---|---|"]
    lines += [f"| {title} | {value} | {aim} | {'' if is_met is None else 'met' if is_met else 'MISSED'} |" for title, value, aim, is_met in checks]
    return "\n".join(lines), all(is_met is not False for *_, is_met in checks)
