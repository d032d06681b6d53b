"""Check a submission, and score it again where its images are at hand.

::

    python -m study check-submission results/reference/submissions/mine.json
    python -m study check-submission mine.json --images ~/fused/mine

With images, the file must tell of these very pixels, and its scores must be those that this program gives them. Images of several data sets lie
in one folder each, named as the data set.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

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


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("file", metavar="FILE", help="the submission")
    parser.add_argument(
        "--images", type=Path, help="folder of the fused images; with several data sets, of a folder each"
    )
    parser.add_argument("--pattern", default="", help="names of the files, as of score-images")
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
        options = {"folder": str(folder), "pattern": score_images.pattern_for(folder, names, pattern)}
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
        found = reference.compare(ours, submission.tidy(content, dataset), dataset)
        if found.differing:
            raise InputError(
                f"{where}: {dataset}: {found.differing} of {found.differing + found.equal} scores differ when its images are scored again, by up "
                f"to {found.largest:.2g} of their value"
            )
        count += found.equal
    return count
