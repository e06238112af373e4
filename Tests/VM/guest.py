#!/usr/bin/env python3
"""guest.py - what run.py runs in the virtual machine: two tchats in one call, one with the machine's camera and sound card.

usage: guest.py FOLDER
  `near` films /dev/video0 and listens to the card, into which aplay plays 440 Hz; what it hears it plays into the card, where arecord listens.
  `far` has the test picture and 880 Hz.
Judged: far's recording shows vivid's colour bars, moving, at 320x180, and has 440 Hz; arecord has 880 Hz.
"""
import os
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Interop"))
import numpy as np

import judge
from processes import TCHAT, CaseFailure, Process, start_server

SECONDS = 12
SIZE = [320, 180]
# Luma of the eight 75 % colour bars in limited range, BT.601: white, yellow, cyan, green, magenta, red, blue, black.
COLOUR_BARS = [180, 162, 131, 112, 84, 65, 35, 16]
# The emulated processor is up to thirty times slower than a real one.
PATIENCE = 90
# snd-aloop: what is played at device 0 is heard at device 1, subdevice by subdevice.
TONE_INTO, TONE_OUT = "plughw:Loopback,0,0", "hw:Loopback,1,0"
PLAYED_INTO, PLAYED_OUT = "hw:Loopback,0,1", "plughw:Loopback,1,1"


def write_tone(path, hz, seconds, rate=48000):
    import wave
    with wave.open(str(path), "wb") as w:
        w.setnchannels(1)
        w.setsampwidth(2)
        w.setframerate(rate)
        w.writeframes((12000 * np.sin(2 * np.pi * hz * np.arange(rate * seconds) / rate)).astype("<i2").tobytes())


def start_tchat(name, folder, url, seconds, options):
    command = [TCHAT, "vm", "--server", url, "--headless", "--size", "320x180", "--fps", "15", "--bitrate", "300", "--ice-server", "none",
               "--loopback", "--seconds", seconds, "--timeout", PATIENCE, "--json", "--video-out", folder / f"{name}.y4m",
               "--audio-out", folder / f"{name}.wav", *options]
    return Process(name, command, folder)


def call(folder):
    url = start_server("serve", folder)
    write_tone("/tmp/tone.wav", 440, 4 * PATIENCE)
    tone = Process("aplay", ["aplay", "-q", "-D", TONE_INTO, "/tmp/tone.wav"], folder)
    near = start_tchat("near", folder, url, SECONDS + 3, ["--camera", "/dev/video0", "--mic", TONE_OUT, "--speaker", PLAYED_INTO])
    near.wait_for(("joined",), PATIENCE)
    far = start_tchat("far", folder, url, SECONDS, ["--camera", "test", "--mic", "test", "--tone", 880])
    for side in (near, far):
        side.wait_for(("first-frame",), PATIENCE)
    if tone.child.poll() is not None:
        raise CaseFailure(f"aplay ended early{tone.complaint()}")
    # From here on tchat plays; the first sounds may still be the jitter buffer settling.
    time.sleep(2)
    recorder = Process("arecord", ["arecord", "-q", "-D", PLAYED_OUT, "-f", "S16_LE", "-r", "48000", "-c", "1", "-d", "6", folder / "played.wav"],
                       folder)
    recorder.expect_success(PATIENCE)
    far.expect_success(PATIENCE)
    near.expect_success(PATIENCE)


def judge_picture(folder):
    seen = judge.video(folder / "far.y4m")
    if seen["size"] != SIZE:
        raise CaseFailure(f"the picture is {seen['size']}, not {SIZE}")
    if seen["frames"] < SECONDS * 5 or seen["distinct"] < SECONDS * 3:
        raise CaseFailure(f"{seen['frames']} frames, {seen['distinct']} of them different, in {SECONDS} s")
    *_, (width, height, luma) = judge.y4m_frames(folder / "far.y4m")
    # Below the text that vivid writes over its bars.
    strip = luma[height * 85 // 100:height * 98 // 100]
    bars = [float(strip[:, width * i // 8 + 8:width * (i + 1) // 8 - 8].mean()) for i in range(8)]
    if any(abs(found - expected) > 12 for found, expected in zip(bars, COLOUR_BARS)):
        raise CaseFailure(f"the picture has bars of luma {[round(bar) for bar in bars]}, not vivid's {COLOUR_BARS}")
    return f"{seen['frames']} frames of vivid's bars, {seen['distinct']} different"


def judge_sound(path, hz):
    heard = judge.audio(str(path))
    if not judge.is_tone(heard, hz):
        raise CaseFailure(f"{path.name} has {heard['toneHz']} Hz at rms {heard['rms']}, not {hz} Hz")
    return f"{heard['toneHz']:.0f} Hz at rms {heard['rms']}"


def devices(folder):
    """`tchat devices` names both."""
    shown = subprocess.run([TCHAT, "devices"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False).stdout
    (folder / "devices.txt").write_text(shown)
    if "/dev/video0" not in shown or "Loopback" not in shown:
        raise CaseFailure("`tchat devices` does not name the camera and the sound card")
    return "names the camera and the card"


def main():
    folder = Path(sys.argv[1])
    steps = [("tchat devices", lambda: devices(folder)), ("call", lambda: call(folder) or "took place"),
             ("camera to the other side", lambda: judge_picture(folder)), ("microphone to the other side", lambda: judge_sound(folder / "far.wav", 440)),
             ("other side to the speaker", lambda: judge_sound(folder / "played.wav", 880))]
    failed = 0
    for name, step in steps:
        try:
            print(f"ok   {name:30} {step()}", flush=True)
        except (CaseFailure, judge.Unreadable, OSError, subprocess.TimeoutExpired) as failure:
            failed += 1
            print(f"FAIL {name:30} {failure}", flush=True)
    Process.end_all()
    for recording in folder.glob("*.y4m") if not failed else []:
        os.unlink(recording)
    print(f"{len(steps) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
