"""A run that is killed (-9) at random moments, and started again each time, ends in the same bytes as an undisturbed one.

::

    python -m benchmarks.kills [--kills 20] [--seed 1] [--folder FOLDER]

The data set is a folder of small scenes of every kind: a multi-page TIFF, 16 bits per channel, JPEG turned by EXIF, an image and a map as truth,
and fused images made elsewhere, one of them missing. A run that ends before its moment came is compared, and a new one begins. The exit status is 1
when a file differs.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from files.machine import ROOT
from imaging.files import write_image, write_levels

#: What differs between any two runs: times, and what is computed of them.
VARYING = ("run.json", "summary.md", "durations", "timing", "arrays")


def stack(seed: int, count: int) -> tuple[NDArray[np.float32], list[NDArray[np.float32]], NDArray[np.uint8]]:
    """An all-in-focus image (48 x 60 x 3, [0, 1]), `count` sources that are each sharp in columns of their own, and the number of the sharp one."""
    rng = np.random.default_rng(seed)
    sharp = np.clip(gaussian_filter(rng.random((48, 60, 3)), (0.7, 0.7, 0)) * 2 - 0.5, 0, 1).astype(np.float32)
    blurred = gaussian_filter(sharp, (2, 2, 0))
    number = np.repeat((np.arange(60) * count // 60)[None, :], 48, axis=0).astype(np.uint8)
    return sharp, [np.where(number[..., None] == k, sharp, blurred) for k in range(count)], number


def make_scenes(folder: Path) -> None:
    """Write the scenes ``a`` (16 bits, with truth), ``b`` (JPEG turned by EXIF) and ``c`` (multi-page TIFF)."""
    for name in "abc":
        (folder / name).mkdir(parents=True)
    sharp, images, number = stack(1, 2)
    for k, image in enumerate(images, start=1):
        levels = np.rint(image * 65535).astype(np.uint16)
        cv2.imwrite(str(folder / "a" / f"{k}.png"), levels[..., ::-1])
    write_image(folder / "a" / "truth.png", sharp)
    write_levels(folder / "a" / "truth_index.png", number)
    turned = Image.Exif()
    turned[274] = 6
    for k, image in enumerate(stack(2, 2)[1], start=1):
        _picture(image).save(folder / "b" / f"{k}.jpg", quality=95, exif=turned)
    first, *others = map(_picture, stack(3, 3)[1])
    first.save(folder / "c" / "c.tif", save_all=True, append_images=others)


def make_external(folder: Path) -> None:
    """Write fused images "made elsewhere" of the scenes ``a`` and ``c``; that of ``b`` is missing."""
    for name, seed in (("a", 1), ("c", 3)):
        write_image(folder / f"{name}.png", gaussian_filter(stack(seed, 2)[0], (0.5, 0.5, 0)))


def _picture(image: NDArray[np.float32]) -> Image.Image:
    return Image.fromarray(np.rint(image * 255).astype(np.uint8))


def variants(external: Path) -> dict[str, object]:
    """The variant that reads the images of `make_external`."""
    return {"theirs": {"method": "precomputed", "label": "Theirs", "options": {"folder": str(external)}}}


def configure(folder: Path) -> Path:
    """Make scenes and configuration in a folder; the configuration's file."""
    make_scenes(folder / "scenes")
    make_external(folder / "external")
    config = {
        "datasets": ["mine"],
        "folders": {"mine": str(folder / "scenes")},
        "methods": ["average", "oracle", "lp", "gff", "theirs"],
        "variants": variants(folder / "external"),
        "metrics": ["q_mi", "q_g", "q_p", "ssim", "psnr", "wrong_pixels"],
        "timing": {"enabled": False},
    }
    path = folder / "config.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    return path


def start(config: Path, work: Path) -> subprocess.Popen[bytes]:
    """Start a run in a working folder, in a process group of its own."""
    work.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "-s", str(ROOT / "Snakefile")]
    command += ["--profile", str(ROOT / "profiles" / "default"), "--configfile", str(config)]
    with (work / "output.txt").open("ab") as output:
        return subprocess.Popen(command, cwd=work, stdout=output, stderr=output, start_new_session=True)


def contents(work: Path) -> dict[str, bytes]:
    """Every file of a run's results but `VARYING`."""
    results = work / "results"
    names = (p.relative_to(results) for p in results.rglob("*") if p.is_file() and not p.name.startswith("."))
    return {name.as_posix(): (results / name).read_bytes() for name in names if name.parts[0] not in VARYING}


def differences(work: Path, expected: dict[str, bytes]) -> Iterator[str]:
    """One line per file that is not as expected."""
    found = contents(work)
    for name in sorted(expected.keys() | found.keys()):
        if found.get(name) != expected.get(name):
            yield f"{name}: {'missing' if name not in found else 'new' if name not in expected else 'differs'}"


def finish(config: Path, work: Path) -> float:
    """Run to the end; seconds.

    Raises
    ------
    RuntimeError
        The run failed; the message names its output.
    """
    begun = time.monotonic()
    if start(config, work).wait():
        raise RuntimeError(f"the run failed; see {work / 'output.txt'}")
    return time.monotonic() - begun


def killed(config: Path, work: Path, seconds: float) -> bool:
    """Run for some seconds and kill the run; False when it ended before."""
    process = start(config, work)
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Kill runs and compare what they end in with an undisturbed run.")
    parser.add_argument("--kills", type=int, default=20, help="number of kills (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments (default: %(default)s)")
    parser.add_argument("--folder", type=Path, help="empty folder to work in (default: a temporary one)")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="kills"))
    config = configure(folder)
    duration = finish(config, folder / "undisturbed")
    expected = contents(folder / "undisturbed")
    print(f"undisturbed: {duration:.0f} s, {len(expected)} files", flush=True)
    rng = random.Random(given.seed)
    kills, rounds, wrong = 0, 0, 0
    while kills < given.kills:
        rounds += 1
        work = folder / f"round{rounds}"
        while kills < given.kills:
            moment = rng.uniform(0, duration)
            if not killed(config, work, moment):
                break
            kills += 1
            print(f"round {rounds}: kill {kills} after {moment:.1f} s, {len(contents(work))} files", flush=True)
        finish(config, work)
        lines = list(differences(work, expected))
        wrong += len(lines)
        print(f"round {rounds}: {'; '.join(lines) or 'the same bytes'}", flush=True)
    print(f"{kills} kills in {rounds} rounds, seed {given.seed}: {wrong} files differ")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
