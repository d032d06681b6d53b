"""The report: whole, self-contained, within its size, complete."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from files.errors import InputError
from study.config import resolve
from study.figures import style
from study.report import report as html_report
from study.store import DatasetFacts, Results

ROOT = Path(__file__).resolve().parents[3]
TRICKY = "Mine <script>alert('x')</script> & more"
SCENES = ["a", "b", "c"]


def test_the_page_is_well_formed_and_names_resolve(page, read):
    reader = read(page)
    ids = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in reader.elements:
        for name in ("aria-controls", "aria-labelledby", "aria-describedby"):
            assert attributes.get(name, ids[0]) in ids, attributes
    for name in re.findall(r'part\("([\w-]+)"\)', page):
        assert f"v-{name}" in ids, f"the script asks for v-{name}"


def test_the_page_loads_nothing(page, read):
    reader = read(page)
    for tag, attributes in reader.elements:
        assert attributes.get("src", "data:").startswith("data:"), (tag, attributes)
        assert tag not in ("link", "iframe", "object")
        assert attributes.get("href", "#").startswith(("#", "https://", "reports/")) and (
            tag == "a" or "href" not in attributes
        )
    assert "@import" not in page and "url(" not in page and "http://" not in page
    policy = next(a["content"] for t, a in reader.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy and "img-src data:" in policy


def test_text_of_the_run_cannot_become_markup(page, read):
    assert "<script>alert" not in page and "<b>X</b>" not in page
    words = "".join(read(page).words)
    assert TRICKY in words and "abc <123>" in words and "<b>X</b>" in words


def test_every_scene_is_in_the_viewer(page, read):
    (dataset,) = read(page).blocks["viewer-index"]["datasets"]
    assert [scene["name"] for scene in dataset["scenes"]] == SCENES
    assert dataset["compare"] == ["gff", "focus_stack"]


def test_the_file_stays_within_its_budget_and_says_what_is_left_out(run, page, read):
    whole = len(page.encode())
    blocks = [len(json.dumps(read(page).blocks[f"scene-{k}"], separators=(",", ":"))) for k in range(3)]
    for room in (2.5, 1.5):
        limit = whole - sum(blocks) + room * min(blocks)
        smaller = run.build(megabytes=limit / 1e6)
        assert len(smaller.encode()) <= limit
    assert "scene-2" in read(page).blocks and "scene-2" not in read(smaller).blocks
    assert re.search(r"Not in this file.*: \d scenes?", "".join(read(smaller).words).replace("\n", " "))


def test_the_viewer_shows_what_is_configured(run, read):
    blocks = read(run.build(scenes=2)).blocks
    assert [s["name"] for s in blocks["viewer-index"]["datasets"][0]["scenes"]] == ["a", "b"]
    assert not any(name.startswith(("scene", "viewer")) for name in read(run.build(datasets=[])).blocks)
    with pytest.raises(InputError, match="unknown data set 'mime'; did you mean mine"):
        run.build(datasets=["mime"])
    with pytest.raises(InputError, match="megabytes"):
        run.build(megabytes=0)


def test_lytro_comes_first():
    settings = resolve({"datasets": ["embedded", "mffw", "lytro_triple", "lytro"]})
    assert html_report.chosen_datasets(settings) == ["lytro", "lytro_triple", "embedded", "mffw"]


def test_tables_and_figures_of_the_run_are_on_the_page(page, read):
    words = " ".join(read(page).words)
    assert "Q_CB" in words and "Wilcoxon" in words and "Means over n = 3 scenes" in words
    assert "Not timed: FocusStack (why not)." in words
    timing = words[words.index("Timing") :]
    assert timing.index("0.01") < timing.index("0.2"), "the fastest method comes first"
    assert "figures/mine/boxes.png" in words and "stale.png" not in words
    pictures = [a for t, a in read(page).elements if t == "img"]
    assert len(pictures) == 2, "the figure, and the place where it is shown large"
    assert pictures[0]["alt"] and pictures[0]["width"] == "40"


def test_a_caption_beside_a_figure_comes_first(run, page):
    beside = Path(run.figures[0]).with_suffix(".txt")
    beside.write_text("Dots & <boxes>.\n", encoding="utf-8")
    try:
        assert "Dots &amp; &lt;boxes&gt;." in run.build()
    finally:
        beside.unlink()
    assert "Dots &amp;" not in page


def test_a_figure_with_nothing_to_draw_is_a_line_and_no_picture(run, read):
    figure, written = (Path(run.figures[0]).with_suffix(ending) for ending in (".png", ".txt"))
    kept = figure.read_bytes()
    style.message("mine: too few scenes", [figure, written])
    try:
        shown = read(run.build())
    finally:
        figure.write_bytes(kept)
        written.unlink()
    assert "Box plots: mine: too few scenes" in shown.words
    assert not any(attributes.get("class") == "thumbnail" for _, attributes in shown.elements)


def test_a_data_set_has_a_page_of_its_own(run, read):
    whole = run.build()
    alone = run.build_only("mine")
    assert 'href="reports/mine.html"' in whole and 'href="../report.html"' in alone
    assert "scene-2" in read(alone).blocks and "Means over n = 3 scenes" in " ".join(read(alone).words)
    assert "The benchmark as a whole" not in " ".join(read(alone).words)


def test_captions_are_found_by_the_longest_name():
    title, caption = html_report.caption_of("gacn_stack_embedded", "Embedded")
    assert title == "GACN on a stack: embedded" and caption.startswith("Some images of a stack")
    assert html_report.caption_of("gacn_stacks", "")[0] == "GACN on stacks: time and memory"
    title, caption = html_report.caption_of("boxes", "<b> & *x*")
    assert title == "Box plots" and "Metrics on &lt;b&gt; &amp; *x*," in caption
    assert html_report.caption_of("my_own", "") == ("My own", "")


def test_findings_open_the_report_where_there_are_any(run, page):
    assert "All is <strong>well</strong>" in page
    path = Path(run.results.page("FINDINGS.md"))
    path.write_text(
        "# Findings\n\nGFF leads, see [it](table.md).\n\n| a | b |\n|---|--:|\n| x | 1 |\n", encoding="utf-8"
    )
    try:
        found = run.build()
    finally:
        path.unlink()
    assert found.index("<h2>Findings</h2>") < found.index("GFF leads, see it.") < found.index("All is <strong>well")
    assert '<td style="text-align:right">1</td>' in found


def test_equal_results_give_an_equal_file(run, page):
    assert run.build() == page


def test_a_run_without_results_has_a_report_that_says_so(tmp_path, read):
    from study.store import About
    from study.tables import pooled_table

    results = Results(str(tmp_path))
    results.write_sources(DatasetFacts("mine", "Mine", "unavailable", "gone"))
    results.write_about(About("mine", "Mine", status="unavailable", reason="gone"))
    pooled_table.write(results, *pooled_table.read(results, ["mine"]))
    settings = resolve({"datasets": ["mine"], "folders": {"mine": str(tmp_path)}, "methods": ["average"]})
    page = html_report.build(results, settings, "gone", {})
    words = "".join(read(page).words)
    assert "No scene with fused images was found" in words and "No figures yet" in words
    assert "The data set is unavailable: gone" in words


def test_the_target_makes_what_the_report_shows(run, tmp_path, read):
    """`snakemake report` from nothing: tables and figures first, then the page."""
    for part in ("Snakefile", "workflow", "methods", "metrics", "imaging", "files", "study", "scenes", "config"):
        (tmp_path / part).symlink_to(ROOT / part)
    more = {"methods": ["average"], "metrics": ["q_mi"], "timing": {"enabled": False}, "figures": {"sheets": False}}
    (tmp_path / "mine.yaml").write_text(json.dumps(run.raw | more), encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "report", "--configfile", "mine.yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    reader = read((tmp_path / "results" / "report.html").read_text(encoding="utf-8"))
    assert [s["name"] for s in reader.blocks["viewer-index"]["datasets"][0]["scenes"]] == SCENES
    assert "results/figures/mine/boxes.png" in reader.words
    assert any(attributes.get("id") == "table-mine-1-1" for _, attributes in reader.elements)
