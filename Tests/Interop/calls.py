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


def judge_recording(peer, folder, seconds, tone, sender_is_tchat, luma, rate=LEAST_RATE, distinct=LEAST_DISTINCT_RATE):
    """A tchat is not believed: its files are."""
    try:
        seen, heard = judge.video(folder / f"{peer.name}.y4m"), judge.audio(str(folder / f"{peer.name}.wav"))
    except (OSError, judge.Unreadable) as error:
        raise CaseFailure(f"{peer.name} left no readable recording: {error}") from None
    if seen["frames"] < seconds * rate:
        raise CaseFailure(f"{peer.name} got {seen['frames']} frames in {seconds} s")
    if seen["distinct"] < seconds * distinct:
        raise CaseFailure(f"{peer.name} got {seen['distinct']} different pictures in {seconds} s")
    if not judge.is_tone(heard, tone):
        raise CaseFailure(f"{peer.name} heard {heard['toneHz']} Hz at rms {heard['rms']}, not {tone} Hz")
    low, high = map(int, SEEN[luma].split(":"))
    if not sender_is_tchat and not low <= seen["luma"] <= high:
        raise CaseFailure(f"{peer.name} saw luma {seen['luma']}, not {low} to {high}")
    return f"{seen['frames']} frames, {heard['toneHz']:.0f} Hz"


class Call:
    """Two peers, each `tchat`, `chromium` or `aiortc`, that call each other for `seconds`; `judge` says what each got.

    `options` and `prefixes` are the first's and the second's. `rate` and `distinct`: the fewest frames, and different ones, a second.
    """

    def __init__(self, folder, url, kinds, seconds, options=((), ()), prefixes=((), ()), rate=LEAST_RATE, distinct=LEAST_DISTINCT_RATE, env=None):
        self.folder, self.url, self.kinds, self.seconds = folder, url, kinds, seconds
        self.options, self.prefixes, self.rate, self.distinct, self.env = options, prefixes, rate, distinct, env
        self.channel, self.sides = fresh_channel(), []
        self.sides.append(self.start(0, seconds + 2))
        self.sides[0].wait_for(("waiting", "joined"), 40)
        self.sides.append(self.start(1, seconds))

    def start(self, index, length):
        kind, other_kind = self.kinds[index], self.kinds[1 - index]
        own, other = ((FIRST, SECOND), (SECOND, FIRST))[index]
        name, options, prefix = f"{('first', 'second')[index]}-{kind}", self.options[index], self.prefixes[index]
        if kind == "tchat":
            return start_tchat(name, self.folder, self.url, self.channel, seconds=length, tone=own["tone"], timeout=60, prefix=prefix, options=options,
                               env=self.env)
        expected = ["--expect-frames", int(self.seconds * self.rate), "--expect-distinct", int(self.seconds * self.distinct),
                    "--expect-tone", other["tone"]]
        if other_kind != "tchat":
            expected += ["--expect-luma", SEEN[other["luma"]]]
        return start_peer(kind, name, self.folder, self.url, self.channel, "--seconds", length, "--timeout", 60, "--linger", 0.5,
                          "--tone", own["tone"], "--luma", own["luma"], *expected, *options, prefix=prefix)

    def of_kind(self, kind):
        return self.sides[self.kinds.index(kind)]

    def wait_connected(self):
        for side in self.sides:
            side.wait_connected(60)

    def judge(self):
        """Waits for the end; one text for each side."""
        self.sides[1].expect_success(self.seconds + 75)
        self.sides[0].expect_success(30)
        details = []
        for index, side in enumerate(self.sides):
            if self.kinds[index] == "tchat":
                other = (SECOND, FIRST)[index]
                details.append(judge_recording(side, self.folder, self.seconds, other["tone"], self.kinds[1 - index] == "tchat", other["luma"],
                                               self.rate, self.distinct))
            else:
                media = side.result()["media"]
                details.append(f"{media['frames']} frames, {media['toneHz']:.0f} Hz")
        return details


def pair_case(server, first, second, folder, seconds, options=((), ())):
    return " | ".join(Call(folder, start_server(server, folder), (first, second), seconds, options).judge())
