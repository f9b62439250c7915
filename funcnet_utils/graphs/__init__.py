"""Graphs: cut weights into graphs, measure them, and compare them with chance.

Weights become graphs (`spanning_density_graph`), graphs become numbers (`all_measures`), and
numbers get a scale by nulls (`rewired`, `hqs`, `small_world`). Every measure takes one graph of
shape (n, n) or a stack of shape (..., n, n).
"""

from funcnet_utils.graphs.betweenness import betweenness
from funcnet_utils.graphs.build import (
    density_graph,
    minimum_density,
    spanning_density_graph,
    spanning_tree,
    threshold_graph,
)
from funcnet_utils.graphs.convert import from_networkx, to_networkx
from funcnet_utils.graphs.correlation_nulls import correlation_configuration, hqs
from funcnet_utils.graphs.groups import (
    communities,
    degree_assortativity,
    modularity,
    nodal_participation,
    participation,
    within_share,
)
from funcnet_utils.graphs.measures import (
    characteristic_path_length,
    clustering,
    connected_share,
    diameter,
    global_efficiency,
    local_efficiency,
    transitivity,
)
from funcnet_utils.graphs.nodes import degree, density, triangles
from funcnet_utils.graphs.nulls import column_shuffled, erdos_renyi, lattice, rewired
from funcnet_utils.graphs.paths import PathLengths, path_lengths
from funcnet_utils.graphs.small_world import SmallWorld, small_world
from funcnet_utils.graphs.sweep import DensitySweep, auc, density_sweep
from funcnet_utils.graphs.table import all_measures
from funcnet_utils.graphs.weighted import onnela_clustering, weighted_efficiency

__all__ = [
    "DensitySweep",
    "PathLengths",
    "SmallWorld",
    "all_measures",
    "auc",
    "betweenness",
    "characteristic_path_length",
    "clustering",
    "column_shuffled",
    "communities",
    "connected_share",
    "correlation_configuration",
    "degree",
    "degree_assortativity",
    "density",
    "density_graph",
    "density_sweep",
    "diameter",
    "erdos_renyi",
    "from_networkx",
    "global_efficiency",
    "hqs",
    "lattice",
    "local_efficiency",
    "minimum_density",
    "modularity",
    "nodal_participation",
    "onnela_clustering",
    "participation",
    "path_lengths",
    "rewired",
    "small_world",
    "spanning_density_graph",
    "spanning_tree",
    "threshold_graph",
    "to_networkx",
    "transitivity",
    "triangles",
    "weighted_efficiency",
    "within_share",
]
