"""Engine.IO v4 and Socket.IO v5 byte by byte, by aiohttp alone: no library of these protocols that could hide a mistake."""
import asyncio
import contextlib
import json

import aiohttp

from processes import CaseFailure

SEPARATOR = "\x1e"
PATIENCE = 5
TEXT_TYPE = "text/plain;charset=UTF-8"


def expect(is_so, complaint):
    if not is_so:
        raise CaseFailure(complaint)


def same(found, wanted, what):
    expect(found == wanted, f"{what}: {found!r}, not {wanted!r}")


class Engine:
    """One server's engine path, as seen by a client that does what it is told."""

    def __init__(self, url, http, path="/engine.io/"):
        self.url, self.http, self.path = url, http, path

    def target(self, transport="polling", sid=None, version="4", **more):
        query = {"EIO": version, "transport": transport, "sid": sid, **more}
        return self.url + self.path + "?" + "&".join(f"{key}={value}" for key, value in query.items() if value is not None)

    async def request(self, method, target, body=None, headers=None):
        """(status, text, headers)"""
        given = {"Content-Type": TEXT_TYPE, **(headers or {})} if body is not None else headers
        async with self.http.request(method, target, data=body, headers=given, timeout=aiohttp.ClientTimeout(PATIENCE)) as answer:
            return answer.status, (await answer.read()).decode(errors="replace"), answer.headers

    async def open(self):
        """The greeting of a polling session."""
        status, text, _ = await self.request("GET", self.target())
        same((status, text[:1]), (200, "0"), "the opening GET")
        return json.loads(text[1:])

    async def get(self, sid):
        return (await self.request("GET", self.target(sid=sid)))[:2]

    async def post(self, sid, body, **headers):
        return (await self.request("POST", self.target(sid=sid), body.encode() if isinstance(body, str) else body, headers))[:2]

    async def is_gone(self, sid):
        status, text = await self.get(sid)
        same((status, json.loads(text)), (400, {"code": 1, "message": "Session ID unknown"}), "a GET of a session that is over")

    @contextlib.asynccontextmanager
    async def socket(self, sid=None, **more):
        async with self.http.ws_connect(self.target("websocket", sid, **more), max_msg_size=0, autoclose=True) as socket:
            yield Frames(socket)

    @contextlib.asynccontextmanager
    async def greeted(self):
        async with self.socket() as socket:
            greeting = json.loads((await socket.read())[1:])
            yield socket, greeting


class Frames:
    def __init__(self, socket):
        self.socket = socket

    async def say(self, *frames):
        for frame in frames:
            await (self.socket.send_str(frame) if isinstance(frame, str) else self.socket.send_bytes(frame))

    async def read(self, skip_pings=False):
        """The next frame; None when the server has closed."""
        while True:
            message = await self.socket.receive(PATIENCE)
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                return None
            if message.data != "2" or not skip_pings:
                return message.data
            await self.socket.send_str("3")

    async def reads(self, *frames, skip_pings=True):
        for wanted in frames:
            same(await self.read(skip_pings), wanted, "a frame")

    async def is_closed(self, code=None):
        """Pings may still come before."""
        while (frame := await self.read()) is not None:
            expect(frame == "2", f"{frame!r} came, not the end")
        if code is not None:
            same(self.socket.close_code, code, "the code of the end")


async def all_of(url, checks, path="/engine.io/"):
    """Each of these functions of an `Engine`, one after the other; a complaint says whose it is."""
    for check in checks:
        async with aiohttp.ClientSession() as http:
            try:
                await check(Engine(url, http, path))
            except CaseFailure as failure:
                raise CaseFailure(f"{check.__name__.replace('_', ' ')}: {failure}") from None
            except (aiohttp.ClientError, asyncio.TimeoutError) as error:
                raise CaseFailure(f"{check.__name__.replace('_', ' ')}: {type(error).__name__} {error}") from None
    return f"{len(checks)} checks"
