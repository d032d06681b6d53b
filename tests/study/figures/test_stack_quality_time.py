"""Quality against time on stacks."""

import numpy as np
import pandas as pd
import pytest

from study.figures import stack_quality_time
from study.tables import stacks_table


@pytest.fixture
def frame():
    """Two stacks; GFF lacks one, LP has no index map, SF no time."""
    rows = []
    for place, (method, kind) in enumerate(
        [("lp", "transform"), ("gff", "spatial"), ("sf", "spatial"), ("gacn", "proposed"), ("first", "control")]
    ):
        for scene in ("a", "b")[: 1 if method == "gff" else 2]:
            row = {"dataset": "d", "scene": scene, "images": 5, "method": method, "label": method.upper(), "kind": kind}
            row |= {"way": "native", "order_free": "no", "psnr": 30.0 + place, "s_per_image": 0.1 * (place + 1)}
            row |= {"excess_defocus": np.nan if method == "lp" else 0.5 - 0.1 * place}
            rows.append(row | ({"s_per_image": np.nan} if method == "sf" else {}))
    return pd.DataFrame(rows, columns=list(stacks_table.COLUMNS)).astype({"peak_memory_mb": float})


def test_equal_data_gives_equal_bytes(frame, twice):
    twice(stack_quality_time.draw, frame, ["gacn"])


def test_who_is_drawn(frame, monkeypatch, tmp_path):
    drawn = {}
    monkeypatch.setattr(stack_quality_time.quality_time, "draw_panels", lambda panels, *_: drawn.update(panels))
    stack_quality_time.draw(frame, ["gacn"], [tmp_path / "s.png"])
    assert {m.id: [p.label for p in points] for m, points in drawn.items()} == {
        "psnr": ["GACN", "LP"],
        "excess_defocus": ["GACN"],
    }


def test_nothing_timed_is_said(frame, words, tmp_path):
    for empty in (frame.assign(s_per_image=np.nan), frame[:0]):
        stack_quality_time.draw(empty, ["gacn"], [tmp_path / "s.png"])
        assert "No stack with truth is both timed and scored" in words[0]


def test_caption_counts_stacks(frame, words, tmp_path):
    stack_quality_time.draw(frame, ["gacn"], [tmp_path / "s.png"])
    assert any("Means over 2 stacks with truth" in word for word in words)
