"""Calls over paths that lose, delay, hold back and fail."""
import json
import time

from calls import Call
from disturbances import OUTAGE
from networks import LossyNetwork, Network
from processes import CaseFailure, start_server

# Of the frames that were sent, as much has to arrive at these losses in percent.
LEAST_AT_LOSS = {2: 22, 5: 20, 10: 16}


def loss_case(percent, first, second, folder, seconds):
    network = LossyNetwork(percent)
    try:
        url = start_server("serve", folder, host=network.url_host, prefix=network.prefixes[0])
        # aiortc conceals nothing: what is left of a tone without every tenth packet has its phase anew fifty times a second, and a
        # spectrum to match.
        options = tuple(("--tone-tolerance", 0.02 * percent) if kind == "aiortc" else () for kind in (first, second))
        call = Call(folder, url, (first, second), seconds, options=options, prefixes=network.prefixes, rate=LEAST_AT_LOSS[percent], distinct=10)
        details = call.judge()
    finally:
        network.close()
    return " | ".join(detail + gap(side) for detail, side in zip(details, call.sides))


def gap(side):
    """What a side itself says of interruptions."""
    result = side.result()
    if "media" in result:
        return f", longest gap {result['media'].get('longestGapMs')} ms"
    audio = result["audio"]
    made_up = audio["concealedMs"] / max(1, audio["concealedMs"] + audio["playedMs"]) * 100
    return f", {result['video']['freezes']} freezes, {made_up:.1f} % concealed"


def path_case(first, second, options, folder, seconds, rate=20, delay=50):
    """A path of netsim.py's for a whole call."""
    network = Network(folder, *options, delay=delay)
    url = start_server("serve", folder, host=network.url_host, prefix=network.prefixes[0])
    call = Call(folder, url, (first, second), seconds, prefixes=network.prefixes, rate=rate, distinct=10)
    return " | ".join(detail + gap(side) for detail, side in zip(call.judge(), call.sides))


def queues(network):
    """The longest wait in the path's queue in each second since it came up, ms."""
    rows = [json.loads(line) for line in network.report.read_text().splitlines()]
    return [(row["t"], max(row[way]["queue_ms"] for way in ("A->B", "B->A"))) for row in rows]


def rate_step_case(first, second, folder, _):
    """2 Mbit/s, then 400 kbit/s for 10 s, then 2 Mbit/s again: pictures flow in each part, and the queue is emptied."""
    begin, end, seconds = 14, 24, 26
    network = Network(folder, "--rate", 2000, "--queue", 1000, "--step", f"{begin}:rate=400", "--step", f"{end}:rate=2000", delay=25)
    url = start_server("serve", folder, host=network.url_host, prefix=network.prefixes[0])
    call = Call(folder, url, (first, second), seconds, prefixes=network.prefixes, rate=12, distinct=8)
    call.wait_connected()
    if time.monotonic() > network.up_at + begin - 4:
        raise CaseFailure("the two were connected too late for the step")
    details = call.judge()
    # A sender needs a moment to see it; after that a queue that stays is a sender that does not care.
    settled = [queue for second, queue in queues(network) if begin + 5 <= second <= end]
    if not settled or sorted(settled)[len(settled) // 2] > 300:
        raise CaseFailure(f"5 s after the step the queue was still {settled} ms long")
    return " | ".join(details) + f", queue {max(settled)} ms at the most 5 s after the step"


def outage_case(first, second, folder, _):
    """Every packet is lost for 3 s; the call comes back by itself, with pictures and sound at the end."""
    at_second, seconds = 12, 20
    network = Network(folder, "--step", f"{at_second}:loss=100", "--step", f"{at_second + OUTAGE}:loss=0", delay=25)
    url = start_server("serve", folder, host=network.url_host, prefix=network.prefixes[0])
    call = Call(folder, url, (first, second), seconds, prefixes=network.prefixes, rate=12, distinct=8)
    call.wait_connected()
    if time.monotonic() > network.up_at + at_second - 2:
        raise CaseFailure("the two were connected too late for the outage")
    return " | ".join(detail + gap(side) for detail, side in zip(call.judge(), call.sides))
