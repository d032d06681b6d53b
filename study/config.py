"""The configuration: schema, defaults, groups of methods and metrics, and what one run consists of."""

import copy
import difflib
import functools
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import yaml

import methods
import metrics
import scenes
from files.errors import InputError, Unavailable, did_you_mean
from files.machine import ROOT
from methods.gacn.recipe import recipe_from
from study.entries import GROUPS, Entry
from study.gacn import entries as gacn
from study.refresh import REFERENCE
from study.store import POOLED, Results, read_frame

#: How the patterns of names end in the schema. Files of results are named after them.
_NAME = "[a-z][a-z0-9_]{0,39}$(?!\\n)"

SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"


@dataclass(frozen=True)
class Settings:
    """A resolved configuration.

    Parameters
    ----------
    scenes : dict
        Data set -> the scenes of it that the run takes, as the configuration names them (`scenes.choose`); not there: all.
    datasets : tuple of str
    entries : dict of str to Entry
        Methods of the run by name, in table order.
    highlight : tuple of str
        Entries that are tested against all others and highlighted; empty: GACN, where it takes part (`study.store.About.highlighted`).
    metrics : tuple of str
    folders : dict of str to str
        A user's data sets.
    align, budget, timing, figures, training, ablation, report, stacks : dict
        As in the configuration, with defaults.
    device : {"auto", "cpu", "cuda"}
    time_limit : float or None
        Seconds that one scene may take; None: by the method's declared cost (`study.run.fuse_set.limit_of`).
    train, strict : bool
    kept : str or None
        Folder of kept tables from which tables and figures are made again.
    raw : dict
        The whole configuration.
    """

    scenes: dict[str, tuple[str, ...]]
    datasets: tuple[str, ...]
    entries: dict[str, Entry]
    highlight: tuple[str, ...]
    metrics: tuple[str, ...]
    folders: dict[str, str]
    align: dict[str, str]
    budget: dict[str, float | None]
    device: str
    time_limit: float | None
    timing: dict[str, Any]
    figures: dict[str, Any]
    train: bool
    training: dict[str, Any]
    ablation: dict[str, Any]
    report: dict[str, Any]
    stacks: dict[str, Any]
    strict: bool
    kept: str | None
    raw: dict[str, Any]

    def entries_on(self, dataset: str) -> dict[str, Entry]:
        """The methods that take part on a data set: all, but of the published ones those that have images of it."""
        return {name: entry for name, entry in self.entries.items() if entry.takes_part(dataset)}

    @property
    def main_entries(self) -> list[str]:
        """Names of the methods in the paper's table: controls, its comparison set, GACN, their variants, named and highlighted ones."""
        named = [*self.raw["methods"], *self.highlight]
        return [
            name for name, entry in self.entries.items() if entry.in_paper or name in named or entry.method in named
        ]

    @property
    def idle_variants(self) -> list[str]:
        """Variants of the configuration that take no part: neither their name nor their method is among the methods, and nobody excluded them."""
        return [name for name in self.raw["variants"] if name not in self.entries and name not in self.raw["exclude"]]

    @property
    def timed(self) -> list[str]:
        """Data sets of this run on which times are measured."""
        wanted = self.timing["datasets"]
        measured = self.timing["enabled"] and not all(entry.is_published for entry in self.entries.values())
        return [d for d in self.datasets if measured and (wanted is None or d in wanted)]


@functools.cache
def _schema() -> dict[str, Any]:
    return yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))


def with_defaults(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with every default of the schema filled in, checked.

    Words that came from the command line as text (``train=true``, ``timing={scenes: 1}``) take the type that the schema asks for.

    Raises
    ------
    files.errors.InputError
        One line that names the option, what is wrong and what would be right.
    """
    if not isinstance(raw, Mapping):
        raise InputError(f"configuration: {raw!r} is no list of options; lines such as `methods: [gff]` are needed")
    config = _typed(copy.deepcopy(dict(raw)), _schema())
    _check_plain(config)
    _fill(config, _schema())
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(_schema()).iter_errors(config))
    if error is not None:
        raise InputError(_explain(error))
    return config


def _check_plain(value: Any, where: str = "") -> None:
    """Refuse names that YAML does not read as text (``2024``, ``yes``), and numbers that are not finite."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            place = f"{where}.{name}" if where else str(name)
            if not isinstance(name, str):
                raise InputError(
                    f"configuration: {place}: the name is {name!r}, not text; put it into quotes or choose another"
                )
            _check_plain(item, place)
    elif isinstance(value, list | tuple):
        for item in value:
            _check_plain(item, where)
    elif isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"configuration: {where}: {value} is no finite number; leave the option out for its default")


def _types(part: Mapping[str, Any]) -> list[str]:
    types = part.get("type", [])
    return [types] if isinstance(types, str) else list(types)


def _typed(value: Any, part: Mapping[str, Any]) -> Any:
    """The value with text turned into truth values, numbers and null where the schema wants these and no text."""
    types = _types(part)
    if isinstance(value, str) and types and "string" not in types:
        return _converted(value, types)
    if isinstance(value, Mapping):
        known, others = part.get("properties", {}), part.get("additionalProperties")
        further = others if isinstance(others, Mapping) else {}
        return {name: _typed(item, known.get(name, further)) for name, item in value.items()}
    if isinstance(value, list):
        return [_typed(item, part.get("items", {})) for item in value]
    return value


def _converted(text: str, types: Sequence[str]) -> Any:
    read = yaml.safe_load(text) if text else None
    fits = {
        "boolean": isinstance(read, bool),
        "integer": isinstance(read, int) and not isinstance(read, bool),
        "number": isinstance(read, int | float) and not isinstance(read, bool),
        "null": read is None,
        "array": isinstance(read, list),
        "object": isinstance(read, dict),
    }
    return read if any(fits.get(kind, False) for kind in types) else text


def _fill(config: dict[str, Any], schema: Mapping[str, Any]) -> None:
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


#: What a value of a type looks like.
_FORMS = {
    "boolean": "; write true or false",
    "array": "; write a list, such as [a, b]",
    "object": "; write names with values, such as {a: 1}",
}


def _explain(error: Any) -> str:
    where = ".".join(str(step) for step in error.absolute_path) or "the configuration"
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        unknown = sorted(set(error.instance) - set(known))[0]
        near = difflib.get_close_matches(unknown, known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"known are: {', '.join(known)}"
        return f"configuration: {where} has no option '{unknown}'; {hint}"
    if error.validator == "pattern" and error.validator_value.endswith(_NAME):
        return f"configuration: {where}: the name {error.instance!r} has other characters than small letters, digits and underscores after a first letter, or more than 40"
    if error.validator == "maxLength":
        return f"configuration: {where}: {len(error.instance)} characters; at most {error.validator_value} are shown everywhere"
    hint = (
        next((_FORMS[kind] for kind in _types(error.schema) if kind in _FORMS), "") if error.validator == "type" else ""
    )
    return f"configuration: {where}: {error.message}{hint}"


def _check_name(name: str, known: Sequence[str], what: str) -> None:
    if name not in known:
        raise InputError(f"configuration: unknown {what} '{name}'; {did_you_mean(name, sorted(known))}")


def _entries(config: Mapping[str, Any]) -> dict[str, Entry]:
    declared = {m.id: m for m in methods.registry.all()}
    broken = methods.registry.broken() | _unusable(declared)
    declared = {name: m for name, m in declared.items() if name not in broken}
    variants = _variants(config["variants"], declared)
    known = [*declared, *broken, *variants, *GROUPS]
    for name in config["exclude"]:
        _check_name(name, [*declared, *broken, *variants], "method")
    chosen: dict[str, Entry] = {}
    for name in config["methods"]:
        _check_name(name, known, "method")
        if name in broken and name not in GROUPS:
            raise InputError(f"configuration: methods: {broken[name]}")
        if name in variants:
            chosen[name] = variants[name]
        elif name in declared:
            chosen[name] = Entry(name, name, declared[name].label)
        else:
            order = [m for kind in methods.KINDS for m in declared.values() if m.kind == kind]
            chosen |= {m.id: Entry(m.id, m.id, m.label) for m in order if GROUPS[name](m)}
    # A variant of a chosen method stands beside it even when only its method's group was named.
    chosen |= {name: variant for name, variant in variants.items() if variant.method in chosen}
    if config["train"]:
        name, _ = gacn.configured(config["training"])
        label = f"{declared['gacn'].label} (trained here)"
        chosen[gacn.TRAINED] = Entry(gacn.TRAINED, "gacn", label, {"weights": gacn.parameters(name)})
    for name in config["exclude"]:
        chosen.pop(name, None)
    if not chosen:
        raise InputError("configuration: no method is left: 'exclude' takes out all that 'methods' names")
    _check_labels(chosen)
    return dict(sorted(chosen.items(), key=lambda item: methods.KINDS.index(declared[item[1].method].kind)))


def _highlight(config: Mapping[str, Any], entries: Mapping[str, Entry]) -> tuple[str, ...]:
    """The highlighted methods, each one that takes part and is ranked."""
    names = config["highlight"]
    if names and config["kept"]:
        raise InputError("configuration: highlight: kept results highlight what their run did; leave the option out")
    for name in names:
        if name not in entries:
            known = [other for other, entry in entries.items() if not entry.is_control]
            raise InputError(
                f"configuration: highlight: '{name}' is no method of this run; {did_you_mean(name, sorted(known))}"
            )
        if entries[name].is_control:
            raise InputError(f"configuration: highlight: '{name}' is a control, which is not ranked; name a method")
    return tuple(names)


def _unusable(declared: Mapping[str, methods.Method]) -> dict[str, str]:
    """Plug-ins that no configuration could name, or no table could place: id -> why."""
    taken = {*GROUPS, gacn.TRAINED}
    reasons = {
        name: f"methods/{name}.py: the name stands for a group of methods; rename the file"
        for name in declared
        if name in taken
    }
    kinds = ", ".join(methods.KINDS)
    return reasons | {
        name: f"methods/{name}.py: kind '{method.kind}' is unknown; one of {kinds} is needed"
        for name, method in declared.items()
        if method.kind not in methods.KINDS
    }


def _variants(configured: Mapping[str, Any], declared: Mapping[str, methods.Method]) -> dict[str, Entry]:
    variants = {}
    for name, variant in configured.items():
        if name in declared or name in GROUPS or name == gacn.TRAINED:
            raise InputError(f"configuration: variants.{name}: the name is taken by a method or group; choose another")
        _check_name(variant["method"], list(declared), "method")
        declared[variant["method"]].settings(variant["options"])
        label = variant.get("label", f"{declared[variant['method']].label} ({name})")
        variants[name] = Entry(name, variant["method"], label, variant["options"])
    return variants


def _as_shown(label: str) -> str:
    """A label without what nobody sees: kinds of spaces, invisible characters, codings of one letter."""
    seen = "".join(c for c in unicodedata.normalize("NFC", label) if unicodedata.category(c) != "Cf")
    return " ".join(seen.split())


def _check_labels(entries: Mapping[str, Entry]) -> None:
    """Refuse two rows that a reader could not tell apart, and labels that no table can print."""
    seen: dict[str, str] = {}
    for entry in entries.values():
        categories = {unicodedata.category(c) for c in entry.label}
        # Control characters, ends of lines and paragraphs, halves of characters, and what has no meaning.
        if not entry.label.strip() or categories & {"Cc", "Zl", "Zp", "Cs", "Cn"}:
            raise InputError(f"configuration: variants.{entry.name}: the label must be one line of text")
        shown = _as_shown(entry.label)
        if shown in seen:
            raise InputError(
                f"configuration: '{entry.name}' and '{seen[shown]}' have the same label '{entry.label}'; give one a label of its own"
            )
        seen[shown] = entry.name


def _check_recipes(config: Mapping[str, Any]) -> None:
    """Refuse an unusable recipe before anything is trained."""
    for option in ("training", "ablation"):
        try:
            recipe_from(config[option]["recipe"], config[option]["set"])
        except InputError as error:
            raise InputError(f"configuration: {option}: {error}") from None


def trusted_metrics() -> list[str]:
    """Metrics that the study of the reference run found trustworthy: column ``trusted`` of its ``metric_trust.csv``; none without it."""
    frame = read_frame(ROOT / Results(REFERENCE).table("metric_trust.csv"), ("metric", "trusted"))
    return frame["metric"][frame["trusted"] == "yes"].tolist()


def _metrics(config: Mapping[str, Any]) -> tuple[str, ...]:
    broken = metrics.registry.broken()
    groups = {"six": list(metrics.SIX), "trusted": trusted_metrics(), "all": []}
    broken |= {
        name: f"metrics/{name}.py: the name stands for a group of metrics; rename the file"
        for name in metrics.registry.ids()
        if name in groups
    }
    known = [name for name in metrics.registry.ids() if name not in broken]
    groups["all"] = [*metrics.SIX, *(m for m in known if m not in metrics.SIX)]
    chosen: list[str] = []
    for name in config["metrics"]:
        if name in broken and name not in groups:
            raise InputError(f"configuration: metrics: {broken[name]}")
        _check_name(name, [*known, *groups], "metric")
        chosen += groups.get(name, [name])
    if not chosen:
        table = Results(REFERENCE).table("metric_trust.csv")
        reason = f"no metric passed all thresholds in every truth set ({table})"
        if not (ROOT / table).is_file():
            reason = "the reference run has no table metric_trust.csv"
        raise InputError(f"configuration: metrics: 'trusted' names no metric: {reason}; name metrics, or six or all")
    return tuple(dict.fromkeys(chosen))


def _check_datasets(config: Mapping[str, Any]) -> None:
    catalogued = scenes.ids()
    for name in config["folders"]:
        if name == POOLED:
            raise InputError(f"configuration: folders.{name}: all data sets together have this name; choose another")
        if name in catalogued:
            raise InputError(f"configuration: folders.{name}: the name is taken by a data set; choose another")
    named = [*_chosen(config), *config["budget"], *config["align"], *config["ablation"]["datasets"]]
    for group in (config["timing"], config["report"]):
        named += group["datasets"] or []
    stacks = config["stacks"]
    for name in [*named, *stacks["timing"], *stacks["quality"], *stacks["figures"]]:
        _check_name(name, [*catalogued, *config["folders"]], "data set")


def resolve(raw: Mapping[str, Any]) -> Settings:
    """Settings of a run from a raw configuration.

    Raises
    ------
    files.errors.InputError
        Unknown or ill-typed option, unknown data set, method or metric.
    """
    config = with_defaults(raw)
    if config["kept"]:
        config["datasets"] = list(_kept_datasets(config["kept"]))
    _check_recipes(config)
    _check_datasets(config)
    plain = (
        "folders",
        "align",
        "budget",
        "device",
        "time_limit",
        "timing",
        "figures",
        "train",
        "training",
        "ablation",
        "report",
        "stacks",
        "strict",
    )
    chosen = _chosen(config)
    _check_scenes(chosen, config["folders"])
    entries = _entries(config)
    return Settings(
        scenes={name: wanted for name, wanted in chosen.items() if wanted},
        datasets=tuple(chosen),
        entries=entries,
        highlight=_highlight(config, entries),
        metrics=_metrics(config),
        kept=config["kept"],
        raw=config,
        **{name: config[name] for name in plain},
    )


def _chosen(config: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Data sets in their order, each with what the configuration wants of it: ``lytro/1-5`` and ``lytro/lytro_07`` (empty: all scenes)."""
    found: dict[str, tuple[str, ...]] = {}
    for item in config["datasets"]:
        try:
            name, wanted = scenes.parted(item)
        except InputError as error:
            raise InputError(f"configuration: datasets: {error}") from None
        # The whole data set beside some of its scenes is the whole data set.
        whole = not wanted or found.get(name) == ()
        found[name] = () if whole else (*found.get(name, ()), wanted)
    return found


def _check_scenes(chosen: Mapping[str, tuple[str, ...]], folders: Mapping[str, str]) -> None:
    for name, wanted in chosen.items():
        if wanted:
            try:
                found = scenes.load(name, folder=folders.get(name))
            except (InputError, Unavailable):
                continue  # what is wrong with the data set is said where it is read
            try:
                scenes.choose(found, wanted)
            except InputError as error:
                raise InputError(f"configuration: datasets: {error}") from None


def _kept_datasets(root: str) -> tuple[str, ...]:
    results = Results(root)
    found = sorted(path.parent.name for path in Path(root).glob("tables/*/about.json") if path.parent.name != POOLED)
    if not Path(results.table("about.json", POOLED)).is_file():
        # A killed refresh may have lost it; it holds no more than the order of the data sets.
        if found:
            return tuple(found)
        raise InputError(
            f"configuration: kept: {results.table('about.json', POOLED)}: no such file; the results of a finished run are needed"
        )
    return results.read_about(POOLED).datasets


def forecast(declared: methods.Method, shapes: Sequence[tuple[int, int, int]]) -> float:
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
