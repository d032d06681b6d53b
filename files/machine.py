"""The machine and the program's state, for records of how a result was made."""

import importlib.metadata
import platform
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_LIBRARIES = ("torch", "numpy", "scipy", "scikit-image", "opencv-python-headless", "pandas", "matplotlib", "snakemake")


def cpu_name():
    """Name of the processor, for people."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def device_name(device):
    """Name of the processor or GPU that `device` stands for."""
    if device == "cuda":
        import torch

        return torch.cuda.get_device_name()
    return cpu_name()


def versions():
    """Versions of Python and of the libraries that results depend on (dict of str)."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def git_state():
    """Commit and whether the program differs from it (dict), or empty values outside a checkout.

    What a run writes to ``results`` is no change of the program.
    """

    def git(*arguments):
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    try:
        return {
            "commit": git("rev-parse", "HEAD"),
            "modified": bool(git("status", "--porcelain", "--untracked-files=no", "--", ".", ":(exclude)results")),
        }
    except FileNotFoundError:
        return {"commit": "", "modified": None}
