"""Printing with Chromium: any page, and the whole book."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from tools.html.paper import on_paper, with_pages

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NO_BROWSER = "no Chromium and no Chrome here: install one to print a PDF."
SECONDS = 300
PDF = "functional-networks.pdf"
PAGE = rb"(\d+) 0 obj\n<</Type /Page\n"
PLACE = rb"/([^\s/\[]+) \[(\d+) 0 R /XYZ"


def browser() -> str | None:
    """Return the path of Chromium or Chrome, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def mathjax_address() -> str:
    """Return the address of the installed copy of MathJax."""
    package = distribution("sphinx-mathjax-offline")
    place = package.locate_file("sphinx-mathjax-offline/static/mathjax/tex-chtml.js")
    return Path(str(place)).resolve().as_uri()


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
    path = browser()
    if path is None:
        raise ValueError(NO_BROWSER)
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder) / "printed.pdf"
        command = [path, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        command += ["--generate-pdf-document-outline", "--export-tagged-pdf"]
        command += [f"--user-data-dir={folder}/profile", "--virtual-time-budget=120000"]
        command += ["--allow-file-access-from-files", f"--print-to-pdf={printed}"]
        try:
            subprocess.run(
                [*command, source.resolve().as_uri()], capture_output=True, timeout=SECONDS
            )
        except subprocess.TimeoutExpired as fault:
            raise ValueError(f"{path} did not print within {SECONDS} s: try again.") from fault
        if not printed.exists() or not printed.read_bytes().startswith(b"%PDF"):
            raise ValueError(f"{path} did not print {source}: open the page with it to see why.")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(printed, target)


def print_book(folder: Path, toc: dict[str, Any]) -> Path:
    """Print the built book beside its pages, and return the PDF.

    Parameters
    ----------
    folder : Path
        Folder of the built book.
    toc : dict
        Content of `_toc.yml`.

    Raises
    ------
    ValueError
        If there is no browser, or it does not print.
    """
    source, target = folder / "print.html", folder / PDF  # pictures are named from here
    document = on_paper(folder, toc, mathjax_address())
    try:
        for _ in range(2):  # the list of contents needs the pages of the first print
            source.write_text(document, encoding="utf-8")
            print_page(source, target)
            document = with_pages(document, page_numbers(target.read_bytes()))
    finally:
        source.unlink(missing_ok=True)
    return target


def page_numbers(pdf: bytes) -> dict[str, int]:
    r"""Return the page, from 1, of each place that a PDF written by Chromium links to.

    Parameters
    ----------
    pdf : bytes
        Content of the file.

    Examples
    --------
    >>> page_numbers(b"5 0 obj\n<</Type /Page\n>>/a#2Fb [5 0 R /XYZ 0 1 0]")
    {'a/b': 1}
    """
    order = {number: n for n, number in enumerate(re.findall(PAGE, pdf), 1)}
    return {
        re.sub("#([0-9A-F]{2})", lambda code: chr(int(code[1], 16)), name.decode()): order[number]
        for name, number in re.findall(PLACE, pdf)
        if number in order
    }
