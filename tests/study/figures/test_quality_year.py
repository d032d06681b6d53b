"""Quality against the year of publication."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from study.entries import Entry
from study.figures import quality_year
from study.figures.scatter import Point
from study.store import About, SceneFacts

#: By year: LP 1983, DWT 1995, GFF 2013, DSIFT 2015, GFDF 2019, CCSR-Net 2023; controls have none.
NAMES = ("average", "lp", "dwt", "gff", "dsift", "gfdf", "ccsr")
YEARS = [1983, 1995, 2013, 2015, 2019, 2023]


def _about(truth=False, names=NAMES):
    scenes = (SceneFacts("s1", truth=truth),)
    return About("toy", "Toy", scenes=scenes, entries=tuple(Entry(name, name, name.upper()) for name in names))


def _means(ranks, **more):
    rows = {"method": list(NAMES), "mean_rank": ["", *map(str, ranks)], **more}
    return pd.DataFrame(rows)


def test_the_points_are_the_ranked_methods_by_their_year():
    points = quality_year.points_of(_about(), _means([6, 5, 4, 3, "", 1]), quality_year.RANK)
    assert [(p.label, p.x, p.value) for p in points] == [
        ("LP", 1983, 6.0),
        ("DWT", 1995, 5.0),
        ("GFF", 2013, 4.0),
        ("DSIFT", 2015, 3.0),
        ("CCSR", 2023, 1.0),
    ]


def test_a_variant_stands_only_in_place_of_its_method():
    variant = Entry("lp_wide", "lp", "LP (wide)")
    about = dataclasses.replace(_about(), entries=(Entry("lp", "lp", "LP"), variant))
    both = pd.DataFrame({"method": ["lp", "lp_wide"], "mean_rank": ["1", "2"]})
    assert [p.label for p in quality_year.points_of(about, both, quality_year.RANK)] == ["LP"]
    assert [p.label for p in quality_year.points_of(about, both[1:], quality_year.RANK)] == ["LP (wide)"]


def test_the_trend_is_positive_where_newer_methods_are_better():
    better = [Point(year, 10.0 - place, "", "spatial") for place, year in enumerate(YEARS)]
    found = quality_year.trend(better, "smaller")
    assert found.rho == pytest.approx(1) and found.p < 0.01 and found.slope < 0 and found.methods == 6
    assert quality_year.trend(better, "larger").rho == pytest.approx(-1)


def test_no_trend_of_few_methods_or_equal_values():
    points = [Point(year, 1.0, "", "spatial") for year in YEARS]
    assert quality_year.trend(points, "larger") is None
    assert quality_year.trend([p._replace(value=p.x) for p in points[:4]], "larger") is None


def test_methods_of_one_year_stand_side_by_side_within_it():
    points = [Point(2015, value, "", "spatial") for value in (1.0, 1.0, 2.0)] + [Point(1983, 1.0, "", "spatial")]
    beside = quality_year._side_by_side(points, "larger")
    assert len({p.x for p in beside[:3]}) == 3
    assert all(abs(p.x - 2015) < 0.5 for p in beside[:3])
    assert beside[3].x == quality_year._FIRST - 1
    assert [p.value for p in beside] == [p.value for p in points]


def test_small_panels_name_leaders_anchors_and_the_newest():
    about = _about()
    values = {"lp": 0.5, "dwt": 0.2, "gff": 0.6, "dsift": 0.3, "gfdf": 0.1, "ccsr": 0.05}
    points = [Point(e.declared.year, values[e.name], e.label, e.kind) for e in about.entries if e.name in values]
    named = {points[place].label for place in quality_year.worth_a_name(about, points, "larger")}
    assert named == {"LP", "GFF", "DSIFT", "GFDF", "CCSR"}


@pytest.mark.parametrize(("truth", "titles"), [(False, 1), (True, 2)])
def test_the_truth_has_panels_where_there_is_one(truth, titles, words, tmp_path):
    psnr = ["40", *map(str, np.linspace(30, 35, 6))]
    quality_year.draw(_about(truth), _means([6, 5, 4, 3, 2, 1], psnr=psnr), [tmp_path / "y.png"])
    assert sum("Spearman +1.00" in word and "\n" in word for word in words) == titles
    assert ("PSNR against the truth: newer methods are better" in words[-1]) == truth


def test_too_few_methods_are_said(words, tmp_path):
    quality_year.draw(_about(), _means([1, 2, "", "", "", ""]), [tmp_path / "y.png"])
    assert words[0].endswith("too few ranked methods for a trend over the years")


def test_equal_data_gives_equal_bytes(twice):
    twice(quality_year.draw, _about(), _means([6, 5, 4, 3, 2, 1]))
