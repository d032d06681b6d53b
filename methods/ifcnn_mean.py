"""IFCNN with the element-wise mean of features; see `methods._common.ifcnn`."""

from methods._common import ifcnn

METHOD = ifcnn.method("mean")

REFERENCES = (ifcnn.official("mean"),)


def fuse(images, device):
    """Fuse n images by the element-wise mean of their features, all at once."""
    return ifcnn.fuse(images, METHOD.files, "mean", device)
