"""GFDF: focus region detection by guided filters."""

import math
from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from imaging.filters import guided_filter, remove_small_components
from imaging.levels import gray_real, to_levels
from methods import Fusion, Method, Option, Reference
from methods._common.compose import as_map, blend
from methods._common.morphology import fill_area

METHOD = Method(
    id="gfdf",
    label="GFDF",
    title="Guided-filtered focus map, cleaned by area and guided-filtered again",
    citation=(
        "X. Qiu, M. Li, L. Zhang, X. Yuan, Guided filter-based multi-focus image fusion through focus region "
        "detection, Signal Processing: Image Communication 72, 2019"
    ),
    doi="10.1016/j.image.2018.12.004",
    year=2019,
    kind="spatial",
    cost=0.5,
    decision_map=True,
    options={
        "radius": Option(5, "Radius r of the guided filters.", minimum=1, maximum=200),
        "epsilon": Option(0.3, "Regularisation epsilon of the guided filters.", minimum=1e-9, maximum=1e6),
        "area": Option(
            0.01,
            "Regions smaller than this share of the image are given to the other source.",
            minimum=0.0,
            maximum=1.0,
        ),
    },
)

REFERENCES = (
    Reference("published", "gfdf", why="In one pair, a few pixels fall on the other side of a rounding threshold."),
    Reference("mfifb", "GFDF"),
)

_MEAN_SIZE = 7


def focus_measure(gray: np.ndarray, radius: int, epsilon: float) -> np.ndarray:
    """Guided-filtered distance to the 7 x 7 mean; gray and result H x W, [0, 1]."""
    detail = np.abs(gray - ndimage.uniform_filter(gray, _MEAN_SIZE, mode="nearest"))
    return guided_filter(gray, detail, radius, epsilon)


def fuse(images: Sequence[np.ndarray], radius: int, epsilon: float, area: float) -> Fusion:
    """Focus map by comparison, cleaned, and guided-filtered with the fused gray image as guide."""
    first, second = (gray_real(to_levels(image)) / 255 for image in images)
    initial = focus_measure(first, radius, epsilon) > focus_measure(second, radius, epsilon)
    minimum = math.ceil(area * initial.size)
    chosen = fill_area(remove_small_components(initial, minimum), minimum)
    weight = guided_filter(np.where(chosen, first, second), chosen, radius, epsilon)
    return Fusion(blend(images[0], images[1], weight), decision_map=as_map(weight), initial_map=as_map(initial))
