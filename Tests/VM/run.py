#!/usr/bin/env python3
"""run.py - a call from a real V4L2 camera and a real ALSA card, in a small virtual machine (see vmrun).

usage: run.py [--out out/vm] [--timeout 420]
It boots a stock Debian kernel with vivid (a camera at /dev/video0) and snd-aloop (a sound card that hears what is played into it), and
runs guest.py there. The first run fetches the kernel, 470 MB unpacked. Needs no root. Exit status: 0 when everything was seen and heard.
"""
import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
# One camera; one sound card with two devices, so that what goes into one comes out of the other.
MODULES = "vivid:node_types=1 snd-aloop"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--out", type=Path, default=PROJECT / "out/vm")
    p.add_argument("--timeout", type=int, default=420, help="seconds for all of it, from the boot")
    o = p.parse_args()
    tchat = os.environ.get("TCHAT", str(PROJECT / ".build/release/tchat"))
    if not os.access(tchat, os.X_OK):
        print(f"There is no {tchat}; build it with `make build`.", file=sys.stderr)
        return 1
    out = o.out.absolute()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    command = [HERE / "vmrun", "--modules", MODULES, "--share", out, "--timeout", str(o.timeout), "--mem", "2048", "--",
               sys.executable, HERE / "guest.py", out]
    return subprocess.run(command, stdin=subprocess.DEVNULL, env={**os.environ, "TCHAT": tchat}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
