#!/usr/bin/env python3
"""run.py - real calls between tchat, headless Chromium and aiortc, through tchat's server and through the seed's.

usage: run.py [--only TEXT] [--list] [--seconds 10] [--out out/interop] [--tchat PATH]
Each case prints one line; both directions of each call are judged on pixels and tone by programs that are not tchat. What the
processes said stays in --out. Exit status: 0 when no case failed. Needs setup.sh's Python; the two cases without a network need root.
"""
import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
try:
    import numpy, psutil  # noqa: F401, E401  (only there in the peers' environment)
except ImportError:
    python = subprocess.run([HERE / "setup.sh"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    os.execv(python, [python, __file__, *sys.argv[1:]])

import processes
from calls import pair_case
from disturbances import blackout_case, kill_case, mute_case, route_case
from processes import CaseFailure, Process
from relay import relay_case

PAIRS = [("chromium", "tchat"), ("tchat", "chromium"), ("aiortc", "tchat"), ("tchat", "aiortc"), ("tchat", "tchat")]


class Skipped(Exception):
    pass


def needs_root(case):
    def run(folder, seconds):
        if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
            raise Skipped("needs root and /dev/net/tun")
        return case(folder, seconds)
    return run


def all_cases():
    cases = {}
    for server in ("serve", "seed"):
        for first, second in PAIRS:
            cases[f"{server}: {first} then {second}"] = lambda folder, seconds, s=server, a=first, b=second: pair_case(s, a, b, folder, seconds)
    cases["relay through coturn"] = relay_case
    cases["mute and unmute"] = mute_case
    cases["kill -9 of one side, and a new one"] = kill_case
    cases["3 s without network"] = needs_root(blackout_case)
    cases["3 s without a route"] = needs_root(route_case)
    return cases


def run(name, case, folder, seconds):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    started = time.monotonic()
    try:
        detail, verdict = case(folder, seconds), "ok  "
    except Skipped as reason:
        detail, verdict = str(reason), "skip"
    except CaseFailure as failure:
        detail, verdict = str(failure), "FAIL"
    finally:
        Process.end_all()
        if "FAIL" not in locals().get("verdict", "FAIL"):
            for recording in [*folder.glob("*.y4m"), *folder.glob("*.wav")]:
                recording.unlink()
    print(f"{verdict} {name:36} {time.monotonic() - started:5.1f} s  {detail}", flush=True)
    return verdict


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--only", default="", metavar="TEXT", help="only cases whose name holds TEXT")
    p.add_argument("--list", action="store_true", help="say the cases' names")
    p.add_argument("--seconds", type=int, default=10, help="length of each call")
    p.add_argument("--out", type=Path, default=processes.PROJECT / "out/interop")
    p.add_argument("--tchat", help="the binary, .build/release/tchat unless told (or TCHAT in the environment)")
    o = p.parse_args()
    if o.tchat:
        processes.TCHAT = o.tchat
    chosen = {name: case for name, case in all_cases().items() if o.only in name}
    if o.list:
        print(*chosen, sep="\n")
        return 0
    if not os.access(processes.TCHAT, os.X_OK):
        print(f"There is no {processes.TCHAT}; build it with `make build`.", file=sys.stderr)
        return 1
    verdicts = []
    try:
        for number, (name, case) in enumerate(chosen.items(), 1):
            folder = o.out.absolute() / f"{number:02} {name}".replace(":", "").replace(",", "").replace(" ", "-")
            verdicts.append(run(name, case, folder, o.seconds))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    skipped = f", {verdicts.count('skip')} skipped" if "skip" in verdicts else ""
    print(f"{verdicts.count('ok  ')} passed, {verdicts.count('FAIL')} failed{skipped}")
    return 1 if "FAIL" in verdicts or not verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
