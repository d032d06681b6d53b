"""Tables of means: ranks by direction, ties on printed digits, missing values, n, who is not ranked."""

import dataclasses

import pandas as pd
import pytest

import methods
import metrics
from study.config import resolve
from study.entries import Entry
from study.store import SceneFacts, Score
from study.tables import means_table, writers
from tests.study._latex import problems
from tests.study._scores import about, names, rows, stored

VALUES = {
    "average": {"q_mi": [2.0, 2.0], "q_cv": [0.0, 0.0]},
    "lp": {"q_mi": [1.0, 1.2], "q_cv": [10.0, 12.0]},
    "gff": {"q_mi": [1.10001, 1.10001], "q_cv": [9.0, 9.0]},
    "dwt": {"q_mi": [0.9, 0.9], "q_cv": [30.0, 30.0]},
}


def _means(values, more=(), scenes=("s1", "s2"), **facts):
    ids = list(dict.fromkeys(metric for by_metric in values.values() for metric in by_metric))
    description = about("toy", list(values), ids, scenes, **facts)
    return means_table.extended_means(description, rows("toy", values, scenes, more=more))


def _of(found, method, column):
    return found.frame.set_index("method")[column][method]


def _marks(found, metric):
    declared = next(m for m in found.declared if m.id == metric)
    return dict(zip(found.frame["method"], means_table.marks(found.frame, declared), strict=True))


def _text(found):
    return writers.markdown(means_table.main_page(found, found))


def test_ranks_follow_the_direction_of_the_metric():
    found = _means(VALUES)
    assert [_of(found, method, "q_cv_rank") for method in ("gff", "lp", "dwt")] == [1, 2, 3]


def test_ties_are_decided_on_the_printed_digits():
    found = _means(VALUES)
    assert _of(found, "lp", "q_mi_rank") == _of(found, "gff", "q_mi_rank") == 1.5
    assert _marks(found, "q_mi") == {"average": "", "lp": "best", "gff": "best", "dwt": "second"}


def test_controls_are_neither_ranked_nor_marked():
    found = _means(VALUES)
    assert pd.isna(_of(found, "average", "q_mi_rank"))
    assert _marks(found, "q_cv")["average"] == ""


def test_a_failed_scene_is_neither_zero_nor_ranked():
    found = _means({"lp": {"q_mi": [1.0, None]}, "gff": {"q_mi": [0.5, 0.5]}})
    assert (_of(found, "lp", "q_mi"), _of(found, "lp", "q_mi_n")) == (1.0, 1)
    assert pd.isna(_of(found, "lp", "q_mi_rank"))
    assert "| LP | 1.0000 (n=1) | – |" in _text(found)
    assert "- LP: 1 scene missing: s2 (broke)." in _text(found)


def test_a_metric_that_fails_alone_is_not_a_missing_scene():
    found = _means({"lp": {"q_mi": [1.0, None], "q_g": [0.5, 0.5]}, "gff": {"q_mi": [0.5, 0.5], "q_g": [0.5, 0.5]}})
    assert "- LP: no value of Q_MI on s2 (broke)." in _text(found)
    assert "scene missing" not in _text(found)


def test_a_column_states_its_own_n_where_no_method_has_all_scenes():
    """Undefined for all on one scene of two: the caption's n does not hold for these means."""
    undefined = [Score("toy", "s2", m, "q_e", status="undefined", reason="constant windows") for m in ("lp", "gff")]
    values = {m: {"q_mi": [0.5, 0.6]} for m in ("lp", "gff")}
    description = about("toy", list(values), ["q_mi", "q_e"], ["s1", "s2"])
    good = [Score("toy", "s1", m, "q_e", 0.7) for m in values]
    found = means_table.extended_means(description, rows("toy", values, ["s1", "s2"], more=[*good, *undefined]))
    page = means_table.main_page(found, found)
    markdown, latex = writers.markdown(page), writers.latex(page)
    assert "| Method | Q_MI ↑ | Mean rank |" in markdown
    assert "| Method | Q_E (n=1) ↑ |" in markdown
    assert "| LP | 0.7000 |" in markdown or "| LP | **0.7000** |" in markdown, "no n in every cell"
    assert "- Q_E has no value for any method on 1 scene: s2 (constant windows)." in markdown
    assert r"$Q_{\mathrm{E}}$ ($n=1$)" in latex
    assert problems(latex) == []


def test_unavailable_methods_are_named_with_the_reason():
    absent = Score("toy", "", "lp", "q_mi", status="unavailable", reason="no weights; run `python -m methods <x>`")
    description = about("toy", ["lp", "gff"], ["q_mi"], ["s1", "s2"])
    found = means_table.extended_means(
        description, rows("toy", {"gff": {"q_mi": [0.5, 0.5]}}, ["s1", "s2"], more=[absent])
    )
    assert "- Not available: LP (no weights; run `python -m methods <x>`)." in _text(found)
    assert r"no weights; run \texttt{python -m methods \textless{}x\textgreater{}}" in writers.latex(
        means_table.main_page(found, found)
    )


def test_ranks_claim_nothing_about_methods_that_are_left_out():
    """By budget or for want of a file, by failed scenes, and by choice."""
    absent = Score("toy", "", "dsift", "q_mi", status="unavailable", reason="left out by the configured budget")
    values = {"lp": {"q_mi": [1.0, None]}, "gff": {"q_mi": [0.5, 0.5]}, "gacn": {"q_mi": [0.6, 0.6]}}
    description = about("toy", [*values, "dsift"], ["q_mi"], ["s1", "s2"])
    found = means_table.extended_means(description, rows("toy", values, ["s1", "s2"], more=[absent]))
    out = means_table.left_out(description, description.entries, found.frame)
    chosen_away = [m.label for m in methods.registry.all() if m.comparison and m.id not in (*values, "dsift")]
    assert out == ["LP", "DSIFT", *chosen_away]
    note = next(note for note in means_table.notes(found) if note.startswith("Ranks are among"))
    assert note.startswith("Ranks are among the 2 ranked rows of this table. GACN has place 1 of 2 by mean rank")
    assert "not ranked here: LP, DSIFT, " in note
    assert "Methods of the paper's comparison (not all of them: see the notes)" in _text(found)


def test_a_whole_comparison_leaves_nobody_out():
    every = [m.id for m in methods.registry.all() if m.comparison or m.kind == "proposed"]
    found = _means({name: {"q_mi": [0.5, 0.5]} for name in every})
    assert means_table.left_out(found.about, found.about.entries, found.frame) == []
    assert "\nThe methods of the paper's comparison; all" in _text(found)


def test_the_place_counts_the_ranked_rows_without_variants():
    frame = pd.DataFrame(
        [("average", float("nan")), ("lp", 3.0), ("gff", 1.0), ("gacn_own", 1.5), ("gacn", 2.5)],
        columns=["method", "mean_rank"],
    )
    found = means_table.place(frame, "gacn", [])
    assert (found.place, found.of, list(found.ahead["method"])) == (3, 4, ["gff", "gacn_own"])
    found = means_table.place(frame, "gacn", [Entry("gacn_own", "gacn", "Own")])
    assert (found.place, found.of, list(found.ahead["method"])) == (2, 3, ["gff"])
    assert means_table.place(frame.assign(mean_rank=float("nan")), "gacn", []) is None
    assert means_table.place(frame, "nobody", []) is None


def test_the_highlighted_methods_are_placed():
    found = _means({"lp": {"q_mi": [1.0, 1.0]}, "gff": {"q_mi": [0.5, 0.5]}, "sf": {"q_mi": [0.2, 0.2]}})
    description = dataclasses.replace(found.about, highlight=("gff", "sf"))
    note = next(n for n in means_table.notes(dataclasses.replace(found, about=description)) if "has place" in n)
    assert "GFF has place 2 of 3 by mean rank. SF has place 3 of 3 by mean rank." in note
    assert not any("GACN has place" in n for n in means_table.notes(found))


def test_notes_name_the_metrics_of_the_mean_rank():
    description = about("toy", ["lp"], ["q_mi", "q_g", "ssim"], ["s1"])
    values = {"lp": {"q_mi": [1.0], "q_g": [1.0], "ssim": [1.0]}}
    text = "\n".join(means_table.notes(means_table.extended_means(description, rows("toy", values, ["s1"]))))
    assert "mean rank over Q_MI, Q_G; controls" in text and "six" not in text
    only = dataclasses.replace(description, metrics=("ssim",))
    assert "mean rank" not in "\n".join(
        means_table.notes(means_table.extended_means(only, rows("toy", values, ["s1"])))
    )
    assert means_table.ranked_by(metrics.SIX) == "the six metrics"


def test_hostile_labels_stand_as_they_are():
    found = _means(VALUES)
    label = r"<b>x</b> | a_b_ & 5 % $y$ \z"
    entries = tuple(dataclasses.replace(e, label=label) if e.name == "lp" else e for e in found.about.entries)
    description = dataclasses.replace(
        found.about,
        entries=entries,
        label="Toy_set & <i>",
        scenes=(SceneFacts("s1"), SceneFacts("s|2", "failed", "no <file>")),
    )
    again = means_table.extended_means(description, found.scores)
    page = means_table.main_page(again, again)
    assert problems(writers.latex(page)) == []
    assert "<b>" not in writers.html(page) and "<i>" not in writers.html(page)
    assert r"| \<b>x\</b> \| a_b\_ \& 5 % \$y\$ \\z |".replace(r"\&", "&") in writers.markdown(page)


def test_the_stored_table_reads_back(tmp_path):
    found = _means(VALUES)
    results = stored(tmp_path, found.about, found.scores)
    means_table.write(results, found, found, found)
    again = means_table.read(results, "toy", "means")
    pd.testing.assert_frame_equal(
        again, found.frame.assign(mean_rank=found.frame["mean_rank"].round(3)), check_dtype=False
    )
    assert list(again.columns)[-1] == "mean_rank"
    assert means_table.read(results, "nothing", "means").empty


def test_the_papers_table_has_what_the_paper_compares_and_what_is_named():
    everything = resolve(
        {"methods": ["all"], "variants": {"sr_step2": {"method": "sr", "options": {"preset": "toolbox"}}}}
    )
    main = everything.main_entries
    assert {"gacn", "gff", "average", "sr_step2"} <= set(main)
    assert "bfmf" not in main
    assert "bfmf" in everything.entries
    assert "bfmf" in resolve({"methods": ["bfmf", "gff"]}).main_entries


def test_the_extended_table_has_every_method_and_metric(tmp_path):
    scenes = names(2)
    description = about("toy", ["lp", "gff", "gacn"], ["q_mi", "q_cv"], scenes, main=("lp", "gacn"))
    values = {m: {"q_mi": [v, v], "q_cv": [v, v]} for m, v in (("lp", 1.0), ("gff", 3.0), ("gacn", 2.0))}
    results = stored(tmp_path, description, rows("toy", values, scenes))
    scores = results.read_tidy("toy")
    means_table.write(results, *means_table.all_means(description, scores))
    main, extended = (
        (tmp_path / f"tables/toy/{name}.md").read_text(encoding="utf-8") for name in ("table", "extended")
    )
    grid = main[: main.index("\n- ")]
    assert "GFF" not in grid and "Q_CV" not in grid
    assert "**2.0000**" in main, "ranks and marks of the paper's table are among its own rows"
    assert "**3.0000**" in extended
    assert "Q_CV" in extended
    assert "Pixels: 2 pairs, PNG." in main
    for name in ("table", "extended"):
        assert problems((tmp_path / f"tables/toy/{name}.tex").read_text(encoding="utf-8")) == []
    assert len(means_table.read(results, "toy", "table")) == 2
    assert len(means_table.read(results, "toy", "means")) == 3


@pytest.mark.parametrize("status", ["unavailable", "failed"])
def test_a_data_set_without_scores_says_why(status):
    description = about("toy", ["lp"], ["q_mi"], [], status=status, reason="no network")
    found = means_table.extended_means(description, rows("toy", {}, []))
    assert f"The data set is {status}: no network." in _text(found)
    assert problems(writers.latex(means_table.main_page(found, found))) == []


def test_the_recent_table_has_recent_methods_controls_and_anchors(tmp_path):
    """GACN, of 2022, is recent; GFF of 2013 is neither recent nor an anchor."""
    ids = ["average", "gff", "qb", "ccsr", "gacn"]
    values = {name: {"q_mi": [0.1 * place, 0.1 * place], "q_cv": [1.0, 1.0]} for place, name in enumerate(ids)}
    description = about("toy", ids, ["q_mi", "q_cv"], ["s1", "s2"])
    found, recent, extended = means_table.all_means(description, rows("toy", values, ["s1", "s2"]))
    assert list(recent.frame["method"]) == ["average", "qb", "ccsr", "gacn"]
    assert [metric.id for metric in recent.declared] == ["q_mi"]
    page = writers.markdown(means_table.recent_page(recent))
    assert "and to compare with: QB." in page
    # Those of the group that the run lacks are named, those of the paper's comparison are not.
    assert "not ranked here:" in page and "ReFusion" in page and "NSCT" not in page
    means_table.write(stored(tmp_path, description, found.scores), found, recent, extended)
    assert (tmp_path / "tables/toy/recent.csv").is_file() and (tmp_path / "tables/toy/recent.tex").is_file()


def test_a_recent_table_without_recent_methods_is_written():
    found = means_table.recent_means(
        about("toy", ["gff"], ["q_mi"], ["s1"]), rows("toy", {"gff": {"q_mi": [1.0]}}, ["s1"])
    )
    assert found.frame.empty
    assert "no method published in 2020 or later." in writers.markdown(means_table.recent_page(found))


def test_many_further_metrics_stand_in_one_part_per_family():
    numbers = [1.0, 2.0]
    few, many = ("q_mi", "viff", "en"), [m.id for m in metrics.registry.all() if m.id not in ("psnr", "wrong_pixels")]
    page = means_table.extended_page(_means({name: dict.fromkeys(few, numbers) for name in ("lp", "gff")}))
    assert [table.title for table in page.tables] == ["", ""]
    page = means_table.extended_page(_means({name: dict.fromkeys(many, numbers) for name in ("lp", "gff")}))
    assert [table.title for table in page.tables[:3]] == ["", "Metrics of information", "Metrics of features"]
    shown = [column.key for table in page.tables for column in table.columns]
    assert set(shown) == {*many, "label", "mean_rank"}
    assert max(len(table.columns) for table in page.tables) <= 16
    assert len({table.label for table in page.tables}) == len(page.tables)
