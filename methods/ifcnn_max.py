"""IFCNN with the element-wise max of features; see `methods._common.ifcnn`."""

from collections.abc import Sequence

import numpy as np

from methods import Fusion, Reference
from methods._common import ifcnn

METHOD = ifcnn.method("max", comparison=True)

REFERENCES = (
    ifcnn.official("max"),
    Reference("mfifb", "IFCNN", why="the benchmark decoded the Lytro JPEG sources with a different chroma upsampling"),
)


def fuse(images: Sequence[np.ndarray], device: str) -> Fusion:
    """Fuse n images by the element-wise max of their features, all at once."""
    return ifcnn.fuse(images, METHOD.files, "max", device)
