"""The house rules that a program can check."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("files", "imaging", "scenes", "methods", "metrics", "study", "focusbench")
SCRIPTS = sorted((ROOT / "workflow" / "scripts").glob("*.py"))


def _modules(*rooms):
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def _imported(path):
    """Top-level names of the absolute imports of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


def test_no_module_has_the_name_of_a_standard_one():
    clashes = [p for p in _modules(*ROOMS, "workflow") if p.stem in sys.stdlib_module_names and p.stem != "__main__"]
    assert not clashes


def test_dependencies_point_downwards():
    below = {"files": set(), "imaging": {"files"}, "scenes": {"files", "imaging"}}
    below |= {"methods": {"files", "imaging"}, "metrics": {"files", "imaging"}}
    below["study"] = set(ROOMS) - {"focusbench"}
    below["focusbench"] = set(ROOMS)
    for room, allowed in below.items():
        for path in _modules(room):
            used = {name.partition(".")[0] for name in _imported(path)} & {*ROOMS, "workflow", "snakemake"}
            wrong = used - allowed - {room}
            if path == ROOT / "study" / "job.py":
                wrong -= {"snakemake"}
            assert not wrong, f"{path.relative_to(ROOT)} imports {wrong}"


def test_methods_lists_exactly_the_methods():
    from methods import registry

    listed = {p.stem for p in (ROOT / "methods").iterdir() if not p.name.startswith(("_", "."))}
    assert listed == set(registry.ids())


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_has_the_name_of_its_rule_its_function_and_its_module(script):
    rules = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "workflow" / "rules").glob("*.smk"))
    assert re.search(rf"^ *rule {script.stem}:", rules, re.MULTILINE), "no rule of that name"
    assert f'"../scripts/{script.name}"' in rules
    functions = [n.name for n in ast.parse(script.read_text(encoding="utf-8")).body if isinstance(n, ast.FunctionDef)]
    assert functions == [script.stem]


def test_every_rule_with_a_script_knows_the_identity_of_its_code():
    for path in (ROOT / "workflow" / "rules").glob("*.smk"):
        for rule in re.split(r"^(?=rule )", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            name = rule.split(":", 1)[0]
            if "script:" in rule and name not in (
                "rule weights",
                "rule published_images",
                "rule score_set",
                "rule train_network",
                "rule train",
            ):
                assert re.search(r"\bcode=", rule), f"{path.name}: {name} has no code="


def test_one_module_builds_paths_of_stored_results():
    folders = "sources|fused|scores|arrays|timing|durations|tables|figures|training|stacks"
    built = re.compile(rf"""["'/](?:results/)?(?:{folders})/\{{|["']results/(?:{folders})|/ ["'](?:{folders})["']""")
    found = []
    for path in [*_modules("study"), *SCRIPTS, *(ROOT / "workflow" / "rules").glob("*.smk")]:
        tree = path.read_text(encoding="utf-8")
        # Docstrings tell people where things lie.
        text = re.sub(r'"""[\s\S]*?"""|"logs/[^"]*"', "", tree)
        if built.search(text):
            found.append(path.relative_to(ROOT).as_posix())
    assert found == ["study/store.py"]


def test_markup_of_tables_is_written_in_one_module():
    found = [
        p for p in _modules("study") if re.search(r'" \| "\.join|\\toprule|"\| ---', p.read_text(encoding="utf-8"))
    ]
    assert [p.relative_to(ROOT).as_posix() for p in found] in ([], ["study/tables/writers.py"])


def test_nothing_names_this_machine_or_a_package_registry():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout.split(b"\0")
    words = re.compile(rb"(?<![\w.])/(?:root|home/\w+)/|pypi\.org|files\.pythonhosted|registry\.npmjs")
    for name in filter(None, listed):
        path = ROOT / name.decode()
        if (
            path.suffix in (".py", ".md", ".smk", ".toml", ".yaml", ".yml", ".txt", ".json")
            and path.is_file()
            and path != Path(__file__)
        ):
            assert not words.search(path.read_bytes()), path
