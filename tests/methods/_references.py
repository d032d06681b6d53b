"""Published results of a method with the source images that belong to them."""

from pathlib import Path

from tests.conftest import MIRROR, REFERENCE

LYTRO = Path("uzeful/IFCNN/8fe59c2b1553e52acc793986208ca479d134a8da/Code/datasets/CMFDataset")
GRAYSCALE = Path("yuliu316316/MFIF/267c081b8f3dd29cc62284463ca1cd16dc9b352a/sourceimages/grayscale")


def published(tag):
    """Survey results of a method: list of (published file, [first source file, second source file])."""
    if REFERENCE is None or MIRROR is None:
        return []
    found = []
    for path in sorted(REFERENCE.glob(f"published/*/?_??_{tag}.png")):
        number = path.name[2:4]
        if path.parent.name == "color":
            sources = [MIRROR / LYTRO / f"lytro-{number}-{side}.jpg" for side in "AB"]
        else:
            sources = [MIRROR / GRAYSCALE / f"g_{number}_{side}.tif" for side in (1, 2)]
        found.append((path, sources))
    return found


def mfifb(tag):
    """Results of a method in the MFIFB benchmark: list of (published file, [first source, second source])."""
    if REFERENCE is None:
        return []
    found = []
    for path in sorted(REFERENCE.glob(f"mfifb/*/*_{tag}.*")):
        scene = path.parent.name
        if path.stem == f"{scene}_{tag}":
            found.append((path, [path.with_name(f"{scene}_{side}{path.suffix}") for side in "AB"]))
    return found
