"""A reproducible benchmark of multi-focus image fusion.

::

    import focusbench

    scene = focusbench.scenes.load("embedded").scenes[0]
    fusion = focusbench.fuse("gff", scene.sources)
    focusbench.score(scene.sources, fusion.image)      # {"q_mi": ..., "q_g": ..., ...}

`fuse` is `methods.fuse`, `score` is `metrics.score`, `scenes` is the package of that name. A plug-in imports the same names in a clone
and in an installation (``from methods import Method``): in a clone the packages lie beside this one, the wheel carries them in
``focusbench/_tree``, and importing this package puts that folder on the path of modules.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import scenes
    from methods import fuse
    from metrics import score

__all__ = ["__version__", "fuse", "scenes", "score"]

_HERE = Path(__file__).resolve().parent

#: Folder of the program: its packages, the Snakefile and all that the workflow reads.
TREE = _HERE / "_tree" if (_HERE / "_tree").is_dir() else _HERE.parent


def _use(tree: Path) -> None:
    """Put the program's folder on the path of modules.

    Raises
    ------
    ImportError
        Another package has one of the program's names already.
    """
    for name in ("files", "imaging", "scenes", "methods", "metrics", "study", "workflow"):
        other = getattr(sys.modules.get(name), "__file__", None)
        if other is not None and tree not in Path(other).resolve().parents:
            raise ImportError(
                f"focusbench has a package '{name}', and another module of this name is imported already ({other}); "
                "use focusbench in a process of its own"
            )
    if str(tree) not in sys.path:
        sys.path.insert(0, str(tree))


_use(TREE)

from files.machine import VERSION as __version__  # noqa: E402


def __getattr__(name: str) -> Any:
    # Imported on first use: NumPy and SciPy take a second that `focusbench --version` need not wait for.
    if name == "fuse":
        import methods

        return methods.fuse
    if name == "score":
        import metrics

        return metrics.score
    if name == "scenes":
        import scenes

        return scenes
    raise AttributeError(f"module 'focusbench' has no attribute '{name}'")
