"""The book by plain Sphinx, of a version that jupyter-book 1 can not use."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tools import plain_sphinx
from tools.project import Project
from tools.runner import plan, run

pytestmark = pytest.mark.slow
ORIGINAL = Project.default()


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy with pages of the smoke profile: those of the tests of the book, if they are fresh."""
    copy = tmp_path_factory.mktemp("project")
    for part in plain_sphinx.PARTS:
        if (ORIGINAL.root / part).is_dir():
            shutil.copytree(ORIGINAL.root / part, copy / part)
        else:
            shutil.copy(ORIGINAL.root / part, copy / part)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FUNCNET_RESULTS", str(copy / "results"))
        jobs = plan(ORIGINAL, profile="smoke", out=ORIGINAL.build / "smoke")
        outcomes = run(jobs, n_workers=2)
    assert [outcome.failure for outcome in outcomes if outcome.failure] == []
    for outcome in outcomes:
        shutil.copy(outcome.output, copy / "notebooks")
    return Project(copy)


@pytest.fixture(scope="module")
def html(project):
    assert plain_sphinx.build(project, ORIGINAL.root / ".venv-sphinx") == 0
    return project.build / "sphinx" / "_html"


def test_the_environment_has_a_newer_sphinx(html):
    python = plain_sphinx.make_environment(ORIGINAL.root / ".venv-sphinx")
    ask = [python, "-c", "import sphinx; print(sphinx.__version__)"]
    version = subprocess.run(ask, capture_output=True, text=True, check=True).stdout
    assert int(version.split(".")[0]) >= 8


def test_every_page_is_there_with_figures_maths_and_numbers(html):
    for page in ORIGINAL.pages():
        soup = BeautifulSoup((html / "notebooks" / f"{page}.html").read_text(), "html.parser")
        assert soup.select("article .cell_output"), page
        pictures = soup.select("article .cell_output img")
        assert all((html / "notebooks" / p["src"]).resolve().is_file() for p in pictures), page
        assert soup.select_one(".page-facts"), page
        assert "None.None" not in soup.get_text()
    soup = BeautifulSoup((html / "notebooks" / "small_world.html").read_text(), "html.parser")
    assert soup.select("article .math")
    assert soup.select("figcaption .caption-number")
    assert (html / "_static" / "mathjax" / "startup.js").is_file()


def test_the_configuration_is_that_of_the_book(html):
    conf: dict = {}
    exec((Path(html).parent / "conf.py").read_text(), conf)
    assert "tools.bookext" in conf["extensions"]
    assert not set(plain_sphinx.BOOK_ONLY) & set(conf["extensions"])
    assert conf["nb_execution_mode"] == "off"
    assert json.dumps(conf["html_theme_options"])
