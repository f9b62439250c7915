"""One colour and one title per arm, everywhere; curves and maps as all figures draw them."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from funcnet_utils.arms import ARMS

NEUTRAL = "#555555"
COLORS = {name: arm.color for name, arm in ARMS.items()} | {"untrained": NEUTRAL}
LAYER_COLORS = ("#56B4E9", "#E69F00", "#CC79A7", "#999999", "#F0E442")
REFERENCE: dict[str, Any] = {"color": NEUTRAL, "linestyle": "--", "linewidth": 1}


def title(arm: str) -> str:
    """Return the title of an arm, or the name itself if it is none."""
    return ARMS[arm].title if arm in ARMS else arm


def name_arms(ax: Axes) -> Axes:
    """Give a legend whose labels are names of arms the titles of the arms, and no frame."""
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(handles, [title(label) for label in labels], frameon=False)
    return ax


def finish(ax: Axes, legend: bool = False, **labels: Any) -> Axes:
    """Give a figure its labels and limits, a legend without a frame, and two spines."""
    ax.set(**labels)
    if legend:
        ax.legend(frameon=False)
    sns.despine(ax=ax)
    return ax


def row_of_axes(n: int, height: float, narrow: float = 8.5, **options: Any) -> tuple[Figure, list]:
    """Return a figure of n axes side by side, `narrow` if there is only one, and the axes."""
    size = (narrow if n == 1 else 8.5, height)
    fig, axes = plt.subplots(1, n, figsize=size, squeeze=False, **options)
    return fig, list(axes.flat)


def draw_curves(table: pd.DataFrame, x: str, y: str, ax: Axes) -> Axes:
    """Draw the mean of each arm over networks, with a band of one standard deviation."""
    look: dict[str, Any] = {"palette": COLORS, "markers": True, "dashes": False, "errorbar": "sd"}
    sns.lineplot(table, x=x, y=y, hue="arm", style="arm", ax=ax, **look)
    return name_arms(finish(ax))


def draw_matrix(matrix: np.ndarray, groups: Any, label: str, ax: Axes | None, **look: Any) -> Axes:
    """Draw a square matrix with a bar of colours, and a white line where the group changes."""
    look |= {"square": True, "rasterized": True, "xticklabels": False, "yticklabels": False}
    bar = {"label": label, "shrink": 0.8}
    ax = sns.heatmap(matrix, vmin=0, cbar_kws=bar, ax=ax or plt.gca(), **look)
    groups = np.asarray(groups)
    for boundary in (np.flatnonzero(groups[1:] != groups[:-1]) + 1).tolist():
        ax.axhline(boundary, color="white", linewidth=1)
        ax.axvline(boundary, color="white", linewidth=1)
    return ax


def draw_shares(table: pd.DataFrame, ax: Axes) -> None:
    """Draw a table of numbers in [0, 1], written into coloured cells."""
    look = {"annot": True, "fmt": ".2f", "linewidths": 1, "cbar": False}
    sns.heatmap(table, vmin=0, vmax=1, cmap="viridis", ax=ax, **look)
    ax.tick_params(length=0)
