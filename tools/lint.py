"""Static checks of package, tests and pages."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

from tools.parameters import read_source
from tools.project import Project

COMMANDS = (
    "ruff check .",
    "ruff format --check .",
    "mypy",
    "lint-imports",
    "codespell README.md CONTRIBUTING.md CHANGELOG.md book notebooks funcnet_utils tools tests",
    "pytest -q tests/tools/test_dependencies.py",
)
FIRST_PARTY = "lint.isort.known-first-party=['coursework','funcnet_utils']"


def lint_pages(project: Project, pages: list[str]) -> str:
    """Return what ruff finds in the code cells of pages, empty if nothing.

    Ruff does not see code cells in Markdown, so the pages are converted first.

    Parameters
    ----------
    project : Project
        Where the pages are.
    pages : list of str
        Names of pages.
    """
    settings = f"--no-cache --config {project.root / 'pyproject.toml'} --config {FIRST_PARTY} ."
    with tempfile.TemporaryDirectory() as folder:
        for page in pages:
            nbformat.write(read_source(project.source(page)), Path(folder) / f"{page}.ipynb")
        checks = ("ruff check -q --output-format=concise --ignore=D", "ruff format -q --diff")
        runs = [_call(f"{check} {settings}", folder, capture=True) for check in checks]
    return "".join(run.stdout + run.stderr for run in runs if run.returncode)


def lint(project: Project) -> bool:
    """Run all checks, show what they find, and return whether all passed.

    Parameters
    ----------
    project : Project
        What to check.
    """
    passed = True
    for line in COMMANDS:
        print(f"$ {line}", flush=True)
        passed &= _call(line, project.root).returncode == 0
    findings = lint_pages(project, project.pages())
    print(f"$ ruff, in the code cells of the pages\n{findings or 'All pages passed!'}")
    return passed and not findings


def _call(line: str, at: str | Path, capture: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a tool that is installed beside this Python."""
    name, *arguments = line.split()
    if not (command := shutil.which(name, path=Path(sys.executable).parent)):
        raise ValueError(f"{name} is not installed: run `pip install -e '.[test]'`.")
    return subprocess.run([command, *arguments], cwd=at, text=True, capture_output=capture)
