"""The leader board by the truth beside that by the six."""

import pandas as pd

import metrics
from study.tables import truth_ranks_table as ranks
from study.tables import writers
from tests.study._latex import problems
from tests.study._scores import about, names, rows

METHODS = ["lp", "gff", "dsift", "ifm", "gacn"]
PLACES = pd.DataFrame([("lp", "LP", 1, 2), ("", "ICA", 2, 2)], columns=list(ranks.PLACES))


def _compute(psnr, six, reference="truth"):
    scenes = names(4)
    values = {}
    for k, m in enumerate(METHODS):
        values[m] = dict.fromkeys(metrics.SIX, [float(six[k])] * 4)
        values[m] |= {"psnr": [30.0 + psnr[k]] * 4, "ssim": [0.9 + 0.01 * psnr[k]] * 4}
    values["oracle"] = {"psnr": [99.0] * 4, "ssim": [1.0] * 4} | dict.fromkeys(metrics.SIX, [9.0] * 4)
    description = about("toy", list(values), ["psnr", "ssim", *metrics.SIX], scenes)
    return ranks.compute([description], {"toy": rows("toy", values, scenes, reference)}, PLACES)


def test_who_moves_is_seen():
    found = _compute([4, 3, 2, 1, 0], [0, 1, 2, 3, 4]).set_index("method")
    assert list(found.index) == METHODS, "controls do not enter"
    assert found.loc["lp", ["place", "place_six", "moves"]].tolist() == [1, 5, 4]
    assert found.loc["gacn", "moves"] == -4
    assert found["scenes"].iloc[0] == 4


def test_places_in_the_published_scores_stand_beside():
    found = _compute([4, 3, 2, 1, 0], [0, 1, 2, 3, 4])
    assert found.set_index("method")[ranks.PLACE_PUBLISHED].dropna().to_dict() == {"lp": 1}
    table = ranks.table(found, {"toy": "Toy"})
    assert "| Method | place by truth | place by six |" in writers.markdown(table)
    assert "PSNR, Toy | PSNR, Real-MFF |" in writers.markdown(table)
    assert problems(writers.latex(table)) == []


def test_without_truth_the_table_says_so():
    found = _compute([4, 3, 2, 1, 0], [0, 1, 2, 3, 4], reference="sources")
    assert found.empty
    assert "No scenes with truth" in writers.markdown(ranks.table(found, {}))
