"""Functions of the page's script, without a browser."""

import json
import shutil
import subprocess

import pytest

from study.report.report import TEMPLATES


@pytest.fixture(scope="module")
def node():
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed: the script's functions are not tested")
    return found


def _node(node, code):
    program = f"const r = require({json.dumps(str(TEMPLATES / 'report.js'))});\n{code}"
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


def test_numbers_are_found_at_the_start_of_a_text(node):
    code = """
    const texts = ["0.5 [0.4, 0.6]", "−1.5", "1.2e-5", "n/a", "< 0.001", " 12 (n=3)"];
    console.log(JSON.stringify(texts.map(r.leadingNumber)));
    """
    assert _node(node, code) == ["0.5", "-1.5", "1.2e-5", "", "", "12"]


def test_exact_images_are_put_together_modulo_256(node):
    code = """
    const sources = [[9, 9, 9, 255, 254, 10, 10, 255], [255, 0, 0, 255, 7, 7, 7, 255]];
    console.log(JSON.stringify([...r.rebuilt([128, 129, 127, 255, 130, 128, 128, 255], [1, 1, 1, 255, 0, 0, 0, 255], sources)]));
    """
    assert _node(node, code) == [255, 1, 255, 255, 0, 10, 10, 255]


def test_levels_of_a_map_are_numbers_of_sources(node):
    assert _node(node, "console.log(JSON.stringify([255, 128, 0].map((level) => r.sourceNumber(level, 3))));") == [
        0,
        1,
        2,
    ]
