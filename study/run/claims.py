"""What a job claims on a cluster: memory and time.

Measured are the peaks of memory in the reference run and the sizes of the images; a method's cost is what it declares. All constants of this
module are estimates, chosen generously and not measured: a claim that is too small costs the job, one that is too large a longer wait in the
queue. Claims of a second attempt are twice as large (``retries`` of `profiles/slurm`).
"""

import functools
import math
import shutil
from collections.abc import Sequence
from pathlib import Path

import scenes
from files.errors import InputError
from study.config import forecast
from study.entries import Entry
from study.run.reference import REFERENCE
from study.store import Results

#: The data set of pairs in the reference run whose times have the most methods.
MEASURED = "lytro"
#: Estimate: factor on the forecast time of a job. Cores differ, and costs are declared for two threads.
MARGIN = 4.0
#: Estimate: minutes that every job has at least, to start Python and to load libraries and images.
LEAST_MINUTES = 10
#: Estimate: MiB of the two Snakemake processes that a job on a cluster consists of beside the program itself.
PROGRAM_MB = 800
#: Estimates: MiB and minutes of a job whose images are not known yet.
UNKNOWN_MB, UNKNOWN_MINUTES = 8000, 240
#: Estimate: seconds that all metrics take per megapixel of source, on a slow core.
SCORING_SECONDS = 60.0
#: Estimate: arrays of the size of one image (single precision, three channels) that the metrics hold at a time.
SCORING_ARRAYS = 60
#: Estimate: factor on memory that grows with the image.
SPARE = 1.5

#: Sizes of the scenes of a data set: height and width in pixels, number of sources.
Sizes = Sequence[tuple[int, int, int]]


def sizes(results: Results, dataset: str) -> list[tuple[int, int, int]] | None:
    """Height, width and number of sources of every scene that can be had; None where that is not known yet."""
    record = Path(results.sources(dataset))
    return _sizes(results, dataset, record.stat().st_mtime_ns if record.is_file() else None)


# Snakemake asks for every job. The record, named by its time of change, appears or is replaced while the workflow runs.
@functools.cache
def _sizes(results: Results, dataset: str, _changed: int | None) -> list[tuple[int, int, int]] | None:
    facts = results.sources_if_any(dataset)
    if facts is not None and facts.status == "ok":
        return [scene.shape for scene in facts.usable]
    if dataset not in scenes.ids() or scenes.availability(dataset):
        return None
    try:
        return [(*scene.shape[:2], scene.count) for scene in scenes.load(dataset).scenes if not scene.missing()]
    except InputError:
        # A damaged image: the rule that looks at the sources says so.
        return None


@functools.cache
def _measured() -> tuple[float, dict[str, float]]:
    """Megapixels of the measured images, and largest memory of every method on them in MiB (nothing in a program without its reference run)."""
    times = REFERENCE.read_times(MEASURED)
    if times.empty:
        return 0.0, {}
    good = times[times["status"] == "ok"]
    seconds, rate = (good[name].astype(float).to_numpy() for name in ("median_s", "s_per_megapixel"))
    # All its images have one size, and the images themselves need not be here. The slowest method has the most digits.
    slowest = seconds.argmax()
    return seconds[slowest] / rate[slowest], dict(
        zip(good["method"], good["peak_memory_mb"].astype(float), strict=True)
    )


def fusion_memory(entry: Entry, shapes: Sizes | None) -> int:
    """Memory of a job that fuses scenes.

    Parameters
    ----------
    entry : Entry
        One that was not measured counts as the largest that was.
    shapes : sequence of (int, int, int), optional
        Height, width and number of sources of every scene; None: not known.

    Returns
    -------
    int
        MiB. What the method took beyond the program grows with the image; the images of a stack come on top.
    """
    megapixels, peaks = _measured()
    if not shapes or not peaks:
        return UNKNOWN_MB
    base = min(peaks.values())
    beyond = peaks.get(entry.method, max(peaks.values())) - base
    largest = max(height * width for height, width, _ in shapes) / 1e6
    return math.ceil(PROGRAM_MB + base + SPARE * (beyond * max(1.0, largest / megapixels) + _images(shapes)))


def scoring_memory(shapes: Sizes | None) -> int:
    """MiB of a job that scores fused images of scenes of these sizes."""
    _, peaks = _measured()
    if not shapes or not peaks:
        return UNKNOWN_MB
    pair = max(_images([(height, width, 1)]) for height, width, _ in shapes)
    return math.ceil(PROGRAM_MB + min(peaks.values()) + SCORING_ARRAYS * pair + _images(shapes))


def _images(shapes: Sizes) -> float:
    """MiB of the images of the largest scene, decoded."""
    return max(height * width * count for height, width, count in shapes) * 3 * 4 / 2**20


def fusion_minutes(entry: Entry, shapes: Sizes | None) -> int:
    """Minutes of a job that fuses scenes of these sizes once."""
    return _minutes(None if shapes is None else MARGIN * forecast(entry.declared, shapes))


def scoring_minutes(shapes: Sizes | None) -> int:
    """Minutes of a job that scores the fused images of scenes of these sizes."""
    megapixels = None if shapes is None else sum(height * width * count for height, width, count in shapes) / 1e6
    return _minutes(None if megapixels is None else SCORING_SECONDS * megapixels)


def _minutes(seconds: float | None) -> int:
    return UNKNOWN_MINUTES if seconds is None else math.ceil(LEAST_MINUTES + seconds / 60)


def gpus(entry: Entry, device: str) -> int:
    """GPUs that a job of a method claims.

    Parameters
    ----------
    entry : Entry
    device : {"auto", "cpu", "cuda"}
        ``cuda`` claims one for the machine where the job runs; ``auto`` only where this machine has one.

    Returns
    -------
    int
        1 for a method that can use it, else 0.
    """
    possible = device == "cuda" or (device == "auto" and shutil.which("nvidia-smi") is not None)
    return int(possible and "device" in entry.declared.needs)
