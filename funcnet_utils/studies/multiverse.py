"""A multiverse of analyses: every claim along its registered paths, network by network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd

from funcnet_utils import graphs
from funcnet_utils.datasets import Split, load_dataset
from funcnet_utils.models import activations
from funcnet_utils.models.streams import Stream, generator, whole_seed
from funcnet_utils.studies.claims import CLAIMS
from funcnet_utils.studies.edges import edge_matrix
from funcnet_utils.studies.matched import AA, CLAIMED
from funcnet_utils.studies.path_measures import cut, measured, rewired
from funcnet_utils.studies.paths import paths
from funcnet_utils.studies.study import Study

N_SPECTRUM = 3
MEASURED = {
    "SW": ["small world"],
    "BN-eff": ["E_glob"],
    "BN-loops": ["loops"],
    "BN-ft": ["E_loc"],
    "DO-ft": ["E_loc"],
}
"""What each claim measures; specialization has its index."""


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
        """Return measures of an arm along a row of `paths`, minus the means of its nulls."""
        seed = whole_seed(path.seed, self.number, Stream.NULL_GRAPHS)
        made = self._strengths(arm, path)
        if "loops" not in measures:
            floor = np.inf
            if path.threshold == "absolute":
                vanilla = self._strengths("vanilla", path)[0]
                floor = vanilla[graphs.density_graph(vanilla, path.density)].min(initial=floor)
            made = [cut(each, path, floor) for each in made]
            if path.null == "rewired":
                made += rewired(made[0], seed)
        found = np.array([[measured(name, one, path, seed) for name in measures] for one in made])
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
