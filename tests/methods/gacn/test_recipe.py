"""Recipes: schedules, and every value checked for type and range."""

import math
from dataclasses import asdict

import pytest

from files.errors import InputError
from methods.gacn import recipe as recipes


def test_recipes_know_the_activities_of_the_network():
    from methods.gacn.network import ACTIVITIES

    assert recipes.ACTIVITIES == ACTIVITIES


def test_published_recipe_decays_every_second_epoch():
    recipe = recipes.RECIPES["published"]
    assert [recipe.rate(epoch) for epoch in (0, 1, 2, 5)] == pytest.approx([1e-4, 1e-4, 8e-5, 6.4e-5])


def test_recipes_know_the_slope_of_the_network():
    from methods.gacn.network import SLOPE

    assert recipes.SLOPE == SLOPE
    assert recipes.RECIPES["published"].slopes(0) == (SLOPE, SLOPE)


def test_slopes_grow_to_their_last_values():
    changes = {"comparison_slope": 10, "decision_slope": 2, "last_decision_slope": 8, "slope_share": 0.5, "epochs": 8}
    recipe = recipes.recipe_from("published", changes)
    slopes = [recipe.slopes(epoch) for epoch in (0, 2, 4, 7)]
    assert [value for pair in slopes for value in pair] == pytest.approx([10, 2, 100, 4, 1000, 8, 1000, 8])


def test_every_number_has_a_range():
    numbers = {name for name, value in asdict(recipes.Recipe()).items() if type(value) in (int, float)}
    assert numbers == set(recipes.RANGES)
    assert all(math.isfinite(bound) for interval in recipes.RANGES.values() for bound in interval)


@pytest.mark.parametrize("name", recipes.RANGES)
@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, "nan", "inf", -1, "-1", True, None, [1], 10**400, "many"]
)
def test_no_number_may_be_infinite_negative_or_something_else(name, value):
    with pytest.raises(InputError, match=f"^{name}=.*is needed$"):
        recipes.recipe_from("published", {name: value})


@pytest.mark.parametrize("name", [name for name, kind in recipes._kinds().items() if kind is int])
def test_whole_numbers_are_not_cut(name):
    with pytest.raises(InputError, match=f"^{name}=2.5: a whole number"):
        recipes.recipe_from("published", {name: 2.5})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epoch": 3}, "no value 'epoch'; did you mean .?epochs"),
        ({"epochs": 0}, "epochs=0: a whole number of at least 1"),
        ({"held_out": 1}, "held_out=1.0: a number of at least 0 and below 1"),
        ({"largest_share": 1.5}, "at most 1 "),
        ({"crop": 10**6}, "crop=1000000: a whole number of at least 2 and at most 4096"),
        ({"learning_rate": 1e30}, "learning_rate=1e\\+30: a number above 0 and at most 10"),
        ({"batch": 10**9}, "batch=1000000000: .* at most 4096"),
        ({"learning_rate": 0}, "learning_rate=0.0: a number above 0"),
        ({"rotate": 1}, "rotate=1: true or false"),
        ({"rotate": "perhaps"}, "rotate='perhaps': true or false"),
        ({"coco_images": 3}, "coco_images=3: text"),
        ({"blur": "motion"}, "choose one of gaussian, layered"),
        ({"activity": "entropy"}, "choose one of"),
        ({"crop": 400}, "larger than size"),
        ({"crop": 1}, "crop=1"),
        ({"crop": 32, "largest_offset": 100}, "out of view: at most"),
        ({"coco_images": "x"}, "belong together"),
        ({"smallest_share": 0.8}, "smallest_share=0.8 is larger than largest_share=0.7"),
        ({"smallest_radius": 9}, "smallest_radius=9 is larger"),
        ({"collections": []}, "collections is empty"),
        ({"collections": "lytro"}, "'lytro' has no training images"),
        ({"collections": "bsds500_trian"}, "did you mean .?bsds500_train"),
        ({"collections": "bsds500_val,bsds500_val"}, "named twice"),
        ({"collections": 5}, "a list of names"),
    ],
)
def test_wrong_recipes_are_refused(changes, message):
    with pytest.raises(InputError, match=message) as caught:
        recipes.recipe_from("published", changes)
    assert "\n" not in str(caught.value)


def test_an_unknown_recipe_is_refused():
    with pytest.raises(InputError, match=r"unknown recipe 'publishd'; did you mean .?published"):
        recipes.recipe_from("publishd", {})


def test_text_and_numbers_that_say_the_same_are_converted():
    changes = {"epochs": "3", "crop": 32.0, "noise": 1, "rotate": "False", "collections": "bsds500_train, bsds500_val"}
    made = recipes.recipe_from("published", changes)
    values = (made.epochs, made.crop, made.noise, made.rotate, made.collections)
    assert values == (3, 32, 1.0, False, ("bsds500_train", "bsds500_val"))
    assert [type(value) for value in values] == [int, int, float, bool, tuple]


def test_a_stored_recipe_is_read_back():
    for name, recipe in recipes.RECIPES.items():
        assert recipes.recipe_from("published", recipe.record()) == recipe, name
