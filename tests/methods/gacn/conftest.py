"""Fixtures of the tests of GACN."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def official(mirror):
    """The network with the authors' weights, evaluation mode."""
    from methods.gacn import weights

    return weights.load("official")


@pytest.fixture(scope="session")
def crop(reference):
    """Every intermediate of the authors' program for a 48 x 48 pair, as 1 x C x H x W tensors."""
    import torch

    with np.load(reference / "official/gacn/lytro_01_crop_intermediates.npz") as arrays:
        return {
            name: torch.from_numpy(values.reshape(1, -1, *values.shape[-2:]))
            for name, values in arrays.items()
            if values.ndim > 1
        }


@pytest.fixture(scope="session")
def batch(reference):
    """The authors' loss and synthesis of one batch; arrays as tensors."""
    import torch

    with np.load(reference / "official/gacn/galoss_batch.npz") as arrays:
        return {
            name: torch.from_numpy(values) if values.dtype == np.float32 else values for name, values in arrays.items()
        }
