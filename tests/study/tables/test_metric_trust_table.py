"""The decision which metrics can be trusted follows the evidence."""

import numpy as np
import pandas as pd
import pytest

from study.run.metric_degradations import DEGRADATIONS, NONE
from study.tables import metric_behaviour_table, metric_truth_table, writers
from study.tables import metric_trust_table as trust
from study.tables.truth_sets import ALL_SETS
from tests.study._latex import problems

SCENE = "s00"


def _degraded(**rise):
    """q_g after every degradation, PSNR lower by one."""
    rows = [(SCENE, NONE, "q_g", 1.0), (SCENE, NONE, "psnr", 40.0)]
    for each in DEGRADATIONS:
        rows += [(SCENE, each.id, "q_g", 1.0 + rise.get(each.family, -1.0)), (SCENE, each.id, "psnr", 39.0)]
    return pd.DataFrame(rows, columns=["scene", "degradation", "metric", "value"])


def _decide(all_=(0.8, 0.7), maps=(0.8, 0.7), unfused=0.0, scenes=10, spread=2.0, **rise):
    correlations, behaviour = [], []
    for place, name in enumerate(("a", "b")):
        for comparison, values in (("psnr_all", all_), ("psnr_maps", maps)):
            if place < len(values):
                row = (name, name.upper(), comparison, "q_g", scenes, 9, f"{values[place]:.3f}", "", "")
                correlations.append(row)
        behaviour.append((name, name.upper(), "q_g", scenes, 9, unfused, 0.0, 0.2, 0.9, 50.0))
    correlations.append((ALL_SETS, "All", "psnr_all", "q_g", scenes, 9, "-1.000", "", ""))
    found = trust.compute(
        pd.DataFrame(correlations, columns=metric_truth_table.COLUMNS),
        pd.DataFrame(behaviour, columns=metric_behaviour_table.COLUMNS),
        _degraded(**rise),
        pd.DataFrame({"q_g": [spread], "psnr": [spread]}, index=[SCENE]),
    )
    return found.iloc[0] if len(found) else None


def test_a_metric_that_passes_everything_is_trusted():
    row = _decide()
    assert (row["trusted"], row["fails"], row["all"], row["all_set"]) == ("yes", "", 0.7, "B")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"all_": (0.8, 0.4)}, "correlation 0.40 among all methods (B)"),
        ({"maps": (0.3, 0.8)}, "correlation 0.30 among methods with a map (A)"),
        ({"maps": ()}, "no correlation among methods with a map"),
        ({"all_": (0.8,), "maps": (0.8,)}, "held against 1 truth set only"),
        ({"unfused": 0.2}, "prefers an unfused source in 20 % of the scenes"),
        ({"noise": 1.0}, "rewards noise by 0.5 spreads"),
        ({"sharpening": 0.5}, "rewards sharpening by 0.2 spreads"),
    ],
)
def test_one_failure_is_enough_and_is_named(given, reason):
    row = _decide(**given)
    assert (row["trusted"], row["fails"]) == ("no", reason)


def test_a_small_reward_is_no_failure():
    assert _decide(jpeg=0.1)["trusted"] == "yes"


def test_without_spread_nothing_is_said_of_degradations():
    assert "noise not measured" in _decide(spread=np.nan)["fails"]
    empty = trust.changes(_degraded(), pd.DataFrame())
    assert empty.isna().all(axis=None)


def test_sets_of_few_scenes_do_not_count():
    assert _decide(scenes=3) is None


def test_the_page_gives_the_answer_first():
    frame = pd.DataFrame([_decide(noise=1.0)])
    text = writers.markdown(trust.page(frame))
    assert "None of 1 metrics passes all thresholds in every truth set." in text
    assert "| Q_G | rewards noise by 0.5 spreads |" in text
    assert problems(writers.latex(trust.page(frame))) == []
    passed = writers.markdown(trust.page(pd.DataFrame([_decide()])))
    assert "1 of 1 metrics pass all thresholds in every truth set: Q_G." in passed
    assert "does not pass |" not in passed
