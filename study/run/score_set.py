"""Score the fused images of one method on one data set; every value is kept until something that it depends on changes."""

import contextlib
import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import metrics
import scenes
from files.errors import Undefined
from files.machine import plain
from imaging.files import read_image
from imaging.truth import Truth
from study import records
from study.run import sources
from study.run.apart import Apart, Ended
from study.store import DatasetFacts, FusedScene, Results, SceneFacts, Score

log = logging.getLogger(__name__)

#: Says of a fused image that was deleted or changed after it was written.
LOST = "is gone, or not the image that was written"

#: A fused image and a metric.
_Request = tuple[FusedScene, str]


@dataclass(frozen=True)
class Task:
    """The scores to have.

    Parameters
    ----------
    facts : DatasetFacts
    metrics : mapping
        Metric id -> identity of its code.
    results : Results
    arrays : str
        Identity of the code of all metrics: arrays that metrics keep of the sources alone are valid as long as it stays.
    attempt : int
        See `study.run.retry`.
    """

    facts: DatasetFacts
    metrics: Mapping[str, str]
    results: Results = field(default_factory=Results)
    arrays: str = ""
    attempt: int = 1

    def keys(self, row: FusedScene, scene: SceneFacts) -> dict[str, str]:
        """What the value of every metric depends on: equal keys, equal value."""
        made = (row.image_sha256, row.map_sha256, row.map, scene.checksums, scene.truth_checksum)
        return {metric: records.key(identity, *made) for metric, identity in self.metrics.items()}


def score_set(task: Task, fused: Sequence[FusedScene]) -> list[Score]:
    """Scores of all scenes of a data set for one method.

    Parameters
    ----------
    task : Task
    fused : sequence of FusedScene
        Rows of `study.run.fuse_set.fuse_set`.

    Returns
    -------
    list of Score
        One row per scene and metric. ``status`` is ok, undefined (the metric has no value here), not_applicable (no truth, no
        decision map), failed (the metric raised; the reason names it), or the fusion's status when there is no image.
    """
    rows: list[Score] = []
    with contextlib.closing(Apart(partial(_scorer, task))) as apart:
        for row in fused:
            if row.status == "ok":
                rows += _score_scene(task, row, apart)
            else:
                rows += [
                    Score(row.dataset, row.scene, row.method, m, status=row.status, reason=row.reason)
                    for m in task.metrics
                ]
    return [replace(score, attempt=task.attempt) for score in rows]


def _score_scene(task: Task, row: FusedScene, apart: Apart[_Request, Score]) -> list[Score]:
    keys = task.keys(row, task.facts.scene(row.scene))
    stored = task.results.read_scene_scores(row.dataset, row.method, row.scene)
    kept = {m: score for m, (key, score) in stored.items() if keys.get(m) == key and score.status != "failed"}
    missing = [metric for metric in task.metrics if metric not in kept]
    if missing:
        log.info("%s: %s", row.scene, ", ".join(missing))
        kept |= {metric: _asked(row, metric, apart) for metric in missing}
        task.results.write_scene_scores([kept[m] for m in task.metrics], keys)
    return [kept[metric] for metric in task.metrics]


def _asked(row: FusedScene, metric: str, apart: Apart[_Request, Score]) -> Score:
    """A value; a metric that raises an exception, or ends its process, costs this value only."""
    try:
        return apart.ask((row, metric))
    except Ended as reason:
        log.error("scoring %s by %s: %s", row.scene, metric, reason)
        return Score(row.dataset, row.scene, row.method, metric, status="failed", reason=plain(f"{metric}: {reason}"))


def _scorer(task: Task) -> Callable[[_Request], Score]:
    loaded = {scene.name: scene for scene in sources.load(task.facts).scenes}
    opened: dict[str, tuple[metrics.Sources, metrics.Fused]] = {}

    def score(request: _Request) -> Score:
        row, metric = request
        try:
            if row.scene not in opened:
                opened.clear()
                opened[row.scene] = _opened(task, row, loaded[row.scene])
            return _value(row, metric, *opened[row.scene])
        except Exception:
            log.exception("scoring %s by %s", row.scene, metric)
            raise

    return score


def _opened(task: Task, row: FusedScene, scene: scenes.Scene) -> tuple[metrics.Sources, metrics.Fused]:
    path = task.results.image(row.dataset, row.method, row.scene)
    if records.sha256(path) != row.image_sha256:
        raise ValueError(f"{path.name} {LOST}; the next run fuses the scene again")
    truth = scene.truth() or Truth()
    store = task.results.arrays(row.dataset, scene.name, records.key(scene.checksums(), task.arrays))
    for old in store.parent.glob(f"{scene.name}-*"):
        # Of other images or other code; names of scenes may begin alike, keys have one length.
        if old != store and len(old.name) == len(store.name):
            shutil.rmtree(old, ignore_errors=True)
    known = metrics.Sources(
        scene.sources,
        truth.image,
        truth.index_map,
        store=store,
        truth_defocus=truth.defocus,
        truth_depth=truth.depth,
        truth_decided=truth.decided,
    )
    return known, metrics.Fused(read_image(path), task.results.read_map(row))


def _value(row: FusedScene, metric: str, known: metrics.Sources, fused: metrics.Fused) -> Score:
    declared = metrics.registry.get(metric)
    place = (row.dataset, row.scene, row.method, metric)
    reason = metrics.applies(declared, known, fused)
    if reason:
        return Score(*place, status="not_applicable", reason=reason)
    against_truth = declared.family == "truth" or (declared.prefers_truth and known.truth_gray is not None)
    reference = "truth" if against_truth else "sources"
    try:
        return Score(*place, value=metrics.evaluate(metric, known, fused), reference=reference)
    except Undefined as error:
        return Score(*place, status="undefined", reason=plain(error), reference=reference)
