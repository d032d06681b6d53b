"""The configuration: defaults, groups, variants, one clear line for every mistake."""

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
    ],
)
def test_a_mistake_gives_one_clear_line(raw, words):
    with pytest.raises(InputError) as caught:
        resolve(raw)
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


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
