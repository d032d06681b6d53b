"""The report: whole, self-contained, within its size, complete; its viewer in a browser where there is one."""

import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import scenes
from files.errors import InputError
from imaging.files import write_image, write_levels
from study import records
from study.config import resolve
from study.report import markdown_html, viewer
from study.report import report as html_report

ROOT = Path(__file__).resolve().parents[2]
TRICKY = "Mine <script>alert('x')</script> & more"
VOID = {"meta", "img", "input", "br", "hr", "link"}
SCENES = ("a", "b", "c")
METHODS = ("average", "gff", "focus_stack")


def _sources(scene):
    """Two photographs-to-be, 60 x 80: smooth colours with a sharp pattern on one half each."""
    rng = np.random.default_rng(ord(scene))
    rows, columns = np.mgrid[:60, :80]
    base = np.stack([rows / 60, columns / 80, np.full((60, 80), 0.4)], axis=-1)
    pattern = 0.2 * rng.random((60, 80, 1))
    left = (columns < 40)[..., None]
    return [np.clip(base + pattern * part, 0, 1).astype(np.float32) for part in (left, ~left)]


def _write_scene(folder, fused, name):
    first, second = _sources(name)
    (folder / name).mkdir(parents=True)
    write_image(folder / name / "1.png", first)
    write_image(folder / name / "2.png", second)
    write_image(fused / "average" / f"{name}.png", (first + second) / 2)
    chosen = np.zeros((60, 80), np.float32)
    chosen[:, :40] = 1
    write_image(fused / "gff" / f"{name}.png", np.where(chosen[..., None] > 0, first, second))
    write_image(fused / "gff" / f"{name}.map.png", chosen)
    write_image(fused / "focus_stack" / f"{name}.png", second)
    write_levels(fused / "focus_stack" / f"{name}.map.png", 1 - chosen.astype(np.uint8))


def _write_tables(folder):
    columns = ["dataset", "method", "label", "kind", "q_mi", "q_mi_n", "q_mi_rank", "q_cv", "q_cv_n", "q_cv_rank"]
    columns.append("mean_rank")
    shared = {"dataset": "mine", "q_mi_n": 3, "q_cv_n": 3}
    rows = [
        shared | {"method": "average", "label": "Average", "kind": "control", "q_mi": "0.5", "q_cv": "9.0"},
        shared
        | {"method": "gff", "label": "GFF", "kind": "spatial", "q_mi": "0.8", "q_mi_rank": "1", "mean_rank": "1.000"}
        | {"q_cv": "5.25", "q_cv_n": 2},
        shared
        | {"method": "focus_stack", "label": "FocusStack", "kind": "spatial", "q_mi": "0.75", "q_mi_rank": "2"}
        | {"mean_rank": "2.000", "q_cv": "", "q_cv_n": 0},
    ]
    records.write_csv(folder / "means.csv", columns, rows)
    (folder / "table.md").write_text(
        "# Mine\n\n- Means over n = 3 scenes.\n- Not available: <b>X</b>.\n", encoding="utf-8"
    )
    scores = [
        {"dataset": "mine", "scene": s, "method": m, "metric": "q_mi", "value": str(0.5 + place / 10), "status": "ok"}
        for s in SCENES
        for place, m in enumerate(METHODS)
    ]
    records.write_csv(folder / "scores.csv", records.SCORES, scores)
    statistics = [
        {"metric": "q_cb", "first": "GFF", "second": f"M{k}", "p_holm": repr(0.1234567891 * k)} for k in range(12)
    ]
    records.write_csv(folder / "wilcoxon.csv", ["metric", "first", "second", "p_holm"], statistics)
    timing = [
        {"label": "GFF", "median_s": "0.2", "status": "ok", "device_name": "A processor"},
        {"label": "Average", "median_s": "0.01", "status": "ok", "device_name": "A processor"},
        {"label": "FocusStack", "status": "skipped", "reason": "why not"},
    ]
    columns = ["label", "median_s", "min_s", "max_s", "s_per_megapixel", "peak_memory_mb", "repeats", "device"]
    records.write_csv(folder / "timing.csv", [*columns, "threads", "warm", "device_name", "status", "reason"], timing)


def _write_figures(folder):
    Image.fromarray(np.full((30, 40, 3), 200, np.uint8)).save(folder / "boxes.png")
    (folder / "sheets").mkdir()
    Image.fromarray(np.full((30, 40, 3), 100, np.uint8)).save(folder / "sheets" / "a.png")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Results of a small run as they lie on disk, and its settings."""
    root = tmp_path_factory.mktemp("run")
    results, folder = root / "results", root / "my scenes"
    fused = results / "fused" / "mine"
    for name in SCENES:
        _write_scene(folder, fused, name)
    for method, kind in zip(METHODS, ("", "decision", "index"), strict=True):
        rows = [{"dataset": "mine", "method": method, "scene": s, "status": "ok", "map": kind} for s in SCENES]
        records.write_csv(fused / f"{method}.csv", records.STATUS, rows)
    known = [
        {"name": s, "status": "ok", "reason": "", "height": 60, "width": 80, "count": 2, "truth": False} for s in SCENES
    ]
    described = {"dataset": "mine", "label": TRICKY, "note": "", "status": "ok", "reason": "", "scenes": known}
    records.write_json(results / "sources" / "mine.json", described)
    (results / "tables" / "mine").mkdir(parents=True)
    (results / "figures" / "mine").mkdir(parents=True)
    _write_tables(results / "tables" / "mine")
    _write_figures(results / "figures" / "mine")
    return results, {"datasets": ["mine"], "folders": {"mine": str(folder)}, "methods": list(METHODS)}


def _build(run, **report):
    results, raw = run
    settings = resolve(raw | {"report": report})
    return html_report.build(results, settings, "# Summary\n\nAll is **well**.\n", {"Program": "abc <123>"})


@pytest.fixture(scope="module")
def page(run):
    return _build(run)


class _Reader(HTMLParser):
    """Checks that elements close in order, and keeps attributes and the contents of data blocks."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.blocks, self.words = [], [], {}, []
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append((tag, dict(attributes)))

    def handle_startendtag(self, tag, attributes):
        assert tag in VOID, f"<{tag} /> does not close the element in HTML"
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        expected, _ = self.open.pop()
        assert tag == expected, f"</{tag}> where </{expected}> is due, at {self.getpos()}"

    def handle_data(self, data):
        tag, attributes = self.open[-1] if self.open else ("", {})
        if tag == "script" and attributes.get("type") == "application/json":
            self.blocks[attributes["id"]] = json.loads(data)
        elif tag not in ("script", "style"):
            self.words.append(data)


def _image(coded):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(coded))).convert("RGB"))


def test_the_page_is_well_formed_and_names_resolve(page):
    reader = _Reader(page)
    ids = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in reader.elements:
        for name in ("aria-controls", "aria-labelledby", "aria-describedby"):
            assert attributes.get(name, ids[0]) in ids, attributes
    for name in re.findall(r'part\("([\w-]+)"\)', page):
        assert f"v-{name}" in ids, f"the script asks for v-{name}"


def test_the_page_loads_nothing(page):
    reader = _Reader(page)
    for tag, attributes in reader.elements:
        assert attributes.get("src", "data:").startswith("data:"), (tag, attributes)
        assert tag not in ("link", "iframe", "object")
        assert attributes.get("href", "#").startswith(("#", "https://")) and (tag == "a" or "href" not in attributes)
    assert "@import" not in page and "url(" not in page and "http://" not in page
    policy = next(a["content"] for t, a in reader.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy and "img-src data:" in policy


def test_text_of_the_run_cannot_become_markup(page):
    assert "<script>alert" not in page and "<b>X</b>" not in page
    words = "".join(_Reader(page).words)
    assert TRICKY in words and "abc <123>" in words and "<b>X</b>" in words


def test_every_scene_and_method_is_in_the_viewer(page):
    blocks = _Reader(page).blocks
    (dataset,) = blocks["viewer-index"]["datasets"]
    assert [s["name"] for s in dataset["scenes"]] == list(SCENES)
    assert dataset["compare"] == ["gff", "focus_stack"]
    for scene in dataset["scenes"]:
        block = blocks[scene["block"]]
        assert {p["key"] for p in block["pictures"]} == {"source_1", "source_2", *METHODS}
        assert (block["height"], block["width"]) == (60, 80)
        assert block["scores"]["q_mi"] == {"average": 0.5, "gff": 0.6, "focus_stack": 0.7}


def test_viewer_images_are_near_their_originals_and_maps_are_equal(page, run):
    results, _ = run
    pictures = {p["key"]: p for p in _Reader(page).blocks["scene-1"]["pictures"]}
    original = np.asarray(Image.open(results / "fused/mine/gff/b.png")).astype(float)
    assert np.abs(_image(pictures["gff"]["image"]) - original).mean() < 5
    original = np.asarray(Image.open(results / "fused/mine/gff/b.map.png"))
    assert np.array_equal(_image(pictures["gff"]["map"])[..., 0], original)
    # An index map of two sources spans black and white.
    assert set(np.unique(_image(pictures["focus_stack"]["map"]))) == {0, 255}
    assert "map" not in pictures["average"]


def test_the_truth_can_be_compared_where_there_is_one():
    described = {"dataset": "embedded", "status": "ok"}
    scene = scenes.load("embedded").scenes[0]
    try:
        height, width = scene.shape[:2]
    except viewer.Unavailable as error:
        pytest.skip(str(error))
    row = {"name": scene.name, "status": "ok", "height": height, "width": width, "count": scene.count, "truth": True}
    pictures = viewer._originals(scene, described | row)
    assert [p.key for p in pictures] == ["source_1", "source_2", "truth"]
    assert pictures[-1].read().shape[:2] == (height, width)


def test_the_file_stays_within_its_budget_and_says_what_is_left_out(run, page):
    whole = len(page.encode())
    for missing in (1, 2):
        block = len(json.dumps(_Reader(page).blocks["scene-2"]))
        limit = whole - (missing - 0.5) * block
        smaller = _build(run, megabytes=limit / 1e6)
        assert len(smaller.encode()) <= limit
    assert len(_Reader(smaller).blocks) < len(_Reader(page).blocks)
    assert re.search(r"Not in this file.*: \d scenes?", "".join(_Reader(smaller).words).replace("\n", " "))


def test_quality_falls_before_scenes_are_left_out():
    rng = np.random.default_rng(0)
    levels = (rng.random((64, 64, 3)) * 255).astype(np.uint8)
    picture = viewer.Picture("m", "M", "spatial", lambda: levels)
    views = [viewer.View("d", str(k), 64, 64, (picture,) * 3) for k in range(4)]
    whole = viewer.embed(views, 1e9)
    size = sum(len(document) for _, document in whole.blocks)
    assert (whole.quality, whole.left_out) == (viewer.QUALITIES[0], [])
    assert 0 < whole.deviation <= whole.worst
    half = viewer.embed(views, size * 0.8)
    assert viewer.QUALITIES[-1] < half.quality < whole.quality and not half.left_out
    little = viewer.embed(views, size * 0.25)
    assert little.quality == viewer.QUALITIES[-1]
    assert [v.name for v, _ in little.blocks] + [v.name for v in little.left_out] == ["0", "1", "2", "3"]
    assert little.blocks and little.left_out
    assert sum(len(document) for _, document in little.blocks) <= size * 0.25


def test_the_viewer_shows_what_is_configured(run):
    blocks = _Reader(_build(run, scenes=2)).blocks
    assert [s["name"] for s in blocks["viewer-index"]["datasets"][0]["scenes"]] == ["a", "b"]
    assert not _Reader(_build(run, datasets=[])).blocks
    with pytest.raises(InputError, match="unknown data set 'mime'; did you mean mine"):
        _build(run, datasets=["mime"])
    with pytest.raises(InputError, match="megabytes"):
        _build(run, megabytes=0)


def test_deleted_images_are_not_shown_and_do_not_stop_the_report(run, tmp_path):
    results, raw = run
    shutil.copytree(results, tmp_path / "results")
    (tmp_path / "results/fused/mine/average/a.png").unlink()
    (tmp_path / "results/fused/mine/gff/a.map.png").unlink()
    blocks = _Reader(_build((tmp_path / "results", raw))).blocks
    pictures = {p["key"]: p for p in blocks["scene-0"]["pictures"]}
    assert "average" not in pictures and "map" not in pictures["gff"]


def test_lytro_comes_first_in_the_viewer():
    settings = resolve({"datasets": ["embedded", "mffw", "lytro_triple", "lytro"]})
    assert html_report.chosen_datasets(settings) == ["lytro", "lytro_triple", "embedded", "mffw"]


def test_means_are_marked_by_rank_and_sort_by_their_full_digits(run):
    results, _ = run
    table = html_report.means_table("Means", records.read_csv(results / "tables/mine/means.csv"))
    assert [c[0] for c in table.columns] == ["Method", "Kind", "Q_MI", "Mean rank", "Q_CV"]
    average, gff, stack = table.rows
    assert [row[2].place for row in table.rows] == [0, 1, 2]
    assert (gff[2].text, gff[2].value) == ("0.8000", "0.8")
    assert gff[4].text.endswith("(n=2)") and average[4].text == "9.00"
    assert (stack[4].text, stack[4].value) == ("n/a", "")


def test_tables_and_figures_are_on_the_page(page):
    words = " ".join(_Reader(page).words)
    assert "Q_CB" in words and "Wilcoxon" in words and "0.123457" in words and "Means over n = 3 scenes." in words
    assert "Not timed: FocusStack (why not)." in words
    assert words.index("0.01") < words.index("0.2"), "the fastest method comes first"
    assert "results/figures/mine/boxes.png" in words
    pictures = [a for t, a in _Reader(page).elements if t == "img"]
    assert len(pictures) == 1 and pictures[0]["alt"] and pictures[0]["width"] == "40"


def test_findings_open_the_report_where_there_are_any(run, page):
    results, _ = run
    assert "All is <strong>well</strong>" in page
    (results / "FINDINGS.md").write_text("# Findings\n\nGFF leads.\n", encoding="utf-8")
    try:
        found = _build(run)
    finally:
        (results / "FINDINGS.md").unlink()
    assert found.index("GFF leads.") < found.index("All is <strong>well</strong>")


def test_equal_results_give_an_equal_file(run, page):
    assert _build(run) == page


def test_a_run_without_results_has_a_report_that_says_so(tmp_path):
    records.write_json(
        tmp_path / "sources" / "mine.json",
        {"dataset": "mine", "label": "Mine", "note": "", "status": "unavailable", "reason": "gone", "scenes": []},
    )
    settings = resolve({"datasets": ["mine"], "folders": {"mine": str(tmp_path)}, "methods": ["average"]})
    page = html_report.build(tmp_path, settings, "gone", {})
    _Reader(page)
    assert "No scene with fused images was found" in page and "No tables yet" in page and "No figures yet" in page


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# A\n", "<h2>A</h2>"),
        ("a **b** *c* `d<`", "<p>a <strong>b</strong> <em>c</em> <code>d&lt;</code></p>"),
        ("2 * 3 * 4, q_mi_n", "<p>2 * 3 * 4, q_mi_n</p>"),
        ("- a\n  b\n- c", "<ul>\n<li>a b</li>\n<li>c</li>\n</ul>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("[x](https://doi.org/1)", '<p><a href="https://doi.org/1" rel="noreferrer">x</a></p>'),
        ("[x](javascript:alert(1))", "<p>x)</p>"),
        ("<img src=x>", "<p>&lt;img src=x&gt;</p>"),
        ("```\n<a>\n```", "<pre><code>&lt;a&gt;</code></pre>"),
    ],
)
def test_markdown(text, expected):
    assert markdown_html.render(text) == expected


def test_markdown_tables_align_numbers():
    html = markdown_html.render("| a | b |\n| --- | ---: |\n| x \\| y | 1 |\n\nafter")
    assert '<td>x | y</td><td class="number">1</td>' in html
    assert html.endswith("<p>after</p>")


def test_the_target_makes_what_the_report_shows(run, tmp_path):
    """`snakemake report` from nothing: tables and figures first, then the page."""
    _, raw = run
    for part in ("Snakefile", "workflow", "methods", "metrics", "imaging", "scenes", "config"):
        (tmp_path / part).symlink_to(ROOT / part)
    more = {"methods": ["average"], "metrics": ["q_mi"], "timing": {"enabled": False}, "figures": {"sheets": False}}
    (tmp_path / "mine.yaml").write_text(json.dumps(raw | more), encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "report", "--configfile", "mine.yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    reader = _Reader((tmp_path / "results" / "report.html").read_text(encoding="utf-8"))
    assert [s["name"] for s in reader.blocks["viewer-index"]["datasets"][0]["scenes"]] == list(SCENES)
    assert "results/figures/mine/boxes.png" in reader.words
    assert any(attributes.get("id") == "table-mine-1" for _, attributes in reader.elements)


# The script, without a browser.


@pytest.fixture(scope="module")
def node():
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed: the script's functions are not tested")
    return found


def _node(node, code):
    program = f"const r = require({json.dumps(str(html_report.TEMPLATES / 'report.js'))});\n{code}"
    done = subprocess.run([node, "-e", program], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_sorting_puts_missing_values_last_in_both_orders(node):
    code = """
    const sorted = (up) => ["10", "", "9", "-1.5e3"].sort((a, b) => r.compareValues(a, b, true, up));
    console.log(JSON.stringify([sorted(true), sorted(false), ["m10", "m9"].sort((a, b) => r.compareValues(a, b, false, true))]));
    """
    up, down, words = _node(node, code)
    assert up == ["-1.5e3", "9", "10", ""]
    assert down == ["10", "9", "-1.5e3", ""]
    assert words == ["m9", "m10"]


def test_zooming_keeps_the_point_under_the_pointer(node):
    code = """
    const v = new r.View();
    v.fit(520, 260, {width: 1040, height: 1040});
    const point = () => [v.x + 100 / v.zoom, v.y - 50 / v.zoom];
    const before = point();
    const fitted = v.zoom;
    v.scale(3, 100, -50, 0.1);
    console.log(JSON.stringify([fitted, v.zoom, before, point()]));
    """
    fitted, zoomed, before, after = _node(node, code)
    assert (fitted, zoomed) == (2, 6)
    assert before == pytest.approx(after)


def test_differences_are_gray_where_images_are_equal(node):
    code = "console.log(JSON.stringify([...r.differenceLevels([9, 9, 9, 255, 60, 50, 50, 255], [9, 9, 9, 255, 50, 50, 50, 255], 8)]));"
    levels = _node(node, code)
    assert levels == [128, 128, 128, 255, *[round(128 + 8 * 0.2989 * 10)] * 3, 255]


# The page in a browser.

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

DRIVER = """
<script>
window.errors = [];
addEventListener("error", (event) => errors.push(event.message));
addEventListener("unhandledrejection", (event) => errors.push(String(event.reason)));
addEventListener("securitypolicyviolation", (event) => errors.push(event.violatedDirective));
</script>
"""

STEPS = """
<script>
(async () => {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const at = (id) => document.getElementById(id);
  // Decoding takes real time, of which the browser's virtual clock knows nothing.
  const settled = async () => {
    for (let i = 0; i < 3000 && (i < 8 || at("v-stage").ariaBusy !== "false"); i++) await wait(20);
  };
  const key = async (name, more) => {
    at("v-stage").dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more }));
    await settled();
  };
  const pixel = (x, y) => {
    const canvas = at("v-canvas");
    const data = canvas.getContext("2d").getImageData(Math.round(x * canvas.width), Math.round(y * canvas.height), 1, 1).data;
    return [...data].slice(0, 3);
  };
  const seen = {};
  await settled();
  seen.tabs = [...document.querySelectorAll("main > section")].filter((s) => !s.hidden).map((s) => s.id);
  seen.first = [at("v-a").value, at("v-b").value, at("v-scene").selectedOptions[0].text];
  await key("ArrowRight");
  seen.next = at("v-scene").selectedOptions[0].text;
  await key("ArrowDown");
  seen.down = at("v-b").value;
  await key("ArrowUp");
  await key("m");
  seen.map = [pixel(0.45, 0.5), pixel(0.55, 0.5)];
  await key("n");
  seen.index = [pixel(0.45, 0.5), pixel(0.55, 0.5)];
  at("v-a").value = "gff"; at("v-b").value = "gff"; at("v-b").dispatchEvent(new Event("change"));
  await key("d");
  seen.equal = pixel(0.5, 0.5);
  await key("f");
  seen.shown = at("v-tag-a").hidden;
  await key(" ");
  seen.flipped = at("v-tag-a").hidden;
  const before = at("v-zoom").textContent;
  await key("+");
  seen.zoom = parseInt(at("v-zoom").textContent) > parseInt(before);
  await key("1");
  seen.pixels = at("v-zoom").textContent;
  seen.address = location.hash;
  seen.scores = at("v-scores").textContent;
  const head = document.querySelector("#table-mine-1 thead th:nth-child(3) button");
  head.click();
  seen.sorted = [...document.querySelectorAll("#table-mine-1 tbody th")].map((cell) => cell.textContent);
  head.click();
  seen.turned = [...document.querySelectorAll("#table-mine-1 tbody th")].map((cell) => cell.textContent);
  at("tab-viewer").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
  seen.tab = document.activeElement.id;
  seen.overflow = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  seen.errors = errors;
  const out = document.createElement("pre");
  out.id = "outcome";
  out.textContent = JSON.stringify(seen);
  document.body.append(out);
})();
</script>
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Runs headless Chromium (``FOCUSBENCH_BROWSER``, or one on the path) with arguments; gives its output."""
    found = os.environ.get("FOCUSBENCH_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium on this machine: the page is not opened in a browser")
    profile = tmp_path_factory.mktemp("profile")

    def open_page(*arguments):
        shared = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}"]
        shared += ["--force-device-scale-factor=1", "--virtual-time-budget=200000"]
        done = subprocess.run([found, *shared, *arguments], capture_output=True, text=True, check=False, timeout=180)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return open_page


def test_the_viewer_and_the_tables_work_by_keyboard(browser, page, tmp_path):
    file = tmp_path / "report.html"
    file.write_text(page.replace("<body>", "<body>" + DRIVER).replace("</body>", STEPS + "</body>"), encoding="utf-8")
    tree = browser("--window-size=1200,900", "--dump-dom", f"{file.as_uri()}#viewer")
    found = re.search(r'<pre id="outcome">(.*?)</pre>', tree, re.DOTALL)
    assert found, "the steps did not end"
    seen = json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    assert seen["errors"] == []
    assert seen["tabs"] == ["viewer"] and seen["first"] == ["gff", "focus_stack", "a"]
    assert (seen["next"], seen["down"]) == ("b", "source_1"), "the lists go round"
    assert seen["map"] == [[255] * 3, [0] * 3] and seen["index"] == [[0] * 3, [255] * 3]
    assert seen["equal"] == [128] * 3
    assert (seen["shown"], seen["flipped"]) == (False, True)
    assert seen["zoom"] and seen["pixels"] == "100 %"
    assert seen["address"] == "#viewer/mine/b/gff/gff/flicker"
    assert "Q_MI" in seen["scores"] and "0.6000" in seen["scores"]
    assert seen["sorted"] == ["GFF", "FocusStack", "Average"]
    assert seen["turned"] == ["Average", "FocusStack", "GFF"]
    assert seen["tab"] == "tab-overview"
    assert seen["overflow"] == 0


@pytest.mark.parametrize("part", ["", "#tables", "#figures"])
def test_an_address_of_a_part_leaves_the_heading_in_sight(browser, page, tmp_path, part):
    probe = "<script>setTimeout(() => { document.documentElement.dataset.top = scrollY; }, 1000)</script>"
    (tmp_path / "report.html").write_text(page.replace("</body>", probe + "</body>"), encoding="utf-8")
    # The window is lower than any part, so that there is something to scroll.
    tree = browser("--window-size=600,200", "--dump-dom", (tmp_path / "report.html").as_uri() + part)
    assert re.search(r'data-top="(\d+)"', tree)[1] == "0"


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
@pytest.mark.parametrize("part", ["overview", "tables", "figures", "viewer"])
def test_every_part_paints_on_a_desktop_and_on_a_phone(browser, page, tmp_path, width, height, part):
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    # A frame gives the width of a phone, which is below the least width of a window.
    frame = f'<iframe src="report.html#{part}" style="border:0;width:{width}px;height:{height}px"></iframe>'
    (tmp_path / "frame.html").write_text(f'<body style="margin:0">{frame}</body>', encoding="utf-8")
    shot = tmp_path / "shot.png"
    browser(f"--window-size={max(width, 600)},{height}", f"--screenshot={shot}", (tmp_path / "frame.html").as_uri())
    levels = np.asarray(Image.open(shot).convert("L"))[:, :width]
    assert levels.std() > 5, "the page is empty"
