"""Entries that GACN adds to a run: strategies for stacks, variants of the ablation, parameters trained by the workflow.

Importing this module does not import torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from methods.gacn import METHOD
from methods.gacn.recipe import Recipe, recipe_from
from study import records
from study.entries import Entry
from study.store import Results

_RESULTS = Results()

#: Strategies for stacks: value of the method's option ``strategy``, and its name for people; the order of rows and columns.
STRATEGIES = {
    "serial": "one by one",
    "calibrated": "calibrated",
    "carried": "carried",
    "reduced": "carried, 16 bits",
}
#: The strategy that the others are compared with: pair by pair, nothing kept.
BASELINE = "serial"
#: The strategy that the method takes unless it is told otherwise.
DEFAULT = str(METHOD.options["strategy"].default)


def strategy_entry(strategy: str) -> str:
    """Name of a strategy's entry. A variant of the configuration may take this name."""
    return f"gacn_{strategy}"


#: The strategies as entries.
STRATEGY_ENTRIES = {
    strategy_entry(value): Entry(strategy_entry(value), "gacn", f"GACN, {words}", {"strategy": value})
    for value, words in STRATEGIES.items()
}

#: Name of the entry with the parameters that the configuration trains.
TRAINED = "gacn_trained"
#: The parameters in the folder of a training run.
PARAMETERS = "gacn.safetensors"


# -- training runs -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Training:
    """How a training run ended: the record of the rule ``train_network``.

    A run has a folder, which Snakemake does not know (so its checkpoint survives a killed job), and this record beside
    it, which Snakemake does know.

    Parameters
    ----------
    name : str
        Of the run.
    recipe : mapping
        As `methods.gacn.recipe.Recipe`.
    status : {"ok", "unavailable", "failed"}
    reason : str
        Why it left no parameters; empty otherwise.
    attempt : int
        How often it was tried; see `study.run.retry`.
    sha256 : str
        Of the parameters; like the values below only when the status is ok.
    epochs, best_epoch : int
        Finished epochs, and the one (from 1) with the lowest validation loss, whose parameters are kept.
    validation_total : float
        That loss.
    seconds : float
        Duration of all epochs.
    """

    name: str
    recipe: Mapping[str, Any]
    status: str = "ok"
    reason: str = ""
    attempt: int = 1
    sha256: str = ""
    epochs: int = 0
    best_epoch: int = 0
    validation_total: float = 0.0
    seconds: float = 0.0

    def write(self) -> None:
        """Store the record."""
        records.write_json(_RESULTS.training(self.name), asdict(self))


def stored(run: str) -> Training | None:
    """The record of a training run; None when there is none, or none that can be read."""
    try:
        return Training(**records.read_json(_RESULTS.training(run)))
    except (OSError, ValueError, TypeError):
        return None


def configured(training: Mapping[str, Any]) -> tuple[str, Recipe]:
    """Name and recipe of the run that the configuration describes.

    Parameters
    ----------
    training : mapping
        The configuration's ``training``: ``recipe``, ``set``, and ``name`` (None: that of the recipe).

    Raises
    ------
    files.errors.InputError
        Unknown recipe or value, or a value outside its range.
    """
    return training["name"] or training["recipe"], recipe_from(training["recipe"], training["set"])


def parameters(run: str) -> str:
    """Path of the trained parameters of a run."""
    return _RESULTS.training(run, PARAMETERS)


def run_of(entry: Entry) -> str:
    """Name of the training run whose parameters an entry uses ("" for none)."""
    weights = Path(entry.options.get("weights", ""))
    return weights.parent.name if weights == Path(parameters(weights.parent.name)) else ""


def record_of(entry: Entry) -> str | None:
    """Path of the record of the training run whose parameters an entry uses, or None."""
    run = run_of(entry)
    return _RESULTS.training(run) if run else None


def reason(entry: Entry) -> str:
    """Why the training run whose parameters an entry uses left none ("" when it did, or when the entry uses none)."""
    ended = stored(run_of(entry)) if run_of(entry) else None
    if ended is None or ended.status == "ok":
        return ""
    return f"training {ended.name} is {ended.status}: {ended.reason}"


# -- ablation ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Variant:
    """A row of the ablation: its label, what it changes in the recipe, and what in the fusion.

    Parameters
    ----------
    label : str
    recipe : mapping
        Changed values of the recipe (`methods.gacn.recipe.Recipe`).
    options : mapping
        Options of the method.
    """

    label: str
    recipe: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


#: The network without one design choice at a time. The first is what all others are compared with.
VARIANTS = {
    "complete": Variant("Complete"),
    "no_refinement": Variant("Without boundary-guided refinement", {"refinement": False}),
    "no_gradient": Variant("Without gradient loss", {"gradient_weight": 0.0}),
    "no_cse": Variant("Without cSE", {"channel_attention": False}),
    "no_sse": Variant("Without sSE", {"spatial_attention": False}),
    "mean": Variant("Activity: average", {"activity": "mean"}),
    "maximum": Variant("Activity: maximum", {"activity": "maximum"}),
    "hard": Variant("Hard decision map", options={"weighting": "hard"}),
}
COMPLETE = next(iter(VARIANTS))


def ablation_runs(ablation: Mapping[str, Any]) -> dict[str, Recipe]:
    """Training runs of the ablation by name; variants that change only the fusion need none of their own.

    Parameters
    ----------
    ablation : mapping
        The configuration's ``ablation``: ``recipe`` and ``set``, the same for every variant.
    """
    trained = [name for name, variant in VARIANTS.items() if name == COMPLETE or variant.recipe]
    return {_run(ablation, name): _recipe(ablation, name) for name in trained}


def ablation_entries(ablation: Mapping[str, Any]) -> dict[str, Entry]:
    """Variants of the ablation as entries, the complete network first."""
    return {
        f"ablation_{name}": Entry(
            f"ablation_{name}",
            "gacn",
            variant.label,
            {"weights": parameters(_run(ablation, name)), **variant.options},
        )
        for name, variant in VARIANTS.items()
    }


def _recipe(ablation: Mapping[str, Any], variant: str) -> Recipe:
    return recipe_from(ablation["recipe"], {**ablation["set"], **VARIANTS[variant].recipe})


def _run(ablation: Mapping[str, Any], variant: str) -> str:
    """Name of a variant's run; another budget is another run."""
    trained = variant if VARIANTS[variant].recipe else COMPLETE
    return f"ablation_{trained}_{records.key(asdict(_recipe(ablation, trained)))[:8]}"
