"""Score folders of images that were fused elsewhere, one folder per method, among the kept scores of the reference run.

::

    python -m study score-images ~/fused/mine
    python -m study score-images ~/fused/mine ~/fused/other --dataset lytro --labels "Mine,The other"

A file belongs to the scene whose name or number it has. The data set is found by the images themselves where it is not named. Every image is checked
before any is scored: one of another scene or size, or shifted, is refused by name.
"""

import argparse
import dataclasses
import logging
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import methods
import scenes
from files.errors import InputError
from imaging.files import read_image
from imaging.fused_elsewhere import ALIKE, check_fused, distance, likeness
from methods import precomputed
from study.entries import Entry
from study.job import limit_threads
from study.own import beside
from study.own.compare import add_common
from study.store import Results
from study.tables.inline import escape

log = logging.getLogger(__name__)

#: How files may be named, the exact ways first (`methods.precomputed`).
PATTERNS = ("{scene}", "{number}", "{scene}_*", "*_{scene}", "*{scene}*", "*{number}", "{number}*", "*{number}*")

#: Images that are looked at to find the data set, and how much nearer than to any other they must be to its sources.
_LOOKED_AT, _NEARER = 2, 0.9

#: What cannot be checked that is named one by one.
_NAMED = 3


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="fused images of one method, one file per scene")
    parser.add_argument(
        "--dataset",
        default="",
        help="data set of the images, or some of its scenes, as lytro/1-5 (default: found by the images)",
    )
    parser.add_argument("--labels", default="", help="names of the methods, comma-separated (default: the folders')")
    parser.add_argument(
        "--pattern", default="", help="names of the files without ending; {scene}, {number} and * are filled in"
    )
    add_common(parser, "images/FOLDER")


def command(given: argparse.Namespace) -> dict[str, Any]:
    """The verb."""
    limit_threads(1)
    run = Results(given.results)
    folders = [Path(folder).expanduser().resolve() for folder in given.folders]
    labels = [label.strip() for label in given.labels.split(",")] if given.labels else [f.name for f in folders]
    for folder in folders:
        files(folder)
    dataset = beside.kept(given.dataset or guessed(folders[0], run, given.pattern), run)
    chosen = entries(folders, labels, dataset, given.pattern)
    results = Results(given.output or Results().own("images", "_".join(entry.name for entry in chosen)))
    written = score(chosen, dataset, results)
    return beside.outcome(results, [dataset], written)


def files(folder: Path) -> list[Path]:
    """The image files of a folder.

    Raises
    ------
    files.errors.InputError
        There is no such folder, or no image in it.
    """
    found = precomputed.reads({"folder": str(folder)})
    if not found:
        what = "it holds no PNG, JPEG, TIFF or BMP file" if folder.is_dir() else "no such folder"
        raise InputError(f"{folder}: {what}; name the folder of the fused images")
    return found


def pattern_for(folder: Path, names: Sequence[str], given: str = "") -> str:
    """How the files of a folder are named after scenes: the first of `PATTERNS` by which every scene has exactly one file.

    Parameters
    ----------
    folder : Path
    names : sequence of str
        Scenes.
    given : str
        The one pattern that is asked for.

    Raises
    ------
    files.errors.InputError
        No pattern gives every scene a file; the message is about the one that fits the most scenes.
    """
    tried = {pattern: _unmatched(folder, names, pattern) for pattern in ([given] if given else PATTERNS)}
    pattern, problems = min(tried.items(), key=lambda item: len(item[1]))
    if not problems:
        return pattern
    fitting = {precomputed.find(folder, pattern, name) for name in names if name not in problems}
    others = [path.name for path in files(folder) if path not in fitting]
    first, reason = next(iter(problems.items()))
    left = f"; files that fit no scene: {', '.join(others[:_NAMED])}{', ...' if len(others) > _NAMED else ''}"
    raise InputError(
        f"{len(problems)} of {len(names)} scenes ({first}{', ...' if len(problems) > 1 else ''}) have no file of their own: {reason}"
        f"{left if others else ''}; name the files after the scenes ({names[0]}.png) or their numbers, say how with --pattern, or choose "
        "scenes with --dataset NAME/1-5"
    )


def _unmatched(folder: Path, names: Sequence[str], pattern: str) -> dict[str, str]:
    problems = {}
    for name in names:
        try:
            precomputed.find(folder, pattern, name)
        except InputError as error:
            problems[name] = str(error)
    return problems


def guessed(folder: Path, run: Results, pattern: str = "") -> str:
    """The data set that the images of a folder show: the one whose sources they are nearest to, by names and by pixels.

    Raises
    ------
    files.errors.InputError
        No data set of the run that is at hand fits, or two fit equally well.
    """
    near: dict[str, float] = {}
    reasons: dict[str, str] = {}
    for dataset in run.described():
        loaded = scenes.load(dataset)
        named = [scene.name for scene in run.read_about(dataset).scenes if scene.usable]
        try:
            found = pattern_for(folder, named, pattern)
            seen = [loaded.scene(name) for name in named if not loaded.scene(name).missing()][:_LOOKED_AT]
            if not seen:
                raise InputError("its sources are not on this machine")
            far = []
            for scene in seen:
                image = check_fused(precomputed.find(folder, found, scene.name), scene.sources, scene.name).image
                far.append(distance(image, scene.sources))
            near[dataset] = max(far)
        except InputError as error:
            reasons[dataset] = str(error)
    order = sorted(near, key=lambda name: near[name])
    if not order:
        why = "; ".join(f"{name}: {reason}" for name, reason in reasons.items() if "have no file" not in reason)
        raise InputError(
            f"{folder}: its images fit no data set of {run.root} by name and content{f' ({why})' if why else ''}; name one with --dataset: "
            f"{', '.join(run.described())}"
        )
    if len(order) > 1 and near[order[0]] > _NEARER * near[order[1]]:
        raise InputError(f"{folder}: its images fit {order[0]} and {order[1]} equally well; name one with --dataset")
    log.info("%s: images of %s", folder, order[0])
    return order[0]


def entries(folders: Sequence[Path], labels: Sequence[str], dataset: beside.Kept, pattern: str = "") -> list[Entry]:
    """One row per folder, under names that the kept run does not have.

    Raises
    ------
    files.errors.InputError
        Labels are missing or not unique, or files do not match the scenes.
    """
    if len(labels) != len(folders) or not all(labels):
        raise InputError(f"--labels: {len(labels)} names for {len(folders)} folders; one for each is needed")
    twice = [label for label, number in Counter(labels).items() if number > 1]
    if twice:
        raise InputError(f"--labels: '{twice[0]}' stands for two folders; give every folder a name of its own")
    names = {*methods.registry.ids(), *(entry.name for entry in dataset.about.entries)}
    shown = {entry.label for entry in dataset.about.entries}
    scene_names = [scene.name for scene in dataset.facts.scenes]
    found = []
    for folder, label in zip(folders, labels, strict=True):
        name = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:30]
        name = name if name[:1].isalpha() else f"images_{name}"
        name = f"{name}_images" if name in names else name
        label = f"{label} (images)" if label in shown else label
        if name in names or label in shown:
            raise InputError(f"--labels: '{label}' stands for two rows; give every folder a name of its own")
        names.add(name)
        shown.add(label)
        options = {"folder": str(folder), "pattern": pattern_for(folder, scene_names, pattern)}
        found.append(Entry(name, "precomputed", label, options, origin="this run"))
    return found


def check_images(entry: Entry, dataset: beside.Kept) -> list[str]:
    """Check every image of a folder against its scene.

    Returns
    -------
    list of str
        What changes the scores all the same, with the number of images it is true of.

    Raises
    ------
    files.errors.InputError
        Images that cannot be scored, the first of them with the reason, and the scene that it shows instead.
    """
    loaded = scenes.load(dataset.dataset)
    notes: Counter[str] = Counter()
    wrong: list[str] = []
    for scene in dataset.facts.scenes:
        path = precomputed.find(Path(entry.options["folder"]), entry.options["pattern"], scene.name)
        try:
            notes.update(check_fused(path, loaded.scene(scene.name).sources, scene.name).notes)
        except InputError as error:
            wrong.append(
                f"{error}{_instead(path, scene.name, loaded) if not wrong and 'does not show' in str(error) else ''}"
            )
    if wrong:
        more = f" (and {len(wrong) - 1} more of {len(dataset.facts.scenes)} images)" if len(wrong) > 1 else ""
        raise InputError(f"{wrong[0]}{more}")
    return [f"{count} of {len(dataset.facts.scenes)} images: {note}" for note, count in notes.items()]


def _instead(path: Path, name: str, loaded: scenes.Dataset) -> str:
    """Which other scene of the data set an image shows, in words; empty where it is none."""
    image = read_image(path)
    for scene in loaded.scenes:
        comparable = scene.name != name and not scene.missing() and scene.sources[0].shape == image.shape
        if comparable and likeness(image, scene.sources) >= ALIKE:
            return f" (it shows {scene.name})"
    return ""


def score(chosen: Sequence[Entry], dataset: beside.Kept, results: Results) -> list[str]:
    """Score the images of folders and put them into the tables.

    Parameters
    ----------
    chosen : sequence of Entry
        As of `entries`.
    dataset : beside.Kept
    results : Results
        Gets everything.

    Returns
    -------
    list of str
        What a person reads first.

    Raises
    ------
    files.errors.InputError
        An image cannot be scored; nothing was computed.
    """
    remarks = []
    for entry in chosen:
        remarks += [f"{escape(entry.label)}: {note}" for note in check_images(entry, dataset)]
    for remark in remarks:
        log.warning(remark)
    for entry in chosen:
        beside.measure(entry, dataset, results)
    note = " ".join(part for part in (dataset.about.note, *remarks) if part)
    return beside.write(
        chosen, [dataclasses.replace(dataset, about=dataclasses.replace(dataset.about, note=note))], results
    )
