"""The machine and the program's state."""

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
