"""The configuration: schema, defaults, groups of methods and metrics, and what one run consists of."""

import copy
import difflib
import functools
from dataclasses import dataclass, field
from pathlib import Path

import jsonschema
import yaml

import methods
import metrics
import scenes
from files.errors import InputError
from methods.gacn.recipe import recipe_from
from study.gacn import train_network as training

SCHEMA = Path(__file__).parent.parent / "workflow" / "schemas" / "config.schema.yaml"

_GROUPS = {
    "controls": lambda m: m.kind == "control" and m.id != "precomputed",
    "comparison": lambda m: m.comparison,
    "proposed": lambda m: m.kind == "proposed",
    "transform": lambda m: m.kind == "transform",
    "sparse": lambda m: m.kind == "sparse",
    "spatial": lambda m: m.kind == "spatial",
    "learned": lambda m: m.kind == "learned",
    "all": lambda m: m.id != "precomputed",
}


@dataclass(frozen=True)
class Entry:
    """A method as a run knows it: a plug-in, or a plug-in with other options under a name of its own.

    Parameters
    ----------
    name : str
        Row key in tables and folder name of the results.
    method : str
        Plug-in id.
    label : str
        Name for people.
    options : dict
        What the configuration sets (options and ``preset``).
    """

    name: str
    method: str
    label: str
    options: dict = field(default_factory=dict)

    @property
    def declared(self):
        """The plug-in's declaration."""
        return _declaration(self.method)

    @property
    def in_paper(self):
        """Whether the paper's table has it: controls, its comparison set, GACN, and variants of these."""
        return self.declared.comparison or self.declared.kind in ("control", "proposed")


@functools.cache
def _declaration(method):
    """A method's declaration; the registry looks into its folder every time, and tables ask thousands of times."""
    return methods.registry.get(method)


@dataclass(frozen=True)
class Settings:
    """A resolved configuration."""

    datasets: tuple
    entries: dict
    metrics: tuple
    folders: dict
    align: dict
    budget: dict
    device: str
    timing: dict
    figures: dict
    train: bool
    training: dict
    ablation: dict
    report: dict
    stacks: dict
    strict: bool
    raw: dict

    @property
    def main_entries(self):
        """Names of the methods in the paper's table: controls, its comparison set, GACN, their variants, and named ones."""
        named = self.raw["methods"]
        return [
            name for name, entry in self.entries.items() if entry.in_paper or name in named or entry.method in named
        ]

    @property
    def timed(self):
        """Data sets of this run on which times are measured."""
        wanted = self.timing["datasets"]
        return [d for d in self.datasets if self.timing["enabled"] and (wanted is None or d in wanted)]


def with_defaults(raw):
    """The configuration with every default of the schema filled in, checked.

    Raises
    ------
    files.errors.InputError
        One line that names the option, what is wrong and what would be right.
    """
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    config = copy.deepcopy(dict(raw))
    _fill(config, schema)
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(config))
    if error is not None:
        raise InputError(_explain(error))
    return config


def _fill(config, schema):
    for name, part in schema.get("properties", {}).items():
        if name not in config and "default" in part:
            config[name] = copy.deepcopy(part["default"])
        if isinstance(config.get(name), dict):
            _fill(config[name], part)
    further = schema.get("additionalProperties")
    if isinstance(further, dict):
        for value in config.values():
            if isinstance(value, dict):
                _fill(value, further)


def _explain(error):
    where = ".".join(str(step) for step in error.absolute_path) or "the configuration"
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        unknown = sorted(set(error.instance) - set(known))
        near = difflib.get_close_matches(unknown[0], known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"known are: {', '.join(known)}"
        return f"configuration: {where} has no option '{unknown[0]}'; {hint}"
    return f"configuration: {where}: {error.message}"


def _check_name(name, known, what):
    if name not in known:
        near = difflib.get_close_matches(name, known, n=2, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known are: {', '.join(sorted(known))}"
        raise InputError(f"configuration: unknown {what} '{name}'; {hint}")


def _entries(config):
    declared = {m.id: m for m in methods.registry.all()}
    variants = {}
    for name, variant in config["variants"].items():
        if name in declared or name in _GROUPS or name == training.TRAINED:
            raise InputError(f"configuration: variants.{name}: the name is taken by a method or group; choose another")
        _check_name(variant["method"], list(declared), "method")
        declared[variant["method"]].settings(variant["options"])
        label = variant.get("label", f"{declared[variant['method']].label} ({name})")
        variants[name] = Entry(name, variant["method"], label, variant["options"])
    known = [*declared, *variants, *_GROUPS]
    for name in config["exclude"]:
        _check_name(name, [*declared, *variants], "method")
    chosen = {}
    for name in config["methods"]:
        _check_name(name, known, "method")
        if name in variants:
            chosen[name] = variants[name]
        elif name in declared:
            chosen[name] = Entry(name, name, declared[name].label)
        else:
            order = [m for kind in methods.KINDS for m in declared.values() if m.kind == kind]
            chosen.update({m.id: Entry(m.id, m.id, m.label) for m in order if _GROUPS[name](m)})
    # A variant of a chosen method stands beside it even when only its method's group was named.
    for name, variant in variants.items():
        if variant.method in chosen:
            chosen[name] = variant
    if config["train"]:
        name, _ = training.configured(config["training"])
        weights = {"weights": training.parameters(name)}
        chosen[training.TRAINED] = Entry(training.TRAINED, "gacn", f"{declared['gacn'].label} (trained here)", weights)
    for name in config["exclude"]:
        chosen.pop(name, None)
    order = {kind: place for place, kind in enumerate(methods.KINDS)}
    return dict(sorted(chosen.items(), key=lambda item: order[declared[item[1].method].kind]))


def _check_recipes(config):
    """Refuse a recipe that is none before anything is trained."""
    for option in ("training", "ablation"):
        try:
            recipe_from(config[option]["recipe"], config[option]["set"])
        except InputError as error:
            raise InputError(f"configuration: {option}: {error}") from None


def _metrics(config):
    known = metrics.registry.ids()
    chosen = []
    for name in config["metrics"]:
        _check_name(name, [*known, "six", "all"], "metric")
        group = {"six": metrics.SIX, "all": [*metrics.SIX, *(m for m in known if m not in metrics.SIX)]}
        chosen += group.get(name, [name])
    return tuple(dict.fromkeys(chosen))


def resolve(raw):
    """Settings of a run from a raw configuration (dict).

    Raises
    ------
    files.errors.InputError
        Unknown or ill-typed option, unknown data set, method or metric.
    """
    config = with_defaults(raw)
    _check_recipes(config)
    catalogued = scenes.ids()
    for name in config["folders"]:
        if name == "pooled":
            raise InputError(
                "configuration: folders.pooled: the name is that of all data sets together; choose another"
            )
        if name in catalogued:
            raise InputError(f"configuration: folders.{name}: the name is taken by a data set; choose another")
    for name in config["datasets"]:
        _check_name(name, [*catalogued, *config["folders"]], "data set")
    stacks = config["stacks"]
    named = [*config["budget"], *config["align"], *config["ablation"]["datasets"]]
    for group in (config["timing"], config["report"]):
        named += group["datasets"] or []
    for name in [*named, *stacks["timing"], *stacks["quality"], *stacks["figures"]]:
        _check_name(name, [*catalogued, *config["folders"]], "data set")
    return Settings(
        datasets=tuple(config["datasets"]),
        entries=_entries(config),
        metrics=_metrics(config),
        folders=config["folders"],
        align=config["align"],
        budget=config["budget"],
        device=config["device"],
        timing=config["timing"],
        figures=config["figures"],
        train=config["train"],
        training=config["training"],
        ablation=config["ablation"],
        report=config["report"],
        stacks=stacks,
        strict=config["strict"],
        raw=config,
    )


def forecast(declared, shapes):
    """Seconds that a method is expected to need for scenes.

    Parameters
    ----------
    declared : methods.Method
    shapes : sequence of (int, int, int)
        Height, width and number of sources of every scene.

    Returns
    -------
    float
        Cost per megapixel and pair, times the n - 1 steps of a stack.
    """
    return sum(declared.cost * height * width * (count - 1) / 1e6 for height, width, count in shapes)
