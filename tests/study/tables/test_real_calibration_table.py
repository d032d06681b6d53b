"""Our values on real photographs against the published ones."""

import pandas as pd
import pytest

from files.errors import Unavailable
from study import published
from study.tables import real_calibration_table as calibration
from study.tables import writers
from tests.study._latex import problems


def test_a_published_image_is_met_to_the_last_digits():
    """GFF and DSIFT, selections and weights that leave no freedom: definition, number of the image and method are right."""
    try:
        pairs, scores = calibration.at_hand(), published.load()
    except Unavailable as reason:
        pytest.skip(str(reason))
    found = calibration.compute(scores, pairs[:1], {"GFF": "gff", "GFDF": "gfdf"})
    assert len(found) == 2 * len(scores.judged)
    assert found[found["metric"].isin(["q_mi", "q_g"])]["relative"].max() < calibration.SAME


def _found(*rows):
    return pd.DataFrame([("real_mff_076", m, m.upper(), k, r, s) for m, k, r, s in rows], columns=calibration.COLUMNS)


def test_what_differs_is_said_and_the_nearest_comes_first():
    found = _found(
        ("lp", "q_g", 0.02, 0.4), ("gff", "q_g", 0.0, 0.0), ("ifm", "q_g", 1e-4, 0.1), ("ifm", "q_mi", 0.02, 0.3)
    )
    table = calibration.table(found)
    lines = [line for line in writers.markdown(table).splitlines() if line.startswith("| ")][2:]
    assert [line.split(" | ")[:2] for line in lines] == [
        ["| GFF", "the same"],
        ["| IFM", "nearly the same"],
        ["| LP", "another"],
    ]
    assert problems(writers.latex(table)) == []


def test_every_metric_has_a_line_that_says_what_is_compared():
    page = calibration.page(_found(("gff", "q_g", 1e-15, 0.0), ("gff", "q_mi", 0.02, 0.3), ("lp", "q_g", 0.02, 0.4)))
    text = writers.markdown(page)
    assert "| Q_G | Q_G | 1.0e-15 (1 methods) |" in text and "| Q_MI | Q_MI | 2.0e-02 (1 methods) |" in text
    assert "| VIFF | Q_VIFF | the published table was not at hand |" in text
    assert "| Q_S | no published value |  |" in text
    assert problems(writers.latex(page)) == []


def test_without_images_the_table_says_so():
    assert "No image was compared" in writers.markdown(calibration.table(_found()))


def test_slow_methods_and_those_without_a_plug_in_are_left_out():
    class Pair:
        shape, count = (433, 625, 3), 2

    chosen = calibration.fast(Pair())
    assert "DSIFT" in chosen and "CSR" not in chosen and "ICA" not in chosen
