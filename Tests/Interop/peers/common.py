"""What the Chromium and the aiortc peer share: options, JSON lines, the test picture with its timecode, and the judgement.

A peer prints one JSON object a line: "event" and "t" (ms since its join was sent), and last {"event": "result", "ok", "failures",
"timing", "media", "transport", "cpuSeconds", …}. Exit status: 0 all that was expected holds, 1 it does not, 2 the peer could not run.
On standard input it takes the lines `say TEXT` (on the data channel labelled chat; what comes there is the event "chat") and, Chromium
only, `restart` (an ICE restart).
"""
import argparse
import asyncio
import ctypes
import json
import math
import signal
import struct
import sys
import time
import wave

import numpy as np

BITS = 32                                   # of the timecode: 24 of the clock in ms, 8 of a checksum
BLOCK_HEIGHT = 16


def parser(doc):
    p = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--url", default="http://127.0.0.1:6125", help="signaling server")
    p.add_argument("--channel", required=True)
    p.add_argument("--seconds", type=float, default=10, help="how long to measure after connecting")
    p.add_argument("--timeout", type=float, default=30, help="give up when not connected by then")
    p.add_argument("--linger", type=float, default=0, help="stay this much longer after measuring")
    p.add_argument("--size", default="640x480")
    p.add_argument("--fps", type=int, default=30)
    p.add_argument("--bitrate", type=int, default=1000, help="kbit/s of the video sent, where the peer can be told")
    p.add_argument("--tone", type=float, default=440, help="Hz of the tone sent")
    p.add_argument("--luma", type=int, default=96, help="mean luma of the picture sent, 16-235")
    p.add_argument("--ice-server", metavar="URL", help="stun:HOST:PORT or turn:HOST:PORT?transport=udp|tcp")
    p.add_argument("--ice-user", default="", help="for a TURN server")
    p.add_argument("--ice-password", default="")
    p.add_argument("--relay-only", action="store_true", help="no path but through the TURN server")
    p.add_argument("--chat", action="store_true", help="open a data channel labelled chat when calling; without it, only take what is opened")
    p.add_argument("--loopback", action="store_true", help="use 127.0.0.1 too, for a machine without a network")
    p.add_argument("--expect-frames", type=int, metavar="N", help="at least N frames received")
    p.add_argument("--expect-distinct", type=int, metavar="N", help="at least N different pictures received")
    p.add_argument("--expect-luma", metavar="LO:HI", help="mean luma of the last picture, 0-255")
    p.add_argument("--expect-tone", type=float, metavar="HZ", help="loudest frequency within --tone-tolerance")
    p.add_argument("--tone-tolerance", type=float, default=0.03, metavar="PART", help="of the frequency expected")
    return p


class Lines:
    """Prints events, and remembers when each milestone was reached first."""

    def __init__(self):
        self.timing, self.errors = {}, []

    def emit(self, event, **data):
        line = {"event": event, **data}
        key = "connected" if event == "connection" and data.get("state") == "connected" else event
        if key in ("ready", "connected", "first-frame") and key not in self.timing:
            self.timing[key] = line.get("t", 0)
        if event == "error":
            self.errors.append(line)
        print(json.dumps(line, ensure_ascii=False), flush=True)


async def read_commands(handle):
    """Each line of standard input, `say TEXT` or `restart`, is given to `handle(word, rest)` until the input ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        word, _, rest = line.decode(errors="replace").strip().partition(" ")
        if word:
            await handle(word, rest)


def check(options, media):
    """What does not hold of what was expected, as sentences."""
    bad = []
    if options.expect_frames is not None and media.get("frames", 0) < options.expect_frames:
        bad.append(f"{media.get('frames', 0)} frames, not {options.expect_frames}")
    if options.expect_distinct is not None and media.get("distinct", 0) < options.expect_distinct:
        bad.append(f"{media.get('distinct', 0)} different pictures, not {options.expect_distinct}")
    if options.expect_luma:
        low, high = map(float, options.expect_luma.split(":"))
        if not low <= media.get("luma", -1) <= high:
            bad.append(f"luma {media.get('luma')} not in {options.expect_luma}")
    if options.expect_tone is not None:
        heard = media.get("toneHz", 0)
        if abs(heard - options.expect_tone) > options.tone_tolerance * options.expect_tone or media.get("rms", 0) < 0.01:
            bad.append(f"heard {heard} Hz at rms {media.get('rms')}, not {options.expect_tone} Hz")
    return bad


def picture(width, height, luma, number):
    """Picture `number` as Y, U and V: a flat field with a bright bar moving right and a dark one moving down."""
    y = np.full((height, width), luma, np.uint8)
    left, top = number * 8 % width, number * 4 % height
    y[:, left:left + width // 16] = min(235, luma + 60)
    y[top:top + height // 16, :] = max(16, luma - 60)
    chroma = ((height + 1) // 2, (width + 1) // 2)
    return y, np.full(chroma, 90, np.uint8), np.full(chroma, 160, np.uint8)


def now_ms():
    return time.time_ns() // 1_000_000


def code_bits(milliseconds):
    value = milliseconds & 0xFFFFFF
    check_byte = (value ^ value >> 8 ^ value >> 16 ^ 0xA5) & 0xFF
    word = value << 8 | check_byte
    return [word >> (BITS - 1 - i) & 1 for i in range(BITS)]


def draw_timecode(y):
    """The clock as white and black blocks along the top edge."""
    block = y.shape[1] // BITS
    row = np.repeat(np.where(code_bits(now_ms()), 235, 16).astype(np.uint8), block)
    y[:BLOCK_HEIGHT, :len(row)] = row


def read_latency(y):
    """Milliseconds since the timecode in a received picture was drawn; None when it cannot be read."""
    block = y.shape[1] // BITS
    if block < 4 or y.shape[0] < BLOCK_HEIGHT:
        return None
    area = y[4:BLOCK_HEIGHT - 4, :block * BITS].reshape(BLOCK_HEIGHT - 8, BITS, block)[:, :, block // 4: block - block // 4]
    word = int("".join("1" if v > 126 else "0" for v in area.mean(axis=(0, 2))), 2)
    value = word >> 8
    if (value ^ value >> 8 ^ value >> 16 ^ 0xA5) & 0xFF != word & 0xFF:
        return None
    age = (now_ms() - value) & 0xFFFFFF
    return age if age < 10_000 else None


def percentiles(samples):
    """p50 and p95 of the later half: by then the buffers have settled."""
    settled = sorted(samples[len(samples) // 2:])
    if not settled:
        return None
    return {"p50": settled[len(settled) // 2], "p95": settled[min(len(settled) - 1, len(settled) * 95 // 100)]}


def write_wav(path, hz, rate=48000):
    """Two seconds of a tone in whole periods, so that it loops without a click."""
    count = round(round(2 * hz) / hz * rate)
    with wave.open(path, "wb") as w:
        w.setnchannels(1)
        w.setsampwidth(2)
        w.setframerate(rate)
        w.writeframes(b"".join(struct.pack("<h", round(16000 * math.sin(2 * math.pi * hz * i / rate))) for i in range(count)))


def write_y4m(path, width, height, fps, luma, frames=120):
    with open(path, "wb") as f:
        f.write(f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(frames):
            f.write(b"FRAME\n" + b"".join(plane.tobytes() for plane in picture(width, height, luma, number)))


def end_with_parent():
    """For preexec_fn: a browser must not outlive the peer that started it, however that ends (prctl PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def die(message):
    print(json.dumps({"event": "result", "ok": False, "failures": [message]}), flush=True)
    sys.exit(2)
