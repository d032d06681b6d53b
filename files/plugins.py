"""Plug-ins: a module in a folder, found by its file name. `methods` and `metrics` both work this way.

Every module of the package whose name has no leading underscore is a plug-in; it declares one object (``METHOD`` or ``METRIC``) whose ``id``
equals the module's name. What plug-ins share lies one folder down, in ``_common``. Nothing is registered by hand.

A plug-in that is data without code is a file ``NAME.toml`` beside the modules; ``plugin(path)`` in the package's ``_common.published`` makes
a module of it.

Where the program is not run in its own folder, plug-ins of the user count, too: modules in the folders ``methods`` and ``metrics`` of the
current folder, if these are no packages (no ``__init__.py``). They import like every other, as ``methods.NAME``.
"""

import importlib
import logging
import pkgutil
import re
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Generic, TypeVar

from files.errors import InputError, did_you_mean
from files.identity import Code, Place

log = logging.getLogger(__name__)

Declared = TypeVar("Declared")

#: What can stand in names of files, in patterns of the workflow and in Python. Longer names leave no room for the files of a scene.
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


class _OtherId(InputError):
    """A plug-in whose file has another name than its id."""

    def __init__(self, file: Path, declared: str) -> None:
        super().__init__(
            f"{file} declares id '{declared}'; it must equal the file name '{file.stem}': rename the file or change the id"
        )
        self.declared = declared


class Registry(Generic[Declared]):
    """The plug-ins of one package.

    Parameters
    ----------
    package : str
        Name of the package, ``"methods"`` or ``"metrics"``.
    declaration : str
        Name of the object every plug-in declares, ``"METHOD"`` or ``"METRIC"``.
    computes : sequence of str
        What decides a plug-in's results besides its declaration: names of its own functions, and of functions of the package.
    """

    def __init__(self, package: str, declaration: str, computes: tuple[str, ...] = ()) -> None:
        self.package = package
        self.declaration = declaration
        self.computes = computes

    @property
    def _folder(self) -> Path:
        return Path(str(sys.modules[self.package].__file__)).parent

    @property
    def _folders(self) -> list[Path]:
        """The program's folder, then the user's, if there is one."""
        own = Path.cwd() / self.package
        return [self._folder, own] if own.is_dir() and not (own / "__init__.py").exists() else [self._folder]

    def ids(self) -> list[str]:
        """Sorted ids of all plug-ins, those that cannot be imported included."""
        return sorted({*self._program(), *self.own()})

    def own(self) -> list[str]:
        """Sorted ids of the user's plug-ins."""
        return sorted(name for folder in self._folders[1:] for name in _modules(folder))

    def _program(self) -> set[str]:
        """Ids of the program's plug-ins."""
        return {*_modules(self._folder), *(path.stem for path in self._folder.glob("[!_]*.toml"))}

    def _data(self, plugin_id: str) -> Path | None:
        """The file of a plug-in that is data; None for a module."""
        path = self._folder / f"{plugin_id}.toml"
        return path if path.is_file() else None

    @property
    def _maker(self) -> str:
        return f"{self.package}._common.published"

    def check(self, plugin_id: str) -> str:
        """Return the id.

        Raises
        ------
        files.errors.InputError
            There is no such plug-in; the message has the nearest known ids, or names the user's file that declares this id under another name.
        """
        known = self.ids()
        if plugin_id not in known:
            for name in self.own():
                try:
                    self.module(name)
                except _OtherId as error:
                    if error.declared == plugin_id:
                        raise
                except InputError:
                    pass  # another fault of another file
            raise InputError(f"unknown {self.package[:-1]} '{plugin_id}'; {did_you_mean(plugin_id, known)}")
        return plugin_id

    def module(self, plugin_id: str) -> ModuleType:
        """The plug-in's module, imported on first use.

        Raises
        ------
        files.errors.InputError
            There is no such plug-in, it cannot be imported (with file and line), or it does not declare itself.
        """
        name = f"{self.package}.{self.check(plugin_id)}"
        if not _NAME.fullmatch(plugin_id):
            raise InputError(
                f"{self.package}/{plugin_id}.py: a plug-in's name has small letters, digits and underscores and begins with a letter; "
                "rename the file"
            )
        for own in map(str, self._folders[1:]):
            if plugin_id in self._program() & _modules(own):
                raise InputError(f"{own}/{plugin_id}.py: the program has a {self.package[:-1]} of this name; rename it")
            places = sys.modules[self.package].__path__
            if own not in places:
                places.append(own)
        if data := self._data(plugin_id):
            return importlib.import_module(self._maker).plugin(data)
        try:
            module = importlib.import_module(name)
        except (Exception, SystemExit) as error:
            raise InputError(
                f"{self.package[:-1]} '{plugin_id}' cannot be imported: {self._where(plugin_id, error)}"
            ) from error
        declared = getattr(module, self.declaration, None)
        if declared is None:
            raise InputError(f"{module.__file__} declares no {self.declaration}; see {self.package}/__init__.py")
        declared_id = getattr(declared, "id", None)
        if declared_id != plugin_id:
            raise _OtherId(Path(str(module.__file__)), str(declared_id))
        return module

    def _where(self, plugin_id: str, error: BaseException) -> str:
        """File, line and reason of a failed import, for people: the last place inside this program."""
        if isinstance(error, SyntaxError) and error.filename:
            place = error.filename, error.lineno
        else:
            roots = tuple(str(folder.parent) for folder in self._folders)
            frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(roots)]
            inside = [f for f in frames if not f.filename.endswith(("plugins.py",))]
            place = (inside[-1].filename, inside[-1].lineno) if inside else (str(self._folder / plugin_id), None)
        file = Path(place[0])
        inside_of = [folder.parent for folder in self._folders if file.is_relative_to(folder.parent)]
        shown = file.relative_to(inside_of[0]) if inside_of else file
        line = f":{place[1]}" if place[1] else ""
        return f"{shown.as_posix()}{line}: {type(error).__name__}: {error}"

    def get(self, plugin_id: str) -> Declared:
        """The plug-in's declared object; errors as `module`."""
        return getattr(self.module(plugin_id), self.declaration)

    def all(self) -> list[Declared]:
        """Declared objects of all plug-ins that can be imported, sorted by id; a file of the user's that is left out is warned of."""
        broken = self.broken()
        for plugin_id in self.own():
            if plugin_id in broken:
                log.warning("left out: %s", broken[plugin_id])
        return [self.get(plugin_id) for plugin_id in self.ids() if plugin_id not in broken]

    def broken(self) -> dict[str, str]:
        """Plug-ins that cannot be imported or do not declare themselves: id -> why, with file and line."""
        found = {}
        for plugin_id in self.ids():
            try:
                self.module(plugin_id)
            except InputError as error:
                found[plugin_id] = str(error)
        return found

    def identity(self, plugin_id: str, code: Code) -> str:
        """Identity of what a plug-in computes (`files.identity`): an edited plug-in re-runs its own jobs only."""
        own = self._maker if self._data(self.check(plugin_id)) else f"{self.package}.{plugin_id}"
        places: list[Place] = [(module, name) for name in self.computes for module in (own, self.package)]
        return code.of_all([(own, self.declaration), *places])


def _modules(folder: str | Path) -> set[str]:
    """Names of a folder's plug-ins."""
    return {m.name for m in pkgutil.iter_modules([str(folder)]) if not m.name.startswith("_")}
