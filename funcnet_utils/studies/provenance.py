"""Where numbers come from: a digest of the code they passed through, and the versions it ran on."""

from __future__ import annotations

import ast
import functools
import hashlib
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
LIBRARIES = ("numpy", "scipy", "torch", "numba", "ripser", "networkx", "pandas")


@functools.cache
def code_digest(*rooms: str) -> str:
    """Return a digest of rooms of the package that changes with the code, not with its prose.

    Comments, docstrings and layout do not count.

    Parameters
    ----------
    *rooms : str
        Modules or sub-packages, such as "graphs" or "config.py".

    Returns
    -------
    str
        12 hexadecimal digits.

    Examples
    --------
    >>> code_digest("arms.py") == code_digest("arms.py")
    True
    """
    files = [file for room in rooms for file in _sources(PACKAGE / room)]
    return source_digest(files)


def source_digest(files: list[Path]) -> str:
    """Return a digest of Python files that ignores comments, docstrings and layout.

    Parameters
    ----------
    files : list of Path
        Python sources.

    Returns
    -------
    str
        12 hexadecimal digits.
    """
    total = hashlib.sha256()
    for file in sorted(files):
        tree = _without_docstrings(ast.parse(file.read_text(encoding="utf-8")))
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


def _sources(path: Path) -> list[Path]:
    if not path.exists():
        raise ValueError(f"there is no room {path.name!r} in the package: check its name.")
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
            and isinstance(body[0].value.value, str)
        ):
            node.body = body[1:]
    return tree
