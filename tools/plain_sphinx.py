"""Build the book with plain Sphinx: the executed pages, and a conf.py out of _config.yml."""

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tools.book import check_executed, run_program
from tools.project import Project

PARTS = ("book", "notebooks", "_config.yml", "_toc.yml", "CHANGELOG.md")
LEAVE = shutil.ignore_patterns("results", ".ipynb_checkpoints")
BOOK_ONLY = ["jupyter_book", "sphinx_thebe", "sphinx_comments", "sphinx_jupyterbook_latex"]
PACKAGES = (
    *("sphinx>=8.2", "myst-nb", "sphinx-book-theme>=1.4", "sphinx-copybutton", "sphinx-design"),
    *("sphinx-external-toc", "sphinx-multitoc-numbering", "sphinx-togglebutton", "sphinx-click"),
    *("sphinx-exercise", "sphinx-proof", "sphinx-sitemap", "sphinxcontrib-bibtex"),
    "sphinxext-opengraph",
)


def write_source(project: Project, folder: Path) -> Path:
    """Write a folder that `sphinx-build -W -n` of Sphinx 8 or newer takes, and return it.

    Parameters
    ----------
    project : Project
        With all pages executed.
    folder : Path
        Where to write; what lies there is deleted.

    Raises
    ------
    ValueError
        If a page was not executed yet.
    """
    check_executed(project)
    shutil.rmtree(folder, ignore_errors=True)
    for part in PARTS:  # the first one is a folder
        if (project.root / part).is_dir():
            shutil.copytree(project.root / part, folder / part, ignore=LEAVE)
        else:
            shutil.copy(project.root / part, folder / part)
    if run_program(folder, "config", "sphinx", str(folder)):
        raise ValueError(f"jupyter-book wrote no conf.py from {folder / '_config.yml'}.")
    with (folder / "conf.py").open("a", encoding="utf-8") as conf:
        conf.write(f"extensions = [e for e in extensions if e not in {BOOK_ONLY}]\n")
    return folder


def make_environment(folder: Path) -> str:
    """Return the Python of an environment with the newest Sphinx, made if it is not there.

    What the API pages import is taken from the environment of this process.

    Parameters
    ----------
    folder : Path
        Where the environment is.
    """
    places = sysconfig.get_paths("venv", {"base": str(folder)})
    python = str(Path(places["scripts"]) / "python")
    beside = Path(places["purelib"], "beside.pth")
    if not beside.exists():
        print(f"installing Sphinx into {folder}", file=sys.stderr, flush=True)
        venv.create(folder, clear=True, with_pip=True)
        install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*install, *PACKAGES], check=True)
        beside.write_text(sysconfig.get_path("purelib") + "\n")  # after its own: only what it lacks
    return python


def build(project: Project, environment: Path) -> int:
    """Build `_build/sphinx/_html` with every warning an error, and return the exit code.

    Parameters
    ----------
    project : Project
        With all pages executed.
    environment : Path
        Folder of the environment; see `make_environment`.
    """
    source = str(write_source(project, project.build / "sphinx"))
    command = [make_environment(environment), "-m", "sphinx", "-Wnq", "--keep-going", source]
    return subprocess.run([*command, f"{source}/_html"], cwd=Path(__file__).parents[1]).returncode
