"""The signaling protocol as two other programs' Socket.IO clients see it: the seed's flow, group channels, acknowledgements, binary data,
and coming back after the server was killed; over polling, WebSocket, and from one to the other."""
import asyncio
import base64
import hashlib

from calls import fresh_channel
from clients import TRANSPORTS, clients_of
from processes import CaseFailure, Server
from wire import expect, same

OFFER, ANSWER = {"type": "offer", "sdp": "v=0\r\n" + "a=안녕\r\n" * 200}, {"type": "answer", "sdp": "v=0\r\n"}
CANDIDATE = {"candidate": "candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host", "sdpMid": "0", "sdpMLineIndex": 0}
TCHAT_GROUP = {"features": ["group"]}


def has_come(client_id):
    return f"{client_id}님이 방에 입장하셨습니다."


def has_left(client_id):
    return f"{client_id}님이 퇴장하셨습니다."


def member_id(secret):
    """What Documentation/signaling.md says of a member that has a secret."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"tchat member {secret}".encode()).digest()).decode()[:20]


async def dial(make, name, url, transport="websocket", auth=None):
    client = make(name)
    await client.connect(url, TRANSPORTS[transport], auth)
    # The library says connect before or after the server's first event.
    await client.until("connect success")
    while client.read < len(client.events) and client.events[client.read][0] == "connect":
        client.read += 1
    await client.reaches("polling" if transport == "polling" else "websocket")
    return client


async def next_of(client, event, *arguments):
    """`gets`, when `connect` may still come between."""
    while client.read < len(client.events) and client.events[client.read][0] == "connect":
        client.read += 1
    await client.gets(event, *arguments)


async def pair(make, url, transport, channel):
    """Two plain clients that are ready, everything that they got on the way checked."""
    a, b = await dial(make, "a", url, transport), await dial(make, "b", url, transport)
    await a.emit("create or join", channel)
    await next_of(a, "message", has_come(a.id))
    await b.emit("create or join", channel)
    for client in (a, b):
        await next_of(client, "ready", channel)
        await client.gets("message", has_come(b.id))
        await client.gets("message", "연결을 시작합니다.")
    return a, b


async def left(client, other_id, channel):
    await client.gets("message", has_left(other_id))
    await client.gets("closeConnection", channel)
    await client.gets("wait", channel)


async def seed_flow(make, url, transport):
    channel = fresh_channel()
    a, b = await pair(make, url, transport, channel)
    late = await dial(make, "late", url, transport)
    await late.emit("create or join", channel)
    await next_of(late, "channel join failed", f"{channel} is full")
    await a.emit("handshake", {"channel": channel, "offer": OFFER, "more": 1})
    await b.gets("handshake", {"offer": OFFER})
    await b.emit("handshake", {"channel": channel, "answer": ANSWER})
    await a.gets("handshake", {"answer": ANSWER})
    both = {"candidate": CANDIDATE, "iceCandidate": CANDIDATE}
    await a.emit("icecandidate", {"channel": channel, "candidate": CANDIDATE})
    await b.gets("icecandidate", both)
    # As the seed's published client does.
    await b.emit("icecandidate", channel, CANDIDATE)
    await a.gets("icecandidate", both)
    # What is malformed, or for a channel that one is not in, ends nothing and reaches nobody.
    await a.emit("handshake")
    await a.emit("icecandidate", None)
    await a.emit("create or join", 5)
    await a.next("channel join failed")
    await late.emit("handshake", {"channel": channel, "offer": OFFER})
    await late.emit("leave", channel)
    await b.emit("leave", channel)
    await left(a, b.id, channel)
    await late.emit("create or join", channel)
    for client in (a, late):
        await client.gets("ready", channel)
        await client.gets("message", has_come(late.id))
        await client.gets("message", "연결을 시작합니다.")
    await a.leave()
    await left(late, a.id, channel)
    await b.emit("create or join", channel)
    await b.gets("ready", channel)
    await late.until("message", where=lambda text: text == "연결을 시작합니다.")
    await late.break_off()
    await b.until("message", where=lambda text: text == has_left(late.id))
    await b.gets("closeConnection", channel)
    await b.gets("wait", channel)
    return f"{len(a.events) + len(b.events) + len(late.events)} events as they should be"


def seed_flow_case(kind, transport, folder, _):
    async def run():
        async with clients_of(kind, folder) as make:
            return await seed_flow(make, Server("serve", folder).url, transport)
    return asyncio.run(run())


def reconnect_case(kind, transport, folder, _):
    """The server is killed: its clients come back by themselves and are a pair again, without a third that nobody is."""
    async def run():
        server, channel = Server("serve", folder), fresh_channel()
        async with clients_of(kind, folder) as make:
            a, b = await pair(make, server.url, transport, channel)
            old = {a.id, b.id}
            server.process.kill()
            for client in (a, b):
                await client.until("disconnect")
            await asyncio.sleep(0.5)
            server.start()
            for client in (a, b):
                await client.until("connect success", seconds=20)
            expect(not old & {a.id, b.id}, "an id came twice")
            await a.emit("create or join", channel)
            await a.until("message", where=lambda text: text == has_come(a.id))
            await b.emit("create or join", channel)
            for client in (a, b):
                await client.until("ready")
                await client.gets("message", has_come(b.id))
            return "both are back"
    return asyncio.run(run())


# Group channels.

def named(name, secret=None, **more):
    return {"name": name, **TCHAT_GROUP, **({"resume": secret} if secret else {}), **more}


async def enter(client, channel, wish=None):
    answer, = await client.ask("create or join", channel, *([wish] if wish else []))
    return answer


async def admitted(client, channel, members, wish=None):
    answer = await enter(client, channel, wish)
    expect(isinstance(answer, dict) and answer.get("ok") is True, f"{client.name} was told {answer}")
    same((answer["id"], answer["channel"], answer["members"]), (client.id, channel, members), f"what {client.name} was told")
    same(answer["iceServers"], [], "the ICE servers of a server that has none")
    return answer


async def refused(client, channel, code, wish=None):
    answer = await enter(client, channel, wish)
    same((answer.get("ok"), answer.get("code")), (False, code), f"what {client.name} was told")
    expect(isinstance(answer.get("message"), str) and len(answer["message"]) > 3, f"{client.name} was not told why")
    return answer


async def group_flow(make, url, transport):
    channel, secrets = fresh_channel(), {name: name * 24 for name in "abcd"}
    a, b, c = [await dial(make, name, url, transport, named(name.upper() * 3, secrets[name])) for name in "abc"]
    for client in (a, b, c):
        same(client.id, member_id(secrets[client.name]), f"the id of {client.name}")
    ids = {client.name: {"id": client.id, "name": client.name.upper() * 3} for client in (a, b, c)}
    same((await admitted(a, channel, []))["capacity"], 8, "the capacity")
    await admitted(b, channel, [ids["a"]])
    await next_of(a, "member joined", {"channel": channel, **ids["b"]})
    await admitted(c, channel, [ids["a"], ids["b"]])
    for client in (a, b):
        await next_of(client, "member joined", {"channel": channel, **ids["c"]})
    # Again: the same answer, and nobody is told.
    await admitted(c, channel, [ids["a"], ids["b"]])
    # To one, and to all.
    await c.emit("handshake", {"channel": channel, "to": a.id, "offer": OFFER})
    await next_of(a, "handshake", {"channel": channel, "from": c.id, "offer": OFFER})
    await a.emit("handshake", {"channel": channel, "to": c.id, "answer": ANSWER})
    await next_of(c, "handshake", {"channel": channel, "from": a.id, "answer": ANSWER})
    await b.emit("icecandidate", {"channel": channel, "candidate": CANDIDATE})
    for client in (a, c):
        await client.gets("icecandidate", {"channel": channel, "from": b.id, "candidate": CANDIDATE, "iceCandidate": CANDIDATE})
    await b.emit("handshake", {"channel": channel, "to": "nobody", "offer": OFFER})
    listed, = await a.ask("channels")
    row = next((row for row in listed if row["name"] == channel), None)
    same((row["members"], row["names"], row["capacity"]), (3, ["AAA", "BBB", "CCC"], 8), "the list")
    # A plain one has no place among three.
    plain = await dial(make, "plain", url, transport)
    await plain.emit("create or join", channel)
    await next_of(plain, "channel join failed", f"{channel} is full")
    # Leaving, and being lost.
    same(await c.ask("leave", channel), [{"ok": True}], "the answer to leave")
    for client in (a, b):
        await client.until("member left")
        same(client.events[client.read - 1][1], [{"channel": channel, **ids["c"], "reason": "left"}], "who left")
    await b.break_off()
    await a.gets("member left", {"channel": channel, **ids["b"], "reason": "disconnected"})
    again = await dial(make, "b again", url, transport, named("BBB", secrets["b"]))
    same(again.id, b.id, "the id of who comes back")
    await admitted(again, channel, [ids["a"]])
    await a.gets("member joined", {"channel": channel, **ids["b"]})
    a.has_nothing_new()
    return "three members, one lost and back"


async def limits_flow(make, url, transport):
    a, b, c = [await dial(make, name, url, transport, named(name, name * 20)) for name in "abc"]
    small, secret = fresh_channel(), fresh_channel()
    same((await admitted(a, small, [], {"capacity": 2}))["capacity"], 2, "the capacity asked for")
    await admitted(b, small, [{"id": a.id, "name": "a"}])
    await refused(c, small, "full")
    await b.break_off()
    await a.until("member left")
    # The lost one's place is kept for it.
    held = await refused(c, small, "full")
    expect(0 < held.get("retryAfter", 0) <= 15, f"a held place is refused with retryAfter {held.get('retryAfter')}")
    await admitted(a, secret, [], {"password": "open sesame"})
    await refused(c, secret, "password-needed")
    await refused(c, secret, "wrong-password", {"password": "open"})
    await admitted(c, secret, [{"id": a.id, "name": "a"}], {"password": "open sesame"})
    for name in ("", "x" * 65, "a\u0007b"):
        await refused(c, name, "bad-name")
    await c.emit("handshake", {"channel": small, "offer": OFFER})
    told, = await c.until("refused")
    same((told["event"], told["code"]), ("handshake", "not-member"), "what a stranger's offer is told")
    return "capacity, held place, password, names"


async def mixed_flow(make, url, transport):
    """A group client and a plain one: each sees what it knows."""
    for is_plain_first in (True, False):
        channel = fresh_channel()
        plain = await dial(make, f"plain {is_plain_first}", url, transport)
        group = await dial(make, f"group {is_plain_first}", url, transport, named("Gus"))
        if is_plain_first:
            await plain.emit("create or join", channel)
            await next_of(plain, "message", has_come(plain.id))
            await admitted(group, channel, [{"id": plain.id, "plain": True}])
        else:
            await admitted(group, channel, [])
            await plain.emit("create or join", channel)
            await next_of(group, "member joined", {"channel": channel, "id": plain.id, "plain": True})
        await next_of(plain, "ready", channel)
        await plain.gets("message", has_come((group if is_plain_first else plain).id))
        await plain.gets("message", "연결을 시작합니다.")
        await plain.emit("handshake", {"channel": channel, "offer": OFFER})
        await next_of(group, "handshake", {"channel": channel, "from": plain.id, "offer": OFFER})
        await group.emit("handshake", {"channel": channel, "to": plain.id, "answer": ANSWER})
        await plain.gets("handshake", {"answer": ANSWER})
        await group.emit("icecandidate", {"channel": channel, "to": plain.id, "candidate": None})
        await plain.gets("icecandidate", {"candidate": None, "iceCandidate": None})
        third = await dial(make, f"third {is_plain_first}", url, transport, named("Third"))
        await refused(third, channel, "full")
        await plain.leave()
        await group.gets("member left", {"channel": channel, "id": plain.id, "plain": True, "reason": "left"})
        await admitted(third, channel, [{"id": group.id, "name": "Gus"}])
        await group.gets("member joined", {"channel": channel, "id": third.id, "name": "Third"})
        await group.leave()
    return "plain first, and group first"


def flow_case(flow, kind, transport, folder, _):
    async def run():
        async with clients_of(kind, folder) as make:
            return await flow(make, Server("serve", folder).url, transport)
    return asyncio.run(run())


def group_reconnect_case(kind, folder, _):
    """The same ids after the server was killed; who is back finds who was quicker, and nobody is there twice."""
    async def run():
        server, channel = Server("serve", folder), fresh_channel()
        async with clients_of(kind, folder) as make:
            clients = [await dial(make, name, server.url, "websocket", named(name, name * 20)) for name in "abc"]
            ids = [client.id for client in clients]
            for client in clients:
                await enter(client, channel)
            server.process.kill()
            for client in clients:
                await client.until("disconnect")
            server.start()
            for client in clients:
                await client.until("connect success", seconds=20)
            same([client.id for client in clients], ids, "the ids")
            for number, client in enumerate(clients):
                await admitted(client, channel, [{"id": one.id, "name": one.name} for one in clients[:number]])
            return "three are back under their ids"
    return asyncio.run(run())


# The hidden mode for test suites, by real clients.

async def conformance_flow(make, url, transport):
    main, custom = make("main"), make("custom")
    await main.connect(url, TRANSPORTS[transport], {"token": "123"})
    await custom.connect(url, TRANSPORTS[transport], namespace="/custom")
    for client, auth in ((main, {"token": "123"}), (custom, {})):
        same(await client.until("auth"), [auth], "what was given as auth")
        if transport != "polling":
            await client.reaches("websocket")
        for arguments in (["hello", 1, {"a": [True, None]}], ["안녕 👋"], [b"\x01\x02\xff\x00\x1e"], [{"deep": [b"one", {"and": b"another"}]}, 5]):
            await client.emit("message", *arguments)
            same(await client.until("message-back"), arguments, "what was said back")
            same(await client.ask("message-with-ack", *arguments), arguments, "what was acknowledged")
    lost = make("lost")
    await lost.connect(url, TRANSPORTS[transport], namespace="/unknown")
    error, = await lost.until("connect_error")
    expect("Invalid namespace" in str(error), f"an unknown namespace is refused with {error}")
    # Heartbeats of 300 ms: still there after some.
    await asyncio.sleep(1.2)
    same(await main.ask("message-with-ack", "still here"), ["still here"], "what was acknowledged")
    return f"events, acknowledgements and attachments in two namespaces over {transport}"


def conformance_case(kind, transport, folder, _):
    async def run():
        async with clients_of(kind, folder) as make:
            return await conformance_flow(make, Server("serve", folder, options=("--conformance",)).url, transport)
    return asyncio.run(run())


def flow_cases():
    for kind in ("js", "python"):
        for transport in TRANSPORTS:
            yield f"signaling: seed's flow, {kind}, {transport}", lambda *a, k=kind, t=transport: seed_flow_case(k, t, *a)
            yield f"signaling: conformance, {kind}, {transport}", lambda *a, k=kind, t=transport: conformance_case(k, t, *a)
            yield f"signaling: group, {kind}, {transport}", lambda *a, k=kind, t=transport: flow_case(group_flow, k, t, *a)
        yield f"signaling: limits, {kind}", lambda *a, k=kind: flow_case(limits_flow, k, "websocket", *a)
        yield f"signaling: group and plain, {kind}", lambda *a, k=kind: flow_case(mixed_flow, k, "upgrade", *a)
        yield f"signaling: server killed, {kind}", lambda *a, k=kind: reconnect_case(k, "upgrade", *a)
        yield f"signaling: server killed, group, {kind}", lambda *a, k=kind: group_reconnect_case(k, *a)
