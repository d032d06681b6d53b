"""Figure of what aligning a stack changes."""

import numpy as np
import pytest

from study.gacn import stack_alignment_figure
from study.gacn.stack_alignment import Alignment


@pytest.fixture
def compared():
    found = Alignment("mine", "mine", "similarity", scene="stack", images=[1, 2], magnification=[1.0, 1.1])
    return found, *(np.full((40, 52, 3), level, dtype=np.float32) for level in (0.4, 0.6))


def test_equal_data_gives_equal_bytes(compared, twice):
    twice(stack_alignment_figure.draw, *compared)


def test_a_stack_that_cannot_be_aligned_says_why(words, tmp_path):
    lost = Alignment("mine", "mine", "similarity", status="skipped", reason="too few points")
    stack_alignment_figure.draw(lost, None, None, [tmp_path / "a.png"])
    assert words[0] == "mine: not aligned (too few points)"


def test_the_crop_is_where_two_images_differ_most():
    first, second = np.zeros((60, 160)), np.zeros((60, 160))
    second[25:35, 90:110] = 1
    rows, columns = stack_alignment_figure.most_different(first, second)
    assert (rows.stop - rows.start, columns.stop - columns.start) == (20, 40)
    assert rows.start <= 25 and rows.stop >= 35
    assert columns.start <= 90 and columns.stop >= 110
