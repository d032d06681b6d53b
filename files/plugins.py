"""Plug-ins: a module in a folder, found by its file name. `methods` and `metrics` both work this way.

Every module of the package whose name has no leading underscore is a plug-in; it declares one object
(``METHOD`` or ``METRIC``) whose ``id`` equals the module's name. Modules with a leading underscore hold
machinery that plug-ins share. Nothing is registered by hand.
"""

import difflib
import hashlib
import importlib
import pkgutil
import re
import sys
from pathlib import Path

from files.errors import InputError


class Registry:
    """The plug-ins of one package.

    Parameters
    ----------
    package : str
        Name of the package, ``"methods"`` or ``"metrics"``.
    declaration : str
        Name of the object every plug-in declares, ``"METHOD"`` or ``"METRIC"``.
    """

    def __init__(self, package, declaration):
        self.package = package
        self.declaration = declaration

    @property
    def _folder(self):
        return Path(sys.modules[self.package].__file__).parent

    def ids(self):
        """Sorted ids of all plug-ins."""
        return sorted(m.name for m in pkgutil.iter_modules([str(self._folder)]) if not m.name.startswith("_"))

    def check(self, plugin_id):
        """Return the id, or raise `InputError` with the nearest known ids."""
        known = self.ids()
        if plugin_id not in known:
            near = difflib.get_close_matches(str(plugin_id), known, n=3, cutoff=0.5)
            hint = f"did you mean {' or '.join(near)}?" if near else f"known are: {', '.join(known)}"
            raise InputError(f"unknown {self.package[:-1]} '{plugin_id}'; {hint}")
        return plugin_id

    def module(self, plugin_id):
        """The plug-in's module (imported on first use)."""
        module = importlib.import_module(f"{self.package}.{self.check(plugin_id)}")
        declared = getattr(module, self.declaration, None)
        if declared is None:
            raise InputError(f"{module.__file__} declares no {self.declaration}; see {self.package}/__init__.py")
        if declared.id != plugin_id:
            raise InputError(
                f"{module.__file__} declares id '{declared.id}'; it must equal the file name '{plugin_id}'"
            )
        return module

    def get(self, plugin_id):
        """The plug-in's declared object."""
        return getattr(self.module(plugin_id), self.declaration)

    def all(self):
        """Declared objects of all plug-ins, sorted by id."""
        return [self.get(plugin_id) for plugin_id in self.ids()]

    def source_hash(self, plugin_id):
        """Hash of the plug-in's sources and of everything of this program that they import.

        An edited plug-in re-runs its own jobs only, edited shared machinery those that use it.

        Returns
        -------
        str
            First 16 hexadecimal digits of a sha256.
        """
        self.check(plugin_id)
        root = self._folder.parent
        entry = self._folder / f"{plugin_id}.py"
        start = sorted((self._folder / plugin_id).glob("*.py")) if not entry.exists() else [entry]
        digest = hashlib.sha256()
        for path in _closure(start, root):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()[:16]


_IMPORT = re.compile(r"^\s*(?:from\s+([.\w]+)\s+import\s+(\([^)]*\)|[^\n]*)|import\s+([^\n]*))", re.MULTILINE)


def _closure(paths, root):
    """Sorted source files reachable from `paths` by imports inside `root`.

    Imports of ``imaging.*``, ``methods.*`` and ``metrics.*`` are followed, absolute or relative.
    """
    found, queue = set(), [Path(p) for p in paths]
    while queue:
        path = queue.pop()
        if path in found:
            continue
        found.add(path)
        package = ".".join(path.relative_to(root).parent.parts)
        for source, names, plain in _IMPORT.findall(path.read_text(encoding="utf-8")):
            if source.startswith("."):
                ups = len(source) - len(source.lstrip("."))
                base = package.split(".")[: len(package.split(".")) - (ups - 1)]
                source = ".".join(base + ([source.lstrip(".")] if source.lstrip(".") else []))
            candidates = [source] if source else [p.split(" as ")[0].strip() for p in plain.split(",")]
            for name in re.findall(r"\w+", names or ""):
                candidates.append(f"{source}.{name}")
            for candidate in candidates:
                if not candidate:
                    continue
                target = root.joinpath(*candidate.split("."))
                for option in (target.with_suffix(".py"), target / "__init__.py"):
                    if option.is_file():
                        queue.append(option)
    return sorted(found)
