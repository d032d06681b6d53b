"""What a table needs besides the scores: the data set, its scenes and the methods of the run (``about.json``).

``scores.csv`` and ``about.json`` of a data set are all that its tables are made of, so these can be made again without
the images (`study.regenerate`).
"""

import scenes
from files.errors import InputError, Unavailable
from study.config import Entry

#: Keys of a scene's description that tables use.
_SCENE = ("name", "status", "reason", "truth")


def describe(described, entries, main, metric_ids, folder=None):
    """The contents of ``about.json``.

    Parameters
    ----------
    described : dict
        From `study.run.sources.collect`.
    entries : iterable of study.config.Entry
    main : collection of str
        Names of the entries of the paper's table (`study.config.Settings.main_entries`).
    metric_ids : sequence of str
    folder : path-like, optional
        Folder of a user's data set.

    Returns
    -------
    dict
    """
    about = {key: described[key] for key in ("dataset", "label", "note", "status", "reason")}
    about["pixels"] = _pixels(described["dataset"], folder)
    if described.get("align"):
        about["pixels"] += f"; aligned here by a {described['align']}"
    about["scenes"] = [{key: scene.get(key, False) for key in _SCENE} for scene in described["scenes"]]
    about["metrics"] = list(metric_ids)
    about["methods"] = [vars(entry) | {"main": entry.name in main} for entry in entries]
    return about


def _pixels(dataset, folder):
    try:
        return scenes.load(dataset, folder=folder or None).pixels
    except (InputError, Unavailable):
        # A folder that is gone is told by the data set's own status.
        return ""


def entries(about, main_only=False):
    """The methods of a run (list of `study.config.Entry`), or only those of the paper's table."""
    chosen = [method for method in about["methods"] if method["main"] or not main_only]
    return [Entry(**{key: value for key, value in method.items() if key != "main"}) for method in chosen]


def readable(about):
    """Number of scenes that could be read."""
    return sum(scene["status"] == "ok" for scene in about["scenes"])
