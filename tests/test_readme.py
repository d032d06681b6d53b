"""What README and documentation show is true: examples run as they stand there, lists are complete, links lead somewhere."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import methods
import scenes
from files import catalogue
from imaging.files import write_image

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = {page.stem: page.read_text(encoding="utf-8") for page in PAGES}
DATA = TEXTS["data"]
EXAMPLES = {"methods": TEXTS["add-a-method"], "metrics": TEXTS["add-a-metric"]}


def _example(folder):
    name, code = re.search(rf"`{folder}/(\w+)\.py`:\n\n```python\n(.*?)```", EXAMPLES[folder], re.DOTALL).groups()
    return name, code


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """A copy of the program with the README's example method and metric added, one file each."""
    root = tmp_path_factory.mktemp("readme")
    for part in ("files", "imaging", "methods", "metrics", "scenes"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("methods", "metrics"):
        name, code = _example(folder)
        (root / folder / f"{name}.py").write_text(code, encoding="utf-8")
    return root


def _run(program, *arguments):
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_example_method_and_metric_work(program, pair, tmp_path):
    for name, image in zip("ab", pair, strict=True):
        write_image(tmp_path / f"{name}.png", image)
    sources = [str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    method, _ = _example("methods")
    metric, _ = _example("metrics")
    fused = str(tmp_path / "f.png")
    _run(program, "methods", "fuse", method, *sources, "-o", fused, "--decision-map", str(tmp_path / "d.png"))
    assert (tmp_path / "d.png").is_file()
    assert metric in _run(program, "metrics", "score", *sources, "--fused", fused, "--metrics", metric, "--json")


@pytest.mark.parametrize("dataset", scenes.ids())
def test_every_data_set_is_listed_with_its_licence(dataset):
    assert f"| `{dataset}` |" in DATA


def test_every_weight_file_is_listed_with_its_licence():
    for name in catalogue.collections():
        for row in catalogue.rows(name):
            if row.role == "weights":
                assert f"| `{name}` | {row.owner}/{row.repo} | {row.licence} |" in DATA


def test_every_published_method_is_listed_with_its_images_and_licence():
    for method in methods.registry.all():
        if method.kind == "published":
            found = methods.registry.module(method.id).collections
            rows = {dataset: catalogue.rows(name) for dataset, name in found.items()}
            counts = ", ".join(f"`{dataset}` {len(mine)}" for dataset, mine in rows.items())
            source = next(row for mine in rows.values() for row in mine)
            assert f"| `{method.id}` | {counts} | {source.owner}/{source.repo} | {source.licence} |" in DATA


def test_the_newest_methods_are_listed_with_their_citation():
    table = DATA.partition("| method | paper or program |")[2].partition("\n\n")[0]
    listed = dict(re.findall(r"^\| `(\w+)` \| (.*)$", table, re.MULTILINE))
    assert {"mff_ssim", "gfg_fgf", "openfocus_a", "gifnet", "stackmff_v4"} <= set(listed)
    for name, line in listed.items():
        declared = methods.registry.get(name)
        assert line.startswith(declared.citation) and declared.doi in line, (
            f"{name}: another citation than the method's"
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_linked_file_is_there(page):
    # Cards are made when the site is built.
    cards = ("metrics/", "methods/", "datasets/")
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert target.startswith(cards) or (page.parent / target).exists(), target
