"""The machine and the program's state: devices, memory, versions, commit, for running and for records of how a result was made."""

import importlib.metadata
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

from files.errors import InputError

ROOT = Path(__file__).resolve().parent.parent

#: Version of the program, also of the package (pyproject.toml).
VERSION = "0.1.0"

#: Whether the program runs from the package that ``pip install`` made, not from a clone.
INSTALLED = ROOT.name == "_tree"

#: What runs the workflow, for messages.
RUN = "focusbench run" if INSTALLED else "snakemake --cores N"

_LIBRARIES = ("torch", "numpy", "scipy", "scikit-image", "opencv-python-headless", "pandas", "matplotlib", "snakemake")


def cpu_name() -> str:
    """Name of the processor, for people."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def device_name(device: str) -> str:
    """Name of the processor or GPU that `device` stands for."""
    if device == "cuda":
        import torch

        return torch.cuda.get_device_name()
    return cpu_name()


def versions() -> dict[str, str]:
    """Versions of this program, of Python and of the libraries that results depend on (dict of str)."""
    found = {"focusbench": VERSION, "python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def git_state() -> dict[str, Any]:
    """Commit and whether the program differs from it (dict), or empty values outside a checkout.

    Files below ``results`` do not count: a run writes there.
    """

    # An installed program may lie inside another repository.
    if not (ROOT / ".git").exists():
        return {"commit": "", "modified": None}

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    try:
        return {
            "commit": git("rev-parse", "HEAD"),
            "modified": bool(git("status", "--porcelain", "--untracked-files=no", "--", ".", ":(exclude)results")),
        }
    except FileNotFoundError:
        return {"commit": "", "modified": None}


def choose_device(wanted: str) -> str:
    """``"cpu"`` or ``"cuda"`` from the configuration's ``device`` (``auto`` takes CUDA when there is one).

    Raises
    ------
    files.errors.InputError
        ``cuda`` is asked for and there is none.
    """
    if wanted == "cpu":
        return "cpu"
    # The answer comes from the driver's library then. Otherwise the question begins to use CUDA, which forked processes cannot take over.
    os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if wanted == "cuda":
        raise InputError("device: cuda is asked for, but torch finds no CUDA device; use auto or cpu")
    return "cpu"


def environment() -> str:
    """One line that identifies the libraries a timing was measured with."""
    known = versions()
    return " ".join(f"{name}={known[name]}" for name in ("python", "torch", "numpy", "scipy", "opencv-python-headless"))


def peak_memory_mb() -> float:
    """Largest resident memory of this process so far, in MiB."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def plain(reason: object) -> str:
    """A reason without paths of this machine, on one line, for tables; bytes of file names that are no UTF-8 as escapes."""
    text = " ".join(str(reason).split()).encode("utf-8", "backslashreplace").decode()
    for path in (str(ROOT) + os.sep, str(Path.home()) + os.sep):
        text = text.replace(path, "")
    return text
