"""The published scores of 30 methods on the 710 pairs of Real-MFF, as a further truth set of the study.

::

    python -m study published [results/reference]

reads the tables of scores (collection ``real_mff_scores`` of the catalogue) and writes what follows from them:
``published_truth.csv``, ``published_behaviour.csv`` and ``published_places.csv``. The scores themselves are for research only and
are not copied. A table that is neither here nor can be fetched is left out; tables of the study say which metrics have values.

References
----------
Y. Liu, Z. Qi, J. Cheng, X. Chen, Rethinking the effectiveness of objective evaluation metrics in multi-focus image fusion: a
statistic-based approach, IEEE Transactions on Pattern Analysis and Machine Intelligence, 2024.
"""

from __future__ import annotations

import argparse
import logging
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import metrics
from files import catalogue, fetch
from files.errors import InputError, Unavailable
from study.refresh import REFERENCE
from study.store import SCORE_COLUMNS, Results, write_frame
from study.tables import metric_behaviour_table, metric_truth_table, truth_ranks_table, truth_sets
from study.tables.truth_sets import TruthSet

log = logging.getLogger(__name__)

COLLECTION = "real_mff_scores"
LABEL = "Real-MFF (published scores)"

#: Rows of every table: name of the method there, and of the plug-in here where it implements the same publication.
METHODS: dict[str, str] = {
    "LP": "lp",
    "SIDWT": "",
    "DTCWT": "dtcwt",
    "NSCT": "nsct",
    "GFF": "gff",
    "SR": "sr",
    "CSR": "csr",
    "MWGF": "mwgf",
    "ICA": "",
    "NSCT-SR": "nsct_sr",
    "SSSDI": "",
    "PC": "",
    "QUADTREE": "qb",
    "IMF": "ifm",
    "DSIFT": "dsift",
    "SRCF": "",
    "BF": "bfmf",
    "GFDF": "gfdf",
    "BRW": "",
    "MISF": "misf",
    "CNN": "",
    "ECNN": "",
    "IFCNN": "ifcnn_max",
    "MADCNN": "madcnn",
    "SMFuse": "",
    "SESF": "sesf",
    "DRPL": "",
    "MSFIN": "",
    "U2Fusion": "u2fusion",
    "MFF-SSIM": "mff_ssim",
}
#: Those that choose or weight source pixels. The study names no list of its 18; GFF (weight maps) and MFF-SSIM (which begins with such
#: a choice) are counted because the study's own means among its 18 then come out, so these means check this list only in part.
MAPS = frozenset(METHODS) - {
    *("LP", "SIDWT", "DTCWT", "NSCT", "SR", "CSR", "ICA", "NSCT-SR", "PC"),
    *("IFCNN", "DRPL", "U2Fusion"),
}
IMAGES = 710

#: The same numbers with the other sign stand in tables of this ending.
_NEGATED = "_neg"


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument(
        "results", nargs="?", default=REFERENCE, help="folder that gets the tables (default: %(default)s)"
    )


def command(given: argparse.Namespace) -> dict[str, Any]:
    """The verb; errors as `load`."""
    truth = load()
    results = Results(given.results)
    parts = {
        metric_truth_table.PUBLISHED: metric_truth_table.compute([truth]),
        metric_behaviour_table.PUBLISHED: metric_behaviour_table.compute([truth]),
        truth_ranks_table.PUBLISHED: truth_ranks_table.published_places(truth, METHODS),
    }
    for name, frame in parts.items():
        write_frame(results.table(name), frame)
    names = ", ".join(metrics.registry.get(name).label for name in truth.judged)
    return {"message": f"{LABEL}: {names}", "written": [results.table(name) for name in parts]}


def load() -> TruthSet:
    """The published scores of all metrics that have a plug-in here, as far as their tables can be read.

    Returns
    -------
    TruthSet
        Scenes are the numbers of the images, methods the names of `METHODS`.

    Raises
    ------
    files.errors.Unavailable
        The table of PSNR is neither here nor can it be fetched.
    files.errors.InputError
        A table has another size than 30 x 710.
    """
    scores: dict[str, NDArray[np.float64]] = {}
    for row in catalogue.rows(COLLECTION):
        metric = _metric(row.scene)
        if metric is None:
            continue
        try:
            scores[metric.id] = _read(row)
        except Unavailable as reason:
            if metric.id == truth_sets.ERROR:
                raise
            log.warning("%s is left out: %s", metric.label, reason)
    names = list(METHODS)
    images = [f"{number:03d}" for number in range(1, IMAGES + 1)]
    tidy = [
        pd.DataFrame(
            {
                "scene": np.tile(images, len(names)),
                "method": np.repeat(names, IMAGES),
                "metric": name,
                "value": values.ravel(),
            }
        )
        for name, values in scores.items()
    ]
    frame = pd.concat(tidy, ignore_index=True).assign(dataset=COLLECTION, status="ok", reference="", reason="")
    judged = [name for name in scores if truth_sets.judged(metrics.registry.get(name))]
    return TruthSet(
        COLLECTION,
        LABEL,
        frame[list(SCORE_COLUMNS)],
        tuple(names),
        {name: name for name in names},
        MAPS,
        tuple(name for name in metrics.registry.ids() if name in judged),
    )


def tables() -> dict[str, str]:
    """Metric with a plug-in here -> name of its published table, whether that is at hand or not."""
    named = {row.scene: _metric(row.scene) for row in catalogue.rows(COLLECTION)}
    return {metric.id: name for name, metric in named.items() if metric is not None}


def _metric(name: str) -> metrics.Metric | None:
    """The plug-in of a published table: ``GT_psnr`` and ``Q_G`` by their names, ``Q_VIFF`` without its prefix; None without one."""
    plain = name.lower().removeprefix("gt_")
    known = metrics.registry.ids()
    found = next((each for each in (plain, plain.removeprefix("q_")) if each in known), None)
    return metrics.registry.get(found) if found and not name.endswith(_NEGATED) else None


def _read(row: catalogue.Row) -> NDArray[np.float64]:
    """The numbers of a table: methods x images."""
    values = pd.read_excel(fetch.path(row), header=None).to_numpy(dtype=np.float64)
    if values.shape != (len(METHODS), IMAGES):
        raise InputError(
            f"{row.key}: {values.shape[0]} rows and {values.shape[1]} columns; {len(METHODS)} and {IMAGES} are needed"
        )
    return values
