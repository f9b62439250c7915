"""The loops of published networks beside their nulls, and of a network that learns to add.

`python -m benchmarks.loop_nulls` takes half an hour. What follows networks through training needs
the store in which `python -m benchmarks.by_epoch` has kept them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from benchmarks.by_epoch import primary_small
from funcnet_utils import FunctionalNetwork, studies
from funcnet_utils.datasets import load_dataset
from funcnet_utils.models import Population, correlations
from funcnet_utils.studies import published
from funcnet_utils.studies.loop_noise import loop_noise

FOLDER = Path(__file__).parents[1] / "book" / "benchmarks"
RUNS = {"mnist_5k": 3, "mnist_5k-100": 3, "mnist": 3, "fashion_mnist": 1, "cifar10_jpeg": 1}
ARMS = ("vanilla", "batch_norm", "dropout")
EPOCHS = (0, 1, 3, 8, 20, 50, 100)
MODULUS, UNITS, STEPS = 59, 256, (0, 400, 1600, 4800, 9600)


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


def addition() -> pd.DataFrame:
    """Train a network to add modulo 59 on half of all pairs; it memorizes first, then it groks.

    As Power et al. (2022), arXiv:2201.02177, with AdamW and a decay of 1.
    """
    torch.manual_seed(0)
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
    tables = []
    for step in range(STEPS[-1] + 1):
        if step in STEPS:
            with torch.no_grad():
                right = (net(pairs).argmax(1) == sums).double()
                shown = net[:2](pairs).double().numpy()
            names = {"step": step, "train": right[seen].mean().item()}
            names |= {"test": right[new].mean().item()}
            live = shown[:, shown.std(axis=0) > 0]
            tables.append(beside_nulls(np.corrcoef(live.T), **names))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(pairs[seen]), sums[seen]).backward()
        optimizer.step()
    return pd.concat(tables)


if __name__ == "__main__":
    addition().to_csv(FOLDER / "loops_addition.csv", index=False, float_format="%.5g")
    tables = [table for run, count in RUNS.items() for table in trained(run, count)]
    tables += [untrained(run) for run in ("mnist", "fashion_mnist", "cifar10_jpeg")]
    whole = pd.concat([*tables, *through_training()])
    whole.to_csv(FOLDER / "loops_nulls.csv", index=False, float_format="%.5g")
