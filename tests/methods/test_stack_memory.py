"""Memory of methods for stacks: a bound that does not grow with the number of images, and the benchmark that measures it."""

import tracemalloc
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

import methods
from benchmarks import stack_memory
from tests.methods.test_contract import scene_images

SIZE = (96, 128)


class Files(Sequence):
    """So many images, of which none is in memory until it is asked for."""

    def __init__(self, count):
        self._kept = [(255 * image).astype(np.uint8) for image in scene_images(*SIZE, 3, 4)]
        self._count = count

    def __len__(self):
        return self._count

    def __getitem__(self, number):
        return self._kept[number * 4 // self._count].astype(np.float32) / 255


def peak(method, count):
    """Largest memory of a fusion in bytes, without what is imported."""
    images = Files(count)
    methods.fuse(method, images)
    tracemalloc.start()
    try:
        methods.fuse(method, images)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "method", ["average", "focus_stack", "gfg_fgf", "openfocus_b", "openfocus_c", "gff", "dct_eol"]
)
def test_memory_does_not_grow_with_the_number_of_images(method):
    growth = (peak(method, 12) - peak(method, 4)) / 8
    assert growth < 1 * SIZE[0] * SIZE[1], f"{method}: {growth / SIZE[0] / SIZE[1]:.1f} bytes per pixel and image"


def test_growth_is_per_pixel_and_image():
    rows = pd.DataFrame(
        [("gff", "1000", "500", n, peak, "1", "") for n, peak in (("4", "100"), ("16", "106"), ("64", ""))],
        columns=list(stack_memory.COLUMNS),
    )
    assert stack_memory.growth(rows) == pytest.approx(6 * 2**20 / (12 * 500_000))
    assert np.isnan(stack_memory.growth(rows[:1]))
    table = stack_memory.table(rows)
    assert [column.key for column in table.columns] == ["name", "4", "16", "64", "growth"]


def test_what_is_measured_can_be_measured(tmp_path):
    stack_memory.write_stack(tmp_path, 3, (40, 32))
    assert len(list(tmp_path.iterdir())) == 3
    known = set(methods.registry.ids()) | {"metrics"}
    assert {name.split(":")[0] for name in stack_memory.NAMES if "/" not in name} <= known
    (row,) = stack_memory.measure(["nothing"], [3], (40, 32))
    assert row["peak_mib"] == "" and "nothing" in row["reason"]
