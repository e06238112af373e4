"""Pictures on a terminal: CPU time, bytes and quality of `tchat mirror`, beside timg, mpv and a bare loop in C, each in the same pseudo-terminal."""
import importlib.util
import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

from processes import PROJECT, TCHAT, CaseFailure

HERE = Path(__file__).resolve().parent / "renderers"
CACHE = Path(os.environ.get("RENDER_BENCH", Path.home() / ".cache/render-bench"))
ENVIRONMENT = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "TCHAT_CONFIG": "/dev/null", "REPORT": "/dev/null", "S": "6", "TTY": "1"}
CLIPS, GRIDS, FRAMES = ("head", "still", "head_vp8", "still_vp8"), ("80x24", "160x48", "240x67"), 300
PROGRAMS = {"floor": ("-lm",), "ptyrun": ("-lutil",), "vtdump": (), "allocs.so": ("-shared", "-fPIC")}
# CPU time and bytes, of timg's, and the PSNR: (most, most, least).
AIMS = {"still_vp8": (0.45, 0.05, 41), "head": (0.75, 0.45, 40)}
# Name, tchat's options, the floor's mode, the glyphs that show that the binary has it, the quality's name, least quality and most ms on `head`.
MODES = (
    ("exact", "--render half --color truecolor --quality exact", "delta 0", "", "PSNR1x2", 50, None),
    ("256 colours", "--render half --color 256", "d256 6", "", "PSNR1x2", None, None),
    ("256 colours, dithered", "--render half --color 256 --dither", "d256 6", "", "PSNRblur", None, None),
    ("16 colours", "--render half --color 16", None, "", "PSNR1x2", None, None),
    ("ASCII", "--render ascii --color none", "dmono", "", "fitL", 27, None),
    ("ASCII, coloured", "--render ascii --color truecolor", "dcasc 6", "", "fitL", None, None),
    ("quadrants", "--render quadrant --color truecolor", "dquad 6", "▘▝▖▗▚▞▙▛▜▟▌▐", "PSNR2x4", 29, None),
    ("sextants", "--render sextant --color truecolor", None, "".join(map(chr, range(0x1fb00, 0x1fb3c))), "PSNR2x4", 31, 2.5),
    ("braille", "--render braille --color truecolor", None, "".join(map(chr, range(0x2801, 0x2900))), "PSNR2x4", None, None),
)


def prepare(complain):
    """Clips and programs, made once; the Python packages that the clips and the judge of quality need."""
    if any(importlib.util.find_spec(name) is None for name in ("PIL", "skimage")):
        subprocess.run([PROJECT / "Tests/Interop/setup.sh", "pillow", "scikit-image"], stdout=subprocess.DEVNULL, check=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    if not all((CACHE / f"clips/{clip}.{kind}").exists() for clip in CLIPS for kind in ("i420", "y4m")):
        complain(f"renderers: making the clips in {CACHE} (1.2 GB, once) ...")
        subprocess.run([sys.executable, HERE / "mkclips.py"], cwd=CACHE, check=True)
    for program, options in PROGRAMS.items():
        source = HERE / f"{program.split('.')[0]}.c"
        if not (CACHE / program).exists() or (CACHE / program).stat().st_mtime < source.stat().st_mtime:
            subprocess.run(["gcc", "-O3", "-march=native", "-w", "-o", CACHE / program, source, *options], check=True)


class Cell:
    """One clip on one grid: every command in turn, round after round, and the medians of what each took."""

    def __init__(self, clip, grid):
        self.clip, self.grid = clip, grid
        self.columns, self.rows = map(int, grid.split("x"))
        self.found = {}

    def run(self, name, *command, rows=None, out="-"):
        command = [CACHE / "ptyrun", str(self.columns), str(rows or self.rows), out, *map(str, command)]
        done = subprocess.run(command, cwd=CACHE, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True, check=True)
        total, user, system, _, status = done.stdout.split()
        if status != "0":
            raise CaseFailure(f"{name} on {self.clip} {self.grid} ended with {status}")
        self.found.setdefault(name, []).append((float(user) + float(system), int(total)))

    def tchat(self, options, *more, name="tchat", out="-"):
        self.run(name, TCHAT, "mirror", "--camera", f"clips/{self.clip}.y4m", "--fit", "stretch", "--unpaced", *options.split(), *more, out=out)

    def tchat_both(self, options):
        """All frames, then one: what starting costs is not the renderer's."""
        self.tchat(options, out="tchat.vt")
        self.tchat(options, "--frames", "1", name="tchat, 1")

    def floor_both(self, mode):
        mode, *threshold = mode.split()
        for name, limit in (("floor", 0), ("floor, 1", 1)):
            self.run(name, CACHE / "floor", f"clips/{self.clip}.i420", self.columns, self.rows, mode, *(threshold or ["0"]), "", limit)

    def others(self):
        """timg, which keeps to the clip's pace, and mpv, with as much decoding but no picture for comparison."""
        sized = CACHE / f"clips/{self.clip}_{self.grid}.y4m"
        if not sized.exists():
            height = 640 * 2 * self.rows // self.columns // 2 * 2
            subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", CACHE / f"clips/{self.clip}.y4m", "-vf", f"scale=640:{height}", sized], check=True)
        for name, more in (("timg", ()), ("timg, 1", ("--frames=1",))):
            self.run(name, "timg", "-V", "-ph", f"-g{self.grid}", "--loops=1", *more, sized, rows=self.rows + 2)
        mpv = ("mpv", "--no-config", "--untimed", "--really-quiet", "--no-audio", "--no-keepaspect", f"clips/{self.clip}.y4m")
        self.run("mpv, 1", *mpv, "--vo=null")
        self.run("mpv", *mpv, "--vo=tct", "--vo-tct-algo=half-blocks", f"--vo-tct-width={self.columns}", f"--vo-tct-height={self.rows}")

    def cost(self, name):
        """(milliseconds, kilobytes) a frame, less what starting took; None: not run."""
        if name not in self.found:
            return None
        time, total = (statistics.median(values) for values in zip(*self.found[name]))
        start, _ = (statistics.median(values) for values in zip(*self.found[f"{name}, 1"]))
        frames = FRAMES if name == "mpv" else FRAMES - 1
        return max(0, time - start) / frames, total / FRAMES / 1000

    def quality(self):
        """What the last run of tchat left on the screen, every seventh frame against the clip: {name: value}."""
        size = (str(self.columns), str(self.rows))
        subprocess.run([CACHE / "vtdump", "tchat.vt", *size, "sync", "7", "tchat.cells"], cwd=CACHE, stdout=subprocess.DEVNULL, check=True)
        judge = subprocess.run([sys.executable, HERE / "quality.py", "tchat.cells", f"clips/{self.clip}.i420", *size], cwd=CACHE,
                               stdout=subprocess.PIPE, text=True, check=True)
        return {name: float(value) for name, value in re.findall(r"(\w+) (-?[\d.]+)", judge.stdout)}

    def shows(self, glyphs):
        text = (CACHE / "tchat.vt").read_bytes().decode(errors="replace")
        return not glyphs or any(glyph in text for glyph in glyphs)


def pair(cost):
    return "-" if cost is None else f"{cost[0]:.3f} / {cost[1]:.1f}"


def verdict(holds):
    return "" if holds is None else "met" if holds else "MISSED"


def halves(clip, grid, o):
    """A row of the table, and whether all of its aims are met."""
    cell = Cell(clip, grid)
    for _ in range(o.rounds):
        cell.floor_both("lossy 6")
        cell.tchat_both("--render half --color truecolor")
        cell.others()
    ours, floor, timg = cell.cost("tchat"), cell.cost("floor"), cell.cost("timg")
    dB = cell.quality()["PSNR1x2"]
    ratio = ours[0] / floor[0]
    holds = [ratio <= 1.6]
    texts = [f"{ratio:.2f} ≤ 1.6"]
    most_cpu, most_bytes, least_dB = AIMS.get(clip, (None, None, None))
    for value, limit in ((ours[0] / timg[0], most_cpu), (ours[1] / timg[1], most_bytes)) if timg else ():
        texts.append(f"{value:.3f}" + (f" ≤ {limit}" if limit else ""))
        holds.append(limit is None or value <= limit)
    texts += ["-"] * (3 - len(texts)) + [f"{dB:.1f}" + (f" ≥ {least_dB}" if least_dB else "")]
    holds.append(least_dB is None or dB >= least_dB)
    start = statistics.median(time for time, _ in cell.found["tchat, 1"])
    others = (pair(cell.cost(name)) for name in ("tchat", "floor", "timg", "mpv"))
    return f"| {clip} {grid} | " + " | ".join([*others, *texts, f"{start:.0f}", verdict(all(holds))]) + " |", all(holds)


def mode_row(mode, clip, o):
    name, options, floor, glyphs, judge, least, most_ms = mode
    cell = Cell(clip, "160x48")
    for _ in range(o.rounds):
        if floor:
            cell.floor_both(floor)
        cell.tchat_both(options)
    if not cell.shows(glyphs):
        return f"| {name}, {clip} | not in this program | | | | | |", None
    if clip != "head":
        least = most_ms = None
    ours, dB = cell.cost("tchat"), cell.quality()[judge]
    holds = None
    if least or most_ms:
        holds = (least is None or dB >= least) and (most_ms is None or ours[0] <= most_ms)
    aims = [f"{ours[0]:.2f} ms ≤ {most_ms}" if most_ms else "", f"≥ {least} dB" if least else ""]
    floor = cell.cost("floor")
    ratio = f"{ours[0] / floor[0]:.2f}" if floor else "-"
    return (f"| {name}, {clip} | {pair(ours)} | {pair(floor)} | {ratio} | {dB:.1f} {judge} | {', '.join(filter(None, aims))} | {verdict(holds)} |",
            holds)


def allocations(o):
    """What a frame asks of the heap, once all is set up."""
    counts = {}
    for frames in (50, 250):
        path = o.folder / f"allocs-{frames}"
        command = [CACHE / "ptyrun", "160", "48", "-", "env", f"LD_PRELOAD={CACHE / 'allocs.so'}", f"ALLOCS={path}", TCHAT, "mirror", "--camera",
                   "clips/head.y4m", "--fit", "stretch", "--unpaced", "--render", "half", "--color", "truecolor", "--frames", str(frames)]
        subprocess.run(command, cwd=CACHE, env=ENVIRONMENT, stdout=subprocess.DEVNULL, check=True)
        counts[frames] = int(path.read_text())
    return (counts[250] - counts[50]) / 200


def renderers_table(o):
    prepare(o.complain)
    o.rounds = o.rounds or (5 if o.full else 3)
    lines = ["CPU time in ms / kB a frame, starting subtracted; dB: PSNR of the halves shown against the clip's.", "",
             "| clip, grid | tchat | floor in C | timg | mpv | CPU of floor's | CPU of timg's | bytes of timg's | dB | start, ms | |", "|" + "---|" * 11]
    all_hold = []
    for clip in CLIPS:
        for grid in GRIDS if o.full else GRIDS[1:2]:
            o.complain(f"renderers: {clip} {grid} ...")
            line, holds = halves(clip, grid, o)
            lines.append(line)
            all_hold.append(holds)
    lines += ["", "Other modes at 160x48:", "", "| mode, clip | tchat | floor in C | CPU of floor's | quality | aim | |", "|" + "---|" * 7]
    for mode in MODES:
        for clip in ("head", "still_vp8"):
            line, holds = mode_row(mode, clip, o)
            lines.append(line)
            all_hold.append(holds is not False)
    count = allocations(o)
    lines += ["", f"Allocations a frame, of which one is the frame read from the file: {count:.2f} (≤ 2: {verdict(count <= 2)})"]
    return "\n".join(lines), all(all_hold) and count <= 2
