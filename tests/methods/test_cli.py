"""``python -m methods``: what it prints, what it writes, and how it answers bad input."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import methods
from imaging.files import read_image, read_levels, write_image, write_levels
from methods.__main__ import main

ROOT = Path(methods.__file__).parent.parent


@pytest.fixture
def files(tmp_path, pair):
    """Folder with the pair as ``a.png`` and ``b.png``, ``c.png`` of the same size, and files of the wrong kind."""
    write_image(tmp_path / "a.png", pair[0])
    write_image(tmp_path / "b.png", pair[1])
    write_image(tmp_path / "c.png", pair[0][::-1])
    write_image(tmp_path / "small.png", pair[0][:10, :12])
    write_image(tmp_path / "gray.png", pair[0][..., 0])
    (tmp_path / "text.png").write_text("not an image")
    data = (tmp_path / "a.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(data[: len(data) // 2])
    return tmp_path


@pytest.fixture
def command(files, monkeypatch, capsys):
    """Function that runs the command line in the folder of `files`; gives status, standard output and error."""
    monkeypatch.chdir(files)

    def run(*arguments):
        status = main(list(arguments))
        return status, *capsys.readouterr()

    return run


def assert_refused(answer, *words, status=2):
    """One line on standard error that starts with "error: " and holds the words; nothing else."""
    code, out, err = answer
    assert code == status, f"exit status {code} instead of {status}; standard error: {err}"
    assert out == ""
    lines = err.splitlines()
    assert len(lines) == 1, f"one line is wanted on standard error: {err!r}"
    assert lines[0].startswith("error: "), err
    for word in words:
        assert word in lines[0], f"{word!r} is missing in: {lines[0]}"


def test_listing_needs_no_heavy_library():
    code = (
        "import contextlib, io, sys\n"
        "from methods.__main__ import main\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        "    status = main(['list', '--json'])\n"
        "print(status, *(name for name in ('torch', 'cv2', 'h5py', 'tensorflow') if name in sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0"], (
        f"python -m methods list imports {done.stdout.split()[1:]}; import inside functions"
    )


def test_list_json(command):
    status, out, err = command("list", "--json")
    rows = json.loads(out)
    assert (status, err) == (0, "")
    assert [row["id"] for row in rows] == methods.registry.ids()
    for row in rows:
        assert {"id", "label", "kind", "available", "reason", "native_stack", "cost"} <= row.keys()
        assert row["available"] == (row["reason"] == ""), row["id"]


def test_list_names_every_method(command):
    status, out, _ = command("list")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == methods.registry.ids()


def test_a_broken_method_is_listed(command, monkeypatch, tmp_path):
    (tmp_path / "zz_broken.py").write_text("import numpy\nimport a_library_that_is_not_here\n")
    known = methods.registry.ids()
    monkeypatch.setattr(methods, "__path__", [*methods.__path__, str(tmp_path)])
    monkeypatch.setattr(methods.registry, "ids", lambda: [*known, "zz_broken"])
    status, out, err = command("list", "--json")
    rows = json.loads(out)
    assert (status, err) == (0, "")
    assert [row["id"] for row in rows] == [*known, "zz_broken"]
    assert all(row.keys() == rows[0].keys() for row in rows)
    assert rows[-1]["available"] is False and rows[-1]["kind"] == "broken"
    assert "a_library_that_is_not_here" in rows[-1]["reason"]
    status, out, _ = command("list")
    assert status == 0 and out.splitlines()[-1].split()[:3] == ["zz_broken", "broken", "unavailable:"]
    assert_refused(command("fuse", "zz_broken", "a.png", "b.png", "-o", "out.png"), "zz_broken", "a_library_that")
    assert command("fuse", "average", "a.png", "b.png", "-o", "out.png")[0] == 0


def test_list_into_a_closed_pipe():
    command = f"{sys.executable} -u -m methods list | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 1


def test_runs_as_a_module(files):
    """The real command, from another process, with spaces in every path."""
    folder = files / "with some spaces"
    folder.mkdir()
    for name in ("a.png", "b.png"):
        (files / name).rename(folder / name)
    inputs = [str(folder / "a.png"), str(folder / "b.png")]
    command = [
        sys.executable,
        "-m",
        "methods",
        "fuse",
        "average",
        *inputs,
        "-o",
        str(folder / "new folder" / "out.png"),
    ]
    done = subprocess.run([*command, "--json"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    result = json.loads(done.stdout)
    assert result["decision_map"] is None
    assert result["seconds"] > 0
    expected = np.mean([read_image(path) for path in inputs], axis=0)
    assert np.abs(read_image(result["output"]) - expected).max() < 0.51 / 255
    done = subprocess.run([*command[:5], "nothing.png", *command[6:]], cwd=ROOT, capture_output=True, text=True)
    assert_refused((done.returncode, done.stdout, done.stderr), "nothing.png", "no such file")


def test_decision_map_of_a_pair(command):
    status, out, err = command(
        "fuse", "first", "a.png", "b.png", "-o", "out.png", "--decision-map", "map.png", "--json"
    )
    assert (status, err) == (0, "")
    assert json.loads(out)["decision_map"] == "map.png"
    assert np.array_equal(np.asarray(Image.open("map.png")), np.full((64, 80), 255))
    assert np.array_equal(read_image("out.png"), read_image("a.png"))


def test_index_map_of_a_stack(command):
    arguments = ("a.png", "b.png", "c.png", "-o", "out.png", "--decision-map", "map.png")
    indices = np.arange(64 * 80).reshape(64, 80) % 3
    Image.fromarray(indices.astype(np.uint8)).save("truth.png")
    status, _, err = command("fuse", "oracle", *arguments, "--truth-map", "truth.png")
    assert (status, err) == (0, "")
    assert np.array_equal(np.asarray(Image.open("map.png")), indices)


def test_truth_image(command):
    status, _, _ = command("fuse", "oracle", "a.png", "b.png", "--truth", "b.png", "-o", "out.png")
    assert status == 0
    assert np.array_equal(read_image("out.png"), read_image("b.png"))


def test_precomputed(command, files):
    (files / "results").mkdir()
    shutil.copy(files / "b.png", files / "results" / "m_05_mine.png")
    options = ("--option", "folder=results", "--option", "pattern=m_{number}_mine")
    status, _, _ = command("fuse", "precomputed", "a.png", "b.png", "-o", "out.png", *options, "--scene", "lytro_05")
    assert status == 0
    assert np.array_equal(read_image("out.png"), read_image("results/m_05_mine.png"))


def test_alpha_is_dropped_with_one_warning(files):
    Image.open(files / "a.png").convert("RGBA").save(files / "alpha.png")
    out = files / "out.png"
    command = [
        sys.executable,
        "-m",
        "methods",
        "fuse",
        "first",
        files / "alpha.png",
        files / "b.png",
        files / "c.png",
        "-o",
        out,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0
    assert [line.startswith("warning: ") and "alpha" in line for line in done.stderr.splitlines()] == [True], (
        done.stderr
    )
    assert np.array_equal(read_image(out), read_image(files / "a.png"))


def test_same_file_twice_is_warned_of(files):
    command = [
        sys.executable,
        "-m",
        "methods",
        "fuse",
        "first",
        files / "a.png",
        files / "a.png",
        "-o",
        files / "out.png",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr == f"warning: {files / 'a.png'} is given more than once\n"


def test_sixteen_bit_is_scaled(command):
    levels = np.asarray(Image.open("gray.png"))
    Image.fromarray(levels.astype(np.uint16) * 257).save("deep.png")
    status, _, _ = command("fuse", "first", "deep.png", "gray.png", "-o", "out.png")
    assert status == 0
    assert np.array_equal(np.asarray(Image.open("out.png")), levels)


def test_depth_and_white_level_of_the_sources(command, caplog):
    levels = np.asarray(Image.open("gray.png")).astype(np.uint16) * 16
    levels[0, 0] = 4095
    Image.fromarray(levels).save("twelve.png")
    arguments = ("fuse", "first", "twelve.png", "twelve.png", "-o", "out.png")
    assert command(*arguments)[0] == 0
    assert "white_level = 4095" in caplog.text and "rounded to 8 bits" in caplog.text
    assert np.asarray(Image.open("out.png")).max() == 16
    caplog.clear()
    assert command(*arguments, "--white-level", "4095")[0] == 0
    assert "white_level" not in caplog.text
    assert np.array_equal(np.asarray(Image.open("out.png")), np.floor(levels / 4095 * 255 + 0.5))


def test_multi_page_tiff(command):
    frames = [Image.open(name).convert("RGB") for name in ("a.png", "b.png", "c.png")]
    frames[0].save("stack.tif", save_all=True, append_images=frames[1:])
    status, out, _ = command("fuse", "second", "stack.tif", "-o", "out.png")
    assert status == 0 and "3 sources" in out
    assert np.array_equal(read_image("out.png"), read_image("b.png"))


def test_index_map_of_more_than_256_sources(command, files):
    """Written with 16 bits, read back as truth with the same numbers."""
    names = []
    for number in range(260):
        names.append(f"source_{number}.png")
        Image.fromarray(np.full((6, 8), number % 256, np.uint8)).save(files / names[-1])
    truth = np.arange(48).reshape(6, 8) % 260 + 212
    write_levels(files / "truth.png", truth)
    output = ("-o", "out.png", "--decision-map", "map.png")
    status, _, err = command("fuse", "oracle", *names, *output, "--truth-map", "truth.png")
    assert (status, err) == (0, "")
    assert np.array_equal(read_levels("map.png"), truth)
    assert np.array_equal(np.asarray(Image.open("out.png")), truth % 256)


def test_a_method_that_returns_no_image(command, monkeypatch):
    monkeypatch.setattr(methods.registry.module("average"), "fuse", lambda images: methods.Fusion(255 * images[0]))
    answer = command("fuse", "average", "a.png", "b.png", "-o", "out.png")
    assert_refused(answer, "method average returned a wrong result", "in [0, 1]", status=1)
    assert not Path("out.png").exists()


def test_palette_is_expanded(command):
    Image.open("a.png").quantize(64).save("palette.png")
    status, _, _ = command("fuse", "first", "palette.png", "b.png", "-o", "out.png")
    assert status == 0
    assert np.array_equal(np.asarray(Image.open("out.png")), np.asarray(Image.open("palette.png").convert("RGB")))


def test_one_pixel(command, files):
    for name in ("p.png", "q.png"):
        Image.fromarray(np.full((1, 1), 100, np.uint8)).save(files / name)
    status, _, _ = command("fuse", "average", "p.png", "q.png", "-o", "out.png")
    assert status == 0
    assert np.asarray(Image.open("out.png")).tolist() == [[100]]


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (["a.png", "missing.png"], ["missing.png", "no such file"]),
        (["text.png", "b.png"], ["text.png", "not an image"]),
        (["a.png", "text.png"], ["text.png", "not an image"]),
        (["a.png", "cut.png"], ["cut.png", "cannot be decoded"]),
        (["a.png", "b.png", "cut.png"], ["cut.png", "cannot be decoded"]),
        (["a.png", "small.png"], ["small.png is 12 x 10", "80 x 64"]),
        (["a.png"], ["two or more"]),
        (["a.png", "gray.png"], ["gray.png is gray", "a.png is colour"]),
        (["a.png", "."], ["no such file"]),
    ],
)
def test_bad_images(command, images, words):
    assert_refused(command("fuse", "average", *images, "-o", "out.png"), *words)
    assert not Path("out.png").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["averag", "a.png", "b.png", "-o", "o.png"], ["unknown method 'averag'", "did you mean average"]),
        (["average", "a.png", "b.png", "-o", "o.png", "--option", "size=3"], ["no option 'size'"]),
        (["precomputed", "a.png", "b.png", "-o", "o.png", "--option", "floder=x"], ["did you mean folder"]),
        (["average", "a.png", "b.png", "-o", "o.png", "--option", "size"], ["NAME=VALUE"]),
        (["average", "a.png", "b.png", "-o", "o.png", "--option", "preset=x"], ["no preset 'x'"]),
        (["average", "a.png", "b.png", "-o", "o.jpg"], ["o.jpg", ".png"]),
        (["average", "a.png", "b.png", "-o", "a.png"], ["overwrite a source"]),
        (["average", "a.png", "b.png", "-o", "./b.png"], ["overwrite a source"]),
        (["first", "a.png", "b.png", "-o", "o.png", "--decision-map", "m.tif"], ["m.tif", ".png"]),
        (["first", "a.png", "b.png", "-o", "o.png", "--decision-map", "o.png"], ["fused image's name"]),
        (["average", "a.png", "b.png", "-o", "o.png", "--decision-map", "m.png"], ["average makes no decision map"]),
        (["average", "a.png", "b.png", "-o", "o.png", "--device", "tpu"], ["tpu", "cpu"]),
        (["average", "a.png", "b.png"], ["-o"]),
        (["average", "a.png", "b.png", "-o", "text.png/o.png"], ["text.png"]),
        (["precomputed", "a.png", "b.png", "-o", "o.png"], ["folder"]),
        (["oracle", "a.png", "b.png", "-o", "o.png", "--truth", "small.png"], ["true image has shape"]),
        (["oracle", "a.png", "b.png", "-o", "o.png", "--truth-map", "gray.png"], ["true index map", "in 0..1"]),
        (["oracle", "a.png", "b.png", "-o", "o.png", "--truth-map", "a.png"], ["a.png", "gray image"]),
        (["gff", "a.png", "b.png", "-o", "o.png", "--option", "base_epsilon=nan"], ["base_epsilon='nan'", "finite"]),
        (["gff", "a.png", "b.png", "-o", "o.png", "--option", "base_radius=inf"], ["base_radius='inf'", "int"]),
        (["average", "a.png", "b.png", "-o", "o.png", "--white-level", "4095"], ["a.png has 8 bits", "white level"]),
        (["average", "a.png", "b.png", "-o", "o.png", "--white-level", "12"], ["white level = 12", "255 to 65535"]),
        (["average", "a.png", "b.png", "-o", "o.png", "--white-level", "nan"], ["--white-level", "nan"]),
    ],
)
def test_bad_arguments(command, arguments, words):
    assert_refused(command("fuse", *arguments), *words)
    assert not Path("o.png").exists()
    assert not Path("m.png").exists()


@pytest.mark.parametrize("arguments", [[], ["fus"], ["list", "--jso"]])
def test_bad_commands(command, arguments):
    assert_refused(command(*arguments))


def test_what_is_missing_has_its_own_exit_status(command):
    assert_refused(command("fuse", "oracle", "a.png", "b.png", "-o", "out.png"), "truth", status=3)


def test_cuda_where_there_is_none(command, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    answer = command("fuse", "average", "a.png", "b.png", "-o", "out.png", "--device", "cuda")
    assert_refused(answer, "no CUDA device", "--device cpu")
