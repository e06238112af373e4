"""A call on terminals that take only so many bytes a second: how old is what they show, by the timecode in the picture's cells?"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import threading
import time

import numpy as np
import psutil

import judge
from calls import fresh_channel
from processes import TCHAT, CaseFailure, Process, start_server, start_tchat

# Columns, rows, bytes a second (0: as fast as this program reads), answers questions.
CASES = [(columns, rows, rate, answers) for columns, rows in ((120, 36), (160, 48)) for rate, answers in ((50_000, True), (50_000, False), (0, True))]
MOST_LATENCY = 500
SETTLING, TONE = 8, 440
SEQUENCE = re.compile(rb"\x1b\[([?>=<]?)([0-9;:]*)([ -/]?)([@-~])|\x1b[P\]_^X].*?(?:\x07|\x1b\\)|\x1b[^\[P\]_^X]|[\r\n\x07]|[^\x1b\r\n\x07]+", re.S)
CUBE = (0, 95, 135, 175, 215, 255)


def luma(r, g, b):
    return (299 * r + 587 * g + 114 * b) // 1000


PALETTE = [0] * 16 + [luma(CUBE[i // 36], CUBE[i // 6 % 6], CUBE[i % 6]) for i in range(216)] + [8 + 10 * i for i in range(24)]


class Terminal:
    """As much of a terminal as half blocks need: the luma of each cell's halves; -1 where there is no colour."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.halves = np.full((rows * 2, columns), -1, np.int16)
        self.text = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self.foreground = self.background = -1
        self.pending, self.answers, self.frames = b"", [], 0
        # What it should have done and cannot: its picture is wrong then, and nothing that is read from it counts.
        self.unknown = set()

    def feed(self, data):
        data = self.pending + data
        # The last sequence or character may not be whole.
        cut = data.rfind(b"\x1b")
        if cut < 0 or SEQUENCE.match(data, cut):
            cut = len(data)
        for back in range(1, 4):
            if cut >= back and data[cut - back] >= 0xc0:
                length = 2 if data[cut - back] < 0xe0 else 3 if data[cut - back] < 0xf0 else 4
                cut -= back if length > back else 0
                break
            if cut >= back and data[cut - back] < 0x80:
                break
        self.pending, data = data[cut:], data[:cut]
        for match in SEQUENCE.finditer(data):
            token = match[0]
            if token[0] != 0x1b:
                self.show(token)
            elif match[4]:
                self.control(match[1], match[2], match[4])

    def show(self, token):
        if token in (b"\r", b"\n", b"\x07"):
            self.column = 0 if token == b"\r" else self.column
            self.row = min(self.rows - 1, self.row + 1) if token == b"\n" else self.row
            return
        for letter in token.decode(errors="replace"):
            if self.column >= self.columns:
                continue
            upper, lower = {"▀": (self.foreground, self.background), "▄": (self.background, self.foreground),
                            "█": (self.foreground, self.foreground)}.get(letter, (self.background, self.background))
            self.halves[self.row * 2, self.column], self.halves[self.row * 2 + 1, self.column] = upper, lower
            self.text[self.row][self.column] = letter
            self.column += 1

    def control(self, mark, parameters, final):
        if mark == b"?" and final == b"l" and parameters == b"2026":
            self.frames += 1
        if final == b"c" and not mark:
            self.answers.append(b"\x1b[?62;22c")
        elif final == b"n" and parameters == b"5":
            self.answers.append(b"\x1b[0n")
        numbers = [int(part) if part.isdigit() else 0 for part in parameters.split(b";")]
        if mark:
            return
        if final == b"m":
            self.rendition(numbers)
        elif final == b"H":
            self.row, self.column = min(self.rows, max(1, numbers[0])) - 1, min(self.columns, max(1, numbers[1] if len(numbers) > 1 else 1)) - 1
        elif final == b"E":
            self.row, self.column = min(self.rows - 1, self.row + max(1, numbers[0])), 0
        elif final == b"C":
            self.column = min(self.columns - 1, self.column + max(1, numbers[0]))
        elif final == b"J":
            self.halves[:] = -1
            self.text = [[" "] * self.columns for _ in range(self.rows)]
        elif final not in b"chlnqst":
            self.unknown.add(final)

    def rendition(self, numbers):
        numbers = numbers[::-1]
        while numbers:
            code = numbers.pop()
            if code in (38, 48):
                value = -1
                kind = numbers.pop() if numbers else 0
                if kind == 2 and len(numbers) >= 3:
                    value = luma(numbers.pop(), numbers.pop(), numbers.pop())
                elif kind == 5 and numbers:
                    value = PALETTE[numbers.pop() & 255]
                self.foreground, self.background = (value, self.background) if code == 38 else (self.foreground, value)
            elif code == 0:
                self.foreground = self.background = -1
            elif code == 39:
                self.foreground = -1
            elif code == 49:
                self.background = -1

    def shows(self, text):
        return any(text in "".join(line) for line in self.text)

    def picture(self):
        """The largest part with colours, as (top, bottom, left, right) in halves and columns; None: there is none."""
        colored = self.halves[:-2] >= 0
        rows, columns = colored.mean(1) > 0.3, colored.mean(0) > 0.5
        if rows.sum() < 20 or columns.sum() < 40:
            return None
        found, where = np.flatnonzero(rows), np.flatnonzero(columns)
        return found[0], found[-1] + 1, where[0], where[-1] + 1

    def timecode(self, area):
        """The wall clock of the picture that is shown, in ms; None: it cannot be read."""
        top, bottom, left, right = area
        height, width = bottom - top, right - left
        levels = []
        for row in (13, 14):
            y = np.clip(top + np.array([(row + 0.3) * height / 15, (row + 0.5) * height / 15, (row + 0.7) * height / 15]), top, bottom - 1).astype(int)
            for column in range(40):
                x = min(right - 1, int(left + (column + 0.5) * width / 40))
                levels.append(np.median(self.halves[y, x]))
        levels = np.array(levels)
        if levels.max() - levels.min() < 60:
            return None
        bits = (levels > (levels.max() + levels.min()) / 2).astype(int)
        word = int("".join(map(str, bits[:64])), 2)
        check = 0xffff
        for bit in range(64):
            check = (check << 1 & 0xffff) ^ (0x1021 if (check >> 15) ^ (word >> (63 - bit) & 1) else 0)
        return word & 0x3ffffffffff if check == int("".join(map(str, bits[64:])), 2) else None


class Screen:
    """tchat on a pseudo-terminal whose other end is read at a rate."""

    def __init__(self, command, columns, rows, rate, answers, env):
        self.terminal, self.rate, self.answers = Terminal(columns, rows), rate, answers
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.execve(command[0], [str(part) for part in command], {**os.environ, **env})
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.set_blocking(self.master, False)
        self.bytes, self.samples, self.area, self.read_at = 0, [], None, None
        self.is_over, self.is_stopped = threading.Event(), False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        began, allowed = time.monotonic(), 0
        next_sample, newest = began, None
        while not self.is_over.is_set():
            now = time.monotonic()
            if self.is_stopped:
                time.sleep(0.005)
                continue
            if self.rate:
                # As a line does, it takes what has come in the time that has passed, and no more when there was nothing.
                allowed = min(self.rate * 0.02, allowed + (now - began) * self.rate)
            began = now
            try:
                data = os.read(self.master, int(allowed) if self.rate else 65536) if not self.rate or allowed >= 1 else b""
            except BlockingIOError:
                data = b""
            except OSError:
                return
            allowed -= len(data)
            self.bytes += len(data)
            if data:
                self.terminal.feed(data)
                if self.answers and self.terminal.answers:
                    os.write(self.master, b"".join(self.terminal.answers))
                self.terminal.answers = []
            if now >= next_sample:
                next_sample = max(next_sample + 0.02, now)
                self.area = self.area or self.terminal.picture()
                seen = self.terminal.timecode(self.area) if self.area else None
                newest = max(newest or 0, seen) if seen else newest
                if self.area and not seen and (newest is None or now - began > 5):
                    self.area = None
                if newest:
                    self.samples.append((now, time.time() * 1000 - newest, seen is not None))
            select.select([self.master] if not self.rate else [], [], [], 0.005)

    def type(self, text):
        os.write(self.master, text.encode())

    def wait(self, what, condition, seconds=30):
        deadline = time.monotonic() + seconds
        while not condition(self):
            if time.monotonic() > deadline:
                raise CaseFailure(f"no sign of {what}:\n" + "\n".join("".join(line) for line in self.terminal.text))
            time.sleep(0.05)

    def end(self):
        try:
            os.kill(self.pid, signal.SIGTERM)
            for _ in range(100):
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    break
                time.sleep(0.05)
            else:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        except ChildProcessError:
            pass
        self.is_over.set()
        self.thread.join(5)
        os.close(self.master)


def missing_sound(path, skip, seconds):
    """The share of the 20 ms pieces in which the tone is not half as loud as it is mostly."""
    rate, samples = judge.samples(path)
    part = samples[int(skip * rate):int((skip + seconds) * rate)]
    size = rate // 50
    loud = np.sqrt((part[:len(part) // size * size].reshape(-1, size) ** 2).mean(1))
    return float((loud < np.median(loud) / 2).mean()) if len(loud) else 1.0


class Call:
    """A screen in a call with a headless tchat, whose test camera it shows."""

    def __init__(self, columns, rows, rate, answers, url, folder, seconds, options=()):
        self.name, self.folder = f"tty-{columns}-{rate}-{answers}-{seconds}", folder
        channel = fresh_channel()
        self.other = start_tchat(self.name, folder, url, channel, seconds=SETTLING + seconds + 20, timeout=60, options=("--bitrate", 1000))
        self.other.wait_for(("joined",), 30)
        env = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "TCHAT_CONFIG": "/dev/null", "LANG": "C.UTF-8",
               "XDG_STATE_HOME": f"{folder}/{self.name}.screen"}
        command = [TCHAT, channel, "--server", url, "--camera", "none", "--mic", "test", "--tone", TONE, "--speaker", "none", *options]
        self.screen = Screen(command, columns, rows, rate, answers, env)

    def settle(self):
        self.screen.wait("the picture", lambda s: len(s.samples) > 0, 40)
        self.other.wait_connected()
        time.sleep(SETTLING)

    def end(self):
        """The share of the sound that the other side missed."""
        self.screen.end()
        self.other.finish(30)

    def missing_sound(self, seconds):
        return missing_sound(f"{self.folder}/{self.name}.wav", SETTLING, seconds)


def measure(columns, rows, rate, answers, url, folder, seconds, options=()):
    call = Call(columns, rows, rate, answers, url, folder, seconds, options)
    screen = call.screen
    try:
        call.settle()
        began, before, frames = time.monotonic(), screen.bytes, screen.terminal.frames
        time.sleep(seconds)
        ended = time.monotonic()
        rate_seen, frames = (screen.bytes - before) / (ended - began), (screen.terminal.frames - frames) / (ended - began)
    finally:
        call.end()
    if screen.terminal.unknown:
        raise CaseFailure(f"the terminal of this measurement does not know CSI sequences that end in {b' '.join(screen.terminal.unknown)}")
    settled = [(age, read) for at, age, read in screen.samples if began <= at <= ended]
    ages = np.array([age for age, _ in settled])
    return {
        "p50": float(np.percentile(ages, 50)), "p95": float(np.percentile(ages, 95)), "most": float(ages.max()),
        "read": float(np.mean([read for _, read in settled])), "kBps": rate_seen / 1000, "frames": frames,
        "sound": call.missing_sound(seconds),
    }


def stop(answers, url, folder, seconds):
    """A terminal that takes nothing for so long: what the program's memory grew by, and how soon the screen is whole again."""
    call = Call(120, 36, 0, answers, url, folder, seconds)
    screen = call.screen
    try:
        call.settle()
        process = psutil.Process(screen.pid)
        memory = process.memory_info().rss
        screen.is_stopped = True
        time.sleep(seconds)
        grown, since = process.memory_info().rss - memory, time.time() * 1000
        number, began = len(screen.samples), time.monotonic()
        screen.is_stopped = False
        clock = time.time() - time.monotonic()

        def fresh(s):
            """When a picture that was taken afterwards was read."""
            return [at for at, age, read in s.samples[number:] if read and (clock + at) * 1000 - age >= since]

        screen.wait("a new picture", fresh, 20)
        whole = fresh(screen)[0] - began
    finally:
        call.end()
    return {"grown": grown / 1e6, "whole": whole * 1000, "sound": call.missing_sound(seconds)}


def tty_table(o):
    """Each case, and whether all met the aim."""
    url = start_server("serve", o.folder)
    seconds = o.seconds or 20
    lines = ["| terminal | kB/s | frames/s | on screen, p50 | p95 | most | sound missing | aim |", "|---|---|---|---|---|---|---|---|"]
    is_met = True
    for columns, rows, rate, answers in CASES:
        found = measure(columns, rows, rate, answers, url, o.folder, seconds)
        good = found["p95"] < MOST_LATENCY and found["sound"] < 0.01
        is_met = is_met and good
        kind = f"{rate // 1000} kB/s, {'answers' if answers else 'mute'}" if rate else "as fast as it is read"
        lines.append(f"| {columns}x{rows}, {kind} | {found['kBps']:.0f} | {found['frames']:.0f} | {found['p50']:.0f} ms | {found['p95']:.0f} ms "
                     f"| {found['most']:.0f} ms | {found['sound']:.1%} | {'met' if good else 'missed'}: p95 < {MOST_LATENCY} ms, sound whole |")
        o.complain(lines[-1])
    seconds = max(10, min(30, o.seconds or 30))
    lines += ["", f"| takes nothing for {seconds} s | memory grows by | whole again after | sound missing | aim |", "|---|---|---|---|---|"]
    for answers in (True, False):
        found = stop(answers, url, o.folder, seconds)
        good = found["grown"] < 8 and found["whole"] < 1000 and found["sound"] < 0.01
        is_met = is_met and good
        lines.append(f"| {'answers' if answers else 'mute'} | {found['grown']:.1f} MB | {found['whole']:.0f} ms | {found['sound']:.1%} "
                     f"| {'met' if good else 'missed'}: < 8 MB, < 1 s, sound whole |")
        o.complain(lines[-1])
    return "\n".join(lines), is_met
