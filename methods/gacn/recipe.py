"""Recipes: everything that determines the trained parameters, as values that can be checked without torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from files import catalogue
from files.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from methods.gacn.network import Architecture

BLURS = ("gaussian", "layered")
SCHEDULES = ("step", "cosine")
#: Where training starts: at random parameters, or at those that the program's commit and its catalogue pin.
STARTS = ("", "own", "official")
#: As in `methods.gacn.network`, here without torch.
SLOPE = 1000.0
ACTIVITIES = ("spatial_frequency", "mean", "maximum")


class Interval(NamedTuple):
    """Values that a number may have."""

    low: float
    high: float
    with_low: bool = True
    with_high: bool = True

    def holds(self, value: float) -> bool:
        """Whether a value is inside."""
        above = value >= self.low if self.with_low else value > self.low
        return above and (value <= self.high if self.with_high else value < self.high)

    def __str__(self) -> str:
        low = f"of at least {self.low:.12g}" if self.with_low else f"above {self.low:.12g}"
        return f"{low} and {'at most' if self.with_high else 'below'} {self.high:.12g}"


_SHARE = Interval(0, 1)
_SLOPE = Interval(0, 1e6, with_low=False)
_COUNT = Interval(1, 100_000)

#: Range of every number of a recipe.
RANGES = {
    "smallest_share": _SHARE,
    "largest_share": _SHARE,
    "masks_per_image": Interval(1, 1000),
    "held_out": Interval(0, 1, with_high=False),
    "size": Interval(0, 8192),
    # Batch normalisation needs more than one pixel.
    "crop": Interval(2, 4096),
    "margin": Interval(0, 1024),
    "smallest_radius": Interval(1, 100),
    "largest_radius": Interval(1, 100),
    "mirrored_share": _SHARE,
    "gaussian_share": _SHARE,
    "published_share": _SHARE,
    "neighbour_share": _SHARE,
    "offset_probability": _SHARE,
    "largest_offset": Interval(0, 100),
    "noise": Interval(0, 100),
    "gradient_weight": Interval(0, 1e6),
    "comparison_slope": _SLOPE,
    "decision_slope": _SLOPE,
    "last_decision_slope": _SLOPE,
    "slope_share": _SHARE,
    "finishing_share": _SHARE,
    "finishing_noise": _SHARE,
    "epochs": _COUNT,
    "passes": Interval(1, 10_000),
    "batch": Interval(1, 4096),
    "learning_rate": Interval(0, 10, with_low=False),
    "decay": Interval(0, 1, with_low=False),
    "decay_every": _COUNT,
    # Generators of epochs are seeded by multiples of it, in 64 bits.
    "seed": Interval(0, 2**32 - 1),
}
_CHOICES = {"blur": BLURS, "schedule": SCHEDULES, "activity": ACTIVITIES, "start": STARTS}
_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "text", tuple: "a list of names"}


def _check(name: str, kind: type, value: Any) -> None:
    """Refuse a value of another type, or a number outside its range."""
    accepted = (int, float) if kind is float else kind
    fits = isinstance(value, accepted) and (kind is bool or not isinstance(value, bool))
    if fits and name in RANGES:
        fits = RANGES[name].holds(value)
    if not fits:
        words = f"{_WORDS[kind]} {RANGES[name]}" if name in RANGES else _WORDS[kind]
        raise InputError(f"{name}={value!r}: {words} is needed")


def _check_collections(collections: tuple[Any, ...]) -> None:
    """Refuse collections without training images."""
    known = [name for name in catalogue.collections() if any(row.role == "image" for row in catalogue.rows(name))]
    if not collections:
        raise InputError(f"collections is empty: name some of {', '.join(known)}")
    for name in collections:
        if name not in known:
            raise InputError(f"collections: '{name}' has no training images; {did_you_mean(name, known)}")
    if len(set(collections)) < len(collections):
        raise InputError(f"collections: {', '.join(collections)}: a collection is named twice; name each once")


@dataclass(frozen=True)
class Recipe:
    """Everything that determines the trained parameters. The defaults are the published recipe.

    Parameters
    ----------
    collections : tuple of str
        Collections of the catalogue that images and masks are taken from.
    coco_images, coco_annotations : str
        Instead of `collections`: folder of COCO images and file of instance annotations.
    smallest_share, largest_share : float
        Allowed share of the image's area for an object.
    masks_per_image : int
        Objects kept of one image, the largest first; an epoch shows each image once with one of them.
    held_out : float
        Share of the images that validate and are never trained on.
    size : int
        Side to which images are resized (aspect ratio not kept); 0 keeps them as they are.
    crop : int
        Side of the random crop for training.
    margin : int
        Width of a border around the crop that is synthesised with it and cut away: blur and shift then bring in what lies
        outside the crop, as in a photograph, instead of zeros, from which a network learns to distrust the frame. With
        `size`, the crop and its borders must fit into it.
    rotate : bool
        Rotate by random multiples of 30 degrees, filling with 0.
    blur : {"gaussian", "layered"}
        "gaussian": the published synthesis. "layered": discs of defocus and object composited over background.
    smallest_radius, largest_radius : int
        Blur radius in pixels; "gaussian": truncation radius of a Gaussian of sigma 2, "layered": of the disc.
    mirrored_share : float
        "layered": share of the batches in which the object is behind (its mask is turned inside out).
    gaussian_share : float
        "layered": share of the batches whose point spread is a Gaussian of the disc's width.
    published_share : float
        "layered": share of the batches that are made by the published synthesis instead, with the radius rounded.
    neighbour_share : float
        "layered": share of the other batches whose two images are neighbours in a stack: both are defocused, object and
        background each by a radius in one image and by a random share of it in the other.
    offset_probability : float
        Probability that one image of a pair is shifted.
    largest_offset : int
        Its bound in pixels.
    noise : float
        Bound of the standard deviation of the noise common to both images, before its weight 0.05.
    quantise : bool
        Round the finished pair to 256 levels.
    gradient_weight : float
        Weight lambda of the gradient loss beside the dice loss; 0 leaves it out.
    comparison_slope, decision_slope : float
        Slopes of the sigmoids of the comparison and of the decision in the first epoch. At the network's 1000 a pixel
        decided wrongly but firmly gives no gradient. They grow geometrically, the comparison's to 1000.
    last_decision_slope : float
        What the decision's slope grows to in training; a trained network always decides with 1000.
    slope_share : float
        Share of the epochs over which they grow.
    finishing_share : float
        Share of the epochs, the last ones, that make the network fit for use. Batch normalisation keeps its statistics,
        measured afresh in one pass before them: until then every batch is normalised by its own, which differ with how
        much of it is in focus, and a network in use has the fixed ones only. Pairs of the published synthesis keep the
        frame that its blur darkens and a margin cuts away before: an untaught network takes it for detail.
    finishing_noise : float
        Bound of the standard deviation of the noise that each image of a pair has by itself in these epochs, as two
        photographs have: without it a network learns to read differences that are smaller.
    start : {"", "own", "official"}
        Parameters that training starts from: random ones, the released ones, the authors'.
    epochs : int
    passes : int
        Passes over the images in one epoch, each with new random choices.
    batch : int
        Pairs in a batch.
    learning_rate : float
        Of Adam, at the start.
    schedule : {"step", "cosine"}
        "step": times `decay` every `decay_every` epochs. "cosine": falls to 1 % over all epochs.
    decay : float
    decay_every : int
    seed : int
    channel_attention, spatial_attention, refinement : bool
    activity : str
        See `methods.gacn.network.Architecture`.
    """

    collections: tuple[str, ...] = ("coco_train2017", "coco_val2017", "bsds500_train")
    coco_images: str = ""
    coco_annotations: str = ""
    smallest_share: float = 0.05
    largest_share: float = 0.7
    masks_per_image: int = 4
    held_out: float = 0.1
    size: int = 256
    crop: int = 156
    margin: int = 0
    rotate: bool = True
    blur: str = "gaussian"
    smallest_radius: int = 1
    largest_radius: int = 7
    mirrored_share: float = 0.0
    gaussian_share: float = 0.0
    published_share: float = 0.0
    neighbour_share: float = 0.0
    offset_probability: float = 0.5
    largest_offset: int = 2
    noise: float = 0.1
    quantise: bool = False
    gradient_weight: float = 1.0
    comparison_slope: float = SLOPE
    decision_slope: float = SLOPE
    last_decision_slope: float = SLOPE
    slope_share: float = 0.5
    finishing_share: float = 0.0
    finishing_noise: float = 0.0
    start: str = ""
    epochs: int = 50
    passes: int = 1
    batch: int = 16
    learning_rate: float = 1e-4
    schedule: str = "step"
    decay: float = 0.8
    decay_every: int = 2
    seed: int = 1
    channel_attention: bool = True
    spatial_attention: bool = True
    activity: str = "spatial_frequency"
    refinement: bool = True

    def __post_init__(self) -> None:
        for name, kind in _kinds().items():
            _check(name, kind, getattr(self, name))
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise InputError(f"{name}={getattr(self, name)!r}: choose one of {', '.join(choices)}")
        if bool(self.coco_images) != bool(self.coco_annotations):
            raise InputError("coco_images and coco_annotations belong together: give both or neither")
        if not self.coco_images:
            _check_collections(self.collections)
        for least, most in (("smallest_share", "largest_share"), ("smallest_radius", "largest_radius")):
            if getattr(self, least) > getattr(self, most):
                raise InputError(
                    f"{least}={getattr(self, least)} is larger than {most}={getattr(self, most)}: exchange them"
                )
        side = self.crop + 2 * self.margin
        if self.size and side > self.size:
            raise InputError(
                f"crop={self.crop} with margin={self.margin} on both sides is larger than size={self.size}: "
                "choose a smaller crop or margin, or a larger size"
            )
        # The published shift leaves out one more row and column.
        if side <= self.largest_offset + 1:
            raise InputError(
                f"largest_offset={self.largest_offset} shifts an image of {side} pixels (crop and margins) out of view: "
                f"at most {side - 2} is possible"
            )

    def architecture(self) -> Architecture:
        """The network's design choices."""
        from methods.gacn.network import Architecture

        return Architecture(self.channel_attention, self.spatial_attention, self.activity, self.refinement)

    def record(self) -> dict[str, Any]:
        """The values as JSON holds them: what ``recipe.json`` and weight files say of a training."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    def rate(self, epoch: int) -> float:
        """Learning rate of an epoch (from 0)."""
        if self.schedule == "cosine":
            return self.learning_rate * (0.01 + 0.99 * (1 + math.cos(math.pi * epoch / self.epochs)) / 2)
        return self.learning_rate * self.decay ** (epoch // self.decay_every)

    def first_finishing(self) -> int:
        """First of the finishing epochs (from 0)."""
        return self.epochs - round(self.finishing_share * self.epochs)

    def slopes(self, epoch: int) -> tuple[float, float]:
        """Slopes of the comparison and of the decision in an epoch (from 0)."""
        grown = min(epoch / max(self.slope_share * self.epochs, 1), 1)
        pairs = ((self.comparison_slope, SLOPE), (self.decision_slope, self.last_decision_slope))
        comparison, decision = (last * (first / last) ** (1 - grown) for first, last in pairs)
        return comparison, decision


def _kinds() -> dict[str, type]:
    """Type of every value by name."""
    return {field.name: type(field.default) for field in fields(Recipe)}


_LAYERED = Recipe(
    size=0,
    crop=128,
    margin=12,
    rotate=False,
    blur="layered",
    largest_radius=8,
    mirrored_share=0.5,
    gaussian_share=0.5,
    published_share=0.25,
    largest_offset=1,
    offset_probability=0.25,
    comparison_slope=20.0,
    decision_slope=5.0,
    slope_share=0.6,
    passes=4,
    epochs=60,
    learning_rate=1e-3,
    schedule="cosine",
)

_RELEASED = replace(
    _LAYERED,
    published_share=0.4,
    last_decision_slope=10.0,
    finishing_share=0.4,
    finishing_noise=0.01,
    epochs=72,
    passes=2,
    batch=4,
)

#: Named recipes: the authors', with defocus composited in layers, the one of the released parameters, and one that teaches
#: these neighbours in a stack: its epochs are finishing ones (no parameters of it are released).
RECIPES = {
    "published": Recipe(),
    "layered": _LAYERED,
    "released": _RELEASED,
    "stacks": replace(
        _RELEASED,
        neighbour_share=0.5,
        start="own",
        comparison_slope=SLOPE,
        decision_slope=_RELEASED.last_decision_slope,
        finishing_share=1.0,
        epochs=12,
        learning_rate=3e-4,
    ),
}


def recipe_from(name: str, changes: Mapping[str, Any]) -> Recipe:
    """A named recipe with some values changed.

    Parameters
    ----------
    name : str
        Key of `RECIPES`.
    changes : mapping
        Values by name; text, as from a command line, is converted to the type of the value.

    Raises
    ------
    files.errors.InputError
        Unknown recipe or value, or a value of the wrong type or outside its range.
    """
    if name not in RECIPES:
        raise InputError(f"unknown recipe '{name}'; {did_you_mean(name, RECIPES)}")
    values, kinds = asdict(RECIPES[name]), _kinds()
    for key, value in changes.items():
        if key not in kinds:
            raise InputError(f"a recipe has no value '{key}'; {did_you_mean(key, kinds)}")
        values[key] = _converted(kinds[key], value)
    return Recipe(**values)


def _converted(kind: type, value: Any) -> Any:
    """The value in its type where it says the same there; what does not is left as it is, for `_check` to refuse."""
    if isinstance(value, str):
        text = value.strip()
        if kind is tuple:
            return tuple(part.strip() for part in text.split(","))
        if kind is bool:
            return {"true": True, "false": False}.get(text.lower(), value)
        try:
            return kind(text)
        except (ValueError, OverflowError):
            return value
    if kind is tuple and isinstance(value, list):
        return tuple(value)
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind is float and type(value) is int and abs(value) < 2**53:
        return float(value)
    return value
