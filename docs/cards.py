"""Pages of the documentation that are made of declarations: one card per metric, method and data set.

Numbers come from the kept tables of the reference run, pictures from what is on this machine: fused images of an own run
(`results/fused`), else a small rendered scene that quick methods fuse for their card; sources of data sets that are at hand.
Nothing is fetched.
"""

import inspect
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from numpy.typing import NDArray
from PIL import Image

import methods
import metrics
import scenes
from files import catalogue, fetch
from files.errors import InputError, Unavailable
from imaging.files import read_image
from imaging.levels import to_levels
from study.config import forecast
from study.prose import render
from study.refresh import REFERENCE
from study.store import Results
from study.tables import metric_trust_table
from study.tables.inline import escape
from study.tables.metric_behaviour_table import share

TEMPLATES = Path(__file__).with_name("templates")
KEPT = Results(REFERENCE)
OWN = Results()
#: Width of a picture in pixels, and the scenes of a data set that are shown.
WIDTH, SHOWN = 360, 3
#: The data set whose numbers and pictures stand on the cards of methods.
SHOWCASE = "lytro"
#: Without an own run: a rendered scene for methods that are expected to need at most so many seconds for it.
RENDERED, RENDERED_SCENE, SECONDS = "embedded", "motorcycle_pair", 1.0

ROOMS = ("metrics", "methods", "datasets")
FAMILIES = {
    "control": "Controls",
    "transform": "Transform domain",
    "sparse": "Sparse representation",
    "spatial": "Spatial domain",
    "learned": "Learned",
    "published": "Published images, not re-run",
    "external": "External results",
    "proposed": "Proposed",
}


def write(folder: Path) -> None:
    """Write all cards, with their pictures, into the rooms of a folder; what an earlier build left there goes.

    Parameters
    ----------
    folder : pathlib.Path
        The documentation's sources.
    """
    for room in ROOMS:
        shutil.rmtree(folder / room, ignore_errors=True)
    for path, content in [*_metric_cards(), *_method_cards(), *_dataset_cards()]:
        target = folder / path
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())


def _page(template: str, **facts: Any) -> str:
    return render(TEMPLATES / f"{template}.md.j2", escape=escape, **facts)


# -- metrics -------------------------------------------------------------------------------------------------------


def _metrics() -> list[metrics.Metric]:
    return [metrics.registry.get(name) for name in metrics.registry.ids()]


def _metric_cards() -> Iterator[tuple[str, str | bytes]]:
    truth, calibration = _table("metric_truth"), _table("metric_calibration")
    trust = metric_trust_table.read(KEPT)
    yield "metrics/index.md", _page("metrics", metrics=_metrics(), six=metrics.SIX)
    for metric in _metrics():
        module = metrics.registry.module(metric.id)
        mine = calibration[calibration["metric"] == metric.id]
        yield (
            f"metrics/{metric.id}.md",
            _page(
                "metric",
                metric=metric,
                text=_docstring(module),
                variants=metrics.variants(metric.id),
                truth=truth[(truth["metric"] == metric.id) & (truth["comparison"] == "psnr_all")].to_dict("records"),
                trust=trust[trust["metric"] == metric.id].to_dict("records"),
                degraded=metric_trust_table.DEGRADED,
                share=share,
                checked=len(mine),
                largest=mine["relative"].max() if len(mine) else None,
            ),
        )


def _docstring(module: Any) -> str:
    """The text below the first line, with numpydoc headings as bold lines."""
    _, _, text = (inspect.getdoc(module) or "").partition("\n")
    return re.sub(r"^(.+)\n-{3,}$", r"**\1**\n", text.strip(), flags=re.MULTILINE)


# -- methods -------------------------------------------------------------------------------------------------------


def _methods() -> list[methods.Method]:
    found = [methods.registry.get(name) for name in methods.registry.ids()]
    return sorted(found, key=lambda method: (methods.KINDS.index(method.kind), method.label.lower()))


def _method_cards() -> Iterator[tuple[str, str | bytes]]:
    times = _table("timing", SHOWCASE)
    fidelity = _table("fidelity")
    six = [metrics.registry.get(name) for name in metrics.SIX]
    yield "methods/index.md", _page("methods", methods=_methods(), families=FAMILIES)
    for method in _methods():
        module = methods.registry.module(method.id)
        published = getattr(module, "collections", {})
        collections = sorted({name.split("/")[0] for name in method.files} | {*published.values()})
        rows = fidelity[fidelity["method"] == method.id]
        shown = []
        for name, picture, caption in _pictures(method):
            yield f"methods/{name}", picture
            shown.append((name, caption))
        yield (
            f"methods/{method.id}.md",
            _page(
                "method",
                method=method,
                family=FAMILIES[method.kind],
                text=_docstring(module),
                licences=sorted({row.licence for name in collections for row in catalogue.rows(name)}),
                fidelity=[
                    {"of": f"{name}", "images": len(part), "worst": part["psnr_db"].min(), "why": part["why"].iloc[0]}
                    for name, part in rows.groupby("collection")
                ],
                means=[found for dataset in published or [SHOWCASE] for found in _means(dataset, method.id)],
                where=[scenes.load(dataset).label for dataset in published or [SHOWCASE]],
                times=times[(times["method"] == method.id) & (times["status"] == "ok")].to_dict("records"),
                six=six,
                shown=shown,
                showcase=scenes.load(SHOWCASE).label,
            ),
        )


def _means(dataset: str, method: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Label of the data set and the method's row in the kept table of means, where there is one."""
    if Path(KEPT.table("means.csv", dataset)).is_file():
        means = _table("means", dataset)
        for row in means[means["method"] == method].to_dict("records"):
            yield scenes.load(dataset).label, row


def _pictures(method: methods.Method) -> Iterator[tuple[str, bytes, str]]:
    """File, picture and caption: the authors' image, what an own run fused, or the rendered scene and the map of its fusion."""
    if method.kind == "published":
        yield from _published(method)
        return
    scene = scenes.load(SHOWCASE).scenes[0]
    path = OWN.image(SHOWCASE, method.id, scene.name)
    if path.is_file():
        yield f"{method.id}.jpg", _jpeg(read_image(path)), f"{scenes.load(SHOWCASE).label}, {scene.name}"
        return
    scene = scenes.load(RENDERED).scene(RENDERED_SCENE)
    images = list(scene.sources)
    long = forecast(method, [(*images[0].shape[:2], len(images))]) > SECONDS
    if long or method.kind == "external" or "truth" in method.needs or methods.availability(method.id):
        return
    fusion = methods.fuse(method.id, images)
    yield f"{method.id}.jpg", _jpeg(fusion.image), f"{scenes.load(RENDERED).label}, {scene.name}"
    if fusion.decision_map is not None:
        yield f"{method.id}_map.jpg", _jpeg(fusion.decision_map), "its decision map (white: the first image)"


def _published(method: methods.Method) -> Iterator[tuple[str, bytes, str]]:
    """File, picture and caption of the first image by the authors that is on this machine."""
    for dataset, collection in methods.registry.module(method.id).collections.items():
        for row in catalogue.rows(collection):
            if not fetch.missing([row]):
                caption = f"{scenes.load(dataset).label}, {row.scene}, as published"
                yield f"{method.id}.jpg", _jpeg(read_image(fetch.path(row))), caption
                return


# -- data sets -----------------------------------------------------------------------------------------------------


def _dataset_cards() -> Iterator[tuple[str, str | bytes]]:
    loaded = [scenes.load(name) for name in scenes.ids()]
    yield "datasets/index.md", _page("datasets", datasets=loaded)
    for dataset in loaded:
        shown = []
        for scene in dataset.scenes[:SHOWN] if _at_hand(dataset.id) else []:
            try:
                paths = scene.files()
            except (Unavailable, InputError):
                continue
            for number in (1, len(paths)):
                name = f"{scene.name}_{number}.jpg"
                yield f"datasets/{name}", _jpeg(read_image(paths[number - 1]))
                shown.append((name, f"{scene.name}, image {number} of {len(paths)}"))
        counts = sorted({scene.count for scene in dataset.scenes})
        fetched = dataset.id not in scenes.rendered_ids()
        yield (
            f"datasets/{dataset.id}.md",
            _page("dataset", dataset=dataset, shown=shown, counts=counts, fetched=fetched),
        )


def _at_hand(dataset: str) -> bool:
    """Whether its images can be read without network."""
    try:
        rows = catalogue.rows(dataset)
    except InputError:
        return True  # rendered by this program
    return not fetch.missing(rows)


# -- both ----------------------------------------------------------------------------------------------------------


def _table(name: str, dataset: str | None = None) -> pd.DataFrame:
    return pd.read_csv(KEPT.table(f"{name}.csv", dataset) if dataset else KEPT.table(f"{name}.csv"))


def _jpeg(image: NDArray[Any]) -> bytes:
    picture = Image.fromarray(to_levels(image).astype("uint8"))
    picture.thumbnail((WIDTH, WIDTH))
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
