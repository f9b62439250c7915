"""Static checks of package, tests and pages."""

from __future__ import annotations

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
    settings = ["--config", str(project.root / "pyproject.toml")]
    settings += ["--config", "lint.isort.known-first-party=['funcnet_utils']", "--no-cache", "."]
    checks = ("check -q --output-format=concise --ignore=D", "format -q --diff")
    with tempfile.TemporaryDirectory() as folder:
        for page in pages:
            nbformat.write(read_source(project.source(page)), Path(folder) / f"{page}.ipynb")
        commands = [[_tool("ruff"), *check.split(), *settings] for check in checks]
        runs = [subprocess.run(c, cwd=folder, capture_output=True, text=True) for c in commands]
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
        name, *arguments = line.split()
        passed &= subprocess.run([_tool(name), *arguments], cwd=project.root).returncode == 0
    print("$ ruff, in the code cells of the pages", flush=True)
    findings = lint_pages(project, project.pages())
    print(findings or "All pages passed!")
    return passed and not findings


def _tool(name: str) -> str:
    """Return the tool installed beside this Python, wherever the shell would look."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        raise ValueError(f"{name} is not installed: run `pip install -e '.[test]'`.")
    return found
