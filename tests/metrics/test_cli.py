"""``python -m metrics``."""

import json

import numpy as np
import pytest

import metrics
from imaging.files import read_image, write_image, write_levels
from metrics.__main__ import main
from tests.metrics._images import stack


@pytest.fixture
def folder(tmp_path):
    """A scene in a folder whose name has a space."""
    folder = tmp_path / "my scene"
    sources, sharp, owner = stack((48, 60))
    for name, image in zip("ab", sources, strict=True):
        write_image(folder / f"{name}.png", image)
    write_image(folder / "fused.png", (sources[0] + sharp) / 2)
    write_image(folder / "sharp.png", sharp)
    write_image(folder / "small.png", sharp[:-1])
    write_image(folder / "colour.png", np.stack([sharp, sharp, sources[0]], axis=-1))
    write_image(folder / "flat.png", np.full((48, 60), 0.5, np.float32))
    write_levels(folder / "truth map.png", owner.astype(np.uint8))
    write_levels(folder / "decision.png", (255 * (owner == 0)).astype(np.uint8))
    (folder / "text.png").write_text("not an image")
    return folder


def _run(folder, capsys, *arguments):
    """Exit status, standard output and the lines of standard error; names of files are looked up in the folder."""
    named = [str(folder / a) if a.endswith(".png") else a for a in arguments]
    status = main(["score", *named])
    captured = capsys.readouterr()
    return status, captured.out, captured.err.splitlines()


def test_list(capsys):
    assert main(["list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in rows] == metrics.registry.ids()
    assert set(next(row["variants"] for row in rows if row["id"] == "sd")) == {"mefb", "sesf"}
    assert main(["list"]) == 0
    assert "q_mi" in capsys.readouterr().out


def test_score_equals_the_function(folder, capsys):
    status, out, err = _run(folder, capsys, "a.png", "b.png", "--fused", "fused.png", "--json")
    images = [read_image(folder / name) for name in ("a.png", "b.png", "fused.png")]
    assert (status, err) == (0, [])
    assert json.loads(out) == metrics.score(images[:2], images[2])


def test_all_leaves_out_what_does_not_apply(folder, capsys, caplog):
    status, out, _ = _run(folder, capsys, "a.png", "b.png", "--fused", "fused.png", "--metrics", "all", "--json")
    left_out = {declared.id for declared in metrics.registry.all() if declared.needs}
    assert {"wrong_pixels", "gmsd"} <= left_out
    assert status == 0
    assert set(json.loads(out)) == set(metrics.registry.ids()) - left_out
    assert {name for name in left_out if name in caplog.text} == left_out


def test_the_six_are_named_together(folder, capsys):
    given = ("a.png", "b.png", "--fused", "fused.png", "--json", "--metrics")
    status, out, _ = _run(folder, capsys, *given, "ssim, six,q_g")
    assert status == 0 and list(json.loads(out)) == ["ssim", *metrics.SIX]


def test_a_metric_without_a_value_is_named_where_it_is_left_out(folder, capsys, caplog):
    write_image(folder / "flat.png", np.full((48, 60), 0.5, np.float32))
    status, out, _ = _run(folder, capsys, "flat.png", "a.png", "--fused", "b.png", "--metrics", "all", "--json")
    left_out = set(metrics.registry.ids()) - set(json.loads(out))
    assert status == 0 and "q_mi" in left_out
    assert {message.split()[0] for message in caplog.messages if "is left out" in message} == left_out


def test_an_index_map_is_no_decision_map(folder, capsys):
    given = ("a.png", "b.png", "--fused", "fused.png", "--metrics", "wrong_pixels", "--truth-map", "truth map.png")
    status, _, err = _run(folder, capsys, *given, "--decision-map", "truth map.png")
    assert status == 2 and "0 and 1 only, which is an index map" in err[0]


def test_truth_and_decision_map(folder, capsys):
    arguments = ["a.png", "b.png", "--fused", "fused.png", "--metrics", "ssim,wrong_pixels,boundary_error", "--json"]
    given = ["--truth", "sharp.png", "--truth-map", "truth map.png", "--decision-map", "decision.png"]
    status, out, _ = _run(folder, capsys, *arguments, *given)
    values = json.loads(out)
    assert status == 0
    assert list(values) == ["ssim", "wrong_pixels", "boundary_error"]
    assert values["wrong_pixels"] == values["boundary_error"] == 0


def test_a_broken_metric_is_listed_and_left_out_of_all(folder, capsys, caplog, monkeypatch):
    (folder / "zz_broken.py").write_text("def score(sources, fused)\n")
    known = metrics.registry.ids()
    monkeypatch.setattr(metrics, "__path__", [*metrics.__path__, str(folder)])
    monkeypatch.setattr(metrics.registry, "ids", lambda: [*known, "zz_broken"])
    assert main(["list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in rows] == [*known, "zz_broken"]
    assert all(row.keys() == rows[0].keys() for row in rows)
    assert all(row["available"] and not row["reason"] for row in rows[:-1])
    assert rows[-1]["available"] is False and "zz_broken.py:1: SyntaxError" in rows[-1]["reason"]
    assert main(["list"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("zz_broken")
    given = ("a.png", "b.png", "--fused", "fused.png", "--json", "--metrics")
    status, out, err = _run(folder, capsys, *given, "zz_broken")
    assert status == 2 and out == "" and "zz_broken.py:1" in err[0]
    status, out, _ = _run(folder, capsys, *given, "q_mi")
    assert status == 0
    status, out, _ = _run(folder, capsys, *given, "all")
    assert status == 0 and "zz_broken" not in json.loads(out) and "zz_broken.py:1" in caplog.text


def test_depth_of_the_sources(folder, capsys, caplog):
    """Twelve bits in files of 16, with a white level, score as the same data with 16 bits."""
    from PIL import Image

    for name in ("a", "b", "fused"):
        levels = np.round(read_image(folder / f"{name}.png") * 4095).astype(np.uint16)
        levels[0, 0] = 4095
        Image.fromarray(levels).save(folder / f"{name}12.png")
        Image.fromarray(np.round(levels * (65535 / 4095)).astype(np.uint16)).save(folder / f"{name}16.png")
    given = ("--metrics", "q_mi", "--json")
    _, right, _ = _run(folder, capsys, "a16.png", "b16.png", "--fused", "fused16.png", *given)
    assert "white_level" not in caplog.text and "rounded to 8 bits" in caplog.text
    status, out, _ = _run(
        folder, capsys, "a12.png", "b12.png", "--fused", "fused12.png", *given, "--white-level", "4095"
    )
    assert status == 0 and json.loads(out) == pytest.approx(json.loads(right), rel=1e-3)
    assert "white_level" not in caplog.text
    _, dark, _ = _run(folder, capsys, "a12.png", "b12.png", "--fused", "fused12.png", *given)
    assert "white_level = 4095" in caplog.text and dark != right


def test_maps_of_sixteen_bits(folder, capsys):
    sources = [f"{name}.png" for name in ("a", "b")] * 129
    chosen = np.full((48, 60), 257)
    chosen[:, 30:] = 3
    write_levels(folder / "map.png", chosen)
    arguments = [*sources, "--fused", "fused.png", "--metrics", "wrong_pixels", "--json"]
    status, out, _ = _run(folder, capsys, *arguments, "--truth-map", "map.png", "--decision-map", "map.png")
    assert status == 0 and json.loads(out) == {"wrong_pixels": 0}


def test_same_source_twice_is_warned_of(folder, capsys, caplog):
    status, out, _ = _run(folder, capsys, "a.png", "a.png", "--fused", "a.png", "--metrics", "q_mi", "--json")
    assert status == 0
    assert json.loads(out) == {"q_mi": 2.0}
    assert "more than once" in caplog.text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.png", "none.png", "--fused", "fused.png"], "no such file"),
        (["a.png", "text.png", "--fused", "fused.png"], "not an image"),
        (["a.png", "b.png", "--fused", "text.png"], "not an image"),
        (["a.png", "small.png", "--fused", "fused.png"], "one size"),
        (["a.png", "b.png", "--fused", "small.png"], "60 x 47 pixels, the sources are 60 x 48"),
        (["a.png", "colour.png", "--fused", "fused.png"], "colour"),
        (["a.png", "b.png", "--fused", "colour.png"], "colour, the sources are gray"),
        (["a.png", "b.png", "--fused", "fused.png", "--truth", "small.png"], "60 x 47"),
        (["a.png", "b.png", "--fused", "fused.png", "--truth-map", "sharp.png"], "a source in 0..1"),
        (["a.png", "--fused", "fused.png"], "two or more"),
        (["a.png", "b.png"], "--fused"),
        (["a.png", "b.png", "--fused", "fused.png", "--metrics", "q_nmi"], "did you mean q_mi"),
        (["a.png", "b.png", "--fused", "fused.png", "--metrics", ","], "at least one"),
        (["a.png", "b.png", "--fused", "flat.png"], "constant"),
        (["a.png", "b.png", "--fused", "fused.png", "--metrics", "wrong_pixels"], "no true index map"),
    ],
)
def test_bad_input_is_one_line_and_status_2(folder, capsys, arguments, message):
    status, out, err = _run(folder, capsys, *arguments)
    assert status == 2
    assert out == ""
    assert len(err) == 1
    assert err[0].startswith("error: ")
    assert message in err[0]


def test_calibration_needs_the_official_table(tmp_path, capsys):
    assert main(["calibrate", "--reference", str(tmp_path), "-o", str(tmp_path / "t.csv")]) == 2
    assert "metrics_public.csv" in capsys.readouterr().err


def test_calibration_table(tmp_path, mirror, reference, capsys):
    # One pair and two methods, by a reference folder that holds a part of the table.
    (tmp_path / "published").symlink_to(reference / "published")
    lines = (reference / "metrics_public.csv").read_text().splitlines()
    part = [line for line in lines if line.startswith("grayscale,3,d") and ",Q_P," not in line]
    (tmp_path / "metrics_public.csv").write_text("\n".join([lines[0], *part]) + "\n")
    assert main(["calibrate", "--reference", str(tmp_path), "-o", str(tmp_path / "t.csv")]) == 0
    rows = (tmp_path / "t.csv").read_text().splitlines()
    assert len(rows) == len(part) + 1
    assert any("rounding noise" in row for row in rows if ",q_y," in row)
    assert "q_mi" in capsys.readouterr().out
