#!/usr/bin/env python3
"""run.py - what a call costs and what it bears, beside Chromium's and aiortc's in the same run: a table each, with aims and verdicts.

usage: run.py [--only SECTION ...] [--seconds N] [--runs 3] [--minutes 10] [--full] [--rounds N] [--list]
Sections: call (call.py: frames, CPU, memory, latency), packets (protected and sent), data (data channels), screen (a call for 80x24), loss
(10 % and 100 ms), queue (300 kbit/s for three minutes), signaling (the server's load), drop (10 000 connections lost at once), churn (memory over
ten minutes), group (calls of two, three and four), renderers (pictures on a terminal, beside timg, mpv and a loop in C), tty (a slow
terminal: how old is what it shows).
`--seconds` makes each part shorter or longer. loss and queue need root; signaling, drop and churn nodejs with ws. Nothing else should run meanwhile. Exit status: 0 when all that was measured met its aim.
"""
import argparse
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Tests/Interop"))
try:
    import numpy, psutil  # noqa: F401, E401  (only there in the peers' environment)
except ImportError:
    python = subprocess.run([HERE.parent / "Tests/Interop/setup.sh"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    os.execv(python, [python, __file__, *sys.argv[1:]])

import members
import paths
import processes
import rates
import renderers
import screens
import signaling
import slow_terminal
from processes import CaseFailure, Process


def call_table(o):
    """The table of its own; it has its aims within."""
    command = [sys.executable, HERE / "call.py", *(("--seconds", str(o.seconds)) if o.seconds else ())]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.strip(), done.returncode == 0


SECTIONS = {
    "call": ("A call, 640x480, 30 frames a second, 1 Mbit/s", call_table),
    "packets": ("SRTP packets", rates.packets_table),
    "data": ("Data channels, 16-KiB messages, reliable and ordered", rates.data_table),
    "screen": ("A call between terminals of 80x24, beside 320x120", screens.screen_table),
    "loss": ("10 % random loss, 100 ms round trip", paths.loss_table),
    "queue": ("A link of 300 kbit/s and 100 ms round trip", paths.queue_table),
    "signaling": ("The signaling server", signaling.signaling_table),
    "drop": ("10 000 members of a signaling server, lost at once", signaling.drop_table),
    "churn": ("Members of a signaling server that come and go", signaling.churn_table),
    "group": ("Calls of two, three and four, 640x480, 30 frames a second, 1 Mbit/s", members.members_table),
    "renderers": ("Pictures on a terminal: 640x480, 300 frames, half blocks in 24 bits", renderers.renderers_table),
    "tty": ("A call on a terminal that takes 50 kB/s: the age of what it shows, by the picture's timecode", slow_terminal.tty_table),
}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--only", action="append", choices=SECTIONS, help="may be repeated")
    p.add_argument("--seconds", type=int, help="of each measurement")
    p.add_argument("--runs", type=int, default=3, help="of the signaling server's load, of which the medians count")
    p.add_argument("--minutes", type=float, default=10, help="of coming and going, for the server's memory")
    p.add_argument("--full", action="store_true", help="every clip on every grid, for the renderers: a quarter of an hour")
    p.add_argument("--rounds", type=int, help="of each renderer, of which the medians count; 3, or 5 with --full")
    p.add_argument("--list", action="store_true", help="say the sections")
    o = p.parse_args()
    if o.list:
        print(*(f"{name:10} {title}" for name, (title, _) in SECTIONS.items()), sep="\n")
        return 0
    if not os.access(processes.TCHAT, os.X_OK):
        print(f"There is no {processes.TCHAT}; build it with `make build`.", file=sys.stderr)
        return 1
    o.complain = lambda text: print(text, file=sys.stderr, flush=True)
    print(f"{os.cpu_count()} threads of {model()}, Linux {platform.release()}")
    all_met = True
    with tempfile.TemporaryDirectory(prefix="tchat-bench-") as folder:
        o.folder = Path(folder)
        for o.section in o.only or SECTIONS:
            title, measure = SECTIONS[o.section]
            try:
                table, met = measure(o)
                print(f"\n{title}\n\n{table}", flush=True)
            except (CaseFailure, OSError, subprocess.SubprocessError) as failure:
                o.complain(f"{o.section}: {failure}")
                met = False
            finally:
                Process.end_all()
            all_met = all_met and met
    return 0 if all_met else 1


def model():
    with open("/proc/cpuinfo") as f:
        return next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    sys.exit(main())
