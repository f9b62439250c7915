"""What plain Sphinx builds the book from: the executed pages, and a conf.py out of _config.yml."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tools.book import check_executed
from tools.project import Project

PARTS = ("book", "notebooks", "_config.yml", "_toc.yml", "CHANGELOG.md")
BOOK_ONLY = ["jupyter_book", "sphinx_thebe", "sphinx_comments", "sphinx_jupyterbook_latex"]


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
    folder.mkdir(parents=True)
    for part in PARTS:
        if (project.root / part).is_dir():
            leave = shutil.ignore_patterns("results", ".ipynb_checkpoints")
            shutil.copytree(project.root / part, folder / part, ignore=leave)
        else:
            shutil.copy(project.root / part, folder / part)
    program = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "config", "sphinx", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with (folder / "conf.py").open("a", encoding="utf-8") as conf:
        conf.write(f"extensions = [e for e in extensions if e not in {BOOK_ONLY}]\n")
    return folder
