"""What aligning a stack changes: compared, or why not."""

from dataclasses import replace

import numpy as np

from imaging.files import write_image
from study.gacn import stack_alignment
from study.gacn.entries import DEFAULT, strategy_entry
from study.gacn.stack_alignment import Alignment
from study.run.sources import collect


def test_noise_cannot_be_aligned_and_the_record_says_so(results, strategies, facts):
    # Noise has no points in common.
    found = stack_alignment.compare(results, strategies[strategy_entry(DEFAULT)], facts, "similarity")
    assert found.status == "skipped" and "cannot be aligned" in found.reason
    found.write(results)
    assert stack_alignment.read(results, "mine") == found


def test_without_a_stack_there_is_nothing_to_align(results, strategies, facts):
    found = stack_alignment.compare(
        results, strategies[strategy_entry(DEFAULT)], replace(facts, scenes=facts.scenes[:1]), "similarity"
    )
    assert (found.status, found.reason) == ("unavailable", "no scene of more than two images")


def test_a_growing_stack_is_compared(results, strategies, tmp_path):
    from skimage import data, transform

    texture = data.gravel()[:200, :240] / 255.0
    for number, scale in enumerate((1.0, 1.02, 1.04), start=1):
        grown = transform.rescale(texture, scale)[: texture.shape[0], : texture.shape[1]]
        write_image(tmp_path / "set" / "a" / f"{number}.png", np.clip(grown, 0, 1).astype(np.float32))
    facts = collect("grown", str(tmp_path / "set"))
    found = stack_alignment.compare(results, strategies[strategy_entry(DEFAULT)], facts, "similarity")
    assert (found.status, found.scene, list(found.images)) == ("ok", "a", [1, 2, 3]), found.reason
    np.testing.assert_allclose(found.magnification, [1.0, 1.02, 1.04], atol=0.004)
    found.write(results)
    before, after = stack_alignment.fused_images(results, "grown")
    assert before.shape == after.shape
    assert stack_alignment.read(results, "grown") == Alignment(**vars(found))
