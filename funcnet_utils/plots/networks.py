"""Figures of one network: its strengths, its graph, its diagram, and the images it sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
from matplotlib.axes import Axes

from funcnet_utils.plots.style import LAYER_COLORS, REFERENCE, draw_matrix, finish

HOMOLOGY: list[dict[str, Any]] = [
    {"label": "components (H0)", "color": "#0072B2", "marker": "o"},
    {"label": "loops (H1)", "color": "#D55E00", "marker": "^"},
    {"label": "voids (H2)", "color": "#009E73", "marker": "s"},
]


def plot_correlation(strength: np.ndarray, layers: np.ndarray, ax: Axes | None = None) -> Axes:
    """Draw the strengths of a functional network as a matrix, layers side by side.

    Parameters
    ----------
    strength : ndarray, shape (n, n)
        ``|r|`` in [0, 1].
    layers : ndarray of int, shape (n,)
        Layer of each node, ascending.
    """
    ax = draw_matrix(strength, layers, "|r|", ax, vmax=1, cmap="viridis")
    ax.set(xlabel="unit", ylabel="unit")
    return ax


def plot_network(
    adjacency: np.ndarray, layers: np.ndarray, seed: int, ax: Axes | None = None
) -> Axes:
    """Draw a graph with a spring layout, nodes coloured by layer and sized by degree.

    Parameters
    ----------
    adjacency : ndarray of bool, shape (n, n)
        The graph.
    layers : ndarray of int, shape (n,)
        Layer of each node.
    seed : int
        Seed of the layout.
    """
    ax = ax or plt.gca()
    graph, degree = nx.from_numpy_array(adjacency), adjacency.sum(0)
    position = nx.spring_layout(graph, seed=seed, iterations=100, k=1.6 / np.sqrt(len(adjacency)))
    nx.draw_networkx_edges(graph, position, ax=ax, alpha=0.25, width=0.5, edge_color="#555555")
    for layer in np.unique(layers):
        nodes = np.flatnonzero(layers == layer)
        color, name = LAYER_COLORS[layer % len(LAYER_COLORS)], f"hidden layer {layer + 1}"
        look = {"node_size": 10 + 5 * degree[nodes], "node_color": color, "label": name}
        look |= {"edgecolors": "white", "linewidths": 0.4}
        nx.draw_networkx_nodes(graph, position, nodes.tolist(), ax=ax, **look)
    ax.legend(frameon=False, loc="best", fontsize="small")
    ax.set_axis_off()
    return ax


def plot_diagram(diagrams: Sequence[np.ndarray], ax: Axes | None = None) -> Axes:
    """Draw persistence diagrams: one point per feature, far from the diagonal if it lives long.

    Parameters
    ----------
    diagrams : sequence of ndarray, each of shape (m, 2)
        H0, H1, ...; the one bar that never dies is left out.
    """
    ax = ax or plt.gca()
    for diagram, look in zip(diagrams, HOMOLOGY, strict=False):
        births, deaths = diagram[np.isfinite(diagram).all(1)].T
        ax.scatter(births, deaths, s=14, alpha=0.6, clip_on=False, **look)
    ax.axline((0, 0), slope=1, **REFERENCE)
    ax.legend(frameon=False, loc="lower right")
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    value = "(filtration value 1 - |r|)"
    return finish(ax, xlabel=f"birth {value}", ylabel=f"death {value}")


def plot_image(image: np.ndarray, shape: tuple[int, ...], ax: Axes | None = None) -> Axes:
    """Draw one image of a data set.

    Parameters
    ----------
    image : ndarray, shape (n_inputs,)
        Pixels in [0, 1].
    shape : tuple of int
        Height, width and, for colour, 3.
    """
    ax = ax or plt.gca()
    ax.imshow(image.reshape(shape), cmap="gray_r", vmin=0, vmax=1)
    ax.set_axis_off()
    return ax
