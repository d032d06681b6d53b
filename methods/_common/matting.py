"""Closed-form matting, coarse to fine.

References
----------
A. Levin, D. Lischinski, Y. Weiss, "A closed-form solution to natural image matting", IEEE TPAMI 30(2), 2008.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, sparse
from scipy.sparse.linalg import splu

_EPSILON = 1e-7
_CONFIDENCE = 100.0
_BINOMIAL = np.array([1, 4, 6, 4, 1]) / 16


def closed_form_alpha(image: np.ndarray, known: NDArray[np.bool_], value: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Alpha matte from a trimap, solved at the coarsest level only and carried up by local affine models.

    Parameters
    ----------
    image : numpy.ndarray
        float64, H x W or H x W x 3, [0, 1].
    known, value : numpy.ndarray
        bool, H x W: where the trimap is certain, and where it is certainly foreground.

    Returns
    -------
    numpy.ndarray
        float64, H x W; may leave [0, 1]. Zero everywhere when nothing is known at the coarsest level (the
        system is singular with right-hand side 0); the trimap itself (1/2 where unknown) below 3 x 3 pixels.
    """
    image = np.asarray(image, dtype=np.float64)
    image = image.reshape(image.shape[0], image.shape[1], -1)
    if min(known.shape) < 3:
        return np.where(known, value, 0.5)
    pyramid = [image]
    known, value = known.astype(np.float64), (known & value).astype(np.float64)
    for _ in range(_levels(known.shape) - 1):
        if min(known.shape) < 9:
            break
        pyramid.append(_downsample(pyramid[-1]))
        known, value = (np.floor(_downsample(mask) + 0.5) for mask in (known, value))
    alpha = _solve(pyramid[-1], known > 0.5, value)
    for coarse, fine in zip(pyramid[:0:-1], pyramid[-2::-1], strict=True):
        alpha = _upsample(alpha, coarse, fine)
    return alpha


def _levels(shape: tuple[int, int]) -> int:
    pixels = shape[0] * shape[1]
    return 1 + sum(pixels > side**2 for side in (256, 512, 768))


def _downsample(values: np.ndarray) -> np.ndarray:
    for axis in (0, 1):
        values = ndimage.correlate1d(values, _BINOMIAL, axis=axis, mode="constant")
    return values[2:-2:2, 2:-2:2]


def _windows(values: np.ndarray) -> np.ndarray:
    """The 3 x 3 windows of H x W x C values that lie inside: (H-2) x (W-2) x 9 x C."""
    view = np.lib.stride_tricks.sliding_window_view(values, (3, 3), axis=(0, 1))
    return np.moveaxis(view, 2, -1).reshape(view.shape[0], view.shape[1], 9, values.shape[2])


def matting_laplacian(image: np.ndarray, known: NDArray[np.bool_]) -> sparse.dia_array:
    """Matting Laplacian of H x W x C values, leaving out 3 x 3 windows that are entirely known (sparse, HW x HW)."""
    height, width, channels = image.shape
    used = ~_windows(known[..., None])[..., 0].all(axis=-1)
    pixels = _windows(np.arange(height * width).reshape(height, width, 1))[used][..., 0]
    colours = _windows(image)[used]
    mean = colours.mean(axis=1, keepdims=True)
    covariance = np.einsum("kpi,kpj->kij", colours, colours) / 9 - np.einsum("kqi,kqj->kij", mean, mean)
    inverse = np.linalg.inv(covariance + _EPSILON / 9 * np.eye(channels))
    centred = colours - mean
    affinity = (1 + centred @ inverse @ centred.transpose(0, 2, 1)) / 9
    rows = np.repeat(pixels, 9, axis=1).ravel()
    columns = np.tile(pixels, (1, 9)).ravel()
    weights = sparse.csr_array((affinity.ravel(), (rows, columns)), shape=(height * width,) * 2)
    return sparse.diags_array(weights.sum(axis=1)) - weights


def _solve(image: np.ndarray, known: NDArray[np.bool_], value: np.ndarray) -> np.ndarray:
    if not known.any():
        return np.zeros(known.shape)
    confidence = _CONFIDENCE * known.ravel().astype(np.float64)
    system = matting_laplacian(image, known) + sparse.diags_array(confidence)
    factors = splu(system.tocsc(), permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True})
    return np.clip(factors.solve(confidence * value.ravel()), 0, 1).reshape(known.shape)


def _upsample(alpha: np.ndarray, coarse: np.ndarray, fine: np.ndarray) -> np.ndarray:
    """Alpha of the fine image from local affine models alpha ~ c . I + d of the coarse one."""
    channels = coarse.shape[2]
    colours = _windows(np.concatenate([coarse, np.ones((*coarse.shape[:2], 1))], axis=2))
    target = _windows(alpha[..., None])
    ridge = np.diag([_EPSILON] * channels + [0.0])
    normal = np.einsum("yxpi,yxpj->yxij", colours, colours) + ridge
    moment = np.einsum("yxpi,yxpj->yxij", colours, target)
    model = np.pad(np.linalg.solve(normal, moment)[..., 0], ((1, 1), (1, 1), (0, 0)), mode="edge")
    for axis in (0, 1):
        model = _stretch(model, fine.shape[axis], axis)
    return np.einsum("yxc,yxc->yx", model[..., :channels], fine) + model[..., channels]


def _stretch(values: np.ndarray, length: int, axis: int) -> np.ndarray:
    """Linear interpolation to twice the samples, centred, constant beyond the ends."""
    count = values.shape[axis]
    first = (length - 2 * count + 1) // 2
    position = np.clip((np.arange(length) - first) / 2, 0, count - 1)
    below = np.minimum(position.astype(int), max(count - 2, 0))
    share = (position - below).reshape([-1 if a == axis else 1 for a in range(values.ndim)])
    above = np.minimum(below + 1, count - 1)
    return np.take(values, below, axis=axis) * (1 - share) + np.take(values, above, axis=axis) * share
