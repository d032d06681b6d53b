"""Control: the plain average of the sources."""

from collections.abc import Sequence

import numpy as np

from methods import Fusion, Method

METHOD = Method(
    id="average",
    label="Average",
    title="Mean of the sources (control)",
    citation="No source; a control that every fusion method must beat.",
    kind="control",
    cost=0.02,
    native_stack=True,
    order_free=True,
)


def fuse(images: Sequence[np.ndarray]) -> Fusion:
    """Mean over the n sources, accumulated one image at a time (float32, shape of a source, [0, 1])."""
    total = np.array(images[0], dtype=np.float64)
    for number in range(1, len(images)):
        total += images[number]
    return Fusion((total / len(images)).astype(np.float32))
