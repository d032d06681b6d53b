"""IFCNN with the element-wise mean of features; see `methods._common.ifcnn`."""

from collections.abc import Sequence

import numpy as np

from methods import Fusion
from methods._common import ifcnn

METHOD = ifcnn.method("mean")

REFERENCES = (ifcnn.official("mean"),)


def fuse(images: Sequence[np.ndarray], device: str) -> Fusion:
    """Fuse n images by the element-wise mean of their features, all at once."""
    return ifcnn.fuse(images, METHOD.files, "mean", device)
