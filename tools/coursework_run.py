"""Run what is made from the pages with exercises, and print the hand-out."""

import tempfile
from pathlib import Path
from typing import Any

from nbformat.v4 import new_markdown_cell, new_notebook

from tools.book import as_html
from tools.coursework import Coursework
from tools.parameters import number_cells
from tools.printing import print_page
from tools.worker import FAULTS, run_cells

KEY = """\
import numpy as np

for name, found in sorted(globals().items()):
    if name.startswith("answer_"):
        print(name, "=", np.asarray(found, dtype=float).round(6).tolist())"""


def execute(
    work: Coursework, page: str, notebook: Any, values: dict[str, Any], target: Path | None = None
) -> Any:
    """Run a version of a page, and return the executed notebook.

    Parameters
    ----------
    work : Coursework
        Knows the page.
    page : str
        Name of the page.
    notebook : nbformat.NotebookNode
        Its student or instructor version; hidden tests of the latter demand that checks pass.
    values : dict
        Values of its parameters.
    target : Path, optional
        Where to write it.

    Raises
    ------
    ValueError
        If a cell fails.
    """
    try:
        return run_cells(notebook, target, values, work.project.notebooks)
    except FAULTS as fault:
        raise ValueError(f"{page}: {str(fault)[-2000:]}") from fault


def handout(work: Coursework) -> str:
    """Return all student notebooks as one HTML page, with blanks and without set-up.

    Parameters
    ----------
    work : Coursework
        Knows the pages.
    """
    cells = [new_markdown_cell(work.template("handout", book=work.title))]
    for page in work.exercises:
        for cell in work.notebook(page, solved=False, blank=r"\\_" * 4).cells:
            if "setup" not in cell.metadata.get("tags", []) and "jupyter" not in cell.metadata:
                cells.append(cell)
    return as_html(number_cells(new_notebook(cells=cells)))


def print_handout(work: Coursework) -> None:
    """Print all student notebooks as one PDF, `coursework/handout.pdf`.

    Parameters
    ----------
    work : Coursework
        Knows the pages.

    Raises
    ------
    ValueError
        If there is no browser, or it does not print.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "handout.html"
        source.write_text(handout(work), encoding="utf-8")
        print_page(source, work.folder / "handout.pdf")
