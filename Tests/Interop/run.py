#!/usr/bin/env python3
"""run.py - real calls between tchat, headless Chromium and aiortc, through tchat's server and through the seed's.

usage: run.py [--only TEXT] [--skip TEXT] [--list] [--seconds 8] [--out out/interop] [--tchat PATH]
Each case prints one line; both directions of each call are judged on pixels and tone by programs that are not tchat. What the
processes said stays in --out. Exit status: 0 when no case failed. Needs setup.sh's Python; the cases with a path of their own need root.
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
from access import access_cases
from calls import pair_case
from conformance import conformance_cases
from disturbances import blackout_case, kill_case, mute_case, route_case
from flows import flow_cases
from group import group_cases
from guest import guest_cases
from processes import CaseFailure, Process
from relay import relay_cases
from restart import restart_case
from rough import loss_case, outage_case, path_case, rate_step_case
from talk import chat_case, verification_case
from terminals import terminal_cases

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
    """Name: a function of the folder for what is written, and of the seconds that a call should take where that is free."""
    cases = {}
    for server in ("serve", "seed"):
        for first, second in PAIRS:
            cases[f"{server}: {first} then {second}"] = lambda folder, seconds, a=(server, first, second): pair_case(*a, folder, seconds)
    cases["mute and unmute"] = mute_case
    cases["kill -9 of one side, and a new one"] = kill_case
    cases["3 s without network"] = needs_root(blackout_case)
    cases["3 s without a route"] = needs_root(route_case)
    return cases | server_cases() | guest_cases(needs_root) | path_finding_cases() | talk_cases() | rough_cases() | dict(terminal_cases())


def server_cases():
    return dict([*conformance_cases(), *flow_cases(), *access_cases(), *group_cases(needs_root)])


def path_finding_cases():
    cases = dict(relay_cases())
    hidden, whole = ("--mdns",), ("--no-trickle",)
    cases["mDNS: chromium then tchat"] = lambda folder, _: pair_case("serve", "chromium", "tchat", folder, 5, (hidden, ()))
    cases["mDNS: tchat then chromium"] = lambda folder, _: pair_case("serve", "tchat", "chromium", folder, 5, ((), hidden))
    cases["no trickle: chromium then tchat"] = lambda folder, _: pair_case("serve", "chromium", "tchat", folder, 4, (whole, ()))
    cases["no trickle: tchat then chromium"] = lambda folder, _: pair_case("serve", "tchat", "chromium", folder, 4, ((), whole))
    for who, first, second in ((1, "chromium", "tchat"), (0, "chromium", "tchat"), (0, "tchat", "chromium"), (0, "tchat", "tchat")):
        name = f"restart by {(first, second)[who]}: {first} then {second}"
        cases[name] = lambda folder, seconds, a=(first, second, who): restart_case(*a, folder, seconds)
    return cases


def talk_cases():
    cases = {}
    for first, second in PAIRS:
        cases[f"chat: {first} then {second}"] = lambda folder, seconds, a=(first, second): chat_case(*a, folder, seconds)
    for first, second in (("tchat", "tchat"), ("chromium", "tchat"), ("tchat", "aiortc")):
        cases[f"words: {first} then {second}"] = lambda folder, seconds, a=(first, second): verification_case(*a, folder, seconds)
    return cases


def rough_cases():
    cases = {}
    for percent in (2, 5, 10):
        for first, second in (("tchat", "tchat"), ("chromium", "tchat"), ("tchat", "aiortc")):
            cases[f"{percent} % loss: {first} then {second}"] = lambda folder, seconds, a=(percent, first, second): loss_case(*a, folder, seconds)
    bursts = ("--loss", 3, "--burst", 4)
    for first, second in (("tchat", "tchat"), ("chromium", "tchat")):
        pair = (first, second)
        cases[f"50 ms: {first} then {second}"] = lambda folder, seconds, a=pair: path_case(*a, (), folder, seconds)
        cases[f"50 ms, bursts: {first} then {second}"] = lambda folder, seconds, a=pair: path_case(*a, bursts, folder, seconds)
        cases[f"rate step: {first} then {second}"] = lambda folder, seconds, a=pair: rate_step_case(*a, folder, seconds)
        cases[f"blackout: {first} then {second}"] = lambda folder, seconds, a=pair: outage_case(*a, folder, seconds)
    return {name: needs_root(case) for name, case in cases.items()}


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
    print(f"{verdict} {name:44} {time.monotonic() - started:5.1f} s  {detail}", flush=True)
    return verdict


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--only", default=[], action="append", metavar="TEXT", help="only cases whose name holds TEXT; may be repeated")
    p.add_argument("--skip", default=[], action="append", metavar="TEXT", help="no cases whose name holds TEXT; may be repeated")
    p.add_argument("--list", action="store_true", help="say the cases' names")
    p.add_argument("--seconds", type=int, default=8, help="length of a call, where a case is free to choose")
    p.add_argument("--out", type=Path, default=processes.PROJECT / "out/interop")
    p.add_argument("--tchat", help="the binary, .build/release/tchat unless told (or TCHAT in the environment)")
    o = p.parse_args()
    if o.tchat:
        processes.TCHAT = o.tchat
    chosen = {name: case for name, case in all_cases().items() 
              if any(text in name for text in o.only or [""]) and not any(text in name for text in o.skip)}
    if o.list:
        print(*chosen, sep="\n")
        return 0
    if not os.access(processes.TCHAT, os.X_OK):
        print(f"There is no {processes.TCHAT}; build it with `make build`.", file=sys.stderr)
        return 1
    verdicts = []
    try:
        for number, (name, case) in enumerate(chosen.items(), 1):
            folder = o.out.absolute() / f"{number:02} {name}".translate(str.maketrans(" ", "-", ":,%"))
            verdicts.append(run(name, case, folder, o.seconds))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    skipped = f", {verdicts.count('skip')} skipped" if "skip" in verdicts else ""
    print(f"{verdicts.count('ok  ')} passed, {verdicts.count('FAIL')} failed{skipped}")
    return 1 if "FAIL" in verdicts or not verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
