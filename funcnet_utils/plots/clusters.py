"""Figures of distances between networks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, groupby

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from funcnet_utils.plots.style import COLORS, NEUTRAL, title


def plot_embedding(points: np.ndarray, arms: Sequence[str], ax: Axes | None = None) -> Axes:
    """Draw networks as points of a plane, a colour and a marker an arm.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        As `funcnet_utils.clustering.embed` returns them.
    arms : sequence of str, shape (n,)
        Arm of each network.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = ax or plt.gca()
    names = list(dict.fromkeys(arms))
    for name, marker in zip(names, cycle("o^sDvP*X"), strict=False):
        x, y = np.asarray(points)[[arm == name for arm in arms]].T
        color = COLORS.get(name, NEUTRAL)
        ax.scatter(
            x, y, s=28, color=color, marker=marker, alpha=0.75, linewidth=0, label=title(name)
        )
    ax.legend(frameon=False)
    # one scale for both axes, because distances are what is shown; it has no unit of its own
    ax.set_aspect("equal", adjustable="datalim")
    ax.set(xlabel="first coordinate", ylabel="second coordinate")
    sns.despine(ax=ax)
    return ax


def plot_distance_matrix(
    distances: np.ndarray, arms: Sequence[str], label: str = "distance", ax: Axes | None = None
) -> Axes:
    """Draw distances between networks as a matrix, with a white line where the arm changes.

    Parameters
    ----------
    distances : ndarray, shape (n, n)
        Distances, networks of one arm side by side.
    arms : sequence of str, shape (n,)
        Arm of each network.
    label : str, default="distance"
        Name and units of the distance.
    ax : Axes, optional
        Where to draw.

    Returns
    -------
    Axes
    """
    ax = ax or plt.gca()
    sns.heatmap(
        distances,
        vmin=0,
        cmap="viridis_r",
        square=True,
        rasterized=True,
        cbar_kws={"label": label, "shrink": 0.8},
        xticklabels=False,
        yticklabels=False,
        ax=ax,
    )
    runs = [(name, len(list(run))) for name, run in groupby(arms)]
    ends = np.cumsum([length for _, length in runs])
    for boundary in ends[:-1].tolist():
        ax.axhline(boundary, color="white", linewidth=1)
        ax.axvline(boundary, color="white", linewidth=1)
    middles = ends - np.array([length for _, length in runs]) / 2
    titles = [title(name) for name, _ in runs]
    ax.set_xticks(middles, titles)
    ax.set_yticks(middles, titles, rotation=90, va="center")
    ax.tick_params(length=0)
    return ax
