"""Figures: they take tables and an axis, and return the axis. One colour an arm, everywhere."""

from funcnet_utils.plots.arms import plot_arms, plot_effects, plot_sweep
from funcnet_utils.plots.clusters import plot_distance_matrix, plot_embedding
from funcnet_utils.plots.networks import plot_correlation, plot_diagram, plot_image, plot_network
from funcnet_utils.plots.style import COLORS, LAYER_COLORS, NEUTRAL, REFERENCE, name_arms

__all__ = [
    "COLORS",
    "LAYER_COLORS",
    "NEUTRAL",
    "REFERENCE",
    "name_arms",
    "plot_arms",
    "plot_correlation",
    "plot_diagram",
    "plot_distance_matrix",
    "plot_effects",
    "plot_embedding",
    "plot_image",
    "plot_network",
    "plot_sweep",
]
