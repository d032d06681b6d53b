"""The published scores of Real-MFF: what others computed from them comes out here."""

import numpy as np
import pandas as pd
import pytest

from files import catalogue, fetch
from files.errors import InputError
from study import published
from study.tables import metric_truth_table, truth_ranks_table

ROWS = {row.scene: row for row in catalogue.rows(published.COLLECTION)}

#: Mean correlation with PSNR in every image, as others computed it from the same tables: all methods, the 18 with maps.
KNOWN = {
    "q_w": (0.53, 0.73),
    "scd": (0.43, 0.66),
    "q_cv": (0.46, 0.64),
    "viff": (0.40, 0.59),
    "q_g": (0.36, 0.56),
    "q_p": (0.19, 0.35),
    "q_y": (0.13, 0.29),
    "q_cb": (0.14, 0.24),
    "q_mi": (-0.10, -0.13),
}


@pytest.fixture(scope="module")
def scores():
    """The tables that are on this machine."""
    if reason := fetch.missing([ROWS["GT_psnr"]]):
        pytest.skip(reason)
    return published.load()


def test_the_correlations_are_those_that_others_found(scores):
    found = metric_truth_table.compute([scores]).set_index(["comparison", "metric"])["spearman"].astype(float)
    here = [name for name in KNOWN if name in scores.judged]
    assert {"q_g", "q_mi"} <= set(here)
    for name in here:
        ours = tuple(round(found[comparison, name], 2) for comparison in ("psnr_all", "psnr_maps"))
        assert ours == KNOWN[name], name


def test_who_leads_by_psnr(scores):
    places = truth_ranks_table.published_places(scores, published.METHODS).set_index("method")["place"]
    assert (places["lp"], places["dsift"]) == (1, 20)


def test_tables_are_named_as_the_plug_ins_here():
    named = {name: metric.id for name in ROWS if (metric := published._metric(name)) is not None}
    assert {"GT_psnr": "psnr", "Q_G": "q_g", "Q_SCD": "scd", "Q_CV": "q_cv"}.items() <= named.items()
    assert "Q_CV_neg" not in named and "Q_CNN" not in named
    assert len(published.METHODS) == 30 and len(published.MAPS) == 18


def test_a_table_of_another_size_is_refused(monkeypatch):
    monkeypatch.setattr(published.fetch, "path", lambda row: row)
    monkeypatch.setattr(published.pd, "read_excel", lambda path, header: pd.DataFrame(np.zeros((30, 7))))
    with pytest.raises(InputError, match="30 rows and 7 columns; 30 and 710"):
        published._read(ROWS["Q_G"])
