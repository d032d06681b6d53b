"""Results of several runs in one place: further methods and data sets, newer values, what does not fit together."""

import pytest

from study import adopt, records
from tests.study._scores import about, names, rows

SCENES = names(3)


def _results(folder, dataset, values, scenes=SCENES, metrics=("q_g",), times=()):
    place = folder / "tables" / dataset
    records.write_json(place / "about.json", about(dataset, list(values), metrics, scenes))
    records.write_csv(place / "scores.csv", records.SCORES, rows(dataset, values, scenes))
    if times:
        columns = ["dataset", "method", "label", "median_s", "min_s", "max_s", "s_per_megapixel", "peak_memory_mb"]
        columns += ["repeats", "device", "device_name", "threads", "warm", "status", "reason"]
        row = dict.fromkeys(columns, "1") | {"dataset": dataset, "warm": "yes", "status": "ok", "reason": ""}
        records.write_csv(place / "timing.csv", columns, [row | {"method": m, "median_s": s} for m, s in times])
    return folder


@pytest.fixture
def ours(tmp_path):
    values = {"gacn": {"q_g": [0.6, 0.7, 0.8]}, "gff": {"q_g": [0.5, 0.5, 0.5]}}
    folder = _results(tmp_path / "ours", "one", values, times=[("gacn", "2.0"), ("gff", "3.0")])
    records.write_json(folder / "tables" / "pooled" / "about.json", {"datasets": ["one"]})
    return folder


def _means(folder, dataset):
    return {row["method"]: row["q_g"] for row in records.read_csv(folder / "tables" / dataset / "means.csv")}


def test_new_methods_join_and_newer_values_replace(ours, tmp_path):
    values = {"gff": {"q_g": [0.9, 0.9, 0.9]}, "lp": {"q_g": [0.4, 0.4, 0.4]}}
    run = _results(tmp_path / "run", "one", values, times=[("gff", "1.0")])
    _results(run, "another", {"gacn": {"q_g": [0.1] * 3}})  # came with the clone
    facts = {"command": "snakemake lp", "configuration": {"datasets": ["one"]}}
    records.write_json(run / "run.json", facts)
    assert adopt.main([str(run), str(ours)]) == 0
    found = {name: float(value) for name, value in _means(ours, "one").items()}
    assert found == pytest.approx({"lp": 0.4, "gff": 0.9, "gacn": 0.7})
    assert list(found) == ["lp", "gff", "gacn"]  # by kind, as in any run
    times = {row["method"]: row["median_s"] for row in records.read_csv(ours / "tables/one/timing.csv")}
    assert times == {"gff": "1.0", "gacn": "2.0"}
    (noted,) = records.read_json(ours / "adopted.json")
    assert noted == {"taken": {"one": ["gff", "lp"]}, "run": facts}
    assert (ours / "figures/one/boxes.png").is_file()
    assert not (ours / "tables/another").exists()


def test_what_a_run_names_does_not_enter_the_papers_table(ours, tmp_path):
    run = _results(tmp_path / "run", "one", {m: {"q_g": [0.4, 0.4, 0.4]} for m in ("lp", "asr")})
    adopt.adopt(run, ours)
    main = {m["name"]: m["main"] for m in records.read_json(ours / "tables/one/about.json")["methods"]}
    assert main == {"lp": True, "asr": False, "gff": True, "gacn": True}


def test_a_new_data_set_joins_the_pooled_tables(ours, tmp_path):
    run = _results(tmp_path / "run", "two", {"gacn": {"q_g": [0.1]}, "gff": {"q_g": [0.3]}}, names(1))
    (run / "figures").mkdir()
    (run / "figures" / "crops_two.png").write_bytes(b"picture")
    adopt.adopt(run, ours)
    assert records.read_json(ours / "tables/pooled/about.json")["datasets"] == ["one", "two"]
    assert float(_means(ours, "pooled")["gacn"]) == pytest.approx((0.6 + 0.7 + 0.8 + 0.1) / 4)
    assert (ours / "figures/crops_two.png").read_bytes() == b"picture"


@pytest.mark.parametrize(
    ("change", "words"), [({"scenes": names(2)}, "scenes differ"), ({"metrics": ("q_mi",)}, "metrics differ")]
)
def test_what_does_not_fit_is_refused_and_nothing_changes(ours, tmp_path, capsys, change, words):
    metric = change.get("metrics", ("q_g",))[0]
    count = len(change.get("scenes", SCENES))
    run = _results(tmp_path / "run", "one", {"lp": {metric: [0.4] * count}}, **change)
    before = (ours / "tables/one/scores.csv").read_bytes()
    assert adopt.main([str(run), str(ours)]) == 2
    assert words in capsys.readouterr().err
    assert (ours / "tables/one/scores.csv").read_bytes() == before


def test_a_folder_without_tables(tmp_path, capsys):
    assert adopt.main([str(tmp_path), str(tmp_path)]) == 2
    assert "no tables/DATASET/about.json" in capsys.readouterr().err
