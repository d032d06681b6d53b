"""IFCNN with the element-wise sum of features; see `methods._ifcnn`."""

from methods import _ifcnn

METHOD = _ifcnn.method("sum")

REFERENCES = (_ifcnn.official("sum"),)


def fuse(images, device):
    """Fuse n images by the element-wise sum of their features, all at once."""
    return _ifcnn.fuse(images, METHOD.files, "sum", device)
