"""The loops of published networks beside their nulls, and of a network that learns to add.

`python -m benchmarks.loop_nulls` takes half an hour. What follows networks through training needs
the store in which `python -m benchmarks.by_epoch` has kept them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from benchmarks.by_epoch import primary_small
from funcnet_utils import FunctionalNetwork, studies, topology
from funcnet_utils.datasets import load_dataset
from funcnet_utils.models import Population, correlations
from funcnet_utils.studies import published
from funcnet_utils.studies.loop_noise import loop_noise

FOLDER = Path(__file__).parents[1] / "book" / "benchmarks"
RUNS = {"mnist_5k": 3, "mnist_5k-100": 3, "mnist": 3, "fashion_mnist": 1, "cifar10_jpeg": 1}
ARMS = ("vanilla", "batch_norm", "dropout")
EPOCHS = (0, 1, 3, 8, 20, 50, 100)
MODULUS, UNITS, STEPS = 59, 256, (0, 400, 1600, 4800, 9600)
N_ADDING = 4


def beside_nulls(correlation: np.ndarray, **names: str | float) -> pd.DataFrame:
    """Return the table of a network's loops and of its nulls, with names in front."""
    table = loop_noise(FunctionalNetwork.from_correlation(correlation))
    for place, (name, value) in enumerate(names.items()):
        table.insert(place, name, value)
    print(*names.values(), table.iloc[0].to_dict(), file=sys.stderr)
    return table


def untrained(run: str) -> pd.DataFrame:
    """Return the table of one network of a published run before training."""
    config = published.load(run).config
    data = load_dataset(config.dataset)
    widths = (data.n_inputs, *config.hidden, data.n_classes)
    r = correlations(Population(1, widths, "vanilla", config.seed), data.test.images)[0]
    return beside_nulls(r, run=run, arm="untrained", network=0, epoch=0)


def trained(run: str, count: int) -> list[pd.DataFrame]:
    """Return the tables of networks whose correlations are published."""
    study = published.load(run)
    last = study.config.n_epochs
    return [
        beside_nulls(
            study.correlation(arm, k).astype(float), run=run, arm=arm, network=k, epoch=last
        )
        for arm in ARMS
        for k in range(count)
    ]


def through_training() -> list[pd.DataFrame]:
    """Return the tables of networks of the primary run at several epochs."""
    study = studies.run(primary_small())
    images = load_dataset(study.config.dataset).test.images
    found = []
    for arm in ARMS:
        for k in range(study.config.n_networks):
            for epoch in EPOCHS:
                r = correlations(study.population(arm, k, epoch), images)[0]
                found.append(beside_nulls(r, run="by epoch", arm=arm, network=k, epoch=epoch))
    return found


def addition(seed: int) -> Iterator[tuple[dict[str, float], np.ndarray]]:
    """Train a network to add modulo 59 on half of all pairs; it memorizes first, then it groks.

    As Power et al. (2022), arXiv:2201.02177, with AdamW and a decay of 1. Yields the step and the
    accuracies, and what each live unit shows for all pairs in order.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    a, b = np.indices((MODULUS, MODULUS)).reshape(2, -1)
    pairs = torch.zeros(len(a), 2 * MODULUS)
    pairs[np.arange(len(a)), a] = pairs[np.arange(len(a)), MODULUS + b] = 1
    sums = torch.from_numpy((a + b) % MODULUS)
    order = torch.randperm(len(a))
    seen, new = order[: len(a) // 2], order[len(a) // 2 :]
    net = torch.nn.Sequential(
        torch.nn.Linear(2 * MODULUS, UNITS), torch.nn.ReLU(), torch.nn.Linear(UNITS, MODULUS)
    )
    optimizer = torch.optim.AdamW(net.parameters(), 3e-3, betas=(0.9, 0.98), weight_decay=1.0)
    for step in range(STEPS[-1] + 1):
        if step in STEPS:
            with torch.no_grad():
                right = (net(pairs).argmax(1) == sums).double()
                shown = net[:2](pairs).double().numpy()
            names = {"step": step, "train": right[seen].mean().item()}
            names |= {"test": right[new].mean().item()}
            yield names, shown[:, shown.std(axis=0) > 0]
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(pairs[seen]), sums[seen]).backward()
        optimizer.step()


def rings(shown: np.ndarray, **names: float) -> pd.DataFrame:
    """Return the hundred clearest loops of a network that adds, with the tuning of their units.

    A unit is tuned to the frequency k of the sum a + b at which it is strongest, with a phase. A
    loop through units of one frequency has turns: how often their phases go round.
    """
    tuning = np.fft.fft2(shown.reshape(MODULUS, MODULUS, -1), axes=(0, 1))
    tuning = tuning[range(1, MODULUS // 2 + 1), range(1, MODULUS // 2 + 1)]
    frequency, phase = np.abs(tuning).argmax(axis=0) + 1, np.angle(tuning)
    net = FunctionalNetwork.from_correlation(np.corrcoef(shown.T))
    loops = net.diagrams()[1]
    p = topology.noise_p_values(loops) * len(loops)
    rows = []
    for place in np.argsort(p)[:100]:
        cycle = net.cycle(loops[place, 0])
        kinds = np.unique(frequency[cycle])
        phases = phase[kinds[0] - 1, cycle]
        steps = (np.diff(phases, append=phases[0]) + np.pi) % (2 * np.pi) - np.pi
        alike = len(kinds) == 1
        row = {"p": p[place], "units": len(cycle), "frequencies": len(kinds)}
        row["turns"] = abs(round(steps.sum() / (2 * np.pi))) if alike else ""
        row["frequency"] = kinds[0] if alike else ""
        row["phases"] = " ".join(f"{each:.0f}" for each in np.degrees(phases)) if alike else ""
        rows.append(names | row)
    return pd.DataFrame(rows)


if __name__ == "__main__":
    beside, cycles = [], []
    for seed in range(N_ADDING):
        for names, shown in addition(seed):
            if not seed:
                beside.append(beside_nulls(np.corrcoef(shown.T), **names))
            cycles.append(rings(shown, network=seed, **names))
    pd.concat(beside).to_csv(FOLDER / "loops_addition.csv", index=False, float_format="%.5g")
    pd.concat(cycles).to_csv(FOLDER / "loops_rings.csv", index=False, float_format="%.5g")
    tables = [table for run, count in RUNS.items() for table in trained(run, count)]
    tables += [untrained(run) for run in ("mnist", "fashion_mnist", "cifar10_jpeg")]
    whole = pd.concat([*tables, *through_training()])
    whole.to_csv(FOLDER / "loops_nulls.csv", index=False, float_format="%.5g")
