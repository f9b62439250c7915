"""Every page runs from top to bottom with the smoke profile, and its code is clean."""

import json

import pytest

from tools.lint import lint_pages
from tools.profiles import page_values
from tools.project import Project

PROJECT = Project.default()
PAGES = PROJECT.pages()


@pytest.mark.parametrize("page", PAGES)
def test_page_runs(page, outcomes):
    assert not outcomes[page].failure
    cells = json.loads(outcomes[page].output.read_text())["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code
    assert all(cell["execution_count"] for cell in code)


@pytest.mark.parametrize("page", PAGES)
def test_solutions_pass_their_checks(page, outcomes):
    cells = json.loads(outcomes[page].output.read_text())["cells"]
    said = [
        "".join(output["data"]["text/plain"])
        for cell in cells
        if "check" in cell["metadata"].get("tags", [])
        for output in cell["outputs"]
    ]
    assert len(said) == sum("check" in cell["metadata"].get("tags", []) for cell in cells)
    assert [text for text in said if not text.startswith("✓")] == []


@pytest.mark.parametrize("page", PAGES)
def test_page_code_is_clean(page):
    assert lint_pages(PROJECT, [page]) == ""


@pytest.mark.parametrize("page", PAGES)
def test_every_profile_fits_every_page(page):
    profiles = {path.stem for path in (PROJECT.notebooks / "profiles").glob("*.yml")}
    assert {"smoke", "laptop", "paper"} <= profiles
    for profile in profiles:
        assert page_values(PROJECT, page, profile, {}).get("profile", profile) == profile
