"""Build the book from executed pages, print it, render single runs, and serve the result."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import webbrowser
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat

from tools.coursework import Coursework
from tools.printing import PDF, as_html, browser, print_page
from tools.project import Project

SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


def check_executed(project: Project) -> None:
    """Refuse to build a book of which pages are missing.

    Parameters
    ----------
    project : Project
        What will be built.

    Raises
    ------
    ValueError
        If a page was not executed yet.
    """
    places = {page: project.notebooks / f"{page}.ipynb" for page in project.pages()}
    if missing := ", ".join(page for page, place in places.items() if not place.exists()):
        raise ValueError(f"not executed yet: {missing}; run `python -m tools notebooks` first.")


def build_html(project: Project) -> int:
    """Build `_build/html` with every warning an error, and return the exit code.

    All pages are written anew, because a page may show numbers of another one. Where a browser
    is installed, the book is printed meanwhile.

    Parameters
    ----------
    project : Project
        With all pages executed.

    Raises
    ------
    ValueError
        If a page was not executed yet.
    """
    check_executed(project)
    print("building the book ...", file=sys.stderr, flush=True)
    with ThreadPoolExecutor(1) as pool:
        printing = pool.submit(build_pdf, project) if browser() else None
        code = run_program(project.root, "build", ".", "-q", "--all", "-W", "-n", "--keep-going")
    return code or (printing.result() if printing else 0)


def build_pdf(project: Project) -> int:
    """Print Sphinx's own one-page version of the book into `_build/html`; return the exit code.

    It is read apart from the book of many pages, so that both can be made at once.

    Parameters
    ----------
    project : Project
        With all pages executed.
    """
    options = ("--builder", "singlehtml", "--path-output", str(project.build / "print"))
    if (code := run_program(project.root, "build", ".", "-q", *options)) == 0:
        top = project.build / "print" / "_build" / "singlehtml" / "index.html"
        print_page(Path(shutil.copy(top.with_name("book") / "intro.html", top)), project.html / PDF)
    return code


def run_program(folder: Path, *arguments: str) -> int:
    """Run jupyter-book in a folder, without its chatter, and return the exit code.

    Parameters
    ----------
    folder : Path
        Where to run it.
    *arguments : str
        Its command and options.
    """
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", *arguments]
    own = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    # what goes wrong is on stderr
    return subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, env=own).returncode


def render_run(notebook: Path) -> Path:
    """Write a single executed page as HTML beside it, and return where.

    Parameters
    ----------
    notebook : Path
        Executed `.ipynb`.
    """
    from tools.bookext import with_policy

    content = Coursework(Project.default()).download(nbformat.read(notebook, as_version=4))
    target = notebook.with_suffix(".html")
    target.write_text(with_policy(as_html(content)), encoding="utf-8")
    return target


def open_page(page: Path) -> str:
    """Open a page in the reader's browser if there is a screen, and return a sentence about it.

    Parameters
    ----------
    page : Path
        An HTML file.
    """
    screen = sys.platform in ("win32", "darwin") or any(map(os.environ.get, SCREENS))
    url = page.resolve().as_uri()
    return f"opened {url}" if screen and webbrowser.open(url) else f"no screen here: open {url}"


def server(folder: Path, port: int) -> http.server.ThreadingHTTPServer:
    """Return a web server for a folder that only this machine can reach.

    Parameters
    ----------
    folder : Path
        What to serve.
    port : int
        Port in [0, 65535]; 0 takes any free one.

    Raises
    ------
    ValueError
        If the folder does not exist or the port is taken.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} does not exist: build the book first with `make book`.")
    handler = functools.partial(_Quiet, directory=str(folder))
    try:
        return http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as fault:
        raise ValueError(f"port {port} is not free: choose another with --port.") from fault


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
