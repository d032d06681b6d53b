"""What is known exactly of a scene."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Truth:
    """What is known exactly of a scene.

    Parameters
    ----------
    image : numpy.ndarray, optional
        All-in-focus image, float32, the shape of the sources, [0, 1].
    index_map : numpy.ndarray, optional
        uint8 or int H x W: number (from 0) of the sharpest source at every pixel.
    """

    image: np.ndarray | None = None
    index_map: np.ndarray | None = None
