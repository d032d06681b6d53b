"""IFCNN with the element-wise mean of features; see `methods._ifcnn`."""

from methods import _ifcnn

METHOD = _ifcnn.method("mean")

REFERENCES = (_ifcnn.official("mean"),)


def fuse(images, device):
    """Fuse n images by the element-wise mean of their features, all at once."""
    return _ifcnn.fuse(images, METHOD.files, "mean", device)
