"""Figures of one network: its strengths, its graph, its diagram, and the images it sees."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes

from funcnet_utils.plots.style import LAYER_COLORS, REFERENCE, draw_matrix


def plot_correlation(strength: np.ndarray, layers: np.ndarray, ax: Axes | None = None) -> Axes:
    """Draw the strengths of a functional network as a matrix, layers side by side.

    Parameters
    ----------
    strength : ndarray, shape (n, n)
        ``|r|`` in [0, 1].
    layers : ndarray of int, shape (n,)
        Layer of each node, ascending.
    ax : Axes, optional
        Where to draw.
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
    ax : Axes, optional
        Where to draw.
    """
    ax = ax or plt.gca()
    graph = nx.from_numpy_array(adjacency)
    position = nx.spring_layout(graph, seed=seed, iterations=100, k=1.6 / np.sqrt(len(adjacency)))
    degree = adjacency.sum(0)
    nx.draw_networkx_edges(graph, position, ax=ax, alpha=0.25, width=0.5, edge_color="#555555")
    for layer in np.unique(layers):
        nodes = np.flatnonzero(layers == layer)
        nx.draw_networkx_nodes(
            graph,
            position,
            nodelist=nodes.tolist(),
            node_size=10 + 5 * degree[nodes],
            node_color=LAYER_COLORS[layer % len(LAYER_COLORS)],
            edgecolors="white",
            linewidths=0.4,
            label=f"hidden layer {layer + 1}",
            ax=ax,
        )
    ax.legend(frameon=False, loc="best", fontsize="small")
    ax.set_axis_off()
    return ax


def plot_diagram(diagrams: Sequence[np.ndarray], ax: Axes | None = None) -> Axes:
    """Draw persistence diagrams: one point per feature, far from the diagonal if it lives long.

    Parameters
    ----------
    diagrams : sequence of ndarray, each of shape (m, 2)
        H0, H1, ...; the one bar that never dies is left out.
    ax : Axes, optional
        Where to draw.
    """
    ax = ax or plt.gca()
    names = ("components (H0)", "loops (H1)", "voids (H2)")
    for diagram, name, color, marker in zip(
        diagrams, names, ("#0072B2", "#D55E00", "#009E73"), "o^s", strict=False
    ):
        births, deaths = diagram[np.isfinite(diagram).all(1)].T
        ax.scatter(
            births, deaths, s=14, color=color, marker=marker, alpha=0.6, label=name, clip_on=False
        )
    ax.axline((0, 0), slope=1, **REFERENCE)
    ax.set(
        xlabel="birth (filtration value 1 - |r|)",
        ylabel="death (filtration value 1 - |r|)",
        xlim=(-0.02, 1.02),
        ylim=(-0.02, 1.02),
        aspect="equal",
    )
    ax.legend(frameon=False, loc="lower right")
    sns.despine(ax=ax)
    return ax


def plot_image(image: np.ndarray, shape: tuple[int, ...], ax: Axes | None = None) -> Axes:
    """Draw one image of a data set.

    Parameters
    ----------
    image : ndarray, shape (n_inputs,)
        Pixels in [0, 1].
    shape : tuple of int
        Height, width and, for colour, 3.
    ax : Axes, optional
        Where to draw.
    """
    ax = ax or plt.gca()
    ax.imshow(image.reshape(shape), cmap="gray_r", vmin=0, vmax=1)
    ax.set_axis_off()
    return ax
