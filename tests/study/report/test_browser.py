"""The page in headless Chromium, where there is one: viewer and tables by keyboard, every part on a desktop and on a phone."""

import json
import os
import re
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

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
  seen.legend = [at("v-legend").hidden, at("v-legend").textContent];
  await key("n");
  seen.index = [pixel(0.45, 0.5), pixel(0.55, 0.5)];
  at("v-a").value = "gff"; at("v-b").value = "gff"; at("v-b").dispatchEvent(new Event("change"));
  await key("d");
  seen.lossy = at("v-message").textContent;
  await key("ArrowLeft");
  seen.equal = pixel(0.5, 0.5);
  seen.meaning = at("v-legend").textContent;
  await key("ArrowRight");
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
  at("t-filter").value = "gff";
  at("t-filter").dispatchEvent(new Event("input"));
  seen.filtered = [...document.querySelectorAll("#table-mine-1-1 tbody tr")].filter((row) => !row.hidden).length;
  at("t-filter").value = "";
  at("t-filter").dispatchEvent(new Event("input"));
  document.querySelector(".thumbnail").click();
  seen.large = at("large").open && at("large").querySelector("figcaption").textContent;
  at("large").querySelector("button").click();
  seen.closed = !at("large").open;
  const head = document.querySelector("#table-mine-1-1 thead th:nth-child(2) button");
  head.click();
  seen.sorted = [...document.querySelectorAll("#table-mine-1-1 tbody td:first-child")].map((cell) => cell.textContent);
  head.click();
  seen.turned = [...document.querySelectorAll("#table-mine-1-1 tbody td:first-child")].map((cell) => cell.textContent);
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
    assert seen["legend"] == [False, "first sourcelast source"]
    assert seen["equal"] == [128] * 3 and seen["meaning"] == "equalA brighterA darker"
    assert "would show the compression" in seen["lossy"] and ": a." in seen["lossy"]
    assert seen["filtered"] == 1 and seen["large"].startswith("Box plots.") and seen["closed"]
    assert (seen["shown"], seen["flipped"]) == (False, True)
    assert seen["zoom"] and seen["pixels"] == "100 %"
    assert seen["address"] == "#viewer/mine/b/gff/gff/flicker"
    assert "Q_MI" in seen["scores"] and "0.8000" in seen["scores"]
    assert seen["sorted"] == ["Average", "GFF", "FocusStack"]
    assert seen["turned"] == ["Average", "FocusStack", "GFF"], "controls stay on top"
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
