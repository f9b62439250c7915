"""Clustering: networks of one arm lie together or not, and topology is the reason or not.

Networks get distances (`topological_distances`, `representation_distances`, `baseline_distances`),
distances get clusters (`cluster`), and clusters are scored against arms (`cluster_table`).
Distances are square matrices, symmetric, finite, >= 0 with a diagonal of 0, and labels are one per
network; others are refused with a ValueError.
"""

from funcnet_utils.clustering.distances import (
    baseline_distances,
    feature_distances,
    topological_distances,
)
from funcnet_utils.clustering.methods import METHODS, cluster, embed
from funcnet_utils.clustering.representations import representation_distances
from funcnet_utils.clustering.scores import (
    bootstrap_ari,
    cluster_table,
    leave_one_group_out,
    one_copy_ari,
    permutation_p,
)
