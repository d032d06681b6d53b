"""The benchmark of the metrics runs (its times are judged by people, on an idle machine)."""

import metrics
from benchmarks.metrics import measure


def test_benchmark_covers_the_six():
    table = measure(size=64, repeats=1)
    assert set(metrics.SIX) < set(table)
    for name in (*metrics.SIX, "six"):
        assert table[name]["ratio"] > 0
        assert {"cold", "known", "plain"} < set(table[name])
    assert table["all"]["known"] >= table["six"]["known"]
    assert {"viff", "gmsd"} <= {name for name, row in table.items() if "ratio" in row}
