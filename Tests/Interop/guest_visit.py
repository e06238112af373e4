"""Pages of guests, and what they see and hear."""
import time

from calls import FIRST, fresh_channel
from processes import CaseFailure, start_peer, start_server, start_tchat


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


def measure(page):
    after = len(page.poll_events())
    page.say("measure")
    return page.wait_for(("measured",), 20, after=after)


def wait_measured(page, holds, seconds, what):
    deadline = time.monotonic() + seconds
    while not holds(seen := measure(page)["people"]):
        if time.monotonic() > deadline:
            raise CaseFailure(f"{what} did not come within {seconds} s: {seen}")
        time.sleep(0.2)
    return seen


def hears(person, hz):
    return person.get("rms", 0) > 0.01 and abs(person.get("toneHz", 0) - hz) < 0.03 * hz


def moving(visit):
    """The tchat gets different pictures."""
    before, now = (visit.tchat.wait_for(("stats",), 10, after=len(visit.tchat.poll_events()))["video"]["distinct"] for _ in range(2))
    if now - before < 8:
        raise CaseFailure(f"the tchat got {now - before} new pictures within 2 s")
    return now - before


def check_clean(page):
    """No exception, nothing that the page's own policy forbids."""
    for event in page.poll_events():
        if event.get("event") in ("error", "console"):
            raise CaseFailure(f"{page.name} complained: {event['message'][:200]}")
