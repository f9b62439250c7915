"""Printing with Chromium."""

import contextlib
import shutil
import subprocess
import tempfile
from importlib.metadata import distribution
from pathlib import Path

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
