"""Execute one page in a process of its own; the job comes on stdin, events go to stdout.

Its own process, because a kernel inherits the working folder and the environment of the process.
The runner keeps stdin open: when the runner stops or dies, stdin ends, and so does the worker.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

import nbformat
import papermill
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from tools.parameters import read_source

INJECTED = "# Values of this run, set by the profile or the command line"


def execute(job: dict[str, Any], events: TextIO) -> bool:
    """Execute a page and put the result in place in one step, or leave everything as it was.

    Parameters
    ----------
    job : dict
        `source`, `output` and `partial` paths, `parameters`, `metadata`.
    events : text stream
        Receives one JSON object a line: `cell` (number, total) and `failed`.

    Returns
    -------
    bool
        Whether the page ran to its end.
    """
    source, output, partial = (Path(job[key]) for key in ("source", "output", "partial"))
    notebook = read_source(source)
    total = sum(cell.cell_type == "code" for cell in notebook.cells) + bool(job["parameters"])
    current: list[Any] = []

    def on_cell_start(cell: Any, cell_index: int) -> None:
        if cell.cell_type == "code":
            current.append(cell)
            print(json.dumps({"cell": len(current), "total": total}), file=events, flush=True)

    partial.parent.mkdir(parents=True, exist_ok=True)
    try:
        result = papermill.execute_notebook(
            notebook,
            partial,
            parameters=job["parameters"],
            kernel_name="python3",
            language="python",
            cwd=source.parent,
            progress_bar=False,
            on_cell_start=on_cell_start,
            extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
        )
    except (
        papermill.PapermillExecutionError,
        CellExecutionError,
        CellTimeoutError,
        DeadKernelError,
    ) as fault:
        text = _describe(source, current[-1] if current else None, len(current), total, fault)
        print(json.dumps({"failed": text}), file=events, flush=True)
        return False
    _write(_cleaned(result, job["metadata"]), output)
    partial.unlink()
    return True


def _describe(source: Path, cell: Any, number: int, total: int, fault: Exception) -> str:
    """Say where it failed: file and line of the source, cell, traceback."""
    trace = "\n".join(getattr(fault, "traceback", []) or [f"{type(fault).__name__}: {fault}"])
    trace = re.sub(r"\x1b\[[0-9;]*m", "", trace)
    if cell is None:
        return f"{source}: the kernel did not start\n{trace}"
    text = source.read_text(encoding="utf-8")
    start = text.find(cell.source)
    place = f"{source}"
    if start >= 0:
        inside = re.search(r"Cell In\[\d+\], line (\d+)", trace)
        line = text.count("\n", 0, start) + (int(inside[1]) if inside else 1)
        place += f":{line}: {text.splitlines()[line - 1].strip()}"
    return f"{place}\ncode cell {number} of {total}\n{trace}"


def _cleaned(notebook: Any, metadata: dict[str, Any]) -> Any:
    """Drop time stamps and paths, so that equal inputs give equal bytes."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata["funcnet"] = metadata
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:03d}"
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.source = cell.source.replace("# Parameters", INJECTED, 1)
    return notebook


def _write(notebook: Any, output: Path) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    beside = output.with_name(f".{output.stem}.partial.ipynb")
    nbformat.write(notebook, beside)
    beside.replace(output)


def _stop_with_runner() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> int:
    """Run the job that stands on the first line of stdin."""
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # kernels inherit stdout: keep it apart from the events
    job = json.loads(sys.stdin.readline())
    threading.Thread(target=_stop_with_runner, daemon=True).start()
    return 0 if execute(job, events) else 1


if __name__ == "__main__":
    sys.exit(main())
