"""Execute pages one after the other, each in a process of its own, kernel and all.

The runner holds the other end of a pipe: when the runner stops or dies, the pipe ends, and so does
the worker, and with it the page and its kernel.
"""

import contextlib
import ctypes
import hashlib
import importlib
import json
import os
import re
import signal
import sys
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from tools.forked import CONTEXT, FORKS, prepare_kernel
from tools.parameters import number_cells, read_source

INJECTED = "# Values of this run, set by the profile or the command line"
PRELOAD = ("seaborn", "sklearn", "ripser", "coursework.checks", "funcnet_utils.pages")
"""What most pages import; a process that runs several imports it once for all."""
FAULTS = (papermill.PapermillExecutionError, CellExecutionError, CellTimeoutError, DeadKernelError)


def execute(job: dict[str, Any]) -> str:
    """Execute a page and put the result in place in one step, or leave everything as it was.

    Parameters
    ----------
    job : dict
        The fields of `tools.runner.Job`, paths as text.

    Returns
    -------
    str
        Where and why the page failed; empty if it did not.
    """
    source, output, partial = (Path(job[key]) for key in ("source", "output", "partial"))
    same, begun = source.read_text(encoding="utf-8") == job["text"], list[Any]()
    output.parent.mkdir(parents=True, exist_ok=True)

    def note(cell: Any, cell_index: int) -> None:
        if cell.cell_type == "code":
            begun.append(cell)

    try:
        result = run_cells(read_source(source), partial, job["parameters"], source.parent, note)
    except FAULTS as fault:
        return _describe(source, begun, fault)
    outputs = [output for cell in result.cells for output in cell.get("outputs", [])]
    if "SystemExit" in (output.get("ename") for output in outputs):  # papermill lets it pass
        return _describe(source, begun, SystemExit("a page ends by its last cell"))
    cells = json.loads(nbformat.writes(_cleaned(result)))["cells"]
    facts = {"digest": job["digest"] if same else "changed", "profile": job["profile"]}
    result.metadata["funcnet"] = facts | {"content": content_digest(cells)}
    beside = output.with_name(f".{output.stem}.partial.ipynb")
    nbformat.write(result, beside)
    beside.replace(output)
    partial.unlink()
    return ""


def run_cells(
    notebook: Any, target: Path | None, parameters: dict[str, Any], folder: Path, note: Any = None
) -> Any:
    """Return a notebook executed by papermill; what was reached is kept in `target`.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        What to execute.
    target : Path or None
        File that papermill saves to after each cell, if any.
    parameters : dict
        Values of this run.
    folder : Path
        Where the kernel works.
    note : callable, optional
        Called with each cell when it begins.
    """
    how: dict[str, Any] = {"parameters": parameters, "cwd": folder, "on_cell_start": note}
    how |= {"kernel_name": "python3", "language": "python", "progress_bar": False}
    # at once, because taking torch apart takes a second
    how |= {"extra_arguments": ["--IPKernelApp.log_level=CRITICAL"], "shutdown_kernel": "immediate"}
    return papermill.execute_notebook(notebook, target, **how)


def content_digest(cells: list[dict[str, Any]]) -> str:
    """Return a digest of executed cells, by which an edit by hand is seen.

    Parameters
    ----------
    cells : list of dict
        As they stand in the file.
    """
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()[:12]


def _describe(source: Path, begun: list[Any], fault: BaseException) -> str:
    """Say where it failed: file and line of the source, cell, traceback."""
    trace = "\n".join(getattr(fault, "traceback", []) or [f"{type(fault).__name__}: {fault}"])
    trace = re.sub(r"\x1b\[[0-9;]*m", "", trace)
    if not begun:
        return f"{source}: the kernel did not start\n{trace}"
    text, place = source.read_text(encoding="utf-8"), f"{source}"
    start = text.find(begun[-1].source)
    if start >= 0:
        inside = re.search(r"Cell In\[\d+\], line (\d+)", trace)
        line = text.count("\n", 0, start) + (int(inside[1]) if inside else 1)
        place += f":{line}: {text.splitlines()[line - 1].strip()}"
    return f"{place}\ncode cell {len(begun)}\n{trace}"


def _cleaned(notebook: Any) -> Any:
    """Drop time stamps and paths, so that equal inputs give equal bytes."""
    notebook.metadata.pop("papermill", None)
    for cell in number_cells(notebook).cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.source = cell.source.replace("# Parameters", INJECTED, 1)
            cell.metadata["tags"] = ["injected-parameters", "hide-input"]
    return notebook


def run_page(job: dict[str, Any], log: Path) -> None:
    """Run a job in a process made for it; what it says, above all its failure, goes to a file."""
    if FORKS:  # ask Linux to end it with the worker, whose pipes it holds, too: PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    said = os.open(log, os.O_WRONLY | os.O_TRUNC)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(said, stream.fileno())
    prepare_kernel()
    sys.exit(execute(job) or 0)


def work(jobs: Connection, answers: Connection, preload: bool) -> None:
    """Run each job, one process after the other, and answer it with an exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the runner
    for module in PRELOAD if preload else ():
        importlib.import_module(module)
    with contextlib.suppress(EOFError, OSError):  # there is no runner any more, or no job
        while job := jobs.recv():
            page = CONTEXT.Process(target=run_page, args=job)
            page.start()
            if jobs in wait([page.sentinel, jobs]):
                page.kill()
            page.join()
            answers.send(page.exitcode)


if __name__ == "__main__":
    for name in PRELOAD:  # and so compile
        importlib.import_module(name)
