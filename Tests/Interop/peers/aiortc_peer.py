#!/usr/bin/env python3
"""aiortc_peer.py - a Python WebRTC peer (aiortc) that joins a channel as the browser client does, sends a moving picture (VP8) and a
tone (Opus), and says what it receives. See common.py for its output.

It sends no candidates of its own by trickle, all are in its description; it takes trickled ones. It speaks DTLS 1.2 only.
"""
import asyncio
import fractions
import math
import sys
import time

import aioice.ice
import av
import numpy as np
import socketio
from aiortc import RTCConfiguration, RTCIceServer, RTCIceTransportPolicy, RTCPeerConnection, RTCSessionDescription
from aiortc.codecs import vpx
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.sdp import candidate_from_sdp

import common


class Camera(MediaStreamTrack):
    kind = "video"

    def __init__(self, width, height, fps, luma):
        super().__init__()
        self.fps, self.number, self.start = fps, 0, None
        self.pictures = [common.picture(width, height, luma, n) for n in range(60)]

    async def recv(self):
        self.start = self.start or time.time()
        await asyncio.sleep(max(0, self.start + self.number / self.fps - time.time()))
        y, u, v = self.pictures[self.number % len(self.pictures)]
        height, width = y.shape
        whole = np.concatenate([y.ravel(), u.ravel(), v.ravel()]).reshape(height * 3 // 2, width)
        common.draw_timecode(whole)
        frame = av.VideoFrame.from_ndarray(whole, format="yuv420p")
        frame.pts, frame.time_base = self.number * 90000 // self.fps, fractions.Fraction(1, 90000)
        self.number += 1
        return frame


class Microphone(MediaStreamTrack):
    kind = "audio"

    def __init__(self, hz):
        super().__init__()
        self.hz, self.sent, self.start = hz, 0, None

    async def recv(self):
        self.start = self.start or time.time()
        await asyncio.sleep(max(0, self.start + self.sent / 48000 - time.time()))
        at = (self.sent + np.arange(960)) / 48000
        samples = (16000 * np.sin(2 * math.pi * self.hz * at)).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48000, self.sent, fractions.Fraction(1, 48000)
        self.sent += 960
        return frame


class Received:
    """Measures what arrives."""

    def __init__(self, first_frame):
        self.first_frame, self.frames, self.hashes, self.luma, self.latencies = first_frame, 0, set(), None, []
        self.first, self.last, self.freezes, self.long_freezes, self.longest_gap = None, None, 0, 0, 0.0
        self.sound, self.sound_from, self.sound_to = 0, None, None
        self.samples, self.rate, self.heard = np.zeros(8192, np.float32), 48000, False

    async def video(self, track):
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            now, plane = time.time(), frame.planes[0]
            y = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:frame.height, :frame.width]
            latency = common.read_latency(y)
            if latency is not None:
                self.latencies.append(latency)
            small = y[::8, ::8]
            self.luma = round((float(small.mean()) - 16) * 255 / 219, 1)
            self.hashes.add(hash(small.tobytes()))
            gap = now - self.last if self.last else 0
            self.freezes += gap > 0.25
            self.long_freezes += gap > 0.5
            self.longest_gap = max(self.longest_gap, gap)
            self.first, self.last, self.frames = self.first or now, now, self.frames + 1
            if self.frames == 1:
                self.first_frame(frame.width, frame.height)

    async def audio(self, track):
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            mono = frame.to_ndarray().reshape(-1)[::len(frame.layout.channels)].astype(np.float32) / 32768
            self.sound_to = time.time()
            if self.sound_from is None:
                self.sound_from = self.sound_to
            else:
                self.sound += len(mono) / frame.sample_rate
            self.samples, self.rate, self.heard = np.concatenate([self.samples, mono])[-8192:], frame.sample_rate, True

    def media(self):
        found = {"frames": self.frames, "distinct": len(self.hashes), "freezes": self.freezes, "latencyMs": common.percentiles(self.latencies)}
        if self.frames > 1 and self.last > self.first:
            found["fps"] = round((self.frames - 1) / (self.last - self.first), 2)
        if self.luma is not None:
            found["luma"] = self.luma
        found |= {"longFreezes": self.long_freezes, "longestGapMs": round(self.longest_gap * 1000)}
        if self.heard and self.sound_to > self.sound_from:
            # It conceals nothing: what did not come is simply not played.
            found["missingSoundPercent"] = round(max(0.0, 1 - self.sound / (self.sound_to - self.sound_from)) * 100, 2)
        if self.heard:
            spectrum = np.abs(np.fft.rfft(self.samples * np.blackman(8192)))
            found["rms"] = round(float(np.sqrt((self.samples ** 2).mean())), 4)
            found["toneHz"] = round(float((1 + spectrum[1:].argmax()) * self.rate / 8192), 1)
        return found


class Peer:
    def __init__(self, options):
        self.options, self.lines, self.joined_at = options, common.Lines(), time.time()
        self.is_first = self.is_ready = False
        self.connection, self.chat, self.ended = None, None, asyncio.Event()
        self.received = Received(lambda w, h: self.report("first-frame", width=w, height=h))
        self.socket, self.inbox, self.tasks = socketio.AsyncClient(reconnection=False), asyncio.Queue(), []

    def report(self, event, **data):
        self.lines.emit(event, t=round((time.time() - self.joined_at) * 1000), **data)

    async def join(self):
        on = self.socket.on

        async def welcome(sid):
            self.joined_at = time.time()
            self.report("joining", id=sid)
            await self.socket.emit("create or join", self.options.channel)

        def message(_):                                      # who is alone gets a message before "ready"
            if not self.is_ready:
                self.is_first = True
                self.report("waiting")

        def gone(*_):
            self.report("remote-left")
            self.ended.set()

        on("connect success", welcome)
        on("message", message)
        on("channel join failed", lambda text: self.report("join-failed", text=text))
        on("wait", gone)
        on("closeConnection", gone)
        for name in ("ready", "handshake", "icecandidate"):  # one at a time, in their order
            on(name, lambda payload, name=name: self.inbox.put_nowait((name, payload)))
        self.tasks.append(asyncio.create_task(self.serve_inbox()))
        await self.socket.connect(self.options.url)

    async def serve_inbox(self):
        while True:
            name, payload = await self.inbox.get()
            try:
                await getattr(self, "on_" + name)(payload)
            except Exception as error:
                self.report("error", where=name, message=repr(error))

    async def on_ready(self, _):
        self.is_ready = True
        self.report("ready", caller=self.is_first)
        o = self.options
        servers = [RTCIceServer(o.ice_server, o.ice_user, o.ice_password)] if o.ice_server else []
        policy = RTCIceTransportPolicy.RELAY if o.relay_only else RTCIceTransportPolicy.ALL
        connection = self.connection = RTCPeerConnection(RTCConfiguration(iceServers=servers, iceTransportPolicy=policy))
        connection.on("datachannel", self.use_channel)
        connection.on("connectionstatechange", lambda: self.report("connection", state=connection.connectionState))
        connection.on("track", lambda track: self.tasks.append(asyncio.create_task(getattr(self.received, track.kind)(track))))
        if self.is_first:
            self.add_media(("audio", "video"))
            if o.chat:
                self.use_channel(connection.createDataChannel("chat"))
            await connection.setLocalDescription(await connection.createOffer())
            await self.send_description("offer")

    def use_channel(self, channel):
        """tchat's chat, and whatever else it opens. Everything heard is reported."""
        def opened():
            self.report("channel-open", label=channel.label, ordered=channel.ordered)

        if channel.label == "chat":
            self.chat = channel
        channel.on("message", lambda text: self.report("chat" if channel.label == "chat" else "channel-message", label=channel.label, text=str(text)))
        if channel.readyState == "open":
            opened()
        else:
            channel.on("open", opened)

    async def command(self, word, rest):
        if word != "say":
            return
        if self.chat and self.chat.readyState == "open":
            self.chat.send(rest)
        else:
            self.report("error", where="say", message="no open channel")

    def transport(self):
        """The two ends of the path."""
        for transceiver in self.connection.getTransceivers() if self.connection else ():
            transport = transceiver.receiver.transport
            pair = getattr(transport.transport._connection, "_nominated", {}).get(1) if transport else None
            if pair:
                return {"pair": {"local": pair.local_candidate.type, "remote": pair.remote_candidate.type}}
        return {}

    def add_media(self, kinds):
        width, height = map(int, self.options.size.split("x"))
        if "audio" in kinds:
            self.connection.addTrack(Microphone(self.options.tone))
        if "video" in kinds:
            self.connection.addTrack(Camera(width, height, self.options.fps, self.options.luma))

    async def send_description(self, key):
        local = self.connection.localDescription
        await self.socket.emit("handshake", {"channel": self.options.channel, key: {"type": local.type, "sdp": local.sdp}})

    async def on_handshake(self, payload):
        description = payload.get("offer") or payload.get("answer")
        if payload.get("offer"):                             # it cannot answer with a track that has no m-line
            self.add_media([kind for kind in ("audio", "video") if f"m={kind} " in description["sdp"]])
        await self.connection.setRemoteDescription(RTCSessionDescription(sdp=description["sdp"], type=description["type"]))
        if payload.get("offer"):
            await self.connection.setLocalDescription(await self.connection.createAnswer())
            await self.send_description("answer")

    async def on_icecandidate(self, payload):
        given = payload.get("candidate")
        if not given or not given.get("candidate"):
            return
        candidate = candidate_from_sdp(given["candidate"].split(":", 1)[1])
        candidate.sdpMid, candidate.sdpMLineIndex = given.get("sdpMid"), given.get("sdpMLineIndex")
        await self.connection.addIceCandidate(candidate)


async def main(options):
    if options.loopback:                                     # which it leaves out by itself
        aioice.ice.get_host_addresses = lambda use_ipv4=True, use_ipv6=True: ["127.0.0.1"]
    # Its encoder starts at half a megabit and is otherwise only led by REMB.
    vpx.DEFAULT_BITRATE = options.bitrate * 1000
    vpx.MAX_BITRATE = max(vpx.MAX_BITRATE, options.bitrate * 1000)
    peer = Peer(options)
    try:
        await peer.join()
    except Exception as error:
        common.die(f"no signaling at {options.url}: {error!r}")
    commands = asyncio.create_task(common.read_commands(peer.command))
    deadline = time.time() + options.timeout
    while "connected" not in peer.lines.timing and time.time() < deadline and not peer.ended.is_set():
        await asyncio.sleep(0.005)
    cpu, wall = time.process_time(), time.time()
    connected = "connected" in peer.lines.timing
    if connected:
        try:
            await asyncio.wait_for(peer.ended.wait(), options.seconds)
        except asyncio.TimeoutError:
            pass
    cpu, wall = time.process_time() - cpu, time.time() - wall
    media, transport = peer.received.media(), peer.transport()
    commands.cancel()
    failures = ([] if connected else ["not connected"]) + common.check(options, media)
    if not peer.ended.is_set():
        await asyncio.sleep(options.linger)
    for task in peer.tasks[1:]:
        task.cancel()
    await peer.socket.emit("leave", options.channel)
    await asyncio.sleep(0.2)                                 # emit only queues it
    if peer.connection:
        await peer.connection.close()
    peer.report("result", ok=not failures, failures=failures, peer="aiortc", timing=peer.lines.timing, errors=peer.lines.errors, media=media, transport=transport,
                cpuSeconds=round(cpu, 2), measuredSeconds=round(wall, 1))
    await peer.socket.disconnect()
    return 0 if not failures else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(common.parser(__doc__).parse_args())))
