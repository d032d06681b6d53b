"""``focusbench doctor``: what there is on this machine, and what is missing.

Exit status: 0, or 3 when something is missing without which the program does not work. What only narrows it (no GPU, no browser, a data set
that is not here) is told and changes no status.
"""

import argparse
import importlib
import importlib.metadata
import json
import os
import platform
import re
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from files import command, fetch, machine
from focusbench import __version__

#: Program -> names under which it may be installed, and what is lost without it.
PROGRAMS = {
    "git": (("git",), "records of runs do not name the commit of the program"),
    "LaTeX": (("pdflatex", "lualatex", "xelatex"), "tables are written as .tex, but cannot be set here"),
    "browser": (
        # macOS always has one; elsewhere a program `open` may be anything.
        ("chromium", "chromium-browser", "google-chrome", "firefox", *(["open"] if sys.platform == "darwin" else [])),
        "read results/report.html on another machine",
    ),
}

#: Files of the default run that are fetched: its data sets and the weights of the network.
DEFAULT = ("lytro", "lytro_triple", "gacn")

#: Available memory and free space, in bytes, below which a run may fail.
SCARCE = 2 * 2**30


@dataclass(frozen=True)
class Finding:
    """One line of the diagnosis.

    Parameters
    ----------
    subject : str
    state : {"ok", "note", "missing"}
        ``note``: something is not to be had, but the rest works; ``missing``: the program does not work.
    text : str
        What was found, and what to do.
    """

    subject: str
    state: str
    text: str


def add_doctor(commands: command.Commands) -> None:
    """Add the command ``doctor``."""
    own = commands.add_parser(
        "doctor",
        help="say what there is on this machine and what is missing",
        description="Say what there is on this machine and what is missing. Exit status 3 when the program cannot work.",
    )
    own.add_argument("--json", action="store_true", help="print one JSON object")
    own.set_defaults(run=_doctor)


def _doctor(arguments: argparse.Namespace) -> int:
    found = []
    for finding in diagnosis():
        found.append(finding)
        if not arguments.json:
            mark = "" if finding.state == "ok" else f"{finding.state}: "
            print(f"{finding.subject:<14} {mark}{finding.text}", flush=True)
    missing = [finding for finding in found if finding.state == "missing"]
    if arguments.json:
        print(json.dumps({"works": not missing, "findings": list(map(asdict, found))}, indent=2, ensure_ascii=False))
    return 3 if missing else 0


def diagnosis() -> Iterator[Finding]:
    """What there is and what is missing, one `Finding` after the other; none of them raises an error."""
    yield _program()
    yield _python()
    libraries = _libraries()
    yield from libraries
    yield _processor()
    yield _graphics()
    yield _memory()
    yield _cache()
    yield _results()
    yield _mirror()
    yield _network()
    if libraries[-1].state == "ok":
        yield from _data()
        yield from _plugins()
    for name, (commands, loss) in PROGRAMS.items():
        here = next(filter(None, map(shutil.which, commands)), None)
        yield Finding(name, "ok", here) if here else Finding(name, "note", f"not found: {loss}")


def _program() -> Finding:
    git = machine.git_state()
    commit = f"commit {git['commit'][:12]}{', changed' if git['modified'] else ''}" if git["commit"] else "no commit"
    state = "installed" if machine.INSTALLED else commit
    return Finding("focusbench", "ok", f"{__version__} in {machine.ROOT} ({state})")


def _python() -> Finding:
    return Finding("Python", "ok", f"{platform.python_version()} in {sys.prefix} ({platform.platform()})")


def _requirements() -> list[str]:
    """What the program needs, as its metadata say (``name>=version``)."""
    project = machine.ROOT / "pyproject.toml"
    if project.is_file():
        return tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    return [line for line in importlib.metadata.requires("focusbench") or [] if "extra ==" not in line]


def _libraries() -> list[Finding]:
    """One line per library that is absent, too old or broken, and one for the rest; the last one tells whether the program works."""
    modules: dict[str, list[str]] = {}
    for module, names in importlib.metadata.packages_distributions().items():
        for name in names:
            modules.setdefault(name.lower(), []).append(module)
    wrong, there = [], []
    for requirement in _requirements():
        name, least = re.fullmatch(r"([\w.-]+)(?:>=([\d.]+))?.*", requirement).groups()  # type: ignore[union-attr]
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(Finding(name, "missing", f"not installed; {requirement} is needed"))
            continue
        if least and _numbers(version) < _numbers(least):
            wrong.append(Finding(name, "missing", f"{version} is too old; {requirement} is needed"))
            continue
        try:
            for module in modules.get(name.lower(), []):
                if not module.startswith("_"):
                    importlib.import_module(module)
        except Exception as error:
            wrong.append(Finding(name, "missing", f"{version} cannot be imported: {command.one_line(error)}"))
            continue
        there.append(f"{name} {version}")
    rest = Finding("libraries", "missing" if wrong else "ok", ", ".join(there) or "none")
    return [*wrong, rest]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version.partition("+")[0])))


def _processor() -> Finding:
    # A batch system may give a process fewer cores than there are.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Finding("processor", "ok", f"{machine.cpu_name()}, {cores} cores for this process")


def _graphics() -> Finding:
    try:
        if machine.choose_device("auto") == "cuda":
            return Finding("GPU", "ok", f"{machine.device_name('cuda')}; learned methods and training use it")
        import torch
    except Exception as error:
        return Finding("GPU", "note", f"torch cannot say: {command.one_line(error)}")
    if shutil.which("nvidia-smi") is None:
        return Finding("GPU", "note", "none with CUDA; learned methods and training run on the processor")
    built = torch.version.cuda
    reason = f"its driver does not fit CUDA {built}" if built else "this torch is built without CUDA"
    return Finding("GPU", "note", f"there is an NVIDIA GPU, but torch cannot use it: {reason}")


def _memory() -> Finding:
    try:
        import psutil
    except ImportError:
        return Finding("memory", "note", "unknown without psutil")
    memory = psutil.virtual_memory()
    text = f"{_size(memory.available)} of {_size(memory.total)} available"
    scarce = memory.available < SCARCE
    return Finding("memory", "note" if scarce else "ok", text + "; large images may not fit" * scarce)


def _folder(subject: str, folder: Path, use: str) -> Finding:
    """Whether a folder can be written to, and the space there."""
    there = folder
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        return Finding(subject, "missing", f"{folder} cannot be written to ({error.strerror}); {use}")
    scarce = free < SCARCE
    return Finding(subject, "note" if scarce else "ok", f"{folder}, {_size(free)} free" + f"; {use}" * scarce)


def _cache() -> Finding:
    try:
        return _folder("cache", fetch.cache_folder(), "FOCUSBENCH_CACHE may name another folder")
    except ImportError as error:
        return Finding("cache", "note", f"unknown: {error}")


def _results() -> Finding:
    return _folder("results", Path.cwd() / "results", "run the benchmark in another folder")


def _mirror() -> Finding:
    given = os.environ.get("FOCUSBENCH_MIRROR")
    if not given:
        return Finding("mirror", "ok", "none (FOCUSBENCH_MIRROR is not set)")
    if not Path(given).expanduser().is_dir():
        return Finding("mirror", "note", f"FOCUSBENCH_MIRROR names {given}, but there is no such folder; it is ignored")
    return Finding("mirror", "ok", given)


def _network() -> Finding:
    try:
        reachable = fetch.reachable()
    except ImportError as error:
        return Finding("network", "note", f"unknown: {error}")
    if reachable:
        return Finding("network", "ok", f"{fetch.BASE} answers")
    offline = os.environ.get("FOCUSBENCH_OFFLINE", "0") not in ("", "0")
    reason = "FOCUSBENCH_OFFLINE is set" if offline else f"{fetch.BASE} does not answer"
    return Finding("network", "note", f"nothing can be fetched: {reason}")


def _data() -> Iterator[Finding]:
    """Data sets and methods that can be used now."""
    import methods
    import scenes
    from files import catalogue

    absent = [row for name in DEFAULT for row in catalogue.rows(name) if fetch.missing((row,))]
    if absent:
        size = sum(row.bytes for row in absent)
        text = f"{len(absent)} files of the default run, {_size(size)}, are fetched when it needs them"
        yield Finding("to fetch", "ok", f"{text}, or now: {fetch.COMMAND} {' '.join(DEFAULT)}")
    unavailable = [name for name in scenes.ids() if scenes.availability(name)]
    yield _available("data sets", len(scenes.ids()), unavailable)
    # What needs an option from the user is no weight that is missing.
    weights = [declared for declared in methods.registry.all() if declared.files]
    yield _available("weights", len(weights), [d.id for d in weights if methods.availability(d.id)])


def _available(subject: str, count: int, absent: list[str]) -> Finding:
    if not absent:
        return Finding(subject, "ok", f"all {count} are here")
    return Finding(
        subject, "note", f"{count - len(absent)} of {count} are here; {fetch.COMMAND} NAME brings {' '.join(absent)}"
    )


def _plugins() -> Iterator[Finding]:
    """Plug-ins of the user, and broken ones."""
    import methods
    import metrics

    for registry in (methods.registry, metrics.registry):
        broken = registry.broken()
        own = [name for name in registry.own() if name not in broken]
        if own:
            yield Finding(f"own {registry.package}", "ok", f"{' '.join(own)} from {Path.cwd() / registry.package}")
        for reason in broken.values():
            yield Finding(f"own {registry.package}", "note", reason)


def _size(count: float) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
