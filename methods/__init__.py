"""Fusion methods: one plug-in module each.

A method is a module in this folder that declares ``METHOD = Method(...)`` and a function
``fuse(images, **options)``. That is the whole registration; modules with a leading underscore hold
machinery that several methods share. A method of which only images are public is a file ``NAME.toml`` without code
(`methods._common.published`).

::

    import methods
    fusion = methods.fuse("lp", [first, second])
    fusion.image                                   # float32, H x W or H x W x 3, in [0, 1]

The function ``fuse`` of a plug-in receives

* ``images``: a sequence of n >= 2 images (float32, H x W or H x W x 3, [0, 1], all of one shape, already
  checked). Pair methods (``native_stack=False``) always get exactly two; `methods.fuse` lifts them to n > 2 by
  the shared one-by-one fold. A native method may get a *lazy* sequence: every access reads the file anew, so it
  should take one image at a time and keep what it needs.
* the declared options as keyword arguments,
* and, by name, what ``METHOD.needs`` asks for: ``device`` (``"cpu"`` or ``"cuda"``), ``truth`` (`Truth`),
  ``scene`` (the scene's name, str).

It returns a `Fusion`, never changes its inputs, and raises `files.errors.Unavailable` when something it
needs is missing. torch and weight files are imported and read inside functions, never at module level.
"""

import inspect
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError, ResultError, Unavailable, did_you_mean
from files.plugins import Registry
from imaging import checks
from imaging.levels import from_levels, to_levels
from imaging.truth import Truth

#: A published or external result counts like every other, but its method is not re-run here.
KINDS = ("control", "transform", "sparse", "spatial", "learned", "published", "external", "proposed")
DEVICES = ("cpu", "cuda")

#: Values of a result that leave [0, 1] by no more than this are limited to it; more is an error of the method.
ROUNDING = 1e-6

registry: "Registry[Method]" = Registry("methods", "METHOD", computes=("fuse", "fold"))


@dataclass(frozen=True)
class Option:
    """One parameter of a method, settable from the configuration and the command line.

    Parameters
    ----------
    default : bool, int, float or str
        Its type is the option's type.
    help : str
        One sentence, with the paper's symbol where there is one.
    choices : tuple, optional
        The allowed values.
    minimum, maximum : float, optional
        Inclusive bounds of a number.
    """

    default: bool | int | float | str
    help: str
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    def parse(self, name: str, value: Any) -> Any:
        """The value in the option's type.

        Parameters
        ----------
        name : str
            Names the option in a message.
        value : object
            A value of that type, or text as on the command line.

        Raises
        ------
        files.errors.InputError
            Another type, NaN or an infinity, not among the choices, or out of range; says what would be right.

        Examples
        --------
        >>> Option(5, "Radius in pixels.", minimum=1).parse("radius", "7")
        7
        >>> Option(0.3, "Regularisation.", minimum=0.0).parse("epsilon", "nan")
        Traceback (most recent call last):
            ...
        files.errors.InputError: option epsilon='nan': a finite number is needed, such as 0.3
        """
        kind = type(self.default)
        try:
            parsed = _PARSERS[kind](value)
        except (ValueError, KeyError, TypeError, OverflowError):
            raise InputError(
                f"option {name}={value!r}: a value of type {kind.__name__} is needed, such as {self.default!r}"
            ) from None
        if kind is float and not math.isfinite(parsed):
            raise InputError(f"option {name}={value!r}: a finite number is needed, such as {self.default!r}")
        if self.choices and parsed not in self.choices:
            raise InputError(f"option {name}={value!r}: choose one of {', '.join(map(str, self.choices))}")
        if self.minimum is not None and parsed < self.minimum:
            raise InputError(f"option {name}={value!r}: at least {self.minimum} is needed")
        if self.maximum is not None and parsed > self.maximum:
            raise InputError(f"option {name}={value!r}: at most {self.maximum} is allowed")
        return parsed


_WORDS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def _truth_value(value: Any) -> bool:
    return _WORDS[str(value).lower()]


def _real(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError
    return float(value)


def _integer(value: Any) -> int:
    # "1e3" and 7.0 are integers, 7.5 is not.
    if not isinstance(value, str) or not value.strip().lstrip("+-").isdecimal():
        number = _real(value)
        if number != int(number):
            raise ValueError
        value = value if isinstance(value, int) else number
    return int(value)


def _text(value: Any) -> str:
    # YAML turns an unquoted 2024 into a number; a list or an empty value is a mistake.
    if isinstance(value, bool) or not isinstance(value, str | int | float | os.PathLike):
        raise TypeError
    return str(value)


_PARSERS: Mapping[type, Callable[[Any], Any]] = {bool: _truth_value, int: _integer, float: _real, str: _text}


@dataclass(frozen=True)
class Method:
    """Declaration of a fusion method.

    Parameters
    ----------
    id : str
        The module's name.
    label : str
        Name for people, as in tables ("GFF").
    title : str
        One line: what it is.
    citation : str
        Authors, title, journal, year.
    kind : {"control", "transform", "sparse", "spatial", "learned", "published", "external", "proposed"}
        Family; "published" are images by the authors (`methods._common.published`), "external" images of a user.
    cost : float
        Seconds per megapixel of one pair, on two cores of an ordinary CPU (forecast only).
    year : int, optional
        Of the publication or program that `citation` names first; None for controls.
    doi : str, optional
    comparison : bool
        Member of the comparison set of the GACN paper.
    native_stack : bool
        ``fuse`` takes any number n >= 2 of images; otherwise it gets pairs and is folded.
    order_free : bool
        The image does not depend on the order in which the sources come, up to ties between them. Methods for pairs are folded one by one for
        more than two, and what comes first then passes through more steps, so False is the default.
    decision_map : bool
        The result carries a decision map (pairs) or index map (stacks).
    needs : tuple of {"device", "truth", "scene"}
        What ``fuse`` needs besides images and options; ``device`` also says that it can use CUDA.
    files : tuple of str
        Catalogue files it needs, ``"collection/file name"`` (see `files.fetch`).
    options : Mapping[str, Option]
        Its parameters.
    presets : Mapping[str, Mapping[str, Any]]
        Named settings of options (``preset=toolbox``), such as another program's.
    minimum_size : int
        Smallest side length in pixels it accepts.
    keeps_equal_sources : bool
        Sources that are all equal come back unchanged, within one grey level. Not so for networks that rebuild
        the image from features, for instance.
    note : str
        What tables must say about it, such as that it is an unofficial re-implementation.
    """

    id: str
    label: str
    title: str
    citation: str
    kind: str
    cost: float
    year: int | None = None
    doi: str = ""
    comparison: bool = False
    native_stack: bool = False
    order_free: bool = False
    decision_map: bool = False
    needs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict)
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    minimum_size: int = 1
    keeps_equal_sources: bool = True
    note: str = ""

    def settings(self, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """All options with their values: defaults, then a preset, then what was given.

        Raises
        ------
        files.errors.InputError
            Unknown option or preset ("did you mean"), or a value of the wrong type or out of range.

        Examples
        --------
        >>> import methods
        >>> methods.registry.get("gff").settings({"base_radius": "30"})["base_radius"]
        30
        """
        given = dict(given or {})
        preset = given.pop("preset", None)
        if preset is not None and str(preset) not in self.presets:
            raise InputError(f"method {self.id} has no preset '{preset}'; it has: {', '.join(self.presets) or 'none'}")
        values: dict[str, Any] = {name: option.default for name, option in self.options.items()}
        chosen = {} if preset is None else self.presets[str(preset)]
        for name, value in {**chosen, **given}.items():
            if name not in self.options:
                hint = did_you_mean(name, self.options) if self.options else "it has none"
                raise InputError(f"method {self.id} has no option '{name}'; {hint}")
            values[name] = self.options[name].parse(name, value)
        return values


@dataclass(frozen=True)
class Reference:
    """Images made by others that a wrapped method must reproduce; a plug-in declares them as ``REFERENCES``.

    Parameters
    ----------
    collection : {"published", "mfifb", "official", "authors"}
        Part of the reference material: survey authors' images, the MFIFB benchmark's images, outputs of the
        official programs, or the images that the method's authors published.
    name : str
        Tag of the method's files there ("dwt" in ``c_01_dwt.png``, "GFF" in ``lytro_01_GFF.jpg``, or the folder).
    options : Mapping[str, Any]
        Options (and ``preset``) under which the method must reproduce them.
    why : str
        One sentence that says why agreement is not identity; empty where it is.
    jpeg_sources : bool
        Whoever made the images had saved the sources as JPEG of quality 75 (4:2:0) once more before fusion; a
        comparison must do the same.
    ending : str
        What follows the scene in the names of the official outputs ("_soft" in ``lytro_01_soft.png``).
    """

    collection: str
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    jpeg_sources: bool = False
    ending: str = ""


@dataclass(frozen=True)
class Fusion:
    """Result of a fusion.

    Parameters
    ----------
    image : numpy.ndarray
        Fused image, float32, the shape of the sources, [0, 1].
    decision_map : numpy.ndarray, optional
        For a pair: float32 H x W in [0, 1], the weight of the first source (1 where it is taken).
    initial_map : numpy.ndarray, optional
        For a pair: the decision map before the method's post-processing, same form.
    index_map : numpy.ndarray, optional
        For n > 2: integer H x W, number (from 0) of the source taken at every pixel.
    """

    image: NDArray[np.float32]
    decision_map: NDArray[np.float32] | None = None
    initial_map: NDArray[np.float32] | None = None
    index_map: NDArray[Any] | None = None

    def indices(self) -> NDArray[Any] | None:
        """Number (from 0) of the source chosen at every pixel (integer, H x W), or None without a map.

        Examples
        --------
        >>> import numpy as np
        >>> Fusion(np.zeros((1, 2), np.float32), decision_map=np.array([[1, 0.2]], np.float32)).indices()
        array([[0, 1]], dtype=uint8)
        """
        if self.index_map is not None:
            return self.index_map
        if self.decision_map is not None:
            return (self.decision_map < 0.5).astype(np.uint8)
        return None


def availability(method: str, options: Mapping[str, Any] | None = None) -> str:
    """Why `method` cannot run now, or an empty string when it can.

    A plug-in may define ``unavailable(settings) -> str`` where its files depend on its options; otherwise
    the declared ``files`` decide.

    Examples
    --------
    >>> import methods
    >>> methods.availability("average")
    ''
    >>> methods.availability("precomputed")
    'the option folder is not set; name the folder of the fused images (folder=PATH)'
    """
    module = registry.module(method)
    declared = module.METHOD
    own = getattr(module, "unavailable", None)
    if own is not None:
        return own(declared.settings(options))
    if declared.files:
        from files import fetch

        return fetch.missing(declared.files)
    return ""


def fuse(
    method: str,
    images: Sequence[NDArray[Any]],
    *,
    options: Mapping[str, Any] | None = None,
    device: str = "cpu",
    truth: Truth | None = None,
    scene: str | None = None,
) -> Fusion:
    """Fuse images of one scene with a method.

    Parameters
    ----------
    method : str
        Method id (``methods.registry.ids()``).
    images : sequence of numpy.ndarray
        n >= 2 images: floating point, H x W or H x W x 3 (RGB), [0, 1], one shape. May be lazy.
    options : mapping, optional
        Values of the method's options, and ``preset``.
    device : {"cpu", "cuda"}
    truth : Truth, optional
        For controls that need it.
    scene : str, optional
        Name of the scene, for `precomputed`.

    Returns
    -------
    Fusion
        Checked: whatever plug-in made it, it has the form that `Fusion` states.

    Raises
    ------
    files.errors.InputError
        Unknown method, option or device, fewer than two images, unequal shapes, too small, values outside [0, 1].
    files.errors.Unavailable
        A weight file, a truth or the device is missing.
    files.errors.ResultError
        The plug-in returned a wrong result.

    Examples
    --------
    >>> import numpy as np
    >>> import methods
    >>> first, second = np.full((4, 5), 0.2, np.float32), np.full((4, 5), 0.6, np.float32)
    >>> fusion = methods.fuse("average", [first, second])
    >>> fusion.image.shape, float(fusion.image[0, 0])
    ((4, 5), 0.4000000059604645)
    >>> methods.fuse("average", [255 * first, second])
    Traceback (most recent call last):
        ...
    files.errors.InputError: image 1 has values from 51 to 51; float32, H x W or H x W x 3 (RGB), in [0, 1] is needed
    """
    module = registry.module(method)
    declared = module.METHOD
    settings = declared.settings(options)
    if device not in DEVICES:
        raise InputError(f"device '{device}' is unknown; choose one of {', '.join(DEVICES)}")
    images, shape = checks.check_sources(images)
    if min(shape[:2]) < declared.minimum_size:
        raise InputError(
            f"method {method} needs images of at least {declared.minimum_size} pixels a side; got {shape[1]} x {shape[0]}"
        )
    if "truth" in declared.needs:
        if truth is None:
            raise Unavailable(f"method {method} needs the truth of the scene, but this scene has none")
        checks.check_truth(truth, shape, len(images))
    provided = {"device": device, "truth": truth, "scene": scene}
    needed = {name: provided[name] for name in declared.needs}

    def run(sequence: Sequence[NDArray[Any]]) -> Fusion:
        return _checked(module.fuse(sequence, **settings, **needed), declared, shape, len(sequence))

    if declared.native_stack or len(images) == 2:
        return run(images)
    return fold(run, images)


def _checked(fusion: Any, declared: Method, shape: tuple[int, ...], count: int) -> Fusion:
    """The fusion that a plug-in returned for `count` sources, or `ResultError` naming the method and what is wrong."""
    if not isinstance(fusion, Fusion):
        raise ResultError(f"method {declared.id} returned {type(fusion).__name__}; methods.Fusion is needed")
    made = {name: values for name, values in vars(fusion).items() if name != "image" and values is not None}
    allowed = ({"decision_map", "initial_map"} if count == 2 else {"index_map"}) if declared.decision_map else set()
    wrong = sorted(made.keys() - allowed)
    try:
        if wrong:
            raise InputError(f"{' and '.join(wrong)} given, but {_maps_wanted(declared, count)}")
        if declared.decision_map and not made.keys() & {"decision_map", "index_map"}:
            raise InputError(f"no map given, but {_maps_wanted(declared, count)}")
        for name, values in made.items():
            if name == "index_map":
                checks.check_index_map(values, name, shape[:2], count)
            else:
                checks.check_decision_map(values, name, shape[:2])
        image = checks.check_image(_without_rounding(fusion.image), "image", shape)
    except InputError as error:
        raise ResultError(f"method {declared.id} returned a wrong result: {error}") from None
    return replace(fusion, image=image.astype(np.float32, copy=False))


def _maps_wanted(declared: Method, count: int) -> str:
    if not declared.decision_map:
        return "METHOD.decision_map is False"
    which = "a pair needs a decision_map" if count == 2 else "more than two sources need an index_map"
    return f"METHOD.decision_map is True and {which}"


def _without_rounding(values: Any) -> NDArray[Any]:
    """The values, those within `ROUNDING` of [0, 1] limited to it: sums of float32 end there."""
    image = np.asarray(values)
    if image.dtype.kind == "f" and image.size and -ROUNDING <= image.min() < image.max() <= 1 + ROUNDING:
        return np.clip(image, 0, 1) if image.min() < 0 or image.max() > 1 else image
    return image


def fold(pair: Callable[[Sequence[NDArray[Any]]], Fusion], images: Sequence[NDArray[Any]]) -> Fusion:
    """Lift a pair method to n images one by one: F = fuse(A1, A2), then F = fuse(F, Ak), k = 3..n.

    The intermediate result is rounded to 8 bit, as for a user of the published programs who writes files
    between the steps. Where the pair method gives decision maps, they are composed to an index map.
    """
    result = pair([images[0], images[1]])
    indices = result.indices()
    if indices is not None and len(images) > 256:
        indices = indices.astype(np.uint16)
    for number in range(2, len(images)):
        result = pair([from_levels(to_levels(result.image)), images[number]])
        chosen = result.indices()
        indices = None if indices is None or chosen is None else np.where(chosen == 0, indices, number)
    return replace(result, decision_map=None, initial_map=None, index_map=indices)


def signature_errors(method: str) -> list[str]:
    """What does not fit between a plug-in's declaration and its ``fuse``; empty when all is well."""
    module = registry.module(method)
    declared = module.METHOD
    expected = set(declared.options) | set(declared.needs)
    parameters = list(inspect.signature(module.fuse).parameters)
    problems = []
    if declared.kind not in KINDS:
        problems.append(f"kind '{declared.kind}' is none of {', '.join(KINDS)}")
    if not parameters or set(parameters[1:]) != expected:
        problems.append(f"fuse() takes {parameters[1:]}, but options and needs declare {sorted(expected)}")
    return problems
