"""The steps of `python -m tools coursework` and `python -m tools answers`."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.book import as_html
from tools.coursework import Coursework
from tools.parameters import number_cells
from tools.printing import browser, print_page
from tools.profiles import page_values
from tools.project import Project
from tools.worker import FAULTS, run_cells

KEY = """\
import numpy as np

for name, found in sorted(globals().items()):
    if name.startswith("answer_"):
        print(name, "=", np.asarray(found, dtype=float).round(6).tolist())"""


def coursework(project: Project, profile: str, check: bool, sources_only: bool) -> bool:
    """Write the coursework, or say which of its files are out of date.

    Parameters
    ----------
    project : Project
        Where the pages are.
    profile : str
        Values with which the instructor versions are run.
    check : bool
        Whether to write nothing.
    sources_only : bool
        Whether to leave instructor versions and hand-out as they are.

    Returns
    -------
    bool
        Whether everything is up to date.

    Raises
    ------
    ValueError
        If a page cannot be read, or an instructor version fails.
    """
    work = Coursework(project)
    changed = sorted(work.out_of_date()) if check else work.write()
    for name in [path.relative_to(project.root) for path in changed]:
        print(f"{name} is out of date: run `make coursework`." if check else f"wrote {name}")
    if check or sources_only:
        return not (check and changed)
    for page in work.exercises:
        print(f"running the instructor version of {page} ...", file=sys.stderr, flush=True)
        target = work.folder / "instructor" / f"{page}.ipynb"
        target.parent.mkdir(exist_ok=True)
        notebook, values = work.notebook(page, solved=True), page_values(project, page, profile, {})
        execute(work, page, notebook, values, target)
    if browser() is None:
        print("no hand-out: Chromium or Chrome is needed to print it.", file=sys.stderr)
    else:
        print_handout(work)
        print("printed coursework/handout.pdf")
    return True


def answers(project: Project, pages: Sequence[str], profile: str, seed: int) -> None:
    """Print the answers to the exercises in a run with another seed, for instructors.

    Parameters
    ----------
    project : Project
        Where the pages are.
    pages : sequence of str
        Names of pages; empty for all pages with exercises.
    profile : str
        Values of the run.
    seed : int
        Its seed.

    Raises
    ------
    ValueError
        If a page does not exist or has no exercises, or its run fails.
    """
    work = Coursework(project)
    for page in pages or work.exercises:
        if page not in work.exercises:
            raise ValueError(f"{page} has no exercises: choose from {', '.join(work.exercises)}.")
        notebook = work.notebook(page, solved=True)
        notebook.cells.append(new_code_cell(KEY, id="key"))
        values = page_values(project, page, profile, {"seed": str(seed)})
        done = execute(work, page, notebook, values)
        print(f"{page}, seed {seed}\n{done.cells[-1].outputs[0]['text']}")


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
