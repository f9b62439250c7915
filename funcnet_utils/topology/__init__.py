"""Topology: persistence diagrams of functional networks, their summaries and distances."""

from funcnet_utils.topology.distances import (
    bottleneck,
    bottleneck_matrix,
    sliced_wasserstein_matrix,
    wasserstein,
    wasserstein_matrix,
)
from funcnet_utils.topology.memory import LongComputationWarning, memory_estimate, time_estimate
from funcnet_utils.topology.persistence import persistence, persistence_batch
from funcnet_utils.topology.summaries import (
    betti_curve,
    landscape,
    loops,
    persistence_image,
    silhouette,
    summary,
)
from funcnet_utils.topology.vectors import graph_filtration_matrix, l2_matrix

__all__ = [
    "LongComputationWarning",
    "betti_curve",
    "bottleneck",
    "bottleneck_matrix",
    "graph_filtration_matrix",
    "l2_matrix",
    "landscape",
    "loops",
    "memory_estimate",
    "persistence",
    "persistence_batch",
    "persistence_image",
    "silhouette",
    "sliced_wasserstein_matrix",
    "summary",
    "time_estimate",
    "wasserstein",
    "wasserstein_matrix",
]
