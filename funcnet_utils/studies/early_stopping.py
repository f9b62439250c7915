"""Early stopping: signals of a network in training, the rule that stops it, and what that costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from funcnet_utils.datasets import Split, load_dataset
from funcnet_utils.datasets.records import hold_out
from funcnet_utils.errors import as_numbers, check_int
from funcnet_utils.models import Population, correlations
from funcnet_utils.models.curves import spread
from funcnet_utils.models.streams import Stream, generator
from funcnet_utils.models.training import evaluate, train
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.topology import persistence, summary

N_TEST, N_PROBE = 5000, 2000  # images at most
SIGNALS = ("persistence", "tree")
HALVES = ("", " even", " odd")
SETTING = ["dataset", "size"]


def signals(population: Population, images: np.ndarray) -> np.ndarray:
    """Return what may stop training without labels, for networks as they are now.

    Distances between hidden units are 1 - |r|; a dead unit has r = 0.

    Parameters
    ----------
    population : Population
        Networks.
    images : ndarray, shape (n_samples, n_inputs)
        Images shown to them, at least 2.

    Returns
    -------
    ndarray, shape (2, n_networks)
        Functional persistence, the root of the sum of squared lifetimes of H1; and the total
        length of the minimum spanning tree, which is the total persistence of H0.

    References
    ----------
    Zhang, Lin (2024), Neural Networks; https://github.com/ZJUCAGD/Functional-Loops.
    """
    matrices = correlations(population, images)
    diagrams = [persistence((1 - np.abs(r)) * (1 - np.eye(len(r)))) for r in matrices]
    return np.transpose([(summary(h1)["l2"], summary(h0)["total"]) for h0, h1 in diagrams])


def stops(signal: ArrayLike, burn_in: int, patience: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the epoch whose network a rule keeps, and the epoch after which it ends training.

    The rule watches the epochs after the burn-in for the largest value; one that is as large as the
    largest so far counts as a new one. It ends training once `patience` epochs in a row were worse,
    and keeps the best; if that never happens, it keeps the last epoch.

    Parameters
    ----------
    signal : array_like, shape (..., n_epochs)
        Values after the epochs 1, 2, ...; the larger the better.
    burn_in : int
        Epochs that are not watched, in [0, n_epochs).
    patience : int
        At least 0, which keeps the first epoch that is watched.

    Returns
    -------
    kept, ran : ndarray of int, shape (...)
        burn_in < kept <= ran <= n_epochs.

    Examples
    --------
    >>> kept, ran = stops([1, 3, 2, 2, 4], 0, 2)
    >>> int(kept), int(ran)
    (2, 4)
    """
    values = np.atleast_1d(as_numbers("signal", signal))
    if not values.size:
        raise ValueError(f"the shape of signal is {values.shape}: give a value for each epoch.")
    check_int("burn_in", burn_in, 0, values.shape[-1] - 1)
    check_int("patience", patience, 0)
    values = values[..., burn_in:]
    at = np.arange(values.shape[-1])
    best = np.where(values >= np.maximum.accumulate(values, axis=-1), at, 0)
    best = np.maximum.accumulate(best, axis=-1)
    enough = at - best >= patience
    enough[..., -1] = True
    ran = enough.argmax(axis=-1)
    kept = np.take_along_axis(best, ran[..., None], axis=-1)[..., 0]
    kept = np.where(ran - kept >= patience, kept, at[-1])
    return burn_in + kept + 1, burn_in + ran + 1


def training_curves(config: StudyConfig, size: int, network: int) -> pd.DataFrame:
    """Train a network on images of its own, and once more without a fifth of them.

    Parameters
    ----------
    config : StudyConfig
        Data set, hidden units, the first arm, epochs, batches, learning rate and seed.
    size : int
        Training images that the network draws; a smaller set lies within a larger one.
    network : int
        Its number: with the seed, it decides the images, the start and the batches.

    Returns
    -------
    DataFrame
        One row per epoch, from 1: accuracy and loss (nats) on at most 5,000 test images;
        persistence and tree, as in `signals`, of at most 2,000 of the training images, of every
        second one ("even") and of the others ("odd"); held_accuracy on the same test images, of
        the network that does not learn from the last fifth of each class, and validation, its loss
        on that fifth.
    """
    whole = load_dataset(config.dataset)
    check_int("size", size, 10, len(whole.train))
    chosen = generator(config.seed, network, Stream.IMAGES).permutation(len(whole.train))[:size]
    mine = Split(whole.train.images[chosen], whole.train.labels[chosen])
    (part, rest), test = hold_out(mine), Split(*spread(whole.test, N_TEST))
    probe = spread(mine, N_PROBE)[0]
    widths = (whole.n_inputs, *config.hidden, whole.n_classes)
    epochs = range(1, config.n_epochs + 1)
    rows: list[dict[str, float]] = [{"epoch": epoch} for epoch in epochs]
    for fitted in (mine, part):
        population = Population(1, widths, config.arms[0], config.seed, first=network)
        train(population, replace(whole, train=fitted), config, checkpoints=epochs)
        for row in rows:
            population.load_state_dict(population.checkpoints[int(row["epoch"])])
            loss, accuracy = (each[0] for each in evaluate(population, test))
            if fitted is part:
                row["held_accuracy"] = accuracy
                row["validation"] = evaluate(population, rest)[0][0]
                continue
            row |= {"accuracy": accuracy, "loss": loss}
            for half, images in zip(HALVES, (probe, probe[::2], probe[1::2]), strict=True):
                found = signals(population, images)[:, 0]
                row |= {name + half: value for name, value in zip(SIGNALS, found, strict=True)}
    return pd.DataFrame(rows)


def outcomes(curves: pd.DataFrame, burn_in: int, patience: int) -> pd.DataFrame:
    """Return what each rule of stopping makes of trainings.

    Parameters
    ----------
    curves : DataFrame
        As `training_curves` returns it, with dataset, size and network; at least 2 networks in each
        setting, which is a data set and a size.
    burn_in, patience : int
        As for `stops`.

    Returns
    -------
    DataFrame
        dataset, size, rule, network; kept and ran, as in `stops`; accuracy of the network kept;
        regret, the best accuracy of any epoch of the network that learns from all images, minus
        that; others, its mean accuracy at the stops of the other networks of the setting. Rules:
        the signals, also of both halves; validation; retrained, on all images up to the epoch that
        validation keeps; last; fixed, where the other networks of the setting are best on average.
    """
    found = []
    for setting, part in curves.sort_values([*SETTING, "network", "epoch"]).groupby(SETTING):
        networks = part["network"].unique()
        n = len(networks)
        epochs = np.arange(1, 1 + len(part) // n)
        if n < 2 or part["epoch"].tolist() != epochs.tolist() * n:
            raise ValueError(
                f"{n} networks of {setting} have {len(part)} rows: give at least 2 networks, and "
                "of each the epochs 1, 2, ..., as many of all."
            )
        wide = {name: part[name].to_numpy().reshape(n, -1) for name in part if name not in SETTING}
        accuracy, held = wide["accuracy"], wide["held_accuracy"]
        names = [name + half for name in SIGNALS for half in HALVES]
        rules = {name: (accuracy, *stops(wide[name], burn_in, patience)) for name in names}
        kept, ran = stops(-wide["validation"], burn_in, patience)
        best = (accuracy.sum(axis=0) - accuracy).argmax(axis=1) + 1
        end = np.full(n, len(accuracy.T))
        rules |= {"validation": (held, kept, ran), "retrained": (accuracy, kept, ran + kept)}
        rules |= {"last": (accuracy, end, end), "fixed": (accuracy, best, best)}
        for rule, (reached, kept, ran) in rules.items():
            at = reached[:, kept - 1]  # row by network, column by whose stop
            own = at.diagonal()
            table = dict(zip(SETTING, setting, strict=True)) | {"rule": rule, "network": networks}
            table |= {"kept": kept, "ran": ran, "accuracy": own}
            table |= {"regret": accuracy.max(axis=1) - own}
            found.append(pd.DataFrame(table | {"others": (at.sum(axis=1) - own) / (n - 1)}))
    return pd.concat(found, ignore_index=True)
