"""Fuse all scenes of a data set with one method, scene by scene, losing nothing that was finished."""

import logging
import traceback
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import numpy as np

import methods
from files.errors import InputError, Unavailable
from imaging.files import write_image, write_levels
from study import records
from study.config import forecast
from study.gacn import train_network as training
from study.run.sources import load_described
from study.runtime import plain

log = logging.getLogger(__name__)


def _row(dataset, entry, scene, status, reason="", **more):
    return {"dataset": dataset, "method": entry.name, "scene": scene, "status": status, "reason": plain(reason), **more}


def reason_not_to_run(entry, described, budget=None):
    """Why a method does not run on a data set at all: no data, no weights, or over the budget ("" when it does)."""
    if described["status"] != "ok":
        return f"data set {described['dataset']} is {described['status']}: {described['reason']}"
    missing = training.reason(entry) or methods.availability(entry.method, entry.options)
    if missing:
        return missing
    if budget is not None:
        seconds = forecast(entry.declared, shapes(described))
        if seconds > budget:
            return (
                f"left out by the configured budget: forecast {seconds:.0f} s for this data set, allowed {budget:g} s"
            )
    return ""


def shapes(described):
    """(height, width, count) of every usable scene of a described data set."""
    return [(s["height"], s["width"], s["count"]) for s in described["scenes"] if s["status"] == "ok"]


def fuse_set(entry, described, output, *, folder=None, device="cpu", code="", budget=None):
    """Fuse every scene of a data set with one method.

    A scene whose result is there already, made by the same code from the same sources with the same options, is
    kept. A scene that fails leaves a row with the reason; the others go on.

    Parameters
    ----------
    entry : study.config.Entry
    described : dict
        From `study.run.sources.collect`.
    output : path-like
        Folder for ``SCENE.png``, ``SCENE.map.png`` (decision or index map) and ``SCENE.json`` (how it was made).
    folder : path-like, optional
        Folder of a user's data set.
    device : {"cpu", "cuda"}
    code : str
        Hash of the plug-in's sources.
    budget : float, optional
        Largest forecast in seconds.

    Returns
    -------
    list of dict
        One row per scene (`study.records.STATUS`): ok, skipped, failed; one row without a scene when the
        method or the data set is unavailable.
    """
    output = Path(output)
    dataset = described["dataset"]
    reason = reason_not_to_run(entry, described, budget)
    if reason:
        return [_row(dataset, entry, "", "failed" if described["status"] == "failed" else "unavailable", reason)]
    loaded = {scene.name: scene for scene in load_described(described, folder).scenes}
    code += training.checksums(entry)
    rows = []
    for number, source in enumerate(described["scenes"], start=1):
        name = source["name"]
        if source["status"] != "ok":
            rows.append(_row(dataset, entry, name, "failed", f"sources: {source['reason']}"))
        else:
            key = records.key(entry.method, entry.options, source["checksums"], code, device)
            rows.append(
                _kept(dataset, entry, name, output, key) or _fuse(dataset, entry, loaded[name], output, key, device)
            )
        log.info("%d of %d: %s %s", number, len(described["scenes"]), name, rows[-1]["status"])
    return rows


def fuse_set_apart(entry, described, output, **more):
    """`fuse_set` in a process of its own: a method that takes its process down (memory, a crash in a library)
    leaves rows with status failed for the scenes it had not finished, like one that raises.
    """
    with ProcessPoolExecutor(max_workers=1) as pool:
        try:
            return pool.submit(fuse_set, entry, described, output, **more).result()
        except BrokenProcessPool:
            log.error("%s took its process down", entry.name)
    rows = []
    for source in described["scenes"]:
        made = Path(output) / f"{source['name']}.json"
        finished = records.read_json(made) if made.is_file() else None
        lost = "the process was killed (out of memory, or a crash in a library)"
        rows.append(finished or _row(described["dataset"], entry, source["name"], "failed", lost))
    return rows


def _kept(dataset, entry, name, output, key):
    made = output / f"{name}.json"
    if not made.is_file():
        return None
    try:
        row = records.read_json(made)
    except ValueError:
        return None
    whole = row.get("key") == key and records.sha256(output / f"{name}.png") == row["image_sha256"]
    if whole and row["map"]:
        whole = records.sha256(output / f"{name}.map.png") == row["map_sha256"]
    return row if whole else None


def _fuse(dataset, entry, scene, output, key, device):
    image, chosen = output / f"{scene.name}.png", output / f"{scene.name}.map.png"
    try:
        fusion = methods.fuse(
            entry.method,
            scene.sources,
            options=entry.options,
            device=device if "device" in entry.declared.needs else "cpu",
            truth=scene.truth() if "truth" in entry.declared.needs else None,
            scene=scene.name,
        )
        _check(fusion.image, scene)
        write_image(image, fusion.image)
        kind = ""
        if fusion.decision_map is not None:
            kind = "decision"
            write_image(chosen, fusion.decision_map)
        elif fusion.index_map is not None:
            kind = "index"
            write_levels(chosen, fusion.index_map)
        if fusion.initial_map is not None:
            write_image(output / f"{scene.name}.initial.png", fusion.initial_map)
        row = _row(dataset, entry, scene.name, "ok", map=kind, image_sha256=records.sha256(image), key=key)
        row["map_sha256"] = records.sha256(chosen) if kind else ""
        records.write_json(output / f"{scene.name}.json", row)
        return row
    except (Unavailable, InputError) as error:
        log.warning("%s on %s: %s", entry.name, scene.name, error)
        return _row(dataset, entry, scene.name, "skipped", error)
    except Exception as error:
        # A method may fail in any way; its other scenes and the other methods must not suffer.
        log.error("%s on %s failed:\n%s", entry.name, scene.name, traceback.format_exc())
        return _row(dataset, entry, scene.name, "failed", f"{type(error).__name__}: {error}")


def _check(image, scene):
    expected = tuple(np.shape(scene.sources[0]))
    if np.shape(image) != expected:
        raise ValueError(f"the fused image has shape {np.shape(image)}, the sources have {expected}")
    if not np.isfinite(image).all():
        raise ValueError("the fused image has values that are not finite")
