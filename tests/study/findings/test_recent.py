"""Are the newest methods better? The sentences follow the tests."""

import numpy as np
import pytest

import metrics
from study.findings import facts, findings, recent
from study.tables import means_table, metric_truth_table, newest_table, pooled_table, statistics_table, truth_sets
from tests.study._scores import about, names, rows, stored

METHODS = ["lp", "gff", "dsift", "qb", "gacn", "ccsr", "refusion"]


@pytest.fixture
def run(tmp_path):
    """Tables of a run in which the newest methods are better than all others by `shift` on every metric."""

    def made(shift, count=10):
        steps = 0.001 * np.arange(count)
        values = {}
        for place, method in enumerate(METHODS):
            extra = shift if method in ("ccsr", "refusion") else 0.0
            values[method] = {name: 0.5 + extra + 0.01 * place + steps * (place + 1) for name in metrics.SIX}
        scenes = names(count)
        description = about("lytro", METHODS, metrics.SIX, scenes)
        results = stored(tmp_path, description, rows("lytro", values, scenes))
        scores = results.read_tidy("lytro")
        means_table.write(results, *means_table.all_means(description, scores))
        statistics_table.write(results, description, scores)
        newest_table.write(results, description, scores)
        pooled_table.write(results, *pooled_table.read(results, ["lytro"]))
        metric_truth_table.write(results, truth_sets.read(results, ["lytro"]))
        return results

    return made


def _section(results):
    text = findings.text(results)
    return text[text.index("## Are the methods after") :].split("\n## What do the strategies")[0]


def test_methods_that_are_ahead_of_all_are_named(run):
    text = _section(run(0.3))
    assert "better than DSIFT, QB and GACN?" in text
    assert "2 of 2 are ahead of all 3 (CCSR and REFUSION)" in text
    assert (
        "By mean rank the best of them is REFUSION (1.00), the best of those that they are compared with GACN (3.00)"
        in text
    )
    assert "| Lytro | 10 | 2 | 2 / 0 | 2 / 0 | 2 / 0 |" in text


def test_methods_that_are_behind_are_counted(run):
    text = _section(run(-0.3))
    assert "none of 2 are ahead of all 3." in text
    assert "| Lytro | 10 | 2 | 0 / 2 | 0 / 2 | 0 / 2 |" in text


def test_too_few_scenes_say_nothing(run):
    results = run(0.3, count=3)
    assert recent.recent(results, *facts.read(results)) is None
    assert "Are the methods after" not in findings.text(results)


def test_the_trend_is_that_of_the_figure(run):
    text = _section(run(0.3))
    assert "Mean rank and year of publication of all methods (Spearman; positive: newer is better): Lytro +" in text
