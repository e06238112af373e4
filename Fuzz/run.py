#!/usr/bin/env python3
"""run.py - runs the libFuzzer targets and says a line for each; `make fuzz` builds them first.

usage: run.py [--seconds 60] [--only TEXT] [--jobs N] [--out out/fuzz]
Each target begins from Corpora and from what earlier runs found (--out/TARGET/corpus). Inputs that crash it, take longer than 10 s or more
than 512 MB stay in --out/TARGET with the log. Exit status: 0 when there were none.
"""
import argparse
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIMITS = ["-rss_limit_mb=512", "-timeout=10", "-max_len=4096", "-print_final_stats=1"]
# Swift's own words for a trap, and libFuzzer's for the rest.
REASON = re.compile(r"violated: .*|Fatal error.*|SUMMARY: libFuzzer: .*")


def targets():
    return sorted(folder.name.removeprefix("Fuzz") for folder in (HERE / "Sources").iterdir() if not folder.name.endswith("Support"))


def run(name, seconds, out):
    """(the line, whether it was clean)"""
    folder = out / name
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    log_path = folder / "log"
    command = [HERE / f".build/release/Fuzz{name}", *LIMITS, f"-max_total_time={seconds}", f"-artifact_prefix={folder}/", folder / "corpus",
               HERE / "Corpora" / name]
    began = time.time()
    # Swift's own handler would end the process before libFuzzer has kept the input.
    environment = {**os.environ, "SWIFT_BACKTRACE": "enable=no"}
    with open(log_path, "wb") as log:
        # It ends by itself; one that does not hangs where libFuzzer cannot see it.
        try:
            status = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=seconds + 60,
                                    env=environment).returncode
        except subprocess.TimeoutExpired:
            status = -1
    log = log_path.read_text(errors="replace")
    counts = [int(n) for n in re.findall(r"number_of_executed_units: (\d+)|^#(\d+)", log, re.M) for n in n if n]
    coverage = [int(n) for n in re.findall(r"cov: (\d+)", log)]
    line = f"{name:16} {max(counts, default=0):>10} executions  {max(coverage, default=0):>5} edges"
    if status == 0:
        return f"ok   {line}", True
    inputs = sorted(p.name for p in folder.iterdir() if p.stat().st_mtime >= began and p.name.startswith(("crash-", "timeout-", "oom-", "leak-")))
    reasons = REASON.findall(log)
    return f"FAIL {line}  {reasons[0] if reasons else f'ended with {status}'}  {' '.join(inputs)}", False


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seconds", type=int, default=60, help="for each target")
    p.add_argument("--only", default="", metavar="TEXT", help="only targets whose name holds TEXT")
    p.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="so many at a time")
    p.add_argument("--out", type=Path, default=HERE.parent / "out/fuzz")
    o = p.parse_args()
    chosen = [name for name in targets() if o.only in name]
    clean = []
    with ThreadPoolExecutor(o.jobs) as pool:
        for line, is_clean in pool.map(lambda name: run(name, o.seconds, o.out.absolute()), chosen):
            print(line, flush=True)
            clean.append(is_clean)
    if not all(clean):
        print(f"The inputs and logs are in {o.out}; `Fuzz/.build/release/FuzzNAME INPUT` runs one again.")
    return 0 if clean and all(clean) else 1


if __name__ == "__main__":
    sys.exit(main())
