"""Run pages, build and check the book: `python -m tools`."""

import dataclasses
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import nbformat
from nbformat.v4 import new_code_cell

from funcnet_utils.__main__ import one_sentence, where_options
from funcnet_utils.datasets import DATASETS
from funcnet_utils.datasets.own import find_own, is_own
from tools import plain_sphinx
from tools.book import build_html, open_page, render_run, server
from tools.coursework import KEY, Coursework
from tools.lint import lint as run_lint
from tools.parameters import read_source
from tools.printing import PDF, browser, print_handout
from tools.profiles import DEFAULT_PROFILE, page_values
from tools.project import Project
from tools.runner import Job, made_from, plan, table
from tools.runner import run as run_jobs

PROFILE = click.option("--profile", default=DEFAULT_PROFILE, help="A file in notebooks/profiles.")
FORCE = click.option("--force", is_flag=True, help="Run pages that did not change, too.")
CORES = min(os.cpu_count() or 1, 4)  # a page takes about a gigabyte
JOBS = click.option("--jobs", type=click.IntRange(1), default=CORES, help="Pages at a time.")
RUN = (PROFILE, where_options, FORCE)
PAIRS: dict[str, Any] = {"nargs": 2, "multiple": True, "metavar": "NAME VALUE"}
PAGES = click.argument("pages", nargs=-1)
PASSED_ON = click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
PASS_ON: dict[str, Any] = {"context_settings": {"ignore_unknown_options": True}}


class Commands(click.Group):
    """Commands that return an exit code, and turn bad input into one sentence."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command that was named."""
        with one_sentence():
            context.exit(int(super().invoke(context) or 0))


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
    epilog="\b\nExamples:\n"
    "  python -m tools book                          run all pages and build _build/html\n"
    "  python -m tools run small_world -p dataset fashion_mnist -p n_networks 10",
)
@click.pass_context
def app(context: click.Context) -> None:
    """Build, run and check the book on functional networks."""
    context.obj = context.obj or Project.default()


def command(*options: Callable[..., Any], **settings: Any) -> Callable[..., Any]:
    """Return a decorator: a command of `app` with these options, called with the project first."""

    def add(function: Callable[..., Any]) -> Any:
        callback: Callable[..., Any] = click.pass_obj(function)
        for option in reversed(options):
            callback = option(callback)
        app.command(**settings)(callback)
        return function

    return add


@command(JOBS, *RUN)
def book(project: Project, profile: str, jobs: int, force: bool) -> int:
    """Run the pages that changed, then build the book and print it."""
    return _run(plan(project, profile=profile), jobs, force) or html(project)


@command(PAGES, JOBS, *RUN)
def notebooks(project: Project, pages: Sequence[str], profile: str, jobs: int, force: bool) -> int:
    """Run the pages that changed: all, or those named."""
    return _run(plan(project, pages, profile=profile), jobs, force)


@command(
    click.argument("page"),
    click.option("-p", "--param", "values", **PAIRS, help="Set a parameter; may be repeated."),
    *RUN,
    click.option("--open", "show", is_flag=True, help="Open the result, if there is a screen."),
)
def run(project: Project, page: str, values: Any, profile: str, force: bool, show: bool) -> int:
    """Run one page with your own values; the book's own page stays as it is."""
    chosen = {name: _whole_path(name, value) for name, value in values}
    (job,) = plan(project, [page], profile=profile, overrides=chosen, out=project.build / "runs")
    output = job.output.with_name(f"{page}-{job.digest[:8]}.ipynb")
    if code := _run([dataclasses.replace(job, output=output)], 1, force, own_values=bool(values)):
        return code
    rendered = render_run(output)
    click.echo(f"{output}\n{rendered}")
    if show:
        click.echo(open_page(rendered))
    return 0


@command()
def html(project: Project) -> int:
    """Build the book from pages that were run before."""
    if (code := build_html(project)) == 0:
        offer = project.html / PDF if browser() else "it with Chromium or Chrome, which is not here"
        click.echo(f"open {project.html / 'index.html'}\nprint {offer}")
    return code


@command()
def sphinx(project: Project) -> int:
    """Build _build/sphinx/_html with plain Sphinx, in an environment of its own: .venv-sphinx."""
    return plain_sphinx.build(project, project.root / ".venv-sphinx")


@command(click.option("--port", type=click.IntRange(0, 65535), default=8000))
def serve(project: Project, port: int) -> None:
    """Show the built book in a browser on this machine."""
    with server(project.html, port) as httpd:
        click.echo(f"http://127.0.0.1:{httpd.server_port}  (Ctrl-C to stop)")
        httpd.serve_forever()


@command(PASSED_ON, **PASS_ON)
def lab(project: Project, arguments: Sequence[str]) -> int:
    """Open copies of the pages in JupyterLab; extra arguments go to it.

    The copies are yours: they lie in my_notebooks/, and no command changes or deletes them. Rename
    one to get a fresh copy of its page the next time.
    """
    (mine := project.root / "my_notebooks").mkdir(exist_ok=True)
    for page in project.pages():
        if not (copy := mine / f"{page}.ipynb").exists():
            nbformat.write(read_source(project.source(page)), copy)
    return _python(project, "jupyterlab", f"--notebook-dir={mine}", *arguments)


@command(
    PROFILE,
    click.option("--check", is_flag=True, help="Write nothing; name the files out of date."),
    click.option("--sources-only", is_flag=True, help="Run no instructor version, print nothing."),
)
def coursework(project: Project, profile: str, check: bool, sources_only: bool) -> bool:
    """Write student notebooks, instructor versions, a hand-out and a rubric."""
    work = Coursework(project)
    changed = sorted(work.out_of_date()) if check else work.write()
    for name in (path.relative_to(project.root) for path in changed):
        click.echo(f"{name} is out of date: run `make coursework`." if check else f"wrote {name}")
    if check or sources_only:
        return check and bool(changed)
    for page in work.exercises:
        click.echo(f"running the instructor version of {page} ...", err=True)
        (target := work.folder / "instructor" / f"{page}.ipynb").parent.mkdir(exist_ok=True)
        values = page_values(project, page, profile, {})
        work.execute(page, work.notebook(page, solved=True), values, target)
    if browser():
        print_handout(work)
        click.echo("printed coursework/handout.pdf")
    else:
        click.echo("no hand-out: Chromium or Chrome is needed to print it.", err=True)
    return False


@command(
    *(PAGES, PROFILE),
    click.option("--seed", type=click.IntRange(min=0), required=True, help="Seed of the student."),
    epilog="\b\nExample:\n  python -m tools answers --seed 7 small_world batch_norm",
)
def answers(project: Project, pages: Sequence[str], seed: int, profile: str) -> None:
    """Run pages with another seed and print the answers to their exercises, for instructors."""
    work = Coursework(project)
    for page in pages or work.exercises:
        if page not in work.exercises:
            raise ValueError(f"{page} has no exercises: choose from {', '.join(work.exercises)}.")
        (notebook := work.notebook(page, solved=True)).cells.append(new_code_cell(KEY, id="key"))
        values = page_values(project, page, profile, {"seed": str(seed)})
        done = work.execute(page, notebook, values)
        click.echo(f"{page}, seed {seed}\n{done.cells[-1].outputs[0]['text']}")


@command()
def lint(project: Project) -> bool:
    """Check style, types, layers, spelling, and the code in the pages."""
    return not run_lint(project)


@command(PASSED_ON, **PASS_ON)
def test(project: Project, arguments: Sequence[str]) -> int:
    """Run the tests, all of them on all cores; arguments go to pytest instead."""
    return _python(project, "pytest", *(arguments or ("-n", str(os.cpu_count() or 1))))


@command()
def clean(project: Project) -> None:
    """Delete what can be made again: _build and executed pages. Results and edits are kept."""
    shutil.rmtree(project.build, ignore_errors=True)
    for page in project.pages():
        if made_from(output := project.notebooks / f"{page}.ipynb"):
            output.unlink()
        elif output.exists():
            click.echo(f"kept {output}: it was edited, or is your own")
    click.echo("deleted _build and the executed pages; kept results/")


@command()
def explorer(project: Project) -> None:
    """Write the data of the explorer page anew, from the store or a run of its studies."""
    from tools.explorer import export_all

    for path in export_all(project.root / "book" / "_static" / "explorer" / "data"):
        click.echo(f"{path.stat().st_size / 1e3:8.1f} kB  {path.name}")


def _whole_path(name: str, value: str) -> str:
    """Make the path of one's own data absolute: a page runs in another folder."""
    own = value not in DATASETS and name == "dataset" and (is_own(value) or Path(value).exists())
    return str(find_own(value)) if own else value


def _run(planned: Sequence[Job], n_workers: int, force: bool, own_values: bool = False) -> int:
    outcomes = run_jobs(planned, n_workers=n_workers, force=force)
    for outcome in outcomes:
        if outcome.failure:
            kind, _, said = outcome.failure.splitlines()[-1].partition(": ")
            if own_values and kind in ("ValueError", "DataError"):  # the page refused a value
                raise ValueError(f"page {outcome.page}: {said}")
            click.echo(f"\npage {outcome.page} failed\n{outcome.failure}", err=True)
    click.echo(table(outcomes), err=True)
    return any(outcome.failure for outcome in outcomes)


def _python(project: Project, module: str, *arguments: str) -> int:
    """Run a Python module in the project folder and return its exit code."""
    return subprocess.run([sys.executable, "-m", module, *arguments], cwd=project.root).returncode


if __name__ == "__main__":
    app(prog_name="python -m tools")
