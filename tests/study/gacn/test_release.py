"""Release: files and card of a finished run only, every number from its records and the tables."""

import json
from pathlib import Path

import pytest

from files import command
from files.errors import InputError
from methods.gacn import recipe as recipes
from methods.gacn import training, weights
from methods.gacn.network import GACN
from study import records
from study.__main__ import parser
from study.gacn import release


@pytest.fixture
def run(tmp_path):
    """Folder as a finished training leaves it."""
    folder = tmp_path / "run"
    recipe = recipes.recipe_from("layered", {"epochs": 2, "finishing_share": 0.5, "collections": "bsds500_train"})
    folder.mkdir()
    training._claim(folder, recipe)
    training.note_session(folder, {"first_epoch": 1, **training.session("cpu", 171, 19)})
    parts = [f"{kind}_{part}" for kind in ("train", "validation") for part in ("total", "dice", "gradient")]
    losses = [dict.fromkeys(parts, value) for value in (0.25, 0.375)]
    rows = [{"epoch": k, "learning_rate": 1e-3, **loss, "seconds": 1800} for k, loss in enumerate(losses, start=1)]
    records.write_csv(folder / "log.csv", list(rows[0]), rows)
    weights.write(folder / "gacn.safetensors", GACN(), recipe="{}", another="x")
    return folder


@pytest.fixture
def released(tmp_path, monkeypatch):
    folder = tmp_path / "released"
    monkeypatch.setattr(weights, "RELEASED", folder)
    monkeypatch.setattr(weights, "OWN", folder / "gacn.safetensors")
    return folder


def called(*arguments):
    """Exit status of the verb."""
    return command.run(parser(), ["release", *map(str, arguments)])


def _means(path, **rows):
    columns = ["dataset", "method", "q_mi", "q_mi_n"]
    records.write_csv(
        path, columns, [{"dataset": "lytro", "method": m, "q_mi": v, "q_mi_n": 20} for m, v in rows.items()]
    )


def test_the_card_tells_the_run_and_the_scores(run, released, tmp_path, capsys):
    assert called(run, "--results", tmp_path / "results", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert {Path(name).name for name in told["written"]} >= {release.CARD, *release.RECORDS, "training.png"}
    assert str(tmp_path) not in "".join(told["written"])
    card = (released / release.CARD).read_text(encoding="utf-8")
    session = json.loads((run / "run.json").read_text())["sessions"][0]
    for words in (
        session["commit"],
        records.sha256(released / "gacn.safetensors"),
        "171 images trained on, 19 held out",
        "1.00 h (1800 s per epoch)",
        "| 1: lowest validation loss (kept) | 0.2500 |",
        "| 2: last | 0.3750 |",
        "Up to epoch 1 every batch is normalised by its own statistics, whereas the validation uses the running ones: "
        "its loss is between 0.2500 and 0.2500.",
        "| epochs | 2 | 50 |",
        "Of 400 training files, 0 are files of a benchmark data set",
        "`lytro`: not measured yet.",
    ):
        assert words in card
    assert str(tmp_path) not in card
    assert (tmp_path / "results/figures/training.png").stat().st_size > 1000
    assert weights.unavailable("own") == ""
    _means(tmp_path / "results/tables/lytro/means.csv", gacn=1.1723, gacn_own=1.25, lp=0.8)
    assert called("--results", tmp_path / "results") == 0
    card = (released / release.CARD).read_text(encoding="utf-8")
    assert "`lytro` (n = 20)" in card
    assert "| Q_MI | larger | 1.1723 | 1.2500 |" in card


def test_equal_parameters_are_equal_bytes(run, tmp_path):
    for name in "ab":
        weights.copy(run / "gacn.safetensors", tmp_path / f"{name}.safetensors")
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    state, architecture = weights.read(tmp_path / "a.safetensors")
    GACN(architecture).load_state_dict(state)


def test_an_unfinished_run_is_not_released(run, released):
    rows = records.read_csv(run / "log.csv")
    records.write_csv(run / "log.csv", list(rows[0]), rows[:1])
    with pytest.raises(InputError, match="1 of 2 epochs"):
        release.release(run, released)
    (run / "run.json").unlink()
    with pytest.raises(InputError, match=r"run\.json missing"):
        release.release(run, released)
    assert not released.exists()


def test_nothing_released_is_told(released, capsys):
    assert called() == 2
    assert "nothing is released yet" in capsys.readouterr().err


def test_the_released_recipe_is_that_of_the_released_file():
    made_with = records.read_json(weights.RELEASED / "recipe.json")
    # Values that came later have the default that changes nothing.
    assert recipes.recipe_from("published", made_with) == recipes.RECIPES["released"]
