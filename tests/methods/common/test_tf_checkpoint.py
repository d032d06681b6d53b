"""The reader of TensorFlow checkpoints, against variables read out with TensorFlow."""

import io
import zipfile

import numpy as np
import pytest

from files.errors import InputError
from methods._common.tf_checkpoint import crc32c, read_bundle, read_index

#: Name in the reference folder, and the checkpoint: pattern of its path in the mirror without the ending.
BUNDLES = {
    "u2fusion": "hanna-xu/U2Fusion/*/model/model.ckpt",
    "mffgan_lytro": "HaoZhang1018/MFF-GAN/*/checkpoint/Lytro_model/CGAN.model-19",
    "mffgan_mfiwhu": "HaoZhang1018/MFF-GAN/*/checkpoint/MFI-WHU_model/CGAN.model-19",
    "sdnet_multifocus": "HaoZhang1018/SDNet/*/Multi_focus/checkpoint/MFF.model-19",
    "pmgi_multifocus": "HaoZhang1018/PMGI_AAAI2020/*/Code_PMGI/Multi-focus/checkpoint/CGAN_60/CGAN.model-1",
    "deepfuse_bs2_epoch4": "hli1221/Imagefusion_deepfuse/*/models/deepfuse_models/deepfuse_model_bs2_epoch4_all.ckpt",
}
DATA = ".data-00000-of-00001"


def contents(mirror, name):
    """Content of the index and of the data file."""
    (index,) = mirror.glob(BUNDLES[name] + ".index")
    return index.read_bytes(), index.with_name(index.stem + DATA).read_bytes()


def assert_equals_reference(variables, archive):
    assert len(archive.files) == len(variables)
    for key in archive.files:
        np.testing.assert_array_equal(variables[key.replace("|", "/")], archive[key], err_msg=key)


@pytest.mark.parametrize("name", BUNDLES)
def test_reads_what_tensorflow_reads(mirror, reference, name):
    with np.load(reference / "weights" / f"{name}.npz") as archive:
        wanted = [key.replace("|", "/") for key in archive.files]
        assert_equals_reference(read_bundle(*contents(mirror, name), names=wanted), archive)


@pytest.mark.parametrize("weight", ["1e2", "1e3"])
def test_reads_a_bundle_out_of_a_zip(mirror, reference, weight):
    (path,) = mirror.glob("hli1221/imagefusion_densefuse/*/models/densefuse_gray.zip")
    stem = f"densefuse_gray/densefuse_model_bs2_epoch4_all_weight_{weight}.ckpt"
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        index, data = archive.read(stem + ".index"), archive.read(stem + DATA)
    with np.load(reference / "weights" / f"densefuse_tf_gray_{weight}.npz") as expected:
        wanted = [key.replace("|", "/") for key in expected.files]
        assert_equals_reference(read_bundle(index, data, wanted), expected)


def test_checksum_has_the_standard_check_value():
    assert crc32c(b"123456789") == 0xE3069283


def test_damage_is_noticed(mirror):
    index, data = contents(mirror, "sdnet_multifocus")
    name = "fusion_model/layer1_ir/w1_ir"
    offset = read_index(index)[name].offset
    flipped = data[: offset + 5] + bytes([data[offset + 5] ^ 1]) + data[offset + 6 :]
    with pytest.raises(InputError, match=f"checksum of variable {name}"):
        read_bundle(index, flipped, [name])
    with pytest.raises(InputError, match="truncated"):
        read_bundle(index, data[: offset + 5], [name])
    with pytest.raises(InputError, match="damaged"):
        read_index(bytes([index[0] ^ 64]) + index[1:])


def test_other_files_and_names_are_refused(mirror):
    with pytest.raises(InputError, match="not the index"):
        read_index(b"no table" * 10)
    index, data = contents(mirror, "sdnet_multifocus")
    with pytest.raises(InputError, match="no variable layer7"):
        read_bundle(index, data, ["layer7"])
