"""The configuration: defaults, groups, variants, one clear line for every mistake."""

import sys
from pathlib import Path

import pytest
import yaml

import methods
import metrics
from files.errors import InputError
from study.config import forecast, resolve, with_defaults

ROOT = Path(__file__).resolve().parents[2]


def test_empty_configuration_is_the_schema_default():
    settings = resolve({})
    assert settings.datasets == ("embedded", "lytro", "lytro_triple")
    assert settings.metrics[:6] == metrics.SIX
    assert settings.timing["repeats"] == 3
    assert not settings.strict


@pytest.mark.parametrize("path", sorted((ROOT / "config").glob("*.yaml")), ids=lambda p: p.name)
def test_shipped_configurations_are_valid(path):
    settings = resolve(yaml.safe_load(path.read_text(encoding="utf-8")))
    assert settings.entries


def test_the_default_configuration_takes_the_fast_recent_methods():
    settings = resolve(yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8")))
    assert {"ccsr", "openfocus_a"} <= set(settings.entries) and "mff_ssim" not in settings.entries
    # They do not enter the table of the paper's comparison.
    assert not {"ccsr", "openfocus_a"} & set(settings.main_entries)


def test_full_configuration_has_every_method_and_data_set():
    import scenes

    settings = resolve(yaml.safe_load((ROOT / "config" / "full.yaml").read_text(encoding="utf-8")))
    assert {entry.method for entry in settings.entries.values()} == set(methods.registry.ids()) - {"precomputed"}
    assert set(settings.datasets) == set(scenes.ids())
    assert set(settings.metrics) == set(metrics.registry.ids())


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"metods": ["lp"]}, ["'metods'", "did you mean 'methods'?"]),
        ({"methods": ["gf"]}, ["unknown method 'gf'", "gff"]),
        ({"metrics": ["q_mj"]}, ["unknown metric 'q_mj'", "q_mi"]),
        ({"datasets": ["lytr"]}, ["unknown data set 'lytr'", "lytro"]),
        ({"timing": {"repeat": 3}}, ["timing", "'repeat'", "did you mean 'repeats'?"]),
        ({"timing": {"repeats": 1}}, ["timing.repeats", "minimum of 3"]),
        ({"device": "gpu"}, ["device", "gpu"]),
        ({"variants": {"mine": {"method": "lp", "options": {"levls": 3}}}}, ["no option 'levls'"]),
        ({"variants": {"gff": {"method": "lp"}}}, ["variants.gff", "taken"]),
        ({"budget": {"lytr": 3}}, ["unknown data set 'lytr'"]),
        ({"folders": {"pooled": "x"}}, ["folders.pooled", "all data sets together"]),
        ({"train": "perhaps"}, ["train", "boolean"]),
        ({"time_limit": 0}, ["time_limit"]),
        ({"kept": "nowhere"}, ["kept", "nowhere/tables/pooled/about.json", "finished run"]),
        ({"variants": {"mine": {"method": "lp", "label": "GFF"}}, "methods": ["all"]}, ["same label 'GFF'"]),
        ({"variants": {"mine": {"method": "lp", "label": "two\nlines"}}, "methods": ["lp"]}, ["one line"]),
        ({"variants": {"mine": {"method": "lp", "label": "two\u2028lines"}}, "methods": ["lp"]}, ["one line"]),
        ({"variants": {"mine": {"method": "lp", "label": "half\ud800"}}, "methods": ["lp"]}, ["one line"]),
        ({"variants": {"mine": {"method": "lp", "label": " LP\u200b"}}, "methods": ["lp"]}, ["same label"]),
        ({"variants": {2024: {"method": "lp"}}}, ["variants.2024", "not text"]),
        ({"folders": {True: "x"}}, ["folders.True", "not text"]),
        ({1: 2, "metods": 3}, ["1", "not text"]),
        ({"folders": {"mine\n": "x"}}, ["folders", "small letters"]),
        ({"folders": {"a" * 41: "x"}}, ["folders", "40"]),
        (
            {"variants": {"mine": {"method": "lp", "label": "L" * 61}}},
            ["variants.mine.label", "61 characters", "at most 60"],
        ),
        ({"folders": {"mine": " "}}, ["folders.mine"]),
        ({"training": {"name": "a\n"}}, ["training.name", "small letters"]),
        ({"time_limit": float("nan")}, ["time_limit", "no finite number"]),
        ({"time_limit": ".inf"}, ["time_limit", "no finite number"]),
        ({"budget": {"lytro": float("inf")}}, ["budget.lytro", "no finite number"]),
        ({"methods": ["lp"], "exclude": ["lp"]}, ["no method is left"]),
        ([], ["no list of options"]),
    ],
)
def test_a_mistake_gives_one_clear_line(raw, words):
    with pytest.raises(InputError) as caught:
        resolve(raw)
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("registry", "option", "group"), [(methods.registry, "methods", "all"), (metrics.registry, "metrics", "six")]
)
def test_a_plug_in_with_the_name_of_a_group_does_not_take_its_place(tmp_path, monkeypatch, registry, option, group):
    folder = tmp_path / registry.package
    folder.mkdir()
    known = next(name for name in registry.ids())
    text = Path(registry.module(known).__file__).read_text(encoding="utf-8")
    (folder / f"{group}.py").write_text(text.replace(f'id="{known}"', f'id="{group}"'), encoding="utf-8")
    package = sys.modules[registry.package]
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    monkeypatch.setattr(registry, "ids", lambda: sorted([group, *type(registry).ids(registry)]))
    monkeypatch.delitem(sys.modules, f"{registry.package}.{group}", raising=False)
    settings = resolve({option: [group]})
    assert group not in (settings.entries if option == "methods" else settings.metrics)
    assert len(settings.entries if option == "methods" else settings.metrics) >= 6


def test_trusted_metrics_are_those_of_the_study(tmp_path, monkeypatch):
    monkeypatch.setattr("study.config.ROOT", tmp_path)
    with pytest.raises(InputError, match="'trusted' names no metric: the reference run has no table"):
        resolve({"metrics": ["trusted"]})
    table = tmp_path / "results/reference/tables/metric_trust.csv"
    table.parent.mkdir(parents=True)
    table.write_text("metric,trusted\nq_mi,no\n", encoding="utf-8")
    with pytest.raises(InputError, match="'trusted' names no metric: no metric passed all thresholds"):
        resolve({"metrics": ["trusted"]})
    table.write_text("metric,trusted\nviff,yes\nq_mi,no\nssim,yes\n", encoding="utf-8")
    assert resolve({"metrics": ["en", "trusted", "ssim"]}).metrics == ("en", "viff", "ssim")


def test_variants_stand_beside_their_method():
    settings = resolve({"methods": ["average", "mine"], "variants": {"mine": {"method": "average", "label": "Mine"}}})
    assert settings.entries["mine"].label == "Mine"
    assert settings.entries["mine"].method == "average"


def test_folders_are_data_sets():
    settings = resolve({"datasets": ["mine"], "folders": {"mine": "somewhere"}})
    assert settings.folders == {"mine": "somewhere"}


def test_defaults_do_not_change_the_given_configuration():
    raw = {"timing": {"repeats": 5}}
    filled = with_defaults(raw)
    assert raw == {"timing": {"repeats": 5}}
    assert filled["timing"]["scenes"] == 2


def test_forecast_counts_the_steps_of_a_stack():
    declared = methods.registry.get("average")
    assert forecast(declared, [(1000, 1000, 3)]) == pytest.approx(2 * declared.cost)


@pytest.mark.parametrize(
    ("raw", "path", "value"),
    [
        ({"train": "true"}, ("train",), True),
        ({"strict": "False"}, ("strict",), False),
        ({"timing": {"enabled": "false"}}, ("timing", "enabled"), False),
        ({"timing": {"scenes": "4"}}, ("timing", "scenes"), 4),
        ({"timing": {"seconds": "2.5"}}, ("timing", "seconds"), 2.5),
        ({"timing": {"datasets": "null"}}, ("timing", "datasets"), None),
        ({"budget": {"embedded": "null"}}, ("budget", "embedded"), None),
        ({"datasets": "[embedded]"}, ("datasets",), ["embedded"]),
        (
            {"figures": {"windows": {"lytro/lytro_01": ["1", "2", "3"]}}},
            ("figures", "windows"),
            {"lytro/lytro_01": [1, 2, 3]},
        ),
        ({"variants": {"x": {"method": "lp", "label": "true"}}}, ("variants", "x", "label"), "true"),
    ],
)
def test_text_from_the_command_line_takes_the_type_of_the_option(raw, path, value):
    found = with_defaults(raw)
    for step in path:
        found = found[step]
    assert found == value and type(found) is type(value)


def test_a_broken_plug_in_concerns_only_who_asks_for_it(tmp_path, monkeypatch):
    broken = ROOT / "methods" / "zz_broken_for_a_test.py"
    monkeypatch.setattr(methods.registry, "ids", lambda: ["gff", broken.stem])
    monkeypatch.setattr(
        methods.registry, "broken", lambda: {broken.stem: "methods/zz.py:3: ImportError: no such thing"}
    )
    assert set(resolve({"methods": ["all"]}).entries) == {"gff"}
    with pytest.raises(InputError, match=r"methods/zz.py:3: ImportError"):
        resolve({"methods": [broken.stem]})


def test_some_scenes_of_a_data_set_are_chosen():
    settings = resolve({"datasets": ["lytro/1-3", "embedded", "lytro/lytro_1*", "embedded/camera"]})
    assert settings.datasets == ("lytro", "embedded") and settings.scenes == {"lytro": ("1-3", "lytro_1*")}
    with pytest.raises(
        InputError, match=r"datasets: data set lytro has no scenes 'lytro_21'; it has 20 \(1-20\): did you mean"
    ):
        resolve({"datasets": ["lytro/lytro_21"]})
    for word in ("0", "0-2", "19-25", "3-2", "21"):
        with pytest.raises(InputError, match=f"has no scenes '{word}'"):
            resolve({"datasets": [f"lytro/{word}"]})
    with pytest.raises(InputError, match="name scenes behind the slash"):
        resolve({"datasets": ["lytro/"]})
    with pytest.raises(InputError, match="unknown data set 'lytrow'"):
        resolve({"datasets": ["lytrow/1-3"]})


def test_highlighted_methods_take_part_and_are_ranked():
    chosen = resolve({"methods": ["controls", "gff", "stackmff_v4"], "highlight": ["stackmff_v4", "gff"]})
    assert chosen.highlight == ("stackmff_v4", "gff") and resolve({}).highlight == ()
    # A highlighted method stands in the main table even when only its group was named.
    recent = resolve({"methods": ["controls", "recent_fast"], "highlight": ["stackmff_v4"]})
    assert "stackmff_v4" in recent.main_entries and "gff" not in recent.main_entries
    for names, words in (
        (["gacn"], "'gacn' is no method of this run"),
        (["gf"], "did you mean gff"),
        (["average"], "'average' is a control"),
    ):
        with pytest.raises(InputError, match=f"configuration: highlight: .*{words}"):
            resolve({"methods": ["controls", "gff"], "highlight": names})
