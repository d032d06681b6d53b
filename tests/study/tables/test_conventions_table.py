"""The table of one image under the conventions in use."""

import numpy as np
import pandas as pd
import pytest

import metrics
from metrics._common import conventions
from study.figures.stored import Fused, Scene
from study.report import pages
from study.store import Results, write_frame
from study.tables import conventions_table, writers


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    first, second = (np.round(255 * rng.random((44, 48, 3))).astype(np.float32) / 255 for _ in range(2))
    mixed = np.round((first + second) * 127.5).astype(np.float32) / 255
    return conventions_table.compute(Scene("Lytro, lytro_01", first, second, [Fused("GACN", mixed)]))


def test_first_row_is_the_benchmarks_and_every_convention_has_one(frame):
    gray, definitions = conventions_table.page(frame).tables
    assert len(set(gray.frame["gray"])) == len(conventions.CONVENTIONS)
    assert list(gray.frame["gray"])[:2] == ["Rec. 601, MATLAB's rgb2gray", "Rec. 601, MATLAB's rgb2gray, float"]
    own = frame[(frame["convention"] == conventions.BENCHMARK.id) & (frame["variant"] == "")].set_index("metric")
    for name in metrics.SIX:
        assert float(gray.frame[name][0]) == pytest.approx(float(own["value"][name]), abs=1e-6)
    several = [name for name in conventions.default_metrics() if metrics.variants(name)]
    assert list(dict.fromkeys(m.id for m in definitions.frame["metric"])) == several
    assert list(definitions.frame["definition"]).count("the benchmark's") == len(several)


def test_it_is_printed_and_stands_in_the_report(frame, tmp_path):
    results = Results(str(tmp_path))
    write_frame(results.table("conventions.csv"), frame)
    stored = conventions_table.read(results)
    assert writers.markdown(conventions_table.page(stored)) == writers.markdown(conventions_table.page(frame))
    text = writers.markdown(conventions_table.page(frame))
    assert "Lytro, lytro_01, fused by GACN. The first row is the benchmark's convention." in text
    shown = list(pages.of_benchmark(results, None, [results.table("conventions.csv")]))
    assert [item.title for item in shown] == ["Conventions"]


def test_nothing_to_show_is_said():
    empty = conventions_table.compute(Scene("Lytro", reason="unavailable"))
    assert isinstance(empty, pd.DataFrame) and empty.empty
    assert "There is no fused image" in writers.markdown(conventions_table.page(empty))
