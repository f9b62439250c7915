"""The command line: help, good runs, and one sentence for every mistake."""

import os
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from tools.__main__ import app


@pytest.fixture
def tools(project):
    return lambda *arguments: CliRunner().invoke(app, arguments, obj=project)


def test_help_lists_every_command_and_examples(tools):
    said = tools("--help").output
    assert "python -m tools run small_world -p dataset fashion_mnist -p n_networks 10" in said
    for command in app.commands.values():
        assert f"  {command.name} " in said
        assert command.help
        assert tools(command.name, "--help").exit_code == 0


def test_run_takes_values_and_leaves_the_book_alone(tools, project):
    result = tools("run", "sums", "-p", "n_networks", "5", "-p", "hidden", "7")
    assert result.exit_code == 0, result.output
    (notebook,) = (project.build / "runs").glob("sums-????????.ipynb")
    page = notebook.with_suffix(".html")
    assert result.stdout.split() == [str(notebook), str(page)]
    assert "n_networks = 5" in notebook.read_text()
    text = page.read_text()
    assert ">10\n" in text
    assert re.findall(r"<(?:script|link|img)[^>]* (?:src|href)=\S+", text) == []  # all is inside
    assert text.count("Content-Security-Policy") == 1
    assert text.index("Content-Security-Policy") < text.index("<script")
    assert list(project.notebooks.glob("*.ipynb")) == []
    again = tools("run", "sums", "-p", "n_networks", "5", "-p", "hidden", "7")
    assert "cached" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "sum"], "did you mean 'sums'"),
        (["run", "sums", "-p", "n_network", "5"], "did you mean 'n_networks'"),
        (["run", "sums", "-p", "n_networks", "many"], "give a whole number"),
        (["run", "sums", "--profile", "lap"], "there is no profile 'lap'"),
        (["notebooks", "sum"], "did you mean 'sums'"),
        (["html"], "run `python -m tools notebooks` first"),
        (["serve"], "build the book first"),
    ],
)
def test_mistakes_get_one_sentence(tools, arguments, message):
    result = tools(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_failing_page_gives_exit_code_1(tools, project):
    project.page("sums", "raise KeyError('lost')", parameters="n_networks = 1")
    result = tools("notebooks")
    assert result.exit_code == 1
    assert "page sums failed" in result.stderr
    assert "KeyError: 'lost'" in result.stderr


def test_clean_deletes_what_the_runner_wrote_and_nothing_else(tools, project):
    for name in ("edited", "own"):
        project.page(name, "print(1)")
    assert tools("notebooks", "sums", "edited").exit_code == 0
    made, edited, own, mine = (
        project.notebooks / f"{name}.ipynb" for name in ("sums", "edited", "own", "mine")
    )
    edited.write_text(edited.read_text().replace("1\\n", "2\\n"))
    own.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    shutil.copy(made, mine)
    said = tools("clean")
    assert said.exit_code == 0
    assert said.output.count("kept /") == 2
    assert not project.build.exists()
    assert [path.exists() for path in (made, edited, own, mine)] == [False, True, True, True]


def test_the_lab_opens_copies_that_nothing_changes(tools, project, monkeypatch):
    started = []
    monkeypatch.setattr("tools.__main__._python", lambda *line: started.append(line) or 0)
    source = project.source("sums").read_bytes()
    mine = project.root / "my_notebooks"
    assert tools("lab", "--no-browser").exit_code == 0
    assert started == [(project, "jupyterlab", f"--notebook-dir={mine}", "--no-browser")]
    copy = mine / "sums.ipynb"
    cells = nbformat.read(copy, as_version=4).cells
    assert cells[-1].source == "print(n_networks * 2)"
    copy.write_text("mine")
    assert tools("lab").exit_code == tools("clean").exit_code == 0
    assert copy.read_text() == "mine"
    copy.rename(mine / "older.ipynb")  # a fresh copy for who asks
    assert tools("lab").exit_code == 0
    assert nbformat.read(copy, as_version=4).cells == cells
    assert project.source("sums").read_bytes() == source


@pytest.mark.parametrize("error", ["ValueError", "OSError"])
def test_a_value_that_the_page_refuses_is_one_sentence(tools, project, error):
    code = f"if n_networks == 0:\n    raise {error}('n_networks is 0: choose more.')"
    project.page("sums", code, parameters="n_networks = 1")
    result = tools("run", "sums", "-p", "n_networks", "0")
    lines = result.output.splitlines()
    if error == "ValueError":
        assert (result.exit_code, len(lines)) == (2, 1)
        assert lines == ["Error: page sums: n_networks is 0: choose more."]
    else:  # no value was refused, so where it happened is told
        assert result.exit_code == 1
        assert "sums.md:" in result.output
    project.profile("laptop", "values: {n_networks: 0}")
    assert tools("run", "sums").exit_code == 1  # nobody gave a value


def test_own_data_are_found_from_where_the_user_stands(tools, project, monkeypatch, tmp_path):
    here = tmp_path / "here"
    (here / "shapes" / "a").mkdir(parents=True)
    (here / "mine.npz").touch()
    monkeypatch.chdir(here)
    monkeypatch.setenv("FUNCNET_DATA", str(tmp_path / "data"))
    project.page("sums", "print(dataset)", parameters='dataset = "mnist_5k"')
    project.profile("laptop", "values: {}")
    for name, shown in (
        ("mine.npz", here / "mine.npz"),
        ("./mine.npz", here / "mine.npz"),
        ("shapes", here / "shapes"),
        ("digits", "digits"),
    ):
        result = tools("run", "sums", "-p", "dataset", name)
        assert result.exit_code == 0, result.output
        assert f">{shown}\n" in Path(result.stdout.split()[1]).read_text()
    result = tools("run", "sums", "-p", "name", "9" * 400)  # longer than the name of a file can be
    assert "page sums has no parameter 'name'" in result.stderr
    result = tools("run", "sums", "-p", "dataset", "your.npz")
    assert result.exit_code == 2
    assert str(here / "your.npz") in result.stderr
    assert result.stderr.count("\n") == 1


def test_where_studies_are_computed_is_handed_to_the_pages(tools, monkeypatch):
    for name in ("FUNCNET_WORKERS", "FUNCNET_SCHEDULER"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    options = ("--workers", "3", "--scheduler", "tcp://10.0.0.1:8786")
    assert tools("notebooks", "sums", *options).exit_code == 0
    assert os.environ["FUNCNET_WORKERS"] == "3"
    assert os.environ["FUNCNET_SCHEDULER"] == "tcp://10.0.0.1:8786"
    assert tools("notebooks", "--workers", "0").exit_code == 2
