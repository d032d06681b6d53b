"""Trained parameters: where they are and how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from files.errors import InputError, Unavailable

if TYPE_CHECKING:
    from torch import Tensor

    from methods.gacn.network import GACN, Architecture

OFFICIAL = "gacn/GACN.pkl"
#: Released files of this program: parameters, their model card, and the records of the run that made them.
RELEASED = Path(__file__).parent / "released"
OWN = RELEASED / "gacn.safetensors"

_TRAIN = "train some (snakemake --cores N train) and name the file: weights=FILE.safetensors"


def unavailable(weights: str) -> str:
    """What is missing for a choice of weights ("" when nothing is).

    Parameters
    ----------
    weights : str
        ``"own"``, ``"official"``, or the path of a ``.safetensors`` file written by the training.
    """
    if weights == "official":
        from files import fetch

        return fetch.missing((OFFICIAL,))
    if weights == "own":
        return "" if OWN.is_file() else f"no own weights are released yet ({OWN.name} is missing); {_TRAIN}"
    return "" if Path(weights).is_file() else f"{weights}: no such weight file; {_TRAIN}"


def file(weights: str) -> Path | None:
    """The file of parameters that a choice of weights names, or None for the authors', which the catalogue pins."""
    return None if weights == "official" else _named(weights)


def _named(weights: str) -> Path:
    return OWN if weights == "own" else Path(weights)


@lru_cache(maxsize=4)
def load(weights: str, device: str = "cpu") -> GACN:
    """The network with trained parameters, in evaluation mode.

    Parameters
    ----------
    weights : str
        See `unavailable`.
    device : {"cpu", "cuda"}

    Returns
    -------
    methods.gacn.network.GACN

    Raises
    ------
    files.errors.Unavailable
        The file is missing, or there is no CUDA device.
    files.errors.InputError
        The file does not hold parameters of this network.
    """
    import torch

    from methods._common.torch import check_device
    from methods.gacn.network import GACN

    check_device(device)
    if weights == "official":
        from files import fetch

        path = fetch.path(OFFICIAL)
        state = from_published(torch.load(path, weights_only=True, map_location="cpu"))
        network = GACN()
    else:
        path = _named(weights)
        if not path.is_file():
            raise Unavailable(unavailable(weights))
        state, architecture = read(path)
        network = GACN(architecture)
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        raise InputError(f"{path}: not parameters of this network ({str(error).splitlines()[-1].strip()})") from None
    # Convolutions of this order in memory are several times faster on a CPU.
    return network.eval().requires_grad_(False).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]


def from_published(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Parameters under this program's names from the state dict that the authors published."""
    ours = {}
    for name, values in state.items():
        ours[_our_name(name)] = values
    return ours


def _our_name(name: str) -> str:
    """``feature_extraction_conv0.feature_extraction_conv0_Conv2d.weight`` -> ``features.0.conv.weight``, and so on."""
    first, middle, *rest = name.split(".")
    if first.startswith("se_"):
        number = int(first.removeprefix("se_"))
        if number >= 4:
            return f"spatial_attention.{number - 4}.weight"
        return f"channel_attention.{number}.{'squeeze' if rest[0] == '0' else 'excite'}.weight"
    number = int(first[-1])
    path, number = ("features", number) if first.startswith("feature") else ("decision", number - 1)
    return f"{path}.{number}.{'conv' if middle.endswith('Conv2d') else 'norm'}.{rest[0]}"


def read(path: str | PathLike[str]) -> tuple[dict[str, Tensor], Architecture]:
    """Parameters and architecture (`methods.gacn.network.Architecture`) from a ``.safetensors`` file of this program."""
    import json

    from safetensors import SafetensorError, safe_open

    from methods.gacn.network import Architecture

    try:
        with safe_open(path, framework="pt") as file:
            architecture = json.loads((file.metadata() or {}).get("architecture", "{}"))
            return {name: file.get_tensor(name) for name in file.keys()}, Architecture(**architecture)  # noqa: SIM118
    except (SafetensorError, ValueError, TypeError) as error:
        raise InputError(f"{path}: not a weight file of this program ({error})") from None


def write(path: str | PathLike[str], network: GACN, **metadata: str) -> None:
    """Write parameters and architecture as ``.safetensors``, atomically; `metadata` are strings kept in the header."""
    import json
    from dataclasses import asdict

    state = {name: values.detach().cpu().contiguous() for name, values in network.state_dict().items()}
    _write(path, state, {"architecture": json.dumps(asdict(network.architecture)), **metadata})


def copy(source: str | PathLike[str], path: str | PathLike[str]) -> None:
    """Write the parameters and metadata of a ``.safetensors`` file to another, atomically."""
    from safetensors import safe_open

    with safe_open(source, framework="pt") as file:
        _write(path, {name: file.get_tensor(name) for name in file.keys()}, file.metadata())  # noqa: SIM118


def _write(path: str | PathLike[str], state: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Equal content, equal bytes: the library orders the metadata at random, so they are sorted here."""
    import json

    from safetensors.torch import save

    from files.atomic import atomic

    content = save(state, metadata)
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with atomic(path) as temporary:
        temporary.write_bytes(len(text).to_bytes(8, "little") + text + content[start:])
