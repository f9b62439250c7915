"""Checks of the first experiments: right answers are recomputed from the reader's own run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import networkx as nx
import numpy as np

from coursework.checks.core import Hint, Solution, exercise
from funcnet_utils import graphs, stats, studies
from funcnet_utils.studies.config import StudyConfig

THRESHOLD = 0.3


def strengths(study: Any, arm: str) -> Iterator[np.ndarray]:
    """Yield ``|r|`` of each network of an arm, without units of constant activation.

    Parameters
    ----------
    study : Study
        The reader's run.
    arm : str
        Name of the arm.
    """
    for network in range(study.config.n_networks):
        strength = np.abs(study.correlation(arm, network))
        alive = np.flatnonzero(np.diagonal(strength))
        yield strength[np.ix_(alive, alive)]


@exercise("fn-ex-1")
def tree_or_not(strength: np.ndarray, density: float) -> Solution:
    """Return the isolated nodes, and C without and with the spanning tree."""
    strongest = graphs.density_graph(strength, density)
    tree = graphs.spanning_density_graph(strength, density)
    isolated = (strongest.sum(0) == 0).sum()
    c, c_tree = graphs.clustering(strongest), graphs.clustering(tree)
    return Solution(
        [isolated, c, c_tree],
        tree_twice=[0, c_tree, c_tree],
        once=[isolated, c, c],
        joined=[len(strength) - isolated, c, c_tree],
        transitivity=[isolated, graphs.transitivity(strongest), graphs.transitivity(tree)],
    )


@exercise("fn-ex-2")
def mirror_and_shuffle(signals: np.ndarray, seed: int) -> Solution:
    """Return the largest change of a weight, and the share of mean weight left by shuffling."""
    pairs = np.triu_indices(signals.shape[1], 1)
    r, shuffled = (
        np.corrcoef(each.T.astype(float))[pairs]
        for each in (signals, graphs.column_shuffled(signals, seed))
    )
    before, after = np.abs(r).mean(), np.abs(shuffled).mean()
    first = pairs[0] == 0
    return Solution(
        [0, after / before],
        signed=[2 * np.abs(r[first]).max(), after / before],
        undivided=[0, after],
        lost=[0, 1 - after / before],
        inverse=[0, before / after],
        signed_mean=[0, shuffled.mean() / r.mean()],
    )


@exercise("sw-ex-1")
def sigma_grows(seed: int) -> Solution:
    """Return sigma of four graphs made by one rule, of growing size."""
    rings = [nx.connected_watts_strogatz_graph(n, 6, 0.1, seed=seed) for n in (50, 100, 200, 400)]
    found = [graphs.small_world(graphs.from_networkx(ring), 20, seed) for ring in rings]
    return Solution(
        [each.sigma for each in found],
        gamma=[each.C / each.C_rand for each in found],
        omega=[each.omega for each in found],
    )


@exercise("sw-ex-2")
def omega_of_arms(trained: Any, untrained: Any) -> Solution:
    """Return the mean omega of each arm, and of the untrained networks."""

    def means(name: str) -> np.ndarray:
        before = untrained.measure(name)[trained.config.arms[0]].mean()
        return np.append(trained.measure(name).mean(), before)

    return Solution(means("omega"), sigma=means("sigma"))


@exercise("bn-ex-2")
def threshold_densities(trained: Any) -> Solution:
    """Return the mean density of each arm at an absolute threshold."""
    found = {arm: list(strengths(trained, arm)) for arm in trained.config.arms}

    def mean(keep: Any, count: Any = graphs.density) -> list[float]:
        return [np.mean([count(keep(each)) for each in found[arm]]) for arm in found]

    right = mean(lambda strength: graphs.threshold_graph(strength, THRESHOLD))
    return Solution(
        right,
        fixed=[trained.config.density] * len(right),
        directed=2 * np.array(right),
        itself=mean(lambda strength: strength >= THRESHOLD, np.mean),
        edges=mean(lambda strength: np.triu(strength >= THRESHOLD, 1), np.sum),
    )


def paired_effect(
    answer: np.ndarray, trained: Any, measure: str, arm: str, reference: str = "", **changes: Any
) -> Solution | Hint:
    """Return the paired effect of an arm that the reader trained in addition.

    Parameters
    ----------
    answer : ndarray
        What cannot be an effect with its interval is refused before anything is trained.
    trained : Study
        The run of the page.
    measure : str
        A measure in [0, 1] of `trained.graph_measures`.
    arm : str
        The arm.
    reference : str, optional
        The arm that is trained with it; by default vanilla of `trained` is the reference.
    **changes : object
        Values of the configuration that differ from the page's.
    """
    if answer.size != 3:
        return "shape"
    mean, low, high = answer.ravel()
    if not low <= mean <= high:
        return "order"
    if low == high:
        return "width"
    if np.abs(answer).max() > 1:
        return "size"
    config = trained.config
    names = ("dataset", "hidden", "n_networks", "n_epochs", "density", "seed")
    same = {name: getattr(config, name) for name in names}
    arms = (reference, arm) if reference else (arm,)
    study = studies.run(StudyConfig(arms=arms, densities=(), n_null=1, **(same | changes)))
    values, vanilla = study.measure(measure), (study if reference else trained).measure(measure)
    effect = stats.paired_effect(values[arm], vanilla["vanilla"], config.seed)
    leeway = 0.01 * (effect.high - effect.low)  # for rounding, not for another kind of interval
    difference = values[arm].to_numpy() - vanilla["vanilla"].to_numpy()
    half = 1.96 * difference.std(ddof=1)
    return Solution(
        [effect.mean, effect.low, effect.high],
        tolerance=[1e-6, leeway, leeway],
        reversed=[-effect.mean, -effect.high, -effect.low],
        spread=[effect.mean, effect.mean - half, effect.mean + half],
        interval=[effect.mean, low, high],
    )


@exercise("bn-ex-3")
def fairer_pair(answer: np.ndarray, trained: Any) -> Solution | Hint:
    """Accept the effect of batch norm, after a third of the epochs, on global efficiency."""
    epochs = max(trained.config.n_epochs // 3, 1)
    return paired_effect(answer, trained, "global_efficiency", "batch_norm", n_epochs=epochs)


@exercise("do-ex-2")
def areas_of_two_arms(trained: Any) -> Solution:
    """Return the area under local efficiency over density, of vanilla and dropout."""

    def areas(measure: str) -> np.ndarray:
        table = trained.graph_measures
        rows = table[table["measure"] == measure]
        curves = rows.groupby(["density", "arm"])["value"].mean().unstack("arm")
        return np.array([graphs.auc(curves[arm], curves.index) for arm in ("vanilla", "dropout")])

    right = areas("local_efficiency")
    single = trained.measure("local_efficiency")[["vanilla", "dropout"]].mean()
    return Solution(
        right,
        width=right * np.ptp(trained.graph_measures["density"]),
        single=single,
        other=areas("global_efficiency"),
    )


@exercise("do-ex-3")
def any_regularizer(answer: np.ndarray, trained: Any) -> Solution | Hint:
    """Accept the effect of weight decay on local efficiency."""
    return paired_effect(answer, trained, "local_efficiency", "weight_decay", "vanilla")
