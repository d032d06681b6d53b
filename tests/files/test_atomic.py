"""Atomic writing: a reader meets the whole file or folder, or none."""

import pytest

from files.atomic import atomic, atomic_folder, write_text


def test_a_file_takes_its_place_when_the_block_ends_well(tmp_path):
    path = tmp_path / "new" / "x.txt"
    write_text(path, "a\nü\n")
    assert path.read_bytes() == "a\nü\n".encode()
    assert [p.name for p in path.parent.iterdir()] == ["x.txt"]


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="stop"), atomic(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError("stop")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["x.txt"]


@pytest.fixture
def folder(tmp_path):
    write_text(tmp_path / "kept" / "part" / "x.txt", "old")
    return tmp_path / "kept"


def test_a_copy_of_a_folder_takes_its_place_when_the_block_ends_well(folder):
    with atomic_folder(folder) as new:
        (new / "part" / "x.txt").write_text("new")
        (new / "y.txt").write_text("more")
        assert (folder / "part" / "x.txt").read_text() == "old"
    assert (folder / "part" / "x.txt").read_text() == "new" and (folder / "y.txt").is_file()
    assert [p.name for p in folder.parent.iterdir()] == ["kept"]


def test_an_error_leaves_the_old_folder_and_nothing_else(folder):
    with pytest.raises(RuntimeError, match="stop"), atomic_folder(folder) as new:
        (new / "part" / "x.txt").write_text("half")
        raise RuntimeError("stop")
    assert (folder / "part" / "x.txt").read_text() == "old"
    assert [p.name for p in folder.parent.iterdir()] == ["kept"]


def test_what_a_killed_program_left_is_put_back(folder):
    write_text(folder.with_name(".kept.new") / "part" / "x.txt", "half")
    folder.rename(folder.with_name(".kept.old"))
    with atomic_folder(folder) as new:
        assert (new / "part" / "x.txt").read_text() == "old"
    assert [p.name for p in folder.parent.iterdir()] == ["kept"]


def test_a_folder_that_is_not_there_is_made(tmp_path):
    with atomic_folder(tmp_path / "a" / "b") as new:
        (new / "x.txt").write_text("new")
    assert (tmp_path / "a" / "b" / "x.txt").read_text() == "new"
