"""The command line: `funcnet` or `python -m funcnet_utils`."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click


def _to_environment(_: click.Context, option: click.Parameter, value: object) -> None:
    if value is not None:
        os.environ[f"FUNCNET_{str(option.name).upper()}"] = str(value)


def where_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say where studies are computed; the numbers do not depend on them."""
    place: dict[str, Any] = {"callback": _to_environment, "expose_value": False}
    texts = (
        "Processes of one thread each that compute a study.  [default: all cores]",
        "Let a running Dask cluster compute, such as tcp://10.0.0.1:8786.",
    )
    workers = click.option("--workers", type=click.IntRange(min=1), help=texts[0], **place)
    return workers(click.option("--scheduler", metavar="ADDRESS", help=texts[1], **place)(command))


@contextmanager
def one_sentence() -> Iterator[None]:
    """Turn bad input into one sentence and exit code 2; Ctrl-C into one and 130, at once."""
    try:
        yield
    except (ValueError, MemoryError, OSError) as fault:
        click.echo(f"Error: {fault}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        click.echo("stopped; what is finished is kept: run the same command to go on", err=True)
        os._exit(130)  # processes that compute see it and end, too


class StudyCommand(click.Command):
    """A command with an option for each field of a configuration, read when it is needed."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the options."""
        from funcnet_utils.studies.config import StudyConfig

        fields = dataclasses.fields(StudyConfig)
        return [*(_option(field.name, field.default) for field in fields), *super().get_params(ctx)]


def _option(name: str, default: Any) -> click.Option:
    many = isinstance(default, tuple)
    kind = type(default[0] if many else default)

    def read(_: click.Context, __: click.Parameter, text: str | None) -> object:
        try:
            return text and (tuple(map(kind, text.split(","))) if many else kind(text))
        except ValueError:
            numbers = "whole numbers" if kind is int else "numbers"
            raise click.BadParameter(f"{text!r} is not made of {numbers}.") from None

    usual = ",".join(map(str, default)) if many else str(default)
    how: dict[str, Any] = {"metavar": kind.__name__, "help": f"[default: {usual}]"}
    return click.Option([f"--{name.replace('_', '-')}"], callback=read, **how)


class App(click.Group):
    """Commands that end with one sentence and exit code 2 where the input is bad."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was named."""
        try:
            with one_sentence():
                return super().invoke(ctx)
        except ModuleNotFoundError as fault:
            click.echo(f"Error: {fault}: pip install 'funcnet-utils[study]'", err=True)
            sys.exit(2)


@click.group(cls=App, context_settings={"help_option_names": ["-h", "--help"]})
def app() -> None:
    """Measure functional networks, run studies, look at results, fetch data."""


@app.command(epilog="\b\nExample:\n  funcnet measure mymodel.py:build --data digits")
@click.argument("source", metavar="FILE:FUNCTION")
@click.option("--data", "name", required=True, help="A data set by name, an .npz file, a folder.")
@click.option("--layers", multiple=True, help="Name of a layer, or a pattern; may be repeated.")
@click.option("--density", default=0.05, show_default=True, help="Share of pairs that are edges.")
@click.option("--min-active", default=0, help="Leave out units active on fewer samples.")
@click.option("--seed", default=0, show_default=True, help="Seed of modularity and null graphs.")
@click.option("--out", type=click.Path(dir_okay=False), help="Keep the network as this .npz file.")
def measure(source: str, name: str, layers: Sequence[str], out: str | None, **numbers: Any) -> None:
    """Measure the functional network of a model of your own.

    FUNCTION in FILE returns a trained torch module (or a fitted MLP of scikit-learn). It sees the
    test images of the data set: as channels x height x width if it begins with a convolution,
    flat otherwise.
    """
    from funcnet_utils import functional_network, load_dataset, topology

    model = _build(source)
    images = _as_read_by(model, load_dataset(name))
    try:
        few = numbers["min_active"]
        net = functional_network(model, images, layers=list(layers) or None, min_active=few)
    except RuntimeError as fault:  # of torch
        raise ValueError(f"the model refuses images as {images.shape[1:]}: {fault}") from None
    if out:
        net.save(out)
    click.echo(net)
    density, seed, loops = numbers["density"], numbers["seed"], topology.summary(net.diagrams()[1])
    small_world = net.small_world(20, seed, density)
    shown = net.measures(density, seed) | {"sigma": small_world.sigma, "omega": small_world.omega}
    shown |= {"loops": loops["count"], "loops, total lifetime": loops["total"]}
    for label, value in shown.items():
        click.echo(f"{label:<28} {value:.4g}")


def _build(source: str) -> Any:
    """Return what a function of a file returns."""
    import inspect
    import runpy

    from funcnet_utils.errors import closest

    path, _, function = source.rpartition(":")
    if not path or not Path(path).is_file():
        raise ValueError(
            f"{source!r} is no FILE:FUNCTION of a file that exists, such as model.py:build."
        )
    sys.path.insert(0, str(Path(path).parent.absolute()))
    known = {name: value for name, value in runpy.run_path(path).items() if callable(value)}
    if function not in known:
        raise ValueError(f"{path} has no function {function!r}: {closest(function, known)}.")
    made = known[function]
    if hasattr(made, "modules") and not isinstance(made, type):
        return made
    try:
        inspect.signature(made).bind()
    except TypeError as fault:
        raise ValueError(f"{function} of {path} is called without arguments: {fault}.") from None
    return made()


def _as_read_by(model: Any, dataset: Any) -> Any:
    """Return the test images of a data set in the shape that a model reads."""
    images = dataset.test.images
    modules = model.modules() if hasattr(model, "modules") else ()
    kinds = (type(one).__name__ for one in modules if getattr(one, "weight", None) is not None)
    if "Conv" not in next((kind for kind in kinds if "Norm" not in kind), ""):
        return images
    height, width, *channels = dataset.shape
    return images.reshape(-1, height, width, *(channels or [1])).transpose(0, 3, 1, 2).copy()


@app.command(
    cls=StudyCommand,
    epilog="\b\nExample:\n  funcnet study --dataset digits --n-networks 3 --n-epochs 2",
)
@click.option("--preset", default="book", help="Where options start from: book or paper2022.")
@click.option("--attacks", is_flag=True, help="Attack the networks, too.")
@click.option("--lesions", is_flag=True, help="Silence units, too.")
@click.option("--controls", is_flag=True, help="Measure null networks, too.")
@where_options
def study(preset: str, attacks: bool, lesions: bool, controls: bool, **fields: Any) -> None:
    """Run a study, or read it from the store, and print the means of each arm."""
    from funcnet_utils.studies import StudyConfig, run

    given = {name: value for name, value in fields.items() if value is not None}
    config = StudyConfig.preset(preset, **given)
    found = run(config, attacks=attacks, lesions=lesions, controls=controls)
    click.echo(found.summary().T.to_string(float_format="{:.4g}".format))
    click.echo("\n" + "\n".join(f"{name}: {text}" for name, text in found.card().items()))


@app.command()
def results() -> None:
    """List the results that studies share."""
    from funcnet_utils.studies.store import Store

    click.echo(Store().listing())


@app.command(epilog="\b\nExample:\n  funcnet data fashion_mnist")
@click.argument("name")
def data(name: str) -> None:
    """Download or verify a data set, and describe it."""
    from funcnet_utils.datasets import load_dataset

    click.echo(load_dataset(name))


@app.command(epilog="\b\nExamples:\n  funcnet publish\n  funcnet publish mnist --workers 8")
@click.argument("names", nargs=-1)
@where_options
def publish(names: Sequence[str]) -> None:
    """Run the studies that the book publishes, and write their tables to book/results."""
    from funcnet_utils.errors import check_choice
    from funcnet_utils.studies import published, run

    planned = published.planned()
    for name in names:
        check_choice("the study to publish", name, planned)
    for name in names or planned:
        trained = planned[name].n_epochs > 0
        found = run(planned[name], attacks=trained, lesions=trained, controls=trained)
        click.echo(published.publish(found, name))


@app.command("multiverse", epilog="\b\nExample:\n  funcnet multiverse --claim BN-eff")
@click.option(
    "--claim",
    required=True,
    help="SW, BN-eff, BN-loops, BN-rob, BN-ft, 'BN-ft lesions' (in quotes), DO-rob, DO-spec, "
    "DO-ft or 'DO-ft lesions'.",
)
def tell_multiverse(claim: str) -> None:
    """Say how a claim fares along all registered paths through the choices of an analysis."""
    from funcnet_utils.studies.curves import told

    click.echo(told(claim))


@app.command(
    context_settings={"ignore_unknown_options": True},
    epilog="\b\nExamples:\n  funcnet bench --quick\n  funcnet bench --full\n"
    "  funcnet bench -- --help",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: Sequence[str]) -> None:
    """Time every step beside other libraries; extra arguments go to the benchmarks."""
    sys.exit(subprocess.run([sys.executable, "-m", "benchmarks", *arguments]).returncode)


if __name__ == "__main__":
    app(prog_name="funcnet")
