"""Methods as a run knows them: plug-ins, and plug-ins with other options under a name of their own."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import methods

#: First year of the group of recent methods.
RECENT_SINCE = 2020

#: Methods of later years are the newest: those that came after the paper's comparison.
NEWEST_AFTER = 2021

#: Older methods, from before learning took over, that the table of recent ones shows to compare with.
ANCHORS = ("dsift", "qb", "gfdf")

#: The method that the paper proposes: tested against all others and highlighted where the configuration names no other (`highlight`).
PROPOSED = "gacn"

#: Seconds that a pair of 520 x 520 pixels takes at most by the declared cost of a method in the group of fast recent ones.
_FAST_SECONDS, _FAST_MEGAPIXELS = 5.0, 0.52**2


def _recent(method: methods.Method) -> bool:
    return method.year is not None and method.year >= RECENT_SINCE


#: Groups of methods that a configuration may name.
GROUPS: dict[str, Callable[[methods.Method], bool]] = {
    "controls": lambda m: m.kind == "control",
    "comparison": lambda m: m.comparison,
    "recent": _recent,
    "recent_fast": lambda m: _recent(m) and m.kind != "published" and m.cost * _FAST_MEGAPIXELS < _FAST_SECONDS,
    "proposed": lambda m: m.kind == "proposed",
    "transform": lambda m: m.kind == "transform",
    "sparse": lambda m: m.kind == "sparse",
    "spatial": lambda m: m.kind == "spatial",
    "learned": lambda m: m.kind == "learned",
    "published": lambda m: m.kind == "published",
    "all": lambda m: m.id != "precomputed",
}


@dataclass(frozen=True)
class Entry:
    """A method as a run knows it.

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
    origin : {"", "this run", "submitted"}
        Where the scores come from, for tables that mark rows by it; empty for what is run (or read) with all the others.
    """

    name: str
    method: str
    label: str
    options: Mapping[str, Any] = field(default_factory=dict)
    origin: str = ""

    @property
    def declared(self) -> methods.Method:
        """The plug-in's declaration."""
        return _declaration(self.method)

    @property
    def kind(self) -> str:
        """Family of the method."""
        return self.declared.kind

    @property
    def is_control(self) -> bool:
        """Whether the entry is a control: shown, never ranked."""
        return self.kind == "control"

    @property
    def is_published(self) -> bool:
        """Whether the entry stands for images by a method's authors: ranked and tested, never run or timed."""
        return self.kind == "published"

    def takes_part(self, dataset: str) -> bool:
        """Whether the entry has rows on a data set: everywhere, but published images only where there are any."""
        return not self.is_published or dataset in methods.registry.module(self.method).collections

    def settings_on(self, dataset: str) -> dict[str, Any]:
        """Its options for a data set: as configured, and for published images which data set it is."""
        return {**self.options, "dataset": dataset} if self.is_published else dict(self.options)

    @property
    def in_paper(self) -> bool:
        """Whether the paper's table has it: controls, its comparison set, GACN, and variants of these."""
        return self.declared.comparison or self.kind in ("control", "external", "proposed")

    @property
    def is_recent(self) -> bool:
        """Whether the entry belongs to the recent methods: GACN, of 2022, does."""
        return _recent(self.declared)

    @property
    def is_newest(self) -> bool:
        """Whether the entry came after the paper's comparison; GACN and its variants, which the paper proposes, are not meant."""
        return self.kind != "proposed" and (self.declared.year or 0) > NEWEST_AFTER


@functools.cache
def _declaration(method: str) -> methods.Method:
    """A method's declaration; the registry looks into its folder every time, and tables ask thousands of times.

    Kept results name methods of their user, too, whose files may be elsewhere now: their rows count as results made elsewhere.
    """
    if method not in methods.registry.ids():
        return methods.Method(id=method, label=method, title="", citation="", kind="external", cost=0.0)
    return methods.registry.get(method)
