#!/usr/bin/env python3
"""chromium_peer.py - headless Chromium as a WebRTC peer, driven over its DevTools protocol.

It opens page.html (served here, with the official socket.io-client), joins a channel as the seed's browser client does, sends a moving
picture and a tone, and says what it receives. See common.py for its output. It needs no camera and no sound card.
"""
import asyncio
import glob
import http.server
import json
import os
import shutil
import signal
import site
import subprocess
import sys
import tempfile
import threading
import time

import psutil
import websockets

import common

FLAGS = """--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --disable-extensions
 --disable-background-networking --disable-component-update --disable-sync --disable-default-apps --metrics-recording-only
 --disable-background-timer-throttling --disable-renderer-backgrounding --disable-backgrounding-occluded-windows
 --autoplay-policy=no-user-gesture-required --remote-debugging-port=0
 --use-fake-ui-for-media-stream""".split()


def options():
    p = common.parser(__doc__)
    p.add_argument("--chromium", default=shutil.which("chromium") or "chromium")
    p.add_argument("--chromium-log", metavar="FILE", help="keep Chromium's standard error")
    p.add_argument("--timecode", action="store_true", help="send a drawn picture that carries the clock, and measure latency")
    p.add_argument("--mdns", action="store_true", help="hide addresses behind .local names, as without the camera's permission; the picture and the tone are drawn")
    p.add_argument("--no-trickle", action="store_true", help="send all candidates within the description")
    return p.parse_args()


class DevTools:
    """Just enough of the protocol: calls with replies, and one binding for the page's lines."""

    def __init__(self, socket, on_line):
        self.socket, self.on_line, self.next, self.waiting, self.session = socket, on_line, 0, {}, None
        self.task = asyncio.create_task(self.read())

    async def read(self):
        try:
            async for text in self.socket:
                self.handle(json.loads(text))
        except websockets.ConnectionClosed:
            pass

    def handle(self, message):
        if message.get("id") in self.waiting:
            self.waiting.pop(message["id"]).set_result(message)
        elif message.get("method") == "Runtime.bindingCalled":
            self.on_line(json.loads(message["params"]["payload"]))
        elif message.get("method") == "Runtime.exceptionThrown":
            details = message["params"]["exceptionDetails"]
            self.on_line({"event": "error", "where": "page", "message": details.get("exception", {}).get("description", details["text"])})

    async def call(self, method, **params):
        self.next += 1
        reply = self.waiting[self.next] = asyncio.get_running_loop().create_future()
        message = {"id": self.next, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        await self.socket.send(json.dumps(message))
        answer = await asyncio.wait_for(reply, 20)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    async def evaluate(self, expression):
        answer = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"].get("exception", answer["exceptionDetails"])))
        return answer["result"].get("value")


def serve_page():
    """The page and the client bundle on a port of their own, so that any signaling server will do."""
    bundle = next((f for d in site.getsitepackages() for f in glob.glob(d + "/nicegui/static/socket.io.min.js")), None)
    if not bundle:
        common.die("no socket.io-client bundle in this Python environment (see setup.sh)")
    files = {"/": os.path.join(os.path.dirname(os.path.abspath(__file__)), "page.html"), "/socket.io.js": bundle}

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            path = files.get(self.path)
            self.send_response(200 if path else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8" if self.path == "/" else "text/javascript")
            self.end_headers()
            if path:
                with open(path, "rb") as f:
                    self.wfile.write(f.read())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def usage(pid):
    """CPU seconds so far and resident kilobytes (shared ones counted by share) of all of Chromium's processes."""
    seconds, kilobytes = 0.0, 0
    try:
        processes = [psutil.Process(pid)] + psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return seconds, kilobytes
    for process in processes:
        try:
            times = process.cpu_times()
            seconds += times.user + times.system
            kilobytes += process.memory_full_info().pss // 1024
        except psutil.Error:
            pass
    return seconds, kilobytes


async def read_port(path, process):
    deadline = time.time() + 30
    while time.time() < deadline and process.poll() is None:
        if os.path.exists(path):
            with open(path) as f:
                words = f.read().split()
            if len(words) == 2:
                return words
        await asyncio.sleep(0.05)
    common.die("Chromium did not start")


async def call(o, lines, process, devtools):
    target = (await devtools.call("Target.createTarget", url="about:blank"))["targetId"]
    devtools.session = (await devtools.call("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
    for domain in ("Page", "Runtime"):
        await devtools.call(domain + ".enable")
    await devtools.call("Runtime.addBinding", name="reportLine")
    await devtools.call("Page.navigate", url=serve_page())
    for _ in range(200):
        if await devtools.evaluate("document.readyState === 'complete' && typeof startPeer === 'function' && typeof io === 'function'"):
            break
        await asyncio.sleep(0.05)
    else:
        common.die("the page did not load")
    width, height = map(int, o.size.split("x"))
    servers = [{"urls": o.ice_server, "username": o.ice_user, "credential": o.ice_password}] if o.ice_server else []
    given = {"url": o.url, "channel": o.channel, "width": width, "height": height, "fps": o.fps, "bitrate": o.bitrate, "timecode": o.timecode,
             "iceServers": servers, "relayOnly": o.relay_only, "chat": o.chat, "mdns": o.mdns, "trickle": not o.no_trickle, "tone": o.tone,
             "luma": o.luma}
    await devtools.evaluate(f"startPeer({json.dumps(given)})")

    async def command(word, rest):
        await devtools.evaluate(f"say({json.dumps(rest)})" if word == "say" else "restart()" if word == "restart" else "0")

    commands = asyncio.create_task(common.read_commands(command))
    deadline = time.time() + o.timeout
    while "connected" not in lines.timing and time.time() < deadline:
        await asyncio.sleep(0.02)
    connected = "connected" in lines.timing
    (cpu, _), start, memory = usage(process.pid), time.time(), 0
    end, found = start + (o.seconds if connected else 0), None
    while time.time() < end:
        await asyncio.sleep(min(1, max(0, end - time.time())))
        fresh = await devtools.evaluate("snapshot()")
        if fresh["connection"] == "closed":                  # the other side has left: the last live numbers stand
            break
        found = fresh
        memory = max(memory, usage(process.pid)[1])
    found = found or await devtools.evaluate("snapshot()")
    cpu, wall = usage(process.pid)[0] - cpu, time.time() - start
    commands.cancel()
    media = found["media"]
    media["latencyMs"] = common.percentiles(media.pop("latencies"))
    failures = ([] if connected else ["not connected"]) + common.check(o, media)
    await asyncio.sleep(o.linger)
    await devtools.evaluate("leave()")
    await asyncio.sleep(0.2)
    lines.emit("result", ok=not failures, failures=failures, peer="chromium", timing=lines.timing, errors=lines.errors, media=media,
               transport=found["transport"], cpuSeconds=round(cpu, 2), measuredSeconds=round(wall, 1), peakRSSKB=memory)
    return 0 if not failures else 1


async def main(o):
    folder = tempfile.mkdtemp(prefix="chromium-peer-")
    width, height = map(int, o.size.split("x"))
    common.write_y4m(f"{folder}/v.y4m", width, height, o.fps, o.luma)
    common.write_wav(f"{folder}/a.wav", o.tone)
    command = [o.chromium, *FLAGS, f"--user-data-dir={folder}/profile", f"--use-fake-device-for-media-stream=fps={o.fps}",
               f"--use-file-for-fake-video-capture={folder}/v.y4m", f"--use-file-for-fake-audio-capture={folder}/a.wav"]
    command += [] if o.mdns else ["--disable-features=WebRtcHideLocalIpsWithMdns"]
    command += ["--allow-loopback-in-peer-connection"] if o.loopback else []
    log = open(o.chromium_log, "wb") if o.chromium_log else subprocess.DEVNULL
    process = subprocess.Popen([*command, "about:blank"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                               preexec_fn=common.end_with_parent)
    lines = common.Lines()
    try:
        port, path = await read_port(f"{folder}/profile/DevToolsActivePort", process)
        async with websockets.connect(f"ws://127.0.0.1:{port}{path}", max_size=None, compression=None) as socket:
            return await call(o, lines, process, DevTools(socket, lambda line: lines.emit(**line)))
    finally:
        try:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(5)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(options())))
