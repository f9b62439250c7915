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


def means_options(command: Callable[..., Any]) -> Callable[..., Any]:
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
    except (ValueError, MemoryError) as fault:
        click.echo(f"Error: {fault}", err=True)
        sys.exit(2)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def app() -> None:
    """Measure functional networks, run studies, look at results, fetch data."""


@app.command(epilog="\b\nExample:\n  funcnet measure mymodel.py:build --data digits")
@click.argument("source", metavar="FILE:FUNCTION")
@click.option("--data", "name", required=True, help="A data set by name, an .npz file, a folder.")
@click.option("--layers", multiple=True, help="Name of a layer, also with *; may be repeated.")
@click.option("--density", default=0.05, show_default=True, help="Share of pairs that are edges.")
@click.option("--seed", default=0, show_default=True, help="Seed of modularity and null graphs.")
@click.option("--out", type=click.Path(dir_okay=False), help="Keep the network as this .npz file.")
def measure(
    source: str, name: str, layers: Sequence[str], density: float, seed: int, out: str | None
) -> None:
    """Measure the functional network of a model of your own.

    FUNCTION in FILE returns a trained torch module (or a fitted MLP of scikit-learn). It sees the
    test images of the data set: as channels x height x width if it begins with a convolution,
    flat otherwise.
    """
    with _one_sentence():
        model = _build(source)
        from funcnet_utils import functional_network, load_dataset, topology

        images = _as_read_by(model, load_dataset(name))
        net = functional_network(model, images, layers=list(layers) or None)
        click.echo(net)
        shown = net.measures(density, seed)
        small_world = net.small_world(20, seed, density)
        shown |= {"sigma": small_world.sigma, "omega": small_world.omega}
        loops = topology.summary(net.diagrams()[1])
        shown |= {"loops": loops["count"], "loops, total lifetime": loops["total"]}
        for label, value in shown.items():
            click.echo(f"{label:<28} {value:.4g}")
        if out:
            net.save(out)


def _build(source: str) -> Any:
    """Return what a function of a file returns."""
    import runpy
    from pathlib import Path

    from funcnet_utils.errors import closest

    path, _, function = source.rpartition(":")
    if not path or not Path(path).is_file():
        raise ValueError(f"{source!r} is no FILE:FUNCTION with a file that exists.")
    sys.path.insert(0, str(Path(path).parent.absolute()))
    known = {name: value for name, value in runpy.run_path(path).items() if callable(value)}
    if function not in known:
        raise ValueError(f"{path} has no function {function!r}: {closest(function, known)}.")
    return known[function]()


def _as_read_by(model: Any, dataset: Any) -> Any:
    """Return the test images of a data set in the shape that a model reads."""
    images = dataset.test.images
    modules = model.modules() if hasattr(model, "modules") else ()
    first = next((one for one in modules if "weight" in getattr(one, "_parameters", {})), None)
    if "Conv" not in type(first).__name__:
        return images
    height, width, *channels = dataset.shape
    return images.reshape(-1, height, width, *(channels or [1])).transpose(0, 3, 1, 2).copy()


@app.command(epilog="\b\nExample:\n  funcnet data fashion_mnist")
@click.argument("name")
def data(name: str) -> None:
    """Download or verify a data set, and describe it."""
    from funcnet_utils.datasets import load_dataset

    with _one_sentence():
        click.echo(load_dataset(name))


@app.command(epilog="\b\nExamples:\n  funcnet publish\n  funcnet publish mnist --workers 8")
@click.argument("names", nargs=-1)
@means_options
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
