"""Results of several runs in one place: further methods and data sets, newer values, what does not fit together."""

import argparse
import dataclasses
from pathlib import Path

import pandas as pd
import pytest

from files.errors import InputError
from study import records, refresh
from study.adopt import adopt, command
from study.entries import Entry
from study.store import POOLED, About, Results, SceneFacts, write_frame

NAMES = ("s1", "s2", "s3")


def _entry(name):
    return Entry(name, name, name.upper())


def _results(root, dataset, values, names=NAMES, metric="q_g", times=()):
    """Stored tables of a run: method -> one value per scene."""
    results = Results(str(root))
    scenes = tuple(SceneFacts(name) for name in names)
    entries = tuple(map(_entry, values))
    results.write_about(About(dataset, dataset, scenes=scenes, metrics=(metric,), entries=entries, main=tuple(values)))
    rows = [
        (dataset, s, m, metric, v, "ok", "", "") for m, vs in values.items() for s, v in zip(names, vs, strict=True)
    ]
    columns = ["dataset", "scene", "method", "metric", "value", "status", "reference", "reason"]
    results.write_tidy(dataset, pd.DataFrame(rows, columns=columns))
    if times:
        write_frame(results.table("timing.csv", dataset), pd.DataFrame(times, columns=["method", "median_s"]))
    return results


@pytest.fixture
def ours(tmp_path):
    values = {"gacn": [0.6, 0.7, 0.8], "gff": [0.5, 0.5, 0.5]}
    results = _results(tmp_path / "ours", "one", values, times=[("gff", "3.0"), ("gacn", "2.0")])
    results.write_about(About(POOLED, POOLED, datasets=("one",)))
    return results


def test_new_methods_join_and_newer_values_replace(ours, tmp_path):
    run = _results(tmp_path / "run", "one", {"gff": [0.9] * 3, "lp": [0.4] * 3}, times=[("gff", "1.0")])
    records.write_json(run.page("run.json"), {"command": "snakemake lp"})
    assert adopt(run, ours, ours) == {"one": ["gff", "lp"]}
    means = ours.read_tidy("one").groupby("method", sort=False)["value"].mean()
    assert list(means.index) == ["lp", "gff", "gacn"]  # by kind, as in any run
    assert means.to_dict() == pytest.approx({"lp": 0.4, "gff": 0.9, "gacn": 0.7})
    times = ours.read_times("one")
    assert dict(zip(times["method"], times["median_s"], strict=True)) == {"gff": "1.0", "gacn": "2.0"}
    assert records.read_json(ours.page("adopted.json")) == [
        {"taken": {"one": ["gff", "lp"]}, "run": {"command": "snakemake lp"}}
    ]


def test_what_a_run_names_does_not_enter_the_papers_table(ours, tmp_path):
    adopt(_results(tmp_path / "run", "one", {"lp": [0.4] * 3, "asr": [0.4] * 3}), ours, ours)
    assert set(ours.read_about("one").main) == {"lp", "gff", "gacn"}
    assert {entry.name for entry in ours.read_about("one").entries} == {"lp", "asr", "gff", "gacn"}


def test_a_new_data_set_joins(ours, tmp_path):
    run = _results(tmp_path / "run", "two", {"gacn": [0.1]}, names=NAMES[:1])
    Path(run.figure("crops_lytro_lytro_01.png")).parent.mkdir()
    Path(run.figure("crops_lytro_lytro_01.png")).write_bytes(b"picture")
    Path(run.table("ablation.csv")).write_text("a\n")
    adopt(run, ours, ours)
    assert ours.read_about(POOLED).datasets == ("one", "two")
    assert Path(ours.figure("crops_lytro_lytro_01.png")).read_bytes() == b"picture"
    assert Path(ours.table("ablation.csv")).read_text() == "a\n"


@pytest.mark.parametrize(
    ("change", "words"), [({"names": ("s1", "s4")}, "scenes of one differ"), ({"metric": "q_mi"}, "has no q_g of one")]
)
def test_what_does_not_fit_is_refused_and_nothing_changes(ours, tmp_path, change, words):
    run = _results(tmp_path / "run", "one", {"lp": [0.4] * len(change.get("names", NAMES))}, **change)
    before = Path(ours.table("scores.csv", "one")).read_bytes()
    with pytest.raises(InputError, match=words):
        adopt(run, ours, ours)
    assert Path(ours.table("scores.csv", "one")).read_bytes() == before


def test_a_run_may_have_some_of_the_scenes(ours, tmp_path):
    run = _results(tmp_path / "run", "one", {"gff": [0.9, 0.9], "lp": [0.4, 0.4]}, names=NAMES[1:])
    adopt(run, ours, ours)
    assert [scene.name for scene in ours.read_about("one").scenes] == list(NAMES)
    scores = ours.read_tidy("one").set_index(["method", "scene"])["value"]
    assert scores["gff"].to_dict() == {"s1": 0.5, "s2": 0.9, "s3": 0.9}
    assert scores["lp"].to_dict() == {"s2": 0.4, "s3": 0.4}


def test_a_run_may_have_more_metrics(ours, tmp_path):
    run = _results(tmp_path / "run", "one", {"lp": [0.4] * 3})
    more = run.read_tidy("one").assign(metric="scd", value=1.5)
    run.write_tidy("one", pd.concat([run.read_tidy("one"), more]))
    run.write_about(dataclasses.replace(run.read_about("one"), metrics=("q_g", "scd")))
    adopt(run, ours, ours)
    assert ours.read_about("one").metrics == ("q_g", "scd")
    counts = ours.read_tidy("one").groupby(["method", "metric"]).size().to_dict()
    assert counts == {("lp", "q_g"): 3, ("lp", "scd"): 3, ("gff", "q_g"): 3, ("gacn", "q_g"): 3}


def test_a_run_that_knows_the_truth_of_kept_scenes(ours, tmp_path):
    """What the kept method would be worth against the truth is not known, so that it has no such value."""
    run = _results(tmp_path / "run", "one", {"lp": [0.4] * 3})
    for results, truth in ((ours, False), (run, True)):
        about, scores = results.read_about("one"), results.read_tidy("one")
        scenes = tuple(SceneFacts(name, truth=truth) for name in NAMES)
        pixels = "with all-in-focus images" if truth else ""
        results.write_about(dataclasses.replace(about, scenes=scenes, pixels=pixels, metrics=("q_g", "psnr")))
        psnr = scores.assign(metric="psnr", value=30.0, reference="truth" if truth else "sources")
        results.write_tidy("one", pd.concat([scores, psnr]))
    adopt(run, ours, ours)
    about, scores = ours.read_about("one"), ours.read_tidy("one")
    assert all(scene.truth for scene in about.scenes) and about.pixels == "with all-in-focus images"
    counts = scores.groupby(["method", "metric"]).size().to_dict()
    assert counts == {("lp", "q_g"): 3, ("lp", "psnr"): 3, ("gff", "q_g"): 3, ("gacn", "q_g"): 3}
    assert set(scores["reference"][scores["metric"] == "psnr"]) == {"truth"}
    before = _results(tmp_path / "before", "one", {"lp": [0.4] * 3})
    before.write_about(dataclasses.replace(before.read_about("one"), metrics=("q_g", "psnr")))
    with pytest.raises(InputError, match="scenes of one differ"):
        adopt(before, ours, ours)


def test_a_folder_without_tables(tmp_path):
    with pytest.raises(InputError, match=r"no tables/DATASET/about\.json"):
        adopt(*[Results(str(tmp_path))] * 3)


def _bytes(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("breaks", [(Results, "write_tidy"), (refresh, "make"), (Path, "rename")])
def test_an_interruption_at_any_moment_leaves_the_old_tables_and_the_next_call_finishes(
    ours, tmp_path, monkeypatch, breaks
):
    run = _results(tmp_path / "run", "one", {"gff": [0.9] * 3})
    _results(tmp_path / "run", "two", {"gff": [0.8] * 3})
    given = argparse.Namespace(source=run.root, results=ours.root)
    before = _bytes(tmp_path / "ours")
    place, name = breaks
    whole, calls = getattr(place, name), []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) == (1 if place is refresh else 2):
            raise KeyboardInterrupt
        return whole(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(refresh, "make", lambda root: None)
        patch.setattr(place, name, interrupted)
        with pytest.raises(KeyboardInterrupt):
            command(given)
    assert _bytes(tmp_path / "ours") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ours", "run"]
    monkeypatch.setattr(refresh, "make", lambda root: None)
    assert command(given)["taken"] == {"one": ["gff"], "two": ["gff"]}
    assert (
        ours.read_tidy("two")["value"].tolist() == [0.8] * 3 and len(records.read_json(ours.page("adopted.json"))) == 1
    )
