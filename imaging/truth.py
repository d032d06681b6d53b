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
    defocus : numpy.ndarray, optional
        Float32, n x H x W: blur radius, in pixels, of the surface seen at every pixel of every source (at least 0).
    depth : numpy.ndarray, optional
        Float32, H x W: the slice at which the surface seen in the all-in-focus image is in focus, in slice steps from 0; a
        surface between two slices has a fraction.
    decided : numpy.ndarray, optional
        Boolean, H x W: False where the truth does not say which source is sharpest (flat, or sharp in no source). Errors of
        maps are counted where it is True; without it, everywhere.
    """

    image: NDArray[np.float32] | None = None
    index_map: NDArray[Any] | None = None
    defocus: NDArray[np.float32] | None = None
    depth: NDArray[np.float32] | None = None
    decided: NDArray[np.bool_] | None = None

    def checksum(self) -> str:
        """Hexadecimal sha256 over all arrays, whatever integer type the index map has."""
        digest = hashlib.sha256()
        for array, kind in ((self.image, np.float32), (self.index_map, np.int64)):
            digest.update(b"none" if array is None else repr(array.shape).encode())
            if array is not None:
                digest.update(np.ascontiguousarray(array, dtype=kind).tobytes())
        for name, further, form in (
            ("defocus", self.defocus, np.float32),
            ("depth", self.depth, np.float32),
            ("decided", self.decided, np.bool_),
        ):
            if further is not None:
                digest.update(f"{name} {further.shape}".encode())
                digest.update(np.ascontiguousarray(further, dtype=form).tobytes())
        return digest.hexdigest()
