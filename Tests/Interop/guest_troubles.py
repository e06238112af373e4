"""What can go wrong for a guest: a crash, a reload, no devices, a server or a network that is gone."""
import subprocess
import time

from calls import FIRST, SECOND, fresh_channel
from guest_visit import Visit, check_clean, hears, measure, start_guest, wait_measured
from networks import LossyNetwork
from processes import CaseFailure, Server, start_server, start_tchat


OUTAGE = 12


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
    # In the lobby or, for who was quick, in the call.
    visit.page.wait_for(("devices", "line"), 30, where=lambda event: sentence in event["text"])
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
