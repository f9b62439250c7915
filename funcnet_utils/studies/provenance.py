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
import threading
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
LIBRARIES = ("numpy", "scipy", "torch", "numba", "ripser", "networkx", "pandas")
CHOICES = ("ARMS", "DATASETS")
SILENT = {"annotation": None, "returns": None, "exc": None, "cause": None}
"""Parts of the code that decide no number."""
_Target = tuple[str, str]
"""A module, and a name defined in it; "" for what the module only runs, "*" for all of it."""

# Read when the package is imported: a file edited later does not describe the code that runs.
SOURCES = {
    ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): (
        file.read_text(encoding="utf-8")
    )
    for file in sorted(PACKAGE.rglob("*.py"))
}


class Code:
    """Sources whose definitions can be followed.

    Parameters
    ----------
    sources : mapping of str to str
        Source by dotted name of the module, as `SOURCES`.
    """

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources, self._turn = sources, threading.Lock()
        self._read = functools.cache(self._read_definition)
        self._module = functools.cache(self._read_module)
        self._statement = functools.cache(self._read_statement)  # once: reading takes it apart

    def reach(self, entries: Iterable[_Target]) -> dict[_Target, str]:
        """Return every definition that the entries lead to, with a digest of its code."""
        waiting, reached = list(entries), {}
        with self._turn:
            while waiting:
                target = waiting.pop()
                if target not in reached and target[1] not in CHOICES:
                    reached[target], found = self._read(target)
                    waiting += found
        return reached

    def find(self, module: str, *path: str) -> tuple[_Target, tuple[str, ...]] | None:
        """Return what a dotted path leads to from a module, and the rest of the path.

        None outside the package.
        """
        if module not in self.sources or not path:
            return ((module, "*"), ()) if module in self.sources else None
        (definitions, imports), (name, *rest) = self._module(module), path
        if name in definitions:
            return (module, name), tuple(rest)
        return self.find(*imports.get(name, [f"{module}.{name}"]), *rest)

    def _read_definition(self, target: _Target) -> tuple[str, list[_Target]]:
        """Return the digest of one definition, and what it refers to."""
        module, name = target
        definitions, imports = self._module(module)
        parts = module.split(".")
        found = [(".".join(parts[: n + 1]), "") for n in range(len(parts))]
        if name == "*":  # used as an object, so whatever it contains may count
            found += [(module, each) for each in definitions]
            found += [hit[0] for path in imports.values() if (hit := self.find(*path))]
        read = [self._statement(module, each) for each in definitions.get(name, [])]
        code = "".join(text for text, _ in read)
        return hashlib.sha256(code.encode()).hexdigest(), sum((hits for _, hits in read), found)

    def _read_statement(self, module: str, statement: ast.stmt) -> tuple[str, list[_Target]]:
        """Return the code of a statement without prose and imports, and what it refers to."""
        reader = _Reader(self, module, _imports(statement))
        read = reader.visit(statement)
        return ast.dump(read) if read else "", reader.found

    def _read_module(self, name: str) -> tuple[dict[str, list[ast.stmt]], dict[str, list[str]]]:
        """Return the statements by the names they bind, and a path for each name imported."""
        statements = ast.parse(self.sources[name]).body
        definitions: dict[str, list[ast.stmt]] = {}
        for statement in statements:
            for each in _bound(statement):
                definitions.setdefault(each, []).append(statement)
        return definitions, _imports(*statements)


class _Prose(ast.NodeTransformer):
    """Strip texts that stand alone, as docstrings do."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)


class _Reader(_Prose):
    """Strip prose from definitions, and collect what they refer to, under its own name."""

    def __init__(self, code: Code, module: str, local: dict[str, list[str]]) -> None:
        self.code, self.module, self.local = code, module, local
        self.found: list[_Target] = []

    def visit(self, node: ast.AST) -> ast.AST | None:
        """Return a node without prose, with what it refers to under its own name."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            return None
        vars(node).update({name: None for name in SILENT if name in node._fields})
        inner, path = node, list[str]()
        while isinstance(inner, ast.Attribute):
            path.insert(0, inner.attr)
            inner = inner.value
        if not isinstance(inner, ast.Name):
            return super().visit(node)
        if hit := self.code.find(*self.local.get(inner.id, [self.module, inner.id]), *path):
            self.found.append(hit[0])
            return ast.Name(".".join([hit[0][1], *hit[1]]))
        return node


def _imports(*statements: ast.stmt) -> dict[str, list[str]]:
    """Return the path that each imported name stands for: a module, a name in it."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(ast.Module(list(statements), [])):
        if isinstance(node, ast.ImportFrom):
            found |= {a.asname or a.name: [node.module or "", a.name] for a in node.names}
        elif isinstance(node, ast.Import):
            for each in node.names:
                whole = each.name if each.asname else each.name.split(".")[0]
                found[each.asname or whole] = [whole]
    return found


def _bound(statement: ast.stmt) -> list[str]:
    """Return the names that a statement binds; none by an import, "" if it only runs."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return []
    names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
    return [node.id for node in names if isinstance(node.ctx, ast.Store)] or [""]


CODE = Code(SOURCES)


@functools.cache
def code_digest(*functions: Callable[..., object]) -> str:
    """Return a digest, 12 hexadecimal digits, of all code that functions of the package go through.

    Examples
    --------
    >>> code_digest(code_digest) == code_digest(code_digest)
    True
    """
    return digest_of(CODE.reach((each.__module__, each.__qualname__) for each in functions))


def digest_of(reached: Mapping[_Target, str]) -> str:
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
