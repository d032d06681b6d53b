"""IFCNN with the element-wise sum of features; see `methods._common.ifcnn`."""

from methods._common import ifcnn

METHOD = ifcnn.method("sum")

REFERENCES = (ifcnn.official("sum"),)


def fuse(images, device):
    """Fuse n images by the element-wise sum of their features, all at once."""
    return ifcnn.fuse(images, METHOD.files, "sum", device)
