"""What is known exactly of a scene."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Truth:
    """What is known exactly of a scene.

    Parameters
    ----------
    image : numpy.ndarray, optional
        All-in-focus image, float32, the shape of the sources, [0, 1].
    index_map : numpy.ndarray, optional
        Integer, H x W: number (from 0) of the sharpest source at every pixel.
    """

    image: NDArray[np.float32] | None = None
    index_map: NDArray[Any] | None = None

    def checksum(self) -> str:
        """Hexadecimal sha256 over both arrays, whatever integer type the index map has."""
        digest = hashlib.sha256()
        for array, kind in ((self.image, np.float32), (self.index_map, np.int64)):
            digest.update(b"none" if array is None else repr(array.shape).encode())
            if array is not None:
                digest.update(np.ascontiguousarray(array, dtype=kind).tobytes())
        return digest.hexdigest()
