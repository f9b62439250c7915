"""The steps of `python -m tools coursework` and `answers`."""

from __future__ import annotations

import contextlib
import io
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools import printing
from tools.coursework import Coursework
from tools.profiles import page_values
from tools.project import Project

KEY = """\
import numpy as np

for name in sorted(each for each in dir() if each.startswith("answer_")):
    found = np.asarray(globals()[name], dtype=float)
    print(name, "=", np.array2string(found, precision=6, threshold=50, separator=", "))\
"""
BLANKS = (
    "*Hand-out. A blank* ____ *is a number that your own run computes: fill it in. Cells that only "
    "draw are left out.*"
)


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
    if check:
        stale = work.out_of_date()
        for path in stale:
            print(f"{path.relative_to(project.root)} is out of date: run `make coursework`.")
        return not stale
    for path in work.write():
        print(f"wrote {path.relative_to(project.root)}")
    if sources_only:
        return True
    for page in work.exercises:
        print(f"running the instructor version of {page} ...", file=sys.stderr, flush=True)
        done = execute(work, page, page_values(project, page, profile, {}), solved=True)
        target = work.folder / "instructor" / f"{page}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(done, target)
    if printing.browser() is None:
        print("no hand-out: Chromium or Chrome is needed to print it.", file=sys.stderr)
        return True
    target = print_handout(work)
    print(f"printed {target.relative_to(project.root)}")
    return True


def answers(project: Project, pages: Sequence[str], profile: str, seed: int) -> None:
    """Print the answers of a run with another seed, for instructors.

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
        values = page_values(project, page, profile, {"seed": seed})
        done = execute(work, page, values, solved=True, more=KEY)
        print(f"{page}, seed {seed}\n{done.cells[-1].outputs[0]['text']}")


def execute(
    work: Coursework, page: str, values: dict[str, Any], solved: bool, more: str = ""
) -> Any:
    """Run the student or the instructor version of a page, and return the executed notebook.

    Parameters
    ----------
    work : Coursework
        Knows the page.
    page : str
        Name of the page.
    values : dict
        Values of its parameters.
    solved : bool
        Whether to run the instructor version, whose hidden tests demand that every check passes.
    more : str, optional
        Code of a cell to run at the end.

    Raises
    ------
    ValueError
        If a cell fails.
    """
    notebook = work.notebook(page, solved=solved)
    notebook.cells += [new_code_cell(more, id="more")] if more else []
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            done = papermill.execute_notebook(
                notebook,
                None,
                parameters=values,
                kernel_name="python3",
                language="python",
                cwd=str(work.project.notebooks),
                progress_bar=False,
                extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
            )
    except (papermill.PapermillExecutionError, CellExecutionError) as fault:
        raise ValueError(f"{page}: {str(fault)[-2000:]}") from fault
    for each in (done, *done.cells):
        each.metadata.pop("papermill", None)
        each.metadata.pop("execution", None)
    return done


def handout(work: Coursework) -> Any:
    """Return all student notebooks as one notebook for paper, with blanks and without set-up.

    Parameters
    ----------
    work : Coursework
        Knows the pages.
    """
    cells = [new_markdown_cell(f"# {work.title}\n\n{BLANKS}")]
    for page in work.exercises:
        for cell in work.notebook(page, solved=False).cells:
            tags = cell.metadata.get("tags", [])
            if "tell" in tags:
                text = cell.source.removeprefix('pages.tell(r"""').removesuffix('""")')
                cells.append(new_markdown_cell(re.sub("⟦.+?⟧", "____", text)))
            elif "setup" not in tags and not cell.metadata.get("jupyter"):
                cells.append(cell)
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number:04d}"
    return new_notebook(cells=cells, metadata={"title": work.title})


def print_handout(work: Coursework) -> Path:
    """Print all student notebooks as one PDF, and return it.

    Parameters
    ----------
    work : Coursework
        Knows the pages.

    Raises
    ------
    ValueError
        If there is no browser, or it does not print.
    """
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(template_name="lab", mathjax_url=printing.mathjax_address())
    exporter.exclude_input_prompt, exporter.require_js_url = True, ""
    body, _ = exporter.from_notebook_node(handout(work))
    target = work.folder / "handout.pdf"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "handout.html"
        source.write_text(body, encoding="utf-8")
        printing.print_page(source, target)
    return target
