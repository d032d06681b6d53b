"""Disturbed stacks, and the distance to the selection bound."""

import pandas as pd
import pytest

from study.figures import stack_variants
from study.tables import stacks_table


@pytest.fixture
def frame():
    """A stack with and without noise; `best_source` is the bound."""
    rows = []
    for scene, loss in (("coin_steps", 0.0), ("coin_steps_noise", 1.5)):
        for method, kind, way, psnr in (
            ("lp", "transform", "folded", 30.0),
            ("qb", "spatial", "native", 31.0),
            ("best_source", "control", "native", 36.0),
        ):
            row = {"dataset": "embedded_stacks", "scene": scene, "images": 7, "method": method, "label": method.upper()}
            rows.append(row | {"kind": kind, "way": way, "order_free": "no", "psnr": psnr - loss * (method != "qb")})
    frame = pd.DataFrame(rows, columns=list(stacks_table.COLUMNS))
    return frame.astype({name: float for name in (*stacks_table.METRICS, "s_per_image", "peak_memory_mb")})


def test_change_and_bound(frame):
    changes = stacks_table.variants(frame).set_index("method")["difference"]
    assert changes.to_dict() == {"lp": -1.5, "qb": 0.0, "best_source": -1.5}
    lost = stacks_table.to_bound(frame).set_index(["scene", "method"])["lost"]
    assert lost["coin_steps", "lp"] == lost["coin_steps_noise", "lp"] == 6.0
    assert lost["coin_steps_noise", "qb"] == 3.5


def test_a_scene_of_that_name_elsewhere_is_no_variant(frame):
    assert stacks_table.variants(frame.assign(dataset="mine")).empty


def test_equal_data_gives_equal_bytes(frame, twice):
    twice(stack_variants.draw, frame)


def test_a_panel_without_data_is_left_out(frame, tmp_path):
    stack_variants.draw(frame, [tmp_path / "both.txt"])
    stack_variants.draw(frame[frame["scene"] == "coin_steps"], [tmp_path / "one.txt"])
    assert (tmp_path / "both.txt").read_text().startswith("Left: PSNR of a disturbed stack")
    assert (tmp_path / "one.txt").read_text().startswith("PSNR below that of the source")


def test_nothing_to_draw_is_said(frame, words, tmp_path):
    stack_variants.draw(frame[:2].assign(dataset="mine"), [tmp_path / "s.png"])
    assert "No stack with truth was fused in several variants" in words[0]
