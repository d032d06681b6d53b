"""Which scenes the figures show: chosen in the configuration, or the paper's own where the run has them."""

import methods
import scenes
from files.errors import InputError, did_you_mean

#: Data set and scene of each figure when the configuration names none, the first that the run has; "" stands for the
#: first pair of the data set. The lion is the pair on which the GACN paper compares decision maps.
PREFERRED = {
    "decision_maps": (("gacn_extra", "mwg_temple"), ("lytro", "")),
    "crops": (("lytro", ""),),
    "gallery": (("lytro", ""),),
}


def _scenes(settings, dataset):
    return scenes.load(dataset, folder=settings.folders.get(dataset)).scenes


def split(settings, key):
    """Data set and scene of a key as the configuration writes it.

    Parameters
    ----------
    settings : study.config.Settings
    key : str
        ``"dataset/scene"``.

    Returns
    -------
    tuple of (str, str)

    Raises
    ------
    files.errors.InputError
        No such data set in the run, or no such scene in it.
    """
    dataset, _, scene = key.partition("/")
    if dataset not in settings.datasets:
        raise InputError(f"configuration: figures: '{key}': the run has no data set '{dataset}'")
    known = [s.name for s in _scenes(settings, dataset)]
    if scene not in known:
        raise InputError(f"configuration: figures: '{key}': no such scene; {did_you_mean(scene, known)}")
    return dataset, scene


def chosen(settings, figure):
    """Scenes that a figure shows.

    Parameters
    ----------
    settings : study.config.Settings
    figure : {"decision_maps", "crops", "gallery"}

    Returns
    -------
    list of (str, str)
        Data set and scene; empty when the run has no pair at all.
    """
    configured = settings.figures[figure]["scenes"]
    if configured is not None:
        return [split(settings, key) for key in configured]
    preferred = [(d, s) for d, s in PREFERRED[figure] if d in settings.datasets]
    for dataset, scene in preferred + [(d, "") for d in settings.datasets]:
        pairs = [s.name for s in _scenes(settings, dataset) if s.count == 2]
        if scene in pairs or (pairs and not scene):
            return [(dataset, scene or pairs[0])]
    return []


def find(settings, name):
    """Data set and scene of a figure's file name, ``DATASET_SCENE``; any scene of the run can be asked for.

    Raises
    ------
    files.errors.InputError
        No data set of the run has such a scene.
    """
    for dataset in settings.datasets:
        if name.startswith(f"{dataset}_"):
            scene = name.removeprefix(f"{dataset}_")
            if any(s.name == scene for s in _scenes(settings, dataset)):
                return dataset, scene
    raise InputError(f"no data set of this run has the scene of '{name}' (DATASET_SCENE is needed)")


def check(settings):
    """Look at what the configuration says of scenes and methods in figures, before anything runs.

    Raises
    ------
    files.errors.InputError
        A scene that the run has not, or a method that does not exist; a method that only this run leaves out is none.
    """
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


def of_several(settings):
    """Data sets of the run with two scenes or more, for figures over scenes (list of str)."""
    return [dataset for dataset in settings.datasets if len(_scenes(settings, dataset)) > 1]
