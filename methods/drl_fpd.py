"""DRL-FPD: a deep residual network generates a fused image, which then serves to detect what is in focus.

1. An encoder gives 32 features at full resolution for each image. Their largest values over all images are decoded to a
   colour image, cut to 8 bit: the generated image.
2. The generated image is encoded too. A pixel belongs to the image whose features are nearest to those of the generated
   one: least squared distance, averaged over 7 x 7 pixels.
3. Regions below 1.5 % of the image change sides.
4. Where all pixels within 9 x 9 belong to one image, its pixel is copied. The rest, a band along the borders of regions
   that is about eight pixels wide, comes from the generated image.

Gray images take the place of all three channels; of the result red is kept, as in the authors' program.

Each residual block weights its channels by their means over the whole image and its pixels by convolutions. In the
released network training has shrunk the weights that see the means below 1e-40, so the channels have constant weights.
With them nothing depends on more than the surroundings of a pixel, and images are worked on in blocks that overlap by
these. Such tiny numbers also slow processors down by up to a thousand times; they are read as zeros, which changes no
sum.

References
----------
Y. Liu, L. Wang, H. Li, X. Chen, "Multi-focus image fusion with deep residual learning and focus property detection",
Information Fusion 86-87, 2022. All constants are those of the authors' program.
"""

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from imaging.filters import remove_small_components
from imaging.levels import from_levels, to_levels
from methods import Fusion, Method, Option, Reference
from methods._common.morphology import components, fill_area
from methods._common.torch import conv, inference, planes, tiles, weights

if TYPE_CHECKING:
    from pathlib import Path

    import torch

METHOD = Method(
    id="drl_fpd",
    label="DRL-FPD",
    title="Deep residual learning and focus property detection",
    citation=(
        "Y. Liu, L. Wang, H. Li, X. Chen, Multi-focus image fusion with deep residual learning and focus property "
        "detection, Information Fusion 86-87 (2022) 1-16"
    ),
    doi="10.1016/j.inffus.2022.06.001",
    year=2022,
    kind="learned",
    cost=8.0,
    native_stack=True,
    decision_map=True,
    needs=("device",),
    files=("drl_fpd/MyRegressionNet122/model.pth",),
    options={
        "published": Option(
            False,
            "of three and more images, keep two errors of the authors' program: small regions at the upper and left "
            "border stay, and equal numbers of lower and higher image numbers around a pixel count as agreement",
        ),
    },
    presets={"published": {"published": True}},
    note=(
        "a band along the borders of regions (2 to 17 % of a Lytro image) is generated, not copied; of three and more "
        "images the preset published keeps two errors of the authors' program"
    ),
)

REFERENCES = (
    Reference(
        "official", "drl_fpd", {"preset": "published"}, why="the generated image is cut to 8 bit: single levels turn"
    ),
    Reference(
        "authors",
        "drl_fpd",
        {"preset": "published"},
        why=(
            "the series of three was fused from other pixels than those of the JPEG files; in the pairs the cut to 8 bit "
            "turns single levels"
        ),
    ),
)

#: Mean and standard deviation of the colours of the training images (R, G, B; [0, 1]).
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_ENCODER, _DECODER = ("layer2", "layer3", "layer4"), ("layer5", "layer6", "layer7")
#: Side of the window over which distances of features are averaged.
_DISTANCE_WINDOW = 7
#: Least share of the image that a region must have.
_SMALL = 0.015
#: Side of the window in which all pixels must belong to one image for a pixel to be copied.
_COPY_WINDOW = 9
#: Smaller weights are read as zeros.
_TINY = 1e-30
#: Longest side of a block in pixels. A pixel of it takes about 1 kB, and 128 bytes for every image kept.
_BLOCK = {"cpu": 1024, "cuda": 2048}
#: The features of this many images are kept until they are compared; of more they are computed twice.
_KEPT = 4
#: Radii of all convolutions of encoder and decoder, each with one of its own and three residual blocks.
_NETWORK_REACH = 1 + 3 * 5
#: Encoder, decoder, encoder again, and the mean of distances.
_HALO = 3 * _NETWORK_REACH + _DISTANCE_WINDOW // 2


def fuse(images: Sequence[np.ndarray], *, published: bool = False, device: str = "cpu") -> Fusion:
    """Fuse n images.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        H x W or H x W x 3, [0, 1]; may be lazy.
    published : bool
        See `METHOD`. Of no effect on pairs.
    device : {"cpu", "cuda"}

    Returns
    -------
    Fusion
        The decision or index map is the one without small regions, the initial map (pairs) the one before. They say
        nothing of the band that is generated: see `copied`.
    """
    levels, initial = detect(images, device)
    labels = consistent(initial, len(images), published)
    copy = copied(labels, published)
    for number, image in enumerate(images):
        if number == 0 and image.ndim == 2:
            levels = levels[..., 0]
        taken = copy & (labels == number)
        levels[taken] = to_levels(image)[taken]
    if len(images) > 2:
        return Fusion(image=from_levels(levels), index_map=labels)
    return Fusion(
        image=from_levels(levels),
        decision_map=(labels == 0).astype(np.float32),
        initial_map=(initial == 0).astype(np.float32),
    )


def detect(images: Sequence[np.ndarray], device: str = "cpu") -> tuple[np.ndarray, np.ndarray]:
    """The generated image and the image that is in focus.

    Parameters
    ----------
    images : sequence of numpy.ndarray
        n >= 2 images, H x W or H x W x 3, [0, 1]; may be lazy.
    device : {"cpu", "cuda"}

    Returns
    -------
    levels : numpy.ndarray
        Generated image: uint8, H x W x 3.
    labels : numpy.ndarray
        Number (from 0) of the image in focus (uint8, H x W). Of equals the first; of an equal pair the second.
    """
    parameters = weights(METHOD.files, convert, device)
    shape = np.shape(images[0])[:2]
    levels, labels = np.empty((*shape, 3), np.uint8), np.empty(shape, np.uint8)
    with inference(device):
        for block in tiles(shape, _HALO, _BLOCK[device]):
            parts = _Parts(images, block.outer)
            generated, nearest = _detect(parts, parameters, device)
            levels[block.inner], labels[block.inner] = generated[block.within], nearest[block.within]
    return levels, labels


class _Parts:
    """The same part of every image, read when asked for."""

    def __init__(self, images, where):
        self._images, self._where = images, where

    def __len__(self):
        return len(self._images)

    def __getitem__(self, number):
        return self._images[number][self._where]


def _detect(images, parameters, device):
    """`detect` of images that are worked on at once."""
    import torch

    count = len(images)
    features, strongest = [], None
    for number in range(count):
        found = encode(images[number], parameters, device)
        strongest = found if strongest is None else torch.maximum(strongest, found)
        if count <= _KEPT:
            features.append(found)
    levels = _decode(strongest, parameters)
    del strongest
    generated = encode(levels / 255, parameters, device)
    for number in range(count):
        found = features[number] if features else encode(images[number], parameters, device)
        distance = _distance(found, generated)
        if number == 0:
            labels, least = torch.zeros_like(distance, dtype=torch.uint8), distance
        else:
            nearer = distance <= least if count == 2 else distance < least
            labels[nearer] = number
            least = torch.minimum(least, distance)
    return levels, labels.cpu().numpy()


def encode(image: np.ndarray, parameters: "dict[str, torch.Tensor]", device: str) -> "torch.Tensor":
    """Features (1 x 32 x H x W) of an image (H x W or H x W x 3, [0, 1]), rounded to 8 bit."""
    levels = to_levels(image).astype(np.float32)
    levels = np.stack([levels] * 3, axis=-1) if levels.ndim == 2 else levels
    values = levels / np.float32(255)
    values -= np.array(_MEAN, np.float32)
    values /= np.array(_DEVIATION, np.float32)
    features = conv(planes(values, device), parameters["layer1.weight"])
    for name in _ENCODER:
        features = _block(features, parameters, name)
    return features


def _decode(features, parameters):
    """Image of features: uint8, H x W x 3, not rounded but cut."""
    for name in _DECODER:
        features = _block(features, parameters, name)
    values = conv(features, parameters["layer8.weight"], parameters["layer8.bias"]).sigmoid_() * 255
    return values[0].permute(1, 2, 0).cpu().numpy().astype(np.uint8)


def _block(values, parameters, name):
    """Residual block: two branches of 16 channels on common features, weighted by channel and by pixel."""
    import torch
    from torch.nn import functional as F

    def layer(name_of_layer, inputs):
        return conv(inputs, *(parameters[f"{name}.{name_of_layer}.{kind}"] for kind in ("weight", "bias")))

    entry = layer("entry", layer("conv1", values).relu_()).relu_()
    weight, bias = (parameters[f"{name}.branches.{kind}"] for kind in ("weight", "bias"))
    short, long = F.conv2d(entry, weight, bias, padding=1, groups=2).chunk(2, dim=1)
    mixed = torch.cat([short, layer("exit", long.relu())], dim=1)
    pixel_weights = layer("sa.conv2", layer("sa.conv1", mixed).relu_()).sigmoid_()
    # Weighting pixels can follow the 1 x 1 convolution.
    by_channels, by_pixels = conv(mixed, parameters[f"{name}.conv2.weight"]).chunk(2, dim=1)
    return torch.addcmul(values, by_pixels, pixel_weights).add_(by_channels).relu_()


def _distance(features, others):
    """Squared distance of features, averaged over the window, zeros outside (H x W).

    The mean is not made of running sums: of equal images the distances must be exactly equal.
    """
    from torch.nn import functional as F

    distance = (features - others).square_().sum(dim=1)
    return F.avg_pool2d(distance, _DISTANCE_WINDOW, stride=1, padding=_DISTANCE_WINDOW // 2)[0]


def convert(paths: "Sequence[Path]") -> dict[str, np.ndarray]:
    """Arrays of the state dict: batch normalisations merged into the convolutions before them, equal ones joined.

    The 1 x 1 convolutions that both branches of a block begin with become one ("entry"), and so do the 3 x 3 ones that
    follow them ("branches", in two groups). The weights of channels are constants, so "conv2" holds them: its first 32
    results are to be taken as they are, the others to be multiplied by the weights of pixels.
    """
    import torch

    state = torch.load(paths[0], map_location="cpu", weights_only=True)
    state = {name: values.double().numpy() for name, values in state.items()}

    def merged(kernel, norm):
        scale = state[f"{norm}.weight"] / np.sqrt(state[f"{norm}.running_var"] + 1e-5)
        bias = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale
        return state[f"{kernel}.weight"] * scale[:, None, None, None], bias

    def both(layer, norm):
        pairs = [merged(f"{name}.modlist{branch}.{layer}", f"{name}.modlist{branch}.{norm}") for branch in (1, 2)]
        return [np.concatenate(parts) for parts in zip(*pairs, strict=True)]

    names = ("layer1.weight", "layer8.weight", "layer8.bias")
    converted = {name: state[name] for name in names}
    for name in _ENCODER + _DECODER:
        layers = {
            "conv1": merged(f"{name}.conv1", f"{name}.bn1"),
            "entry": both(0, 1),
            "branches": both(3, 4),
            "exit": merged(f"{name}.modlist2.6", f"{name}.modlist2.7"),
        }
        for layer in ("sa.conv1", "sa.conv2"):
            layers[layer] = state[f"{name}.{layer}.weight"], state[f"{name}.{layer}.bias"]
        for layer, (kernel, bias) in layers.items():
            converted[f"{name}.{layer}.weight"], converted[f"{name}.{layer}.bias"] = kernel, bias
        # What fc1 and fc2 give is far below the rounding of this bias (see the head of this module).
        channel_weights = 1 / (1 + np.exp(-state[f"{name}.se.fc2.bias"]))
        for_channels, for_pixels = np.split(state[f"{name}.conv2.weight"], 2, axis=1)
        converted[f"{name}.conv2.weight"] = np.concatenate([for_channels * channel_weights[:, None, None], for_pixels])
    return {name: np.where(np.abs(v) < _TINY, 0, v).astype(np.float32) for name, v in converted.items()}


def consistent(labels: np.ndarray, count: int, published: bool = False) -> np.ndarray:
    """Labels without small regions.

    Of a pair, small 4-connected regions of the first image change sides, then those of the second. Of more images, for
    each in turn: small 4-connected holes in what belongs to it become its own. Then, for each in turn: pixels of its
    small 8-connected regions take the label of the nearest pixel outside.

    Parameters
    ----------
    labels : numpy.ndarray
        uint8, H x W: number of the image in focus.
    count : int
        Number of images.
    published : bool
        Of more than two images, leave regions that touch the upper or the left border.

    Returns
    -------
    numpy.ndarray
        uint8, H x W.
    """
    area = _SMALL * labels.size
    if count == 2:
        first = remove_small_components(labels == 0, area, connectivity=4)
        return (~fill_area(first, area, connectivity=4)).astype(np.uint8)
    labels = labels.copy()
    for label in range(count):
        labels[fill_area(labels == label, area, connectivity=4)] = label
    for label in range(count):
        _replace(labels, _small_regions(labels == label, area, published), label)
    return labels


def _small_regions(mask, area, published):
    """Pixels of 8-connected regions below an area (bool, H x W)."""
    regions, sizes = components(mask)
    small = sizes < area
    small[0] = False
    if published:
        # The program widens a region's bounding box by a pixel; from a border that makes an empty one.
        small[regions[0]] = small[regions[:, 0]] = False
    return small[regions]


def _replace(labels, pixels, label):
    """Give pixels of a label that of the nearest pixel of another one, in place; of equally near ones the first."""
    if not pixels.any() or (labels == label).all():
        return
    distances = ndimage.distance_transform_edt(labels == label)[pixels]
    squared = np.rint(distances**2).astype(np.int64)
    before = labels.copy()
    places = np.argwhere(pixels)
    for square in np.unique(squared):
        at = places[squared == square]
        new = np.full(len(at), label, labels.dtype)
        for offset in _offsets(int(square)):
            seen = at + offset
            inside = ((seen >= 0) & (seen < labels.shape)).all(axis=1) & (new == label)
            new[inside] = before[tuple(seen[inside].T)]
        labels[tuple(at.T)] = new


def _offsets(square: int) -> Iterator[tuple[int, int]]:
    """Steps (rows, columns) of a squared length, in the order of the pixels they lead to."""
    for row in range(-math.isqrt(square), math.isqrt(square) + 1):
        column = math.isqrt(square - row * row)
        if row * row + column * column == square:
            yield row, -column
            yield row, column


def copied(labels: np.ndarray, published: bool = False) -> np.ndarray:
    """Where pixels are copied from their image and not generated.

    Parameters
    ----------
    labels : numpy.ndarray
        uint8, H x W: number of the image a pixel belongs to.
    published : bool
        The authors' test: the sum of the labels in the window is that of equal ones. Other labels can add up to it.

    Returns
    -------
    numpy.ndarray
        bool, H x W.
    """
    if published:
        total = labels.astype(np.int64)
        for axis in (0, 1):
            total = ndimage.correlate1d(total, np.ones(_COPY_WINDOW, np.int64), axis=axis, mode="reflect")
        return total == _COPY_WINDOW**2 * labels.astype(np.int64)
    least, most = (
        function(labels, _COPY_WINDOW, mode="reflect") for function in (ndimage.minimum_filter, ndimage.maximum_filter)
    )
    return least == most
