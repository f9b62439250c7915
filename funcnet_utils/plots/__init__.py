"""Figures: they take tables and an axis, by default the current one, and return the axis."""

from funcnet_utils.plots.arms import plot_arms, plot_effects, plot_panels, plot_sweep
from funcnet_utils.plots.cards import answer_cards
from funcnet_utils.plots.clusters import (
    plot_ari,
    plot_distance_matrix,
    plot_embedding,
    plot_unseen,
)
from funcnet_utils.plots.networks import plot_correlation, plot_diagram, plot_image, plot_network
from funcnet_utils.plots.studies import (
    plot_against_null,
    plot_attacks,
    plot_ledger,
    plot_lesions,
    plot_strength,
    plot_verdicts,
)
from funcnet_utils.plots.style import COLORS, LAYER_COLORS, NEUTRAL, REFERENCE, name_arms
