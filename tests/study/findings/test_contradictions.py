"""Contradictions of the metrics: facts that have a right answer of their own."""

import pandas as pd
import pytest

from study.findings import contradictions, facts
from study.store import About


def _result(rows, metrics=("q_mi", "q_cv")):
    columns = ["method", "label", "kind", *metrics]
    frame = pd.DataFrame(rows, columns=columns).set_index("method", drop=False)
    return facts.Result(About("toy", "Toy"), frame, frame, {})


def test_controls_that_fool_a_metric_are_named():
    rows = [
        ("first", "First", "control", 0.9, 5.0),
        ("lp", "LP", "transform", 0.8, 9.0),
        ("oracle", "Oracle", "control", 0.7, 1.0),
    ]
    found = contradictions.controls(_result(rows))
    assert (found.fooled, found.oracle, found.above, found.methods) == (["Q_MI"], True, [(["Q_MI"], 1)], 1)


def test_without_controls_or_methods_nothing_is_said():
    assert contradictions.controls(_result([("lp", "LP", "transform", 0.8, 9.0)])) is None
    assert contradictions.controls(_result([("first", "First", "control", 0.9, 5.0)])) is None
    assert (
        contradictions.controls(_result([("first", "First", "control", 0.7, 5.0), ("lp", "LP", "transform", 0.8, 9.0)]))
        is None
    )


def test_metrics_that_order_alike_and_otherwise():
    names = [f"m{k}" for k in range(5)]
    order = {"q_mi": [1, 2, 3, 4, 5], "q_g": [1, 2, 3, 5, 4], "q_m": [5, 4, 3, 2, 1]}
    tests = {
        (reference, name, metric): {
            "method": name,
            "metric": metric,
            "label": name.upper(),
            "mean_rank": f"{ranks[k]:.3f}",
        }
        for metric, ranks in order.items()
        for k, name in enumerate(names)
        for reference in ("m0", "m1")
    }
    main = pd.DataFrame([{"method": "gacn", "kind": "proposed"} | dict.fromkeys(order, 0.5)]).set_index(
        "method", drop=False
    )
    found = contradictions.agreement(facts.Result(About("toy", "Toy"), main, main, tests))
    assert found.most[:2] == ("Q_MI", "Q_G") and found.most[2] == pytest.approx(0.9)
    assert found.least[:2] == ("Q_MI", "Q_M") and found.least[2] == pytest.approx(-1)
    assert found.moves == ("M0", 1.0, "Q_MI", 5.0, "Q_M")
    assert (
        contradictions.agreement(facts.Result(About("toy", "Toy"), main, main, dict(list(tests.items())[:8]))) is None
    )
