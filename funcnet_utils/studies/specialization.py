"""Functional specialization: whether units and modules serve some classes above others."""

from __future__ import annotations

import numpy as np
import torch

from funcnet_utils import graphs
from funcnet_utils._hooks import lesion_scores
from funcnet_utils.datasets import Split, load_dataset
from funcnet_utils.errors import check_choice
from funcnet_utils.models import Population, activations, correlations
from funcnet_utils.models.classifier import asking
from funcnet_utils.models.curves import spread
from funcnet_utils.models.streams import Stream, generator
from funcnet_utils.studies.analysis import functional_network
from funcnet_utils.studies.study import Study

# Scattered units beside a module: so many times as many of each layer; at place SAME, as many.
SIZES, SAME = (0.5, 1.0, 2.0, 4.0), 1


def d_prime(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return how far each class stands out in each signal.

    Parameters
    ----------
    values : ndarray, shape (n_samples, n_signals)
        Signals.
    labels : ndarray of int, shape (n_samples,)
        Classes; at least 2 occur.

    Returns
    -------
    ndarray, shape (n_classes, n_signals)
        The mean over the class minus that over all other samples, in units of the root of the mean
        of both variances; 0 for a signal without spread.
    """
    own = (labels[:, None] == np.unique(labels)).T.astype(float)
    x = values - values.mean(axis=0)
    (mean, square), (rest, rest_square) = (
        [member @ power / member.sum(axis=1, keepdims=True) for power in (x, x**2)]
        for member in (own, 1 - own)
    )
    between = np.sqrt(np.maximum(square - mean**2 + rest_square - rest**2, 0) / 2)
    return np.divide(mean - rest, between, out=np.zeros_like(mean), where=between > 0)


def unit_selectivity(shown: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the selectivity index and the d' of each unit for the class that it prefers.

    The class is chosen on every second sample and tried on the others, and the other way round, so
    that a unit without a preference has 0 on average.

    Parameters
    ----------
    shown : ndarray, shape (n_samples, n_units)
        Activations.
    labels : ndarray of int, shape (n_samples,)
        Classes; each occurs in both halves.

    Returns
    -------
    index : ndarray, shape (n_units,), in [-1, 1]
        (m - o) / (m + o) of the mean m over the class and the mean o of the means over the others;
        of activations only what is above 0 counts.
    d : ndarray, shape (n_units,)
        `d_prime` of the class.

    References
    ----------
    Morcos, Barrett, Rabinowitz, Botvinick (2018), arXiv:1803.06959.
    """
    halves = [(np.maximum(shown[k::2], 0), shown[k::2], labels[k::2]) for k in (0, 1)]
    means = [np.stack([x[y == c].mean(axis=0) for c in np.unique(y)]) for x, _, y in halves]
    apart = [d_prime(x, y) for _, x, y in halves]
    unit, index, d = np.arange(shown.shape[1]), np.zeros((2, shown.shape[1])), []
    for k in (0, 1):
        top = means[1 - k][means[k].argmax(axis=0), unit]
        rest = (means[1 - k].sum(axis=0) - top) / (len(means[k]) - 1)
        np.divide(top - rest, top + rest, out=index[k], where=top + rest > 0)
        d.append(apart[1 - k][apart[k].argmax(axis=0), unit])
    return index.mean(axis=0), np.mean(d, axis=0)


def decoding(shown: np.ndarray, labels: np.ndarray, sets: list[np.ndarray]) -> np.ndarray:
    """Return how well sets of units tell each class from all others.

    Parameters
    ----------
    shown, labels
        As for `unit_selectivity`.
    sets : list of ndarray of int
        Numbers of units, at least one in each set.

    Returns
    -------
    ndarray, shape (n_sets, n_classes)
        `d_prime` of a linear score (ridge regression on the class) that is fitted on every second
        sample and tried on the others, the mean of both directions.
    """
    scale = shown.std(axis=0, dtype=float)
    x = (shown - shown.mean(axis=0, dtype=float)) / np.where(scale > 0, scale, 1)
    target = (labels[:, None] == np.unique(labels)).astype(float)
    found = np.zeros((2, len(sets), target.shape[1]))
    for k in (0, 1):
        fit, other = x[k::2], x[1 - k :: 2]
        gram = fit.T @ fit / len(fit) + 0.01 * np.eye(x.shape[1])
        towards = fit.T @ (target[k::2] - target[k::2].mean(axis=0))
        for place, units in enumerate(sets):
            weights = np.linalg.solve(gram[np.ix_(units, units)], towards[units])
            found[k, place] = np.diagonal(d_prime(other[:, units] @ weights, labels[1 - k :: 2]))
    return found.mean(axis=0)


def class_losses(
    population: Population, split: Split, sets: list[np.ndarray], clamp: str
) -> np.ndarray:
    """Return the accuracy on each class that a network loses while sets of units are silent.

    Parameters
    ----------
    population : Population
        One network.
    split : Split
        Images held out from training.
    sets : list of ndarray of int
        Numbers of units.
    clamp : {"zero", "mean"}
        As for `funcnet_utils.models.lesion_curve`.

    Returns
    -------
    ndarray, shape (n_sets, n_classes), in [-1, 1]
    """
    check_choice("clamp", clamp, ("zero", "mean"))
    right: list[np.ndarray] = []
    with asking(population, split.images, split.labels) as ((one,), pixels, classes):

        def score(_: torch.nn.Module, begun: torch.Tensor) -> float:
            right.append((one.logits(begun).argmax(1) == classes).numpy())
            return 0.0

        # in the first pass no unit is silent
        silent = np.array([np.isin(range(len(one.layers)), u) for u in [np.arange(0), *sets]])
        shown = torch.cat(one.observed(pixels)[1]).numpy() * np.float32(clamp == "mean")
        lesion_scores(one.body, one.head(pixels), score, silent, shown, one.units)
    member = split.labels[:, None] == np.unique(split.labels)
    accuracy = np.stack(right) @ (member / member.sum(axis=0))
    return accuracy[0] - accuracy[1:]


def specialization(
    population: Population,
    split: Split,
    modules: list[np.ndarray],
    draws: int,
    rng: np.random.Generator,
) -> dict[str, float]:
    """Return how specialized the units and modules of a network are.

    Parameters
    ----------
    population : Population
        One network.
    split : Split
        Images held out from training, of every class at least 2 in each half.
    modules : list of ndarray of int
        Units of each module; units of none, such as dead ones, count nowhere.
    draws : int
        Scattered sets of each of `SIZES` beside each module, drawn from its layers; at least 2.
    rng : Generator
        Source of these draws.

    Returns
    -------
    dict of str to float
        selectivity and d_prime, means of `unit_selectivity`. For "decoding", and for the losses
        "zero" and "mean" by clamp, means over modules, weighted by their units, of: " modules", the
        peak (value of the best class, or of the one that loses most, minus the mean over classes);
        " scattered", that of as many scattered units; " equal", that of scattered units whose mean
        over classes is the same, interpolated over `SIZES`; " reached", whether sizes reach that;
        " own" and " own scattered", the peak of the difference to what as many scattered units have
        on average for each class (each of these to the others); " level" and " level scattered",
        means over classes.
    """
    shown, live = activations(population, split.images)[0], np.sort(np.concatenate(modules))
    places = [live[population.layers[live] == layer] for layer in np.unique(population.layers)]
    sets = []
    for module in modules:
        counts = [np.isin(place, module).sum() for place in places]
        many = np.ceil(np.outer(np.repeat(SIZES, draws), counts)).astype(int)
        sets += [module, *(_drawn(places, each, rng) for each in many)]
    index, d = unit_selectivity(shown[:, live], split.labels)
    found = {"selectivity": index.mean(), "d_prime": d.mean()}
    profiles = {"decoding": decoding(shown, split.labels, sets)}
    profiles |= {clamp: class_losses(population, split, sets, clamp) for clamp in ("zero", "mean")}
    weights = [len(module) for module in modules]
    for name, profile in profiles.items():
        by_module = profile.reshape(len(modules), 1 + len(SIZES) * draws, -1)
        level, peak = by_module.mean(axis=2), _peak(by_module)
        levels, peaks = (x[:, 1:].reshape(len(x), len(SIZES), draws).mean(2) for x in (level, peak))
        same = by_module[:, 1 + SAME * draws :][:, :draws]
        usual = same.mean(axis=1, keepdims=True)
        order = levels.argsort(axis=1)
        xs, ys = (np.take_along_axis(x, order, axis=1) for x in (levels, peaks))
        parts = {
            " modules": peak[:, 0],
            " scattered": peaks[:, SAME],
            " equal": [np.interp(*each) for each in zip(level[:, 0], xs, ys, strict=True)],
            " reached": (xs[:, 0] <= level[:, 0]) & (level[:, 0] <= xs[:, -1]),
            " own": _peak(by_module[:, :1] - usual)[:, 0],
            " own scattered": _peak((same - usual) * draws / (draws - 1)).mean(axis=1),
            " level": level[:, 0],
            " level scattered": levels[:, SAME],
        }
        found |= {name + part: np.average(x, weights=weights) for part, x in parts.items()}
    return {name: float(value) for name, value in found.items()}


def _peak(profile: np.ndarray) -> np.ndarray:
    return np.asarray(profile.max(axis=-1) - profile.mean(axis=-1))


def _drawn(places: list[np.ndarray], many: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw so many units from each place, all of them if there are fewer."""
    pairs = zip(places, many, strict=True)
    return np.concatenate([rng.choice(p, min(n, len(p)), replace=False) for p, n in pairs])


def specialization_at(
    study: Study, arm: str, network: int, epoch: int, *, n_images: int = 2000, draws: int = 10
) -> dict[str, float]:
    """Return what `specialization` returns for one network of a study, beside what may explain it.

    Modules are those of its functional network, as `graphs.communities` finds them.

    Parameters
    ----------
    study : Study
        A study that was run here, so that parameters are kept.
    arm : str
        Arm.
    network : int
        Number of the network, which with the seed of the study draws scattered units.
    epoch : int
        A checkpoint.
    n_images : int, default=2000
        Test images shown, spread evenly; correlations are of all.
    draws : int, default=10
        As for `specialization`.

    Returns
    -------
    dict of str to float
        With train_loss, test_accuracy, clustering, modularity and n_modules of the network.
    """
    config, population = study.config, study.population(arm, network, epoch)
    test = load_dataset(config.dataset).test
    net = functional_network(config, correlations(population, test.images)[0])
    graph = net.graph(config.density)
    module = graphs.communities(graph, config.seed)
    modules = [net.units[module == m] for m in np.unique(module)]
    rows = study.checkpoints.query("arm == @arm and network == @network and epoch == @epoch")
    found = {name: float(rows[name].iloc[0]) for name in ("train_loss", "test_accuracy")}
    found |= {"clustering": graphs.clustering(graph), "n_modules": len(modules)}
    found["modularity"] = graphs.modularity(graph, config.seed)
    rng = generator(config.seed, network, Stream.LESIONS)
    return found | specialization(population, Split(*spread(test, n_images)), modules, draws, rng)
