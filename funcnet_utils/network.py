"""A functional network: units as nodes, correlations as edges, and all that is measured of it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from funcnet_utils import correlation, graphs, topology
from funcnet_utils.errors import closest

if TYPE_CHECKING:
    import networkx as nx
    from matplotlib.axes import Axes

NULLS = ("rewired", "lattice", "erdos_renyi", "hqs", "configuration")
DENSITY = 0.05
FEW_ACTIVE = 5


@dataclass(frozen=True, eq=False, repr=False)
class FunctionalNetwork:
    """The functional network of one model; made by `functional_network` or a `from_` method.

    Parameters
    ----------
    r : ndarray of float64, shape (n, n)
        Signed correlations between the nodes, in [-1, 1], symmetric.
    units : ndarray of int, shape (n,)
        The unit that each node stands for, counted through all layers.
    unit_layers : ndarray of int, shape (n_units,)
        Layer (0, 1, ...) of every unit, also of those that are no nodes.
    dead : ndarray of bool, shape (n_units,)
        Which units have a constant signal.
    n_samples : int, optional
        Samples that were correlated; 0 where that is not known.
    layer_names : tuple of str, optional
        Names of the layers; by default their numbers.
    precision : {"float64", "float16"}, default="float64"
        To what ``|r|`` is rounded; "float16" makes ties (the paper's choice).
    """

    r: np.ndarray
    units: np.ndarray
    unit_layers: np.ndarray
    dead: np.ndarray
    n_samples: int = 0
    layer_names: tuple[str, ...] = ()
    precision: str = "float64"

    def __post_init__(self) -> None:
        if not self.layer_names:
            names = tuple(map(str, range(int(self.unit_layers.max(initial=-1)) + 1)))
            object.__setattr__(self, "layer_names", names)

    @classmethod
    def from_correlation(
        cls,
        r: np.ndarray,
        layers: np.ndarray | Sequence[str] | None = None,
        *,
        dead: str = "drop",
        precision: str = "float64",
        n_samples: int = 0,
        layer_names: Sequence[str] = (),
    ) -> FunctionalNetwork:
        """Make a network of a correlation matrix: of a model, a brain, a market.

        Parameters
        ----------
        r : ndarray, shape (n_units, n_units)
            Correlations, signed or absolute, in [-1, 1], symmetric; a unit of zeros is dead.
        layers : sequence of int or str, shape (n_units,), optional
            Layer, area or sector of each unit; numbers from 0, or names.
        dead : {"drop", "zero"}, default="drop"
            Leave dead units out, or keep them with strength 0 to every other unit.
        precision, n_samples, layer_names
            As in the class.

        Examples
        --------
        >>> FunctionalNetwork.from_correlation([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 0]], "aab")
        FunctionalNetwork(2 nodes, mean |r| 0.500)
          a: 2 units
          b: 1 unit, 1 dead
        """
        matrix = _checked(np.asarray(r))
        n = len(matrix)
        given = np.zeros(n, dtype=np.int64) if layers is None else np.asarray(list(layers))
        if given.dtype.kind not in "iu":
            found = list(dict.fromkeys(given.tolist()))
            given = np.array([found.index(name) for name in given.tolist()])
            layer_names = layer_names or [str(name) for name in found]
        if given.shape != (n,) or given.min(initial=0) < 0:
            raise ValueError(
                f"layers have shape {given.shape}: give one layer from 0 on for each of {n} units."
            )
        is_dead = ~matrix.any(axis=1)
        matrix = matrix.copy()
        np.fill_diagonal(matrix, ~is_dead)
        units = correlation.strength(matrix, dead, precision)[1]
        matrix = matrix if len(units) == n else matrix[np.ix_(units, units)]
        names = tuple(layer_names)
        return cls(matrix, units, given, is_dead, int(n_samples), names, precision)

    @classmethod
    def from_activations(
        cls,
        signals: correlation.Chunks | Mapping[str, np.ndarray],
        layers: np.ndarray | Sequence[str] | None = None,
        *,
        labels: np.ndarray | None = None,
        dead: str = "drop",
        precision: str = "float64",
        min_active: int = 0,
    ) -> FunctionalNetwork:
        """Correlate plain activations, or any signals.

        Parameters
        ----------
        signals : ndarray (n_samples, n_units), chunks of such, or mapping of layer name to ndarray
            As `correlation_matrix` takes them; of a mapping, layers stand side by side.
        layers, dead, precision
            As in `from_correlation`.
        labels : ndarray of int, shape (n_samples,), optional
            Classes, for correlations within classes.
        min_active : int, default=0
            Leave out units that differ from 0 on fewer samples than this. Two units that are
            active on one and the same sample have r = 1, which says nothing.

        Examples
        --------
        >>> x = np.random.default_rng(0).normal(size=(50, 3))
        >>> FunctionalNetwork.from_activations({"hidden": x}).r.shape
        (3, 3)
        """
        if isinstance(signals, Mapping):
            layers = np.repeat(list(signals), [np.shape(part)[-1] for part in signals.values()])
            signals = np.concatenate([np.asarray(part) for part in signals.values()], axis=1)
        stack, shape = correlation.moments(signals, labels)
        if len(shape) > 1:
            raise ValueError(
                f"signals have shape (n_samples, {shape}): give one network at a time."
            )
        (moments,) = stack
        sparse = ~moments.dead & (moments.active < (min_active or FEW_ACTIVE))
        net = cls.from_correlation(
            moments.matrix(), layers, dead=dead, precision=precision, n_samples=moments.count
        )
        if min_active:
            kept = np.flatnonzero(~sparse[net.units])
            net = replace(net, r=net.r[np.ix_(kept, kept)], units=net.units[kept])
        elif sparse.any():
            _warn(
                f"{sparse.sum()} of {len(sparse)} units are active on fewer than {FEW_ACTIVE} of "
                f"{moments.count} samples, and their correlations rest on these: "
                f"min_active={FEW_ACTIVE} leaves them out."
            )
        if moments.count < 2 * len(net.units):
            _warn(
                f"{moments.count} samples are few for {len(net.units)} units: chance alone makes "
                "strong correlations below two samples per unit."
            )
        return net

    @property
    def layers(self) -> np.ndarray:
        """Layer (0, 1, ...) of each node, shape (n,); `layer_names` names them."""
        return self.unit_layers[self.units]

    @property
    def strength(self) -> np.ndarray:
        """Strength ``|r|`` of each pair of nodes, shape (n, n), in [0, 1], diagonal 0."""
        return correlation.strength(self.r, "zero", self.precision)[0]

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
        if np.ndim(density):
            return np.stack([graphs.spanning_density_graph(strength, d) for d in density])
        return graphs.spanning_density_graph(strength, density)

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
        """Return the persistence diagrams of 1 - |r|, up to a dimension: `topology.persistence`."""
        return topology.persistence(1 - self.strength - np.eye(len(self.r)), maxdim)

    def null(self, kind: str, n: int = 20, seed: int = 0, density: float = DENSITY) -> np.ndarray:
        """Return random graphs of the same density that keep a part of this network only.

        Parameters
        ----------
        kind : {"rewired", "lattice", "erdos_renyi", "hqs", "configuration"}
            What is kept: the degree of each node (at random, or joined to near ones of a ring), the
            number of edges, the mean and variance of r, or the strength of each node. The last two
            are random correlation matrices, cut as `graph` does.
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
        if kind in ("hqs", "configuration"):
            if kind == "hqs":
                drawn = graphs.hqs(self.r, n, seed)
            else:
                drawn = graphs.correlation_configuration(self.r, n, seed, self.n_samples or None)
            return np.stack([graphs.spanning_density_graph(np.abs(r), density) for r in drawn])
        graph = self.graph(density)
        if kind == "rewired":
            return graphs.rewired(graph, n, seed)
        if kind == "erdos_renyi":
            return graphs.erdos_renyi(len(graph), int(graph.sum()) // 2, n, seed)
        if kind == "lattice":
            return np.stack([graphs.lattice(graph, seed + k) for k in range(n)])
        raise ValueError(f"there is no null {kind!r}: {closest(kind, NULLS)}.")

    def to_networkx(self, density: float = DENSITY) -> nx.Graph:
        """Return a networkx graph: nodes with `layer` and `unit`, edges with `weight` |r|."""
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

    def save(self, path: str | Path) -> None:
        """Write the network to an .npz file of plain arrays."""
        with Path(path).open("wb") as file:
            np.savez_compressed(file, **{f.name: getattr(self, f.name) for f in fields(self)})

    @classmethod
    def load(cls, path: str | Path) -> FunctionalNetwork:
        """Read a network that `save` wrote; nothing in the file is executed."""
        with np.load(path, allow_pickle=False) as file:
            missing = [f.name for f in fields(cls) if f.name not in file]
            if missing:
                raise ValueError(
                    f"{path} is no functional network, it lacks {missing[0]!r}: write one by save."
                )
            parts = {f.name: file[f.name] for f in fields(cls)}
        parts["layer_names"] = tuple(parts["layer_names"].tolist())
        parts["n_samples"], parts["precision"] = int(parts["n_samples"]), str(parts["precision"])
        return cls(**parts)

    def _table(self) -> tuple[str, list[tuple[str, int, int]]]:
        """Return one line on the whole, and (name, units, dead units) of each layer."""
        pairs = self.strength[np.triu_indices(len(self.r), 1)]
        mean = f", mean |r| {pairs.mean():.3f}" if len(pairs) else ""
        seen = f", {self.n_samples:,} samples" if self.n_samples else ""
        rows = [
            (name, int((self.unit_layers == k).sum()), int(self.dead[self.unit_layers == k].sum()))
            for k, name in enumerate(self.layer_names)
        ]
        return f"{len(self.r)} nodes{seen}{mean}", rows

    def __repr__(self) -> str:
        head, rows = self._table()
        lines = [
            f"\n  {name}: {units} unit{'s' * (units != 1)}{f', {dead} dead' if dead else ''}"
            for name, units, dead in rows
        ]
        return f"FunctionalNetwork({head}){''.join(lines)}"

    def _repr_html_(self) -> str:
        head, rows = self._table()
        body = "".join(
            f"<tr><td>{escape(name)}</td><td>{units}</td><td>{dead}</td></tr>"
            for name, units, dead in rows
        )
        titles = "<tr><th>layer</th><th>units</th><th>dead</th></tr>"
        return f"<table><caption>Functional network: {head}</caption>{titles}{body}</table>"


def _checked(r: np.ndarray) -> np.ndarray:
    """Return a correlation matrix as float64, exactly symmetric, or say what is wrong with it."""
    if r.dtype.kind not in "fiub" or r.ndim != 2 or r.shape[0] != r.shape[1]:
        raise ValueError(f"r has shape {r.shape} and type {r.dtype}: give one real square matrix.")
    r = r.astype(np.float64)
    if not np.isfinite(r).all():
        raise ValueError("r holds NaN or infinity: set rows and columns of constant signals to 0.")
    if np.abs(r).max(initial=0) > 1 + 1e-6:
        raise ValueError(f"r goes up to {np.abs(r).max():.3g}: correlations lie in [-1, 1].")
    upper, lower = np.triu(r, 1), np.tril(r, -1).T
    gap = np.abs(upper - lower).max(initial=0)
    if gap > 1e-6:
        if not upper.any() or not lower.any():
            raise ValueError(
                "r holds one triangle only, the other is 0: fill it by r + r.T - diag(r), for "
                "(r + r.T) / 2 would halve every correlation."
            )
        raise ValueError(
            f"r is not symmetric, r[i, j] and r[j, i] differ by up to {gap:.3g}: check where it "
            "comes from."
        )
    return np.clip((r + r.T) / 2 if gap else r, -1, 1)


def _warn(message: str) -> None:
    warnings.warn(message, stacklevel=3)
