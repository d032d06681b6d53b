"""Methods as a run knows them."""

import methods
from study.entries import GROUPS, RECENT_SINCE, Entry


def test_an_entry_knows_its_plug_in():
    entry = Entry("mine", "gff", "Mine", {"preset": "x"})
    assert entry.declared is methods.registry.get("gff")
    assert (entry.kind, entry.is_control, entry.in_paper) == ("spatial", False, True)
    assert Entry("average", "average", "Average").is_control


def test_every_method_is_in_the_group_all_but_external_images():
    declared = methods.registry.all()
    assert {m.id for m in declared if GROUPS["all"](m)} == {m.id for m in declared} - {"precomputed"}
    for kind in ("transform", "sparse", "spatial", "learned", "published", "proposed"):
        assert {m.id for m in declared if GROUPS[kind](m)} == {m.id for m in declared if m.kind == kind}


def test_recent_methods_follow_from_their_year():
    recent = {m.id for m in methods.registry.all() if GROUPS["recent"](m)}
    assert {"gacn", "ifcnn_max", "gifnet"} <= recent
    assert not recent & {"dsift", "qb", "gfdf", "average", "precomputed"}
    assert all(methods.registry.get(name).year >= RECENT_SINCE for name in recent)


def test_fast_recent_methods_follow_from_their_cost():
    """A pair of Lytro has 0.27 megapixels."""
    fast = {m.id for m in methods.registry.all() if GROUPS["recent_fast"](m)}
    recent = [m for m in methods.registry.all() if GROUPS["recent"](m)]
    # Published images take no time, but the default run has only what it runs.
    slow = {m.id for m in recent if m.kind != "published"} - fast
    assert fast <= {m.id for m in recent} and not any(methods.registry.get(name).kind == "published" for name in fast)
    assert "stackmff_v4" in fast and "mff_ssim" in slow
    assert max(methods.registry.get(name).cost for name in fast) < 5 / 0.2704
    assert min(methods.registry.get(name).cost for name in slow) >= 5 / 0.2704


def test_external_results_are_rows_like_others():
    mine = Entry("mine", "precomputed", "Mine", {"folder": "somewhere"})
    assert (mine.kind, mine.is_control, mine.in_paper) == ("external", False, True)


def test_published_images_take_part_where_there_are_any():
    theirs = Entry("nd_cnpfuse", "nd_cnpfuse", "ND-CNPFuse (published)")
    assert theirs.is_published and theirs.is_recent and not theirs.in_paper and not theirs.is_control
    assert (
        theirs.takes_part("lytro_jpg")
        and not theirs.takes_part("lytro")
        and Entry("lp", "lp", "LP").takes_part("lytro")
    )
    assert theirs.settings_on("mffw") == {"dataset": "mffw"}
    assert Entry("gff", "gff", "GFF", {"preset": "x"}).settings_on("mffw") == {"preset": "x"}
