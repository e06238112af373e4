#!/usr/bin/env python3
"""judge.py - what a .y4m and a .wav really hold, said by a program that did not write them.

As a program: judge.py FILE.y4m|FILE.wav ... prints one JSON line for each file; exit status 2 when one cannot be read.
"""
import hashlib
import json
import sys
import wave

import numpy as np


class Unreadable(Exception):
    pass


def y4m_frames(path):
    """Yields (width, height, luma plane) of each whole frame."""
    with open(path, "rb") as f:
        head = f.readline().decode("ascii", "replace").split()
        if not head or head[0] != "YUV4MPEG2":
            raise Unreadable(f"{path} is no YUV4MPEG2 file")
        try:
            width, height = (int(next(word[1:] for word in head if word[0] == key)) for key in "WH")
        except (StopIteration, ValueError):
            raise Unreadable(f"{path} has no size in its header") from None
        chroma = 2 * ((width + 1) // 2) * ((height + 1) // 2)
        while f.readline().startswith(b"FRAME"):
            data = f.read(width * height + chroma)
            if len(data) < width * height + chroma:
                return
            yield width, height, np.frombuffer(data, np.uint8, width * height).reshape(height, width)


def video(path):
    """frames, distinct (different pictures), luma (mean of the last one, 0-255) and size."""
    seen, count, last = set(), 0, None
    for width, height, luma in y4m_frames(path):
        count, last = count + 1, luma
        seen.add(hashlib.blake2b(luma.tobytes()[::7], digest_size=8).digest())
    mean = (float(last.mean()) - 16) * 255 / 219 if last is not None else 0.0
    size = [last.shape[1], last.shape[0]] if last is not None else None
    return {"frames": count, "distinct": len(seen), "luma": round(mean, 1), "size": size}


def samples(path):
    """(rate, first channel as floats in -1 ... 1)."""
    try:
        with wave.open(path) as f:
            rate, channels = f.getframerate(), f.getnchannels()
            data = f.readframes(f.getnframes())
    except (EOFError, wave.Error) as error:
        raise Unreadable(f"{path} is no readable WAV file: {error}") from None
    return rate, np.frombuffer(data[:len(data) // 2 * 2], "<i2").astype(float)[::channels] / 32768


def tone(part, rate):
    """The loudest frequency and the root mean square of some samples."""
    if len(part) < rate // 10:
        return {"toneHz": 0.0, "rms": 0.0}
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part))))
    return {"toneHz": round(float(spectrum.argmax() * rate / len(part)), 1), "rms": round(float(np.sqrt((part ** 2).mean())), 4)}


def audio(path):
    """toneHz and rms of the middle half, seconds and peak of all."""
    rate, all_samples = samples(path)
    middle = all_samples[len(all_samples) // 4: len(all_samples) * 3 // 4]
    peak = float(np.abs(all_samples).max()) if len(all_samples) else 0.0
    return {**tone(middle, rate), "seconds": round(len(all_samples) / rate, 2), "peak": round(peak, 4)}


def is_tone(found, hz):
    return abs(found["toneHz"] - hz) <= 0.03 * hz and found["rms"] >= 0.01


if __name__ == "__main__":
    for name in sys.argv[1:]:
        try:
            print(json.dumps({"file": name, **(audio(name) if name.endswith(".wav") else video(name))}))
        except (OSError, Unreadable) as error:
            print(json.dumps({"file": name, "error": str(error)}))
            sys.exit(2)
