"""A call for a small terminal beside one at full size: bits, CPU time, and the picture that the cells show."""
import math

import numpy as np

import judge
from calls import Call
from processes import Process, start_server

# Half blocks: a terminal of 80 x 24 shows a 4:3 picture on 64 x 48 of its 80 x 48 halves.
CELLS = (64, 48)
WIDTH, HEIGHT, COUNT = 640, 480, 210


def scene(size=900):
    """A picture with as much of each fineness as nature's have (1/f), edges, and a head."""
    rng = np.random.default_rng(7)
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :])
    frequency[0, 0] = 1

    def cloud(strength, power):
        noise = np.fft.rfft2(rng.normal(size=(size, size))) / frequency ** power
        noise[0, 0] = 0
        noise = np.fft.irfft2(noise, (size, size))
        return noise * strength / noise.std()

    y, x = np.mgrid[0:size, 0:size]
    luma, u, v = 110 + cloud(32, 1.1), 126 + cloud(8, 1.4), 130 + cloud(8, 1.4)
    luma[(x // 150 + y // 210) % 3 == 0] += 35
    for cx, cy, rx, ry, level, texture in ((450, 760, 260, 250, 70, 14), (450, 390, 130, 165, 45, 12), (450, 410, 108, 140, 165, 6)):
        inside = ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1
        luma[inside] = (level + 25 * (x - cx) / rx + cloud(texture, 1.0))[inside]
        u[inside], v[inside] = (112, 152) if level > 100 else (140, 126)
    for cx, cy, rx, ry in ((412, 380, 17, 9), (488, 380, 17, 9), (450, 480, 40, 12)):
        luma[((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1] = 50
    return luma, u, v


def write_clip(path):
    """The scene as a camera in somebody's hand would see it: slowly moving, nearer and farther, with noise; it loops."""
    rng, planes = np.random.default_rng(8), scene()
    with open(path, "wb") as f:
        f.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F30:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(COUNT):
            t = 2 * math.pi * number / COUNT
            zoom, cx, cy = 1 + 0.06 * math.sin(t), 450 + 40 * math.sin(t + 1), 420 + 18 * math.sin(2 * t)
            ys, xs = (np.arange(HEIGHT) - HEIGHT / 2) / zoom + cy, (np.arange(WIDTH) - WIDTH / 2) / zoom + cx
            shown = [sample(plane, ys, xs) for plane in planes]
            shown = [shown[0], *(plane.reshape(HEIGHT // 2, 2, WIDTH // 2, 2).mean((1, 3)) for plane in shown[1:])]
            noisy = [plane + rng.normal(0, sigma, plane.shape) for plane, sigma in zip(shown, (3, 1.8, 1.8))]
            f.write(b"FRAME\n" + b"".join(np.clip(np.rint(plane), 16, 240).astype(np.uint8).tobytes() for plane in noisy))


def sample(plane, ys, xs):
    """Bilinear, row by row and column by column."""
    y, x = ys.astype(int), xs.astype(int)
    fy, fx = (ys - y)[:, None], (xs - x)[None, :]
    rows = plane[y] * (1 - fy) + plane[y + 1] * fy
    return rows[:, x] * (1 - fx) + rows[:, x + 1] * fx


def weights(size, cells):
    """How much of each of `size` pixels lies in each of the cells: rows that sum up to 1."""
    edges = np.arange(cells + 1) * size / cells
    low, high = np.arange(size), np.arange(size) + 1
    overlap = np.minimum(edges[1:, None], high) - np.maximum(edges[:-1, None], low)
    return np.clip(overlap, 0, None) * cells / size


def cells_of(path, every=1, parts=1):
    """Pictures as the cells would show them: luma averaged over each half block, or over each of its parts both ways."""
    found, scale = [], None
    for number, (width, height, luma) in enumerate(judge.y4m_frames(path)):
        if number % every == 0:
            scale = scale or [weights(size, cells * parts).astype(np.float32) for size, cells in zip((height, width), CELLS[::-1])]
            found.append(scale[0] @ luma.astype(np.float32) @ scale[1].T)
    return np.array(found).reshape(len(found), CELLS[0] * CELLS[1] * parts ** 2).astype(np.float64)


def psnr(errors):
    return float(np.mean([10 * math.log10(255 ** 2 / max(1e-3, error)) for error in errors])) if errors else 0.0


def quality(recording, clip):
    """The mean PSNR, dB, of the cells against those of the clip's picture that they are most like, and of the screen that they make against
    that picture itself, at 2 x 4 points a cell: what a person sees."""
    source, fine, received = cells_of(clip), cells_of(clip, parts=2), cells_of(recording, every=3)
    # The first seconds are those of a sender that does not know the path yet.
    received = received[len(received) // 3:]
    norms = (source ** 2).sum(1)
    alike = [int((norms - 2 * source @ one).argmin()) for one in received]
    shown = [one.reshape(CELLS[::-1]).repeat(2, 0).repeat(2, 1).ravel() for one in received]
    return (psnr([((source[i] - one) ** 2).mean() for i, one in zip(alike, received)]),
            psnr([((fine[i] - one) ** 2).mean() for i, one in zip(alike, shown)]))


def measure(folder, clip, seconds, *options):
    url = start_server("serve", folder)
    options = ("--camera", clip, "--bitrate", 1000, *options)
    call = Call(folder, url, ("tchat", "tchat"), seconds, (options, options), rate=0, distinct=0)
    for side in reversed(call.sides):
        side.expect_success(seconds + 60)
    results = [side.result() for side in call.sides]
    return {"rate": max(r["transport"]["sentKbps"] for r in results), "cpu": max(r["cpuSeconds"] for r in results),
            "psnr": min(quality(folder / f"{side.name}.y4m", clip) for side in call.sides),  # (cells, screen)
            "size": "{width}x{height}".format(**results[1]["video"]), "fps": min(r["video"]["fps"] for r in results)}


def screen_table(o):
    clip, found = o.folder / "clip.y4m", {}
    write_clip(clip)
    for name, options in (("full", ("--screen", "320x120")), ("small", ("--screen", "80x24"))):
        folder = o.folder / f"screen-{name}"
        folder.mkdir(parents=True)
        try:
            found[name] = measure(folder, clip, o.seconds or 30, *options)
        finally:
            Process.end_all()
            for recording in [*folder.glob("*.y4m"), *folder.glob("*.wav")]:
                recording.unlink()
    full, small = found["full"], found["small"]
    cpu, (cells, loss) = small["cpu"] / full["cpu"], (a - b for a, b in zip(full["psnr"], small["psnr"]))
    rows = [
        ("picture", small["size"], full["size"], "", None), ("decoded frames a second", f"{small['fps']:.1f}", f"{full['fps']:.1f}", "", None),
        ("sent, kbit/s", f"{small['rate']:.0f}", f"{full['rate']:.0f}", "≤ 250", small["rate"] <= 250),
        ("CPU time, s", f"{small['cpu']:.2f}", f"{full['cpu']:.2f}", f"{cpu:.2f}, ≤ 0.4 of it", cpu <= 0.4),
        ("PSNR of 80x24's cells against the picture, dB", *(f"{found['psnr'][1]:.1f}" for found in (small, full)), f"{loss:.1f}, ≤ 1.2 less", loss <= 1.2),
        ("the same against the cells of that picture, dB", *(f"{found['psnr'][0]:.1f}" for found in (small, full)), f"{cells:.1f} less", None),
    ]
    lines = ["| | 80x24 | 320x120 | aim | |", "|---|---|---|---|---|"]
    lines += [f"| {title} | {a} | {b} | {aim} | {'' if holds is None else 'met' if holds else 'MISSED'} |" for title, a, b, aim, holds in rows]
    return "\n".join(lines), all(holds for *_, holds in rows if holds is not None)
