"""The machine a job runs on: threads, device, versions, memory, and locks left by a killed run."""

import os
import sys
from pathlib import Path

from files.errors import InputError
from files.machine import ROOT, cpu_name, device_name, git_state, versions  # noqa: F401 (part of this module)


def limit_threads(count):
    """Give NumPy, OpenCV and torch `count` threads; call it before any of them is imported where possible."""
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = str(count)
    import threadpoolctl

    threadpoolctl.threadpool_limits(count)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(count)
    if "cv2" in sys.modules:
        sys.modules["cv2"].setNumThreads(count)


def choose_device(wanted):
    """``"cpu"`` or ``"cuda"`` from the configuration's ``device`` (``auto`` takes CUDA when there is one).

    Raises
    ------
    files.errors.InputError
        ``cuda`` is asked for and there is none.
    """
    if wanted == "cpu":
        return "cpu"
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if wanted == "cuda":
        raise InputError("device: cuda is asked for, but torch finds no CUDA device; use auto or cpu")
    return "cpu"


def environment():
    """One line that identifies the libraries a timing was measured with."""
    known = versions()
    return " ".join(f"{name}={known[name]}" for name in ("python", "torch", "numpy", "scipy", "opencv-python-headless"))


def clear_stale_lock(workdir):
    """Remove the lock that a killed run left, when the process that took it is gone.

    Snakemake locks its working directory and a killed run cannot unlock it; a lock whose owner (noted by
    `note_owner`) still lives is left alone, so two runs never share the results.
    """
    folder = Path(workdir) / ".snakemake"
    owner = folder / "focusbench.pid"
    if not owner.is_file():
        return
    try:
        os.kill(int(owner.read_text()), 0)
        return
    except (ValueError, ProcessLookupError):
        pass
    except PermissionError:
        return
    for lock in (folder / "locks").glob("*.lock"):
        lock.unlink(missing_ok=True)


def note_owner(workdir):
    """Remember this process as the owner of the working directory's lock."""
    folder = Path(workdir) / ".snakemake"
    folder.mkdir(exist_ok=True)
    (folder / "focusbench.pid").write_text(str(os.getpid()))


def peak_memory_mb():
    """Largest resident memory of this process so far, in MiB."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def plain(reason):
    """A reason without paths of this machine, on one line, for tables."""
    text = " ".join(str(reason).split())
    for path in (str(ROOT) + os.sep, str(Path.home()) + os.sep):
        text = text.replace(path, "")
    return text


def command_line(arguments):
    """A command as it can be read elsewhere: of the program and of absolute paths only the names."""
    program, *others = arguments
    return " ".join([Path(program).name, *(Path(o).name if Path(o).is_absolute() else o for o in others)])
