"""Write the data of the explorer: one script a data set and arm, read without a network.

A browser that opens a page from a folder may not fetch a JSON file, but it may run a script. So
each file is JSON inside one call, ``FUNCNET_EXPLORER.push({...})``, and is loaded when its arm is
chosen.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np

from funcnet_utils import graphs
from funcnet_utils.datasets import DATASETS
from funcnet_utils.models.streams import Stream, whole_seed
from funcnet_utils.plots.style import COLORS, LAYER_COLORS, title
from funcnet_utils.studies import published
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.ledgers import dataset_title
from funcnet_utils.studies.store import whole_folder
from funcnet_utils.studies.study import Study, run

Record = dict[str, Any]
SHOWN = StudyConfig(dataset="mnist_5k", n_networks=3)
INDEXED = ("arm", "title", "color", "densities", "density", "hash", "hidden", "n_epochs", "n_null")
MEASURES = (
    *("clustering", "C_rand", "transitivity", "characteristic_path_length", "L_rand"),
    *("global_efficiency", "local_efficiency", "modularity", "sigma", "sigma_sd"),
    *("connected_share", "diameter"),
)
MAX_DENSITY = 0.3
BEFORE, AFTER = "FUNCNET_EXPLORER.push(", ");\n"


def export_all(folder: Path) -> list[Path]:
    """Write all data of the explorer: the default study, also untrained, and a published one.

    Parameters
    ----------
    folder : Path
        Where to write; a folder that is there is replaced when all is computed.

    Returns
    -------
    list of Path
    """
    each = [(run(one), range(one.n_networks)) for one in (SHOWN, SHOWN.untrained())]
    each.append((published.load("mnist"), range(1)))  # correlations are kept for network 0
    with whole_folder(folder) as partial:
        export(each, partial)
    return sorted(folder.glob("*.js"))


def export(shown: Iterable[tuple[Study, Iterable[int]]], folder: Path) -> None:
    """Write networks of some studies for the explorer.

    The files are named ``<data set>.<arm>.js``; ``index.js`` lists them. The same studies give the
    same bytes.

    Parameters
    ----------
    shown : iterable of (Study, iterable of int)
        Results to show, and which networks of each arm.
    folder : Path
        Where to write.
    """
    names, arms = list(DATASETS), list(COLORS)
    contents = [arm for study, networks in shown for arm in study_records(study, networks)]
    contents.sort(key=lambda one: (names.index(one["dataset"]), arms.index(one["arm"])))
    listed: dict[str, Record] = {}
    for each in contents:
        name, known = each["dataset"], each["config"] | each
        (folder / f"{name}.{each['arm']}.js").write_text(BEFORE + _json(each) + AFTER, "utf-8")
        entry = {key: known[key] for key in INDEXED}
        entry["networks"] = [record["network"] for record in each["networks"]]
        dataset = {"name": name, "title": dataset_title(name), "arms": []}
        listed.setdefault(name, dataset)["arms"].append(entry)
    index = _json({"layer_colors": LAYER_COLORS, "datasets": list(listed.values())})
    (folder / "index.js").write_text(f"window.FUNCNET_EXPLORER_INDEX = {index};\n", "utf-8")


def study_records(study: Study, networks: Iterable[int]) -> Iterator[Record]:
    """Yield the content of the file of each arm of a study, its configuration beside the numbers.

    A study of 0 epochs becomes the arm "untrained", once, because its arms are identical.

    Parameters
    ----------
    study : Study
        Results to show.
    networks : iterable of int
        Which networks of each arm.
    """
    densities = [d for d in study.config.densities if d <= MAX_DENSITY]
    arms = study.config.arms
    shown = dict(zip(arms, arms, strict=True)) if study.config.n_epochs else {"untrained": arms[0]}
    for name, arm in shown.items():
        yield {
            "dataset": study.config.dataset,
            "arm": name,
            "title": title(name),
            "color": COLORS[name],
            "densities": densities,
            "density": study.config.density,
            "config": study.config.as_dict(),
            "hash": study.config.hash,
            "code": study.info["code"],
            "networks": [network_record(study, arm, k, densities) for k in networks],
        }


def _json(content: Any) -> str:
    return json.dumps(content, separators=(",", ":"), allow_nan=False)


def network_record(study: Study, arm: str, network: int, densities: Sequence[float]) -> Record:
    """Return what the explorer shows of one network, as JSON values.

    Parameters
    ----------
    study : Study
        Results that have the network.
    arm : str
        Name of the arm.
    network : int
        Number of the network.
    densities : sequence of float
        Ascending, among those of the study.

    Returns
    -------
    dict
        measures
            name -> value at each density, as the study computed it.
        threshold
            Least strength of an edge outside the spanning tree, at each density.
        n_edges
            Edges at each density: how many of `edges` to draw.
        edges
            Places of the pairs in the upper triangle, tree first, then by falling strength; hex
            digits of little-endian unsigned numbers of `edge_bytes` bytes.
        matrix
            ``|r|`` of the pairs in 255 steps, hex digits, for drawing alone.
        layers, modules, x, y
            Layer, module (Leiden, in the graph of the default density; 0 is the largest) and place
            of each node.
        diagrams
            [births, deaths] of H0 and of H1, without the bar that never dies.
    """
    net = study.functional_network(arm, network)
    strength, n = net.strength, len(net.layers)
    order = edge_order(strength, densities[-1])
    counts = [round(d * n * (n - 1) / 2) for d in densities]
    pairs = strength[np.triu_indices(n, 1)]
    graph = graphs.spanning_density_graph(strength, study.config.density)
    # as the study computed the modularity
    modules = graphs.communities(graph, whole_seed(study.config.seed, network, Stream.NULL_GRAPHS))
    largest_first = np.argsort(np.argsort(-np.bincount(modules), kind="stable"))
    edge_bytes = 2 if n * (n - 1) // 2 <= 2**16 else 4
    table = study.graph_measures.query("arm == @arm and network == @network")
    wide = table.pivot(index="density", columns="measure", values="value").loc[list(densities)]
    wide = wide.astype(object).where(np.isfinite(wide), None)  # JSON has no NaN
    row = study.networks.query("arm == @arm and network == @network").iloc[0]
    return {
        "network": int(network),
        "n": n,
        "n_dead": int(row["n_dead"]),
        "test_accuracy": float(row["test_accuracy"]),
        "measures": wide[[name for name in MEASURES if name in wide]].to_dict("list"),
        "n_edges": counts,
        "threshold": [float(pairs[order[n - 1 : count]].min(initial=1)) for count in counts],
        "edge_bytes": edge_bytes,
        "edges": order.astype(f"<u{edge_bytes}").tobytes().hex(),
        "matrix": np.rint(255 * pairs).astype(np.uint8).tobytes().hex(),
        "layers": net.layers.tolist(),
        "modules": largest_first[modules].tolist(),
        **dict(zip("xy", _places(graph).T.tolist(), strict=True)),
        "diagrams": [d[np.isfinite(d[:, 1])].T.tolist() for d in study.diagrams[arm, network][:2]],
    }


def edge_order(strength: np.ndarray, density: float) -> np.ndarray:
    """Return pairs in the order in which `spanning_density_graph` takes them.

    Parameters
    ----------
    strength : ndarray, shape (n, n)
        Symmetric strengths >= 0.
    density : float
        Share of all pairs to return, in [2 / n, 1].

    Returns
    -------
    ndarray of int, shape (round(density * n * (n - 1) / 2),)
        Places in the upper triangle, row by row: the spanning tree, heaviest edge first, then the
        other pairs; ties go to the smaller (i, j). The first edges are the graph of any smaller
        density that holds the tree.

    Examples
    --------
    >>> edge_order(np.array([[0, 0.1, 0.8], [0.1, 0, 0.9], [0.8, 0.9, 0]]), 1)
    array([2, 1, 0])
    """
    n = len(strength)
    tree = graphs.spanning_tree(strength)
    first = tree[:, 0] * (2 * n - tree[:, 0] - 1) // 2 + tree[:, 1] - tree[:, 0] - 1
    falling = np.argsort(-strength[np.triu_indices(n, 1)], kind="stable")
    others = falling[~np.isin(falling, first)]
    return np.concatenate([first, others])[: round(density * n * (n - 1) / 2)]


def _places(adjacency: np.ndarray) -> np.ndarray:
    """Return the place of each node in a disc of radius 500."""
    graph = nx.from_numpy_array(adjacency)
    spring = nx.spring_layout(graph, k=1.6 / np.sqrt(len(adjacency)), iterations=200, seed=0)
    places = np.array(list(spring.values())) - np.mean(list(spring.values()), axis=0)
    radius = np.hypot(*places.T)
    even = np.sqrt((np.argsort(np.argsort(radius)) + 0.5) / len(radius))  # fills a disc evenly
    wanted = 0.35 * radius / radius.max() + 0.65 * even
    places *= (wanted / np.maximum(radius, 1e-12))[:, None]
    return np.rint(500 + 500 * places).astype(int)
