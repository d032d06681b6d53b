"""Stored results: where a run keeps what it made, in which format, and the typed objects that come back.

Nobody else builds such a path or opens such a file. `Results` names the places (its methods take wildcards too, so that rules use
them as patterns); the functions ``read_*`` and ``write_*`` of the same class give and take the objects below.

::

    results/
      sources/DATASET.json                    what a data set holds: `DatasetFacts`
      weights/METHOD.json                     which weight files of a method are here
      published/DATASET/METHOD.json           which images that a method's authors published are here
      fused/DATASET/METHOD.csv                one line per scene: `FusedScene`
      fused/DATASET/METHOD/SCENE.png          fused image; SCENE.map.png decision or index map; SCENE.initial.png
      fused/DATASET/METHOD/SCENE.json         how that image was made: `FusedScene`
      scores/DATASET/METHOD.csv               one line per scene and metric: `Score`
      scores/DATASET/METHOD/SCENE.json        the same, with the key under which every value stays valid
      arrays/DATASET/SCENE-KEY/               what metrics computed of the sources alone
      timing/DATASET/METHOD.csv               one line per repeat: `Timing`
      tables/DATASET/, figures/DATASET/       everything people read; ``scores.csv`` and ``about.json`` are all that tables are made of
"""

from __future__ import annotations

import dataclasses
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from files.errors import InputError
from study import records, wide
from study.entries import ANCHORS, PROPOSED, Entry

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: The name under which all data sets together stand beside the data sets.
POOLED = "pooled"

#: Endings that tell the files of one scene apart; a scene whose name ends so would share a file with another.
_ENDINGS = (".map", ".initial")

#: Begins the reason of a method that the configured budget leaves out of a data set.
OVER_BUDGET = "left out by the configured budget"

#: What Snakemake refuses in the value of a wildcard.
_REPETITION = re.compile(r"(.+?)\1{15,}$")

#: Largest length of a scene's name in bytes: names of files have 255, and some of a result say more than the scene.
_LONGEST = 120


@dataclass(frozen=True)
class SceneFacts:
    """What is known of a scene after its sources were read once.

    Parameters
    ----------
    name : str
    status : {"ok", "unavailable", "failed"}
        Unavailable: a file is neither here nor can it be fetched.
    reason : str
        Why the sources cannot be used; empty otherwise.
    height, width, count : int
        Size in pixels and number of sources; 0 for a scene that cannot be read.
    colour : bool
    checksums : tuple of str
        sha256 of every source.
    truth : bool
        Whether anything is known exactly.
    truth_checksum : str
        sha256 of what is known; empty without truth.
    """

    name: str
    status: str = "ok"
    reason: str = ""
    height: int = 0
    width: int = 0
    count: int = 0
    colour: bool = False
    checksums: tuple[str, ...] = ()
    truth: bool = False
    truth_checksum: str = ""

    @property
    def usable(self) -> bool:
        """Whether the sources can be read."""
        return self.status == "ok"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and number of sources."""
        return self.height, self.width, self.count


@dataclass(frozen=True)
class DatasetFacts:
    """What is known of a data set after every scene was read once.

    Parameters
    ----------
    dataset, label : str
    status : {"ok", "unavailable", "failed"}
    reason : str
    note : str
        Citation, and what tables must say.
    pixels : str
        What the files hold: number, size, coding.
    align : str
        How the images are aligned to each other; empty where they are taken as they are.
    folder : str
        Folder of a user's data set; empty for one of the catalogue.
    attempt : int
        How often this was tried; see `study.run.retry`.
    scenes : tuple of SceneFacts
    remarks : tuple of str
        What a user should know of a folder of his own: files that are left out, equal pictures, unused bits. One plain sentence each.
    """

    dataset: str
    label: str
    status: str = "ok"
    reason: str = ""
    note: str = ""
    pixels: str = ""
    align: str = ""
    folder: str = ""
    attempt: int = 1
    scenes: tuple[SceneFacts, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def usable(self) -> tuple[SceneFacts, ...]:
        """Scenes that can be read."""
        return tuple(scene for scene in self.scenes if scene.usable)

    @property
    def stacks(self) -> tuple[SceneFacts, ...]:
        """Readable scenes of more than two images."""
        return tuple(scene for scene in self.usable if scene.count > 2)

    def scene(self, name: str) -> SceneFacts:
        """The scene of that name (`KeyError` when there is none)."""
        return {scene.name: scene for scene in self.scenes}[name]


@dataclass(frozen=True)
class FusedScene:
    """How the fusion of one scene by one method ended.

    Parameters
    ----------
    dataset, method, scene : str
        `method` is the name of an entry; `scene` is empty where the method did not run on the data set at all.
    status : {"ok", "skipped", "failed", "unavailable"}
    reason : str
    map : {"", "decision", "index"}
        Kind of the stored map.
    image_sha256, map_sha256 : str
    key : str
        Equal for equal sources, options, code and device.
    attempt : int
        How often the method was tried on the data set; see `study.run.retry`.
    """

    dataset: str
    method: str
    scene: str
    status: str
    reason: str = ""
    map: str = ""
    image_sha256: str = ""
    map_sha256: str = ""
    key: str = ""
    attempt: int = 1


@dataclass(frozen=True)
class Score:
    """Value of one metric for one fused scene.

    Parameters
    ----------
    dataset, scene, method, metric : str
    value : float or None
        None where there is no value.
    status : {"ok", "undefined", "not_applicable", "failed", "skipped", "unavailable"}
    reference : {"", "sources", "truth"}
        What the fused image was compared with.
    reason : str
    attempt : int
        How often the images of the method on the data set were scored; see `study.run.retry`.
    """

    dataset: str
    scene: str
    method: str
    metric: str
    value: float | None = None
    status: str = "ok"
    reference: str = ""
    reason: str = ""
    attempt: int = 1


@dataclass(frozen=True)
class Timing:
    """One timed fusion, or why there is none.

    Parameters
    ----------
    dataset, scene, method, label : str
    device, device_name : str
    threads : int or None
    megapixels : float or None
        Of one image.
    images : int or None
        Number of sources.
    repeat : int or None
        From 1.
    warm : {"", "yes", "no"}
        Whether an untimed run came before.
    seconds : float or None
        Decoded arrays in, array out.
    peak_memory_mb : float or None
        MiB: the largest resident memory of the process (CPU) or the allocator's peak (CUDA).
    status, reason : str
    environment : str
        Versions of the libraries.
    load : float or None
        Share of the cores that other programs held meanwhile (`study.run.load`); None: not recorded.
    attempt : int
        How often the method was timed on the data set; see `study.run.retry`.
    """

    dataset: str
    method: str
    label: str
    scene: str = ""
    device: str = ""
    device_name: str = ""
    threads: int | None = None
    megapixels: float | None = None
    images: int | None = None
    repeat: int | None = None
    warm: str = ""
    seconds: float | None = None
    peak_memory_mb: float | None = None
    status: str = "ok"
    reason: str = ""
    environment: str = ""
    load: float | None = None
    attempt: int = 1


STATUS_COLUMNS: tuple[str, ...] = tuple(f.name for f in dataclasses.fields(FusedScene))
SCORE_COLUMNS = ("dataset", "scene", "method", "metric", "value", "status", "reference", "reason")
TIMING_COLUMNS: tuple[str, ...] = (
    "dataset",
    "scene",
    "method",
    "label",
    "device",
    "device_name",
    "threads",
    "megapixels",
    "images",
)
TIMING_COLUMNS += ("repeat", "warm", "seconds", "peak_memory_mb", "status", "reason", "environment", "load", "attempt")
#: How numbers of a timing stand in its file.
_TIMING_FORMATS = {"seconds": "{:.5f}", "peak_memory_mb": "{:.0f}", "megapixels": "{:g}", "load": "{:.2f}"}


@dataclass(frozen=True)
class About:
    """What a table needs besides the scores (``about.json``): the data set, its scenes and the methods of the run.

    Parameters
    ----------
    dataset, label, pixels, note, status, reason : str
        As of `DatasetFacts`.
    scenes : tuple of SceneFacts
        Name, status, reason, number of sources and whether there is truth; the rest is not stored.
    metrics : tuple of str
    entries : tuple of Entry
        Methods of the run in table order.
    main : tuple of str
        Names of the entries of the paper's table.
    datasets : tuple of str
        Data sets of a run; only for `POOLED`.
    rank_note : str
        Says how ranks came about, where not as in a table of one data set.
    dated : str
        Day on which the scores were last changed (YYYY-MM-DD, UTC); empty where that is not known. It dates the tables.
    highlight : tuple of str
        Names of the entries that the configuration highlights; empty: the default.
    over_budget : tuple of str
        Names of the entries that the budget leaves out.
    """

    dataset: str
    label: str
    pixels: str = ""
    note: str = ""
    status: str = "ok"
    reason: str = ""
    scenes: tuple[SceneFacts, ...] = ()
    metrics: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    main: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    rank_note: str = ""
    dated: str = ""
    highlight: tuple[str, ...] = ()
    over_budget: tuple[str, ...] = ()

    @property
    def readable(self) -> int:
        """Number of scenes that could be read."""
        return sum(scene.usable for scene in self.scenes)

    @property
    def main_entries(self) -> tuple[Entry, ...]:
        """The methods of the paper's table."""
        return tuple(entry for entry in self.entries if entry.name in self.main)

    @property
    def names_highlighted(self) -> tuple[str, ...]:
        """Names of the methods that are tested against all others and highlighted, whether they take part or not: by default GACN."""
        return self.highlight or (PROPOSED,)

    @property
    def highlighted(self) -> tuple[Entry, ...]:
        """Those of them that take part."""
        entries = {entry.name: entry for entry in self.entries}
        return tuple(entries[name] for name in self.names_highlighted if name in entries)

    def variants(self, name: str) -> tuple[Entry, ...]:
        """The variants of a method."""
        return tuple(entry for entry in self.entries if entry.method == name != entry.name)

    @property
    def emphasised(self) -> frozenset[str]:
        """Names of the highlighted methods and of their variants, which figures print in bold."""
        names = {entry.name for entry in self.highlighted}
        return frozenset(entry.name for entry in self.entries if entry.name in names or entry.method in names)

    @property
    def anchors(self) -> tuple[Entry, ...]:
        """The methods that recent ones are compared with; variants of such a method are no anchors."""
        return tuple(entry for entry in self.entries if entry.name in ANCHORS or entry in self.highlighted)

    @property
    def newest(self) -> tuple[Entry, ...]:
        """The methods after the paper's comparison but the highlighted ones, which they are held against."""
        return tuple(entry for entry in self.entries if entry.is_newest and entry not in self.highlighted)


@dataclass(frozen=True)
class Results:
    """The folder of a run's results.

    Parameters
    ----------
    root : str
        ``results``, or a folder of kept tables such as ``results/reference``.
    """

    root: str = "results"
    _cache: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    # -- places ------------------------------------------------------------------------------------------------

    def sources(self, dataset: str) -> str:
        """What a data set holds."""
        return f"{self.root}/sources/{dataset}.json"

    def weights(self, method: str) -> str:
        """Which weight files of a method are here."""
        return f"{self.root}/weights/{method}.json"

    def published(self, dataset: str, method: str) -> str:
        """Which images that a method's authors published of a data set are here."""
        return f"{self.root}/published/{dataset}/{method}.json"

    def fused(self, dataset: str, entry: str) -> str:
        """How the fusion of every scene ended."""
        return f"{self.root}/fused/{dataset}/{entry}.csv"

    def image(self, dataset: str, entry: str, scene: str) -> Path:
        """Fused image of a scene."""
        return self._fused_file(dataset, entry, scene, ".png")

    def map(self, dataset: str, entry: str, scene: str) -> Path:
        """Decision or index map of a scene."""
        return self._fused_file(dataset, entry, scene, ".map.png")

    def initial_map(self, dataset: str, entry: str, scene: str) -> Path:
        """Decision map of a scene before post-processing."""
        return self._fused_file(dataset, entry, scene, ".initial.png")

    def made(self, dataset: str, entry: str, scene: str) -> Path:
        """How the fused image of a scene was made."""
        return self._fused_file(dataset, entry, scene, ".json")

    def _fused_file(self, dataset: str, entry: str, scene: str, ending: str) -> Path:
        return Path(self.root, "fused", dataset, entry, f"{scene}{ending}")

    def scores(self, dataset: str, entry: str) -> str:
        """Scores of one method on a data set."""
        return f"{self.root}/scores/{dataset}/{entry}.csv"

    def scene_scores(self, dataset: str, entry: str, scene: str) -> Path:
        """Scores of one fused scene with the keys under which they stay valid."""
        return Path(self.root, "scores", dataset, entry, f"{scene}.json")

    def arrays(self, dataset: str, scene: str, key: str) -> Path:
        """Folder of what metrics computed of the sources of a scene alone."""
        return Path(self.arrays_of(dataset), f"{scene}-{key}")

    def arrays_of(self, dataset: str) -> str:
        """Folder of all that metrics computed of the sources of a data set alone; it is made again where it is needed and missing."""
        return f"{self.root}/arrays/{dataset}"

    def scoring_seconds(self, dataset: str, entry: str) -> str:
        """Duration of a scoring job (Snakemake's benchmark file)."""
        return f"{self.root}/durations/score/{dataset}/{entry}.tsv"

    def timing(self, dataset: str, entry: str) -> str:
        """Times of one method on a data set."""
        return f"{self.root}/timing/{dataset}/{entry}.csv"

    def stack_timing(self, dataset: str) -> str:
        """Times of GACN on the first stack of a data set."""
        return f"{self.root}/stacks/{dataset}_timing.csv"

    def stack_breakdown(self, dataset: str) -> str:
        """Where these times go."""
        return f"{self.root}/stacks/{dataset}_breakdown.csv"

    def stack_alignment(self, dataset: str, name: str = "about.json") -> str:
        """A file of what aligning a stack changes."""
        return f"{self.root}/stacks/{dataset}_alignment/{name}"

    def training(self, run: str, name: str = "") -> str:
        """The record of a training, or a file of its folder."""
        return f"{self.root}/training/{run}/{name}" if name else f"{self.root}/training/{run}.json"

    def table(self, name: str, dataset: str = "") -> str:
        """A table of a data set, or of the benchmark as a whole."""
        return "/".join(part for part in (self.root, "tables", dataset, name) if part)

    def figure(self, name: str, dataset: str = "") -> str:
        """A figure of a data set, or of the benchmark as a whole."""
        return "/".join(part for part in (self.root, "figures", dataset, name) if part)

    def page(self, name: str) -> str:
        """What stands beside tables and figures: ``FINDINGS.md``, ``summary.md``, ``run.json``, ``report.html``."""
        return f"{self.root}/{name}"

    def own(self, verb: str, name: str) -> str:
        """Folder of the results of one's own methods beside the reference run: a folder of results again."""
        return f"{self.root}/{verb}/{name}"

    def submission(self, name: str) -> str:
        """A submitted row (`study.own.submission`): of one's own results, or one that was taken into kept ones."""
        return f"{self.root}/submissions/{name}.json"

    # -- data sets ---------------------------------------------------------------------------------------------

    def write_sources(self, facts: DatasetFacts) -> None:
        """Store what is known of a data set."""
        records.write_json(self.sources(facts.dataset), dataclasses.asdict(facts))

    def read_sources(self, dataset: str) -> DatasetFacts:
        """What is known of a data set.

        Raises
        ------
        files.errors.InputError
            Nothing is stored for it.
        """
        facts = self.sources_if_any(dataset)
        if facts is None:
            raise InputError(f"{self.sources(dataset)}: no such file; run `snakemake {self.sources(dataset)}` first")
        return facts

    def sources_if_any(self, dataset: str) -> DatasetFacts | None:
        """What is known of a data set, or None when it was not looked at yet."""
        path = Path(self.sources(dataset))
        if not path.is_file():
            return None
        stored = records.read_json(path)
        return DatasetFacts(
            **_known(DatasetFacts, stored)
            | {"scenes": tuple(map(_scene, stored["scenes"])), "remarks": tuple(stored.get("remarks", ()))}
        )

    # -- fused images ------------------------------------------------------------------------------------------

    def write_fused(self, dataset: str, entry: str, rows: Sequence[FusedScene]) -> None:
        """Store how every scene ended."""
        records.write_csv(self.fused(dataset, entry), STATUS_COLUMNS, map(dataclasses.asdict, rows))

    def read_fused(self, dataset: str, entry: str) -> list[FusedScene]:
        """How every scene ended (empty when the method did not run yet)."""
        return [_fused(row) for row in records.read_csv(self.fused(dataset, entry))]

    def write_made(self, row: FusedScene) -> None:
        """Store how the fused image of a scene was made."""
        records.write_json(self.made(row.dataset, row.method, row.scene), dataclasses.asdict(row))

    def read_made(self, dataset: str, entry: str, scene: str) -> FusedScene | None:
        """How the stored fused image was made; None where there is none, or where its files are not those that were written."""
        path = self.made(dataset, entry, scene)
        try:
            row = _fused(records.read_json(path))
        except (OSError, ValueError, TypeError):
            return None
        files = [(self.image(dataset, entry, scene), row.image_sha256)]
        files += [(self.map(dataset, entry, scene), row.map_sha256)] if row.map else []
        return row if all(records.sha256(file) == checksum for file, checksum in files) else None

    def fused_scenes(self, dataset: str) -> set[str]:
        """Names of the scenes of which any method has a stored result, those of earlier runs among them."""
        return {path.stem for path in Path(self.root, "fused", dataset).glob("*/*.json")}

    def read_map(self, row: FusedScene) -> np.ndarray | None:
        """Number (from 0) of the source taken at every pixel (integer H x W); None without a map."""
        if not row.map:
            return None
        from imaging.files import read_levels

        levels = read_levels(self.map(row.dataset, row.method, row.scene))
        return levels if row.map == "index" else (levels < 128).astype("uint8")

    # -- scores ------------------------------------------------------------------------------------------------

    def write_scores(self, dataset: str, entry: str, rows: Iterable[Score]) -> None:
        """Store the scores of a method on a data set."""
        records.write_csv(self.scores(dataset, entry), (*SCORE_COLUMNS, "attempt"), map(_score_row, rows))

    def write_scene_scores(self, scores: Sequence[Score], keys: Mapping[str, str]) -> None:
        """Store the scores of one scene; `keys` maps each metric to what its value depends on."""
        first = scores[0]
        values = {s.metric: {"key": keys[s.metric], **_score_row(s)} for s in scores}
        records.write_json(self.scene_scores(first.dataset, first.method, first.scene), values)

    def read_scene_scores(self, dataset: str, entry: str, scene: str) -> dict[str, tuple[str, Score]]:
        """Metric -> key and score, as far as they are stored."""
        try:
            stored = records.read_json(self.scene_scores(dataset, entry, scene))
            return {metric: (row["key"], _score(row)) for metric, row in stored.items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}

    def read_scores(self, dataset: str, entry: str) -> list[Score]:
        """Scores of a method on a data set (empty when there are none yet)."""
        return [_score(row) for row in records.read_csv(self.scores(dataset, entry))]

    def read_scoring_seconds(self, dataset: str, entry: str) -> float | None:
        """Seconds that a scoring job took, or None when it did not run."""
        rows = records.read_csv(self.scoring_seconds(dataset, entry), delimiter="\t")
        return float(rows[0]["s"]) if rows else None

    # -- times -------------------------------------------------------------------------------------------------

    def write_timing(self, path: str | Path, rows: Sequence[Timing]) -> None:
        """Store times (a file of `timing` or `stack_timing`)."""
        records.write_csv(path, TIMING_COLUMNS, map(_timing_row, rows))

    def read_timing(self, path: str | Path) -> pd.DataFrame:
        """Times as a data frame: one row per repeat, numbers as float (NaN where there is none)."""
        import pandas as pd

        frame = read_frame(
            path, TIMING_COLUMNS, ("threads", "megapixels", "images", "repeat", "seconds", "peak_memory_mb")
        )
        # Older times have no such column: the load was not recorded.
        frame["load"] = pd.to_numeric(frame["load"], errors="coerce") if "load" in frame else float("nan")
        return frame

    def read_times(self, dataset: str) -> pd.DataFrame:
        """The timing table of a data set (``timing.csv``), all columns as text; empty when nothing was timed."""
        return read_frame(self.table("timing.csv", dataset), ("method",))

    # -- what tables are made of -------------------------------------------------------------------------------

    def described(self) -> list[str]:
        """Data sets whose scores are kept (``about.json``), sorted; the pool of them is none."""
        found = sorted(path.parent.name for path in Path(self.root).glob("tables/*/about.json"))
        return [name for name in found if name != POOLED]

    def kept_datasets(self) -> list[str]:
        """As `described`, of a folder that must have some.

        Raises
        ------
        files.errors.InputError
            There is no such folder, or it holds no scores.
        """
        found = self.described()
        if not found:
            what = "no tables/DATASET/about.json there" if Path(self.root).is_dir() else "no such folder"
            raise InputError(f"{self.root}: {what}; the folder with the results of a finished run is needed")
        return found

    def write_about(self, about: About) -> None:
        """Store ``about.json``."""
        stored = {name: getattr(about, name) for name in ("dataset", "label", "note", "pixels", "reason", "status")}
        stored["scenes"] = [
            {key: getattr(s, key) for key in ("name", "reason", "status", "count", "truth")} for s in about.scenes
        ]
        stored["metrics"] = list(about.metrics)
        stored["methods"] = [_entry_row(e) | {"main": e.name in about.main} for e in about.entries]
        stored |= {"dated": about.dated} if about.dated else {}
        stored |= {name: list(names) for name in ("highlight", "over_budget") if (names := getattr(about, name))}
        if about.datasets:
            stored |= {"datasets": list(about.datasets), "rank_note": about.rank_note}
        records.write_json(self.table("about.json", about.dataset), stored)

    def read_about(self, dataset: str) -> About:
        """What tables need besides the scores."""
        stored = records.read_json(self.table("about.json", dataset))
        methods = stored.get("methods", [])
        return About(
            **_known(About, stored)
            | {
                "scenes": tuple(map(_scene, stored.get("scenes", []))),
                "metrics": tuple(stored.get("metrics", [])),
                "entries": tuple(Entry(**_known(Entry, method)) for method in methods),
                "main": tuple(method["name"] for method in methods if method["main"]),
                **{name: tuple(stored.get(name, [])) for name in ("datasets", "highlight", "over_budget")},
            }
        )

    def write_tidy(self, dataset: str, scores: pd.DataFrame) -> None:
        """Store the scores of all methods on a data set (``scores.csv``; form: `study.wide`)."""
        write_frame(self.table("scores.csv", dataset), wide.widened(scores))

    def read_tidy(self, dataset: str) -> pd.DataFrame:
        """The scores of all methods on a data set: one row per scene, method and metric, as of `Score`; ``value`` is float (NaN = none)."""
        path = self.table("scores.csv", dataset)
        frame = read_frame(path, SCORE_COLUMNS)
        if "metric" in frame:
            # No file, or one of an earlier version, which wrote one row per metric.
            return read_frame(path, SCORE_COLUMNS, ("value",))
        return wide.lengthened(frame, dataset, path)


def unusable_names(names: Iterable[str]) -> dict[str, str]:
    """Names of scenes that cannot be file names everywhere, or under which two scenes would share a file: name -> why.

    Of two names that some file system takes for one, the second is unusable.
    """
    seen: dict[str, str] = {}
    found = {}
    for name in names:
        same = unicodedata.normalize("NFC", name).casefold()
        # Figures write these in three characters.
        length = len(os.fsencode(name)) + 2 * sum(name.count(c) for c in "%{}")
        if not name or name.startswith(".") or name != name.strip() or any(_forbidden(c) for c in name):
            found[name] = f"the scene name {name!r} cannot be a file name everywhere; rename it"
        elif length > _LONGEST:
            found[name] = f"the scene name has {length} bytes; shorten it to {_LONGEST} at most"
        elif _REPETITION.search(name):
            found[name] = (
                f"scene '{name}': Snakemake takes a name that ends with so many repetitions for an endless one; rename it"
            )
        elif name.casefold().endswith(_ENDINGS):
            found[name] = f"scene '{name}' would share a file with another one; rename it (not {', '.join(_ENDINGS)})"
        elif same in seen:
            found[name] = f"scenes '{seen[same]}' and '{name}' differ by case or coding only; rename one"
        seen.setdefault(same, name)
    return found


def _forbidden(character: str) -> bool:
    # Control characters, ends of lines, and bytes that are no UTF-8.
    return character in '/\\:*?"<>|' or unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs")


def read_frame(path: str | Path, columns: Sequence[str] = (), numbers: Sequence[str] = ()) -> pd.DataFrame:
    """A CSV file as a data frame: text columns as str (empty where nothing stands), `numbers` as float to the last digit.

    A file that does not exist gives an empty frame with `columns`.
    """
    import pandas as pd

    if not Path(path).is_file():
        return pd.DataFrame(columns=list(columns)).astype({name: float for name in numbers})
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    for name in numbers:
        frame[name] = frame[name].map(lambda text: float(text) if text else float("nan")).astype(float)
    return frame


def write_frame(path: str | Path, frame: pd.DataFrame) -> None:
    """Write a data frame as CSV, atomically; floats with all their digits, NaN as nothing."""
    from files.atomic import write_text

    write_text(path, frame.to_csv(index=False, lineterminator="\n"))


def _known(kind: type, row: Mapping[str, Any]) -> dict[str, Any]:
    names = {f.name for f in dataclasses.fields(kind)}
    return {name: value for name, value in row.items() if name in names}


def _entry_row(entry: Entry) -> dict[str, Any]:
    row = dataclasses.asdict(entry)
    return {name: value for name, value in row.items() if name != "origin" or value}


def _scene(row: Mapping[str, Any]) -> SceneFacts:
    return SceneFacts(**_known(SceneFacts, row) | {"checksums": tuple(row.get("checksums", ()))})


def _fused(row: Mapping[str, Any]) -> FusedScene:
    return FusedScene(**_known(FusedScene, row) | {"attempt": int(row.get("attempt", 1))})


def _score_row(score: Score) -> dict[str, Any]:
    return dataclasses.asdict(score) | {"value": "" if score.value is None else repr(score.value)}


def _score(row: Mapping[str, Any]) -> Score:
    value = float(row["value"]) if row["value"] else None
    return Score(**_known(Score, row) | {"value": value, "attempt": int(row.get("attempt", 1))})


def _timing_row(timing: Timing) -> dict[str, str]:
    row = dataclasses.asdict(timing)
    return {name: "" if value is None else _TIMING_FORMATS.get(name, "{}").format(value) for name, value in row.items()}
