"""Score folders of images that were fused elsewhere, one folder per method, among the kept scores of the reference run.

::

    focusbench score ~/fused/mine
    focusbench score ~/fused/mine ~/fused/other --dataset lytro --labels "Mine,The other"

A file belongs to the scene whose name or number it has (`matched`). The data set is found by the images themselves where it is not named (`guessed`).
Every image is checked before any is scored: one of another scene or size, or shifted, is refused by name.
"""

import argparse
import dataclasses
import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import methods
import scenes
from files import fetch
from files.errors import InputError
from imaging import jpeg
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
_LOOKED_AT, _NEARER = 4, 0.9

#: Names that are listed one by one.
_NAMED = 20

_NOTE = """A file belongs to the scene whose name (lytro_07.png) or number (7.png, fused-07.png) it has; --pattern says how where that is not clear, as in
"c_{number}_dwt". Every scene needs exactly one file; choose some with --dataset lytro/1-5. Files that belong to no scene are named and not scored.
The data set is the one whose scenes the images show; of two with the same scenes, the one whose sources are nearer, or lossless where both are as
near. Refused by name: another scene, another size, a shift, gray where the sources are colour. The results are tables, statistics, figures and
FINDINGS.md, with your rows among those of the reference run, and compare.tex for a paper; `focusbench submit` hands the scores in."""


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
    parser.epilog = _NOTE


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
    results = beside.folder(given, "images", [entry.name for entry in chosen])
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
        what = "this folder does not exist"
        if folder.exists():
            what = "it holds no PNG, JPEG, TIFF or BMP file" if folder.is_dir() else "it is a file"
        raise InputError(f"{folder}: {what}; name the folder of the fused images")
    return found


@dataclass(frozen=True)
class Matching:
    """Which files of a folder belong to which scenes.

    Parameters
    ----------
    pattern : str
        How the files are named (`methods.precomputed`).
    found : mapping
        Scene -> its files: one or more.
    missing : tuple of str
        Scenes without a file.
    extra : tuple of pathlib.Path
        Image files that belong to no scene.
    """

    pattern: str
    found: Mapping[str, list[Path]]
    missing: tuple[str, ...]
    extra: tuple[Path, ...]

    @property
    def several(self) -> dict[str, list[Path]]:
        """Scenes with more than one file."""
        return {name: paths for name, paths in self.found.items() if len(paths) > 1}

    @property
    def faults(self) -> int:
        """Number of scenes without a file of their own."""
        return len(self.missing) + len(self.several)

    def told(self) -> str:
        """What is wrong, by name."""
        parts = [f"no file for {_listed(self.missing)}"] if self.missing else []
        parts += [
            f"{len(paths)} files for {name} ({_listed([p.name for p in paths])})"
            for name, paths in self.several.items()
        ]
        parts += [f"files that belong to no scene: {_listed([path.name for path in self.extra])}"] if self.extra else []
        return "; ".join(parts)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")


def _matching(folder: Path, names: Sequence[str], given: str = "", every: Sequence[str] = ()) -> Matching:
    """The first of `PATTERNS`, or the given one, by which the most scenes have exactly one file; parameters as of `matched`."""
    paths = files(folder)
    tried = []
    for pattern in [given] if given else PATTERNS:
        belonging: dict[str, list[Path]] = {}
        for name in dict.fromkeys([*names, *every]):
            try:
                belonging[name] = precomputed.named(paths, pattern, name)
            except InputError:
                if given:
                    raise
                belonging[name] = []  # a scene without a number
        used = {path for each in belonging.values() for path in each}
        found = {name: belonging[name] for name in names if belonging[name]}
        missing = tuple(name for name in names if name not in found)
        tried.append(Matching(pattern, found, missing, tuple(path for path in paths if path not in used)))
    return min(tried, key=lambda matching: matching.faults)


def matched(folder: Path, names: Sequence[str], given: str = "", every: Sequence[str] = ()) -> Matching:
    """Which files of a folder belong to which scenes, by the first of `PATTERNS` by which every scene has exactly one file.

    Parameters
    ----------
    folder : Path
    names : sequence of str
        Scenes.
    given : str
        The one pattern that is asked for.
    every : sequence of str
        All scenes of the data set, where `names` are some of them: their files are no extra ones.

    Raises
    ------
    files.errors.InputError
        A scene has no file, or more than one; the message names them, and the files left over. Or the pattern is wrong.
    """
    if given and "{" not in given:
        raise InputError(
            f"--pattern: '{given}' does not say which scene a file belongs to; it needs {{scene}} or {{number}}"
        )
    found = _matching(folder, names, given, every)
    if found.faults:
        raise InputError(
            f"{folder}: {len(names) - found.faults} of {len(names)} scenes have one file each; {found.told()}; name the files after the scenes "
            f"({names[0]}.png) or their numbers, one for each, say how with --pattern, or choose scenes with --dataset NAME/1-5"
        )
    return found


@dataclass(frozen=True)
class _Fit:
    """How far the images of a folder are those of a data set: scenes with a file, share of those looked at that are shown, `distance`."""

    dataset: str
    scenes: int
    shown: float
    far: float

    @property
    def order(self) -> tuple[float, int]:
        return -self.shown, -self.scenes


def guessed(folder: Path, run: Results, pattern: str = "") -> str:
    """The data set that the images of a folder show, by names and by pixels; what is wrong with single images is not looked at here.

    Of data sets whose scenes it shows equally well it is the one whose sources the images are nearest to; where two are as near, the one whose
    sources are not JPEG files.

    Raises
    ------
    files.errors.InputError
        No data set of the run that is at hand fits; the message is about the one that fits best by sizes and names. Or two fit equally well.
    """
    fits: list[_Fit] = []
    reasons: dict[str, tuple[bool, int, str]] = {}
    for dataset in run.kept_datasets():
        loaded = scenes.load(dataset)
        found = _matching(
            folder, [scene.name for scene in run.read_about(dataset).scenes if scene.usable], pattern
        ).found
        here = [scene for scene in map(loaded.scene, found) if not scene.missing()]
        looked_at = here[:: max(1, len(here) // _LOOKED_AT)][:_LOOKED_AT]
        reason = f"its sources are not on this machine ({fetch.COMMAND} {dataset} brings them)" if found else ""
        far = []
        for scene in looked_at:
            try:
                far.append(_far(found[scene.name][0], scene))
            except InputError as error:
                reason = str(error)
        if far:
            fits.append(_Fit(dataset, len(found), len(far) / len(looked_at), max(far)))
        elif found:
            sized = any(_has_size(found[scene.name][0], scene) for scene in looked_at)
            reasons[dataset] = sized, len(found), f"{dataset}, by which {len(found)} files are named: {reason}"
    if not fits:
        near = max(reasons.values(), default=(False, 0, "no file has the name or number of a scene"))[2]
        raise InputError(
            f"{folder}: its images show the scenes of no data set of {run.root} ({near}); name one with --dataset: {', '.join(run.described())}"
        )
    best = min(fits, key=lambda fit: (fit.order, fit.far))
    rivals = [fit for fit in fits if fit.order == best.order and fit is not best]
    equal = [fit.dataset for fit in (best, *rivals) if _NEARER * fit.far <= best.far]
    chosen = best.dataset
    if len(equal) > 1:
        lossless = [name for name in equal if not _is_jpeg(name)]
        if len(lossless) != 1:
            raise InputError(f"{folder}: its images fit {' and '.join(equal)} equally well; name one with --dataset")
        chosen = lossless[0]
    others = [fit.dataset for fit in (best, *rivals) if fit.dataset != chosen]
    why = "whose sources are lossless" if len(equal) > 1 else "whose sources are nearer"
    instead = (
        f", {why}; {' and '.join(others)} {'has' if len(others) == 1 else 'have'} the same scenes: choose with --dataset {others[0]}"
        if others
        else ""
    )
    log.info("%s: images of %s%s", folder, chosen, instead)
    return chosen


def _far(path: Path, scene: scenes.Scene) -> float:
    """`distance` of an image to the sources of its scene; `InputError` where it does not show the scene."""
    image = read_image(path)
    if image.shape != scene.sources[0].shape or likeness(image, scene.sources) < ALIKE:
        image = check_fused(path, scene.sources, scene.name).image
    return distance(image, scene.sources)


def _has_size(path: Path, scene: scenes.Scene) -> bool:
    """Whether an image has the height and width of the sources, in colour or not; `False` where it cannot be read."""
    try:
        return read_image(path).shape[:2] == scene.sources[0].shape[:2]
    except InputError:
        return False


def _is_jpeg(dataset: str) -> bool:
    """Whether the sources of a data set are JPEG files."""
    first = next(scene for scene in scenes.load(dataset).scenes if not scene.missing())
    return bool(jpeg.coding(first.files()[0]))


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
    every = [scene.name for scene in scenes.load(dataset.dataset).scenes]
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
        matching = matched(folder, scene_names, pattern, every)
        if matching.extra:
            log.warning(
                "%s: not scored, since they belong to no scene: %s", folder, _listed([p.name for p in matching.extra])
            )
        options = {"folder": str(folder), "pattern": matching.pattern}
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
    beside.clear([dataset], results)
    for entry in chosen:
        beside.measure(entry, dataset, results)
    note = " ".join(part for part in (dataset.about.note, *remarks) if part)
    return beside.write(
        chosen, [dataclasses.replace(dataset, about=dataclasses.replace(dataset.about, note=note))], results
    )
