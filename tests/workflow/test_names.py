"""Names and labels that mean something to a shell, Snakemake, Markdown, LaTeX, HTML, matplotlib or pandas work in every file of a run."""

from pathlib import Path

import pytest

from benchmarks import kills
from imaging.files import write_image
from study.store import Results
from study.tables.inline import parser
from tests.study._latex import problems
from tests.workflow import _program as programs

SCENES = (
    *(
        "{x} 100% #1 & $HOME $a_b$",
        "-rf",
        "ümläut 🙂",
        "it's (a); `id`",
        "001",
        "pooled",
        "nan",
        "a^b~c_d_",
        "scores.csv",
    ),
    "a rather long name, as cameras and people give them, with a date 2024-05-17 and a number 1234567890 and more of it",
)
LABEL = "[*] A|B <script>alert()</script> \\frac{$x$} %s & #_\"'🙂`c`^~"
VARIANTS = {
    "scores": {"method": "lp", "label": LABEL},
    "pooled": {"method": "gff", "options": {"base_radius": 20}, "label": "$"},
    "nan": {"method": "gff", "label": "Long and wide label of sixty characters, as wide as it gets."},
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Results of a run with all of them; the data set, too, has a name that files of results have."""
    root = tmp_path_factory.mktemp("a {folder} of 100% $HOME")
    for number, name in enumerate(SCENES):
        for k, image in enumerate(kills.stack(number, 2)[1], start=1):
            write_image(root / "scenes" / name / f"{k}.png", image)
    shown = [f"figures/{name}" for name in SCENES]
    config = programs.configure(
        root / "c.json",
        root / "scenes",
        datasets=["figures"],
        folders={"figures": str(root / "scenes")},
        methods=["average", *VARIANTS],
        variants=VARIANTS,
        metrics=["q_mi", "q_g"],
        figures={"crops": {"methods": list(VARIANTS), "scenes": shown[:2]}, "windows": {shown[0]: [1, 2, 20]}},
    )
    done = programs.run(programs.copy(root / "program"), root / "work", config, "all", "report")
    assert done.returncode == 0, done.stderr[-3000:]
    return Results((root / "work" / "results").as_posix())


def test_every_scene_and_method_has_its_files(results):
    tidy = results.read_tidy("figures")
    assert set(tidy["status"]) == {"ok"}
    assert set(tidy["scene"]) == set(SCENES) and set(tidy["method"]) == {"average", *VARIANTS}
    assert len(tidy) == len(SCENES) * 4 * 2
    for name in SCENES:
        assert results.image("figures", "nan", name).is_file()
        assert (results.image("figures", "nan", name).parents[3] / f"figures/figures/sheets/{name}.png").is_file()


def test_tables_print_labels_as_they_stand(results):
    text = Path(results.table("table.md", "figures")).read_text(encoding="utf-8")
    tokens = [token.children or [] for token in parser().parse(text) if token.type == "inline"]
    cells = ["".join(child.content for child in children) for children in tokens]
    assert {variant["label"] for variant in VARIANTS.values()} <= set(cells)
    for name in ("table.tex", "extended.tex", "statistics.tex"):
        assert problems(Path(results.table(name, "figures")).read_text(encoding="utf-8")) == []


def test_the_report_takes_nothing_for_its_own_code(results):
    page = Path(results.page("report.html")).read_text(encoding="utf-8")
    assert "<script>alert" not in page and "alert()&lt;/script&gt;" in page
