"""GACN: gradient-aware cascade network with boundary-guided refinement, and decision calibration for stacks.

- ``network``: layers (features, comparison of spatial frequencies, decision path)
- ``windows``: window sums
- ``refinement``: boundary-guided refinement of the decision map
- ``inference``: the network on images of any size, in little time and memory
- ``fusion``: pairs, and stacks by one of several strategies
- ``weights``: trained parameters
- ``loss``: dice loss and gradient loss (a differentiable Q_G)
- ``synthesis``: training pairs from an image and a mask
- ``data``: images and masks, of the catalogue or of a COCO folder
- ``recipe``: everything that determines the trained parameters
- ``training``: optimisation, checkpoints, log

Training from a shell: ``python -m methods.gacn train --help``.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from methods import Fusion, Method, Option, Reference

METHOD = Method(
    id="gacn",
    label="GACN",
    title="Gradient-aware cascade network: decision map and fused image learned end to end",
    citation=(
        "B. Ma, X. Yin, D. Wu, H. Shen, X. Ban, Y. Wang, End-to-end learning for simultaneously generating decision "
        "map and multi-focus image fusion result, Neurocomputing 470 (2022) 204-216"
    ),
    doi="10.1016/j.neucom.2021.10.115",
    year=2022,
    kind="proposed",
    cost=2.2,
    native_stack=True,
    decision_map=True,
    needs=("device",),
    options={
        "weights": Option(
            "official",
            "Trained parameters: official (the authors'), own (this program's, where released), or the path of a "
            ".safetensors file written by the training",
        ),
        "strategy": Option(
            "carried",
            "More than two images. carried: one by one, the features of every image computed once; reduced: the same "
            "with a decision path in 16 bits, nearly the same maps in less time; serial: one by one, "
            "features of the result so far computed again; calibrated: every image against the first with the published "
            "decision calibration",
            choices=("carried", "reduced", "serial", "calibrated"),
        ),
        "weighting": Option(
            "soft",
            "Pairs and all strategies but calibrated: blend by the refined decision map R, or hard: take the source that R "
            "prefers (R at least 0.5: the first)",
            choices=("soft", "hard"),
        ),
    },
    note=(
        "Values outside [0, 1] are clipped; the authors' program stretches the whole image instead. Stacks of more than two images "
        "are fused one by one with carried features (strategy=carried); the published calibration is strategy=calibrated."
    ),
)

REFERENCES = (
    Reference(
        "official",
        "gacn",
        {"weights": "official"},
        "values outside [0, 1] are clipped instead of stretching the image, and convolutions add in another order",
    ),
)


def unavailable(settings: Mapping[str, Any]) -> str:
    """Why the method cannot run with these settings ("" when it can)."""
    from methods.gacn import weights

    return weights.unavailable(settings["weights"])


def reads(settings: Mapping[str, Any]) -> tuple[Path, ...]:
    """Files that affect the result, besides this program's code and the catalogue's files (tuple of Path)."""
    from methods.gacn import weights

    path = weights.file(settings["weights"])
    return () if path is None else (path,)


def fuse(images: Sequence[np.ndarray], weights: str, strategy: str, device: str, weighting: str = "soft") -> Fusion:
    """Fuse two or more images.

    A pair is blended by the refined decision map R, whatever the strategy: its decision map is R limited to [0, 1], its
    initial map D. A stack gives an index map; with ``strategy="calibrated"`` every pixel is a copy of one source's, as it
    is with ``weighting="hard"``.
    """
    from methods.gacn import fusion
    from methods.gacn.inference import Inference
    from methods.gacn.weights import load

    inference = Inference(load(weights, device))
    hard = weighting == "hard"
    if len(images) == 2:
        return fusion.fuse_pair(inference, images, hard)
    return fusion.STRATEGIES[strategy](inference, images, hard)
