"""Published methods: every declaration, the images at hand, and what is said where there are none."""

import csv
import shutil

import numpy as np
import pytest

import methods
import scenes
from files import catalogue, fetch
from files.errors import InputError, Unavailable
from files.identity import Code
from files.machine import ROOT
from imaging.files import read_image, write_image
from methods._common import published
from tests.conftest import MIRROR

IDS = [declared.id for declared in methods.registry.all() if declared.kind == "published"]
#: Largest number of scenes of a data set whose images an author may lack.
MOST_LACKING = 3


def test_there_are_published_methods():
    assert {"nd_cnpfuse", "mit_mfif", "fan_net_crf"} <= set(IDS)
    assert not methods.registry.broken()


@pytest.mark.parametrize("name", IDS)
def test_a_declaration_is_whole(name):
    declared, module = methods.registry.get(name), methods.registry.module(name)
    assert declared.label.endswith(" (published)") and declared.note.startswith("Images by the authors, not re-run.")
    assert declared.year >= 2020
    assert not (ROOT / "methods" / f"{name}.py").exists(), "two plug-ins of one name"
    for dataset, collection in module.collections.items():
        rows = catalogue.rows(collection)
        known = {scene.name for scene in scenes.load(dataset).scenes}
        assert {row.role for row in rows} == {"published"}
        assert len({row.scene for row in rows}) == len(rows) and {row.scene for row in rows} <= known
        assert dataset == "mfi_whu" or len(known) - len(rows) <= MOST_LACKING
        assert f"``{dataset}``: " in module.__doc__
        # The licence is that of the files, word for word.
        assert {f"Licence of the images: {row.licence}." in module.__doc__ for row in rows} == {True}


def test_every_published_image_of_the_catalogue_belongs_to_a_declaration():
    declared = {c for name in IDS for c in methods.registry.module(name).collections.values()}
    assert declared == {
        name for name in catalogue.collections() if any(row.role == "published" for row in catalogue.rows(name))
    }


def test_the_two_numberings_of_mfi_whu_agree():
    """ND-CNPFuse numbers its images as upstream does: 11.png is the second scene here."""
    scene = {row.path: row.scene for row in catalogue.rows("nd_cnpfuse_mfi_whu")}
    assert scene["results/MFI-WHU/11.png"] == "mfi_whu_02" and len(scene) == 120


@pytest.mark.skipif(MIRROR is None, reason="needs the original images (FOCUSBENCH_MIRROR)")
@pytest.mark.parametrize(("name", "share"), [("nd_cnpfuse", 1.0), ("mit_mfif", 0.7)])
def test_published_images_come_through_unchanged_and_fit_their_sources(name, share):
    scene = scenes.load("lytro_jpg").scene("lytro_07")
    sources = [scene.sources[0], scene.sources[1]]
    fusion = methods.fuse(name, sources, options={"dataset": "lytro_jpg"}, scene=scene.name)
    row = next(row for row in catalogue.rows(f"{name}_lytro_jpg") if row.scene == scene.name)
    assert np.array_equal(fusion.image, read_image(fetch.path(row)))
    equal = np.mean([(fusion.image == source).all(axis=2) for source in sources], axis=0) > 0
    assert equal.mean() >= share


@pytest.fixture
def theirs(tmp_path, monkeypatch):
    """A published method of the embedded data set whose image of the scene cat is at hand; its sources."""
    source = scenes.load("embedded").scene("cat").sources
    sources = [source[0], source[1]]
    place = tmp_path / "mirror" / "someone" / "images" / "0" / "1.png"
    write_image(place, sources[0])
    values = ["x_embedded", "cat", "published", 0, "someone", "images", "0", "1.png", fetch.sha256(place), 1, "none"]
    file = tmp_path / "catalogue.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([catalogue.COLUMNS, values])
    monkeypatch.setattr(catalogue, "FILE", file)
    monkeypatch.setenv("FOCUSBENCH_MIRROR", str(tmp_path / "mirror"))
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FOCUSBENCH_OFFLINE", "1")
    text = (ROOT / "methods" / "nd_cnpfuse.toml").read_text(encoding="utf-8").split("[pixels]")[0]
    (tmp_path / "x.toml").write_text(f'{text}[pixels]\nembedded = "all"\n', encoding="utf-8")
    return published.plugin(tmp_path / "x.toml"), sources


def test_its_files_are_those_of_the_data_set(theirs):
    module, sources = theirs
    assert module.unavailable({"dataset": "embedded"}) == "" == module.unavailable({"dataset": ""})
    assert [path.name for path in module.reads({"dataset": "embedded"})] == ["1.png"]
    assert np.array_equal(module.fuse(sources, dataset="embedded", scene="cat").image, sources[0])


def test_what_was_not_published_is_unavailable_with_the_reason(theirs):
    module, sources = theirs
    assert "no images of lytro; they did of embedded" in module.unavailable({"dataset": "lytro"})
    assert module.reads({"dataset": "lytro"}) == []
    with pytest.raises(Unavailable, match="no image of this scene of embedded"):
        module.fuse(sources, dataset="embedded", scene="horse")
    with pytest.raises(InputError, match="the option dataset is not set; name one of embedded"):
        module.fuse(sources, dataset="", scene="cat")


def test_an_image_of_another_scene_is_refused(theirs):
    module, sources = theirs
    other = scenes.load("embedded").scene("astronaut").sources
    image = np.tile(other[0], (2, 2, 1))[: sources[0].shape[0], : sources[0].shape[1]]
    with pytest.raises(InputError, match=r"1\.png does not show scene cat"):
        module.fuse([image, image], dataset="embedded", scene="cat")


def test_images_that_are_not_here_say_how_to_fetch_them(theirs, tmp_path):
    module, sources = theirs
    shutil.rmtree(tmp_path / "mirror")
    assert module.unavailable({"dataset": "embedded"}).endswith("python -m scenes fetch x_embedded")
    assert module.unavailable({"dataset": ""}).endswith("python -m scenes fetch x_embedded")
    assert module.reads({"dataset": "embedded"}) == []
    with pytest.raises(Unavailable, match="x_embedded"):
        module.fuse(sources, dataset="embedded", scene="cat")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("label = ", r"methods/y\.toml: is no TOML"),
        ('label = "Y"', "citation, doi, licence, note, pixels, title, year: a published method has exactly label"),
        ("{whole}\nyear2 = 1", "year2: a published method"),
    ],
)
def test_a_wrong_declaration_says_what_is_wrong(tmp_path, text, words):
    whole = (ROOT / "methods" / "fan_net.toml").read_text(encoding="utf-8").split("[pixels]")[0] + "pixels = {}"
    (tmp_path / "y.toml").write_text(text.replace("{whole}", whole), encoding="utf-8")
    with pytest.raises(InputError, match=words):
        published.plugin(tmp_path / "y.toml")


def test_an_edited_method_leaves_published_ones_valid():
    registry, code = methods.registry, Code(ROOT)
    assert registry.identity("nd_cnpfuse", code) == registry.identity("mfft", code) != registry.identity("lp", code)
