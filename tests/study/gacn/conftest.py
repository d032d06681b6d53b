"""Stacks, networks without training, made-up times and scores."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from imaging.files import write_image, write_levels
from study.gacn import entries, time_stacks
from study.run.sources import collect
from study.store import Results, Score, Timing
from tests.study.figures.conftest import twice, words  # noqa: F401 (fixtures)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def results(tmp_path):
    """Results of a run, nothing in them yet."""
    return Results(str(tmp_path / "results"))


@pytest.fixture(scope="session")
def untrained(tmp_path_factory):
    """Path of parameters without training, so that no download is needed."""
    torch = pytest.importorskip("torch")
    from methods.gacn import weights
    from methods.gacn.network import GACN

    torch.manual_seed(1)
    path = tmp_path_factory.mktemp("weights") / "untrained.safetensors"
    weights.write(path, GACN())
    return path


@pytest.fixture(scope="session")
def strategies(untrained):
    """The strategies with these parameters."""
    return {
        name: replace(entry, options={**entry.options, "weights": str(untrained)})
        for name, entry in entries.STRATEGY_ENTRIES.items()
    }


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A user's folder: a stack of four small images with truth, and a pair."""
    rng = np.random.default_rng(5)
    root = tmp_path_factory.mktemp("stacks")
    for name, count in (("pair", 2), ("stack", 4)):
        for k in range(count):
            write_image(root / name / f"{k + 1}.png", rng.random((40, 52, 3)).astype(np.float32))
    write_levels(root / "stack" / "truth_index.png", np.arange(40)[:, None] // 10 + np.zeros((1, 52), dtype=int))
    return root


@pytest.fixture(scope="session")
def facts(folder):
    """That folder as a data set."""
    return collect("mine", str(folder))


@pytest.fixture
def timed(results):
    """Makes the rows of `Results.read_timing`: data set, number of images, seconds one by one, seconds of every other strategy."""

    def make(*cases, lost=()):
        rows = list(lost)
        for dataset, count, baseline, others in cases:
            for strategy in entries.STRATEGIES:
                name, seconds = entries.strategy_entry(strategy), baseline if strategy == entries.BASELINE else others
                row = Timing(dataset, name, name, scene="s", images=count, megapixels=1.0, threads=2, device="cpu")
                row = replace(row, device_name="a processor", environment="python=3", warm="yes")
                rows += [
                    replace(row, repeat=k, seconds=value, peak_memory_mb=500 + k)
                    for k, value in enumerate(seconds, start=1)
                ]
        path = results.stack_timing("d")
        results.write_timing(path, rows)
        return results.read_timing(path)

    return make


@pytest.fixture
def breakdown():
    """Where the time of a stack of four images went, as it is stored."""
    macs = {"features": "10", "decision": "40"}
    rows = []
    for strategy in entries.STRATEGIES:
        name, calls = entries.strategy_entry(strategy), "6" if strategy == entries.BASELINE else "4"
        for stage in time_stacks.STAGES:
            seconds = {"features": "2.0", "activity": "1.0", "decision": "2.0"}.get(stage, "0.0")
            rows.append(("d", "s", name, "4", stage, seconds, calls, macs.get(stage, "")))
    return pd.DataFrame(rows, columns=list(time_stacks.BREAKDOWN))


@pytest.fixture
def score():
    """Makes scores of one method and metric: {scene: value}."""

    def make(dataset, method, metric, values, reference="sources"):
        return [Score(dataset, scene, method, metric, value, reference=reference) for scene, value in values.items()]

    return make
