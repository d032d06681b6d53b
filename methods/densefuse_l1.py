"""DenseFuse, l1-norm strategy (the author's TensorFlow version)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from imaging.levels import from_levels, to_levels
from methods import Fusion, Method, Option, Reference
from methods._common import densefuse, writer
from methods._common.torch import Autoencoder, fuse_features, kernel_first, weights

if TYPE_CHECKING:
    from torch import Tensor

METHOD = Method(
    id="densefuse_l1",
    label="DenseFuse (l1)",
    title="Auto-encoder with a dense block, features weighted by their l1 norm",
    citation=densefuse.CITATION,
    doi=densefuse.DOI,
    year=2019,
    kind="learned",
    cost=5.8,
    native_stack=True,
    order_free=True,
    minimum_size=2,
    needs=("device",),
    keeps_equal_sources=False,
    files=("densefuse_l1/densefuse_gray.zip",),
    options={
        "strategy": Option("l1", "Fusion strategy: features weighted by their l1 norm, or their mean.", ("l1", "add")),
        "stretch": writer.OPTION,
    },
    presets={"upstream_writer": writer.PRESET, "tf_add": {"strategy": "add"}},
    note=writer.NOTE,
)

_FLOAT = "float differences of 1e-4 levels flip the rounding of single grey levels"

REFERENCES = (
    Reference("official", "densefuse_tf_l1", why=_FLOAT),
    Reference("official", "densefuse_tf_add", {"preset": "tf_add"}, why=_FLOAT),
)

#: Checkpoint inside the archive: the model trained with weight 1000 of structural similarity.
_CHECKPOINT = "densefuse_gray/densefuse_model_bs2_epoch4_all_weight_1e3.ckpt"


def fuse(images: Sequence[np.ndarray], strategy: str, stretch: bool, device: str) -> Fusion:
    """Fuse n images; colour channels one by one.

    The activity of a pixel is the sum of its features' magnitudes, as in the authors' program (the paper averages
    it over a window). With ``strategy="add"`` the authors' sum of features, which doubles the brightness, is divided
    by the number of images.
    """
    import torch

    parameters = weights(METHOD.files, convert, device)

    def encode(values: Tensor) -> Tensor:
        # Channels take the place of samples.
        features = densefuse.encode(values.transpose(0, 1), parameters, newest_first=True)
        if strategy == "add":
            return features.flatten(0, 1)[None]
        activity = features.abs().sum(dim=1, keepdim=True)
        return torch.cat([features * activity, activity], dim=1).flatten(0, 1)[None]

    def decode(joined: Tensor) -> Tensor:
        joined = joined[0].unflatten(0, (1 if gray else 3, -1))
        if strategy == "add":
            return densefuse.decode(joined, parameters).transpose(0, 1) / len(images)
        # Without any activity all features are 0 and stay so.
        total = joined[:, -1:]
        return densefuse.decode(joined[:, :-1] / torch.where(total > 0, total, 1), parameters).transpose(0, 1)

    gray = np.ndim(images[0]) == 2
    fused = fuse_features(Autoencoder(encode, torch.add, decode, densefuse.RADII), images, to_levels, device)
    return Fusion(from_levels(writer.stretched(fused) if stretch else fused))


def convert(paths: Sequence[Path]) -> dict[str, np.ndarray]:
    """Arrays of the checkpoint inside the archive."""
    from methods._common.tf_checkpoint import read_bundle

    with zipfile.ZipFile(io.BytesIO(paths[0].read_bytes())) as archive:
        index, data = (archive.read(_CHECKPOINT + ending) for ending in (".index", ".data-00000-of-00001"))
    names = {"encoder.0": "encoder/conv1_1"}
    names |= {f"encoder.{k}": f"encoder/dense_block_conv{k}" for k in (1, 2, 3)}
    names |= {f"decoder.{k}": f"decoder/conv2_{k + 1}" for k in range(4)}
    layers = [(new, f"{old}/kernel", f"{old}/bias") for new, old in names.items()]
    variables = read_bundle(index, data, [name for _, *olds in layers for name in olds])
    return densefuse.renamed(kernel_first(variables), layers)
