"""The tutorial stays true: each difference applies, and what it brings passes."""

import os
import shutil
import subprocess
import sys

import pytest

from tools.project import Project

ROOT = Project.default().root
BROUGHT = {
    "arm": ["tests/models/test_population.py", "-k", "rms_norm or identical"],
    "measure": ["tests/graphs/test_heterogeneity.py"],
    "dataset": ["tests/test_shapes.py"],
    "chapter": ["tests/test_layers_page.py"],
}
FILES = ("_config.yml", "_toc.yml", "constraints.txt", "pyproject.toml")
FOLDERS = ("book", "coursework", "funcnet_utils", "notebooks", "tests", "tools")
REMEDY = "apply it with `git apply --3way`, mend it, and write it again with `git diff -U2`"


def git(folder, *arguments):
    # Without a repository of its own, a copy within a repository would be taken for a part of it.
    return subprocess.run(
        ["git", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | {"GIT_CEILING_DIRECTORIES": str(folder.parent)},
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy with compiled kernels, so that they need not be compiled again."""
    folder = tmp_path_factory.mktemp("tutorial")
    for name in FILES:
        shutil.copy(ROOT / name, folder)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.ipynb"))
    return folder


def test_there_is_a_section_for_every_difference():
    patches = {path.stem for path in (ROOT / "book" / "tutorial").glob("*.patch")}
    assert patches == BROUGHT.keys()
    page = (ROOT / "book" / "change_one_thing.md").read_text()
    for name, (test, *only) in BROUGHT.items():
        assert f"```{{literalinclude}} tutorial/{name}.patch" in page
        assert f"git apply book/tutorial/{name}.patch" in page
        chosen = f' -k "{only[1]}"' if only else ""
        assert f".venv/bin/python -m tools test {test}{chosen}\n" in page


@pytest.mark.parametrize("name", BROUGHT)
def test_each_difference_applies_alone(copy, name):
    checked = git(copy, "apply", "--check", str(ROOT / "book" / "tutorial" / f"{name}.patch"))
    assert checked.returncode == 0, f"{name}.patch: {REMEDY}\n{checked.stderr}"


@pytest.mark.slow
def test_all_differences_together_pass_the_tests_they_bring(copy, tmp_path):
    for name in BROUGHT:
        applied = git(copy, "apply", str(ROOT / "book" / "tutorial" / f"{name}.patch"))
        assert applied.returncode == 0, f"{name}.patch: {REMEDY}\n{applied.stderr}"
    tests = [arguments[0] for arguments in BROUGHT.values()]
    chosen = "rms_norm or identical or heterogeneity or shapes or layers_page"
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, "-k", chosen],
        cwd=copy,
        capture_output=True,
        text=True,
        env=os.environ
        | {"PYTHONPATH": str(copy), "FUNCNET_RESULTS": str(tmp_path)},  # the copy, not us
    )
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    assert " passed" in ran.stdout
