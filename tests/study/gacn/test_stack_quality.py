"""Quality of the strategies: differences from one by one, stacks only, and why image 2 is favoured."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from imaging.files import write_image, write_levels
from study.gacn import entries, stack_quality
from study.store import SCORE_COLUMNS, DatasetFacts, FusedScene, SceneFacts, Score
from study.tables import writers

FACTS = DatasetFacts("d", "Data", scenes=(SceneFacts("s", count=3), SceneFacts("p", count=2)))


#: Entry -> what it is worth in these tests: one by one, and every other strategy.
NAMES = {entries.strategy_entry(strategy): strategy == entries.BASELINE for strategy in entries.STRATEGIES}
OTHERS = [strategy for strategy in entries.STRATEGIES if strategy != entries.BASELINE]


def tidy(scores):
    return pd.DataFrame([asdict(s) for s in scores], columns=list(SCORE_COLUMNS)).astype({"value": float})


@pytest.fixture
def scores(score):
    found = []
    for name, baseline in NAMES.items():
        good, wrong = (0.5, 0.2) if baseline else (0.75, 0.3)
        for scene in ("s", "p"):
            found += score("d", name, "q_g", {scene: good})
            found += score("d", name, "psnr", {scene: 30.0})
            found += score("d", name, "wrong_pixels", {scene: wrong}, "truth")
    return found


def test_every_strategy_is_compared_with_one_by_one(scores):
    maps = {name: np.array([[0, 1], [2, 2]]) if baseline else np.ones((2, 2)) for name, baseline in NAMES.items()}
    truth = np.array([[0, 1], [1, 2]])
    frame = stack_quality.compare(FACTS, tidy(scores), lambda name, _: maps[name], lambda _: truth)
    assert set(frame["scene"]) == {"s"}
    values = frame.set_index("metric")
    # PSNR against the sources is left out.
    assert list(values.index) == ["q_g", "wrong_pixels", stack_quality.SECOND]
    assert [values.loc["q_g", column] for column in stack_quality.DIFFERENCES.values()] == [0.25] * len(OTHERS)
    second = values.loc[stack_quality.SECOND]
    assert [float(second[c]) for c in (entries.BASELINE, "calibrated", "reference")] == [0.25, 1.0, 0.5]
    text = writers.markdown(stack_quality.page(frame, ["Other: unavailable (no network)."]))
    assert "## d: 1 stack\n" in text
    assert "| one by one | 0.5000 | **0.2000** |" in text
    assert "| calibrated | **0.7500** | 0.3000 |" in text
    assert "| calibrated − one by one | +0.2500 | +0.1000 |" in text
    assert "one by one 25 %, calibrated 100 %" in text and ", truth 50 %" in text
    assert "- Other: unavailable (no network)." in text


def test_a_metric_on_fewer_stacks_says_so():
    rows = [("d", scene, 3, "q_g", 0.5, 0.5, "sources") for scene in ("s", "t")]
    rows.append(("d", "s", 3, "q_y", 0.5, 0.25, "sources"))
    columns = ["dataset", "scene", "images", "metric", entries.BASELINE, "calibrated", "reference"]
    # Other strategies are not known to this table.
    frame = pd.DataFrame(rows, columns=columns).reindex(columns=list(stack_quality.COLUMNS))
    text = writers.markdown(stack_quality.page(frame))
    assert "| one by one | **0.5000** | **0.5000** (n=1) |" in text
    assert "| calibrated | **0.5000** | 0.2500 (n=1) |" in text
    assert len([line for line in text.splitlines() if line.startswith("| ")]) == 1 + 1 + 3


def test_stacks_with_truth_stand_by_their_number_of_images():
    rows = [
        ("d", "long", 9, "psnr", 30.0, 20.0),
        ("d", "short", 3, "psnr", 25.0, 26.0),
        ("d", "long", 9, "q_g", 1.0, 1.0),
    ]
    rows += [("d", "long", 9, "ssim", 0.9, 0.8), ("d", "short", 3, "ssim", 0.7, 0.7)]
    columns = ["dataset", "scene", "images", "metric", entries.BASELINE, "calibrated"]
    frame = pd.DataFrame(rows, columns=columns).assign(reference="truth")
    frame = frame.reindex(columns=list(stack_quality.COLUMNS))
    text = writers.markdown(stack_quality.page(frame)).split("by number of images")[1]
    assert "| Stack | n | PSNR one by one | PSNR calibrated | SSIM one by one | SSIM calibrated |" in text
    lines = [line for line in text.splitlines() if line.startswith("| d, ")]
    assert lines == [
        "| d, short | 3 | 25.00 | **26.00** | **0.7000** | **0.7000** |",
        "| d, long | 9 | **30.00** | 20.00 | **0.9000** | 0.8000 |",
    ]


def test_what_is_missing_is_said_once_with_its_reason():
    lost = [Score("d", "s", name, metric, status="failed", reason="a | b") for name in NAMES for metric in "xy"]
    assert stack_quality.missing(FACTS, tidy(lost)) == ["Data, s: failed (a \\| b)."]
    pairs = DatasetFacts("d", "Data", scenes=FACTS.scenes[1:])
    assert stack_quality.missing(pairs, tidy([])) == ["Data: no scene of more than two images."]


def test_the_files_hold_what_was_compared(results, facts, score):
    results.write_sources(facts)
    for name, baseline in NAMES.items():
        taken = int(not baseline)
        results.write_scores("mine", name, score("mine", name, "q_g", {"stack": 0.5 + taken}))
        write_image(results.image("mine", name, "stack"), np.zeros((40, 52), np.float32))
        write_levels(results.map("mine", name, "stack"), np.full((40, 52), taken))
        results.write_fused("mine", name, [FusedScene("mine", name, "stack", "ok", map="index")])
    stack_quality.write(results, ["mine"])
    rows = stack_quality.read(results).to_dict("records")
    assert [(row["metric"], row["reference"]) for row in rows] == [("q_g", "sources"), ("second_image", "0.25")]
    for row, values in zip(rows, ((0.5, 1.5), (0.0, 1.0)), strict=True):
        assert row[entries.BASELINE] == values[0]
        assert {row[strategy] for strategy in OTHERS} == {values[1]}
        assert {row[column] for column in stack_quality.DIFFERENCES.values()} == {1.0}
    assert "pixels taken from image 2" in Path(results.table("stack_quality.md")).read_text(encoding="utf-8")


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

        def decide(self, activity, other, reduced):
            return other

        def refine(self, decision, first, second):
            return next(self.maps)

    images = [np.full((3, 4), level, dtype=np.float32) for level in (0.1, 0.2, 0.3)]
    index = fusion.fuse_calibrated(Maps(), images).index_map
    assert (index[:, :2] == 1).all()
    assert (index[:, 2:] == 2).all()
