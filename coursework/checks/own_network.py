"""Checks of the chapter on your own network."""

from __future__ import annotations

from typing import Any

import numpy as np

from coursework.checks.core import Solution, exercise
from funcnet_utils import FunctionalNetwork, functional_network


def _mean(net: FunctionalNetwork) -> float:
    return float(net.strength[np.triu_indices(len(net.r), 1)].mean())


@exercise("own-ex-1")
def before_and_after(model: Any, images: Any) -> Solution:
    """Return nodes and mean strength before and after the activations of the reader's model."""
    names = ["first", "second"]
    before = functional_network(model, images, layers=names, progress=False)
    after = functional_network(model, images, min_active=5, progress=False)
    right = np.array([len(before.r), len(after.r), _mean(before), _mean(after)])
    diagonal = [before.strength.mean(), after.strength.mean()]
    signed = [net.r[np.triu_indices(len(net.r), 1)].mean() for net in (before, after)]
    return Solution(
        right,
        tolerance=1e-4,
        swapped=right[[1, 0, 3, 2]],
        diagonal=[*right[:2], *diagonal],
        signed=[*right[:2], *signed],
    )


@exercise("own-ex-2")
def halves(model: Any, images: Any, density: float) -> Solution:
    """Return the share of edges that two halves of the reader's images have in common."""
    nets = [functional_network(model, images[k::2], progress=False) for k in (0, 1)]
    common = np.intersect1d(nets[0].units, nets[1].units)
    one, other = (
        FunctionalNetwork.from_correlation(
            net.r[np.ix_(kept := np.isin(net.units, common), kept)]
        ).graph(density)
        for net in nets
    )
    both = (one & other).sum()
    pairs = len(common) * (len(common) - 1)
    return Solution(
        both / one.sum(),
        tolerance=1e-3,
        union=both / (one | other).sum(),
        same=1 - (one ^ other).sum() / pairs,
        pairs=both / pairs,
    )
