"""One colour and one title an arm, everywhere."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from funcnet_utils.arms import ARMS

NEUTRAL = "#555555"
COLORS = {name: arm.color for name, arm in ARMS.items()} | {"untrained": NEUTRAL}
LAYER_COLORS = ("#56B4E9", "#E69F00", "#CC79A7", "#999999", "#F0E442")
REFERENCE: dict[str, Any] = {"color": NEUTRAL, "linestyle": "--", "linewidth": 1}


def name_arms(ax: Axes) -> Axes:
    """Give a legend whose labels are names of arms the titles of the arms, and no frame.

    Parameters
    ----------
    ax : Axes
        An axis with labelled lines or points.

    Returns
    -------
    Axes
    """
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(handles, [title(label) for label in labels], frameon=False)
    return ax


def title(arm: str) -> str:
    """Return the title of an arm, or the name itself if it is none."""
    return ARMS[arm].title if arm in ARMS else arm
