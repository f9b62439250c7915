"""The command line: help, good runs, and one sentence for every mistake."""

import os

import pytest
from click.testing import CliRunner

from tools.__main__ import app
from tools.project import Project


@pytest.fixture
def tools(project):
    return lambda *arguments: CliRunner().invoke(app, arguments, obj=project)


def test_help_lists_every_command_and_examples(tools):
    said = tools("--help").output
    assert "python -m tools run small_world -p dataset fashion_mnist -p n_networks 5" in said
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
    assert ">10\n" in page.read_text()
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


def test_out_and_clean(tools, project, tmp_path):
    assert tools("notebooks", "--out", str(tmp_path / "else")).exit_code == 0
    assert (tmp_path / "else" / "sums.ipynb").exists()
    for name in ("sums", "mine"):
        (project.notebooks / f"{name}.ipynb").write_text("{}")
    assert tools("reset", "sum").exit_code == 2
    assert tools("reset", "sums").exit_code == 0
    assert not (project.notebooks / "sums.ipynb").exists()
    (project.notebooks / "sums.ipynb").write_text("{}")
    assert tools("clean").exit_code == 0
    assert not project.build.exists()
    left = sorted(path.name for path in project.notebooks.glob("*.*"))
    assert left == ["mine.ipynb", "sums.md"]  # a reader's own notebook stays


def test_a_package_without_notebooks_says_how_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr("funcnet_utils.__file__", str(tmp_path / "x" / "__init__.py"))
    with pytest.raises(ValueError, match="pip install -e"):
        Project.default()


def test_where_studies_are_computed_is_handed_to_the_pages(tools, monkeypatch):
    for name in ("FUNCNET_WORKERS", "FUNCNET_SCHEDULER"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    options = ("--workers", "3", "--scheduler", "tcp://10.0.0.1:8786")
    assert tools("notebooks", "sums", *options).exit_code == 0
    assert os.environ["FUNCNET_WORKERS"] == "3"
    assert os.environ["FUNCNET_SCHEDULER"] == "tcp://10.0.0.1:8786"
    assert tools("notebooks", "--workers", "0").exit_code == 2
