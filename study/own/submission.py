"""A submission: scores of one method with what they were made from and by whom, in one JSON file that can be checked.

Its form is ``submission_1.schema.json``. Files of another form get a schema and a number of their own, so that what was handed in stays readable.
"""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd

import metrics
from files.errors import InputError, did_you_mean
from imaging.files import PathLike, read_image
from imaging.levels import to_uint8
from study.entries import Entry
from study.run import reference
from study.store import SCORE_COLUMNS, DatasetFacts, Results, SceneFacts

SCHEMA = Path(__file__).with_name("submission_1.schema.json")
FORMAT = "focusbench-submission-1"

#: A submission as its file holds it.
Submission = Mapping[str, Any]


def pixels(path: PathLike) -> str:
    """Checksum (sha256) of an image's size and 8-bit pixels: equal for equal images, whatever the file."""
    levels = to_uint8(read_image(path))
    return hashlib.sha256(repr(levels.shape).encode() + levels.tobytes()).hexdigest()


def read(path: PathLike) -> Submission:
    """A submission from its file, checked against the schema.

    Raises
    ------
    files.errors.InputError
        There is no such file, it is no JSON, or it has not the form; the message names the place.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; name the JSON file of a submission") from None
    except ValueError as error:
        raise InputError(f"{path}: no JSON ({error}); `focusbench submit` writes such a file") from None
    check_form(content, str(path))
    return content


def check_form(content: Any, where: str) -> None:
    """Raise `InputError` with the place of the first fault where a submission does not have the form of the schema."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(content))
    if error is not None:
        place = ".".join(map(str, error.absolute_path)) or "the file"
        raise InputError(f"{where}: {place}: {error.message}; the form is {SCHEMA.name}")


def check_content(content: Submission, where: str, run: Results = reference.REFERENCE) -> None:
    """Check what a submission says against the kept run: names, data sets, scenes, sources, metrics; no image is needed.

    Raises
    ------
    files.errors.InputError
        The row would be another's, a data set or scene is not the run's or is missing, sources were others, or no metric is one of the run.
    """
    name, label = content["method"]["name"], content["method"]["label"]
    for dataset, found in content["datasets"].items():
        known = run.kept_datasets()
        if dataset not in known:
            raise InputError(f"{where}: {run.root} has no data set {dataset!r}; {did_you_mean(dataset, known)}")
        about = run.read_about(dataset)
        for entry in about.entries:
            if entry.origin != "submitted" and (name == entry.name or label == entry.label):
                raise InputError(
                    f"{where}: method: {entry.label} ({entry.name}) has a row of this name; choose another"
                )
        wanted = {scene.name for scene in about.scenes if scene.usable}
        if wanted != set(found):
            lacking, more = sorted(wanted - set(found)), sorted(set(found) - wanted)
            if more:
                raise InputError(
                    f"{where}: {dataset}: has {more[0]}, which is no scene of it in {run.root}; {did_you_mean(more[0], wanted)}"
                )
            raise InputError(
                f"{where}: {dataset}: has {len(found)} of the {len(wanted)} scenes of {run.root} and lacks {lacking[0]}"
                f"{f' and {len(lacking) - 1} more' if len(lacking) > 1 else ''}; a submission is over whole data sets, since means over some scenes "
                "cannot be ranked: score all scenes (name the data set without a choice of scenes), or leave the data set out"
            )
        scenes = tuple(SceneFacts(scene, checksums=tuple(given["sources"])) for scene, given in found.items())
        reference.check_sources(DatasetFacts(dataset, dataset, scenes=scenes), run)
        if not set(about.metrics) & set(content["metrics"]):
            raise InputError(
                f"{where}: {dataset}: none of its metrics is one of {run.root}: {', '.join(about.metrics)}"
            )
        for scene, given in found.items():
            _check_values(given["scores"], content["metrics"], f"{where}: {dataset}: {scene}")


def _check_values(scores: Mapping[str, Any], wanted: Iterable[str], where: str) -> None:
    """Every metric has a value that it can have, or null where it has none."""
    for metric in wanted:
        if metric not in scores:
            raise InputError(f"{where}: no {metric}; give its value, or null where it has none")
        if scores[metric] is None or metric not in metrics.registry.ids():
            continue
        declared = metrics.registry.get(metric)
        if not declared.lower <= scores[metric] <= declared.upper:
            raise InputError(
                f"{where}: {metric} = {scores[metric]}: {declared.label} is between {declared.lower:g} and {declared.upper:g}"
            )


def entry(content: Submission) -> Entry:
    """The row of a submission: its images were made elsewhere."""
    method = content["method"]
    return Entry(method["name"], "precomputed", method["label"], origin="submitted")


def tidy(content: Submission, dataset: str) -> pd.DataFrame:
    """Scores of a submission on one data set, as of `study.store.Results.read_tidy`."""
    rows = []
    for scene, given in sorted(content["datasets"][dataset].items()):
        for metric in content["metrics"]:
            value = given["scores"].get(metric)
            end = (math.nan, "undefined", "") if value is None else (float(value), "ok", "")
            rows.append((dataset, scene, content["method"]["name"], metric, *end, ""))
    return pd.DataFrame(rows, columns=list(SCORE_COLUMNS)).astype({"value": float})


def number(value: float | None) -> float | str | None:
    """A score as JSON can hold it."""
    if value is None or math.isnan(value):
        return None
    return value if math.isfinite(value) else ("inf" if value > 0 else "-inf")
