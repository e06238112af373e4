"""What Engine.IO's and Socket.IO's protocol documents ask of a server, checked against `tchat serve --conformance`: pings every 300 ms,
200 ms to answer, /engine.io/ says every message back, and the namespaces / and /custom have the events that test suites expect."""
import asyncio
import base64
import json
import time

import aiohttp

from processes import start_server
from wire import Engine, all_of, expect, same

BYTES, MORE_BYTES = bytes((1, 2, 3, 4)), bytes((255, 0, 30, 98))


def encoded(data):
    return "b" + base64.b64encode(data).decode()


# The engine, over polling.

async def greeting_over_polling(engine):
    status, text, headers = await engine.request("GET", engine.target())
    greeting = json.loads(text[1:])
    same((status, text[0], set(greeting)), (200, "0", {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}), "the greeting")
    same([greeting[key] for key in ("upgrades", "pingInterval", "pingTimeout", "maxPayload")], [["websocket"], 300, 200, 1_000_000], "its values")
    same(headers["Content-Type"].lower(), "text/plain; charset=utf-8", "its type")


async def refusals(engine):
    """Each answer as the reference server gives it, in its order of checks."""
    known = (await engine.open())["sid"]
    wanted = [
        ("GET", {"version": None}, 5, "Unsupported protocol version"),
        ("GET", {"version": "3"}, 5, "Unsupported protocol version"),
        ("GET", {"transport": None}, 0, "Transport unknown"),
        ("GET", {"transport": "carrier"}, 0, "Transport unknown"),
        ("GET", {"sid": "nobody"}, 1, "Session ID unknown"),
        ("PUT", {"sid": "nobody"}, 1, "Session ID unknown"),
        ("POST", {}, 2, "Bad handshake method"),
        ("PUT", {}, 2, "Bad handshake method"),
        ("GET", {"transport": "websocket"}, 3, "Bad request"),
        ("GET", {"transport": "websocket", "sid": known}, 3, "Bad request"),
    ]
    for method, query, code, message in wanted:
        status, text, headers = await engine.request(method, engine.target(**query), b"" if method != "GET" else None)
        same((status, json.loads(text)), (400, {"code": code, "message": message}), f"{method} with {query}")
        same(headers["Access-Control-Allow-Origin"], "*", "who may read it")


async def refused_sockets(engine):
    for query in ({"version": None}, {"version": "abc"}, {"transport": "abc"}, {"transport": None}, {"sid": "nobody"}):
        target = engine.target(**{"transport": "websocket", **query})
        try:
            async with engine.http.ws_connect(target):
                expect(False, f"a WebSocket with {query} was taken")
        except aiohttp.WSServerHandshakeError as error:
            same(error.status, 400, f"a WebSocket with {query}")
    asking = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
    status, text, headers = await engine.request("GET", engine.target("websocket", "nobody"), headers=asking)
    same((status, text, headers["Connection"].lower()), (400, "Session ID unknown", "close"), "the answer to a refused WebSocket")


async def foreign_pages_may_ask(engine):
    status, _, headers = await engine.request("OPTIONS", engine.target(), headers={
        "Origin": "http://example.org", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"})
    same((status, headers["Access-Control-Allow-Origin"], headers["Access-Control-Allow-Headers"]), (204, "*", "content-type"), "OPTIONS")


async def messages_over_polling(engine):
    for sent in (["4hello"], ["4one", "4two", "4three"], ["4text", encoded(BYTES)], ["4" + "안녕 👋"]):
        sid = (await engine.open())["sid"]
        same(await engine.post(sid, "\x1e".join(sent)), (200, "ok"), "a POST")
        got = []
        while len(got) < len(sent):
            status, text = await engine.get(sid)
            same(status, 200, "a GET")
            got += [packet for packet in text.split("\x1e") if packet not in ("2", "6")]
        same(got, sent, "what was said back")


async def payload_limits(engine):
    """Exactly the limit is taken, one more is refused, and the session stays."""
    sid = (await engine.open())["sid"]
    same((await engine.post(sid, "4" + "x" * 1_000_000))[0], 413, "a POST over the limit")
    same(await engine.post(sid, "4" + "x" * 999_999), (200, "ok"), "a POST of the limit")
    async with engine.greeted() as (socket, _):
        await socket.say("4" + "y" * 999_999)
        same(len(await socket.read(skip_pings=True) or ""), 1_000_000, "a message of the limit")
        await socket.say("4" + "y" * 1_000_000)
        await socket.is_closed(1009)


async def bad_posts_end_the_session(engine):
    for body, headers in (("abc", {}), ("", {}), ("bno base64!", {}), ("2probe", {}), (b"4binary", {"Content-Type": "application/octet-stream"})):
        sid = (await engine.open())["sid"]
        await engine.post(sid, body, **headers)
        await engine.is_gone(sid)


async def overlapping_polls(engine):
    sid = (await engine.open())["sid"]
    first = asyncio.create_task(engine.get(sid))
    await asyncio.sleep(0.05)
    status, _ = await engine.get(sid)
    same((status, (await first)[0], (await first)[1].split("\x1e")[-1]), (400, 200, "1"), "two GETs at a time")
    await engine.is_gone(sid)


async def cancelled_poll(engine):
    sid = (await engine.open())["sid"]
    waiting = asyncio.create_task(engine.get(sid))
    await asyncio.sleep(0.1)
    waiting.cancel()
    await asyncio.sleep(0.1)
    await engine.is_gone(sid)


async def polls_in_a_pipeline_of_one_connection(engine):
    """Requests of one session may share a connection."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as http:
        one = Engine(engine.url, http, engine.path)
        sid = (await one.open())["sid"]
        for number in range(5):
            same(await one.post(sid, f"4{number}"), (200, "ok"), "a POST")
            text = (await one.get(sid))[1]
            while f"4{number}" not in text.split("\x1e"):
                text = (await one.get(sid))[1]


async def heartbeat_over_polling(engine):
    sid = (await engine.open())["sid"]
    for _ in range(3):
        began = time.monotonic()
        same(await engine.get(sid), (200, "2"), "a ping")
        expect(time.monotonic() - began > 0.15, "pings come too often")
        same(await engine.post(sid, "3"), (200, "ok"), "a pong")


async def silence_over_polling(engine):
    sid = (await engine.open())["sid"]
    await asyncio.sleep(0.9)
    await engine.is_gone(sid)


async def closing_over_polling(engine):
    sid = (await engine.open())["sid"]
    waiting = asyncio.create_task(engine.get(sid))
    await asyncio.sleep(0.05)
    same(await engine.post(sid, "1"), (200, "ok"), "a POST of a close")
    same(await waiting, (200, "6"), "the GET that waited")
    await engine.is_gone(sid)


# The engine, over WebSocket.

async def greeting_over_websocket(engine):
    async with engine.greeted() as (_, greeting):
        same([greeting[key] for key in ("upgrades", "pingInterval", "pingTimeout", "maxPayload")], [[], 300, 200, 1_000_000], "the greeting")


async def messages_over_websocket(engine):
    async with engine.greeted() as (socket, _):
        for frame in ("4hello", BYTES, "4" + "안녕 👋"):
            await socket.say(frame)
            await socket.reads(frame)


async def odd_packets_over_websocket(engine):
    """Packets that are none end the session; those of the server's kind are passed over, except for a ping."""
    for frame in ("abc", "", "2"):
        async with engine.greeted() as (socket, _):
            await socket.say(frame)
            await socket.is_closed()
    async with engine.greeted() as (socket, _):
        await socket.say("0", "5", "6", "4still here")
        await socket.reads("4still here")


async def heartbeat_over_websocket(engine):
    async with engine.greeted() as (socket, _):
        for _ in range(3):
            same(await socket.read(), "2", "a ping")
            await socket.say("3")
        same(await socket.read(), "2", "a ping")
        # No answer to that one.
        began = time.monotonic()
        await socket.is_closed()
        expect(0.1 < time.monotonic() - began < 2, f"the silent client was left after {time.monotonic() - began:.2f} s")


async def closing_over_websocket(engine):
    async with engine.greeted() as (socket, _):
        await socket.say("1")
        await socket.is_closed()


# From one to the other.

async def upgrade(engine):
    sid = (await engine.open())["sid"]
    waiting = asyncio.create_task(engine.get(sid))
    async with engine.socket(sid) as socket:
        await socket.say("2probe")
        same(await socket.read(), "3probe", "the answer to the probe")
        status, text = await waiting
        same(status, 200, "the GET that waited")
        expect(text.split("\x1e")[-1] in ("6", "2"), f"the GET that waited got {text!r}")
        await socket.say("5", "4hello")
        await socket.reads("4hello")
        same((await engine.get(sid))[0], 400, "a GET after the upgrade")
        async with engine.socket(sid) as second:
            await second.is_closed()
        await socket.say("4hello again")
        await socket.reads("4hello again")


async def messages_during_the_upgrade(engine):
    """Until `5` all goes to polling; afterwards the rest comes by WebSocket."""
    sid = (await engine.open())["sid"]
    async with engine.socket(sid) as socket:
        await socket.say("2probe")
        await socket.reads("3probe")
        same(await engine.post(sid, "4by post"), (200, "ok"), "a POST")
        text = (await engine.get(sid))[1]
        expect("4by post" in text.split("\x1e"), f"the GET got {text!r}")
        same(await engine.post(sid, "4left over"), (200, "ok"), "a POST")
        await socket.say("5")
        await socket.reads("4left over")


async def failed_probes(engine):
    """What is no probe ends that WebSocket; the session goes on over polling."""
    sid = (await engine.open())["sid"]
    async with engine.socket(sid) as socket:
        await socket.say("2other")
        await socket.is_closed()
    same(await engine.post(sid, "4hello"), (200, "ok"), "a POST")
    expect("4hello" in (await engine.get(sid))[1].split("\x1e"), "nothing was said back")


ENGINE = [
    greeting_over_polling, refusals, refused_sockets, foreign_pages_may_ask, messages_over_polling, payload_limits, bad_posts_end_the_session,
    overlapping_polls, cancelled_poll, polls_in_a_pipeline_of_one_connection, heartbeat_over_polling, silence_over_polling, closing_over_polling,
    greeting_over_websocket, messages_over_websocket, odd_packets_over_websocket, heartbeat_over_websocket, closing_over_websocket, upgrade,
    messages_during_the_upgrade, failed_probes,
]


# Socket.IO.

async def joined(socket, packet="40", namespace=""):
    """The socket's id in this namespace, after its CONNECT and the event `auth`."""
    await socket.say(packet)
    reply = await socket.read(skip_pings=True)
    expect(reply and reply.startswith(f"40{namespace}{{"), f"the answer to {packet} is {reply!r}")
    await socket.reads(f'42{namespace}["auth",{packet[len("40" + namespace):] or "{}"}]')
    return json.loads(reply[len("40" + namespace):])["sid"]


async def namespaces(engine):
    for packet, namespace in (("40", ""), ('40{"token":"123"}', ""), ("40/custom,", "/custom,"), ('40/custom,{"token":"abc"}', "/custom,")):
        async with engine.greeted() as (socket, greeting):
            sid = await joined(socket, packet, namespace)
            expect(sid and sid != greeting["sid"], "the socket's id is the engine's")
    for packet in ("40/random", "40/random,"):
        async with engine.greeted() as (socket, _):
            await socket.say(packet)
            await socket.reads('44/random,{"message":"Invalid namespace"}')
            await joined(socket)


async def no_namespace_in_time(engine):
    async with engine.greeted() as (socket, _):
        began = time.monotonic()
        while await socket.read(skip_pings=True) is not None:
            pass
        expect(0.8 < time.monotonic() - began < 3, f"closed after {time.monotonic() - began:.2f} s")


async def packets_out_of_turn(engine):
    for frames in (["4abc"], ['42["message"]'], ["40", "40"], ["40", '44{"message":"no"}'], ["40", "42{}"], ["40", '42abc["message-with-ack"]'],
                   ["40", '42["connect"]'], ["40", '42["message"'], ["40", '42[{"a":1}]'], ["40", b"binary that nobody announced"],
                   ["40", '451-["message",{"_placeholder":true,"num":0}]', '42["message"]'],
                   ["40", '4511-["message",{"_placeholder":true,"num":0}]']):
        async with engine.greeted() as (socket, _):
            await socket.say(*frames)
            while (frame := await socket.read(skip_pings=True)) is not None:
                expect(isinstance(frame, str) and (frame.startswith("40") or frame == '42["auth",{}]'), f"{frame!r} came after {frames[-1]!r}")


async def leaving_a_namespace(engine):
    async with engine.greeted() as (socket, _):
        await joined(socket)
        await joined(socket, "40/custom,", "/custom,")
        await socket.say("41/custom,", '42["message","to the main one"]')
        await socket.reads('42["message-back","to the main one"]')
        await socket.say("41")
        # The engine stays, and lives.
        same(await socket.read(), "2", "a ping")


async def events_and_acknowledgements(engine):
    async with engine.greeted() as (socket, _):
        await joined(socket)
        await socket.say('42["message",1,"2",{"3":[true]}]')
        await socket.reads('42["message-back",1,"2",{"3":[true]}]')
        await socket.say('42456["message-with-ack",1,"2",{"3":[false]}]')
        await socket.reads('43456[1,"2",{"3":[false]}]')
        await socket.say("43999[]", '42["message"]')
        await socket.reads('42["message-back"]')


async def attachments(engine):
    placeholders = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}'
    async with engine.greeted() as (socket, _):
        await joined(socket)
        await socket.say(f'452-["message",{placeholders}]', BYTES, MORE_BYTES)
        await socket.reads(f'452-["message-back",{placeholders}]', BYTES, MORE_BYTES)
        await socket.say(f'452-789["message-with-ack",{placeholders}]', BYTES, MORE_BYTES)
        await socket.reads(f'462-789[{placeholders}]', BYTES, MORE_BYTES)


async def attachments_over_polling(engine):
    sid = (await engine.open())["sid"]
    await engine.post(sid, "40")
    await engine.post(sid, "\x1e".join(('451-["message",{"_placeholder":true,"num":0}]', encoded(MORE_BYTES))))
    got = []
    while not (got and got[-1].startswith("b")):
        got += (await engine.get(sid))[1].split("\x1e")
    same(got[-2:], ['451-["message-back",{"_placeholder":true,"num":0}]', encoded(MORE_BYTES)], "what was said back")


SOCKET = [
    namespaces, no_namespace_in_time, packets_out_of_turn, leaving_a_namespace, events_and_acknowledgements, attachments, attachments_over_polling,
]


def engine_case(folder, _):
    return asyncio.run(all_of(start_server("serve", folder, options=("--conformance",)), ENGINE))


def socket_case(folder, _):
    return asyncio.run(all_of(start_server("serve", folder, options=("--conformance",)), SOCKET, "/socket.io/"))


def conformance_cases():
    yield "protocol: Engine.IO, byte by byte", engine_case
    yield "protocol: Socket.IO, byte by byte", socket_case
