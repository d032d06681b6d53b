"""The cache of converted weights."""

import numpy as np
import pytest

from files import fetch, weights_cache

calls = []


def convert(paths):
    """Counts its calls; the transposed array is not contiguous in memory."""
    calls.append(len(paths))
    return {"kernel": np.frombuffer(paths[0].read_bytes(), np.uint8).reshape(2, 3).T.astype(np.float32)}


@pytest.fixture
def original(tmp_path, monkeypatch):
    """A weight file that fetching gives for every key, and an empty cache."""
    path = tmp_path / "weights.bin"
    path.write_bytes(bytes(range(6)))
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(fetch, "path", lambda key: path)
    calls.clear()
    return path


def test_converts_once(original):
    first = weights_cache.arrays(("some/weights.bin",), convert)
    again = weights_cache.arrays(("some/weights.bin",), convert)
    assert calls == [1]
    np.testing.assert_array_equal(first["kernel"], [[0, 3], [1, 4], [2, 5]])
    np.testing.assert_array_equal(again["kernel"], first["kernel"])
    assert again["kernel"].dtype == np.float32


def test_another_original_is_converted_anew(original):
    weights_cache.arrays(("some/weights.bin",), convert)
    original.write_bytes(bytes(range(10, 16)))
    assert weights_cache.arrays(("some/weights.bin",), convert)["kernel"][0, 0] == 10
    assert calls == [1, 1]


def test_a_damaged_conversion_is_made_anew(original, tmp_path):
    weights_cache.arrays(("some/weights.bin",), convert)
    (converted,) = (tmp_path / "cache" / "converted").iterdir()
    converted.write_bytes(converted.read_bytes()[:40])
    assert weights_cache.arrays(("some/weights.bin",), convert)["kernel"][2, 1] == 5
    assert calls == [1, 1]


def test_works_where_nothing_can_be_kept(original, monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("FOCUSBENCH_CACHE", str(blocked))
    assert weights_cache.arrays(("some/weights.bin",), convert)["kernel"].shape == (3, 2)
