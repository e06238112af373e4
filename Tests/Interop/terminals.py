"""tchat's demo inside terminal multiplexers, as real programs: what they make of it is read back from them."""
import os
import shlex
import shutil
import subprocess
import time
import unicodedata
from pathlib import Path

from processes import TCHAT, CaseFailure, free_port

COLUMNS, ROWS = 100, 30
DEMO = [TCHAT, "demo", "--camera", "test", "--mic", "test", "--speaker", "none", "--size", "160x120", "--fps", "10"]
# So that what stays on the screen can be seen.
WAITING = "{}; echo ended with $?; exec sleep 1000"


class Tmux:
    """A tmux of its own, on a socket in the case's folder."""

    command = None

    def __init__(self, folder, columns, rows, env):
        # A socket's path may have 107 bytes.
        self.socket = f"tchat-{os.getpid()}-{free_port()}"
        self.run("-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", rows, *[part for pair in env.items() for part in ("-e", "=".join(pair))],
                 shlex.join(self.command) if self.command else WAITING.format(shlex.join(DEMO)))

    def run(self, *arguments):
        done = subprocess.run(["tmux", "-u", "-L", self.socket, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=20, check=False, env={**os.environ, "TERM": "xterm-256color"})
        if done.returncode:
            raise CaseFailure(f"tmux {arguments[0]}: {done.stderr.strip()}")
        return done.stdout

    def screen(self):
        return self.run("capture-pane", "-p").split("\n")

    def colours(self):
        """How often one of 256 colours is set."""
        return self.run("capture-pane", "-p", "-e").count("8;5;")

    def type(self, text):
        self.run("send-keys", "-l", text)

    def enter(self):
        self.run("send-keys", "Enter")

    def resize(self, columns, rows):
        self.run("resize-window", "-x", columns, "-y", rows)

    def end(self):
        self.run("kill-server")


class Screen(Tmux):
    """A GNU screen of its own, shown by a tmux, which alone tells what is on it in UTF-8."""

    def __init__(self, folder, columns, rows, env):
        rc = Path(folder) / "screenrc"
        rc.write_text("defutf8 on\ndefencoding utf8\nstartup_message off\nterm screen-256color\n")
        self.command = ["screen", "-U", "-c", str(rc), "sh", "-c", WAITING.format(shlex.join(DEMO))]
        super().__init__(folder, columns, rows, env)


def width(text):
    return sum(0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def wait(terminal, what, condition, seconds=40):
    deadline = time.monotonic() + seconds
    lines = []
    while time.monotonic() < deadline:
        lines = terminal.screen()
        if condition(lines):
            return lines
        time.sleep(0.1)
    raise CaseFailure(f"no sign of {what} on the screen:\n" + "\n".join(lines))


def has(text):
    return lambda lines: any(text in line for line in lines)


def last_line(lines):
    return next((line for line in reversed(lines) if line.strip()), "")


def blocks(lines):
    """Cells of half blocks; where two halves are alike, a cell is a space in a colour, which the text does not tell."""
    return sum(line.count(block) for line in lines for block in "▀▄█")


def multiplexer_case(kind, program, colorterm=None):
    def case(folder, _):
        missing = [needed for needed in ("tmux", program) if not shutil.which(needed)]
        if missing:
            return f"skipped: there is no {missing[0]}"
        env = {"XDG_STATE_HOME": str(Path(folder).absolute() / "state"), "TCHAT_CONFIG": "/dev/null", "LANG": "C.UTF-8"}
        if colorterm:
            env["COLORTERM"] = colorterm
        terminal = kind(folder, COLUMNS, ROWS, env)
        try:
            wait(terminal, "the lobby", lambda lines: has("demo")(lines) and has("127.0.0.1")(lines))
            terminal.type("demo")
            terminal.enter()
            call = wait(terminal, "the call", lambda lines: has("test camera")(lines) and not has("127.0.0.1")(lines) and blocks(lines) > 300)
            if max(map(width, call)) > COLUMNS or len(call) > ROWS + 2:
                raise CaseFailure("the screen is larger than the terminal:\n" + "\n".join(call))
            if kind is Screen and terminal.colours() < 200:
                raise CaseFailure(f"only {terminal.colours()} colours: screen does not know what it is sent")
            state = last_line(call)[:9]
            terminal.type("m")
            muted = wait(terminal, "the microphone being off", lambda lines: last_line(lines)[:9] not in ("", state))
            terminal.type("t")
            terminal.type("hello 안녕 and bye")
            wait(terminal, "what is typed", has("hello 안녕 and bye"))
            terminal.enter()
            terminal.resize(80, 24)
            state = last_line(muted)[:9]
            wait(terminal, "the smaller screen", lambda lines: max(map(width, lines), default=0) <= 80 and last_line(lines)[:9] == state and blocks(lines) > 150)
            terminal.type("\x03")
            after = wait(terminal, "the end", has("ended with 0"))
            left = [line for line in after if line.strip() and "ended with" not in line]
            if left:
                raise CaseFailure("something stays on the screen:\n" + "\n".join(left))
            return f"lobby, call, mute, chat, a resize and the end; {blocks(call)} half blocks"
        finally:
            terminal.end()
    return case


def terminal_cases():
    yield "inside tmux", multiplexer_case(Tmux, "tmux")
    yield "inside screen", multiplexer_case(Screen, "screen")
    # Inherited from the terminal that screen was started in, whose 24 bits screen does not have.
    yield "inside screen, with COLORTERM", multiplexer_case(Screen, "screen", "truecolor")
