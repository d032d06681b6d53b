"""What images by the authors say: places of published methods, and how near a run comes to them."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

import metrics
from study.findings import facts, findings, published
from study.store import write_frame
from study.tables import fidelity_table, means_table, newest_table, pooled_table, statistics_table
from tests.study._scores import about, names, rows, stored

METHODS = ["average", "lp", "gff", "nd_cnpfuse", "mvpfusion", "gacn"]


@pytest.fixture
def run(tmp_path):
    """Tables of a run in which later methods of `METHODS` are better; MVPFusion lacks the last two scenes."""
    count, steps = 6, 0.001 * np.arange(6)
    values = {
        method: {name: 0.5 + 0.01 * place + steps * (place + 1) for name in metrics.SIX}
        for place, method in enumerate(METHODS)
    }
    scenes = names(count)
    description = about("lytro_jpg", METHODS, metrics.SIX, scenes)
    tidy = rows("lytro_jpg", values, scenes)
    lost = (tidy["method"] == "mvpfusion") & tidy["scene"].isin(scenes[-2:])
    results = stored(tmp_path, description, tidy[~lost])
    scores = results.read_tidy("lytro_jpg")
    means_table.write(results, *means_table.all_means(description, scores))
    statistics_table.write(results, description, scores)
    newest_table.write(results, description, scores)
    pooled_table.write(results, *pooled_table.read(results, ["lytro_jpg"]))
    return results


def test_published_methods_have_their_places_and_are_marked(run):
    text = findings.text(run)
    section = text[text.index("## What do images published") :].split("\n## ")[0]
    assert "not re-run and not timed" in section
    assert "(n = 6 scenes): ND_CNPFUSE place 2 of 4 (mean rank 2.00)" in section
    assert "not ranked, since scenes are missing: MVPFUSION" in section
    assert "what their authors' images say" not in section


def test_without_images_by_authors_nothing_is_said(run):
    found, _ = facts.read(run)
    result = found[0]
    kept = tuple(entry for entry in result.about.entries if not entry.is_published)
    alone = dataclasses.replace(result, about=dataclasses.replace(result.about, entries=kept))
    assert published.published(run, [result]) is not None and published.published(run, [alone]) is None


def test_methods_that_are_re_run_stand_beside_their_authors_images(run):
    line = dict.fromkeys(fidelity_table.COLUMNS, "") | {"collection": "authors", "share_equal": "1", "mean_abs": "0"}
    lines = [
        line | {"method": "ccsr", "label": "CCSR-Net", "psnr_db": "inf", "share_over_2": "0"},
        line | {"method": "drl_fpd", "label": "DRL-FPD", "psnr_db": "inf", "share_over_2": "0"},
        line
        | {
            "method": "drl_fpd",
            "label": "DRL-FPD",
            "psnr_db": "45.5",
            "share_over_2": "0.0123",
            "why": "other pixels.",
        },
    ]
    write_frame(run.table("fidelity.csv"), pd.DataFrame(lines, columns=list(fidelity_table.COLUMNS)))
    text = findings.text(run)
    assert "- CCSR-Net: the image is identical in every pixel, so both say the same." in text
    assert (
        "- DRL-FPD: 1 of 2 images identical; at least 45.5 dB between theirs and ours, at most 1.230 % of an image's pixels differ by "
        "more than two levels (other pixels)."
    ) in text
