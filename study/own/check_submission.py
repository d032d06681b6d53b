"""Check a submission, and score it again where its images are at hand.

::

    focusbench check-submission results/reference/submissions/mine.json
    focusbench check-submission mine.json --images ~/fused/mine

With images, the file must tell of these very pixels, and its scores must be those that this program gives them. Images of several data sets lie
in one folder each, named as the data set.
"""

import argparse
import math
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

import metrics
from files.errors import InputError
from files.identity import Code
from files.machine import ROOT
from methods import precomputed
from study.entries import Entry
from study.job import limit_threads
from study.own import beside, score_images, submission
from study.run import reference, scores_table
from study.store import Results

#: Differing scores that are named one by one.
_NAMED = 5


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("file", metavar="FILE", help="the submission")
    parser.add_argument(
        "--images", type=Path, help="folder of the fused images; with several data sets, of a folder each"
    )
    parser.add_argument("--pattern", default="", help="names of the files, as of focusbench score-images")
    parser.add_argument(
        "--results", default=reference.REFERENCE.root, help="folder of kept scores (default: the reference run)"
    )


def command(given: argparse.Namespace) -> dict[str, Any]:
    """The verb."""
    limit_threads(1)
    run = Results(given.results)
    content = submission.read(given.file)
    submission.check_content(content, given.file, run)
    lines = [
        f"{given.file}: {content['method']['label']} on {', '.join(content['datasets'])}: form, scenes and sources are right"
    ]
    changed = _changed(content)
    if changed:
        lines.append(f"computed by other code than this program's: {', '.join(changed)}")
    if given.images is not None:
        lines.append(f"{rescored(content, given.file, given.images, run, given.pattern)} scores are the same again")
    else:
        lines.append("not scored again: name the folder of its images with --images")
    return {"message": "; ".join(lines), "rescored": given.images is not None, "changed_metrics": changed}


def _changed(content: submission.Submission) -> list[str]:
    """Metrics that other code than this program's computed."""
    code, known = Code(ROOT, Path.cwd()), metrics.registry.ids()
    return [
        metric
        for metric, identity in content["metrics"].items()
        if metric not in known or metrics.registry.identity(metric, code) != identity
    ]


def rescored(content: submission.Submission, where: str, images: Path, run: Results, pattern: str = "") -> int:
    """Score the images of a submission again.

    Parameters
    ----------
    content : mapping
        The submission.
    where : str
        Its file, for messages.
    images : Path
        Folder of its images.
    run : Results
        The kept run.
    pattern : str
        Names of the files; empty to find out.

    Returns
    -------
    int
        Number of scores, all equal (within `study.run.reference.EQUAL` of their value). Scores that need a decision map are not among them.

    Raises
    ------
    files.errors.InputError
        The images are not those of the submission, or scores differ.
    """
    count = 0
    for dataset in content["datasets"]:
        kept = beside.kept(dataset, run)
        folder = (images / dataset if len(content["datasets"]) > 1 else images).expanduser().resolve()
        names = [scene.name for scene in kept.facts.scenes]
        options = {"folder": str(folder), "pattern": score_images.matched(folder, names, pattern).pattern}
        entry = Entry(content["method"]["name"], "precomputed", content["method"]["label"], options)
        for name in names:
            path = precomputed.find(folder, options["pattern"], name)
            if submission.pixels(path) != content["datasets"][dataset][name]["pixels"]:
                raise InputError(f"{path} is not the image that {where} tells of: its pixels have another checksum")
        score_images.check_images(entry, kept)
        with tempfile.TemporaryDirectory() as place:
            results = Results(place)
            beside.measure(entry, kept, results)
            ours = scores_table.joined(results, dataset, [entry])
        count += _check_equal(submission.tidy(content, dataset), ours, f"{where}: {dataset}")
    return count


def _check_equal(stated: pd.DataFrame, measured: pd.DataFrame, where: str) -> int:
    """Number of scores that are the same again; `InputError` with scene, metric and both values where one is not.

    What needs a decision map, which images do not have, is left out.
    """
    needs_map = measured[measured["status"] == "not_applicable"][["scene", "metric"]].apply(tuple, axis=1)
    stated = stated[stated["metric"].isin(set(measured["metric"]))]
    stated = stated[~stated[["scene", "metric"]].apply(tuple, axis=1).isin(list(needs_map))]
    missing = [(scene, metric) for scene, metric in _valued(stated) if (scene, metric) not in _valued(measured)]
    found = reference.paired(measured[measured["metric"].isin(set(stated["metric"]))], stated)
    wrong = found[~(found["apart"] <= reference.EQUAL)].sort_values(
        "apart", ascending=False, kind="stable", na_position="first"
    )
    parts = [
        f"{scene}: {metric}: stated {_number(theirs)}, measured {_number(ours)}"
        for scene, metric, theirs, ours in wrong[["scene", "metric", "value_reference", "value"]].to_numpy()
    ]
    values = stated.set_index(["scene", "metric"])["value"].to_dict()
    parts += [
        f"{scene}: {metric}: stated {_number(values[scene, metric])}, measured no value" for scene, metric in missing
    ]
    if parts:
        more = (
            f"; {len(parts) - _NAMED} more of {len(found) + len(missing)} scores differ" if len(parts) > _NAMED else ""
        )
        raise InputError(f"{where}: scored again, its images have other values: {'; '.join(parts[:_NAMED])}{more}")
    return len(found)


def _valued(scores: pd.DataFrame) -> list[tuple[str, str]]:
    """Scenes and metrics that have a value."""
    good = scores[scores["status"] == "ok"]
    return list(zip(good["scene"], good["metric"], strict=True))


def _number(value: float) -> str:
    """A value with enough digits to see a difference above the tolerance; in words where there is none."""
    return "no value" if math.isnan(value) else f"{value:.12g}"
