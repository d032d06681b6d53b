"""Stacks with truth: which scenes enter, means, time and memory, what is printed."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

import methods
from study.store import SceneFacts
from study.tables import stacks_table, timing_table, writers
from tests.study._latex import problems
from tests.study._scores import about, rows, stored

METHODS = ["average", "lp", "gff", "stackmff_v3"]
SCENES = (
    SceneFacts("short", count=3, truth=True),
    SceneFacts("long", count=9, truth=True),
    SceneFacts("pair", count=2, truth=True),
    SceneFacts("unknown", count=5),
)


def _values(psnr, excess):
    """One value for `short` and `long`, and 99 for the scenes that must not enter."""
    return {"psnr": [*psnr, 99, 99], **({"excess_defocus": [*excess, 99, 99]} if excess else {})}


@pytest.fixture
def results(tmp_path):
    values = {
        "average": _values([20, 22], None),
        "lp": _values([30, 31], None),
        "gff": _values([33, None], [0.2, None]),
        "stackmff_v3": _values([32, 33], [0.1, 0.3]),
    }
    facts = dataclasses.replace(about("toy", METHODS, ["psnr", "excess_defocus"], []), scenes=SCENES)
    found = stored(tmp_path, facts, rows("toy", values, [scene.name for scene in SCENES], "truth"))
    times = pd.DataFrame(
        [("toy", name, "ok", second, "100") for name, second in (("lp", "0.5"), ("stackmff_v3", "2"), ("gff", ""))],
        columns=["dataset", "method", "status", "s_per_stack_image", "peak_memory_mb"],
    ).reindex(columns=list(timing_table.COLUMNS), fill_value="")
    times.to_csv(found.table("timing.csv", "toy"), index=False)
    stacks_table.write(found, ["toy"])
    return found


def test_only_stacks_with_truth_enter(results):
    frame = stacks_table.read(results)
    assert set(zip(frame["scene"], frame["images"], strict=True)) == {("short", 3), ("long", 9)}
    assert len(frame) == 7, "GFF has no value on one of them"
    assert 99 not in frame[list(stacks_table.METRICS)].to_numpy()


def test_values_against_the_sources_do_not_enter(results):
    scores = results.read_tidy("toy").assign(reference="sources")
    assert stacks_table.compute([results.read_about("toy")], {"toy": scores}, {"toy": pd.DataFrame()}).empty


def test_means_are_over_stacks_and_incomplete_methods_come_last(results):
    means = stacks_table.means(stacks_table.read(results))
    assert list(means["method"]) == ["stackmff_v3", "lp", "gff", "average"]
    row = means.set_index("method").loc["stackmff_v3"]
    assert row["psnr"] == pytest.approx(32.5) and row["excess_defocus"] == pytest.approx(0.2)
    assert row["psnr_n"] == 2 and row["ssim_n"] == 0 and np.isnan(row["ssim"])
    assert (row["s_per_image"], row["peak_memory_mb"]) == (2, 100)
    assert np.isnan(means.set_index("method")["s_per_image"]["gff"]), "timed on pairs only"


def test_a_time_counts_once_per_data_set(results):
    first = stacks_table.read(results)
    second = first[first["scene"] == "short"].assign(dataset="other", s_per_image=5.0, peak_memory_mb=300.0)
    row = stacks_table.means(pd.concat([first, second])).set_index("method").loc["lp"]
    assert (row["s_per_image"], row["peak_memory_mb"]) == ((0.5 + 5) / 2, 300)


def test_what_a_method_declares_is_shown(results):
    text = writers.markdown(stacks_table.table(stacks_table.read(results)))
    assert methods.registry.get("stackmff_v3").order_free and not methods.registry.get("lp").order_free
    assert "| STACKMFF_V3 | native | yes | **32.50** | **0.200** | 2.000 | 100 |" in text
    assert "| LP | folded | no | <u>30.50</u> |" in text
    assert "| GFF | native | yes | 33.00 (n=1) | 0.200 (n=1) | – | – |" in text
    assert "Means over 2 scenes of 3 to 9 images: toy (2)." in text
    assert problems(writers.latex(stacks_table.table(stacks_table.read(results)))) == []


def test_without_stacks_with_truth_the_table_says_so(results):
    pairs = tuple(dataclasses.replace(scene, count=2) for scene in SCENES)
    results.write_about(dataclasses.replace(results.read_about("toy"), scenes=pairs))
    stacks_table.write(results, ["toy"])
    text = writers.markdown(stacks_table.table(stacks_table.read(results)))
    assert "No data set of this run has a scene of more than two images with truth." in text and "|" not in text


def test_times_of_an_earlier_version_are_left_out(results):
    kept = pd.DataFrame([("lp", "ok", "0.5")], columns=["method", "status", "s_per_megapixel"])
    frame = stacks_table.compute([results.read_about("toy")], {"toy": results.read_tidy("toy")}, {"toy": kept})
    assert len(frame) and frame["s_per_image"].isna().all()
