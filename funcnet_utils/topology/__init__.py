"""Topology: persistence diagrams of functional networks, their summaries and distances."""

from funcnet_utils.topology.distances import (
    bottleneck,
    bottleneck_matrix,
    graph_filtration_matrix,
    sliced_wasserstein_matrix,
    wasserstein,
    wasserstein_matrix,
)
from funcnet_utils.topology.persistence import persistence
from funcnet_utils.topology.summaries import (
    betti_curve,
    landscape,
    loops,
    persistence_image,
    silhouette,
    summary,
)

__all__ = [
    "betti_curve",
    "bottleneck",
    "bottleneck_matrix",
    "graph_filtration_matrix",
    "landscape",
    "loops",
    "persistence",
    "persistence_image",
    "silhouette",
    "sliced_wasserstein_matrix",
    "summary",
    "wasserstein",
    "wasserstein_matrix",
]
