"""Two peers in one channel, both directions judged."""
import os
import random

import judge
from processes import CaseFailure, start_peer, start_server, start_tchat

FIRST, SECOND = {"tone": 440, "luma": 80}, {"tone": 880, "luma": 140}
# What the luma sent looks like on the 0-255 scale, after a lossy codec and with the bars drawn in.
SEEN = {80: "50:105", 140: "115:175"}
LEAST_RATE = 20          # frames a second: on two busy cores Chromium itself gives no more
LEAST_DISTINCT_RATE = 10


def fresh_channel():
    return f"c{os.getpid()}-{random.randrange(1 << 32):08x}"


def judge_recording(peer, folder, seconds, tone, sender_is_tchat, luma):
    """A tchat is not believed: its files are."""
    try:
        seen, heard = judge.video(folder / f"{peer.name}.y4m"), judge.audio(str(folder / f"{peer.name}.wav"))
    except (OSError, judge.Unreadable) as error:
        raise CaseFailure(f"{peer.name} left no readable recording: {error}") from None
    if seen["frames"] < seconds * LEAST_RATE:
        raise CaseFailure(f"{peer.name} got {seen['frames']} frames in {seconds} s")
    if seen["distinct"] < seconds * LEAST_DISTINCT_RATE:
        raise CaseFailure(f"{peer.name} got {seen['distinct']} different pictures in {seconds} s")
    if not judge.is_tone(heard, tone):
        raise CaseFailure(f"{peer.name} heard {heard['toneHz']} Hz at rms {heard['rms']}, not {tone} Hz")
    low, high = map(int, SEEN[luma].split(":"))
    if not sender_is_tchat and not low <= seen["luma"] <= high:
        raise CaseFailure(f"{peer.name} saw luma {seen['luma']}, not {low} to {high}")
    return f"{seen['frames']} frames, {heard['toneHz']:.0f} Hz"


def pair_case(server, first, second, folder, seconds):
    url, channel = start_server(server, folder), fresh_channel()

    def start(kind, name, length, own, other, other_kind):
        if kind == "tchat":
            return start_tchat(name, folder, url, channel, seconds=length, tone=own["tone"], timeout=60)
        expected = ["--expect-frames", seconds * LEAST_RATE, "--expect-distinct", seconds * LEAST_DISTINCT_RATE, "--expect-tone", other["tone"]]
        if other_kind != "tchat":
            expected += ["--expect-luma", SEEN[other["luma"]]]
        return start_peer(kind, name, folder, url, channel, "--seconds", length, "--timeout", 60, "--linger", 0.5, "--tone", own["tone"],
                          "--luma", own["luma"], *expected)

    a = start(first, f"first-{first}", seconds + 2, FIRST, SECOND, second)
    a.wait_for(("waiting", "joined"), 40)
    b = start(second, f"second-{second}", seconds, SECOND, FIRST, first)
    b.expect_success(seconds + 75)
    a.expect_success(30)
    details = []
    for peer, kind, other, other_kind in ((a, first, SECOND, second), (b, second, FIRST, first)):
        if kind == "tchat":
            details.append(judge_recording(peer, folder, seconds, other["tone"], other_kind == "tchat", other["luma"]))
        else:
            media = peer.result()["media"]
            details.append(f"{media['frames']} frames, {media['toneHz']:.0f} Hz")
    return " | ".join(details)
