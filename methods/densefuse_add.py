"""DenseFuse, addition strategy: mean of the features (the author's PyTorch version)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from imaging.levels import from_levels, to_levels
from methods import Fusion, Method, Reference
from methods._common import densefuse
from methods._common.torch import Autoencoder, fuse_features, state_dict, weights

METHOD = Method(
    id="densefuse_add",
    label="DenseFuse (add)",
    title="Auto-encoder with a dense block, mean of the features",
    citation=densefuse.CITATION,
    doi=densefuse.DOI,
    year=2019,
    kind="learned",
    cost=1.6,
    comparison=True,
    native_stack=True,
    order_free=True,
    minimum_size=2,
    needs=("device",),
    keeps_equal_sources=False,
    files=("densefuse_add/densefuse_rgb.model", "densefuse_add/densefuse_gray.model"),
)

REFERENCES = (
    Reference(
        "official",
        "densefuse_add",
        why="the result is truncated to 8 bit, so float differences shift single grey levels by one",
    ),
)


def fuse(images: Sequence[np.ndarray], device: str) -> Fusion:
    """Fuse n images by the mean of their features; colour at once by the colour network, gray by the gray one."""
    import torch

    colour = np.ndim(images[0]) == 3
    parameters = weights((METHOD.files[0 if colour else 1],), convert, device)
    network = Autoencoder(
        lambda values: densefuse.encode(values, parameters, newest_first=False),
        torch.add,
        lambda features: densefuse.decode(features / len(images), parameters),
        densefuse.RADII,
    )
    fused = fuse_features(network, images, to_levels, device)
    # The authors' program truncates to 8 bit instead of rounding; clipping at 0 is the ReLU of its last layer.
    return Fusion(from_levels(np.floor(np.clip(fused, 0, 255))))


def convert(paths: Sequence[Path]) -> dict[str, np.ndarray]:
    """Arrays of the PyTorch state dict."""
    names = {"encoder.0": "conv1"}
    names |= {f"encoder.{k + 1}": f"DB1.denseblock.{k}.dense_conv" for k in range(3)}
    names |= {f"decoder.{k}": f"conv{k + 2}" for k in range(4)}
    layers = [(new, f"{old}.conv2d.weight", f"{old}.conv2d.bias") for new, old in names.items()]
    return densefuse.renamed(state_dict(paths), layers)
