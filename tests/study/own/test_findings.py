"""The paragraph on one's own method: place, opponents, verdicts."""

import dataclasses

import numpy as np

from study.own import findings
from study.tables import means_table
from tests.study._scores import about, names, rows


def _means(count, values):
    scenes = names(count)
    facts = about("toy", list(values), ["q_mi", "q_g"], scenes)
    facts = dataclasses.replace(facts, main=tuple(name for name in values if name != "nsct"), highlight=("gff",))
    return [means(facts, rows("toy", values, scenes)) for means in (means_table.main_means, means_table.extended_means)]


def _values(count):
    steps = np.arange(count) / 1000
    return {
        "average": {"q_mi": steps, "q_g": steps},
        "lp": {"q_mi": 0.5 + steps, "q_g": 0.9 + steps},
        "gff": {"q_mi": 0.7 + 2 * steps, "q_g": 0.8 + 2 * steps},
        "gacn": {"q_mi": 0.6 + steps, "q_g": 0.7 + steps},
    }


def test_place_and_verdicts():
    found, extended = _means(12, _values(12))
    found = findings.own(found, "gff", ["lp", "gacn"], extended)
    assert (found.place, found.of, found.rank, found.tested) == (1, 3, "1.50", 4)
    best, gacn = found.opponents
    assert (best.label, best.best, gacn.label, gacn.best) == ("LP", True, "GACN", False)
    assert best.verdicts == "significantly better by Q_MI; significantly worse by Q_G"
    assert gacn.verdicts == "significantly better by Q_MI, Q_G"


def test_the_place_says_by_what_and_among_whom():
    values = _values(8)
    values["nsct"] = {metric: 1.0 + scores for metric, scores in values["gff"].items()}
    found, extended = _means(8, values)
    assert findings.own(found, "gff", ["lp", "gacn"], extended).whole == findings.Whole(2, 4, "NSCT")
    text = findings.text(found, extended, ["gff"])
    assert (
        "has place 1 of 3 by mean rank over Q_MI, Q_G (1.50; 8 scenes) among the ranked methods of the paper's table"
        in text
    )
    assert (
        "Among all 4 ranked methods of the reference run (extended.md) it has place 2" in text
        and "there is NSCT" in text
    )
    assert "LP, the best of the others in the paper's table by this mean rank," in text


def test_few_scenes_have_no_verdict():
    text = findings.text(*_means(4, _values(4)), ["gff"])
    assert "No test is made" in text and "better on the median scene by Q_MI, worse by Q_G" in text
    assert "significant" not in text


def test_a_row_that_lacks_a_scene_is_not_ranked():
    values = _values(8)
    values["gff"]["q_mi"] = [None, *values["gff"]["q_mi"][1:]]
    values["gff"]["q_g"] = [None, *values["gff"]["q_g"][1:]]
    assert "is not ranked" in findings.text(*_means(8, values), ["gff"])
