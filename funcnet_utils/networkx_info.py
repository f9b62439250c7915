"""What networkx reads about the backend when it is imported itself: names, nothing to load."""

from __future__ import annotations

from typing import Any

# the functions, and which of their options must keep the default of networkx
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "average_clustering": (),
    "average_shortest_path_length": ("method",),
    "betweenness_centrality": ("k", "endpoints"),
    "clustering": (),
    "degree_assortativity_coefficient": ("nodes",),
    "diameter": ("e",),
    "global_efficiency": (),
    "leiden_communities": ("resolution", "max_level"),
    "local_efficiency": (),
    "modularity": (),
    "transitivity": (),
    "triangles": (),
}


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
