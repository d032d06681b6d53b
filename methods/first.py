"""Control: the first source, unchanged."""

from collections.abc import Sequence

import numpy as np

from methods import Fusion, Method

METHOD = Method(
    id="first",
    label="First",
    title="First source, unchanged (control)",
    citation="No source; a control that shows how a metric scores no fusion at all.",
    kind="control",
    cost=0.01,
    native_stack=True,
    decision_map=True,
)


def fuse(images: Sequence[np.ndarray]) -> Fusion:
    """Copy of the first source; the decision map takes it everywhere."""
    image = np.array(images[0], dtype=np.float32)
    size = image.shape[:2]
    if len(images) == 2:
        return Fusion(image, decision_map=np.ones(size, np.float32))
    return Fusion(image, index_map=np.zeros(size, np.uint8))
