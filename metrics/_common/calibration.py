"""Our scores of published fused images next to the official ones: the table ``metric_calibration.csv``."""

import csv
import io
import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import metrics
from files import catalogue, fetch
from files.atomic import write_text
from files.errors import InputError
from imaging.files import read_image

#: Data set of the sources and letter of the file names, by the data set's name in the official table.
_DATA_SETS = {"color": ("lytro_jpg", "lytro", "c"), "grayscale": ("grayscale", "g", "g")}

#: Relative difference from which the table gives the reason.
_NOTABLE = 1e-9
_REASONS = {
    "q_e": "constant windows: the official filters leave rounding noise as variance there",
    "q_y": "windows where both sources are constant, with different values: "
    "the official value divides rounding noise by rounding noise",
}


@dataclass(frozen=True)
class Comparison:
    """One official value and ours.

    Parameters
    ----------
    dataset, image, method : str
        As in the official table.
    metric : str
        Metric id.
    official, ours : float
    """

    dataset: str
    image: str
    method: str
    metric: str
    official: float
    ours: float

    @property
    def relative(self) -> float:
        """Absolute difference as a fraction of the official value."""
        return abs(self.ours - self.official) / abs(self.official)


def comparisons(reference: Path, wanted: Collection[str] | None = None) -> Iterator[Comparison]:
    """Compare with every official value of the reference folder.

    Parameters
    ----------
    reference : path-like
        Folder with ``metrics_public.csv`` (dataset, image, method, metric, value) and the fused images under
        ``published/``.
    wanted : collection of str, optional
        Metric ids; all when omitted.

    Raises
    ------
    files.errors.InputError
        The folder has no such table, or an image is missing.
    files.errors.Unavailable
        The sources of a pair are not available.
    """
    table = Path(reference) / "metrics_public.csv"
    if not table.is_file():
        raise InputError(f"{table}: no such file; the folder with the official values is needed")
    with table.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if wanted is None or row["metric"].lower() in wanted]
    rows.sort(key=lambda row: (row["dataset"], int(row["image"]), row["method"]))
    for (dataset, image), of_pair in itertools.groupby(rows, key=lambda row: (row["dataset"], row["image"])):
        sources = metrics.Sources(_pair(dataset, image))
        for method, of_method in itertools.groupby(of_pair, key=lambda row: row["method"]):
            fused = metrics.Fused(read_image(_published(reference, dataset, image, method)))
            for row in of_method:
                name = row["metric"].lower()
                value = metrics.evaluate(name, sources, fused)
                yield Comparison(dataset, image, method, name, float(row["value"]), value)


def _pair(dataset: str, image: str) -> list[NDArray[np.float32]]:
    collection, prefix, _ = _DATA_SETS[dataset]
    scene = f"{prefix}_{int(image):02d}"
    rows = [row for row in catalogue.rows(collection) if row.scene == scene and row.role == "source"]
    return [read_image(fetch.path(row)) for row in sorted(rows, key=lambda row: row.index)]


def _published(reference: Path, dataset: str, image: str, method: str) -> Path:
    return Path(reference) / "published" / dataset / f"{_DATA_SETS[dataset][2]}_{int(image):02d}_{method}.png"


def write_table(reference: Path, output: Path) -> dict[str, float]:
    """Write the calibration table.

    Parameters
    ----------
    reference : path-like
        See `comparisons`.
    output : path-like
        CSV file: dataset, image, method, metric, official, ours, difference, relative, reason.

    Returns
    -------
    dict of str to float
        Largest relative difference of every metric.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["dataset", "image", "method", "metric", "official", "ours", "difference", "relative", "reason"])
    worst: dict[str, float] = {}
    for row in comparisons(reference):
        reason = _REASONS.get(row.metric, "") if row.relative > _NOTABLE else ""
        difference = row.ours - row.official
        numbers = [repr(row.official), repr(row.ours), f"{difference:.2e}", f"{row.relative:.2e}"]
        writer.writerow([row.dataset, row.image, row.method, row.metric, *numbers, reason])
        worst[row.metric] = max(worst.get(row.metric, 0.0), row.relative)
    write_text(output, text.getvalue())
    return worst
