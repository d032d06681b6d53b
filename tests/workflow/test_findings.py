"""Findings: the sentences follow the numbers."""

import numpy as np
import pytest

import metrics
from study import records
from study.findings import findings
from study.tables import means_table as tables
from study.tables import metric_truth_table as metric_truth
from study.tables import pooled_table as pooling
from study.tables import statistics_table as statistics
from tests.study._latex import problems
from tests.study._scores import about, names, rows

METHODS = ["lp", "gff", "dsift", "gacn"]


def _write(folder, shift, count=8, methods=METHODS, name="lytro"):
    """Tables of a run in which GACN is better than every other method by `shift` (a number, or one per metric)."""
    shifts = dict(zip(metrics.SIX, np.broadcast_to(shift, 6), strict=True))
    scenes = names(count)
    values = {}
    for place, method in enumerate(methods):
        method = method if isinstance(method, str) else method[0]
        base = 0.5 + 0.01 * place + 0.003 * np.arange(count)
        for metric, extra in shifts.items():
            step = extra if method == "gacn" else 0.001 * np.cos(np.arange(count) + place)
            values.setdefault(method, {})[metric] = base + step
    description, scores = about(name, methods, metrics.SIX, scenes), rows(name, values, scenes)
    tables.write(folder / name, description, scores)
    statistics.write(folder / name, description, scores)
    records.write_csv(folder / name / "scores.csv", records.SCORES, scores)
    records.write_json(folder / name / "about.json", description)
    pool, pooled_rows = pooling.pool([description], {name: scores})
    pooling.write(folder / "pooled", pool, pooled_rows)
    statistics.write(folder / "pooled", pool, pooled_rows)
    metric_truth.write(folder, [description], {name: scores})
    return folder


def test_a_lead_on_every_metric_is_called_one(tmp_path):
    text = findings.text(_write(tmp_path, 0.2))
    assert "best mean on 6 of 6 metrics" in text
    assert "It leads the comparison, as its paper claims." in text
    assert "significantly worse in 0" in text


def test_a_lead_by_mean_rank_only_is_called_one(tmp_path):
    text = findings.text(_write(tmp_path, [0.2, 0.2, 0.2, 0.2, 0.2, -0.2]))
    assert "best mean on 5 of 6 metrics" in text
    assert "leads by mean rank, but not on every metric" in text


def test_no_lead_is_said_plainly_with_who_is_ahead(tmp_path):
    text = findings.text(_write(tmp_path, -0.2))
    assert "place 4 of 4, behind DSIFT (1.00)" in text
    assert "That GACN leads the comparison does not hold on these data." in text
    assert "significantly better in 0" in text


def test_methods_beyond_the_comparison_are_told_apart(tmp_path):
    """DSIFT, ahead of GACN, is not in the paper's table of this run."""
    _write(tmp_path, -0.015)
    description = records.read_json(tmp_path / "lytro/about.json")
    description["methods"][2]["main"] = False
    tables.write(tmp_path / "lytro", description, records.read_csv(tmp_path / "lytro/scores.csv"))
    text = findings.text(tmp_path)
    assert "best mean on 6 of 6 metrics" in text
    assert "Among all 3 other methods of the run GACN has mean rank 2.00, place 2, behind DSIFT (1.00)." in text


def test_too_few_scenes_are_not_tested(tmp_path):
    text = findings.text(_write(tmp_path, 0.2, count=4))
    assert "No verdict on Lytro: it has too few scenes" in text
    assert "not tested" in text


def test_a_run_without_gacn_or_stacks_or_truth_says_so(tmp_path):
    text = findings.text(_write(tmp_path, 0.2, methods=["lp", "gff", "dsift"]))
    assert "GACN has no results beside other methods" in text
    assert "Not measured in this run" in text
    assert "No result of GACN with parameters of our own" in text
    assert "No data set of this run has a truth" in text


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [
        (("10", "6"), "takes 40 to 40 % less time than one by one. The paper's saving of over 30 % is reached in 1 of"),
        (
            ("10", "8"),
            "takes 20 to 20 % less time than one by one. The paper's saving of over 30 % is reached in none of",
        ),
        (("10", "12"), "saves no time here: it takes 20 to 20 % more"),
    ],
)
def test_what_calibration_saves_is_read_from_the_stacks(tmp_path, seconds, sentence):
    row = {"dataset": "v4", "images": 9, "serial_s": seconds[0], "calibrated_s": seconds[1], "status": "ok"}
    records.write_csv(tmp_path / "gacn_stacks.csv", list(row), [row, row | {"images": 2, "calibrated_s": "99"}])
    columns = ["dataset", "scene", "images", "metric", "serial", "calibrated", "reference"]
    quality = [("q_mi", "0.7", "0.8", "sources"), ("q_g", "0.6", "0.5", "sources"), ("psnr", "30", "20", "truth")]
    records.write_csv(
        tmp_path / "stack_quality.csv",
        columns,
        [dict(zip(columns, ("v4", "v4", "9", *q), strict=True)) for q in quality],
    )
    text = findings.text(_write(tmp_path, 0.2))
    assert sentence in text
    assert "better mean on Q_MI, the worse on Q_G" in text
    assert "Against the truth of v4, PSNR: 20 calibrated, 30 one by one (worse)" in text


def test_own_parameters_are_compared_with_the_authors(tmp_path):
    methods = [*METHODS, ("gacn_own", "gacn", {"weights": "own"})]
    text = findings.text(_write(tmp_path, 0.2, methods=methods))
    assert "GACN_OWN: of 6 comparisons with the authors' parameters" in text
    assert "significantly worse in 6" in text


def test_trust_is_read_from_the_intervals():
    base = {"metric": "q_g", "spearman": "0.7"}
    found = [base | {"spearman_low": low} for low in ("0.6", "0.3", "-0.1", "")]
    assert findings.trust(found, "q_g") == (1, 1, 3)


def test_lists_read_as_english():
    assert findings.listed([]) == "none"
    assert findings.listed(["a"]) == "a"
    assert findings.listed(["a", "b", "c"]) == "a, b and c"
    assert findings.few("abcdef") == "a, b, c, d, e and f"
    assert findings.few("abcdefg") == "a, b, c, d, e and 2 others"


def test_a_run_whose_only_data_set_is_missing_still_writes_everything(tmp_path):
    from study.figures import critical_difference as figures

    description = about("lytro", METHODS, metrics.SIX, [], status="unavailable", reason="no network")
    missing = {"dataset": "lytro", "scene": "", "metric": "q_g", "status": "unavailable", "reason": "no network"}
    scores = [missing | {"method": m} for m in METHODS]
    tables.write(tmp_path / "lytro", description, scores)
    statistics.write(tmp_path / "lytro", description, scores)
    records.write_json(tmp_path / "lytro" / "about.json", description)
    pool, pooled_rows = pooling.pool([description], {"lytro": scores})
    pooling.write(tmp_path / "pooled", pool, pooled_rows)
    statistics.write(tmp_path / "pooled", pool, pooled_rows)
    metric_truth.write(tmp_path, [description], {"lytro": scores})
    figures.critical_difference(description, [], [], [tmp_path / "cd.png"])
    figures.truth([], [tmp_path / "truth.png"])
    assert "No scores: no network." in (tmp_path / "lytro/statistics.md").read_text(encoding="utf-8")
    assert "GACN has no results" in findings.text(tmp_path)
    for path in tmp_path.rglob("*.tex"):
        assert problems(path.read_text(encoding="utf-8")) == [], path


def test_what_design_choices_are_worth(tmp_path):
    """A difference counts from two standard errors on, in the metric's direction."""
    _write(tmp_path, 0.2)
    values = {
        "q_g": ("0.03", "0.01"),
        "q_cb": ("-0.03", "0.01"),
        "q_p": ("0.01", "0.01"),
        "wrong_pixels": ("0.2", "0.01"),
    }
    records.write_csv(
        tmp_path / "ablation.csv",
        ["dataset", "label", "metric", "difference", "standard_error"],
        [{"dataset": "lytro", "label": "Complete", "metric": "q_g"}]
        + [
            {"dataset": "lytro", "label": "Without cSE", "metric": m, "difference": d, "standard_error": e}
            for m, (d, e) in values.items()
        ],
    )
    text = findings.text(tmp_path)
    assert "Of 4 comparisons" in text and "standard errors in 1, worse in 2." in text
    assert "- Without cSE: better on Q_G (lytro); worse on Q_CB (lytro) and Wrong pixels (lytro)." in text
    assert "Complete:" not in text
