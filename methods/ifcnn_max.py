"""IFCNN with the element-wise max of features; see `methods._ifcnn`."""

from methods import Reference, _ifcnn

METHOD = _ifcnn.method("max", comparison=True)

REFERENCES = (
    _ifcnn.official("max"),
    Reference(
        "mfifb", "IFCNN", why="the Lytro sources were decoded from JPEG by a decoder with another chroma upsampling"
    ),
)


def fuse(images, device):
    """Fuse n images by the element-wise max of their features, all at once."""
    return _ifcnn.fuse(images, METHOD.files, "max", device)
