"""ICE restarts in the middle of a call, asked for by either side."""
import time

from calls import Call
from disturbances import watch_frames_of
from processes import CaseFailure, start_server

LONGEST_GAP = 1.0
BEFORE, AFTER = 4, 6


def restart_case(first, second, who, folder, _):
    """`who` (0 or 1) restarts after 4 s. A new generation is signalled, and nobody is without pictures for a second."""
    call = Call(folder, start_server("serve", folder), (first, second), BEFORE + AFTER + 3)
    call.wait_connected()
    recordings = [folder / f"{side.name}.y4m" for side, kind in zip(call.sides, call.kinds) if kind == "tchat"]
    watch_frames_of(recordings, time.monotonic() + BEFORE)
    positions = [len(side.poll_events()) for side in call.sides]
    call.sides[who].say("restart")
    marks = watch_frames_of(recordings, time.monotonic() + AFTER)
    details = []
    for index, side in enumerate(call.sides):
        if call.kinds[index] == "chromium":
            known = {event["ufrag"] for event in side.poll_events()[:positions[index]] if event["event"] == "description"}
            side.wait_for(("description",), 1, after=positions[index], where=lambda event: event["ufrag"] not in known)
    texts = call.judge()
    for index, side in enumerate(call.sides):
        if call.kinds[index] == "tchat" and len(set(fragments(side))) < 2:
            raise CaseFailure(f"{side.name} is still in the same generation as before the restart")
    for index, side in enumerate(call.sides):
        if call.kinds[index] == "tchat":
            seen = [mark[1 + recordings.index(folder / f"{side.name}.y4m")] for mark in marks]
            gap = longest_rest(marks, seen)
        else:
            # Since the second description.
            gap = side.result()["media"]["longestGapMs"] / 1000
        if gap > LONGEST_GAP:
            raise CaseFailure(f"{side.name} had no picture for {gap:.2f} s around the restart")
        details.append(f"{texts[index]}, longest gap {gap * 1000:.0f} ms")
    return " | ".join(details)


def fragments(tchat):
    """Its user name fragment in each of its statistics: one for each generation."""
    reports = [event["rtc"] for event in tchat.poll_events() if event["event"] in ("stats", "summary")]
    return [entry["iceLocalUsernameFragment"] for report in reports for entry in report if entry.get("iceLocalUsernameFragment")]


def longest_rest(marks, counts):
    """The longest time without a new frame."""
    longest, since = 0.0, marks[0][0]
    for (now, *_), before, count in zip(marks[1:], counts, counts[1:]):
        if count != before:
            since = now
        longest = max(longest, now - since)
    return longest
