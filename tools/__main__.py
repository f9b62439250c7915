"""Run pages, build and check the book: `python -m tools`."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from funcnet_utils.__main__ import where_options
from tools.book import build_html, open_page, render_run, server
from tools.printing import PDF, browser
from tools.profiles import DEFAULT_PROFILE
from tools.project import Project
from tools.runner import Job, plan, table
from tools.runner import run as run_jobs

profile_option = click.option(
    "--profile",
    default=DEFAULT_PROFILE,
    show_default=True,
    help="Values of this run: a file in notebooks/profiles.",
)
jobs_option = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=max(1, (os.cpu_count() or 1) // 2),
    help="Pages to run at a time; they share the cores.  [default: half of the cores]",
)
force_option = click.option("--force", is_flag=True, help="Run pages that did not change, too.")
rest = click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
PASS_ON: dict[str, Any] = {"ignore_unknown_options": True}


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of every command that runs pages."""
    return profile_option(where_options(force_option(command)))


class OneSentence(click.Group):
    """Commands that turn bad input into one sentence and exit code 2."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command that was named."""
        try:
            return super().invoke(context)
        except ValueError as fault:
            click.echo(f"Error: {fault}", err=True)
            sys.exit(2)


@click.group(
    cls=OneSentence,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  python -m tools book                          run all pages and build _build/html
  python -m tools run small_world -p dataset fashion_mnist -p n_networks 5
  python -m tools notebooks --profile smoke     a quick try of every page
  python -m tools serve                         read the book at http://127.0.0.1:8000
""",
)
@click.pass_context
def app(context: click.Context) -> None:
    """Build, run and check the book on functional networks."""
    if context.obj is None:
        context.obj = Project.default()


@app.command()
@jobs_option
@run_options
@click.pass_obj
def book(project: Project, profile: str, jobs: int, force: bool) -> None:
    """Run the pages that changed, then build the book and print it."""
    _run(plan(project, profile=profile), jobs, force)
    _build(project)


@app.command()
@click.argument("pages", nargs=-1)
@jobs_option
@run_options
@click.option("--out", type=Path, help="Folder of the executed pages.  [default: notebooks/]")
@click.pass_obj
def notebooks(
    project: Project, pages: Sequence[str], profile: str, jobs: int, force: bool, out: Path | None
) -> None:
    """Run the pages that changed: all, or those named."""
    _run(plan(project, pages, profile=profile, out=out), jobs, force)


@app.command()
@click.argument("page")
@click.option(
    "-p",
    "--param",
    "values",
    nargs=2,
    multiple=True,
    metavar="NAME VALUE",
    help="Set a parameter of the page; may be given several times.",
)
@run_options
@click.option("--open", "show", is_flag=True, help="Open the result, if this machine has a screen.")
@click.pass_obj
def run(project: Project, page: str, values: Any, profile: str, force: bool, show: bool) -> None:
    """Run one page with your own values; the book's own page stays as it is."""
    chosen = {name: _whole_path(name, value) for name, value in values}
    runs = project.build / "runs"
    (job,) = plan(project, [page], profile=profile, overrides=chosen, out=runs)
    output = job.output.with_name(f"{page}-{job.digest[:8]}.ipynb")
    _run([dataclasses.replace(job, output=output)], 1, force)
    rendered = render_run(output)
    click.echo(f"{output}\n{rendered}")
    if show:
        click.echo(open_page(rendered))


@app.command()
@click.pass_obj
def html(project: Project) -> None:
    """Build the book from pages that were run before."""
    _build(project)


@app.command()
@click.pass_obj
def sphinx(project: Project) -> None:
    """Build the book with plain Sphinx, in an environment of its own: .venv-sphinx."""
    from tools.plain_sphinx import build

    if code := build(project, project.root / ".venv-sphinx"):
        sys.exit(code)
    click.echo(f"open {project.build / 'sphinx' / '_html' / 'index.html'}")


@app.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.pass_obj
def serve(project: Project, port: int) -> None:
    """Show the built book in a browser on this machine."""
    httpd = server(project.html, port)
    click.echo(f"http://127.0.0.1:{httpd.server_port}  (Ctrl-C to stop)")
    with httpd:
        httpd.serve_forever()


@app.command(context_settings=PASS_ON)
@rest
@click.pass_obj
def lab(project: Project, arguments: Sequence[str]) -> None:
    """Open the pages as notebooks in JupyterLab; extra arguments go to it."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise ValueError("JupyterLab is missing: run `make lab` or `pip install -e '.[lab]'`.")
    settings = [str(project.root / ".jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, settings))
    _python(project, "jupyterlab", f"--notebook-dir={project.notebooks}", *arguments)


@app.command()
@profile_option
@click.option("--check", is_flag=True, help="Write nothing; name the files that are out of date.")
@click.option("--sources-only", is_flag=True, help="Run no instructor version, print no hand-out.")
@click.pass_obj
def coursework(project: Project, profile: str, check: bool, sources_only: bool) -> None:
    """Write student notebooks, instructor versions, a hand-out and a rubric."""
    from tools import coursework_run

    sys.exit(0 if coursework_run.coursework(project, profile, check, sources_only) else 1)


@app.command()
@click.pass_obj
def lint(project: Project) -> None:
    """Check style, types, layers, spelling, and the code in the pages."""
    from tools.lint import lint as run_lint

    sys.exit(0 if run_lint(project) else 1)


@app.command(context_settings=PASS_ON)
@rest
@click.pass_obj
def test(project: Project, arguments: Sequence[str]) -> None:
    """Run the tests, all of them on all cores; arguments go to pytest instead."""
    _python(project, "pytest", *(arguments or ("-n", str(os.cpu_count() or 1))))


@app.command()
@click.pass_obj
def clean(project: Project) -> None:
    """Delete what can be made again: _build and executed pages. Results are kept."""
    shutil.rmtree(project.build, ignore_errors=True)
    for path in project.notebooks.glob("*.ipynb"):
        path.unlink()
    click.echo("deleted _build and the executed pages; kept results/")


@app.command()
@click.pass_obj
def explorer(project: Project) -> None:
    """Write the data of the explorer page anew, from the store or a run of its studies."""
    from tools.explorer import export_all

    for path in export_all(project.root / "book" / "_static" / "explorer" / "data"):
        click.echo(f"{path.stat().st_size / 1e3:8.1f} kB  {path.name}")


def _whole_path(name: str, value: str) -> str:
    """Make the path of one's own data absolute: a page runs in another folder."""
    return str(Path(value).absolute()) if name == "dataset" and Path(value).exists() else value


@app.command(epilog="\b\nExample:\n  python -m tools answers --seed 7 small_world batch_norm")
@click.argument("pages", nargs=-1)
@click.option("--seed", type=click.IntRange(min=0), required=True, help="Seed of the student.")
@profile_option
@click.pass_obj
def answers(project: Project, pages: Sequence[str], seed: int, profile: str) -> None:
    """Run pages with another seed and print the answers to their exercises, for instructors."""
    from tools import coursework_run

    coursework_run.answers(project, pages, profile, seed)


def _run(planned: Sequence[Job], n_workers: int, force: bool) -> None:
    try:
        outcomes = run_jobs(planned, n_workers=n_workers, force=force)
    except KeyboardInterrupt:
        click.echo("stopped; pages that were not finished are unchanged", err=True)
        sys.exit(130)
    for outcome in outcomes:
        if outcome.failure:
            click.echo(f"\npage {outcome.page} failed\n{outcome.failure}", err=True)
    click.echo(table(outcomes), err=True)
    if any(outcome.failure for outcome in outcomes):
        sys.exit(1)


def _build(project: Project) -> None:
    if code := build_html(project):
        sys.exit(code)
    click.echo(f"open {project.html / 'index.html'}")
    offer = project.html / PDF if browser() else "it with Chromium or Chrome, which is not here"
    click.echo(f"print {offer}")


def _python(project: Project, module: str, *arguments: str) -> None:
    """End with the exit code of a Python module, run in the project folder."""
    try:
        command = [sys.executable, "-m", module, *arguments]
        sys.exit(subprocess.run(command, cwd=project.root).returncode)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    app(prog_name="python -m tools")
