"""Weights of the learned methods, converted once from their authors' files to safetensors.

The converted file lies in the cache of fetched files and is named by the sha256 of what it was made from, so a
changed original or converter never meets an old conversion.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from files.atomic import atomic

log = logging.getLogger(__name__)

#: Part of every cached file's name; raise it when a converter gives other arrays from the same files.
FORM = 1


def arrays(keys: Sequence[str], convert: Callable[[list[Path]], Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Arrays of one or more weight files.

    Parameters
    ----------
    keys : sequence of str
        Catalogue keys, ``"collection/file name"``.
    convert : callable
        Function of a module (its name is part of the cache key): takes the list of local paths in the order of
        `keys`, returns a dict of name to `numpy.ndarray`. Called only when there is no conversion yet.

    Returns
    -------
    dict of str to numpy.ndarray

    Raises
    ------
    files.errors.Unavailable
        An original is missing.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file, save_file

    from files import fetch

    paths = [fetch.path(key) for key in keys]
    name = hashlib.sha256(
        " ".join([f"{FORM} {convert.__module__}.{convert.__qualname__}", *map(fetch.sha256, paths)]).encode()
    )
    target = fetch.cache_folder() / "converted" / f"{name.hexdigest()}.safetensors"
    if target.is_file():
        try:
            return load_file(target)
        except SafetensorError:
            target.unlink(missing_ok=True)  # damaged from outside: made anew
    converted = {name: np.ascontiguousarray(values) for name, values in convert(paths).items()}
    try:
        with atomic(target) as temporary:
            save_file(converted, temporary)
    except OSError as error:
        log.warning("converted weights are not kept: %s", error)
    return converted
