"""What goes over data channels: chat, and the words that two tchats verify each other by."""
import time

from calls import Call
from processes import CaseFailure, start_server

HELLO, ANSWER = "hello 안녕 👋", "and hello to you, with a \"quote\" and \\ a backslash"


def chat_case(first, second, folder, _):
    """Each side says a line, and the other reads exactly that."""
    options = tuple(("--chat",) if kind != "tchat" else () for kind in (first, second))
    call = Call(folder, start_server("serve", folder), (first, second), 6, options, rate=15, distinct=8)
    call.wait_connected()
    for side, kind in zip(call.sides, call.kinds):
        if kind == "tchat":
            side.wait_for(("verification",), 15)
        else:
            side.wait_for(("channel-open",), 15, where=lambda event: event.get("label") == "chat")
    # Open at one end is open at the other a round trip later.
    time.sleep(0.3)
    for speaker, listener, text in ((0, 1, HELLO), (1, 0, ANSWER), (0, 1, ANSWER)):
        speaker, listener = call.sides[speaker], call.sides[listener]
        began = time.monotonic()
        speaker.say(f"say {text}")
        # A tchat repeats its own lines too.
        heard = listener.wait_for(("chat",), 5, where=lambda event: event.get("from", "them") == "them" and event["seen"] >= began)
        if heard["text"] != text:
            raise CaseFailure(f"{listener.name} read {heard['text']!r}, not {text!r}")
    return " | ".join(call.judge())


def verification_case(first, second, folder, _):
    """Two tchats say the same words; who is no tchat cannot be verified, and that is said."""
    call = Call(folder, start_server("serve", folder), (first, second), 5, rate=15, distinct=8)
    call.wait_connected()
    said = [side.wait_for(("verification",), 20) for side, kind in zip(call.sides, call.kinds) if kind == "tchat"]
    if first == second == "tchat":
        if not all(one.get("words") for one in said):
            raise CaseFailure(f"the two said {said[0]['state']} and {said[1]['state']}")
        if said[0]["words"] != said[1]["words"] or len(said[0]["words"].split("-")) < 4:
            raise CaseFailure(f"the words are {said[0]['words']} and {said[1]['words']}")
        seen = said[0]["words"]
    else:
        seen = said[0]["state"]
        if seen != "not-verifiable":
            raise CaseFailure(f"tchat said {seen} of a peer that cannot be verified")
    return seen + " | " + " | ".join(call.judge())
