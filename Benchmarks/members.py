"""Calls of two, three and four tchats: a picture is encoded once for all, so each further member costs its decoding and its packets."""
import statistics
import time

import psutil

from calls import fresh_channel
from processes import CaseFailure, Process, start_server, start_tchat

SIZES = (2, 3, 4)
# Of a call of two: more than noise, less than a second encoder.
MOST_ENCODING = 1.2


def cpu(side):
    times = psutil.Process(side.child.pid).cpu_times()
    return times.user + times.system


def outbound(stats):
    """(pictures encoded, seconds of encoding): of every member's stream the same, since there is one encoder."""
    found = [entry for entry in stats["rtc"] if entry["type"] == "outbound-rtp" and entry.get("kind") == "video"]
    return max(entry.get("framesEncoded", 0) for entry in found), max(entry.get("totalEncodeTime", 0) for entry in found)


def decoded(stats):
    return [entry.get("framesDecoded", 0) for entry in stats["rtc"] if entry["type"] == "inbound-rtp" and entry.get("kind") == "video"]


def statistics_of(side):
    after = len(side.poll_events())
    side.say("stats")
    return side.wait_for(("stats",), 10, after)


def measure(count, url, folder, seconds):
    """What each member needed during so many seconds in the middle of the call."""
    channel = fresh_channel()
    sides = []
    for number in range(count):
        side = start_tchat(f"{count}-{number}", folder, url, channel, seconds=seconds + 60, files=False, options=("--bitrate", 1000), timeout=60)
        side.wait_for(("joined",), 30)
        sides.append(side)
    deadline = time.monotonic() + 40
    while any(len([n for n in decoded(statistics_of(side)) if n > 30]) < count - 1 for side in sides):
        if time.monotonic() > deadline:
            raise CaseFailure(f"the {count} did not all see each other")
        time.sleep(0.5)
    before = [(cpu(side), outbound(stats), decoded(stats)) for side in sides if (stats := statistics_of(side))]
    began = time.monotonic()
    time.sleep(seconds)
    after = [(cpu(side), outbound(stats), decoded(stats)) for side in sides if (stats := statistics_of(side))]
    took = time.monotonic() - began
    Process.end_all()
    return {
        "cpu": statistics.mean(b[0] - a[0] for a, b in zip(before, after)) / took,
        "encoding": statistics.mean(b[1][1] - a[1][1] for a, b in zip(before, after)) / took,
        "encoded": statistics.mean(b[1][0] - a[1][0] for a, b in zip(before, after)) / took,
        "fps": min((sum(b[2]) - sum(a[2])) / (count - 1) for a, b in zip(before, after)) / took,
    }


def members_table(o):
    seconds = o.seconds or 15
    found = {}
    for count in SIZES:
        o.complain(f"group: {count} members, {seconds} s ...")
        found[count] = measure(count, start_server("serve", o.folder), o.folder, seconds)
    lines = ["| | " + " | ".join(f"{count} members" for count in SIZES) + " | aim | |", "|---|" + "---|" * (len(SIZES) + 2)]
    two, four = found[SIZES[0]], found[SIZES[-1]]
    rows = [
        ("CPU of a member, % of a core", "cpu", 100, "", None),
        ("of that, encoding, %", "encoding", 100, f"≤ {MOST_ENCODING} × that of two", four["encoding"] <= MOST_ENCODING * two["encoding"]),
        ("pictures encoded a second", "encoded", 1, f"≤ {MOST_ENCODING} × that of two", four["encoded"] <= MOST_ENCODING * two["encoded"]),
        ("pictures decoded a second, of each other member", "fps", 1, "≥ 24", four["fps"] >= 24),
    ]
    for title, key, factor, aim, is_met in rows:
        values = " | ".join(f"{found[count][key] * factor:.1f}" for count in SIZES)
        lines.append(f"| {title} | {values} | {aim} | {'' if is_met is None else 'met' if is_met else 'MISSED'} |")
    return "\n".join(lines), all(is_met is not False for *_, is_met in rows)
