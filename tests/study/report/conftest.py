"""Results of a small run as they lie on disk, its report, and what reads the page."""

import json
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from imaging.files import write_image, write_levels
from study import records
from study.config import Settings, resolve
from study.entries import Entry
from study.report import report as html_report
from study.store import SCORE_COLUMNS, About, DatasetFacts, FusedScene, Results, SceneFacts, write_frame
from study.tables import means_table, pooled_table, statistics_table, timing_table

TRICKY = "Mine <script>alert('x')</script> & more"
VOID = {"meta", "img", "input", "br", "hr", "link"}
SCENES = ("a", "b", "c")
METHODS = {"average": "Average", "gff": "GFF", "focus_stack": "FocusStack"}


class Run:
    """A small run: results, raw configuration, stored figures and tables."""

    def __init__(self, root: Path) -> None:
        self.results = Results(str(root / "results"))
        folder = root / "my scenes"
        self.raw = {"datasets": ["mine"], "folders": {"mine": str(folder)}, "methods": list(METHODS)}
        for name in SCENES:
            self._write_scene(folder, name)
        for method, kind in zip(METHODS, ("", "decision", "index"), strict=True):
            rows = [FusedScene("mine", method, scene, "ok", map=kind) for scene in SCENES]
            self.results.write_fused("mine", method, rows)
        scenes = tuple(SceneFacts(name, height=60, width=80, count=2) for name in SCENES)
        self.results.write_sources(DatasetFacts("mine", TRICKY, folder=str(folder), scenes=scenes))
        self._write_tables(scenes)
        self.figures = [self.results.figure("boxes.png", "mine")]
        for path, level in ((self.figures[0], 200), (self.results.figure("stale.png", "mine"), 100)):
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((30, 40, 3), level, np.uint8)).save(path)
        self.tables = [self.results.table("wilcoxon.csv")]

    @property
    def settings(self) -> Settings:
        return resolve(self.raw)

    def build(self, **report: object) -> str:
        settings = resolve(self.raw | {"report": report})
        summary = "# Summary\n\nAll is **well**.\n"
        program = {"Program": "abc <123>"}
        return html_report.build(self.results, settings, summary, program, self.tables, self.figures)

    def build_only(self, dataset: str) -> str:
        return html_report.build(self.results, self.settings, "", {}, self.tables, self.figures, only=dataset)

    def _write_scene(self, folder: Path, name: str) -> None:
        """Two photographs-to-be, 60 x 80: smooth colours with a sharp pattern on one half each; and their fusions."""
        rng = np.random.default_rng(ord(name))
        rows, columns = np.mgrid[:60, :80]
        base = np.stack([rows / 60, columns / 80, np.full((60, 80), 0.4)], axis=-1)
        pattern = 0.2 * rng.random((60, 80, 1))
        left = (columns < 40)[..., None]
        first, second = (np.clip(base + pattern * part, 0, 1).astype(np.float32) for part in (left, ~left))
        (folder / name).mkdir(parents=True)
        write_image(folder / name / "1.png", first)
        write_image(folder / name / "2.png", second)
        chosen = np.zeros((60, 80), np.float32)
        chosen[:, :40] = 1
        write_image(self.results.image("mine", "average", name), (first + second) / 2)
        write_image(self.results.image("mine", "gff", name), np.where(chosen[..., None] > 0, first, second))
        write_image(self.results.map("mine", "gff", name), chosen)
        write_image(self.results.image("mine", "focus_stack", name), second)
        write_levels(self.results.map("mine", "focus_stack", name), chosen.astype(np.uint8))

    def _write_tables(self, scenes: tuple[SceneFacts, ...]) -> None:
        """FocusStack has no Q_CV, GFF lacks it in one scene."""
        rows = [
            ("mine", scene, method, metric, value, "ok", "sources", "")
            for scene in SCENES
            for method, values in zip(METHODS, ((0.5, 9.0), (0.8, 5.25), (0.75, None)), strict=True)
            for metric, value in zip(("q_mi", "q_cv"), values, strict=True)
            if value is not None and (method, metric, scene) != ("gff", "q_cv", "c")
        ]
        scores = pd.DataFrame(rows, columns=list(SCORE_COLUMNS))
        entries = tuple(Entry(name, name, label) for name, label in METHODS.items())
        about = About(
            "mine",
            TRICKY,
            note="Not mine: <b>X</b>.",
            scenes=scenes,
            metrics=("q_mi", "q_cv"),
            entries=entries,
            main=tuple(METHODS),
        )
        self.results.write_about(about)
        self.results.write_tidy("mine", scores)
        means_table.write(self.results, *means_table.all_means(about, scores))
        statistics_table.write(self.results, about, scores)
        pooled_table.write(self.results, *pooled_table.read(self.results, ["mine"]))
        times = [
            {"label": "GFF", "median_s": "0.2", "min_s": "0.1", "max_s": "0.3", "status": "ok", "warm": "yes"},
            {"label": "Average", "median_s": "0.01", "min_s": "0.01", "max_s": "0.01", "status": "ok", "warm": "yes"},
            {"label": "FocusStack", "status": "skipped", "reason": "why not"},
        ]
        records.write_csv(self.results.table("timing.csv", "mine"), timing_table.COLUMNS, times)
        tests = [("q_cb", "GFF", f"M{k}", repr(0.1234567891 * k)) for k in range(12)]
        write_frame(
            self.results.table("wilcoxon.csv"), pd.DataFrame(tests, columns=["metric", "first", "second", "p_holm"])
        )


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def page(run):
    return run.build()


class Reader(HTMLParser):
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


@pytest.fixture(scope="session")
def read():
    """Reads a page."""
    return Reader
