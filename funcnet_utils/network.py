"""A functional network of any model: units as nodes, correlations as edges, and its measures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from funcnet_utils import correlation, graphs, topology
from funcnet_utils._batches import BATCH, accuracy, refuse_one_pass
from funcnet_utils._hooks import lesion_scores, silent_units
from funcnet_utils._record import NetworkRecord
from funcnet_utils.capture import Probe
from funcnet_utils.errors import check_choice

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.axes import Axes

RANDOM = ("spectrum", "hqs", "configuration")
DENSITY = 0.05


def functional_network(
    model: Any,
    data: Any,
    *,
    layers: Any = None,
    units: str = "channels",
    steps: str = "last",
    heads: int | None = None,
    mask: Any = None,
    labels: np.ndarray | None = None,
    call: Callable[[Any, Any], Any] | None = None,
    min_active: int = 0,
    dead: str = "drop",
    batch_size: int = BATCH,
    progress: bool = True,
) -> FunctionalNetwork:
    """Correlate the units of any model over data, in one pass.

    The model is in evaluation mode meanwhile and is left as it was; no generator of torch moves.
    Activations are reduced to single precision (double stays double), moments are in float64.

    Parameters
    ----------
    model : torch.nn.Module, fitted MLP of scikit-learn, or anything with `layers` as a callable
        Wrappers (DataParallel, torch.compile) are looked through; scripted modules refuse hooks.
    data : DataLoader, Dataset, tensor, ndarray, mapping or tuple of these, batches, callable
        A batch may be a tensor, (inputs, labels), or a mapping of keywords. One pass is made.
    layers : str, list of str or Module, or callable (model, batch), optional
        Names of layers (`funcnet_utils.capture.layers` prints them), also with * and ?; "input:fc2"
        is what fc2 reads, the door to activations that are functions (torch.relu). By default
        every module that is an activation function or a recurrent layer. A module that is called
        several times gives layers "act#0", "act#1". A callable returns a mapping of layer names to
        activations of shape (n_samples, n), or one array: for Keras and all else without hooks.
        By default a warning names the functions that no module calls.
    units : {"channels", "max", "positions", "heads"}, default="channels"
        Of a convolution a node is a channel: by its mean over the image, by its maximum, or with
        each position as a sample. "heads" takes attention heads, by the norm of their outputs.
        Of transformers tokens are samples.
    steps : {"last", "every"}, default="last"
        Of a recurrent layer, the state after the last step, or each step as a sample. A module of
        several layers shows its last one only.
    heads : int, optional
        Number of heads that a named layer holds side by side, such as "input:out_proj".
    mask : ndarray, str or callable (batch), optional
        Which tokens count, of shape (sequences, tokens), an array for all data; by default
        "attention_mask" of a mapping.
    labels : ndarray of int, optional
        Class of each sample, for correlations within classes; data is then passed twice.
    call : callable (model, batch), optional
        How to call the model.
    min_active, dead
        As in `FunctionalNetwork.from_activations`.
    batch_size : int, default=256
        Samples at once, where data comes in no batches.
    progress : bool, default=True
        Show a bar after two seconds, if tqdm is installed.

    Returns
    -------
    FunctionalNetwork

    Examples
    --------
    >>> from sklearn.neural_network import MLPRegressor
    >>> x = np.random.default_rng(0).normal(size=(50, 3))
    >>> options = {"activation": "tanh", "tol": 1e9}
    >>> model = MLPRegressor(hidden_layer_sizes=(4, 2), **options).fit(x, x[:, 0])
    >>> functional_network(model, x).layer_names
    ('hidden 1', 'hidden 2')
    """
    probe = Probe(model, layers, units, steps, heads, mask, call, batch_size, progress)
    if labels is not None or hasattr(mask, "shape"):
        refuse_one_pass(data)
    with probe.recording(data) as chunks:
        net = FunctionalNetwork.from_activations(
            chunks, labels=labels, dead=dead, min_active=min_active
        )
    unit_layers = np.repeat(np.arange(len(probe.names)), probe.sizes)
    return replace(net, unit_layers=unit_layers, layer_names=tuple(probe.names))


@dataclass(frozen=True, eq=False, repr=False)
class FunctionalNetwork(NetworkRecord):
    """The functional network of one model; made by `functional_network` or a `from_` method.

    Its parts (`r`, `units`, `dead`, ...) and how it is made, saved and loaded: `NetworkRecord`.
    """

    def graph(self, density: float | Sequence[float] = DENSITY) -> np.ndarray:
        """Return the maximum spanning tree plus the strongest other edges, up to a density.

        Parameters
        ----------
        density : float or sequence of float, default=0.05
            Share of all pairs that become edges, in [2 / n, 1].

        Returns
        -------
        ndarray of bool, shape (n, n), or (n_densities, n, n)
            See `graphs.spanning_density_graph`.
        """
        strength = self.strength
        cut = [graphs.spanning_density_graph(strength, float(d)) for d in np.atleast_1d(density)]
        return np.stack(cut) if np.ndim(density) else cut[0]

    def measures(self, density: float | Sequence[float] = DENSITY, seed: int = 0) -> dict[str, Any]:
        """Return every measure of the graph at one density, or at several.

        Parameters
        ----------
        density : float or sequence of float, default=0.05
            As in `graph`.
        seed : int, default=0
            Seed of the modularity.

        Returns
        -------
        dict of str to float, or to ndarray of shape (n_densities,)
            The density, and the measures of `graphs.all_measures`, layers as groups.
        """
        found = graphs.all_measures(self.graph(density), seed, labels=self.layers)
        return {"density": density, **found}

    def small_world(
        self, n_null: int = 20, seed: int = 0, density: float | Sequence[float] = DENSITY
    ) -> graphs.SmallWorld:
        """Return sigma, omega and phi against nulls of the same degrees: `graphs.small_world`."""
        return graphs.small_world(self.graph(density), n_null, seed)

    def diagrams(self, maxdim: int = 1) -> list[np.ndarray]:
        """Return the persistence diagrams of ``1 - |r|``, as `topology.persistence` does."""
        return topology.persistence(self._distances(), maxdim)

    def cycle(self, birth: float) -> np.ndarray:
        """Return the nodes of the loop with that birth: `topology.representative_cycle`."""
        return topology.representative_cycle(self._distances(), birth)

    def _distances(self) -> np.ndarray:
        return 1 - self.strength - np.eye(len(self.r))

    def null(self, kind: str, n: int = 20, seed: int = 0, density: float = DENSITY) -> np.ndarray:
        """Return random graphs of the same density that keep a part of this network only.

        Parameters
        ----------
        kind : {"rewired", "lattice", "erdos_renyi", "spectrum", "hqs", "configuration"}
            What is kept: the degree of each node (at random, or joined to near ones of a ring), the
            number of edges, or what `null_correlations` keeps, cut as `graph` does.
        n : int, default=20
            Number of graphs.
        seed : int, default=0
            Root of the randomness.
        density : float, default=0.05
            As in `graph`.

        Returns
        -------
        ndarray of bool, shape (n, n_nodes, n_nodes)
        """
        check_choice("kind", kind, ("rewired", "lattice", "erdos_renyi", *RANDOM))
        if kind in RANDOM:
            drawn = np.abs(self.null_correlations(kind, n, seed))
            return np.stack([graphs.spanning_density_graph(r, density) for r in drawn])
        graph = self.graph(density)
        if kind == "rewired":
            return graphs.rewired(graph, n, seed)
        if kind == "erdos_renyi":
            return graphs.erdos_renyi(len(graph), int(graph.sum()) // 2, n, seed)
        return np.stack([graphs.lattice(graph, seed + k) for k in range(n)])

    def null_correlations(self, kind: str, n: int = 20, seed: int = 0) -> np.ndarray:
        """Return random correlation matrices that keep a part of this network only.

        Parameters
        ----------
        kind : {"spectrum", "hqs", "configuration"}
            What is kept: the eigenvalues of r, its mean and variance, or the strength of each node.
        n, seed
            As in `null`.

        Returns
        -------
        ndarray of float, shape (n, n_nodes, n_nodes)
        """
        check_choice("kind", kind, RANDOM)
        r = self.r.copy()
        np.fill_diagonal(r, 1)  # a dead unit that stays a node correlates with itself alone
        if kind == "configuration":
            return graphs.correlation_configuration(r, n, seed, self.n_samples or None)
        return (graphs.spectrum if kind == "spectrum" else graphs.hqs)(r, n, seed)

    def to_networkx(self, density: float = DENSITY) -> nx.Graph:
        """Return a networkx graph: nodes with `layer` and `unit`, edges with `weight` ``|r|``."""
        graph, names = graphs.to_networkx(self.graph(density)), self.layer_names
        for node, (layer, unit) in enumerate(zip(self.layers, self.units, strict=True)):
            graph.nodes[node].update(layer=names[layer], unit=int(unit))
        for i, j, edge in graph.edges(data=True):
            edge["weight"] = float(abs(self.r[i, j]))
        return graph

    def plot_matrix(self, ax: Axes | None = None) -> Axes:
        """Draw the strength of all pairs, layer by layer."""
        from funcnet_utils import plots

        order = np.argsort(self.layers, kind="stable")
        return plots.plot_correlation(self.strength[np.ix_(order, order)], self.layers[order], ax)

    def plot_graph(self, density: float = DENSITY, seed: int = 0, ax: Axes | None = None) -> Axes:
        """Draw the graph with a spring layout, nodes coloured by layer."""
        from funcnet_utils import plots

        return plots.plot_network(self.graph(density), self.layers, seed, ax)

    def plot_diagram(self, maxdim: int = 1, ax: Axes | None = None) -> Axes:
        """Draw the persistence diagrams."""
        from funcnet_utils import plots

        return plots.plot_diagram(self.diagrams(maxdim), ax)

    def lesions(
        self,
        model: Any,
        data: Any,
        score: Callable[[Any, Any], float] | None = None,
        *,
        order: str | np.ndarray = "degree",
        shares: Sequence[float] = (0, 0.2, 0.4, 0.6, 0.8, 1),
        clamp: str = "zero",
        density: float = DENSITY,
        seed: int = 0,
    ) -> np.ndarray:
        """Return the score of the model while growing shares of its nodes are silent.

        Parameters
        ----------
        model, data
            A torch model that this network was made of, and what `score` reads (a loader).
        score : callable (model, data) -> float, optional
            By default the accuracy over batches of (inputs, labels).
        order : {"degree", "betweenness", "random"} or ndarray of int, shape (n,) or (m, n)
            The most central nodes first, at random, or nodes in an order of your own.
        shares : sequence of float
            Shares of all nodes, in [0, 1].
        clamp : {"zero", "mean"}, default="zero"
            A silent unit shows 0, or its mean over the data.
        density, seed
            Of the graph that ranks the nodes, and of the random order.

        Returns
        -------
        ndarray of float, shape (n_shares,) or (m, n_shares)

        References
        ----------
        Morcos, Barrett, Rabinowitz, Botvinick (2018), arXiv:1803.06959.
        """
        check_choice("clamp", clamp, ("zero", "mean"))
        if hasattr(data, "__next__"):
            refuse_one_pass(data)
        if isinstance(order, str):
            check_choice("order", order, ("degree", "betweenness", "random"))
            if order == "random":
                order = np.random.default_rng(seed).permutation(len(self.units))
            else:
                rank = graphs.degree if order == "degree" else graphs.betweenness
                order = np.argsort(-rank(self.graph(density)), kind="stable")
        nodes = silent_units(order, shares, len(self.units))
        shown = np.zeros(len(self.unit_layers))
        if clamp == "mean":
            probe = Probe(model, layers=[name.split("#")[0] for name in self.layer_names])
            with probe.recording(data) as chunks:
                shown = correlation.moments(chunks)[0][0].mean
        silent = np.zeros((*nodes.shape[:-1], len(shown)), dtype=bool)
        silent[..., self.units] = nodes
        units = {n: np.flatnonzero(self.unit_layers == k) for k, n in enumerate(self.layer_names)}
        return lesion_scores(model, data, score or accuracy, silent, shown, units)
