"""IFCNN with the element-wise max of features; see `methods._common.ifcnn`."""

from methods import Reference
from methods._common import ifcnn

METHOD = ifcnn.method("max", comparison=True)

REFERENCES = (
    ifcnn.official("max"),
    Reference(
        "mfifb", "IFCNN", why="the Lytro sources were decoded from JPEG by a decoder with another chroma upsampling"
    ),
)


def fuse(images, device):
    """Fuse n images by the element-wise max of their features, all at once."""
    return ifcnn.fuse(images, METHOD.files, "max", device)
