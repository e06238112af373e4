"""The page for guests: a browser that is clicked and typed into, with tchats and with other pages."""
import os
import subprocess
import time

import judge
from calls import FIRST, SECOND, Call, fresh_channel
from networks import LossyNetwork
from processes import PROJECT, CaseFailure, Server, start_peer, start_server, start_tchat

SHOTS = PROJECT / "out/guest-page"
SILENT = 0.002
# Two busy cores: a page has an encoder and a browser's whole painting besides.
RATE, DISTINCT = 12, 8
OUTAGE = 12


def pair_case(first, second, folder, seconds):
    call = Call(folder, start_server("serve", folder), (first, second), seconds, options_for(first, second), rate=RATE, distinct=DISTINCT)
    call.wait_connected()
    words = same_words(call)
    for side, kind in zip(call.sides, call.kinds):
        if kind == "guest":
            check_clean(side)
    return " | ".join(call.judge()) + f" | {words}"


def options_for(*kinds):
    return tuple(("--name", name) for name, _ in zip(("Ada", "Bo"), kinds))


def check_clean(page):
    """No exception, nothing that the page's own policy forbids."""
    for event in page.poll_events():
        if event.get("event") in ("error", "console"):
            raise CaseFailure(f"{page.name} complained: {event['message'][:200]}")


def same_words(call):
    said = [side.wait_for(("verification",), 20) for side in call.sides]
    words = [one.get("words") for one in said]
    if not words[0] or words[0] != words[1] or len(words[0].split("-")) != 4:
        raise CaseFailure(f"the two ends said {[one.get('words', one.get('state')) for one in said]}")
    return words[0]


def start_guest(name, folder, url, channel, *options, seconds=60, tone=880, luma=140, timeout=40, prefix=()):
    return start_peer("guest", name, folder, url, channel, "--seconds", seconds, "--timeout", timeout, "--tone", tone, "--luma", luma, *options,
                      prefix=prefix)


class Visit:
    """A tchat that is called, and pages that come to it."""

    def __init__(self, folder, *options, host="127.0.0.1"):
        """`host`: by which name the page is opened."""
        self.folder, self.url, self.channel = folder, start_server("serve", folder), fresh_channel()
        self.tchat = start_tchat("tchat", folder, self.url, self.channel, seconds=60, tone=FIRST["tone"], timeout=60, options=("--name", "Term"))
        self.tchat.wait_for(("joined",), 30)
        self.page = start_guest("page", folder, self.url.replace("127.0.0.1", host), self.channel, "--name", "Ada", *options)

    def connected(self):
        self.page.wait_connected(60)
        self.tchat.wait_for(("first-frame", "connected"), 30)
        return self


def wait_measured(page, holds, seconds, what):
    deadline = time.monotonic() + seconds
    while not holds(seen := measure(page)["people"]):
        if time.monotonic() > deadline:
            raise CaseFailure(f"{what} did not come within {seconds} s: {seen}")
        time.sleep(0.2)
    return seen


def measure(page):
    after = len(page.poll_events())
    page.say("measure")
    return page.wait_for(("measured",), 20, after=after)


def hears(person, hz):
    return person.get("rms", 0) > 0.01 and abs(person.get("toneHz", 0) - hz) < 0.03 * hz


def talk_case(folder, _):
    """Chat both ways, as it was typed; then join and leave messages."""
    visit = Visit(folder).connected()
    time.sleep(1)
    for sender, receiver, text in ((visit.page, visit.tchat, "hello 안녕 👋 <b>&amp;"), (visit.tchat, visit.page, "and \"hello\" to \\ you <img src=x>")):
        after = len(receiver.poll_events())
        sender.say(f"say {text}")
        heard = receiver.wait_for(("chat",), 15, after=after, where=lambda event: event.get("from") == "them")
        if heard["text"] != text:
            raise CaseFailure(f"{receiver.name} read {heard['text']!r}, not {text!r}")
    visit.tchat.say("hangup")
    line = visit.page.wait_for(("line",), 15, where=lambda event: event["text"].startswith("Term") and "joined" not in event["text"])
    check_clean(visit.page)
    return line["text"]


def mute_case(folder, _):
    """`m` silences the page, the tchat is told; `m` again, and the tone is there; the same for the tchat's side."""
    visit = Visit(folder).connected()
    wait_measured(visit.page, lambda people: hears(people.get("Term", {}), FIRST["tone"]), 20, "the tchat's tone")
    time.sleep(2)
    after = len(visit.tchat.poll_events())
    visit.page.say("press m")
    visit.tchat.wait_for(("peer-media",), 10, after=after, where=lambda event: event["microphone"] is False and event["camera"] is True)
    pressed = time.monotonic()
    # Its own fake microphone goes on: it says that nobody hears it.
    while not measure(visit.page)["mutedTalk"]:
        if time.monotonic() > pressed + 10:
            raise CaseFailure("talking while muted is not said")
    time.sleep(1)
    silent_from = recorded_seconds(visit)
    time.sleep(2)
    silent_to = recorded_seconds(visit)
    visit.page.say("press m")
    visit.tchat.wait_for(("peer-media",), 10, after=after, where=lambda event: event["microphone"] is True)
    time.sleep(1)
    heard_from = recorded_seconds(visit)
    time.sleep(2)
    after = len(visit.page.poll_events())
    visit.tchat.say("mute")
    wait_measured(visit.page, lambda people: people["Term"]["rms"] < SILENT, 10, "the tchat's silence")
    rate, heard = judge.samples(str(folder / "tchat.wav"))
    peak = float(abs(heard[int(silent_from * rate):int(silent_to * rate)]).max())
    if peak > SILENT:
        raise CaseFailure(f"the tchat heard {peak:.4f} of a muted page")
    tone = judge.tone(heard[int(heard_from * rate):int((heard_from + 1) * rate)], rate)
    if not judge.is_tone(tone, SECOND["tone"]):
        raise CaseFailure(f"after unmuting the tchat heard {tone}")
    check_clean(visit.page)
    return f"peak {peak:.4f} while muted, then {tone['toneHz']:.0f} Hz"


def recorded_seconds(visit):
    path = visit.folder / "tchat.wav"
    return max(0, os.path.getsize(path) - 44) / 2 / 48000


def camera_case(folder, _):
    """Camera off: the other is told; on: pictures again."""
    visit = Visit(folder).connected()
    time.sleep(2)
    after = len(visit.tchat.poll_events())
    visit.page.say("press v")
    visit.tchat.wait_for(("peer-media",), 10, after=after, where=lambda event: event["camera"] is False)
    time.sleep(2)
    visit.page.say("press v")
    visit.tchat.wait_for(("peer-media",), 10, after=after, where=lambda event: event["camera"] is True)
    time.sleep(1)
    count = moving(visit)
    check_clean(visit.page)
    return f"{count} pictures in 2 s afterwards"


def leave_case(folder, _):
    """A page that leaves, and one that is killed: the tchat is told."""
    visit = Visit(folder).connected()
    time.sleep(1)
    clicked = time.monotonic()
    visit.page.say("leave")
    visit.tchat.wait_for(("peer-left",), 10)
    left = time.monotonic() - clicked
    visit.page.wait_for(("lobby",), 10)
    visit.page.say("end")
    visit.page.finish(30)
    after = len(visit.tchat.poll_events())
    other = start_guest("killed", folder, visit.url, visit.channel, "--name", "Bo")
    other.wait_connected(60)
    visit.tchat.wait_for(("connected",), 20, after=after)
    time.sleep(1)
    after = len(visit.tchat.poll_events())
    killed = time.monotonic()
    other.say("kill")
    visit.tchat.wait_for(("peer-left",), 20, after=after)
    return f"told {left:.1f} s after leaving, {time.monotonic() - killed:.1f} s after a crash"


def reload_case(folder, _):
    """A reload comes back by itself, with the same name and devices, and both see and hear each other again; no ghost stays."""
    visit = Visit(folder).connected()
    time.sleep(1)
    for _ in range(2):
        after, tchat_after = len(visit.page.poll_events()), len(visit.tchat.poll_events())
        reloaded = time.monotonic()
        visit.page.say("reload")
        visit.page.wait_for(("joined",), 20, after=after)
        visit.page.wait_for(("connection",), 30, after=after)
        visit.tchat.wait_for(("connected",), 20, after=tchat_after)
        took = time.monotonic() - reloaded
        people = wait_measured(visit.page, lambda people: hears(people.get("Term", {}), FIRST["tone"]) and people["Term"]["frames"] > 5, 20, "the tchat")
    if list(people) != ["Term"]:
        raise CaseFailure(f"after a reload the page has {list(people)}")
    stats = visit.tchat.wait_for(("stats",), 10, after=len(visit.tchat.poll_events()) + 1)
    if abs(stats["audio"]["toneHz"] - SECOND["tone"]) > 30:
        raise CaseFailure(f"after a reload the tchat hears {stats['audio']['toneHz']} Hz")
    after = len(visit.tchat.poll_events())
    visit.page.say("press m")
    visit.tchat.wait_for(("peer-media",), 10, after=after, where=lambda event: event["microphone"] is False)
    after = len(visit.tchat.poll_events())
    visit.page.say("reload")
    if visit.tchat.wait_for(("peer-media",), 30, after=after)["microphone"]:
        raise CaseFailure("who was muted is heard after a reload")
    check_clean(visit.page)
    return f"back after {took:.1f} s, and muted as before"


def choice_case(folder, _):
    """Another camera in the middle of the call, chosen from a list of names."""
    # Chromium's second one has 16 bits of grey, which it does not send.
    visit = Visit(folder, "--cameras", 3).connected()
    time.sleep(2)
    before = measure(visit.page)["camera"]
    for command in ("click devices-button", "choose call-camera 2"):
        visit.page.say(command)
    time.sleep(3)
    after = measure(visit.page)["camera"]
    if not before or not after or before == after:
        raise CaseFailure(f"the cameras are called {before!r} and {after!r}")
    moving(visit)
    check_clean(visit.page)
    return f"{before}, then {after}"


def moving(visit):
    """The tchat gets different pictures."""
    before, now = (visit.tchat.wait_for(("stats",), 10, after=len(visit.tchat.poll_events()))["video"]["distinct"] for _ in range(2))
    if now - before < 8:
        raise CaseFailure(f"the tchat got {now - before} new pictures within 2 s")
    return now - before


def silent_start_case(folder, _):
    """Joined with camera and microphone off; turned on one after the other during the call."""
    visit = Visit(folder, "--no-camera", "--no-microphone").connected()
    visit.tchat.wait_for(("peer-media",), 15, where=lambda event: event["microphone"] is False and event["camera"] is False)
    time.sleep(2)
    after = len(visit.tchat.poll_events())
    visit.page.say("press m")
    visit.tchat.wait_for(("peer-media",), 10, after=after, where=lambda event: event["microphone"] and not event["camera"])
    visit.page.say("press v")
    visit.tchat.wait_for(("peer-media",), 10, after=after, where=lambda event: event["microphone"] and event["camera"])
    time.sleep(3)
    stats = visit.tchat.wait_for(("stats",), 10, after=len(visit.tchat.poll_events()) + 1)
    if stats["video"]["distinct"] < 8 or abs(stats["audio"]["toneHz"] - SECOND["tone"]) > 30:
        raise CaseFailure(f"the tchat got {stats['video']['distinct']} pictures and {stats['audio']['toneHz']} Hz")
    check_clean(visit.page)
    return f"{stats['video']['distinct']} pictures, {stats['audio']['toneHz']:.0f} Hz"


def server_gone_case(folder, _):
    """The server is killed and started anew: the pages' call goes on, both are back on it, and nobody is there twice."""
    server, channel = Server("serve", folder), fresh_channel()
    small = ("--size", "320x240", "--fps", 10)
    pages = [start_guest("ada", folder, server.url, channel, "--name", "Ada", *small, tone=FIRST["tone"], luma=FIRST["luma"])]
    pages[0].wait_for(("joined",), 60)
    pages.append(start_guest("bo", folder, server.url, channel, "--name", "Bo", *small))
    for page in pages:
        page.wait_connected(60)
    time.sleep(2)
    server.process.kill()
    for page in pages:
        page.wait_for(("line",), 15, where=lambda event: "connection to the server is lost" in event["text"])
        page.say("forget")
    time.sleep(3)
    gaps = []
    for page, other, hz in zip(pages, ("Bo", "Ada"), (SECOND["tone"], FIRST["tone"])):
        person = measure(page)["people"][other]
        if not hears(person, hz) or person["frames"] < 8:
            raise CaseFailure(f"without the server {page.name} gets {person}")
        gaps.append(person["longestGapMs"])
    server.start()
    for page in pages:
        page.wait_for(("line",), 20, where=lambda event: event["text"] == "Back on the server.")
    time.sleep(4)
    for page, other, hz in zip(pages, ("Bo", "Ada"), (SECOND["tone"], FIRST["tone"])):
        people = measure(page)["people"]
        if list(people) != [other] or not hears(people[other], hz):
            raise CaseFailure(f"{page.name} has {people} after the server's return")
        gaps.append(people[other]["longestGapMs"])
        check_clean(page)
    after = len(pages[0].poll_events())
    pages[1].say("leave")
    pages[0].wait_for(("line",), 10, after=after, where=lambda event: event["text"] == "Bo left")
    return f"longest gap {max(gaps)} ms"


def outage_case(folder, _):
    """Every packet between the page and all others is lost for so long that both give the connection up; then it is there again."""
    network = LossyNetwork(1)
    try:
        silence(network, False)
        return outage(network, folder)
    finally:
        network.close()


def silence(network, is_silent):
    """All packets that arrive are dropped, on both hosts."""
    rules = "table inet loss; delete table inet loss"
    if is_silent:
        rules += "; add table inet loss; add chain inet loss in { type filter hook input priority 0; }; add rule inet loss in iif v0 drop"
    for prefix in network.prefixes:
        subprocess.run([*prefix, "nft", "add " + rules], stdin=subprocess.DEVNULL, check=True)


def outage(network, folder):
    url, channel = start_server("serve", folder, host=network.url_host, prefix=network.prefixes[0]), fresh_channel()
    tchat = start_tchat("tchat", folder, url, channel, seconds=90, tone=FIRST["tone"], timeout=60, prefix=network.prefixes[0],
                        options=("--name", "Term", "--ice-server", "none"))
    tchat.wait_for(("joined",), 30)
    page = start_guest("page", folder, url, channel, "--name", "Ada", "--as-https", seconds=90, prefix=network.prefixes[1])
    page.wait_connected(60)
    tchat.wait_for(("first-frame",), 20)
    time.sleep(2)
    silence(network, True)
    time.sleep(OUTAGE - 1)
    person = measure(page)["people"].get("Term")
    if person and person["isShown"]:
        raise CaseFailure("a frozen picture is still shown")
    time.sleep(1)
    silence(network, False)
    began = time.monotonic()
    page.say("forget")
    wait_measured(page, lambda people: hears(people.get("Term", {}), FIRST["tone"]) and people["Term"]["frames"] > 10 and people["Term"]["isShown"], 40, "the tchat")
    back = time.monotonic() - began
    time.sleep(3)
    stats = tchat.wait_for(("stats",), 10, after=len(tchat.poll_events()) + 1)
    if abs(stats["audio"]["toneHz"] - SECOND["tone"]) > 30:
        raise CaseFailure(f"the tchat hears {stats['audio']['toneHz']} Hz afterwards")
    if list(measure(page)["people"]) != ["Term"]:
        raise CaseFailure(f"afterwards the page has {list(measure(page)['people'])}")
    check_clean(page)
    return f"both see and hear each other {back:.1f} s after the network is back"


def listener_case(options, sentence, folder, _):
    """No camera and no microphone: the page says so, and its person sees and hears the others, who go on undisturbed."""
    visit = Visit(folder, *options, host="guest.test" if "--hosts" in options else "127.0.0.1")
    said = visit.page.wait_for(("devices",), 30)["text"]
    if sentence not in said:
        raise CaseFailure(f"the page said {said!r}")
    visit.page.wait_connected(60)
    after = visit.tchat.wait_for(("connected",), 20)
    wait_measured(visit.page, lambda people: hears(people.get("Term", {}), FIRST["tone"]) and people["Term"]["frames"] > 20, 30, "the tchat's picture and tone")
    time.sleep(9)
    # Whoever sends nothing is no dead connection.
    for name in ("interrupted", "peer-left"):
        if any(event.get("event") == name and event["seen"] > after["seen"] for event in visit.tchat.poll_events()):
            raise CaseFailure(f"the tchat said {name} of a listener")
    words = visit.page.wait_for(("verification",), 10)
    visit.page.say("click invite")
    visit.page.wait_for(("line",), 10, where=lambda event: "invite link" in event["text"])
    link, expected = measure(visit.page)["link"], visit.url.replace("127.0.0.1", "guest.test") + f"/{visit.channel}"
    if "--hosts" in options and link != expected:
        raise CaseFailure(f"the invite link is {link!r}, not {expected!r}")
    check_clean(visit.page)
    return words.get("words", words.get("state"))


def front_case(folder, _):
    """From `/`: the open channel is in the list, and its address is shown after joining. A token stays out of the address."""
    visit = Visit(folder, "--front", "--fragment", "token=not.needed")
    ready = visit.page.wait_for(("ready-to-join",), 40)
    if visit.channel not in ready["channels"]:
        raise CaseFailure(f"the list has {ready['channels']}")
    joined = visit.page.wait_for(("joined",), 20)
    for event in (ready, joined):
        if "token" in event["address"]:
            raise CaseFailure(f"the address shown is {event['address']}")
    if joined["address"] != f"{visit.url}/{visit.channel}":
        raise CaseFailure(f"the address shown is {joined['address']}")
    visit.connected()
    check_clean(visit.page)
    return joined["address"]


def exchange_case(folder, _):
    """words.js by itself: honest ends agree, meddling fails aloud."""
    page = start_guest("page", folder, start_server("serve", folder), fresh_channel(), "--stay")
    page.wait_for(("ready-to-join",), 40)
    page.say("words")
    found = page.wait_for(("words",), 20)["failures"]
    if found:
        raise CaseFailure("; ".join(found))
    return "numbers and refusals as in the terminal"


def shots_case(folder, _):
    """Pictures of the page for people to look at: wide and dark, narrow and light. They are written to out/guest-page."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    small = ("--size", "320x240", "--fps", 8)
    visit = Visit(folder, "--dark", "--lobby-shot", SHOTS / "lobby-wide.png", *small).connected()
    visit.page.say("say Can you see me?")
    time.sleep(1)
    visit.tchat.say("say Yes, and hear you.")
    time.sleep(1.5)
    after = len(visit.page.poll_events())
    visit.page.say(f"shot {SHOTS}/call-wide.png")
    visit.page.wait_for(("shot",), 20, after=after)
    visit.page.say("leave")
    visit.page.say("end")
    visit.page.finish(30)
    phone = start_guest("phone", folder, visit.url, visit.channel, "--name", "수진", "--front", "--viewport", "390x844", "--lobby-shot", SHOTS / "lobby-phone.png", *small)
    phone.wait_connected(60)
    time.sleep(3)
    phone.say("press m")
    phone.say("click text")
    phone.say(f"shot {SHOTS}/call-phone.png")
    phone.wait_for(("shot",), 20)
    for page in (visit.page, phone):
        check_clean(page)
    return ", ".join(sorted(path.name for path in SHOTS.glob("*.png")))


def guest_cases(needs_root):
    """Name: a function of the folder and the seconds, as run.py has them."""
    cases = {}
    for first, second in (("tchat", "guest"), ("guest", "tchat"), ("guest", "guest")):
        cases[f"page: {first} then {second}"] = lambda folder, seconds, a=(first, second): pair_case(*a, folder, seconds)
    cases["page: talk"] = talk_case
    cases["page: mute"] = mute_case
    cases["page: camera off and on"] = camera_case
    cases["page: leaving"] = leave_case
    cases["page: reload"] = reload_case
    cases["page: another camera"] = choice_case
    cases["page: everything off at first"] = silent_start_case
    cases["page: server killed"] = server_gone_case
    cases[f"page: {OUTAGE} s without network"] = needs_root(outage_case)
    cases["page: from the front"] = front_case
    for name, options, sentence in (("no devices", ("--no-devices",), "No camera and no microphone was found"),
                                   ("not allowed", ("--deny",), "does not let this page use your camera and microphone"),
                                   ("not on https", ("--hosts", "MAP guest.test 127.0.0.1"), "only to pages on https or on localhost")):
        cases[f"page: {name}"] = lambda folder, seconds, a=(options, sentence): listener_case(*a, folder, seconds)
    cases["page: words by itself"] = exchange_case
    cases["page: screenshots"] = shots_case
    return cases
