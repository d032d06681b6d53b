"""Which scenes and methods the figures show: chosen in the configuration, or the paper's own where the run has them."""

from typing import TYPE_CHECKING

import methods
import scenes
from files.errors import InputError, Unavailable, did_you_mean
from study.entries import Entry
from study.store import Results, unusable_names

if TYPE_CHECKING:
    from study.config import Settings

#: Data set and scene of each figure when the configuration names none, the first that the run has; "" stands for the
#: first pair (or stack, see `OF_STACKS`) of the data set. The lion is the pair on which the GACN paper compares decision maps.
PREFERRED = {
    "decision_maps": (("gacn_extra", "mwg_temple"), ("lytro", "")),
    "crops": (("lytro", ""),),
    "gallery": (("lytro", ""),),
    "index_maps": (("embedded", "motorcycle_stack"), ("embedded_stacks", "")),
}
#: The figures that show a stack, where the others show a pair.
OF_STACKS = ("index_maps",)


def _scenes(settings: "Settings", dataset: str) -> dict[str, int]:
    """Number of images by scene, without names that cannot be used; of a data set that is partly on this machine, what is; empty for a data set that cannot be read, which costs only itself."""
    try:
        loaded = scenes.load(dataset, folder=settings.folders.get(dataset))
        wanted = settings.scenes.get(dataset)
        found = scenes.choose(loaded, wanted).scenes if wanted else loaded.scenes
    except (InputError, Unavailable):
        return {}
    unusable = unusable_names(scene.name for scene in found)
    usable = [scene for scene in found if scene.name not in unusable]
    here = [scene for scene in usable if not scene.missing()]
    return {scene.name: scene.count for scene in here or usable}


def split(settings: "Settings", key: str) -> tuple[str, str]:
    """Data set and scene of a key as the configuration writes it.

    Parameters
    ----------
    settings : study.config.Settings
    key : str
        ``"dataset/scene"``.

    Raises
    ------
    files.errors.InputError
        The run has no such data set, or the data set no such scene.
    """
    dataset, _, scene = key.partition("/")
    if dataset not in settings.datasets:
        raise InputError(f"configuration: figures: '{key}': this run has no data set '{dataset}'")
    known = _scenes(settings, dataset)
    if known and scene not in known:
        raise InputError(f"configuration: figures: '{key}': no such scene; {did_you_mean(scene, list(known))}")
    return dataset, scene


def chosen(settings: "Settings", figure: str) -> list[tuple[str, str]]:
    """Scenes that a figure shows.

    Parameters
    ----------
    settings : study.config.Settings
    figure : {"decision_maps", "crops", "gallery", "index_maps"}

    Returns
    -------
    list of (str, str)
        Data set and scene; empty when the run has no pair (or stack, see `OF_STACKS`) at all.
    """
    configured = settings.figures[figure]["scenes"]
    if configured is not None:
        return [split(settings, key) for key in configured]
    preferred = [(d, s) for d, s in PREFERRED[figure] if d in settings.datasets]
    for dataset, scene in preferred + [(d, "") for d in settings.datasets]:
        found = [name for name, count in _scenes(settings, dataset).items() if (count > 2) == (figure in OF_STACKS)]
        if scene in found or (found and not scene):
            return [(dataset, scene or found[0])]
    return []


def entries(settings: "Settings", figure: str, dataset: str) -> list[Entry]:
    """Methods of the run that a figure of a data set shows: those configured, or all but controls."""
    names, known = settings.figures[figure]["methods"], settings.entries_on(dataset)
    if names is None:
        return [entry for entry in known.values() if not entry.is_control]
    return [known[name] for name in names if name in known]


def name_of(dataset: str, scene: str) -> str:
    """The part of a figure's file name that says what it shows: ``DATASET_SCENE``, without the braces of Snakemake's wildcards."""
    plain = scene.replace("%", "%25").replace("{", "%7B").replace("}", "%7D")
    return f"{dataset}_{plain}"


def find(settings: "Settings", name: str) -> tuple[str, str]:
    """Data set and scene that `name_of` names; any scene of the run can be asked for.

    Raises
    ------
    files.errors.InputError
        No data set of the run has such a scene.
    """
    for dataset in settings.datasets:
        for scene in _scenes(settings, dataset) if name.startswith(dataset) else ():
            if name_of(dataset, scene) == name:
                return dataset, scene
    raise InputError(f"no data set of this run has the scene of '{name}' (expected: DATASET_SCENE)")


def window(settings: "Settings", dataset: str, scene: str) -> list[int]:
    """Row, column and side of a scene's enlarged crop as configured; empty where the program looks for one."""
    return list(settings.figures["windows"].get(f"{dataset}/{scene}", []))


def check(settings: "Settings") -> None:
    """Check what the configuration says of scenes and methods in figures, before anything runs.

    Raises
    ------
    files.errors.InputError
        A scene that is not in the run, or a method that does not exist. A method that exists and is only not in this run is no error.
        Two scenes whose figures would share a file, as of the data sets ``a`` and ``a_b``.
    """
    if settings.kept:
        return
    files: dict[str, str] = {}
    for dataset in settings.datasets:
        for scene in _scenes(settings, dataset):
            key, other = f"{dataset}/{scene}", files.setdefault(name_of(dataset, scene), f"{dataset}/{scene}")
            if other != key:
                raise InputError(
                    f"configuration: datasets: figures of '{other}' and '{key}' would share a file; name a data set or scene differently"
                )
    for key in settings.figures["windows"]:
        split(settings, key)
    known = list(dict.fromkeys([*methods.registry.ids(), *settings.entries, *settings.raw["variants"]]))
    for figure in PREFERRED:
        chosen(settings, figure)
        for name in settings.figures[figure]["methods"] or []:
            if name not in known:
                raise InputError(
                    f"configuration: figures.{figure}.methods: unknown method '{name}'; {did_you_mean(name, known)}"
                )


def with_scenes(settings: "Settings", least: int) -> list[str]:
    """Data sets of the run with so many scenes or more, for figures over scenes."""
    if settings.kept:
        results = Results(settings.kept)
        return [dataset for dataset in settings.datasets if len(results.read_about(dataset).scenes) >= least]
    return [dataset for dataset in settings.datasets if len(_scenes(settings, dataset)) >= least]
