"""What a functional network is made of, what makes it, and how it is kept and shown."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from html import escape
from pathlib import Path
from typing import Self

import numpy as np

from funcnet_utils import correlation
from funcnet_utils.datasets.records import decoding
from funcnet_utils.errors import check_choice
from funcnet_utils.graphs._graph import check_correlations

FEW_ACTIVE = 5


@dataclass(frozen=True, eq=False, repr=False)
class NetworkRecord:
    """The parts of a functional network.

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
    ) -> Self:
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
        >>> NetworkRecord.from_correlation([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 0]], "aab")
        NetworkRecord(2 nodes, mean |r| 0.500)
          a: 2 units
          b: 1 unit, 1 dead
        """
        check_choice("dead", dead, ("drop", "zero"))
        check_choice("precision", precision, ("float64", "float16"))
        matrix = check_correlations(r, dead=True)
        del r  # large, and a copy of it may follow
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
        if 0 < len(layer_names) <= given.max(initial=-1):
            raise ValueError(f"there are {given.max() + 1} layers: give each a name.")
        is_dead = np.logical_not(matrix.any(axis=1))
        np.fill_diagonal(matrix, ~is_dead)
        units = np.flatnonzero(~is_dead) if dead == "drop" else np.arange(n)
        matrix = matrix if len(units) == n else matrix[np.ix_(units, units)]
        return cls(matrix, units, given, is_dead, int(n_samples), tuple(layer_names), precision)

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
    ) -> Self:
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
        >>> NetworkRecord.from_activations({"hidden": x}).r.shape
        (3, 3)
        """
        if isinstance(signals, Mapping):
            layers = np.repeat(list(signals), [np.shape(part)[-1] for part in signals.values()])
            signals = np.concatenate([np.asarray(part) for part in signals.values()], axis=1)
        labels = None if labels is None else np.asarray(labels)  # also of a tensor
        stack, shape = correlation.moments(signals, labels)
        if len(shape) > 1:
            raise ValueError(f"signals are a stack of {shape[:-1]}: give one network at a time.")
        (moments,) = stack
        few = ~moments.dead & (moments.active < (min_active or FEW_ACTIVE))
        count = moments.count
        net = cls.from_correlation(
            moments.matrix(), layers, dead=dead, precision=precision, n_samples=count
        )
        if min_active:
            kept = np.flatnonzero(~few[net.units])
            net = replace(net, r=net.r[np.ix_(kept, kept)], units=net.units[kept])
        elif few.any():
            _warn(
                f"{few.sum()} of {len(few)} units are active on fewer than {FEW_ACTIVE} of "
                f"{count} samples, and their correlations rest on these: "
                f"min_active={FEW_ACTIVE} leaves them out."
            )
        if count < 2 * len(net.units):
            _warn(
                f"{count} samples are few for {len(net.units)} units: chance alone makes "
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

    def save(self, path: str | Path) -> None:
        """Write the network to an .npz file of plain arrays."""
        with Path(path).open("wb") as file:
            np.savez_compressed(file, **{f.name: getattr(self, f.name) for f in fields(self)})

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a network that `save` wrote; nothing in the file is executed."""
        checked = decoding(Path(path), "is no file of a network", "write it by save")
        with checked, Path(path).open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            parts = {f.name: file[f.name] for f in fields(cls)}
            parts["layer_names"] = tuple(parts["layer_names"].tolist())
            parts |= {"n_samples": int(parts["n_samples"]), "precision": str(parts["precision"])}
            net, kinds = cls(**parts), [parts[name].dtype.kind for name in ("units", "dead")]
            kinds.append(net.layers.dtype.kind.replace("u", "i"))
            sizes = len(check_correlations(net.r, dead=True)), len(net.dead)
            if (*kinds, *sizes) != (*"ibi", len(net.layers), len(net.unit_layers)):
                raise ValueError("its arrays do not fit each other")
            return net

    def __repr__(self) -> str:
        pairs = self.strength[np.triu_indices(len(self.r), 1)]
        mean = f", mean |r| {pairs.mean():.3f}" if len(pairs) else ""
        seen = f", {self.n_samples:,} samples" if self.n_samples else ""
        lines = [f"{type(self).__name__}({len(self.r)} nodes{seen}{mean})"]
        for layer, name in enumerate(self.layer_names):
            dead = self.dead[self.unit_layers == layer]
            lines.append(f"  {name}: {len(dead)} unit{'s' * (len(dead) != 1)}")
            lines[-1] += f", {dead.sum()} dead" * bool(dead.any())
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>"


def _warn(message: str) -> None:
    warnings.warn(message, stacklevel=3)
