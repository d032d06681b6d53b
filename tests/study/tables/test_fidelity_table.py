"""Distances to images made by others: what is compared, what is kept, what is printed."""

import json

import numpy as np
import pytest
from PIL import Image

import methods
from imaging.levels import to_uint8
from study.__main__ import parser
from study.store import Results
from study.tables import fidelity_table, writers
from tests.study._latex import problems


@pytest.fixture
def reference(tmp_path):
    """Reference material: one scene of the MFIFB layout, whose image for method `average` is off by one level in one pixel."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "material" / "mfifb" / "scene_1"
    folder.mkdir(parents=True)
    first, second = (rng.integers(0, 256, (16, 16, 3), dtype=np.uint8) for _ in "AB")
    fused = methods.fuse("average", [image.astype(np.float32) / 255 for image in (first, second)]).image
    levels = to_uint8(fused)
    levels[0, 0, 0] += 5 if levels[0, 0, 0] < 128 else -5
    for name, pixels in (("A", first), ("B", second), ("AVG", levels)):
        Image.fromarray(pixels).save(folder / f"scene_1_{name}.png")
    return tmp_path / "material"


@pytest.fixture
def declared(monkeypatch):
    module = methods.registry.module("average")
    wanted = (methods.Reference("mfifb", "AVG", why="a test changed one pixel."),)
    monkeypatch.setattr(module, "REFERENCES", wanted, raising=False)


def _run(reference, tmp_path, *more):
    given = parser().parse_args(
        ["fidelity", "--reference", str(reference), "--results", str(tmp_path / "results"), *more]
    )
    return fidelity_table.command(given)


def test_the_verb_measures_and_writes(reference, declared, tmp_path):
    outcome = _run(reference, tmp_path, "average")
    rows = fidelity_table.read(Results(str(tmp_path / "results")))
    assert len(rows) == 1
    assert float(rows["psnr_db"][0]) == pytest.approx(10 * np.log10(255**2 / (25 / 768)), abs=0.01)
    assert float(rows["share_over_2"][0]) == pytest.approx(1 / 256, abs=1e-6)
    assert len(outcome["written"]) == 3
    assert json.dumps(outcome)


def test_a_gray_image_of_colour_sources_is_compared(reference, declared, tmp_path):
    path = reference / "mfifb" / "scene_1" / "scene_1_AVG.png"
    levels = np.asarray(Image.open(path))
    Image.fromarray(levels[..., 1]).save(path)
    _run(reference, tmp_path, "average")
    (row,) = fidelity_table.read(Results(str(tmp_path / "results"))).to_dict("records")
    apart = np.abs(levels.astype(float) - levels[..., 1:2])
    # The one pixel that the fixture changes.
    assert float(row["mean_abs"]) == pytest.approx(apart.mean(), abs=5 / 768 + 1e-5)


def test_rows_of_methods_that_are_not_named_stay(reference, declared, tmp_path):
    _run(reference, tmp_path, "average")
    _run(reference, tmp_path, "gff")
    assert list(fidelity_table.read(Results(str(tmp_path / "results")))["method"]) == ["average"]


def test_a_folder_that_is_not_there_is_one_line(tmp_path):
    from files.errors import InputError

    with pytest.raises(InputError, match="no such folder"):
        _run(tmp_path / "nothing", tmp_path)


def _images():
    import pandas as pd

    base = {
        "method": "gff",
        "label": "G_FF",
        "collection": "mfifb",
        "name": "GFF",
        "mean_abs": "0.5",
        "share_over_2": "0.01",
        "share_equal": "0.9",
    }
    rows = [
        base | {"scene": s, "psnr_db": p, "why": "other rounding."}
        for s, p in (("a", "40.00"), ("b", "50.00"), ("c", "inf"))
    ]
    rows += [
        base
        | {
            "scene": "a",
            "collection": "official",
            "psnr_db": "inf",
            "mean_abs": "0",
            "share_over_2": "0",
            "why": "never told",
        }
    ]
    return pd.DataFrame(rows)[list(fidelity_table.COLUMNS)]


def test_one_line_per_method_and_reference():
    rows = [[cell.text for cell in row] for row in fidelity_table.table(_images()).cells()]
    assert rows[0] == ["G_FF", "mfifb/GFF", "3", "40.0 / 50.0", "0.5000", "1.000 %", "other rounding."]
    assert rows[1] == ["G_FF", "official/GFF", "1", "identical / identical", "0.0000", "0.000 %", ""]


def test_reasons_stand_below_the_latex_table():
    text = writers.latex(fidelity_table.short_table(_images()))
    assert problems(text) == []
    assert r"G\_FF: other rounding." in text
    assert "never told" not in text


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (methods.Reference("official", "toy"), ["lytro_01", "lytro_triple_01"]),
        (methods.Reference("official", "toy", ending="_soft"), ["lytro_triple_01_soft"]),
        (methods.Reference("authors", "toy"), ["published_lytro_01"]),
    ],
)
def test_outputs_belong_to_the_scene_they_are_named_after(declared, expected, tmp_path):
    """Of pairs, of series, with an ending, and images that the authors published."""
    folder = tmp_path / "official" / "toy"
    folder.mkdir(parents=True)
    for name in ("lytro_01", "lytro_triple_01", "lytro_triple_01_soft", "published_lytro_01", "lytro_01_dm"):
        (folder / f"{name}.png").touch()
    found = list(fidelity_table.cases(declared, tmp_path))
    assert [path.stem for _, path, _ in found] == expected
    assert all(scene in path.stem for scene, path, _ in found)
