"""Checks of the chapter on networks of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np

from coursework.checks.core import Solution, exercise
from funcnet_utils import FunctionalNetwork, functional_network


@exercise("own-ex-1")
def before_the_activation(model: Any, images: Any) -> Solution:
    """Return the nodes before and after the activation, and both mean strengths."""
    found = [
        functional_network(model, images, layers=layers, min_active=5, progress=False)
        for layers in (["first", "second"], None)
    ]
    nodes = [len(each.r) for each in found]
    size = [np.abs(each.r[np.triu_indices(len(each.r), 1)]).mean() for each in found]
    whole = [np.abs(each.r).mean() for each in found]
    return Solution([*nodes, *size], diagonal=[*nodes, *whole])


@exercise("own-ex-2")
def half_of_the_images(model: Any, images: Any, density: float) -> Solution:
    """Return the share of edges that two halves of the images have in common."""
    halves = [functional_network(model, images[k::2], progress=False) for k in (0, 1)]
    common = np.intersect1d(halves[0].units, halves[1].units)
    kept = [
        half.r[np.ix_(alive, alive)] for half in halves for alive in [np.isin(half.units, common)]
    ]
    one, two = (FunctionalNetwork.from_correlation(r).graph(density) for r in kept)
    both = (one & two).sum()
    return Solution(both / one.sum(), union=both / (one | two).sum(), count=both / 2)


@exercise("ot-ex-3")
def special_tokens(model: Any, tokens: Any) -> Solution:
    """Return the mean strength over all tokens, and without the first and last of each window."""
    inner = np.arange(tokens.shape[1]) % (tokens.shape[1] - 1) > 0
    found = [
        functional_network(model, tokens, layers="activation", mask=mask, progress=False)
        for mask in (None, np.tile(inner, (len(tokens), 1)))
    ]
    right = [each.strength[np.triu_indices(len(each.r), 1)].mean() for each in found]
    ones = [np.abs(each.r).mean() for each in found]
    zeros = [each.strength.mean() for each in found]
    return Solution(right, 1e-4, turned=right[::-1], diagonal=ones, diagonal2=zeros)
