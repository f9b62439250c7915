"""Notebooks as one HTML page, and printing with Chromium."""

import contextlib
import shutil
import subprocess
import tempfile
import warnings
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from nbformat.v4 import new_markdown_cell, new_notebook

from tools.coursework import Coursework
from tools.parameters import number_cells

RUN_PAGE = Path(__file__).with_name("run_page.html.j2")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 300
PDF = "functional-networks.pdf"


def browser() -> str | None:
    """Return the path of Chromium or Chrome, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def mathjax_folder() -> Path:
    """Return the folder of the installed copy of MathJax."""
    package = distribution("sphinx-mathjax-offline")
    return Path(str(package.locate_file("sphinx-mathjax-offline/static/mathjax"))).resolve()


def print_page(source: Path, target: Path) -> None:
    """Print an HTML file as PDF, tagged and with an outline of its headings.

    Parameters
    ----------
    source : Path
        The page.
    target : Path
        Where the PDF goes.

    Raises
    ------
    ValueError
        If there is no browser, or it does not print.
    """
    if (path := browser()) is None:
        raise ValueError("no Chromium and no Chrome here: install one to print a PDF.")
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder) / "printed.pdf"
        command = [path, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        command += ["--generate-pdf-document-outline", "--export-tagged-pdf"]
        command += [f"--user-data-dir={folder}/profile", "--virtual-time-budget=120000"]
        command += ["--allow-file-access-from-files", f"--print-to-pdf={printed}"]
        command.append(source.resolve().as_uri())
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(command, capture_output=True, timeout=SECONDS)
        if not printed.exists() or not printed.read_bytes().startswith(b"%PDF"):
            raise ValueError(f"{path} did not print {source} in {SECONDS} s: open it to see why.")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(printed, target)


def as_html(notebook: Any) -> str:
    """Return a notebook as one HTML page that loads nothing, with MathJax inside it.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Without MyST.
    """
    from nbconvert import HTMLExporter

    mathjax = (mathjax_folder() / "tex-svg-full.js").read_text(encoding="utf-8")
    exporter = HTMLExporter(embed_images=True, raw_template=RUN_PAGE.read_text("utf-8"))
    with warnings.catch_warnings(action="ignore"):  # numbers for the text have no picture
        return str(exporter.from_notebook_node(notebook, {"mathjax": mathjax})[0])


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
