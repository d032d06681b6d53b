"""Score the fused images of one method on one data set."""

import logging
import traceback
from pathlib import Path

import numpy as np
from PIL import Image

import metrics
from files.errors import Undefined
from imaging.files import read_image
from study import records
from study.run.sources import load_described
from study.runtime import plain

log = logging.getLogger(__name__)


def score_set(statuses, described, metric_ids, fused_folder, *, folder=None, store=None):
    """Scores of all scenes of a data set for one method.

    Parameters
    ----------
    statuses : list of dict
        Rows of `study.run.fuse_set.fuse_set`.
    described : dict
        From `study.run.sources.collect`.
    metric_ids : sequence of str
    fused_folder : path-like
        Folder of the fused images.
    folder : path-like, optional
        Folder of a user's data set.
    store : path-like, optional
        Folder where what metrics compute of the sources alone is kept for the next method.

    Returns
    -------
    list of dict
        `study.records.SCORES`: one row per scene and metric. ``status`` is ok, undefined (the metric has no value here),
        not_applicable (no truth, no decision map), or the fusion's status when there is no image.
    """
    dataset = described["dataset"]
    loaded = {s.name: s for s in load_described(described, folder).scenes} if described["status"] == "ok" else {}
    rows = []
    for status in statuses:
        base = {"dataset": dataset, "scene": status["scene"], "method": status["method"]}
        if status["status"] != "ok":
            rows += [base | {"metric": m, "status": status["status"], "reason": status["reason"]} for m in metric_ids]
            continue
        try:
            rows += [
                base | row for row in _scene(loaded[status["scene"]], status, metric_ids, Path(fused_folder), store)
            ]
        except Exception as error:
            # A damaged image or a metric that raises must cost its own scene only.
            log.error("scoring %s failed:\n%s", status["scene"], traceback.format_exc())
            reason = plain(f"{type(error).__name__}: {error}")
            rows += [base | {"metric": m, "status": "failed", "reason": reason} for m in metric_ids]
    return rows


def _scene(scene, status, metric_ids, fused_folder, store):
    path = fused_folder / f"{scene.name}.png"
    if records.sha256(path) != status["image_sha256"]:
        raise ValueError(f"{path.name} is not the image that was written; delete {fused_folder.name}.csv to fuse again")
    truth = scene.truth()
    sources = metrics.Sources(
        scene.sources,
        None if truth is None else truth.image,
        None if truth is None else truth.index_map,
        store=None if store is None else Path(store) / f"{scene.name}-{records.key(scene.checksums())}",
    )
    fused = metrics.Fused(read_image(path), _index_map(fused_folder / f"{scene.name}.map.png", status["map"]))
    for metric_id in metric_ids:
        yield {"metric": metric_id, **_value(metric_id, sources, fused)}


def _index_map(path, kind):
    if not kind:
        return None
    with Image.open(path) as picture:
        levels = np.asarray(picture)
    return levels if kind == "index" else (levels < 128).astype(np.uint8)


def _value(metric_id, sources, fused):
    declared = metrics.registry.get(metric_id)
    reason = metrics.applies(declared, sources, fused)
    if reason:
        return {"status": "not_applicable", "reason": reason}
    against_truth = declared.family == "truth" or (declared.prefers_truth and sources.truth_gray is not None)
    reference = "truth" if against_truth else "sources"
    try:
        value = metrics.evaluate(metric_id, sources, fused)
    except Undefined as error:
        return {"status": "undefined", "reason": plain(error), "reference": reference}
    return {"status": "ok", "value": repr(value), "reference": reference}
