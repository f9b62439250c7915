"""Instructor versions: coursework with solutions, run from top to bottom."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import CellExecutionError

from tools.project import Project

PASSED = "✓"


def execute(notebook: Any, project: Project, parameters: dict[str, Any], target: Path) -> Any:
    """Run a notebook in the folder of the pages, write it, and return it.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        From `Coursework.notebook`.
    project : Project
        Where the pages are.
    parameters : dict
        Values of the run.
    target : Path
        Where the executed notebook goes.

    Raises
    ------
    ValueError
        If a cell fails.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            done = papermill.execute_notebook(
                notebook,
                None,
                parameters=parameters,
                kernel_name="python3",
                language="python",
                cwd=str(project.notebooks),
                progress_bar=False,
                extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
            )
    except (papermill.PapermillExecutionError, CellExecutionError) as fault:
        raise ValueError(f"{target.name}: {str(fault)[-2000:]}") from fault
    done.metadata.pop("papermill", None)
    for cell in done.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
    nbformat.write(done, target)
    return done


def said_by_checks(notebook: Any) -> list[str]:
    """Return what each check of an executed notebook said.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        From `execute`.
    """
    return [
        "".join(
            output.get("text", "") or output.get("data", {}).get("text/plain", "")
            for output in cell.outputs
        ).strip()
        for cell in notebook.cells
        if cell.cell_type == "code" and "check" in cell.metadata.get("tags", [])
    ]
