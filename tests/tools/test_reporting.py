"""The key result of a page, and what opens where."""

import json
import os
import subprocess
import tomllib

import pytest

from funcnet_utils import pages
from tools import book
from tools.project import Project
from tools.runner import plan, run

CELL = 'from funcnet_utils import pages\npages.key_result(f"twice is {2 * n_networks}")'


def test_key_result_reaches_the_table_from_runs_and_from_kept_pages(project):
    project.page("sums", CELL, parameters="n_networks = 3")
    for status in ("ran", "cached"):
        (outcome,) = run(plan(project, profile="laptop"), n_workers=1)
        assert (outcome.status, outcome.key_result) == (status, "twice is 40")


def test_a_page_without_a_key_result_has_none(project):
    (outcome,) = run(plan(project, profile="laptop"), n_workers=1)
    assert outcome.key_result == ""


@pytest.mark.parametrize("text", ["", " ", "two\nlines"])
def test_a_key_result_is_one_line(text):
    with pytest.raises(ValueError, match="give one line"):
        pages.key_result(text)


def test_pages_open_only_where_there_is_a_screen(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(book.sys, "platform", "linux")
    monkeypatch.setattr(book.webbrowser, "open", lambda url: opened.append(url) or True)
    for name in book.SCREENS:
        monkeypatch.delenv(name, raising=False)
    page = tmp_path / "page.html"
    assert book.open_page(page) == f"no screen here: open {page.as_uri()}"
    assert opened == []
    monkeypatch.setenv("DISPLAY", ":0")
    assert book.open_page(page) == f"opened {page.as_uri()}"
    assert opened == [page.as_uri()]


def test_tell_takes_glued_values(monkeypatch):
    monkeypatch.setattr(pages, "glue", lambda *arguments, **options: None)
    pages.glue_value("tell-share", 0.257, ".0%")
    pages.glue_value("tell-count", 3)
    said = pages.tell("⟦tell-share⟧ of ⟦tell-count⟧, ⟦tell-unknown⟧, $x_{{i}}$").data
    assert said == "26% of 3, …, $x_{{i}}$"


def test_markdown_pages_open_as_notebooks_in_the_lab():
    path = Project.default().root / ".jupyter" / "labconfig" / "default_setting_overrides.json"
    settings = json.loads(path.read_text())["@jupyterlab/docmanager-extension:plugin"]
    assert settings["defaultViewers"]["markdown"] == "Jupytext Notebook"


def test_binder_has_a_python_that_fits_and_opens_pages_as_notebooks():
    root = Project.default().root
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    least = project["requires-python"].removeprefix(">=")
    assert (root / ".binder" / "runtime.txt").read_text().strip() == f"python-{least}"
    start = root / ".binder" / "start"
    assert os.access(start, os.X_OK)
    environment = {"PATH": os.environ["PATH"], "REPO_DIR": str(root)}
    command = ["bash", str(start), "printenv", "JUPYTER_CONFIG_PATH"]
    said = subprocess.run(command, env=environment, capture_output=True, text=True).stdout
    assert said.strip() == str(root / ".jupyter")
    lines = (root / ".binder" / "requirements.txt").read_text().split("\n")
    (constraints,) = (line.removeprefix("-c ") for line in lines if line.startswith("-c "))
    assert (root / ".binder" / constraints).exists()  # pip reads it from where the file lies
    assert {"-e .[book]", "jupyterlab"} <= set(lines)
