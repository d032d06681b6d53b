"""MFF-GAN: generator of an adversarially trained network with adaptive and gradient constraints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from methods import Fusion, Method, Option, Reference
from methods._common import two_stream, writer
from methods._common.torch import run, weights

if TYPE_CHECKING:
    from torch import Tensor

#: Training set of the weights, and their folder in the authors' repository.
_MODELS = {"lytro": "Lytro_model", "mfi_whu": "MFI-WHU_model"}


def _files(model: str) -> tuple[str, str]:
    folder = _MODELS[model]
    return (f"mffgan/{folder}/CGAN.model-19.index", f"mffgan/{folder}/CGAN.model-19.data-00000-of-00001")


METHOD = Method(
    id="mffgan",
    label="MFF-GAN",
    title="Unsupervised generative adversarial network",
    citation=(
        "H. Zhang, Z. Le, Z. Shao, H. Xu, J. Ma, MFF-GAN: an unsupervised generative adversarial network with adaptive "
        "and gradient joint constraints for multi-focus image fusion, Information Fusion 66 (2021) 40-53"
    ),
    doi="10.1016/j.inffus.2020.08.022",
    year=2021,
    kind="learned",
    cost=0.7,
    comparison=True,
    needs=("device",),
    keeps_equal_sources=False,
    files=_files("lytro") + _files("mfi_whu"),
    options={
        "model": Option("lytro", "Data set the weights were trained on.", tuple(_MODELS)),
        "stretch": writer.OPTION,
    },
    presets={"upstream_writer": writer.PRESET},
    note=writer.NOTE,
)

REFERENCES = (
    Reference("official", "mffgan", why="float differences of 1e-4 levels flip the rounding of single grey levels"),
)


def fuse(images: Sequence[np.ndarray], model: str, stretch: bool, device: str) -> Fusion:
    """Fuse a pair; the first image takes the place of the authors' "near" image."""
    parameters = weights(_files(model), two_stream.convert, device)

    def network(near: Tensor, far: Tensor) -> Tensor:
        return two_stream.exchanging(near, far, parameters, ("", "_far"))

    return two_stream.fuse(images, lambda pair: run(network, pair, two_stream.HALO, device), stretch)


def unavailable(settings: Mapping[str, Any]) -> str:
    """Why the method cannot run with these settings now: only the files of the chosen model count."""
    from files import fetch

    return fetch.missing(_files(settings["model"]))
