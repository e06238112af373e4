"""Calls of three and more: every direction judged on pixels and tone, while members are killed, leave, come back, and lose their server."""
import asyncio
import contextlib
import os
import random
import subprocess
import sys
import time

import numpy as np

import judge
import processes
from calls import fresh_channel
from clients import TRANSPORTS, PythonClient
from disturbances import RATE, WAV_HEADER, frame_count, watch_frames_of
from processes import HERE, CaseFailure, Process, Server, start_peer
from restart import longest_rest

sys.path.insert(0, str(HERE / "peers"))
import common

SIZE, FPS = (320, 240), 15
# Each has a brightness and a tone of their own, so that one who is seen or heard as another is noticed.
LUMA = {"ada": 60, "bob": 100, "cyd": 140, "gus": 180, "dee": 210}
TONE = {"ada": 440, "bob": 610, "cyd": 850, "gus": 1180, "dee": 1640}
LUMA_TOLERANCE = 20
LEAST_RATE, LEAST_DISTINCT_RATE = 8, 5
LONGEST_GAP = 1.0


def luma_seen(name):
    return (LUMA[name] - 16) * 255 / 219


class Member:
    """A tchat in the call. Each further start of the same name is another process with recordings of its own."""

    def __init__(self, party, name, url, starts, prefix=(), options=()):
        self.name, self.label, self.party = name, name if starts == 1 else f"{name}-{starts}", party
        self.recordings = party.folder / f"{self.label}.recordings"
        camera = party.folder / f"{name}.camera.y4m"
        if not camera.exists():
            common.write_y4m(camera, *SIZE, FPS, LUMA[name], 60)
        server = ["--server", url] if url else []
        command = [processes.TCHAT, party.channel, *server, "--headless", "--json", "--name", name, "--camera", camera, "--mic", "test", "--tone", TONE[name],
                   "--size", "x".join(map(str, SIZE)), "--fps", FPS, "--bitrate", 400, "--record", self.recordings, "--timeout", 60, *party.options,
                   *options]
        self.process = Process(self.label, command, party.folder, prefix, {"XDG_STATE_HOME": str(party.folder / f"{self.label}.state")})

    def video(self, other):
        """The recording of what came last from the other: who comes back has a further one."""
        found = sorted(self.recordings.glob(f"{other}*.y4m"), key=lambda path: path.stat().st_mtime)
        return found[-1] if found else self.recordings / f"{other}.y4m"

    def frames(self, other):
        return frame_count(self.video(other))

    def sees(self, other, since=0):
        return self.frames(other) >= since + 5

    def samples(self, other):
        """(samples so far, a function that reads from one to another)"""
        path = self.video(other).with_suffix(".wav")
        try:
            with open(path, "rb") as f:
                channels = int.from_bytes(f.read(24)[22:24], "little") or 1
            # The header has its lengths only in the end.
            sound = np.fromfile(path, "<i2", offset=WAV_HEADER)[::channels].astype(float) / 32768
        except (OSError, ValueError):
            sound = np.zeros(0)
        return sound

    def told(self, event, other, seconds, after=0):
        return self.process.wait_for((event,), seconds, after, where=lambda line: line.get("name") == other)

    @property
    def position(self):
        return len(self.process.poll_events())


class Page:
    """The guest page in a headless Chromium."""

    def __init__(self, party, name, url):
        self.name, self.party = name, party
        self.process = start_peer("guest", name, party.folder, url, party.channel, "--name", name, "--tone", TONE[name], "--luma", LUMA[name],
                                  "--size", "x".join(map(str, SIZE)), "--fps", FPS, "--seconds", 300, "--timeout", 60)
        self.process.wait_for(("joined",), 60)

    def measured(self):
        after = len(self.process.poll_events())
        self.process.say("measure")
        return self.process.wait_for(("measured",), 10, after)["people"]

    def sees(self, other, since=0):
        return self.measured().get(other, {}).get("frames", 0) >= since + 5


class Party:
    """Who is in one channel."""

    def __init__(self, folder, url, options=(), prefix=()):
        self.folder, self.url, self.options, self.prefix = folder, url, options, prefix
        self.channel, self.members, self.starts = fresh_channel(), {}, {}

    def tchat(self, name, options=()):
        self.starts[name] = self.starts.get(name, 0) + 1
        self.members[name] = Member(self, name, self.url, self.starts[name], self.prefix, options)
        return self.members[name]

    def page(self, name):
        self.members[name] = Page(self, name, self.url)
        return self.members[name]

    def gone(self, name):
        return self.members.pop(name)

    def others(self, name):
        return [other for other in self.members if other != name]

    def recordings(self, names):
        """Of all directions between these tchats."""
        return [self.members[one].video(other) for one in names for other in names if one != other]

    def all_see_each_other(self, seconds=40):
        deadline = time.monotonic() + seconds
        missing = [(one, other) for one in self.members for other in self.others(one)]
        while missing:
            if time.monotonic() > deadline:
                raise CaseFailure("no pictures: " + ", ".join(f"{one} of {other}" for one, other in missing))
            for member in self.members.values():
                if (status := member.process.child.poll()) is not None:
                    raise CaseFailure(f"{member.name} ended with {status}{member.process.complaint()}")
            missing = [(one, other) for one, other in missing if not self.members[one].sees(other)]
            time.sleep(0.05)

    def judge_all(self, seconds):
        """Pictures and sound of every direction during the next seconds."""
        tchats = [member for member in self.members.values() if isinstance(member, Member)]
        pages = [member for member in self.members.values() if isinstance(member, Page)]
        for page in pages:
            page.process.say("forget")
        began = {(one.name, other): (one.frames(other), len(one.samples(other))) for one in tchats for other in self.others(one.name)}
        time.sleep(seconds)
        for page in pages:
            people = page.measured()
            for other in self.others(page.name):
                self.judge(page.name, other, people.get(other, {"frames": 0, "distinct": 0, "luma": 0, "toneHz": 0, "rms": 0}), seconds)
        for one in tchats:
            for other in self.others(one.name):
                self.judge(one.name, other, self.found(one, other, *began[one.name, other]), seconds)
        return f"{len(self.members) * (len(self.members) - 1)} directions"

    @staticmethod
    def found(member, other, first_frame, first_sample):
        pictures = [(luma.tobytes()[::7], luma) for _, _, luma in judge.y4m_frames(member.video(other))][first_frame:]
        last = pictures[-1][1] if pictures else np.zeros(1)
        return {"frames": len(pictures), "distinct": len({data for data, _ in pictures}), "luma": (float(last.mean()) - 16) * 255 / 219,
                **judge.tone(member.samples(other)[first_sample:], RATE)}

    @staticmethod
    def judge(one, other, found, seconds):
        what = f"{one} of {other}"
        if found["frames"] < seconds * LEAST_RATE or found["distinct"] < seconds * LEAST_DISTINCT_RATE:
            raise CaseFailure(f"{what}: {found['frames']} frames, {found['distinct']} different, in {seconds} s")
        if abs(found["luma"] - luma_seen(other)) > LUMA_TOLERANCE:
            raise CaseFailure(f"{what}: luma {found['luma']:.0f}, not {luma_seen(other):.0f}")
        if not judge.is_tone(found, TONE[other]):
            raise CaseFailure(f"{what}: {found['toneHz']} Hz at rms {found['rms']}, not {TONE[other]} Hz")

    def undisturbed(self, names, seconds):
        """Watches all directions between these tchats for so long; the longest time without a new picture."""
        recordings = self.recordings(names)
        marks = watch_frames_of(recordings, time.monotonic() + seconds, 0.02)
        gaps = {path: longest_rest(marks, [mark[number] for mark in marks]) for number, path in enumerate(recordings, 1)}
        worst = max(gaps, key=gaps.get)
        if gaps[worst] > LONGEST_GAP:
            raise CaseFailure(f"{worst.parent.name.split('.')[0]} had no picture of {worst.stem} for {gaps[worst]:.2f} s")
        return gaps[worst]

    def clean_up(self):
        for path in self.folder.glob("*/*.y4m"):
            path.unlink()


def twelve_directions_case(folder, _):
    """Three tchats and a guest page; one is killed, one leaves, and both come back."""
    party = Party(folder, Server("serve", folder).url)
    for name in ("ada", "bob", "cyd"):
        party.tchat(name)
    party.page("gus")
    party.all_see_each_other(60)
    directions = party.judge_all(6)
    stay = ("ada", "cyd")
    positions = {name: party.members[name].position for name in stay}
    party.gone("bob").process.kill()
    gap = party.undisturbed(stay, 4)
    for name in stay:
        party.members[name].told("member-left", "bob", 10, positions[name])
    eventually(lambda: "bob" not in party.members["gus"].measured(), 10, "the page still shows bob")
    party.tchat("bob")
    party.all_see_each_other()
    stay = ("ada", "bob")
    positions = {name: party.members[name].position for name in stay}
    leaver = party.gone("cyd")
    leaver.process.say("hangup")
    gap = max(gap, party.undisturbed(stay, 3))
    for name in stay:
        party.members[name].told("member-left", "cyd", 3, positions[name])
    eventually(lambda: "cyd" not in party.members["gus"].measured(), 5, "the page still shows cyd")
    leaver.process.expect_success(10)
    party.tchat("cyd")
    party.all_see_each_other()
    party.judge_all(4)
    party.clean_up()
    return f"{directions}, twice; longest gap while others went {gap * 1000:.0f} ms"


def eventually(check, seconds, complaint):
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            raise CaseFailure(complaint)
        time.sleep(0.2)


def listed(url, channel):
    """Members and their names, as the server tells anybody who asks; nobody when it does not know the channel."""
    async def ask():
        client = PythonClient("onlooker")
        try:
            await client.connect(url, TRANSPORTS["websocket"], {"features": ["group"]})
            rows, = await client.ask("channels")
            row = next((row for row in rows if row["name"] == channel), None)
            return (row["members"], sorted(row["names"])) if row else (0, [])
        finally:
            await client.close()
    return asyncio.run(ask())


def server_killed_case(folder, _):
    """kill -9 of the server in a call of three: media goes on, all are back under one name each, and a newcomer can join."""
    server = Server("serve", folder)
    party = Party(folder, server.url)
    names = ("ada", "bob", "cyd")
    for name in names:
        party.tchat(name)
    party.all_see_each_other()
    positions = {name: party.members[name].position for name in names}
    server.process.kill()
    gap = party.undisturbed(names, 3)
    server.start()
    gap = max(gap, party.undisturbed(names, 3))
    eventually(lambda: listed(server.url, party.channel) == (3, sorted(names)), 15, f"the server lists {listed(server.url, party.channel)}")
    party.tchat("dee")
    party.all_see_each_other()
    members = listed(server.url, party.channel)
    if members != (4, sorted((*names, "dee"))):
        raise CaseFailure(f"the server lists {members}")
    for name in names:
        strange = [(line["event"], line.get("name")) for line in party.members[name].process.poll_events()[positions[name]:]
                   if line["event"] in ("member-left", "member-joined", "peer-left") and line.get("name") != "dee"]
        if strange:
            raise CaseFailure(f"{name} was told {strange}")
    party.judge_all(4)
    party.clean_up()
    return f"longest gap {gap * 1000:.0f} ms, a fourth joined, nobody twice"


@contextlib.contextmanager
def one_host():
    """A network namespace with nothing but 127.0.0.1, so that the usual port is free."""
    name = f"tg{os.getpid()}{random.randrange(1000)}"
    run = lambda *words: subprocess.run(["ip", *words], stdin=subprocess.DEVNULL, check=True)
    run("netns", "add", name)
    try:
        run("-n", name, "link", "set", "lo", "up")
        yield ("ip", "netns", "exec", name)
    finally:
        Process.end_all()
        run("netns", "del", name)


def embedded_case(folder, _):
    """Three tchats without --server: the first has it within. It is killed; the others are told, and go on."""
    with one_host() as prefix:
        party = Party(folder, None, ("--loopback",), prefix)
        party.tchat("ada").process.wait_for(("joined",), 20)
        for name in ("bob", "cyd"):
            party.tchat(name)
        party.all_see_each_other()
        stay = ("bob", "cyd")
        positions = {name: party.members[name].position for name in stay}
        party.gone("ada").process.kill()
        gap = party.undisturbed(stay, 8)
        for name in stay:
            party.members[name].told("member-left", "ada", 10, positions[name])
            party.members[name].process.wait_for(("error",), 1, positions[name])
        party.judge_all(4)
        party.clean_up()
        return f"the two that stay are told; longest gap {gap * 1000:.0f} ms"


def group_cases(needs_root):
    yield "group: three tchats and a page", twelve_directions_case
    yield "group: server killed", server_killed_case
    yield "group: embedded server killed", needs_root(embedded_case)
