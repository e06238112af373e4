"""Two Socket.IO clients that others wrote, behind one face: the official one in headless Chromium, and python-socketio.

A client has `events`, a list of (name, arguments) in the order of coming; `connect`, `disconnect` and `connect_error` are among them.
"""
import asyncio
import contextlib
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import socketio
import websockets

from processes import HERE, CaseFailure, Process

sys.path.insert(0, str(HERE / "peers"))
import chromium_peer

PATIENCE = 8
TRANSPORTS = {"polling": ["polling"], "websocket": ["websocket"], "upgrade": ["polling", "websocket"]}


class Client:
    """What has come, and waiting for it."""

    def __init__(self, name):
        self.name, self.events, self.read, self.id = name, [], 0, None

    def heard(self, event, arguments):
        # Pushed to whoever has asked for the list once, whenever it changes.
        if event == "channels":
            return
        if event == "connect success":
            self.id = arguments[0]
        self.events.append((event, arguments))

    async def next(self, *names, seconds=PATIENCE):
        """The arguments of the next event, which has to be of these names; any other is a failure."""
        deadline = time.monotonic() + seconds
        while self.read == len(self.events):
            if time.monotonic() > deadline:
                raise CaseFailure(f"{self.name} did not get {' or '.join(names)} within {seconds} s; before: {self.events[-3:]}")
            await asyncio.sleep(0.005)
        event, arguments = self.events[self.read]
        self.read += 1
        if event not in names:
            raise CaseFailure(f"{self.name} got {event} {arguments}, not {' or '.join(names)}")
        return arguments

    async def gets(self, event, *arguments):
        """Exactly this, next."""
        found = await self.next(event)
        if found != list(arguments):
            raise CaseFailure(f"{self.name} got {event} with {found}, not {list(arguments)}")

    async def until(self, event, seconds=PATIENCE, where=lambda *_: True):
        """The arguments of the next such event; what comes before it is passed over."""
        deadline = time.monotonic() + seconds
        while True:
            while self.read < len(self.events):
                name, arguments = self.events[self.read]
                self.read += 1
                if name == event and where(*arguments):
                    return arguments
            if time.monotonic() > deadline:
                raise CaseFailure(f"{self.name} did not get {event} within {seconds} s; last: {self.events[-4:]}")
            await asyncio.sleep(0.005)

    def has_nothing_new(self):
        if self.read < len(self.events):
            raise CaseFailure(f"{self.name} got {self.events[self.read]} unasked")

    async def reaches(self, transport, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        while (now := await self.transport()) != transport:
            if time.monotonic() > deadline:
                raise CaseFailure(f"{self.name} is on {now}, not {transport}")
            await asyncio.sleep(0.02)


class PythonClient(Client):
    """python-socketio. Its own reconnection is left on."""

    def __init__(self, name):
        super().__init__(name)
        self.headers = {}
        self.socket = socketio.AsyncClient(reconnection_delay=0.3, reconnection_delay_max=0.6, randomization_factor=0.2, handle_sigint=False)

    async def connect(self, url, transports, auth=None, namespace="/"):
        self.namespace = namespace
        for event in ("connect", "disconnect", "connect_error"):
            self.socket.on(event, self.keeper(event), namespace=namespace)

        async def any_event(event, *arguments):
            self.heard(event, list(arguments))
        self.socket.on("*", any_event, namespace=namespace)
        with contextlib.suppress(socketio.exceptions.ConnectionError):
            await self.socket.connect(url, self.headers, auth, transports=transports, namespaces=[namespace], wait_timeout=PATIENCE)

    def keeper(self, event):
        async def keep(*arguments):
            self.heard(event, list(arguments))
        return keep

    async def emit(self, event, *arguments):
        await self.socket.emit(event, arguments or None, namespace=self.namespace)

    async def ask(self, event, *arguments):
        """The arguments of the acknowledgement."""
        answer = await self.socket.call(event, arguments or None, namespace=self.namespace, timeout=PATIENCE)
        return list(answer) if isinstance(answer, tuple) else [answer]

    async def transport(self):
        return self.socket.transport()

    async def leave(self):
        """Says good-bye in Socket.IO, and closes. The library's own `disconnect` does not wait until it is out."""
        await self.socket.eio.send("1")
        await asyncio.sleep(0.1)
        await self.socket.disconnect()

    async def break_off(self):
        """The connection is lost, as far as the server can tell; this client does not come back."""
        self.socket._reconnect_abort.set() if self.socket._reconnect_abort else None
        self.socket.reconnection = False
        self.socket.eio.state = "disconnected"
        if self.socket.eio.ws:
            await self.socket.eio.ws.close()
        await self.socket.eio.http.close()

    async def close(self):
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.socket.shutdown(), 2)
        http = self.socket.eio.http
        if http and not http.closed:
            await http.close()


DRIVER = """
// The library's private names are not to be relied on: requests under way are known by their addresses.
const requests = new Set(), { open, send } = XMLHttpRequest.prototype;
XMLHttpRequest.prototype.open = function (method, address, ...more) { this.address = address; return open.call(this, method, address, ...more); };
XMLHttpRequest.prototype.send = function (body) {
  requests.add(this);
  this.addEventListener("loadend", () => requests.delete(this));
  return send.call(this, body);
};
const packed = (v) => v instanceof ArrayBuffer || ArrayBuffer.isView(v) ? { $bytes: [...new Uint8Array(v.buffer || v)] }
  : Array.isArray(v) ? v.map(packed) : v && typeof v === "object" ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, packed(x)])) : v;
const unpacked = (v) => v && v.$bytes ? new Uint8Array(v.$bytes)
  : Array.isArray(v) ? v.map(unpacked) : v && typeof v === "object" ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, unpacked(x)])) : v;
const clients = {};
function dial(name, url, options) {
  const socket = clients[name] = io(url, { forceNew: true, reconnectionDelay: 300, reconnectionDelayMax: 600, ...options });
  const tell = (event, args) => window.reportLine(JSON.stringify({ client: name, event, args: packed(args) }));
  socket.onAny((event, ...args) => tell(event, args));
  socket.on("connect", () => tell("connect", []));
  socket.on("disconnect", (reason) => tell("disconnect", [reason]));
  socket.on("connect_error", (error) => tell("connect_error", [{ message: error.message, ...(error.data && { data: error.data }) }]));
}
const emit = (name, event, args) => { clients[name].emit(event, ...unpacked(args)); };
const ask = async (name, event, args) => packed(await new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error("no acknowledgement of " + event)), 8000);
  clients[name].emit(event, ...unpacked(args), (...answer) => resolve(answer));
}));
"""


def packed(value):
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": list(value)}
    if isinstance(value, (list, tuple)):
        return [packed(one) for one in value]
    return {key: packed(one) for key, one in value.items()} if isinstance(value, dict) else value


def unpacked(value):
    if isinstance(value, dict):
        return bytes(value["$bytes"]) if "$bytes" in value else {key: unpacked(one) for key, one in value.items()}
    return [unpacked(one) for one in value] if isinstance(value, list) else value


class BrowserClient(Client):
    """socket.io-client in a page of this Chromium."""

    def __init__(self, name, browser):
        super().__init__(name)
        self.browser = browser
        browser.clients[name] = self

    async def run(self, function, *arguments):
        try:
            return await self.browser.evaluate(f"{function}({', '.join(json.dumps(packed(one)) for one in (self.name, *arguments))})")
        except RuntimeError as error:
            raise CaseFailure(f"{self.name}: {error}") from None

    async def connect(self, url, transports, auth=None, namespace="/"):
        await self.run("dial", url + (namespace if namespace != "/" else ""), {"transports": transports, **({"auth": auth} if auth else {})})

    async def emit(self, event, *arguments):
        await self.run("emit", event, arguments)

    async def ask(self, event, *arguments):
        return unpacked(await self.run("ask", event, arguments))

    async def transport(self):
        return await self.browser.evaluate(f"clients[{json.dumps(self.name)}].io.engine.transport.name")

    async def leave(self):
        await self.browser.evaluate(f"(clients[{json.dumps(self.name)}].disconnect(), 0)")

    async def break_off(self):
        """Closes the WebSocket under it, or forgets the GET that waits."""
        await self.browser.evaluate(f"""(() => {{
            const {{ io }} = clients[{json.dumps(self.name)}];
            io.reconnection(false);
            const transport = io.engine.transport;
            if (transport.ws) transport.ws.close();
            else for (const request of requests) if (request.address.includes("sid=" + io.engine.id)) request.abort();
        }})()""")

    async def close(self):
        pass


class Browser:
    """A headless Chromium with one page that has the official client."""

    def __init__(self, folder, flags=()):
        self.folder, self.flags, self.clients = folder, flags, {}

    async def __aenter__(self):
        self.profile = tempfile.mkdtemp(prefix="chromium-clients-")
        self.process = Process("chromium", [shutil.which("chromium") or "chromium", *chromium_peer.FLAGS, *self.flags,
                                            f"--user-data-dir={self.profile}", "about:blank"], self.folder)
        port, path = await self.read_port()
        self.socket = await websockets.connect(f"ws://127.0.0.1:{port}{path}", max_size=None, compression=None)
        self.devtools = chromium_peer.DevTools(self.socket, self.heard)
        target = (await self.devtools.call("Target.createTarget", url="about:blank"))["targetId"]
        self.devtools.session = (await self.devtools.call("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        for domain in ("Page", "Runtime"):
            await self.devtools.call(domain + ".enable")
        await self.devtools.call("Runtime.addBinding", name="reportLine")
        await self.devtools.call("Page.navigate", url=chromium_peer.serve_page())
        deadline = time.monotonic() + 20
        while not await self.devtools.evaluate("document.readyState === 'complete' && typeof io === 'function'"):
            if time.monotonic() > deadline:
                raise CaseFailure("the page did not load")
            await asyncio.sleep(0.05)
        await self.devtools.evaluate(DRIVER)
        return self

    async def read_port(self):
        path, deadline = Path(self.profile) / "DevToolsActivePort", time.monotonic() + 30
        while time.monotonic() < deadline and self.process.child.poll() is None:
            if path.exists() and len(words := path.read_text().split()) == 2:
                return words
            await asyncio.sleep(0.05)
        raise CaseFailure(f"Chromium did not start{self.process.complaint()}")

    async def evaluate(self, expression):
        return await self.devtools.evaluate(expression)

    def heard(self, line):
        client = self.clients.get(line.get("client"))
        if client:
            client.heard(line["event"], unpacked(line["args"]))
        elif line.get("event") == "error":
            print(f"the page: {line.get('message')}", file=sys.stderr)

    async def __aexit__(self, *_):
        await self.socket.close()
        self.process.end()
        shutil.rmtree(self.profile, ignore_errors=True)


@contextlib.asynccontextmanager
async def clients_of(kind, folder):
    """A function of a name that makes a client of this kind: `js` or `python`."""
    made = []
    async with contextlib.AsyncExitStack() as stack:
        browser = await stack.enter_async_context(Browser(folder)) if kind == "js" else None

        def make(name):
            made.append(BrowserClient(name, browser) if browser else PythonClient(name))
            return made[-1]
        try:
            yield make
        finally:
            for client in made:
                await client.close()
