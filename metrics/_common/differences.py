"""Differences of neighbouring pixels, shared by the metrics of spatial frequency and of the fused image alone."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def forward(gray: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Next pixel minus this one along rows (H x (W - 1)) and along columns ((H - 1) x W)."""
    return np.diff(gray, axis=1), np.diff(gray, axis=0)


def diagonal(gray: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Pixel of the next row minus this one along the main and along the other diagonal, both (H - 1) x (W - 1)."""
    return gray[1:, 1:] - gray[:-1, :-1], gray[1:, :-1] - gray[:-1, 1:]
