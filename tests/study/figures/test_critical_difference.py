"""Critical-difference diagrams."""

import pandas as pd

from study.figures import critical_difference


def test_groups_hold_methods_within_the_critical_difference():
    assert critical_difference.groups([1.0, 2.0, 3.0, 6.0], 1.5) == [(0, 1), (1, 2)]
    assert critical_difference.groups([1.0, 2.0, 3.0], 5.0) == [(0, 2)]
    assert critical_difference.groups([1.0, 3.0], 2.0) == []


def test_lanes_keep_bars_apart():
    assert critical_difference.lanes([(0, 2), (1, 3), (3, 5), (4, 6)]) == [0, 1, 0, 1]


def _tests():
    ranks = (("gacn", "proposed", "1.25"), ("lp", "transform", "1.75"), ("gff", "spatial", "3.000"))
    comparisons = pd.DataFrame(
        [("q_mi", name, f"_${name}", kind, rank) for name, kind, rank in (*ranks, ("first", "control", ""))],
        columns=["metric", "method", "label", "kind", "mean_rank"],
    )
    friedman = pd.DataFrame(
        [("q_mi", "8", "3", "1.2"), ("q_g", "0", "0", "")], columns=["metric", "n", "methods", "critical_difference"]
    )
    return comparisons, friedman


def test_equal_data_gives_equal_bytes(about, twice):
    twice(critical_difference.draw, about, *_tests())


def test_a_metric_without_a_test_has_no_panel(about, words, tmp_path):
    critical_difference.draw(about, *_tests(), [tmp_path / "d.png"])
    assert [word for word in words if "CD = " in word] == [r"$Q_{\mathrm{MI}}$   CD = 1.2, n = 8"]


def test_without_a_test_the_figure_says_so(about, words, tmp_path):
    comparisons, friedman = _tests()
    critical_difference.draw(about, comparisons, friedman[friedman["n"] == "0"], [tmp_path / "d.png"])
    assert "no test is made with fewer than 6 scenes" in words[0]


def test_pairs_count_metrics_in_both_directions():
    ranked = pd.DataFrame(
        [
            (m, name, rank)
            for m, ranks in (("q_mi", (1, 2, 5)), ("q_g", (1, 4, 2)))
            for name, rank in zip("abc", ranks, strict=True)
        ],
        columns=["metric", "method", "mean_rank"],
    )
    balance, order = critical_difference.pairs(ranked, {"q_mi": 1.5, "q_g": 1.5})
    assert order == ["a", "b", "c"]
    assert balance.to_numpy().tolist() == [[0, 1, 1], [-1, 0, 0], [-1, 0, 0]]


def test_many_methods_give_a_matrix(about, words, tmp_path):
    rows = [("q_mi", f"m{k:02}", f"M{k}", "spatial", f"{k + 1}.0") for k in range(30)]
    comparisons = pd.DataFrame(rows, columns=["metric", "method", "label", "kind", "mean_rank"])
    friedman = pd.DataFrame([("q_mi", "8", "30", "4.5")], columns=["metric", "n", "methods", "critical_difference"])
    critical_difference.draw(about, comparisons, friedman, [tmp_path / "d.png", tmp_path / "d.txt"])
    assert words.count("M7") == words.count("M29") > 0
    caption = (tmp_path / "d.txt").read_text(encoding="utf-8")
    assert caption.startswith("Pairwise comparison of 30 methods on Toy $1 (8 scenes)") and caption.endswith("\n")
