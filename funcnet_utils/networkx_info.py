"""What networkx reads about the backend when it is imported itself: names, nothing to load."""

from __future__ import annotations

from typing import Any

FUNCTIONS = (
    "average_clustering",
    "average_shortest_path_length",
    "betweenness_centrality",
    "clustering",
    "degree_assortativity_coefficient",
    "diameter",
    "global_efficiency",
    "leiden_communities",
    "local_efficiency",
    "modularity",
    "transitivity",
    "triangles",
)


def backend_info() -> dict[str, Any]:
    """Return what the documentation of networkx says of `backend="funcnet"`.

    Examples
    --------
    >>> "local_efficiency" in backend_info()["functions"]
    True
    """
    return {
        "backend_name": "funcnet",
        "project": "funcnet-utils",
        "package": "funcnet_utils",
        "short_summary": "Measures of undirected, unweighted graphs from rows of bits.",
        "functions": {name: {} for name in FUNCTIONS},
    }
