"""IFCNN with the element-wise sum of features; see `methods._common.ifcnn`."""

from collections.abc import Sequence

import numpy as np

from methods import Fusion
from methods._common import ifcnn

METHOD = ifcnn.method("sum")

REFERENCES = (ifcnn.official("sum"),)


def fuse(images: Sequence[np.ndarray], device: str) -> Fusion:
    """Fuse n images by the element-wise sum of their features, all at once."""
    return ifcnn.fuse(images, METHOD.files, "sum", device)
