"""GACN on stacks: what is timed, how the tables reckon, what the figures and the calibration rest on."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from files.errors import InputError
from imaging.files import write_image, write_levels
from study import records
from study.config import resolve
from study.gacn import stack_alignment as alignment
from study.gacn import stack_figures, stack_tables
from study.gacn import time_stacks as stacks
from study.run.sources import collect

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def entries(tmp_path_factory):
    """Both strategies with untrained weights, so that no download is needed."""
    torch = pytest.importorskip("torch")
    from methods.gacn import weights
    from methods.gacn.network import GACN

    torch.manual_seed(1)
    path = tmp_path_factory.mktemp("weights") / "untrained.safetensors"
    weights.write(path, GACN())
    return {
        name: replace(entry, options=entry.options | {"weights": str(path)}) for name, entry in stacks.ENTRIES.items()
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A user's folder: a stack of four small images with truth, and a pair."""
    rng = np.random.default_rng(5)
    root = tmp_path_factory.mktemp("stacks")
    for name, count in (("pair", 2), ("stack", 4)):
        (root / name).mkdir()
        for k in range(count):
            write_image(root / name / f"{k + 1}.png", rng.random((40, 52, 3)).astype(np.float32))
    write_levels(root / "stack" / "truth_index.png", np.arange(40)[:, None] // 10 + np.zeros((1, 52), dtype=int))
    return root


def timing_rows(dataset, count, serial, calibrated):
    base = {"dataset": dataset, "scene": "s", "images": count, "megapixels": 1, "status": "ok", "threads": 2}
    base |= {"device": "cpu", "device_name": "a processor", "environment": "python=3"}
    for name, seconds in ((stacks.SERIAL, serial), (stacks.CALIBRATED, calibrated)):
        for repeat, value in enumerate(seconds, start=1):
            yield base | {"method": name, "repeat": repeat, "seconds": value, "peak_memory_mb": 500 + repeat}


def breakdown_rows(dataset):
    macs = {"features": 10, "decision": 40}
    for name, calls in ((stacks.SERIAL, 6), (stacks.CALIBRATED, 4)):
        for stage in stacks.STAGES:
            seconds = {"features": 2.0, "activity": 1.0, "decision": 2.0}.get(stage, 0.0)
            base = {"dataset": dataset, "scene": "s", "method": name, "images": 4, "stage": stage}
            yield base | {"seconds": seconds, "calls": calls, "macs_per_pixel": macs.get(stage, "")}


def test_long_cases_are_repeated_less_often():
    assert stacks.repeats_within(100, 10, 3) == 3
    assert stacks.repeats_within(100, 40, 3) == 2
    assert stacks.repeats_within(100, 500, 3) == 1


def test_clock_gives_time_to_the_innermost_stage():
    clock = stacks.Clock("cpu")
    with clock("outer"):
        time.sleep(0.02)
        with clock("inner"):
            time.sleep(0.05)
    assert 0.02 <= clock.seconds["outer"] < 0.05 <= clock.seconds["inner"]
    assert clock.calls == {"outer": 1, "inner": 1}


def test_saving_and_its_limit():
    breakdown = list(breakdown_rows("d"))
    assert stack_tables.feature_share(breakdown) == pytest.approx(0.6)
    # Four images: 4 instead of 6 extractions, so a third of the share.
    assert stack_tables.limit(0.6, 4) == pytest.approx(0.2)
    assert stack_tables.limit(0.6, 2) == 0
    timing = [*timing_rows("d", 2, [1, 1, 1], [1, 1, 1]), *timing_rows("d", 4, [9, 4, 4], [3, 3, 8])]
    timing.append({"dataset": "d", "scene": "s", "images": 9, "method": "x", "status": "skipped", "reason": "too few"})
    rows = stack_tables.time_rows(timing, breakdown)
    assert [r["images"] for r in rows] == [2, 4, 9]
    assert rows[1]["reduction_percent"] == "25.0"
    assert rows[1]["limit_percent"] == "20.0"
    assert rows[1]["serial_max_s"] == "9.000"
    assert rows[2]["status"] == "skipped" and "serial_s" not in rows[2]
    text = stack_tables.time_markdown(rows, breakdown, {"d": "Data"})
    assert "| Data | 4 | 4.000 | 3.000 | 25.0 | 20.0 | 503 | 503 | 3 |" in text
    assert "features (6 and 4 images)" in text
    assert "tends to 30 % for long stacks" in text
    assert "could reach 17 %" in text  # 10 / (2 * 10 + 40)
    assert "Not timed: Data, n = 9 (too few)" in text


def test_unavailable_data_are_named_in_the_table():
    described = {"dataset": "d", "label": "Data", "status": "unavailable", "reason": "no network", "scenes": []}
    timing, breakdown = stacks.time_stacks(stacks.ENTRIES, described, [2, 4])
    text = stack_tables.time_markdown(stack_tables.time_rows(timing, breakdown), breakdown, {"d": "Data"})
    assert "Not timed: Data" in text and "no network" in text


def test_stage_times_count_the_feature_extractions(entries, folder):
    paths = sorted(p for p in (folder / "stack").glob("?.png"))
    for name, extractions in ((stacks.SERIAL, 6), (stacks.CALIBRATED, 4)):
        parts = {part["stage"]: part for part in stacks.stage_times(entries[name], paths, "cpu")}
        assert list(parts) == list(stacks.STAGES)
        assert parts["features"]["calls"] == extractions
        assert parts["refinement"]["calls"] == 3
        assert parts["reading"]["calls"] == 4
        assert parts["features"]["macs_per_pixel"] == 9 * (1 + 16 + 32 + 48) * 16
        assert all(float(part["seconds"]) > 0 for part in parts.values())


def test_both_strategies_are_timed_in_processes_of_their_own(entries, folder):
    described = collect("mine", folder)
    timing, breakdown = stacks.time_stacks(entries, described, [3, 9], folder=folder, repeats=2, threads=1)
    done = [r for r in timing if r["status"] == "ok"]
    assert [(r["method"], r["repeat"]) for r in done] == [(n, k) for k in (1, 2) for n in stacks.ENTRIES]
    assert all(float(r["seconds"]) > 0 and float(r["peak_memory_mb"]) > 100 for r in done)
    assert {r["reason"] for r in timing if r["status"] == "skipped"} == {"the stack has 4 images"}
    assert {r["images"] for r in breakdown} == {3}
    for row in timing:
        assert set(row) <= set(records.TIMING)


def test_quality_is_calibrated_minus_serial():
    described = {"dataset": "d", "label": "Data", "status": "ok", "reason": ""}
    described["scenes"] = [{"name": "s", "status": "ok", "count": 3}, {"name": "p", "status": "ok", "count": 2}]
    scores = {}
    for name, good, wrong in ((stacks.SERIAL, 0.5, 0.2), (stacks.CALIBRATED, 0.75, 0.3)):
        base = {"dataset": "d", "method": name, "status": "ok"}
        scores[name] = [
            base | {"scene": scene, "metric": metric, "value": value, "reference": reference}
            for scene in ("s", "p")
            for metric, value, reference in (
                ("q_g", good, "sources"),
                ("psnr", 30.0, "sources"),
                ("wrong_pixels", wrong, "truth"),
            )
        ]
    maps = {stacks.SERIAL: np.array([[0, 1], [2, 2]]), stacks.CALIBRATED: np.ones((2, 2))}
    truth = np.array([[0, 1], [1, 2]])
    rows = stack_tables.quality_rows(described, scores, lambda name, _: maps[name], lambda _: truth)
    assert {r["scene"] for r in rows} == {"s"}
    values = {r["metric"]: r for r in rows}
    # PSNR against the sources is left out.
    assert set(values) == {"q_g", "wrong_pixels", stack_tables.SECOND}
    assert float(values["q_g"]["difference"]) == 0.25
    second = values[stack_tables.SECOND]
    assert [float(second[c]) for c in ("serial", "calibrated", "reference")] == [0.25, 1.0, 0.5]
    text = stack_tables.quality_markdown(rows, {"d": "Data"}, ["Other: unavailable (no network)."])
    assert "| Data | 1 | Q_G ↑ | 0.5000 | 0.7500 | +0.2500 | calibrated |" in text
    assert "| Data | 1 | Wrong pixels ↓ | 0.2000 | 0.3000 | +0.1000 | one by one |" in text
    assert "one by one 25 %, calibrated 100 %, truth 50 %" in text
    assert "- Other: unavailable (no network)." in text


def test_calibration_takes_image_2_wherever_it_beats_image_1():
    """The statement under the quality table: with M_1 = 0 no later image can win, however sharp it is."""
    torch = pytest.importorskip("torch")
    from methods.gacn import fusion

    class Maps:
        """Refined maps in place of a network: image 2 and image 3 both beat image 1, the right half only image 3."""

        device = torch.device("cpu")

        def __init__(self):
            left = torch.arange(4).expand(1, 1, 3, 4) < 2
            self.maps = iter([torch.where(left, 0.0, 1.0), torch.zeros(1, 1, 3, 4)])

        def activity(self, gray):
            return gray

        def decide(self, activity, other):
            return other

        def refine(self, decision, first, second):
            return next(self.maps)

    images = [np.full((3, 4), level, dtype=np.float32) for level in (0.1, 0.2, 0.3)]
    index = fusion.fuse_calibrated(Maps(), images).index_map
    assert (index[:, :2] == 1).all()
    assert (index[:, 2:] == 2).all()


def same_bytes(draw, tmp_path):
    """Whether a figure is drawn, and drawn the same twice."""
    written = []
    for turn in ("a", "b"):
        paths = [tmp_path / f"{turn}.png", tmp_path / f"{turn}.pdf"]
        draw(paths)
        written.append([path.read_bytes() for path in paths])
    assert all(len(data) > 1000 for data in written[0])
    return written[0] == written[1]


def test_time_figure(tmp_path):
    timing = [*timing_rows("d", 2, [1], [1]), *timing_rows("d", 3, [2], [1.5]), *timing_rows("e", 65, [9], [7])]
    rows = [{k: str(v) for k, v in row.items()} for row in stack_tables.time_rows(timing, [])]
    assert same_bytes(lambda paths: stack_figures.times(rows, {"d": "Data"}, paths), tmp_path)
    assert same_bytes(lambda paths: stack_figures.times([], {}, paths), tmp_path)


def test_stack_figure(folder, tmp_path):
    described = collect("mine", folder)
    fused = tmp_path / "fused" / stacks.CALIBRATED
    write_image(fused / "stack.png", np.full((40, 52, 3), 0.5, dtype=np.float32))
    write_levels(fused / "stack.map.png", np.zeros((40, 52), dtype=int))
    statuses = [{"scene": "stack", "status": "ok", "reason": ""}]

    def draw(paths):
        stack_figures.view(described, statuses, fused.parent, paths, folder=folder)

    assert same_bytes(draw, tmp_path)
    lost = [{"scene": "", "status": "unavailable", "reason": "no weights"}]
    assert same_bytes(lambda paths: stack_figures.view(described, lost, fused.parent, paths, folder), tmp_path)


def test_alignment_figure(entries, folder, tmp_path):
    described = collect("mine", folder)
    # Noise has no points in common: the figure says so.
    about = alignment.compare(entries[stacks.CALIBRATED], described, tmp_path / "about", folder=folder)
    assert about["status"] == "skipped" and "cannot be aligned" in about["reason"]
    assert same_bytes(lambda paths: stack_figures.alignment(about, tmp_path / "about", paths), tmp_path)
    for name, level in (("before", 0.4), ("after", 0.6)):
        write_image(tmp_path / "about" / f"{name}.png", np.full((40, 52, 3), level, dtype=np.float32))
    about |= {"status": "ok", "scene": "stack", "images": [1, 2], "magnification": [1.0, 1.1]}
    assert same_bytes(lambda paths: stack_figures.alignment(about, tmp_path / "about", paths), tmp_path)


def test_the_crop_is_where_two_images_differ_most():
    first, second = np.zeros((60, 160)), np.zeros((60, 160))
    second[25:35, 90:110] = 1
    rows, columns = stack_figures.most_different(first, second)
    assert (rows.stop - rows.start, columns.stop - columns.start) == (20, 40)
    assert rows.start <= 25 and rows.stop >= 35
    assert columns.start <= 90 and columns.stop >= 110


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"align": {"v4": "afine"}}, ["align.v4", "similarity"]),
        ({"align": {"v5": "similarity"}}, ["unknown data set 'v5'", "v4"]),
        ({"stacks": {"timing": {"v4": [1]}}}, ["stacks.timing.v4", "minimum of 2"]),
        ({"stacks": {"qualty": ["v4"]}}, ["'qualty'", "did you mean 'quality'?"]),
        ({"stacks": {"figures": ["embeded"]}}, ["unknown data set 'embeded'"]),
    ],
)
def test_a_mistake_gives_one_clear_line(raw, words):
    with pytest.raises(InputError) as caught:
        resolve(raw)
    for word in words:
        assert word in str(caught.value)


def test_the_target_has_all_its_rules(tmp_path):
    """A dry run: every table and figure can be made, and an aligned data set is described by its own rule."""
    command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "--cores", "1", "-n", "stacks"]
    command += ["--directory", str(tmp_path), "--config", 'align={"v4": "similarity"}']
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    rules = ("time_stacks", "stack_quality", "stack_view", "stack_alignment_figure", "fetch_aligned", "fetch_first")
    for rule in rules:
        assert f"rule {rule}:" in done.stdout + done.stderr, rule
