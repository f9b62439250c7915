"""Where numbers come from: a digest of the definitions they went through, and the versions.

The digest follows names from an entry function through the imports of the package, over functions,
classes, constants and statements of modules. Comments, docstrings, annotations, messages of errors
and the place of a file do not count. Tables to choose from (`CHOICES`) are not followed, because
what was chosen is part of a key: a new arm or data set changes no other result.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import platform
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
LIBRARIES = ("numpy", "scipy", "torch", "numba", "ripser", "networkx", "pandas")
CHOICES = ("ARMS", "DATASETS")
Target = tuple[str, str | None]
"""A module, and a name defined in it; None for the module itself."""


def read_sources(package: Path) -> dict[str, str]:
    """Return the source of every module below a folder, by dotted name."""
    sources = {}
    for file in sorted(package.rglob("*.py")):
        parts = file.relative_to(package.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        sources[name] = file.read_text(encoding="utf-8")
    return sources


# Read when the package is imported: a file edited later does not describe the code that runs.
SOURCES = read_sources(PACKAGE)


@dataclass
class _Module:
    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, Target] = field(default_factory=dict)
    statements: list[ast.stmt] = field(default_factory=list)


class Code:
    """Sources whose definitions can be followed.

    Parameters
    ----------
    sources : mapping of str to str
        Source by dotted name, as `read_sources` returns them.
    """

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources = sources
        self._modules: dict[str, _Module] = {}
        self._seen: dict[ast.stmt, tuple[str, list[Target]]] = {}

    def reach(self, entries: Iterable[Target]) -> dict[Target, str]:
        """Return every definition that the entries lead to, with a digest of its code."""
        waiting, reached = list(entries), {}
        while waiting:
            target = waiting.pop()
            if target not in reached and target[1] not in CHOICES:
                reached[target], found = self._read(target)
                waiting += found
        return reached

    def _read(self, target: Target) -> tuple[str, list[Target]]:
        """Return the digest of one definition, and what it refers to."""
        name, what = target
        module, digest = self._module(name), hashlib.sha256()
        parts = name.split(".")
        found: list[Target] = [(".".join(parts[:n]), "") for n in range(1, len(parts) + 1)]
        if what is None:  # used as an object, so whatever it holds may count
            found += [(name, each) for each in module.definitions]
            found += filter(None, map(self.follow, module.imports.values()))
        for statement in (
            module.statements if what == "" else module.definitions.get(what or "", [])
        ):
            if statement not in self._seen:
                reader = _Reader(self, name, statement)
                read = reader.visit(statement)
                self._seen[statement] = ast.dump(read) if read else "", reader.found
            text, names = self._seen[statement]
            digest.update(text.encode())
            found += names
        return digest.hexdigest(), found

    def resolve(self, module: str, name: str) -> Target | None:
        """Return where a name used in a module is defined, or None outside the package."""
        if name in self._module(module).definitions:
            return module, name
        if name in self._module(module).imports:
            return self.follow(self._module(module).imports[name])
        inner = f"{module}.{name}"
        return (inner, None) if inner in self.sources else None

    def follow(self, imported: Target) -> Target | None:
        """Return where a name that was imported is defined."""
        module, name = imported
        if module not in self.sources:
            return None
        return imported if name is None else self.resolve(module, name)

    def _module(self, name: str) -> _Module:
        if name in self._modules:
            return self._modules[name]
        module = self._modules[name] = _Module()
        for statement in ast.parse(self.sources[name]).body:
            module.imports |= _imports(statement)
            bound = _bound(statement)
            for each in bound:
                module.definitions.setdefault(each, []).append(statement)
            if not bound and not isinstance(statement, ast.Import | ast.ImportFrom):
                module.statements.append(statement)
        return module


class _Prose(ast.NodeTransformer):
    """Strip texts that stand alone, as docstrings do."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)


class _Reader(_Prose):
    """Strip prose from a definition, and collect what it refers to, under its own name."""

    def __init__(self, code: Code, module: str, statement: ast.stmt) -> None:
        self.code, self.module = code, module
        self.local = _imports(statement)
        self.found: list[Target] = []

    def _target(self, name: str) -> Target | None:
        if name in self.local:
            return self.code.follow(self.local[name])
        return self.code.resolve(self.module, name)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._refer(node, node.id, [])

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        path, inner = [node.attr], node.value
        while isinstance(inner, ast.Attribute):
            path.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name):
            return self._refer(node, inner.id, path)
        return self.generic_visit(node)

    def _refer(self, node: ast.expr, name: str, path: list[str]) -> ast.AST:
        target = self._target(name)
        while target and target[1] is None and path:
            target = self.code.resolve(target[0], path.pop())
        if target is None:
            return node
        self.found.append(target)
        said: ast.expr = ast.Name(target[1] or "module")
        for each in reversed(path):
            said = ast.Attribute(said, each)
        return said

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(node.arg)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return ast.Raise()

    def visit_Import(self, node: ast.Import) -> None:
        return None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        return None


def _imports(statement: ast.stmt) -> dict[str, Target]:
    found: dict[str, Target] = {}
    for node in ast.walk(statement):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = (node.module or "", alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                whole = alias.name if alias.asname else alias.name.split(".")[0]
                found[alias.asname or whole] = (whole, None)
    return found


def _bound(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.If | ast.Try):
        names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
        return [node.id for node in names if isinstance(node.ctx, ast.Store)]
    return []


CODE = Code(SOURCES)


@functools.cache
def code_digest(*functions: Callable[..., object]) -> str:
    """Return a digest of all code of the package that functions go through.

    Parameters
    ----------
    *functions : callable
        Functions of the package.

    Returns
    -------
    str
        12 hexadecimal digits.

    Examples
    --------
    >>> code_digest(code_digest) == code_digest(code_digest)
    True
    """
    return digest_of(CODE.reach((each.__module__, each.__qualname__) for each in functions))


def digest_of(reached: Mapping[Target, str]) -> str:
    """Return one digest, 12 hexadecimal digits, of definitions wherever they lie."""
    return hashlib.sha256("".join(sorted(set(reached.values()))).encode()).hexdigest()[:12]


def source_digest(files: Iterable[Path]) -> str:
    """Return a digest of whole files, 12 hexadecimal digits; docstrings and comments do not count.

    Parameters
    ----------
    files : iterable of Path
        Python sources.
    """
    total = hashlib.sha256()
    for file in sorted(files):
        tree = _Prose().visit(ast.parse(file.read_text(encoding="utf-8")))
        total.update(f"{file.name}\0{ast.dump(tree)}\0".encode())
    return total.hexdigest()[:12]


def versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that the numbers depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES}


def processor() -> str:
    """Return the name of the processor, which decides how the last digit of a sum is rounded."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
