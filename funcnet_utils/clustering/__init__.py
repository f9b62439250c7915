"""Clustering: networks of one arm lie together or not, and topology is the reason or not.

Networks get distances (`topological_distances`, `baseline_distances`), distances get clusters
(`cluster`), and clusters are scored against arms (`cluster_table`).
"""

from funcnet_utils.clustering.controls import one_copy_ari
from funcnet_utils.clustering.distances import baseline_distances, topological_distances
from funcnet_utils.clustering.embedding import embed
from funcnet_utils.clustering.methods import METHODS, best_k, cluster
from funcnet_utils.clustering.scores import bootstrap_ari, permutation_p, scores
from funcnet_utils.clustering.table import cluster_table
from funcnet_utils.clustering.unseen import feature_distances, leave_one_group_out

__all__ = [
    "METHODS",
    "baseline_distances",
    "best_k",
    "bootstrap_ari",
    "cluster",
    "cluster_table",
    "embed",
    "feature_distances",
    "leave_one_group_out",
    "one_copy_ari",
    "permutation_p",
    "scores",
    "topological_distances",
]
