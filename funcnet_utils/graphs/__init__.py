"""Graphs: cut strengths into graphs, measure them, and compare them with chance.

Strengths ``|r|`` become graphs (`spanning_density_graph`), graphs become numbers (`all_measures`),
and numbers get a scale by nulls (`rewired`, `spectrum`, `small_world`). Every measure takes one
graph of shape (n, n) or a stack of shape (..., n, n).
"""

from funcnet_utils.graphs.build import (
    density_graph,
    spanning_density_graph,
    spanning_tree,
    threshold_graph,
)
from funcnet_utils.graphs.convert import from_networkx, to_networkx
from funcnet_utils.graphs.correlation_nulls import correlation_configuration, hqs, spectrum
from funcnet_utils.graphs.groups import (
    communities,
    degree_assortativity,
    modularity,
    participation,
    within_share,
)
from funcnet_utils.graphs.measures import (
    clustering,
    degree,
    density,
    local_efficiency,
    transitivity,
    triangles,
)
from funcnet_utils.graphs.nulls import column_shuffled, erdos_renyi, lattice, rewired
from funcnet_utils.graphs.paths import (
    betweenness,
    characteristic_path_length,
    connected_share,
    diameter,
    global_efficiency,
    path_lengths,
    sampled_paths,
)
from funcnet_utils.graphs.small_world import SmallWorld, small_world
from funcnet_utils.graphs.sweep import all_measures, auc
from funcnet_utils.graphs.weighted import onnela_clustering, weighted_efficiency
