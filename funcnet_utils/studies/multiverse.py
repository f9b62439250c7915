"""A multiverse of analyses: every claim along a registered list of paths through the choices."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd

from funcnet_utils import graphs, topology
from funcnet_utils._bits import kernel
from funcnet_utils.datasets import Split, load_dataset
from funcnet_utils.errors import check_choice
from funcnet_utils.models import activations
from funcnet_utils.models.streams import Stream, generator, whole_seed
from funcnet_utils.studies.claims import CLAIMS
from funcnet_utils.studies.edges import EDGES, edge_matrix
from funcnet_utils.studies.matched import AA, CLAIMED
from funcnet_utils.studies.study import Study

MOST = 700
"""Paths of a claim; a list of more is thinned."""
N_REWIRED, N_SPECTRUM = 5, 3
LONG = 0.05
"""Lifetime of a long loop."""
PROPENSITY = 0.6
"""Small-world propensity above which Muldoon, Bridgeford and Bassett speak of a small world."""
SEEDS = (0, 1, 2)
MATRIX: dict[str, tuple[Any, ...]] = {
    "edges": EDGES,
    "sign": ("absolute", "positive"),
    "dead": ("drop", "zero"),
    "probe": ("test", "train", "noise"),
}
CUT: dict[str, tuple[Any, ...]] = {
    "threshold": ("tree", "density", "absolute", "weighted"),
    "density": (0.05, 0.03, 0.1, 0.2),
}
NULLS = ("none", "rewired", "spectrum")
GRAPH = MATRIX | CUT | {"null": NULLS, "seed": SEEDS}
SIZES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
RANGES = [f"{a:g}-{b:g}" for a, b in itertools.combinations(SIZES, 2)]
ATTACKED: dict[str, tuple[Any, ...]] = {
    "attack": ("worst", "pgd", "pgd_margin", "fgsm"),
    "range": (RANGES.pop(5), *RANGES, *(f"{size:g}" for size in SIZES[1:])),
    "relative": ("no", "yes"),
    "seed": SEEDS,
}
LESIONED: dict[str, tuple[Any, ...]] = {
    "order": ("random", "degree", "betweenness", "module"),
    "clamp": ("zero", "mean"),
    "range": tuple(f"0-{share / 10:g}" for share in range(10, 0, -1)),
    "relative": ("no", "yes"),
    "seed": SEEDS,
}
LISTS: dict[str, dict[str, tuple[Any, ...]]] = {
    "SW": GRAPH
    | {"threshold": CUT["threshold"][:3], "null": ("none", "spectrum")}
    | {"index": ("sigma", "omega", "phi"), "clustering": ("C", "T")},
    "BN-eff": GRAPH,
    "BN-loops": MATRIX | {"null": ("none", "spectrum"), "index": ("all", "long"), "seed": SEEDS},
    "BN-rob": ATTACKED,
    "BN-ft": GRAPH,
    "BN-ft lesions": LESIONED,
    "DO-rob": ATTACKED,
    "DO-spec": GRAPH | {"index": ("C and Q", "T and Q")},
    "DO-ft": GRAPH,
    "DO-ft lesions": LESIONED,
}
"""The choices of each claim and their levels, the registered one first."""


def paths(claim: str) -> pd.DataFrame:
    """Return the registered list of paths of a claim.

    All combinations of levels, but edges within or between classes over noise, which has none. If
    there are more than 700, they are thinned: in an order drawn with seed 0, the path whose levels
    have been taken least often so far comes next, so that the levels of each choice stay in
    balance.

    Parameters
    ----------
    claim : str
        A name of `LISTS`.

    Returns
    -------
    DataFrame
        A row per path, a column per choice; the first row is the registered path.
    """
    check_choice("claim", claim, LISTS)
    return _paths(tuple(LISTS[claim].items()))


@cache
def _paths(choices: tuple[tuple[str, tuple[Any, ...]], ...]) -> pd.DataFrame:
    names, levels = zip(*choices, strict=True)
    table = pd.DataFrame(itertools.product(*levels), columns=names)
    if "edges" in table:
        table = table[(table["probe"] != "noise") | ~table["edges"].isin(["within", "between"])]
    if len(table) > MOST:
        order = np.r_[0, 1 + np.random.default_rng(0).permutation(len(table) - 1)]
        table = table.take(order)
        codes = np.stack([pd.factorize(table[name])[0] for name in names])
        weights, taken = np.zeros(codes.shape), [0]
        while len(taken) < MOST:
            weights += (codes == codes[:, taken[-1:]]) * [[len(each)] for each in levels]
            load = weights.sum(axis=0)
            load[taken] = np.inf
            taken.append(int(load.argmin()))
        table = table.take(taken)
    return table.reset_index(drop=True)


class Probed:
    """The networks of one number, of all arms, as the paths need them.

    Parameters
    ----------
    study : Study
        A study that was run here, so that parameters are kept.
    number : int
        Number of the networks.
    """

    def __init__(self, study: Study, number: int) -> None:
        self.study, self.number = study, number
        self.known: dict[tuple[Any, ...], np.ndarray] = {}

    def values(self, arm: str, path: Any, measures: Sequence[str]) -> np.ndarray:
        """Return measures of the network of an arm along a path, minus the mean of its nulls.

        Parameters
        ----------
        arm : str
            Arm.
        path : named tuple
            A row of `paths`.
        measures : sequence of str
            Names of `MEASURES`, "loops" alone.
        """
        seed = whole_seed(path.seed, self.number, Stream.NULL_GRAPHS)
        made = self._strengths(arm, path)
        if "loops" not in measures:
            floor = np.inf
            if path.threshold == "absolute":
                vanilla = self._strengths("vanilla", path)[0]
                floor = vanilla[graphs.density_graph(vanilla, path.density)].min(initial=floor)
            made = [_cut(each, path, floor) for each in made]
            if path.null == "rewired":
                made += _rewired(made[0], seed)
        found = np.array([[MEASURES[each](one, path, seed) for each in measures] for one in made])
        return found[0] - (found[1:].mean(axis=0) if len(found) > 1 else 0)

    def _strengths(self, arm: str, path: Any) -> list[np.ndarray]:
        """Return the strengths of pairs of nodes, and those of spectrum-preserving nulls."""
        made = [self._matrix(arm, path.edges, path.probe, path.seed * (path.probe != "test"))]
        if path.null == "spectrum":
            key = (arm, path.edges, path.probe, path.seed, "nulls")
            live = np.flatnonzero(np.diagonal(made[0]))
            if key not in self.known:
                seed = whole_seed(path.seed, self.number, Stream.NULL_GRAPHS)
                drawn = graphs.spectrum(made[0][np.ix_(live, live)], N_SPECTRUM, seed)
                self.known[key] = np.zeros((N_SPECTRUM, *made[0].shape))
                self.known[key][:, live[:, None], live] = drawn
            made += list(self.known[key])
        nodes = np.flatnonzero(np.diagonal(made[0])) if path.dead == "drop" else slice(None)
        made = [each[nodes][:, nodes] - np.diag(np.diagonal(each)[nodes]) for each in made]
        return [np.abs(each) if path.sign == "absolute" else np.maximum(each, 0) for each in made]

    def _matrix(self, arm: str, edges: str, kind: str, seed: int) -> np.ndarray:
        """Return the signed matrix of all units, and show images only once."""
        place = (arm, kind, seed)
        split = probe(self.study.config.dataset, kind, seed)
        if place not in self.known:
            population = self.study.population(arm, self.number)
            self.known[place] = activations(population, split.images)[0]
        if (*place, edges) not in self.known:
            self.known[*place, edges] = edge_matrix(self.known[place], edges, split.labels)
        return self.known[*place, edges]


@cache
def probe(dataset: str, kind: str, seed: int) -> Split:
    """Return the images that networks are shown, as many as there are test images.

    Parameters
    ----------
    dataset : str
        Data set.
    kind : {"test", "train", "noise"}
        Test images, training images drawn at random, or independent uniform pixels.
    seed : int
        Seed of the draw.
    """
    data, rng = load_dataset(dataset), generator(seed, 0, Stream.NOISE)
    if kind == "train":
        drawn = np.sort(rng.permutation(len(data.train.labels))[: len(data.test.labels)])
        return Split(data.train.images[drawn], data.train.labels[drawn])
    if kind == "noise":
        return Split(rng.random(data.test.images.shape, dtype=np.float32), data.test.labels)
    return data.test


def _cut(strength: np.ndarray, path: Any, floor: float) -> np.ndarray:
    """Return a graph as booleans, or as the strengths of its edges."""
    if path.threshold == "absolute":
        return graphs.threshold_graph(strength, floor)
    if path.threshold == "density":
        return graphs.density_graph(strength, path.density)
    graph = graphs.spanning_density_graph(strength, path.density)
    return strength * graph if path.threshold == "weighted" else graph


def _rewired(graph: np.ndarray, seed: int) -> list[np.ndarray]:
    """Return rewired graphs; strengths of edges are dealt out at random."""
    found = list(graphs.rewired(graph > 0, N_REWIRED, seed))
    if graph.dtype == bool:
        return found
    rng, upper = np.random.default_rng(seed), np.triu(np.ones(graph.shape, bool))
    values = graph[(graph > 0) & upper]
    for k, each in enumerate(found):
        found[k] = np.zeros_like(graph)
        found[k][each & upper] = rng.permutation(values)
        found[k] += found[k].T
    return found


@kernel
def _weighted_local(strength):  # type: ignore[no-untyped-def]
    """Return the mean over nodes of the weighted efficiency among neighbours."""
    total = 0.0
    for row in strength:
        near = np.flatnonzero(row)
        n = len(near)
        length = np.full((n, n), np.inf)
        for a, b in np.ndindex(n, n):
            if strength[near[a], near[b]] > 0:
                length[a, b] = 1 / strength[near[a], near[b]]
        for via in range(n):
            for a, b in np.ndindex(n, n):
                length[a, b] = min(length[a, b], length[a, via] + length[via, b])
        for a, b in np.ndindex(n, n):
            if a != b:
                total += float(1 / length[a, b]) / (n * (n - 1))
    return total / max(len(strength), 1)


def _efficiency(graph: np.ndarray, _: Any, __: int) -> Any:
    binary = graph.dtype == bool
    return graphs.global_efficiency(graph) if binary else graphs.weighted_efficiency(graph)


def _local(graph: np.ndarray, _: Any, __: int) -> Any:
    return graphs.local_efficiency(graph) if graph.dtype == bool else _weighted_local(graph)


def _clustering(graph: np.ndarray, _: Any, __: int) -> Any:
    return graphs.clustering(graph) if graph.dtype == bool else graphs.onnela_clustering(graph)


def _transitivity(graph: np.ndarray, _: Any, __: int) -> Any:
    if graph.dtype == bool:
        return graphs.transitivity(graph)
    root, degree = np.cbrt(graph / (graph.max() or 1)), (graph > 0).sum(axis=0)
    return np.trace(root @ root @ root) / max((degree * (degree - 1)).sum(), 1)


def _modularity(graph: np.ndarray, _: Any, seed: int) -> Any:
    """Return Q of the modules of the binary graph; with the strengths, if it has some."""
    if graph.dtype == bool:
        return graphs.modularity(graph, seed)
    member = np.eye(len(graph))[graphs.communities(graph > 0, seed)]
    shares = member.T @ graph @ member / (graph.sum() or 1)
    return np.trace(shares) - (shares.sum(axis=0) ** 2).sum()


def _loops(strength: np.ndarray, path: Any, _: int) -> Any:
    bars = topology.persistence(1 - strength - np.eye(len(strength)))[1]
    return (np.ptp(bars, axis=1) > (LONG if path.index == "long" else 0)).sum()


def _small_world(graph: np.ndarray, path: Any, seed: int) -> Any:
    """Return by how much an index of small-worldness exceeds what a small world must have."""
    stack = np.stack([graph, graphs.lattice(graph, seed), *_rewired(graph, seed)])
    count = graphs.clustering if path.clustering == "C" else graphs.transitivity
    clustered, length = count(stack), graphs.characteristic_path_length(stack)
    (c, c_ring, *_), (near, far, *_) = clustered, length
    c_latt, c_rand, l_rand = max(c, c_ring), clustered[2:].mean(), length[2:].mean()
    with np.errstate(all="ignore"):
        gap, span = np.array([[c_latt - c, near - l_rand], [c_latt - c_rand, far - l_rand]])
        off = np.where(gap > 0, np.where(span > gap, gap / span, 1), gap * 0)
        above = {
            "sigma": c / c_rand / (near / l_rand) - 1,
            "omega": 0.5 - abs(l_rand / near - c / c_latt),
            "phi": 1 - np.sqrt((off**2).mean()) - PROPENSITY,
        }[path.index]
    return above if np.isfinite(above) else np.nan


MEASURED = {"SW": ["small world"], "BN-loops": ["loops"], "BN-eff": ["E_glob"]}
MEASURED |= {"BN-ft": ["E_loc"], "DO-ft": ["E_loc"]}
MEASURES: dict[str, Callable[[np.ndarray, Any, int], Any]] = {
    "E_glob": _efficiency,
    "E_loc": _local,
    "C": _clustering,
    "T": _transitivity,
    "Q": _modularity,
    "loops": _loops,
    "small world": _small_world,
}
"""Of a graph as booleans or as strengths of edges; loops are of all strengths."""


def network_pairs(
    probed: Probed, claim: str, listed: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """Return what one pair of networks says for a claim along paths, and what an A/A pair says.

    Parameters
    ----------
    probed : Probed
        Networks of one number of the arm of the claim, of vanilla and of vanilla in another order
        of batches; for small-worldness, of all arms of the paper.
    claim : str
        A claim about graphs or loops.
    listed : DataFrame
        Rows of `paths`.

    Returns
    -------
    pairs : ndarray, shape (n_parts, n_paths)
        Differences, above 0 where they speak for the claim: of the arm and vanilla; for
        small-worldness, of each arm and what a small world must have.
    aa : ndarray, shape (n_parts, n_paths)
        The same of vanilla in another order and vanilla.
    """
    path: Any
    pairs, aa = [], []
    for path in listed.itertuples():
        measures = MEASURED.get(claim) or path.index.split(" and ")
        ask = partial(probed.values, path=path, measures=measures)
        vanilla, side = ask("vanilla"), CLAIMS[claim].direction
        aa.append(side * (ask(AA) - vanilla))
        if claim == "SW":
            pairs.append(np.ravel([vanilla, *(ask(arm) for arm in CLAIMED[1:])]))
        else:
            pairs.append(side * (ask(CLAIMS[claim].arm) - vanilla))
    return np.transpose(pairs), np.transpose(aa)


def curve_pairs(studies: Mapping[int, Study], claim: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the same of all pairs, from tables of attacks or of lesions.

    Parameters
    ----------
    studies : mapping of int to Study
        A study by its seed, with the arm of the claim, vanilla and A/A.
    claim : str
        A claim whose paths have a range of attacks or lesions.

    Returns
    -------
    pairs, aa : ndarray, shape (1, n_paths, n_networks)
    """
    first, lesions = CLAIMS[claim.split()[0]], "lesions" in claim
    keys = ["strategy", "clamp", "share"] if lesions else ["attack", "epsilon"]
    curves = {
        seed: (study.lesions if lesions else study.attacks)
        .pivot(index=["arm", "network"], columns=keys, values="accuracy")
        .sort_index(axis=1)
        for seed, study in studies.items()
    }
    path: Any
    sides, found = ((first.arm, "vanilla"), (AA, "vanilla")), []
    for path in paths(claim).itertuples():
        wide = curves[path.seed][(path.order, path.clamp) if lesions else path.attack]
        value = pd.Series(_area(wide, path.range), wide.index)
        value = value / wide[0.0] if path.relative == "yes" else value
        found.append([first.direction * (value[a] - value[b]) for a, b in sides])
    pairs, aa = np.array(found).transpose(1, 0, 2)
    return pairs[None], aa[None]


def _area(curves: pd.DataFrame, span: str) -> np.ndarray:
    """Return the mean height of curves over a range, or their height at one place."""
    low, _, high = span.partition("-")
    grid = curves.columns.to_numpy()
    inside = (grid > float(low) - 1e-9) & (grid < float(high or low) + 1e-9)
    part = curves.to_numpy()[:, inside]
    width = np.ptp(grid[inside])
    return np.trapezoid(part, grid[inside]) / width if width else part[:, 0]
