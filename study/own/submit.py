"""Write a submission: the scores that `focusbench compare` or `focusbench score FOLDER` left, with checksums, versions, machine, and who hands them in.

::

    focusbench submit results/compare/mine --name "A. Author" --contact a@example.org \
        --citation "A. Author, Title, Journal, 2026" --code https://example.org/mine

The file goes into ``results/reference/submissions`` by a pull request.
"""

import argparse
from pathlib import Path
from typing import Any

import metrics
from files.errors import InputError, did_you_mean
from files.identity import Code
from files.machine import ROOT
from study import records
from study.own import submission
from study.run.reference import REFERENCE
from study.store import Results


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("folder", metavar="FOLDER", help="results of `focusbench compare` or `focusbench score FOLDER`")
    parser.add_argument("--method", default="", help="row to hand in (default: the only one of one's own)")
    parser.add_argument("--name", required=True, help="who hands it in")
    parser.add_argument("--contact", default="", help="where questions are answered")
    parser.add_argument("--citation", required=True, help="authors, title, where, year")
    parser.add_argument("--code", default="", help="address of the code (https://...)")
    parser.add_argument("--output", type=Path, help="file to write (default: submissions/METHOD.json in FOLDER)")
    parser.add_argument("--results", default=REFERENCE.root, help="folder of kept scores (default: the reference run)")


def command(given: argparse.Namespace) -> dict[str, Any]:
    """The verb."""
    results = Results(given.folder)
    method = {"citation": given.citation, "code": given.code}
    content = built(results, given.method, {"name": given.name, "contact": given.contact}, method)
    path = given.output or Path(results.submission(content["method"]["name"]))
    submission.check_form(content, "the submission")
    submission.check_content(content, "the submission", Results(given.results))
    records.write_json(path, content)
    scenes = sum(map(len, content["datasets"].values()))
    message = f"{content['method']['label']}: {scenes} scenes of {', '.join(content['datasets'])}, {len(content['metrics'])} metrics"
    return {"message": message, "written": [str(path)]}


def built(results: Results, name: str, submitter: dict[str, str], method: dict[str, str]) -> dict[str, Any]:
    """A submission from stored results.

    Parameters
    ----------
    results : Results
        Of `focusbench compare` or `focusbench score FOLDER`.
    name : str
        The row; empty for the only one of one's own.
    submitter : dict
        ``name`` and ``contact``.
    method : dict
        ``citation`` and ``code``.

    Raises
    ------
    files.errors.InputError
        The folder holds no such results, or it is not clear which row is meant.
    """
    if not results.described() or not Path(results.page("run.json")).is_file():
        what = "no results of one's own there" if Path(results.root).is_dir() else "no such folder"
        raise InputError(f"{results.root}: {what}; run `focusbench compare` or `focusbench score FOLDER` first")
    abouts = [results.read_about(dataset) for dataset in results.described()]
    own = {entry.name: entry for about in abouts for entry in about.entries if entry.origin == "this run"}
    if not name and len(own) != 1:
        raise InputError(f"--method: {results.root} has {len(own)} rows of one's own; {did_you_mean('', own)}")
    if name and name not in own:
        raise InputError(f"--method: {name!r} is no row of one's own of {results.root}; {did_you_mean(name, own)}")
    entry = own[name] if name else next(iter(own.values()))
    code = Code(ROOT, Path.cwd())
    record = records.read_json(results.page("run.json"))
    ids = list(dict.fromkeys(metric for about in abouts for metric in about.metrics))
    return {
        "format": submission.FORMAT,
        "method": {"name": entry.name, "label": entry.label, **method},
        "submitter": submitter,
        "how": "images made elsewhere" if entry.kind == "external" else "fused by this program",
        "date": records.today(),
        "program": {part: record[part] for part in ("git", "versions", "system")},
        "metrics": {metric: metrics.registry.identity(metric, code) for metric in ids},
        "datasets": {about.dataset: _scenes(results, about.dataset, entry.name) for about in abouts},
    }


def _scenes(results: Results, dataset: str, name: str) -> dict[str, Any]:
    facts = results.read_sources(dataset)
    scores: dict[str, dict[str, float | str | None]] = {}
    for score in results.read_scores(dataset, name):
        scores.setdefault(score.scene, {})[score.metric] = submission.number(score.value)
    return {
        row.scene: {
            "sources": list(facts.scene(row.scene).checksums),
            "pixels": submission.pixels(results.image(dataset, name, row.scene)),
            "scores": scores[row.scene],
        }
        for row in results.read_fused(dataset, name)
        if row.status == "ok"
    }
