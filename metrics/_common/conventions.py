"""What one image scores under the conventions in use: how colour becomes gray, whether gray is rounded, whose definition.

A value in one paper often differs from another program's only by these. The command ``python -m metrics conventions``
prints them, and so does a page of the report.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import metrics
from files.errors import Undefined
from imaging.levels import gray_real, round_levels, to_levels
from metrics import Fused, Sources

#: Gray of levels 0..255, H x W x 3 -> H x W, before any rounding.
Rule = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class Convention:
    """A way from colour to the gray that metrics compare.

    Parameters
    ----------
    id : str
    name : str
        The rule, and whose it is.
    formula : str
        The rule by R, G and B.
    rule : callable
    rounded : bool
        Whether gray is rounded to 8 bits (half up).
    """

    id: str
    name: str
    formula: str
    rule: Rule
    rounded: bool

    @property
    def label(self) -> str:
        """All of it on one line."""
        return f"{self.name}: {self.formula}; {'rounded to 8 bits' if self.rounded else 'not rounded'}"

    def gray(self, image: NDArray[Any]) -> NDArray[np.float64]:
        """Gray of an image in [0, 1], levels 0..255 (float64, H x W); a gray image keeps its levels."""
        levels = to_levels(image)
        gray = levels if levels.ndim == 2 else self.rule(levels)
        return round_levels(gray).astype(np.float64) if self.rounded else gray


def _weighted(red: float, green: float, blue: float, offset: float = 0.0) -> Rule:
    return lambda levels: levels @ np.array([red, green, blue]) + offset


_RULES: Mapping[str, tuple[str, str, Rule]] = {
    "rec601": ("Rec. 601, MATLAB's rgb2gray", "0.2989 R + 0.5870 G + 0.1140 B", gray_real),
    "opencv": (
        "Rec. 601, OpenCV and Pillow",
        "0.299 R + 0.587 G + 0.114 B",
        _weighted(0.299, 0.587, 0.114),
    ),
    "rec709": (
        "Rec. 709, scikit-image's rgb2gray",
        "0.2125 R + 0.7154 G + 0.0721 B",
        _weighted(0.2125, 0.7154, 0.0721),
    ),
    "ycbcr": (
        "Y of MATLAB's rgb2ycbcr",
        "16 + (65.481 R + 128.553 G + 24.966 B) / 255",
        _weighted(65.481 / 255, 128.553 / 255, 24.966 / 255, 16.0),
    ),
    "mean": ("mean of R, G and B", "(R + G + B) / 3", _weighted(1 / 3, 1 / 3, 1 / 3)),
}

#: Every rule, rounded and not; the first is the benchmark's.
CONVENTIONS = tuple(
    Convention(f"{key}_{'8bit' if rounded else 'float'}", name, formula, rule, rounded)
    for key, (name, formula, rule) in _RULES.items()
    for rounded in (True, False)
)
BENCHMARK = CONVENTIONS[0]


@dataclass(frozen=True)
class Value:
    """What an image scores under one convention and by one definition.

    Parameters
    ----------
    metric : str
        Metric id.
    convention : str
        Id of the convention.
    variant : str
        Name of the variant; empty for the benchmark's definition.
    value : float or None
        None where there is none.
    reason : str
        Why there is none.
    """

    metric: str
    convention: str
    variant: str
    value: float | None
    reason: str = ""


def default_metrics() -> list[str]:
    """The six, and what other programs define otherwise."""
    others = [name.id for name in metrics.registry.all() if metrics.variants(name.id) and name.id not in metrics.SIX]
    return [*metrics.SIX, *others]


def values(images: Sequence[NDArray[Any]], fused: NDArray[Any], ids: Sequence[str]) -> list[Value]:
    """Values of the metrics under every convention, then of their variants under the benchmark's.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        n >= 2 sources, floating point, H x W or H x W x 3, [0, 1]. Of gray images only the benchmark's convention is
        taken: all rules leave them as they are.
    fused : numpy.ndarray
        Fused image, same form.
    ids : sequence of str
        Metric ids.

    Raises
    ------
    files.errors.InputError
        As `metrics.Sources`, `metrics.Fused` and `metrics.evaluate`.
    """
    sources, candidate = Sources(images), Fused(fused)
    found = []
    for convention in CONVENTIONS if candidate.levels.ndim == 3 else (BENCHMARK,):
        if convention is not BENCHMARK:
            sources, candidate = Sources(images), Fused(fused)
            sources.gray = [convention.gray(image) for image in images]
            candidate.gray = convention.gray(fused)
        found += [_value(name, "", convention, sources, candidate) for name in ids]
    sources, candidate = Sources(images), Fused(fused)
    found += [_value(name, other, BENCHMARK, sources, candidate) for name in ids for other in metrics.variants(name)]
    return found


def _value(name: str, variant: str, convention: Convention, sources: Sources, fused: Fused) -> Value:
    try:
        return Value(name, convention.id, variant, metrics.evaluate(name, sources, fused, variant))
    except Undefined as reason:
        return Value(name, convention.id, variant, None, str(reason))
