"""One colour and one title per arm, everywhere; curves and maps as all figures draw them."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

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


def draw_curves(table: pd.DataFrame, x: str, y: str, ax: Axes) -> Axes:
    """Draw the mean of each arm over networks, with a band of one standard deviation."""
    sns.lineplot(
        table,
        x=x,
        y=y,
        hue="arm",
        style="arm",
        palette=COLORS,
        errorbar="sd",
        markers=True,
        dashes=False,
        ax=ax,
    )
    sns.despine(ax=ax)
    return name_arms(ax)


def draw_matrix(matrix: np.ndarray, groups: Any, label: str, ax: Axes | None, **look: Any) -> Axes:
    """Draw a square matrix with a bar of colours, and a white line where the group changes."""
    ax = sns.heatmap(
        matrix,
        vmin=0,
        square=True,
        rasterized=True,
        cbar_kws={"label": label, "shrink": 0.8},
        xticklabels=False,
        yticklabels=False,
        ax=ax or plt.gca(),
        **look,
    )
    groups = np.asarray(groups)
    for boundary in (np.flatnonzero(groups[1:] != groups[:-1]) + 1).tolist():
        ax.axhline(boundary, color="white", linewidth=1)
        ax.axvline(boundary, color="white", linewidth=1)
    return ax


def draw_shares(table: pd.DataFrame, ax: Axes) -> None:
    """Draw a table of numbers in [0, 1], written into coloured cells."""
    sns.heatmap(
        table,
        vmin=0,
        vmax=1,
        cmap="viridis",
        annot=True,
        fmt=".2f",
        linewidths=1,
        cbar=False,
        ax=ax,
    )
    ax.tick_params(length=0)
