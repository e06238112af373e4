#!/usr/bin/env python3
"""guest_peer.py - a person with a browser: headless Chromium on the guest page, driven by real clicks and typing.

It opens URL/CHANNEL, gives a name, joins, and says what it sees and hears of each other person (result: "people" by name; "media" is the
one that was expected or the first). On standard input it takes lines: `say TEXT`, `press KEY`, `click ID`, `type ID TEXT`, `choose ID
NUMBER`, `leave`, `reload`, `forget` (count anew), `measure`, `words` (tries words.js), `shot FILE`, `kill` (as a crash), `end`. See common.py for its output.
"""
import asyncio
import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import websockets

import common
from chromium_peer import FLAGS, DevTools, read_port, usage

HERE = os.path.dirname(os.path.abspath(__file__))
# Made for voices, they take a steady tone for noise; a person's page leaves them on.
PLAIN_SOUND = """if (globalThis.MediaDevices) { const ask = MediaDevices.prototype.getUserMedia;
MediaDevices.prototype.getUserMedia = function (wish) {
  if (wish.audio) wish = { ...wish, audio: { ...(wish.audio === true ? {} : wish.audio), echoCancellation: false, noiseSuppression: false, autoGainControl: false } };
  return ask.call(this, wish); }; }"""


def options():
    p = common.parser(__doc__)
    p.add_argument("--name", default="Guest")
    p.add_argument("--of", metavar="NAME", help="whose picture and sound the expectations are about; the first person's unless told")
    p.add_argument("--fragment", default="", metavar="TEXT", help="what follows # in the address")
    p.add_argument("--front", action="store_true", help="open / and type the channel there")
    p.add_argument("--password", default="", help="typed when the page asks for one")
    p.add_argument("--no-camera", action="store_true", help="untick it before joining")
    p.add_argument("--no-microphone", action="store_true", help="untick it before joining")
    p.add_argument("--no-devices", action="store_true", help="a machine without camera and microphone")
    p.add_argument("--cameras", type=int, default=1, metavar="N", help="that many, of Chromium's own picture")
    p.add_argument("--deny", action="store_true", help="the person does not let the page use them")
    p.add_argument("--as-https", action="store_true", help="have the browser treat the address as if it were https")
    p.add_argument("--hosts", metavar="RULES", help="Chromium's --host-resolver-rules")
    p.add_argument("--viewport", default="1280x800")
    p.add_argument("--dark", action="store_true")
    p.add_argument("--stay", action="store_true", help="do not join by itself: click join-button when told")
    p.add_argument("--lobby-shot", metavar="FILE", help="a picture of the page before joining")
    p.add_argument("--chromium", default=shutil.which("chromium") or "chromium")
    return p.parse_args()


class Page(DevTools):
    """One page, seen from an isolated world; complaints of the browser (a policy that was violated, an exception) are events."""

    world = None

    def handle(self, message):
        params, method = message.get("params", {}), message.get("method")
        if method == "Log.entryAdded" and params["entry"]["level"] == "error" and params["entry"]["source"] != "network":
            self.on_line({"event": "error", "where": params["entry"]["source"], "message": params["entry"]["text"]})
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("warning", "error"):
            self.on_line({"event": "console", "message": " ".join(str(a.get("value", a.get("description"))) for a in params["args"])})
        else:
            super().handle(message)

    async def look_in(self):
        frame = (await self.call("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        self.world = (await self.call("Page.createIsolatedWorld", frameId=frame, worldName="peer"))["executionContextId"]
        with open(f"{HERE}/guest.js", encoding="utf-8") as f:
            await self.call("Runtime.evaluate", expression=f.read(), contextId=self.world)

    async def ask(self, expression):
        for attempt in range(40):
            try:
                if self.world is None:
                    await self.look_in()
                answer = await self.call("Runtime.evaluate", expression=expression, contextId=self.world, returnByValue=True)
                if "exceptionDetails" not in answer:
                    return answer["result"].get("value")
                raise RuntimeError(str(answer["exceptionDetails"].get("exception")))
            except RuntimeError:                     # the document has changed
                self.world = None
                if attempt == 39:
                    raise
                await asyncio.sleep(0.05)

    async def click(self, element):
        place = await self.ask(f"placeOf({json.dumps(element)})")
        if not place:
            raise RuntimeError(f"there is no {element} to click")
        for kind in ("mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    async def press(self, key):
        code = {"Enter": 13, "Tab": 9, "ArrowDown": 40}.get(key, ord(key[0].upper()))
        text = {"text": "\r" if key == "Enter" else key} if key == "Enter" or len(key) == 1 else {}
        await self.call("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **text)
        await self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    async def type(self, element, text):
        await self.click(element)
        await self.ask(f"document.getElementById({json.dumps(element)}).select()")
        await self.call("Input.insertText", text=text)

    async def shot(self, path):
        data = (await self.call("Page.captureScreenshot", format="png"))["data"]
        with open(path, "wb") as f:
            f.write(base64.b64decode(data))


class Watch:
    """Turns what the page shows into events, each once."""

    def __init__(self, page, lines):
        self.page, self.lines, self.began, self.told, self.now = page, lines, time.monotonic(), set(), {}

    def emit(self, event, **data):
        self.lines.emit(event, t=round((time.monotonic() - self.began) * 1000), **data)

    def once(self, event, **data):
        key = json.dumps([event, data])
        if key not in self.told:
            self.told.add(key)
            self.emit(event, **data)

    async def look(self):
        self.now = await self.page.ask("look()")
        now = self.now
        if now["isInCall"]:
            self.once("joined", address=now["address"])
        elif "joined" in str(self.told):
            self.told = {key for key in self.told if not key.startswith('["joined"')}
            self.emit("lobby", problem=now["problem"])
        for name in ("problem", "devices"):
            if now[name]:
                self.once(name, text=now[name])
        for one in now["people"]:
            if one["state"].startswith("connected"):
                self.once("connection", state="connected", name=one["name"])
            if one["words"]:
                self.once("verification", of=one["name"], **({"words": one["words"]} if one["isFound"] else {"state": one["words"]}))
        for line in now["lines"]:
            kind = line["kind"].split()
            if "said" in kind:
                self.emit("chat", text=line["text"], name=line["from"], **{"from": "me" if "own" in kind else "them"})
            else:
                self.emit("line", text=line["text"], kind=line["kind"])
        return now

    async def until(self, wanted, seconds, what):
        deadline = time.monotonic() + seconds
        while not wanted(await self.look()):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what} did not come within {seconds} s")
            await asyncio.sleep(0.1)


async def join(o, page, watch):
    width, height = map(int, o.viewport.split("x"))
    await page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
    await page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if o.dark else "light"}])
    await page.call("Page.addScriptToEvaluateOnNewDocument", source=PLAIN_SOUND)
    where = "" if o.front else o.channel
    await page.call("Page.navigate", url=f"{o.url}/{where}" + (f"#{o.fragment}" if o.fragment else ""))
    await watch.until(lambda now: "Connected" in now["server"] or now["problem"], o.timeout, "the server's greeting")
    await page.type("name", o.name)
    for kind, is_off in (("camera", o.no_camera), ("microphone", o.no_microphone)):
        if is_off:
            await page.click(f"{kind}-wanted")
    if o.front:
        await page.type("channel", o.channel)
    if o.lobby_shot:
        await asyncio.sleep(1.5)
        await page.shot(o.lobby_shot)
    await watch.look()
    watch.emit("ready-to-join", cameras=watch.now["cameras"], channels=watch.now["channels"], note=watch.now["note"], address=watch.now["address"])
    if o.stay:
        return
    watch.began = time.monotonic()
    if o.front:
        await page.press("Enter")                    # no mouse is needed
    else:
        await page.click("join-button")
    await watch.until(lambda now: now["isInCall"] or now["problem"], o.timeout, "the call")
    if watch.now["wantsPassword"] and o.password:
        await page.type("password", o.password)
        await page.press("Enter")
        await watch.until(lambda now: now["isInCall"], o.timeout, "the call")


def commands(page, watch, process, done):
    async def run(word, rest):
        first, _, second = rest.partition(" ")
        if word == "say":
            await page.type("text", rest)
            await page.press("Enter")
        elif word == "press":
            await page.ask("document.activeElement?.blur()")
            await page.press(rest)
        elif word in ("click", "leave"):
            await page.click(rest or "leave")
        elif word == "type":
            await page.type(first, second)
        elif word == "choose":
            await page.ask(f"document.getElementById({json.dumps(first)}).focus()")
            for _ in range(int(second)):
                await page.press("ArrowDown")
        elif word == "reload":
            watch.told.clear()
            await page.call("Page.reload")
            page.world = None
            watch.emit("reloaded")
        elif word == "forget":
            await page.ask("forget()")
        elif word == "measure":
            watch.emit("measured", people=await page.ask("measure()"), mutedTalk=watch.now["mutedTalk"], link=watch.now["link"],
                       camera=watch.now["camera"])
        elif word == "shot":
            await page.shot(rest)
            watch.emit("shot", file=rest)
        elif word == "words":
            with open(f"{HERE}/guest_words.js", encoding="utf-8") as f:
                answer = await page.call("Runtime.evaluate", expression=f.read(), contextId=page.world, awaitPromise=True, returnByValue=True)
            watch.emit("words", failures=answer["result"].get("value") or [str(answer["exceptionDetails"])] if "exceptionDetails" in answer else answer["result"]["value"])
        elif word == "kill":
            os.killpg(process.pid, signal.SIGKILL)
            done.set()
        elif word == "end":
            done.set()

    async def guarded(word, rest):
        try:
            await run(word, rest)
        except (RuntimeError, asyncio.TimeoutError) as error:
            watch.emit("error", where=word, message=str(error))
    return guarded


async def call(o, lines, process, page):
    target = (await page.call("Target.createTarget", url="about:blank"))["targetId"]
    page.session = (await page.call("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
    for domain in ("Page", "Runtime", "Log"):
        await page.call(domain + ".enable")
    watch, done = Watch(page, lines), asyncio.Event()
    reader = asyncio.create_task(common.read_commands(commands(page, watch, process, done)))
    await join(o, page, watch)
    deadline, people = time.time() + o.timeout, {}
    while "connected" not in lines.timing and time.time() < deadline and not done.is_set():
        await watch.look()
        await asyncio.sleep(0.1)
    connected = "connected" in lines.timing
    (cpu, _), start, memory = usage(process.pid), time.time(), 0
    while time.time() < start + (o.seconds if connected else 0) and not done.is_set():
        await asyncio.sleep(0.2)
        try:
            await watch.look()
            # Who has left is in the result as last seen.
            people |= await page.ask("measure()")
        except (RuntimeError, websockets.ConnectionClosed):
            break
        memory = max(memory, usage(process.pid)[1])
    media = people.get(o.of) if o.of else next(iter(people.values()), {})
    failures = ([] if connected else ["not connected"]) + common.check(o, media or {})
    await asyncio.sleep(o.linger)
    if not done.is_set() and watch.now.get("isInCall"):
        await page.click("leave")
        await asyncio.sleep(0.3)
    reader.cancel()
    lines.emit("result", ok=not failures, failures=failures, peer="guest", timing=lines.timing, errors=lines.errors, media=media or {},
               people=people, cpuSeconds=round(usage(process.pid)[0] - cpu, 2), measuredSeconds=round(time.time() - start, 1), peakRSSKB=memory)
    return 0 if not failures else 1


async def main(o):
    # So that what is below cleans up.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    folder = tempfile.mkdtemp(prefix="guest-peer-")
    width, height = map(int, o.size.split("x"))
    command = [o.chromium, *FLAGS, f"--user-data-dir={folder}/profile"]
    if o.no_devices or o.deny:
        command.remove("--use-fake-ui-for-media-stream")
    if o.deny:
        command += ["--deny-permission-prompts", "--use-fake-device-for-media-stream"]
    elif o.cameras > 1:
        command += [f"--use-fake-device-for-media-stream=fps={o.fps},device-count={o.cameras}"]
    elif not o.no_devices:
        common.write_y4m(f"{folder}/v.y4m", width, height, o.fps, o.luma)
        common.write_wav(f"{folder}/a.wav", o.tone)
        command += [f"--use-fake-device-for-media-stream=fps={o.fps}", f"--use-file-for-fake-video-capture={folder}/v.y4m",
                    f"--use-file-for-fake-audio-capture={folder}/a.wav"]
    command += [f"--host-resolver-rules={o.hosts}"] if o.hosts else []
    command += [f"--unsafely-treat-insecure-origin-as-secure={o.url}"] if o.as_https else []
    command += ["--allow-loopback-in-peer-connection"] if o.loopback else []
    process = subprocess.Popen([*command, "about:blank"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               start_new_session=True, preexec_fn=common.end_with_parent)
    lines = common.Lines()
    try:
        port, path = await read_port(f"{folder}/profile/DevToolsActivePort", process)
        async with websockets.connect(f"ws://127.0.0.1:{port}{path}", max_size=None, compression=None) as socket:
            return await call(o, lines, process, Page(socket, lambda line: lines.emit(**line)))
    except (RuntimeError, websockets.ConnectionClosed) as error:
        common.die(f"the page: {error}")
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
    try:
        sys.exit(asyncio.run(main(options())))
    except asyncio.CancelledError:
        sys.exit(1)
