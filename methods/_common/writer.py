"""The image writer of several authors' programs (``imsave`` of old SciPy), which changes the contrast image by image."""

import numpy as np
from numpy.typing import NDArray

from methods import Option

#: The option and the preset of methods whose authors' results went through it.
OPTION = Option(False, "Stretch the fused values to 0..255, as the authors' image writer does.")
PRESET = {"stretch": True}
NOTE = "without the stretch to 0..255 per image of the authors' image writer (preset upstream_writer adds it)"


def stretched(values: np.ndarray) -> NDArray[np.float64]:
    """Values mapped linearly so that their minimum becomes 0 and their maximum 255; constant values stay."""
    values = np.asarray(values, dtype=np.float64)
    low, high = values.min(), values.max()
    return values if low == high else (values - low) * 255 / (high - low)
