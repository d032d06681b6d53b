"""Which scenes and methods figures show."""

import pytest

from files.errors import InputError
from imaging.files import write_image
from study.config import resolve
from study.figures import shown


def test_the_lion_is_shown_where_the_run_has_it():
    settings = resolve({"datasets": ["lytro", "gacn_extra"]})
    assert shown.chosen(settings, "decision_maps") == [("gacn_extra", "mwg_temple")]
    assert shown.chosen(resolve({"datasets": ["embedded", "lytro"]}), "decision_maps") == [("lytro", "lytro_01")]


def test_a_figure_is_found_by_its_file_name():
    settings = resolve({"datasets": ["lytro", "lytro_triple"]})
    for scene in (("lytro_triple", "lytro_triple_02"), ("lytro", "lytro_01")):
        assert shown.find(settings, shown.name_of(*scene)) == scene
    with pytest.raises(InputError, match="no data set of this run"):
        shown.find(settings, "lytro_nothing")


def test_braces_and_percent_signs_of_a_scene_are_not_in_the_file_name(pair, tmp_path):
    for scene in ("{x}", "%7Bx%7D", "a b"):
        for number, image in enumerate(pair):
            write_image(tmp_path / scene / f"{number}.png", image)
    settings = resolve({"datasets": ["mine"], "folders": {"mine": str(tmp_path)}})
    names = {scene: shown.name_of("mine", scene) for scene in ("{x}", "%7Bx%7D", "a b")}
    assert len(set(names.values())) == 3 and not any(set("{}") & set(name) for name in names.values())
    assert [shown.find(settings, name)[1] for name in names.values()] == list(names)


def _scenes(folder, pair, *names):
    for scene in names:
        for number, image in enumerate(pair):
            write_image(folder / scene / f"{number}.png", image)
    return str(folder)


def test_a_name_that_cannot_be_used_is_not_shown(pair, tmp_path):
    folder = _scenes(tmp_path, pair, "a" * 40, "b")
    settings = resolve({"datasets": ["mine"], "folders": {"mine": folder}})
    assert shown.chosen(settings, "crops") == [("mine", "b")]


def test_two_figures_never_share_a_file(pair, tmp_path):
    folders = {"a": _scenes(tmp_path / "1", pair, "b_c"), "a_b": _scenes(tmp_path / "2", pair, "c")}
    with pytest.raises(InputError, match="'a/b_c' and 'a_b/c' would share a file"):
        shown.check(resolve({"datasets": ["a", "a_b"], "folders": folders}))


def test_a_scene_or_method_that_does_not_exist_is_refused():
    figures = {"crops": {"scenes": ["lytro/lytro_o1"]}}
    with pytest.raises(InputError, match="did you mean lytro_"):
        shown.chosen(resolve({"datasets": ["lytro"], "figures": figures}), "crops")
    with pytest.raises(InputError, match="this run has no data set 'lytra'"):
        shown.check(resolve({"datasets": ["lytro"], "figures": {"windows": {"lytra/lytro_01": [0, 0, 9]}}}))
    with pytest.raises(InputError, match=r"figures\.gallery\.methods: unknown method 'gfx'"):
        shown.check(resolve({"datasets": ["lytro"], "figures": {"gallery": {"methods": ["gfx"]}}}))


def test_a_folder_that_cannot_be_read_costs_itself_only(tmp_path):
    raw = {"datasets": ["mine", "embedded"], "folders": {"mine": str(tmp_path / "gone")}}
    settings = resolve(raw)
    shown.check(settings)
    assert shown.with_scenes(settings, 2) == ["embedded"] and shown.with_scenes(settings, 100) == []
    assert shown.chosen(settings, "crops")[0][0] == "embedded"


def test_methods_are_those_of_the_run_without_controls_unless_named():
    settings = resolve({"datasets": ["embedded"], "methods": ["average", "gff"]})
    assert [entry.name for entry in shown.entries(settings, "gallery", "embedded")] == ["gff"]
    figures = {"crops": {"methods": ["lp", "average"]}}
    settings = resolve({"datasets": ["embedded"], "methods": ["average", "gff"], "figures": figures})
    assert [entry.name for entry in shown.entries(settings, "crops", "embedded")] == ["average"]


def test_the_window_is_the_configured_one():
    settings = resolve({"datasets": ["lytro"], "figures": {"windows": {"lytro/lytro_01": [1, 2, 30]}}})
    assert (
        shown.window(settings, "lytro", "lytro_01") == [1, 2, 30] and shown.window(settings, "lytro", "lytro_02") == []
    )


def test_index_maps_show_a_stack():
    settings = resolve({"datasets": ["embedded", "lytro_triple"]})
    assert shown.chosen(settings, "index_maps") == [("embedded", "motorcycle_stack")]
    assert shown.chosen(resolve({"datasets": ["lytro_triple"]}), "index_maps") == [("lytro_triple", "lytro_triple_01")]
    assert shown.chosen(resolve({"datasets": ["lytro"]}), "index_maps") == []
