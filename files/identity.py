"""The identity of code: a hash of what it computes.

Two programs with one identity give the same results; a result that was made under an identity stays valid as long as it stays. The
hash covers the definitions (functions, classes, constants) that a starting point reaches by name, across modules, found in the syntax
tree. It does not cover what cannot change a result: docstrings, comments, formatting, annotations, texts of errors and log messages, names of files and
places, descriptions (label, citation, note ...) in declarations, and everything in the room `files`.

::

    from files.identity import Code
    code = Code(ROOT, Path.cwd())
    code.of("methods.gff", "fuse", "METHOD")        # 16 hexadecimal digits
    code.of("study.figures.boxes")                  # a whole module and all it uses

Names are followed as far as they can be read: ``from m import f``, ``import m`` and ``m.f``, relative imports, imports inside functions. A
module that is passed around as a value counts as a whole.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

#: Packages of this program whose code can change a result. What is not here (the room `files`, libraries) is not followed.
ROOMS = ("imaging", "scenes", "methods", "metrics", "study", "workflow")

#: Those of them that hold plug-ins.
PLUGINS = ("methods", "metrics")

#: Keyword arguments of declarations that only describe.
_DESCRIPTIVE = frozenset(
    {"label", "latex", "title", "citation", "doi", "note", "help", "why", "cost", "comparison", "year", "licence"}
)
_DECLARATIONS = frozenset({"Method", "Metric", "Option", "Reference"})
_LOGS = frozenset({"log", "logging", "warnings"})

#: A definition: module and name; the name "" stands for statements that run whenever the module is imported, "*" for all of it.
Place = tuple[str, str]


@dataclass(frozen=True)
class _Definition:
    """Normalised text of a definition, the plain names it uses, and the attributes of names (``m.f``)."""

    text: str
    names: frozenset[str]
    attributes: frozenset[tuple[str, str]]


@dataclass
class _Module:
    """What a module defines and imports; an import is local name -> (module, name), the name empty for the module itself."""

    definitions: dict[str, list[_Definition]] = field(default_factory=dict)
    imports: dict[str, set[Place]] = field(default_factory=dict)


def of_modules(*modules: str) -> str:
    """Identity of whole modules of this program, with all they use: names what is computed once and stored."""
    return Code(Path(__file__).resolve().parent.parent).of_all([(module, "*") for module in modules])


class Code:
    """The program's source files below a folder, each read once.

    Parameters
    ----------
    root : path-like
        Folder that holds the packages `ROOMS`.
    own : path-like, optional
        Folder that holds the user's plug-ins (`files.plugins`): modules that are not in `root` are read from there.
    """

    def __init__(self, root: str | Path, own: str | Path | None = None) -> None:
        self.root = Path(root)
        self.own = None if own is None else Path(own)
        self._modules: dict[str, _Module] = {}
        self._files: dict[str, Path | None] = {}

    def of(self, module: str, *names: str) -> str:
        """Identity of definitions of a module, or of all of it.

        Parameters
        ----------
        module : str
            Dotted name, or the path of a script relative to the root.
        names : str
            Names of definitions; without any, the whole module.

        Returns
        -------
        str
            16 hexadecimal digits.
        """
        return self.of_all([(module, name) for name in names or ("*",)])

    def of_all(self, places: Iterable[Place]) -> str:
        """Identity of definitions of several modules; the name ``"*"`` stands for a whole module."""
        digests = set()
        for module, name in self.reached(places):
            for definition in self._module(module).definitions.get(name, []):
                # What its names mean belongs to a definition: the same text may call another function after a changed import.
                meaning = sorted(
                    f"{used} {_digest(text)}"
                    for used, place in self._used(module, definition)
                    for text in self._texts(place)
                )
                digests.add(_digest("\n".join([definition.text, *meaning])))
        return _digest("".join(sorted(digests)))[:16]

    def reached(self, places: Iterable[Place]) -> set[Place]:
        """Every definition that the given ones reach, themselves included."""
        found: set[Place] = set()
        queue = [place for place in places if self._file(place[0])]
        while queue:
            place = queue.pop()
            if place in found:
                continue
            found.add(place)
            module, name = place
            read = self._module(module)
            if name == "*":
                queue += [(module, defined) for defined in read.definitions]
                continue
            # Whatever runs when the module is imported belongs to each of its definitions.
            queue.append((module, ""))
            for definition in read.definitions.get(name, []):
                queue += [target for _, target in self._used(module, definition)]
        return found

    def _texts(self, place: Place) -> list[str]:
        module, name = place
        definitions = self._module(module).definitions
        return [d.text for n, found in definitions.items() if name in ("*", n) for d in found]

    def _used(self, module: str, definition: _Definition) -> Iterator[tuple[str, Place]]:
        """Names that a definition uses, each with where it is defined."""
        read = self._module(module)
        for name in definition.names:
            if name in read.definitions:
                yield name, (module, name)
            for source, imported in read.imports.get(name, ()):
                yield from ((name, place) for place in self._resolved(source, imported))
        for name, attribute in definition.attributes:
            used = f"{name}.{attribute}"
            if name in read.definitions:
                yield used, (module, name)
            for source, imported in read.imports.get(name, ()):
                target = self._as_module(source, imported)
                found = self._resolved(target, attribute) if target else self._resolved(source, imported)
                yield from ((used, place) for place in found)

    def _resolved(self, source: str, name: str) -> Iterator[Place]:
        """Where ``source.name`` is defined, through modules that only import it from elsewhere."""
        if not self._file(source):
            return
        submodule = self._as_module(source, name)
        if submodule:
            yield submodule, "*"
        elif name in self._module(source).definitions:
            yield source, name
        else:
            for place in self._module(source).imports.get(name, ()):
                yield from self._resolved(*place)

    def _as_module(self, source: str, name: str) -> str:
        """Name of the module that ``source.name`` (or `source` itself, without a name) is; empty when it is none."""
        dotted = f"{source}.{name}" if name else source
        return dotted if self._file(dotted) else ""

    def _file(self, module: str) -> Path | None:
        if module not in self._files:
            self._files[module] = self._find(module)
        return self._files[module]

    def _find(self, module: str) -> Path | None:
        if module.endswith(".py"):
            return self.root / module
        room = module.partition(".")[0]
        if room not in ROOMS:
            return None
        roots = [self.root] if self.own is None or room not in PLUGINS else [self.root, self.own]
        targets = [root.joinpath(*module.split(".")) for root in roots]
        files = [path for target in targets for path in (target.with_suffix(".py"), target / "__init__.py")]
        return next((path for path in files if path.is_file()), None)

    def _module(self, module: str) -> _Module:
        if module not in self._modules:
            self._modules[module] = self._read(module)
        return self._modules[module]

    def _read(self, module: str) -> _Module:
        path = self._file(module)
        assert path is not None
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        # A plug-in that cannot be parsed has the identity of its bytes: it differs from whatever it becomes.
        source = path.read_bytes()
        try:
            tree = ast.parse(source, str(path))
        except SyntaxError:
            return _Module({"": [_Definition(_digest(str(source)), frozenset(), frozenset())]})
        read = _Module()
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    read.imports.setdefault(alias.asname or alias.name, set()).add(
                        (_absolute(node, package), alias.name)
                    )
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    read.imports.setdefault(name, set()).add((alias.name if alias.asname else name, ""))
        for statement in _Normal().visit(tree).body:
            if isinstance(statement, ast.Pass):
                continue
            for name in _defined(statement) or [""]:
                read.definitions.setdefault(name, []).append(_definition(statement))
        return read


class _Normal(ast.NodeTransformer):
    """Takes out of a syntax tree what cannot change a result."""

    _in_class = False

    def _block(self, node: ast.AST, in_class: bool) -> ast.AST:
        outside, self._in_class = self._in_class, in_class
        self.generic_visit(node)
        self._in_class = outside
        body = [s for s in node.body if not isinstance(s, ast.Pass) and not _is_text(s)]  # type: ignore[attr-defined]
        node.body = body or [ast.Pass()]  # type: ignore[attr-defined]
        return node

    def visit_Module(self, node: ast.Module) -> ast.AST:
        return self._block(node, in_class=False)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._block(node, in_class=True)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self._block(node, in_class=False)

    def visit_Import(self, node: ast.Import) -> ast.AST:
        return ast.Pass()

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        return ast.Pass()

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        node.annotation = ast.Constant(value=None)
        # In a class an annotation makes a field; elsewhere it is no more than a comment.
        if self._in_class:
            return node
        return ast.Assign(targets=[node.target], value=node.value) if node.value else ast.Pass()

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        self.generic_visit(node)
        node.exc = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        node.cause = None
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        self.generic_visit(node)
        function = node.value.func if isinstance(node.value, ast.Call) else None
        logs = (
            isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id in _LOGS
        )
        return ast.Pass() if logs else node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        self.generic_visit(node)
        return ast.Pass() if _called(node.value) == "getLogger" else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = _called(node)
        if name in _DECLARATIONS:
            node.keywords = [k for k in node.keywords if k.arg not in _DESCRIPTIVE]
            if name == "Option":
                # Its second argument is its help.
                del node.args[1:2]
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        # Imports that only a type checker sees.
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return ast.Pass()
        return self.generic_visit(node)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _called(node: ast.AST) -> str:
    """Name of the called function, without what stands before a dot; empty for anything but a call."""
    return getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    base = parts[: len(parts) - (node.level - 1)]
    return ".".join([*base, *([node.module] if node.module else [])])


def _defined(statement: ast.stmt) -> list[str]:
    """Names that a statement at the top of a module defines; none for one that is only run."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AugAssign):
        targets = [statement.target]
    return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]


def _definition(statement: ast.stmt) -> _Definition:
    held = [n for n in ast.walk(statement) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)]
    inner = {id(node.value) for node in held}
    names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and id(node) not in inner}
    attributes = {(node.value.id, node.attr) for node in held if isinstance(node.value, ast.Name)}
    return _Definition(ast.dump(statement), frozenset(names), frozenset(attributes))
