"""The command line: `funcnet` or `python -m funcnet_utils`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click


def _to_environment(_: click.Context, option: click.Parameter, value: object) -> None:
    if value is not None:
        os.environ[f"FUNCNET_{str(option.name).upper()}"] = str(value)


def where_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where studies are computed; the numbers do not depend on them."""
    workers = click.option(
        "--workers",
        type=click.IntRange(min=1),
        callback=_to_environment,
        expose_value=False,
        help="Processes of one thread each that compute a study.  [default: all cores]",
    )
    scheduler = click.option(
        "--scheduler",
        metavar="ADDRESS",
        callback=_to_environment,
        expose_value=False,
        help="Let a running Dask cluster compute, such as tcp://10.0.0.1:8786.",
    )
    return workers(scheduler(command))


@contextmanager
def _one_sentence() -> Iterator[None]:
    """Turn bad input into one sentence and exit code 2."""
    try:
        yield
    except ValueError as fault:
        click.echo(f"Error: {fault}", err=True)
        sys.exit(2)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def app() -> None:
    """Measure functional networks, run studies, look at results, fetch data."""


@app.command(epilog="\b\nExample:\n  funcnet data fashion_mnist")
@click.argument("name")
def data(name: str) -> None:
    """Download or verify a data set, and describe it."""
    from funcnet_utils.datasets import load_dataset

    with _one_sentence():
        click.echo(load_dataset(name))


@app.command(epilog="\b\nExamples:\n  funcnet publish\n  funcnet publish mnist --workers 8")
@click.argument("names", nargs=-1)
@where_options
def publish(names: Sequence[str]) -> None:
    """Run the studies that the book publishes, and write their tables to book/results."""
    from funcnet_utils import studies
    from funcnet_utils.errors import closest
    from funcnet_utils.studies import published

    planned = published.planned()
    with _one_sentence():
        for name in names:
            if name not in planned:
                raise ValueError(
                    f"there is no study {name!r} to publish: {closest(name, planned)}."
                )
        for name in names or planned:
            click.echo(published.publish(studies.run(planned[name]), name))


@app.command()
def results() -> None:
    """List the results that pages share."""
    from funcnet_utils.studies.listing import list_results
    from funcnet_utils.studies.store import Store

    click.echo(list_results(Store().root))


@app.command(
    context_settings={"ignore_unknown_options": True},
    epilog="\b\nExamples:\n  funcnet bench --quick\n  funcnet bench --full\n"
    "  funcnet bench -- --help",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: Sequence[str]) -> None:
    """Time every step beside other libraries; extra arguments go to the benchmarks."""
    try:
        sys.exit(subprocess.run([sys.executable, "-m", "benchmarks", *arguments]).returncode)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    app(prog_name="funcnet")
