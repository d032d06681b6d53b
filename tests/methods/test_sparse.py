"""Sparse methods: the pursuit, published results (on crops, which local methods allow), properties."""

import numpy as np
import pytest

import methods
from imaging.files import read_image
from imaging.levels import to_uint8
from methods import _sparse
from methods._omp import pursue, synthesise
from tests.methods._references import published

#: Side of a crop and its distance from the image's top left; what is nearer to the crop's edge than a patch lies
#: under fewer patches than in the whole image and is left out.
CROP, TOP, LEFT = 60, 96, 64
INNER = slice(_sparse.SIDE - 1, CROP - _sparse.SIDE + 1)


def _cases(method, listing, tag=None):
    found = listing(tag or method)
    if not found:
        return [pytest.param(method, None, None, marks=pytest.mark.skip(reason="no reference material"))]
    return [pytest.param(method, path, sources, id=f"{method}-{path.stem}") for path, sources in found]


@pytest.fixture(autouse=True)
def _needs_dictionaries(request):
    """Skip the methods whose dictionary is not on this machine."""
    method = request.getfixturevalue("method") if "method" in request.fixturenames else None
    reason = methods.availability(method) if method else ""
    if reason:
        pytest.skip(reason)


@pytest.mark.parametrize("method, path, sources", _cases("sr", published))
def test_identical_to_published(method, path, sources):
    window = np.s_[TOP : TOP + CROP, LEFT : LEFT + CROP]
    fused = methods.fuse(method, [read_image(source)[window] for source in sources]).image
    expected = read_image(path)[window]
    np.testing.assert_array_equal(to_uint8(fused)[INNER, INNER], to_uint8(expected)[INNER, INNER])


# The pursuit


@pytest.fixture(scope="module")
def dictionary():
    """Random zero-mean unit-norm atoms, 64 x 256: as coherent a dictionary as a learned one."""
    atoms = np.random.default_rng(11).standard_normal((64, 256))
    return _sparse._dictionary(atoms - atoms.mean(axis=0))


def _pursue(signals, dictionary, error):
    count = len(signals)
    support, coefficients = np.zeros((count, 64), np.int16), np.zeros((count, 64))
    sizes = np.zeros(count, np.int16)
    pursue(signals, dictionary.atoms, dictionary.gram, error**2, support, coefficients, sizes)
    return support, coefficients, sizes


def _pursue_plainly(signal, atoms, error):
    """Support and coefficients of one signal, by its definition: a least-squares fit after every choice."""
    support, coefficients, residual = [], np.zeros(0), signal
    while residual @ residual > error**2 and len(support) < len(signal):
        best = int(np.argmax(np.abs(atoms.T @ residual)))
        if best in support:
            break
        support.append(best)
        coefficients = np.linalg.lstsq(atoms[:, support], signal, rcond=None)[0]
        residual = signal - atoms[:, support] @ coefficients
    return support, coefficients


@pytest.fixture(scope="module")
def signals():
    """Zero-mean signals of the energy of image patches, one of them zero."""
    signals = np.random.default_rng(12).standard_normal((20, 64)) * 30
    signals[3] = 0
    return signals - signals.mean(axis=1, keepdims=True)


@pytest.mark.parametrize("error", [0.1, 40.0])
def test_pursuit_follows_its_definition(dictionary, signals, error):
    support, coefficients, sizes = _pursue(signals, dictionary, error)
    for p, signal in enumerate(signals):
        expected_support, expected = _pursue_plainly(signal, dictionary.atoms, error)
        assert support[p, : sizes[p]].tolist() == expected_support
        np.testing.assert_allclose(coefficients[p, : sizes[p]], expected, rtol=1e-7, atol=1e-7)
        assert not coefficients[p, sizes[p] :].any()


def test_pursuit_keeps_the_error_bound(dictionary, signals):
    codes = _pursue(signals, dictionary, 0.1)
    restored = synthesise(dictionary.atoms, *codes)
    assert np.linalg.norm(restored - signals, axis=1).max() <= 0.1
    assert codes[2][3] == 0


def test_pursuit_of_one_atom_takes_it_alone(dictionary):
    support, coefficients, sizes = _pursue(-7 * dictionary.atoms.T[[5, 200]], dictionary, 0.1)
    assert sizes.tolist() == [1, 1]
    assert support[:, 0].tolist() == [5, 200]
    np.testing.assert_allclose(coefficients[:, 0], -7)


def test_pursuit_ends_when_the_atoms_are_used_up():
    """The atoms span less than the signal: the pursuit stops at their span instead of dividing by zero."""
    axes = np.eye(64)[:, :6]
    atoms = _sparse._dictionary(np.concatenate([axes, axes[:, :3] + 1e-9 * axes[:, 3:]], axis=1))
    _, coefficients, sizes = _pursue(np.full((1, 64), 5.0), atoms, 0.1)
    assert sizes[0] == 6
    np.testing.assert_allclose(np.abs(coefficients[0, :6]), 5)


# Fusion of patches


def _fuse_plainly(first, second, dictionary, step, error):
    """One patch after another."""
    total, count = np.zeros(first.shape), np.zeros(first.shape)
    for y in range(0, first.shape[0] - 7, step):
        for x in range(0, first.shape[1] - 7, step):
            options = []
            for source in (first, second):
                patch = source[y : y + 8, x : x + 8]
                support, coefficients = _pursue_plainly(
                    (patch - patch.mean()).flatten(order="F"), dictionary.atoms, error
                )
                restored = (dictionary.atoms[:, support] @ coefficients).reshape(8, 8, order="F") + patch.mean()
                options.append((np.abs(coefficients).sum(), restored))
            chosen = options[1] if options[0][0] < options[1][0] else options[0]
            total[y : y + 8, x : x + 8] += chosen[1]
            count[y : y + 8, x : x + 8] += 1
    return np.where(count > 0, total / np.maximum(count, 1), (first + second) / 2)


@pytest.mark.parametrize("step, shape", [(1, (11, 10)), (2, (12, 13)), (3, (8, 15)), (8, (17, 16))])
def test_fusion_of_patches_follows_its_definition(dictionary, step, shape):
    first, second = np.random.default_rng(13).integers(0, 256, (2, *shape)).astype(np.float64)
    fused = _sparse.fuse_patches(first, second, dictionaries=[dictionary], step=step, error=0.1)
    np.testing.assert_allclose(fused, _fuse_plainly(first, second, dictionary, step, 0.1), atol=1e-6)


def test_threads_do_not_change_the_result(dictionary):
    from threadpoolctl import threadpool_limits

    first, second = np.random.default_rng(14).integers(0, 256, (2, 30, 24)).astype(np.float64)
    results = []
    for threads in (1, 3):
        with threadpool_limits(threads):
            results.append(_sparse.fuse_patches(first, second, dictionaries=[dictionary], step=1, error=0.1))
    np.testing.assert_array_equal(*results)


def test_ties_go_to_the_first(dictionary):
    """A patch and its negative have codes of one norm; the mean is that of the chosen image."""
    first = np.random.default_rng(15).integers(0, 200, (8, 8)).astype(np.float64)
    fused = _sparse.fuse_patches(first, 255 - first, dictionaries=[dictionary], step=1, error=0.1)
    np.testing.assert_allclose(fused, first, atol=0.1)


def test_patches_choose_among_dictionaries(dictionary, signals):
    """Every position is coded with the dictionary it names."""
    other = _sparse._dictionary(np.eye(64) - 1 / 64)
    seen = []

    def choose(a, b):
        assert a.shape == b.shape == (5, 8, 8)
        seen.append(a)
        return np.array([0, 1, 1, 0, 1])

    first, second = np.random.default_rng(16).integers(0, 256, (2, 8, 12)).astype(np.float64)
    fused = _sparse._fuse_row(first, second, [dictionary, other], 0, step=1, bound=0.01, choose=choose)
    for number, chosen in enumerate((dictionary, other, other, dictionary, other)):
        window = np.s_[:, number : number + 8]
        alone = _sparse.fuse_patches(first[window], second[window], dictionaries=[chosen], step=1, error=0.1)
        np.testing.assert_allclose(fused[number], alone, atol=1e-9)
    assert len(seen) == 1


@pytest.mark.parametrize("method", ["sr"])
def test_recovers_the_sharp_halves(method, pair):
    """The fused pair is nearer to the all-sharp image than the average of the sources."""
    first, second = (image[:32, 20:60, 1] for image in pair)
    sharp = np.where(np.arange(20, 60)[None, :] < 40, first, second)
    fused = methods.fuse(method, [first, second]).image
    assert np.mean((fused - sharp) ** 2) < 0.5 * np.mean(((first + second) / 2 - sharp) ** 2)


@pytest.mark.parametrize("method", ["sr"])
def test_without_a_patch_the_sources_are_averaged(method):
    first, second = np.full((7, 30), 0.2, np.float32), np.full((7, 30), 0.6, np.float32)
    np.testing.assert_array_equal(to_uint8(methods.fuse(method, [first, second]).image), 102)
