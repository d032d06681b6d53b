"""Methods as a run knows them."""

import methods
from study.entries import GROUPS, Entry


def test_an_entry_knows_its_plug_in():
    entry = Entry("mine", "gff", "Mine", {"preset": "x"})
    assert entry.declared is methods.registry.get("gff")
    assert (entry.kind, entry.is_control, entry.in_paper) == ("spatial", False, True)
    assert Entry("average", "average", "Average").is_control


def test_every_method_is_in_the_group_all_but_external_images():
    declared = methods.registry.all()
    assert {m.id for m in declared if GROUPS["all"](m)} == {m.id for m in declared} - {"precomputed"}
    for kind in ("transform", "sparse", "spatial", "learned", "proposed"):
        assert {m.id for m in declared if GROUPS[kind](m)} == {m.id for m in declared if m.kind == kind}
