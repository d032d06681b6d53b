"""A toy data set: scores for figures of tables, stored images for figures of scenes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from imaging.files import write_image, write_levels
from study.entries import Entry
from study.store import SCORE_COLUMNS, About, DatasetFacts, FusedScene, Results, SceneFacts

METHODS = ("average", "lp", "gff", "dwt", "gacn")
SCENES = ("toy_1", "toy_2", "toy_3")
#: A label that would be a formula, and one that legends leave out.
HOSTILE = {"lp": "_L$P$ & <b>", "gff": "G$FF"}


def entries(*names: str) -> tuple[Entry, ...]:
    return tuple(Entry(name, name, HOSTILE.get(name, name.upper())) for name in names)


@pytest.fixture
def about() -> About:
    scenes = tuple(SceneFacts(name) for name in SCENES)
    return About("toy", "Toy $1", scenes=scenes, metrics=("q_mi", "q_g"), entries=entries(*METHODS), main=METHODS)


@pytest.fixture
def tidy() -> pd.DataFrame:
    """Method k has 0.1 k + 0.01 in scene 1, and so on; Q_G has no value in the last scene."""
    rows = [
        ("toy", scene, method, metric, 0.1 * place + 0.01 * number, "ok", "sources", "")
        for place, method in enumerate(METHODS)
        for number, scene in enumerate(SCENES)
        for metric in ("q_mi", "q_g")
    ]
    frame = pd.DataFrame(rows, columns=list(SCORE_COLUMNS))
    frame.loc[(frame["metric"] == "q_g") & (frame["scene"] == "toy_3"), ["value", "status"]] = [np.nan, "undefined"]
    return frame


@pytest.fixture
def facts(pair, tmp_path) -> DatasetFacts:
    """A folder data set of one colour pair, 64 x 80."""
    for number, image in enumerate(pair):
        write_image(tmp_path / "mine" / "toy_1" / f"{number}.png", image)
    scene = SceneFacts("toy_1", height=64, width=80, count=2, colour=True)
    return DatasetFacts("mine", "Mine $1", folder=str(tmp_path / "mine"), scenes=(scene,))


@pytest.fixture
def results(facts, pair, tmp_path) -> Results:
    """GFF took a decision map with 32 x 20 pixels changed, GACN an index map; LP left an image alone, DWT failed."""
    stored = Results(str(tmp_path / "results"))
    chosen = np.zeros((64, 80), np.float32)
    chosen[:, :40] = 1
    initial = chosen.copy()
    initial[:32, 40:60] = 1
    for name, kind in (("gff", "decision"), ("gacn", "index"), ("lp", "")):
        write_image(stored.image("mine", name, "toy_1"), pair[0])
        stored.write_fused("mine", name, [FusedScene("mine", name, "toy_1", "ok", map=kind)])
    write_image(stored.map("mine", "gff", "toy_1"), chosen)
    write_image(stored.initial_map("mine", "gff", "toy_1"), initial)
    write_levels(stored.map("mine", "gacn", "toy_1"), 1 - chosen.astype(np.uint8))
    stored.write_fused("mine", "dwt", [FusedScene("mine", "dwt", "", "unavailable", "no weights")])
    return stored


@pytest.fixture
def scene(results, facts):
    """The pair with its results."""
    from study.figures import stored

    return stored.read(results, facts, "toy_1", entries("lp", "gff", "gacn", "dwt"))


@pytest.fixture
def words(monkeypatch):
    """Texts of the last figure that was saved, each as it is drawn, and its caption."""
    from matplotlib.text import Text

    from study.figures import style

    found: list[str] = []
    save = style.save

    def spy(figure, paths, caption=""):
        found[:] = [*(text.get_text() for text in figure.findobj(Text)), caption]
        save(figure, paths, caption)

    monkeypatch.setattr(style, "save", spy)
    return found


@pytest.fixture
def twice(tmp_path):
    """Draws a figure twice and checks that the files are equal, in both formats."""

    def draw(function, *arguments):
        paths = [[tmp_path / f"{name}{end}" for end in (".png", ".pdf")] for name in ("first", "second")]
        for both in paths:
            function(*arguments, both)
        for first, second in zip(*paths, strict=True):
            assert first.stat().st_size > 1000
            assert Path(first).read_bytes() == Path(second).read_bytes(), f"{first.suffix}: not the same again"

    return draw
