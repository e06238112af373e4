"""The page for guests: a browser that is clicked and typed into, with tchats and with other pages."""
import os
import time

import judge
from calls import FIRST, SECOND, Call, fresh_channel
from guest_access import https_case, password_case, relay_case, token_case
from guest_troubles import OUTAGE, leave_case, listener_case, outage_case, reload_case, server_gone_case
from guest_visit import Visit, check_clean, hears, measure, moving, start_guest, wait_measured
from processes import PROJECT, CaseFailure, start_server

SHOTS = PROJECT / "out/guest-page"
SILENT = 0.002
# Two busy cores: a page has an encoder and a browser's whole painting besides.
RATE, DISTINCT = 12, 8


def pair_case(first, second, folder, seconds):
    """Both ways judged, and the words."""
    options = options_for(first, second)
    if first == second:
        options[1].append("--late-descriptions")
    call = Call(folder, start_server("serve", folder), (first, second), seconds, options, rate=RATE, distinct=DISTINCT)
    call.wait_connected()
    words = same_words(call)
    for side, kind in zip(call.sides, call.kinds):
        if kind == "guest":
            check_clean(side)
    return " | ".join(call.judge()) + f" | {words}"


def options_for(*kinds):
    return tuple(["--name", name] for name, _ in zip(("Ada", "Bo"), kinds))


def same_words(call):
    said = [side.wait_for(("verification",), 20) for side in call.sides]
    words = [one.get("words") for one in said]
    if not words[0] or words[0] != words[1] or len(words[0].split("-")) != 4:
        raise CaseFailure(f"the two ends said {[one.get('words', one.get('state')) for one in said]}")
    return words[0]


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


def front_case(folder, _):
    """From `/`, without a name: the open channel is in the list, and its address is shown after joining. A token stays out of the address."""
    visit = Visit(folder, "--front", "--fragment", "token=not.needed", "--name", "")
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
    if problems := [event["text"] for event in visit.page.poll_events() if event.get("event") == "problem"]:
        raise CaseFailure(f"the page complained: {problems}")
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
    cases["page: tokens"] = token_case
    cases["page: password"] = password_case
    cases["page: https"] = https_case
    cases["page: relayed"] = relay_case
    cases["page: words by itself"] = exchange_case
    cases["page: screenshots"] = shots_case
    return cases
