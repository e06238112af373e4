"""Calls over netsim.py's paths: with loss and a long round trip, and on a narrow link. Both need root."""
import json
import time

from calls import Call
from disturbances import watch_frames_of
from networks import Network
from processes import CaseFailure, Process, start_server

NAMES = {"tchat": "tchat", "chromium": "Chromium", "aiortc": "aiortc"}


def start_call(kind, folder, seconds, *path, bitrate=1000):
    network = Network(folder, *path, delay=50)
    url = start_server("serve", folder, host=network.url_host, prefix=network.prefixes[0])
    # What one gets is what is measured; only a call that does not come about fails.
    return network, Call(folder, url, (kind, kind), seconds, ((("--bitrate", bitrate),) * 2), network.prefixes, rate=0, distinct=0)


def finish(call, kind):
    """The results of both sides; a peer may have complaints of its own about what it got."""
    for side in reversed(call.sides):
        if side.finish(call.seconds + 75) != 0 and not side.result():
            raise CaseFailure(f"{side.name} ended without a result{side.complaint()}")
    return [side.result() for side in call.sides]


def pauses(marks, index):
    """The times without a new frame, seconds, from the first one on."""
    found, since, count = [], None, 0
    for mark in marks:
        if mark[index] != count:
            if since is not None:
                found.append(mark[0] - since)
            since, count = mark[0], mark[index]
    return found


def measure_loss(kind, folder, seconds):
    """10 % random loss, 50 ms each way: the worse side of both."""
    _, call = start_call(kind, folder, seconds, "--loss", 10)
    call.wait_connected()
    marks = []
    if kind == "tchat":                                      # its files say when it showed what
        marks = watch_frames_of([folder / f"{side.name}.y4m" for side in call.sides], time.monotonic() + seconds - 1)
    results = finish(call, kind)
    if kind == "tchat":
        gaps = [pauses(marks, index) for index in (1, 2)]
        made_up = [r["audio"]["concealedMs"] / max(1, r["audio"]["concealedMs"] + r["audio"]["playedMs"]) * 100 for r in results]
        return {"fps": min(r["video"]["fps"] for r in results), "freezes": max(sum(gap > 0.5 for gap in side) for side in gaps),
                "longest": max(max(side, default=0) for side in gaps) * 1000, "concealed": max(made_up)}
    media = [r["media"] for r in results]
    if kind == "chromium":
        made_up = [r["transport"]["concealed"] / max(1, r["transport"]["samples"]) * 100 for r in results]
    else:
        made_up = [m.get("missingSoundPercent", 100) for m in media]
    return {"fps": min(m.get("fps", 0) for m in media), "freezes": max(m["longFreezes"] for m in media),
            "longest": max(m["longestGapMs"] for m in media), "concealed": max(made_up)}


def loss_table(o):
    rows = [("fps", "decoded frames a second", "≥ 28", "{:.1f}", lambda v: v >= 28), ("freezes", "freezes over 500 ms", "0", "{:.0f}", lambda v: v == 0),
            ("longest", "longest time without a new picture, ms", "≤ 500", "{:.0f}", lambda v: v <= 500),
            ("concealed", "sound made up or missing, %", "≤ 1.5", "{:.2f}", lambda v: v <= 1.5)]
    return compare(o, rows, lambda kind, folder: measure_loss(kind, folder, o.seconds or 30), ("tchat", "chromium", "aiortc"))


def measure_queue(kind, folder, seconds):
    """300 kbit/s and 50 ms each way, with room for two seconds in the queue."""
    network, call = start_call(kind, folder, seconds, "--rate", 300, "--queue", 2000)
    call.wait_connected()
    began = time.monotonic() - network.up_at
    results = finish(call, kind)
    rows = [json.loads(line) for line in network.report.read_text().splitlines()]
    rows = [row for row in rows if began < row["t"] <= began + seconds]
    ways = ("A->B", "B->A")
    queues = sorted(max(row[way]["queue_ms"] for way in ways) for row in rows)
    rates = [sum(row[way]["bytes"] for row in rows) * 8 / 1000 / max(1, len(rows)) for way in ways]
    return {"queue": queues[-1], "p95": queues[len(queues) * 95 // 100 - 1], "rate": min(rates),
            "fps": min(r["video"]["fps"] if kind == "tchat" else r["media"].get("fps", 0) for r in results)}


def queue_table(o):
    rows = [("queue", "longest queue, ms", "≤ 200", "{:.0f}", lambda v: v <= 200), ("p95", "queue, 95th percentile of the seconds, ms", "", "{:.0f}", None),
            ("rate", "sent, kbit/s", "", "{:.0f}", None), ("fps", "decoded frames a second", "", "{:.1f}", None)]
    seconds = o.seconds or 180
    return compare(o, rows, lambda kind, folder: measure_queue(kind, folder, seconds if kind == "tchat" else min(seconds, 60)), ("tchat", "chromium"))


def compare(o, rows, measure, kinds):
    results = {}
    for kind in kinds:
        folder = o.folder / f"{o.section}-{kind}"
        folder.mkdir(parents=True)
        try:
            results[kind] = measure(kind, folder)
        except CaseFailure as failure:
            o.complain(f"{kind}: {failure}")
        finally:
            Process.end_all()
            for recording in [*folder.glob("*.y4m"), *folder.glob("*.wav")]:
                recording.unlink()
    lines = ["| | tchat | aim | |" + "".join(f" {NAMES[kind]} |" for kind in kinds[1:]), "|---|---|---|---|" + "---|" * (len(kinds) - 1)]
    met = "tchat" in results
    for key, title, aim, form, holds in rows:
        values = [form.format(results[kind][key]) if kind in results else "-" for kind in kinds]
        verdict = ""
        if holds and "tchat" in results:
            verdict = "met" if holds(results["tchat"][key]) else "MISSED"
            met = met and verdict == "met"
        lines.append(f"| {title} | {values[0]} | {aim} | {verdict} |" + "".join(f" {value} |" for value in values[1:]))
    return "\n".join(lines), met
