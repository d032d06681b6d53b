"""Findings: the sentences follow the numbers."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

import metrics
from study.findings import findings
from study.store import SceneFacts, Score, write_frame
from study.tables import (
    means_table,
    metric_truth_table,
    pooled_table,
    stacks_table,
    statistics_table,
    truth_ranks_table,
    truth_sets,
)
from tests.study._latex import problems
from tests.study._scores import about, names, rows, stored

METHODS = ["lp", "gff", "dsift", "gacn"]


def _tables(results, description):
    """Write the tables of a run of one data set."""
    name = description.dataset
    scores = results.read_tidy(name)
    means_table.write(results, *means_table.all_means(description, scores))
    statistics_table.write(results, description, scores)
    pooled_table.write(results, *pooled_table.read(results, [name]))
    metric_truth_table.write(results, truth_sets.read(results, [name]))
    truth_ranks_table.write(results, [name])
    return results


def _run(folder, shift, count=8, methods=METHODS, name="lytro", **facts):
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
    description = about(name, methods, metrics.SIX, scenes, **facts)
    return _tables(stored(folder, description, rows(name, values, scenes)), description)


def test_a_lead_on_every_metric_is_called_one(tmp_path):
    text = findings.text(_run(tmp_path, 0.2))
    assert "best mean on 6 of 6 metrics" in text
    assert "It leads the comparison, as its paper claims." in text
    assert "significantly worse in 0" in text


def test_a_lead_by_mean_rank_only_is_called_one(tmp_path):
    text = findings.text(_run(tmp_path, [0.2, 0.2, 0.2, 0.2, 0.2, -0.2]))
    assert "best mean on 5 of 6 metrics" in text
    assert "leads by mean rank, but not on every metric" in text


def test_no_lead_is_said_plainly_with_who_is_ahead(tmp_path):
    text = findings.text(_run(tmp_path, -0.2))
    assert "place 4 of 4, behind DSIFT (1.00)" in text
    assert "That GACN leads the comparison does not hold on these data." in text
    assert "significantly better in 0" in text


def test_text_and_table_count_the_same_places(tmp_path):
    """A variant of GACN and a control are in the table; neither counts for the place, and the note names the variant."""
    methods = [*METHODS, "average", ("gacn_own", "gacn", {"weights": "own"})]
    results = _run(tmp_path, -0.2, methods=methods)
    assert "place 4 of 4, behind" in findings.text(results)
    table = (tmp_path / "tables/lytro/table.md").read_text(encoding="utf-8")
    assert (
        "Ranks are among the 5 ranked rows of this table. GACN has place 4 of 4 by mean rank, without its variants (GACN_OWN)."
        in table
    )


def test_a_limited_set_of_methods_claims_nothing_about_the_others(tmp_path):
    description = about("lytro", METHODS, metrics.SIX, names(8))
    results = _run(tmp_path, 0.2)
    scores = results.read_tidy("lytro")
    absent = Score("lytro", "", "mwgf", "q_g", status="unavailable", reason="left out by the configured budget")
    more = about("lytro", [*METHODS, "mwgf"], metrics.SIX, names(8))
    results.write_tidy("lytro", pd.concat([scores, rows("lytro", {}, [], more=[absent])]))
    results.write_about(more)
    text = findings.text(_tables(results, more))
    assert "nothing is said about methods that are not ranked: MWGF, " in text
    assert "place 1 of 4" in text
    assert description.main != more.main


def test_methods_beyond_the_comparison_are_told_apart(tmp_path):
    """DSIFT, ahead of GACN, is not in the paper's table of this run."""
    text = findings.text(_run(tmp_path, -0.015, main=("lp", "gff", "gacn")))
    assert "best mean on 6 of 6 metrics" in text
    assert "Among all 3 other methods of the run GACN has mean rank 2.00, place 2, behind DSIFT (1.00)." in text


def test_too_few_scenes_are_not_tested(tmp_path):
    text = findings.text(_run(tmp_path, 0.2, count=4))
    assert "No verdict on Lytro: it has too few scenes" in text
    assert "not tested" in text


def test_gacn_that_lacks_scenes_is_not_placed(tmp_path):
    results = _run(tmp_path, 0.2)
    scores = results.read_tidy("lytro")
    lost = (scores["method"] == "gacn") & (scores["scene"] == "s00")
    results.write_tidy(
        "lytro", scores.assign(status=scores["status"].where(~lost, "failed"), value=scores["value"].where(~lost))
    )
    text = findings.text(_tables(results, results.read_about("lytro")))
    assert "; it lacks scenes and is not ranked." in text
    assert "place 1 of" not in text


def test_a_run_without_gacn_says_who_leads_and_nothing_of_gacn(tmp_path):
    results = _run(tmp_path, 0.2, methods=["lp", "gff", "dsift"])
    text = findings.text(results)
    assert "GACN" not in text and "What do" not in text
    assert "## Which method leads?" in text and "**On Lytro (n = 8 scenes) DSIFT has the best mean on 6 of 6" in text
    assert "Of 12 comparisons" in text and "DSIFT is significantly better in 12" in text
    everything = "".join(path.read_text(encoding="utf-8") for path in tmp_path.glob("tables/lytro/*.*"))
    assert "gacn" not in everything.lower()


def test_highlighted_methods_are_what_the_findings_are_about(tmp_path):
    methods = [*METHODS, ("dsift_fast", "dsift", {"scale": 8})]
    results = _run(tmp_path, -0.2, methods=methods, highlight=("dsift", "lp"))
    text = findings.text(results)
    assert "## Does DSIFT lead?" in text and "## Does LP lead?" in text and "## Does GACN lead?" not in text
    first = text.split("## Does LP lead?")[0]
    assert "place 1 of 4. It leads the comparison.**" in first and "paper claims" not in text
    # The variant is no other method: GFF is the best of these.
    assert "| GFF |" in first and "DSIFT is significantly worse in 0" in first.replace(
        "significantly better in 18, ", "DSIFT is "
    )
    assert "What do parameters of our own training change?" in text


def test_no_place_is_stated_where_the_budget_left_methods_out(tmp_path):
    methods = [*METHODS, "mwgf"]
    description = about("lytro", methods, metrics.SIX, names(8), over_budget=("mwgf",))
    results = _run(tmp_path, 0.2)
    results.write_about(description)
    text = findings.text(_tables(results, description))
    assert "No place is stated, since the budget left methods out." in text and "place 1" not in text
    table = (tmp_path / "tables/lytro/table.md").read_text(encoding="utf-8")
    assert "Places are not stated, since the budget left methods out." in table and "has place" not in table
    pooled = (tmp_path / "tables/pooled/table.md").read_text(encoding="utf-8")
    assert "has place" not in pooled


def test_a_run_without_stacks_or_truth_says_so(tmp_path):
    text = findings.text(_run(tmp_path, 0.2))
    assert "Not measured in this run" in text
    assert "No result of GACN with parameters of our own" in text
    assert "No data set of this run has scenes with truth" in text
    assert "design choices" not in text


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [
        (
            ("10", "6"),
            "takes 40 % less time than one by one. The paper's saving of over 30 % is reached in 1 of 1 case.",
        ),
        (
            ("10", "8"),
            "takes 20 % less time than one by one. The paper's saving of over 30 % is reached in none of 1 case.",
        ),
        (("10", "12"), "saves no time here: it takes 20 % more"),
    ],
)
def test_what_calibration_saves_is_read_from_the_stacks(tmp_path, seconds, sentence):
    results = _run(tmp_path, 0.2)
    row = {"dataset": "v4", "images": 9, "serial_s": seconds[0], "calibrated_s": seconds[1], "status": "ok"}
    pair = row | {"images": 2, "calibrated_s": "99"}
    lost = row | {"status": "failed", "serial_s": "", "calibrated_s": ""}
    write_frame(results.table("gacn_stacks.csv"), pd.DataFrame([row, pair, lost]))
    columns = ["dataset", "scene", "images", "metric", "serial", "calibrated", "reference"]
    quality = [("q_mi", "0.7", "0.8", "sources"), ("q_g", "0.6", "0.5", "sources"), ("psnr", "30", "20", "truth")]
    quality += [("q_cb", "", "", "sources")]
    write_frame(
        results.table("stack_quality.csv"), pd.DataFrame([("v4", "v4", "9", *q) for q in quality], columns=columns)
    )
    text = findings.text(results)
    assert sentence in text
    assert "better mean on Q_MI, the worse on Q_G" in text
    assert "Against the truth of v4, PSNR: 20 calibrated, 30 one by one (worse)" in text


def test_own_parameters_are_compared_with_the_authors(tmp_path):
    methods = [*METHODS, ("gacn_own", "gacn", {"weights": "own"})]
    text = findings.text(_run(tmp_path, 0.2, methods=methods))
    assert "GACN_OWN: of 6 comparisons with the authors' parameters" in text
    assert "significantly worse in 6" in text


def test_lists_read_as_english():
    assert findings.listed([]) == "none"
    assert findings.listed(["a"]) == "a"
    assert findings.listed(["a", "b", "c"]) == "a, b and c"
    assert findings.few("abcdef") == "a, b, c, d, e and f"
    assert findings.few("abcdefg") == "a, b, c, d, e and 2 others"
    assert findings.span(9.9, 26.4) == "10 to 26"
    assert findings.span(19.9, 20.1) == "20"


def test_a_run_whose_only_data_set_is_missing_still_writes_everything(tmp_path):
    description = about("lytro", METHODS, metrics.SIX, [], status="unavailable", reason="no network")
    missing = [Score("lytro", "", m, "q_g", status="unavailable", reason="no network") for m in METHODS]
    results = _tables(stored(tmp_path, description, rows("lytro", {}, [], more=missing)), description)
    assert "No scores: no network" in (tmp_path / "tables/lytro/statistics.md").read_text(encoding="utf-8")
    assert "GACN has no results" in findings.text(results)
    found = list(tmp_path.rglob("*.tex"))
    assert found
    for path in found:
        assert problems(path.read_text(encoding="utf-8")) == [], path


def test_hostile_labels_stay_text(tmp_path):
    results = _run(tmp_path, -0.2)
    description = results.read_about("lytro")
    entries = tuple(dataclasses.replace(entry, label=f"<b>{entry.label}</b> | *x*") for entry in description.entries)
    results.write_about(dataclasses.replace(description, entries=entries))
    text = findings.text(_tables(results, results.read_about("lytro")))
    assert "<b>" not in text.replace("\\<b>", "")
    assert "behind \\<b>DSIFT\\</b> \\| \\*x\\* (1.00)" in text


def test_what_design_choices_are_worth(tmp_path):
    """A difference counts from two standard errors on, in the metric's direction; without an error it never does."""
    results = _run(tmp_path, 0.2)
    values = {
        "q_g": ("0.03", "0.01"),
        "q_cb": ("-0.03", "0.01"),
        "q_p": ("0.01", "0.01"),
        "wrong_pixels": ("0.2", "0.01"),
        "q_y": ("9", ""),
    }
    found = [("lytro", "Complete", "q_g", "", "")] + [("lytro", "Without cSE", m, d, e) for m, (d, e) in values.items()]
    write_frame(
        results.table("ablation.csv"),
        pd.DataFrame(found, columns=["dataset", "label", "metric", "difference", "standard_error"]),
    )
    text = findings.text(results)
    assert "Of 5 comparisons" in text and "standard errors in 1, worse in 2." in text
    assert "- Without cSE: better on Q_G (lytro); worse on Q_CB (lytro) and Wrong pixels (lytro)." in text
    assert "Complete:" not in text


def _stacks(folder, shift, count=8, counts=5):
    """A run on `count` stacks with truth, on which the native methods are better than the folded ones by `shift` dB."""
    scenes = names(count)
    values = {}
    for place, method in enumerate(["average", "lp", "dsift", "stackmff_v3", "gacn"]):
        native = method in ("stackmff_v3", "gacn")
        quality = 30 + 0.1 * place + 0.05 * np.arange(count) + shift * native
        values[method] = {"psnr": quality, "q_mi": 0.5 + 0.01 * quality}
    facts = about("stacks", list(values), ["psnr", "q_mi"], scenes)
    facts = dataclasses.replace(facts, scenes=tuple(SceneFacts(name, count=counts, truth=True) for name in scenes))
    results = _tables(stored(folder, facts, rows("stacks", values, scenes, "truth")), facts)
    stacks_table.write(results, ["stacks"])
    return results


def test_native_methods_that_win_are_said_to_win(tmp_path):
    text = findings.text(_stacks(tmp_path, 3))
    assert "On 8 stacks with truth the 2 native methods" in text
    assert "native is significantly better than folded" in text
    assert "- GACN: 33.57 dB, place 1 of 4." in text


def test_native_methods_that_lose_are_said_to_lose(tmp_path):
    text = findings.text(_stacks(tmp_path, -3))
    assert "native is significantly worse than folded" in text
    assert "place 3 of 4" in text


def test_with_few_stacks_there_is_no_verdict(tmp_path):
    text = findings.text(_stacks(tmp_path, 3, count=3))
    assert "too few stacks for a test" in text and "significantly better than folded" not in text


def test_without_stacks_nothing_is_said_of_methods_for_stacks(tmp_path):
    for results in (_run(tmp_path / "a", 0.2), _stacks(tmp_path / "b", 3, counts=2)):
        assert "made for stacks" not in findings.text(results)


def test_for_a_long_stack_the_methods_that_no_other_beats_are_named(tmp_path):
    results = _stacks(tmp_path, 3)
    times = {"lp": "0.1", "dsift": "1", "stackmff_v3": "0.5", "gacn": "2"}
    frame = stacks_table.read(results).assign(**{stacks_table.SECONDS: lambda f: f["method"].map(times).astype(float)})
    write_frame(results.table("stacks.csv"), frame)
    text = findings.text(results)
    line = next(line for line in text.splitlines() if line.startswith("- For a long stack"))
    assert [name in line for name in ("LP", "STACKMFF_V3", "GACN", "DSIFT")] == [True, True, True, False]
    assert "1.2 s per megapixel and image for native ones, 0.55 s for folded ones" in text
