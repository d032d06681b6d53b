"""The machine and the program's state."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from files import machine
from files.errors import InputError


def test_reasons_name_no_folder_of_the_machine():
    text = f"cannot read\n {machine.ROOT}/scenes/x.png and {Path.home()}/y"
    assert machine.plain(text) == "cannot read scenes/x.png and y"


def test_the_processor_is_chosen_without_torch_and_cuda_only_where_there_is_one():
    assert machine.choose_device("cpu") == "cpu"
    import torch

    if torch.cuda.is_available():
        assert machine.choose_device("auto") == machine.choose_device("cuda") == "cuda"
    else:
        assert machine.choose_device("auto") == "cpu"
        with pytest.raises(InputError, match="no CUDA device"):
            machine.choose_device("cuda")


def test_what_is_known_of_the_machine():
    assert machine.cpu_name() and machine.peak_memory_mb() > 10
    assert "numpy=" in machine.environment()
    assert set(machine.git_state()) == {"commit", "modified"}


def test_a_repository_around_an_installed_program_is_not_its_own(monkeypatch):
    monkeypatch.setattr(machine, "ROOT", machine.ROOT / "files")
    assert machine.git_state() == {"commit": "", "modified": None}


def _python(code, **environment):
    own = {name: value for name, value in os.environ.items() if name not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=machine.ROOT,
        env=own | environment,
        capture_output=True,
        text=True,
        check=True,
    )


def test_waiting_threads_do_not_spin():
    """As the library states it when torch loads it: two programs side by side would slow each other down many times over."""
    stated = _python("import methods, torch", OMP_DISPLAY_ENV="TRUE").stderr
    assert re.search(r"OMP_WAIT_POLICY\s*=\s*'PASSIVE'", stated), stated


def test_who_wants_spinning_threads_can_have_them():
    assert (
        _python("import os, methods; print(os.environ['OMP_WAIT_POLICY'])", OMP_WAIT_POLICY="ACTIVE").stdout
        == "ACTIVE\n"
    )
