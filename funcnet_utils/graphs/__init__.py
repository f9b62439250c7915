"""Graphs: cut weights into graphs, measure them, and compare them with chance."""

from funcnet_utils.graphs.build import (
    density_graph,
    minimum_density,
    spanning_density_graph,
    spanning_tree,
    threshold_graph,
)
from funcnet_utils.graphs.convert import from_networkx, to_networkx
from funcnet_utils.graphs.measures import (
    all_measures,
    characteristic_path_length,
    clustering,
    connected_share,
    degree_assortativity,
    diameter,
    global_efficiency,
    local_efficiency,
    modularity,
    participation,
    transitivity,
    within_share,
)
from funcnet_utils.graphs.nulls import column_shuffled, erdos_renyi, hqs, lattice, rewired
from funcnet_utils.graphs.small_world import SmallWorld, auc, small_world
from funcnet_utils.graphs.weighted import onnela_clustering, weighted_efficiency

__all__ = [
    "SmallWorld",
    "all_measures",
    "auc",
    "characteristic_path_length",
    "clustering",
    "column_shuffled",
    "connected_share",
    "degree_assortativity",
    "density_graph",
    "diameter",
    "erdos_renyi",
    "from_networkx",
    "global_efficiency",
    "hqs",
    "lattice",
    "local_efficiency",
    "minimum_density",
    "modularity",
    "onnela_clustering",
    "participation",
    "rewired",
    "small_world",
    "spanning_density_graph",
    "spanning_tree",
    "threshold_graph",
    "to_networkx",
    "transitivity",
    "weighted_efficiency",
    "within_share",
]
