"""Spatial-domain methods: published results, and what each must do by its own rules."""

import numpy as np
import pytest

import methods
from imaging.files import read_image
from imaging.levels import from_levels, gray_levels, to_uint8
from methods import focus_stack, ifm, mwgf, qb, sf
from methods._matting import closed_form_alpha, matting_laplacian
from methods._morphology import closing, dilate, disc, erode, fill_area, largest_component, opening, square, window_sum
from methods._resize import resize_bicubic
from methods._tensor_saliency import gradients, tensor_saliency
from tests.methods._jpeg import comparable, psnr, resave
from tests.methods._references import mfifb, published

#: Collections and the PSNR (dB) that the specification states: over all its colour pairs, then for single pairs.
#: 99 stands for identical or above 99 dB; gray pairs for which nothing is stated have the floor of the colour ones.
IDENTICAL = 99
STATED = {
    ("gff", "published"): (88.6, {"c_01": IDENTICAL, "c_02": IDENTICAL, "c_03": IDENTICAL}),
    ("gff", "mfifb"): (IDENTICAL, {}),
    ("dsift", "published"): (90.1, {"c_01": IDENTICAL, "c_02": IDENTICAL, "c_03": IDENTICAL}),
    ("dsift", "mfifb"): (IDENTICAL, {}),
    ("ifm", "mfifb"): (49.0, {"lytro_01": 54.7, "lytro_05": 49.0}),
    ("mwgf", "published"): (61.9, {"c_01": 68.5, "c_03": 64.7}),
    ("mwgf", "mfifb"): (59.8, {"lytro_01": 63.9}),
    ("gfdf", "published"): (82.7, {"c_01": IDENTICAL, "c_03": IDENTICAL}),
    ("gfdf", "mfifb"): (IDENTICAL, {}),
    ("tf", "published"): (IDENTICAL, {}),
    ("tf", "mfifb"): (IDENTICAL, {}),
    ("qb", "published"): (IDENTICAL, {}),
    ("qb", "mfifb"): (70.4, {"lytro_01": 86.1, "lytro_05": 77.7}),
}
#: Gray pairs (PSNR in dB): stated, or measured where the specification is silent.
GRAY = {("gff", "g_03"): 78.3, ("dsift", "g_01"): 86.2, ("dsift", "g_02"): 84.4, ("mwgf", "g"): 59.8, ("qb", "g"): 66.5}


def _cases():
    for (method, collection), (floor, single) in STATED.items():
        for entry in methods.registry.module(method).REFERENCES:
            if entry.collection != collection:
                continue
            for path, sources in (published if collection == "published" else mfifb)(entry.name):
                scene = path.stem.removesuffix(f"_{entry.name}")
                stated = single.get(scene, floor)
                if scene.startswith("g_"):
                    stated = GRAY.get((method, scene), GRAY.get((method, "g"), floor))
                yield pytest.param(method, entry, path, sources, stated, id=f"{method}-{path.stem}")


CASES = list(_cases()) or [pytest.param(*[None] * 5, marks=pytest.mark.skip(reason="no reference material"))]


@pytest.mark.parametrize("method, entry, path, sources, stated", CASES)
def test_agreement_with_published(method, entry, path, sources, stated):
    """Identical where the specification says so, else never more than 1 dB below the stated distance."""
    images = [read_image(source) for source in sources]
    if entry.jpeg_sources:
        images = [from_levels(resave(to_uint8(image))) for image in images]
    ours, theirs = comparable(to_uint8(methods.fuse(method, images, options=entry.options).image), path)
    distance = psnr(ours, theirs)
    least = IDENTICAL if stated == IDENTICAL else stated - 1
    assert distance >= least, f"{path.name}: {distance:.2f} dB, {stated} dB stated"
