"""Parameters of a page: read from its tagged cell, checked against their defaults."""

import ast
import contextlib
import functools
import math
from pathlib import Path
from typing import Any

import jupytext

from funcnet_utils.datasets.records import decoding

Scalar = bool | int | float | str
# each check of a profile asks all pages for their parameters
_cells = functools.cache(lambda text: jupytext.reads(text, "md:myst").cells)


def read_source(path: Path) -> Any:
    """Return a page source as a notebook with fixed cell ids.

    Parameters
    ----------
    path : Path
        MyST Markdown file.

    Returns
    -------
    nbformat.NotebookNode
    """
    notebook = jupytext.read(path)
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    notebook.metadata = {"kernelspec": kernel}
    return number_cells(notebook)


def number_cells(notebook: Any) -> Any:
    """Name the cells of a notebook by their places, so that equal runs give equal files."""
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:03d}"
    return notebook


def page_parameters(path: Path) -> dict[str, Scalar]:
    """Return the parameters of a page and their defaults.

    Parameters
    ----------
    path : Path
        MyST Markdown file with at most one code cell tagged `parameters`.

    Returns
    -------
    dict of str to bool, int, float or str

    Raises
    ------
    ValueError
        If the cell holds anything but assignments of plain values.
    """
    with decoding(path, "cannot be read as a page", "mend its Markdown or the parameters cell"):
        read = _cells(path.read_text(encoding="utf-8"))
        cells = [cell for cell in read if "parameters" in cell.metadata.get("tags", [])]
        statements: list[Any] = ast.parse("\n".join(cell.source for cell in cells)).body
    if len(cells) > 1:
        raise ValueError(f"{path.name} has {len(cells)} cells tagged parameters: keep one.")
    defaults: dict[str, Scalar] = {}
    for statement in statements:
        value = None
        with contextlib.suppress(AttributeError, TypeError, ValueError):
            (name,) = (target.id for target in statement.targets)
            value = ast.literal_eval(statement.value)
        if not isinstance(value, Scalar):
            raise ValueError(
                f"{path.name}: `{ast.unparse(statement)}` does not set a parameter to a plain "
                "value: write name = number, text, True or False."
            )
        defaults[name] = value
    return defaults


def check_value(name: str, value: object, default: Scalar) -> Scalar:
    """Return a value in the type of its parameter's default.

    Parameters
    ----------
    name : str
        Name of the parameter.
    value : object
        Text from the command line or a scalar from a profile.
    default : bool, int, float or str
        Default of the parameter.

    Raises
    ------
    ValueError
        If the value can not be read in that type.

    Examples
    --------
    >>> check_value("n_networks", "5", default=20)
    5
    >>> check_value("density", 1, default=0.05)
    1.0
    """
    kind, text = type(default), str(value).strip()
    if isinstance(value, Scalar) and (kind is bool or not isinstance(value, bool)):
        with contextlib.suppress(KeyError, ValueError):
            if kind is bool:
                return {"true": True, "false": False}[text.lower()]
            if kind is str or math.isfinite(float(text)):
                return kind(text)
    wanted = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}[kind]
    raise ValueError(f"parameter {name} is {value!r}: give {wanted}, such as {default!r}.")
