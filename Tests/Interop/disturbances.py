"""What happens in a call: muting, a killed side, a network that goes away and comes back."""
import os
import time

import judge
from calls import fresh_channel
from networks import Network
from processes import CaseFailure, start_server, start_tchat

TONES = {"a": 440, "b": 880}
RATE = 48000
WAV_HEADER = 44
# A decoder gives not quite zero for the silence that was sent: 16 bits know 32 steps up to this.
SILENT_PEAK = 0.001
MUTE_LIMIT = 0.3
OUTAGE = 3
OUTAGE_CALL = 20


class SoundClock:
    """Watches a growing .wav: which of its samples were written when, on the runner's clock."""

    def __init__(self, path):
        self.path, self.marks = path, []

    def watch(self, seconds):
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            size = os.path.getsize(self.path) if self.path.exists() else 0
            count = max(0, size - WAV_HEADER) // 2
            if not self.marks or count > self.marks[-1][1]:
                self.marks.append((now, count))
            time.sleep(0.005)

    def time_of(self, sample):
        """A batch of samples reaches the file with its last one."""
        for when, count in self.marks:
            if count > sample:
                return when - (count - sample) / RATE
        return None

    def sample_at(self, when):
        for mark, count in self.marks:
            if mark >= when:
                return max(0, count - int((mark - when) * RATE))
        return self.marks[-1][1] if self.marks else 0


def start_two(folder, url, seconds, prefixes=((), ()), options=()):
    channel = fresh_channel()
    a = start_tchat("a", folder, url, channel, seconds=seconds, tone=TONES["a"], prefix=prefixes[0], options=options)
    a.wait_for(("joined",), 30)
    b = start_tchat("b", folder, url, channel, seconds=seconds, tone=TONES["b"], prefix=prefixes[1], options=options)
    for side in (a, b):
        side.wait_for(("connected",), 30)
        side.wait_for(("first-frame",), 10)
    return channel, a, b


def mute_case(folder, _):
    """`mute` on a's standard input: b's recording is silent within 300 ms; `unmute`: the tone again."""
    _, a, b = start_two(folder, start_server("serve", folder), seconds=11)
    clock = SoundClock(folder / "b.wav")
    clock.watch(3)
    muted = time.monotonic()
    a.say("mute")
    clock.watch(3)
    unmuted = time.monotonic()
    a.say("unmute")
    clock.watch(3)
    for side in (a, b):
        side.expect_success(30)
    rate, heard = judge.samples(str(folder / "b.wav"))
    if rate != RATE:
        raise CaseFailure(f"b's recording has {rate} samples a second, not {RATE}")
    if not clock.marks:
        raise CaseFailure("b recorded nothing")

    def part(start, end):
        return heard[clock.sample_at(start):clock.sample_at(end)]

    before = judge.tone(part(muted - 2, muted - 0.2), RATE)
    if not judge.is_tone(before, TONES["a"]):
        raise CaseFailure(f"before `mute` b heard {before['toneHz']} Hz at rms {before['rms']}")
    silent = part(muted + MUTE_LIMIT, unmuted)
    if len(silent) < RATE:
        raise CaseFailure("b's recording stopped while a was muted")
    if abs(silent).max() > SILENT_PEAK:
        last = clock.sample_at(muted + MUTE_LIMIT) + int(abs(silent).__gt__(SILENT_PEAK).nonzero()[0][-1])
        raise CaseFailure(f"a sound of peak {abs(silent).max():.4f} reached b until {(clock.time_of(last) or 0) - muted:.2f} s after `mute`")
    after = judge.tone(part(unmuted + 0.5, unmuted + 2.5), RATE)
    if not judge.is_tone(after, TONES["a"]):
        raise CaseFailure(f"after `unmute` b heard {after['toneHz']} Hz at rms {after['rms']}")
    quiet = heard[clock.sample_at(muted):]
    loud = abs(quiet[:int(MUTE_LIMIT * RATE)]).__gt__(SILENT_PEAK).nonzero()[0]
    return f"silent {(int(loud[-1]) / RATE if len(loud) else 0) * 1000:.0f} ms after mute, {after['toneHz']:.0f} Hz after unmute"


def kill_case(folder, _):
    """The other side says so within 8 s and goes on waiting; a new one can join the channel at once."""
    url = start_server("serve", folder)
    channel, a, b = start_two(folder, url, seconds=25)
    time.sleep(3)
    position = len(a.poll_events())
    killed = time.monotonic()
    b.kill()
    new = start_tchat("new", folder, url, channel, seconds=4, tone=TONES["b"])
    left = a.wait_for(("peer-left",), 8, after=position)
    took = left["seen"] - killed
    new.wait_for(("connected",), 15)
    new.expect_success(30)
    seen, heard = judge.video(folder / "new.y4m"), judge.audio(str(folder / "new.wav"))
    if seen["frames"] < 60 or not judge.is_tone(heard, TONES["a"]):
        raise CaseFailure(f"the new one got {seen['frames']} frames and {heard['toneHz']} Hz in 4 s")
    if a.child.poll() is not None:
        raise CaseFailure(f"a ended with {a.child.returncode} instead of going on")
    a.say("hangup")
    a.expect_success(10)
    return f"said so after {took:.1f} s; the new one got {seen['frames']} frames"


def watch_frames(folder, until):
    """(time, frames of a, frames of b) every 50 ms."""
    return watch_frames_of([folder / f"{side}.y4m" for side in "ab"], until, 0.05)


def watch_frames_of(recordings, until, pause=0.01):
    """(time, frames of each ...), from the recordings' sizes."""
    marks = []
    while (now := time.monotonic()) < until:
        marks.append((now, *map(frame_count, recordings)))
        time.sleep(pause)
    return marks


def frame_count(path):
    """Whole frames of a growing .y4m."""
    try:
        with open(path, "rb") as f:
            head = f.readline()
            fields = {word[:1]: word[1:] for word in head.split()[1:]}
            width, height = int(fields[b"W"]), int(fields[b"H"])
            return (os.path.getsize(path) - len(head)) // (len("FRAME\n") + width * height + 2 * ((width + 1) // 2) * ((height + 1) // 2))
    except (OSError, KeyError, ValueError):
        return 0


def judge_outage(folder, a, b, marks, start, end, cut_off):
    """Media flowed before, stopped for who was cut off, and came back by itself; the tone too."""
    for side in (a, b):
        side.expect_success(40)
    details = []
    for index, side in enumerate((a, b), 1):
        def rate(since, until):
            inside = [mark for mark in marks if since <= mark[0] <= until]
            return (inside[-1][index] - inside[0][index]) / max(0.1, inside[-1][0] - inside[0][0]) if len(inside) > 1 else 0.0
        before, during, after = rate(start - 3, start), rate(start + 1, end), rate(marks[-1][0] - 3, marks[-1][0])
        if before < 15:
            raise CaseFailure(f"{side.name} got {before:.0f} frames a second before the outage")
        if side.name in cut_off and during > 5:
            raise CaseFailure(f"{side.name} got {during:.0f} frames a second during the outage, so it was none")
        if after < 15:
            raise CaseFailure(f"{side.name} got {after:.0f} frames a second at the end")
        had = max((mark[index] for mark in marks if mark[0] <= end), default=0)
        resumed = next((mark[0] for mark in marks if mark[0] > end and mark[index] > had + 5), marks[-1][0])
        _, heard = judge.samples(str(folder / f"{side.name}.wav"))
        tone = judge.tone(heard[-3 * RATE:-RATE], RATE)
        if not judge.is_tone(tone, TONES["b" if side is a else "a"]):
            raise CaseFailure(f"{side.name} heard {tone['toneHz']} Hz at rms {tone['rms']} at the end")
        if side.name in cut_off:
            details.append(f"{side.name} has pictures again after {resumed - end:.1f} s")
    return ", ".join(details)


def outage_case(folder, network, outage, cut_off, begin=lambda: None, finish=lambda: None):
    """`outage` gives, once both have pictures, when it starts on the runner's clock; `cut_off` names who gets nothing during it."""
    url = start_server("serve", folder, host="10.78.0.1", prefix=network.prefixes[0])
    _, a, b = start_two(folder, url, seconds=OUTAGE_CALL, prefixes=network.prefixes, options=("--ice-server", "none"))
    start = outage()
    if time.monotonic() > start - 3:
        raise CaseFailure("the two were connected too late for the outage")
    marks = watch_frames(folder, start)
    begin()
    marks += watch_frames(folder, start + OUTAGE)
    finish()
    marks += watch_frames(folder, start + OUTAGE + 7)
    return judge_outage(folder, a, b, marks, start, start + OUTAGE, cut_off)


def blackout_case(folder, _):
    """Every packet is lost for 3 s, both ways."""
    at_second = 10
    network = Network(folder, "--step", f"{at_second}:loss=100", "--step", f"{at_second + OUTAGE}:loss=0")
    return outage_case(folder, network, lambda: network.up_at + at_second, "ab")


def route_case(folder, _):
    """One side's routes are taken away for 3 s, so that sending fails there; it still receives."""
    network = Network(folder)
    return outage_case(folder, network, lambda: time.monotonic() + 4, "b", lambda: network.route("del"), lambda: network.route("add"))
