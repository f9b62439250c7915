"""Topology: persistence diagrams of functional networks, their summaries and distances.

A diagram is an array of shape (m, 2), the births and deaths of m features. All functions refuse one
of another shape, or with a birth after its death, with a ValueError.
"""

from funcnet_utils.topology.cycles import representative_cycle
from funcnet_utils.topology.distances import (
    bottleneck,
    bottleneck_matrix,
    sliced_wasserstein_matrix,
    wasserstein,
    wasserstein_matrix,
)
from funcnet_utils.topology.memory import memory_estimate, time_estimate
from funcnet_utils.topology.noise import noise_p_values, noise_scores
from funcnet_utils.topology.persistence import persistence
from funcnet_utils.topology.samples import sampled_loops
from funcnet_utils.topology.summaries import (
    betti_curve,
    landscape,
    loops,
    persistence_image,
    silhouette,
    summary,
)
from funcnet_utils.topology.vectors import graph_filtration_matrix, l2_matrix
