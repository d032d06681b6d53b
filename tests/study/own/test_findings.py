"""The paragraph on one's own method: place, opponents, verdicts."""

import numpy as np

from study.own import findings
from study.tables import means_table
from tests.study._scores import about, names, rows


def _means(count, values):
    scenes = names(count)
    facts = about("toy", list(values), ["q_mi", "q_g"], scenes)
    return means_table.main_means(facts, rows("toy", values, scenes))


def _values(count):
    steps = np.arange(count) / 1000
    return {
        "average": {"q_mi": steps, "q_g": steps},
        "lp": {"q_mi": 0.5 + steps, "q_g": 0.9 + steps},
        "gff": {"q_mi": 0.7 + 2 * steps, "q_g": 0.8 + 2 * steps},
        "gacn": {"q_mi": 0.6 + steps, "q_g": 0.7 + steps},
    }


def test_place_and_verdicts():
    found = findings.own(_means(12, _values(12)), "gff", ["lp", "gacn"])
    assert (found.place, found.of, found.rank, found.tested) == (1, 3, "1.50", 4)
    best, gacn = found.opponents
    assert (best.label, best.best, gacn.label, gacn.best) == ("LP", True, "GACN", False)
    assert best.verdicts == "significantly better by Q_MI; significantly worse by Q_G"
    assert gacn.verdicts == "significantly better by Q_MI, Q_G"


def test_few_scenes_have_no_verdict():
    text = findings.text(_means(4, _values(4)), ["gff"])
    assert "No test is made" in text and "better on the median scene by Q_MI, worse by Q_G" in text
    assert "significant" not in text


def test_a_row_that_lacks_a_scene_is_not_ranked():
    values = _values(8)
    values["gff"]["q_mi"] = [None, *values["gff"]["q_mi"][1:]]
    values["gff"]["q_g"] = [None, *values["gff"]["q_g"][1:]]
    assert "is not ranked" in findings.text(_means(8, values), ["gff"])
