"""The configuration of a study: a small frozen record from which every number follows."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import reprlib
from dataclasses import dataclass
from typing import Any

from funcnet_utils.arms import get_arm
from funcnet_utils.correlation import memory_needed
from funcnet_utils.datasets import dataset_identity
from funcnet_utils.errors import check_choice, check_int, check_real
from funcnet_utils.topology.memory import available_memory

SWEEP = (0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.10, 0.12, 0.15, 0.18, 0.22, 0.26, 0.30)
CHOICES = {
    "probe": ("test", "train", "noise"),
    "edges": ("pearson", "class_residual"),
    "dead": ("drop", "zero"),
    "precision": ("float64", "float16"),
}
LEAST = {"n_networks": 1, "n_epochs": 0, "batch_size": 2, "n_null": 1, "n_attacked": 1}
LEAST |= {"attack_steps": 1, "attack_restarts": 1, "n_lesions": 1, "block_size": 1}
MEASURES, ROW = 20, 100
"""Measures of a graph, and bytes of a row of a table: least values, to refuse what cannot fit."""
RISING = ("densities", "epsilons", "checkpoints")
PRESETS: dict[str, dict[str, Any]] = {
    "book": {},
    "paper2022": {"dataset": "mnist", "n_epochs": 100, "probe": "train"}
    | {"dead": "zero", "precision": "float16"},
}


@dataclass(frozen=True)
class StudyConfig:
    """What a study does. The same configuration gives the same numbers.

    Parameters
    ----------
    dataset : str, default="mnist_5k"
        Name or path for `funcnet_utils.datasets.load_dataset`.
    hidden : tuple of int, default=(100, 50)
        Units of each hidden layer; they are the nodes of the functional network.
    arms : tuple of str, default=("vanilla", "batch_norm", "dropout")
        Arms to train, names in `funcnet_utils.arms.ARMS`.
    n_networks : int, default=20
        Networks of each arm, at least 1.
    n_epochs : int, default=30
        Passes over the training set; 0 leaves the networks untrained.
    batch_size : int, default=64
        Samples of a training step; at least 2, because batch norm needs a variance.
    learning_rate : float, default=3e-4
        Step of the Adam optimizer, > 0.
    seed : int, default=0
        Root of all randomness, in [0, 2**32).
    device : str, default="cpu"
        Where to train and attack, such as "cuda"; a GPU rounds differently, so it belongs to the
        configuration.
    checkpoints : tuple of int
        Epochs before the last after which parameters, losses and accuracies are kept as well; 0 is
        before training.
    block_size : int, default=5
        Networks that are trained and kept together, at least 1; no number depends on it.
    probe : {"test", "train", "noise"}, default="test"
        Images over which activations are correlated; noise has independent uniform pixels, as many
        as there are test images.
    edges : {"pearson", "class_residual"}, default="pearson"
        Correlate activations, or what is left of them without the mean of their class.
    dead : {"drop", "zero"}, default="drop"
        Units of constant activation: not a node, or a node without correlation (as in the paper).
    precision : {"float64", "float16"}, default="float64"
        Precision of the weights ``|r|``; half precision, the paper's choice, makes ties.
    density : float, default=0.05
        Share of all pairs of units that become edges, in (0, 1].
    densities : tuple of float
        The sweep over densities.
    n_null : int, default=20
        Degree-preserving null graphs of each graph, at least 1.
    epsilons : tuple of float
        Sizes of the attacks, in [0, 1]: the largest change of a pixel.
    n_attacked : int, default=500
        Test images that are attacked, the first ones, at least 1; fewer if there are fewer.
    attack_steps : int, default=40
        Steps of projected gradient descent, at least 1.
    attack_restarts : int, default=5
        Random starts of it, at least 1.
    n_lesions : int, default=10
        Random draws of each lesion, at least 1.

    References
    ----------
    Zhang, Dong, Zhang, Lin (2023), arXiv:2205.11702.

    Examples
    --------
    >>> config = StudyConfig(n_networks=5)
    >>> config.hash == StudyConfig(n_networks=5).hash
    True
    >>> config.untrained().n_epochs
    0
    """

    dataset: str = "mnist_5k"
    hidden: tuple[int, ...] = (100, 50)
    arms: tuple[str, ...] = ("vanilla", "batch_norm", "dropout")
    n_networks: int = 20
    n_epochs: int = 30
    batch_size: int = 64
    learning_rate: float = 3e-4
    seed: int = 0
    device: str = "cpu"
    checkpoints: tuple[int, ...] = (0, 1, 2, 3, 5, 8, 13, 20, 34, 50, 100)
    block_size: int = 5
    probe: str = "test"
    edges: str = "pearson"
    dead: str = "drop"
    density: float = 0.05
    densities: tuple[float, ...] = SWEEP
    n_null: int = 20
    precision: str = "float64"
    epsilons: tuple[float, ...] = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
    n_attacked: int = 500
    attack_steps: int = 40
    attack_restarts: int = 5
    n_lesions: int = 10

    def __post_init__(self) -> None:
        checked: dict[str, Any] = {}
        for name in ("hidden", "arms", "densities", "epsilons", "checkpoints"):
            value, usual = getattr(self, name), getattr(type(self), name)
            if isinstance(value, str) or not hasattr(value, "__iter__"):
                raise ValueError(f"{name} is {value!r}: give a tuple, such as {usual}.")
            checked[name] = tuple(value)
            if name in ("hidden", "arms") and not checked[name]:
                raise ValueError(f"{name} is empty: give at least one, such as {usual}.")
        dataset_identity(self.dataset)
        arms = checked["arms"] = tuple(get_arm(str(arm)).name for arm in checked["arms"])
        if len(set(arms)) < len(arms):
            raise ValueError(f"arms {arms} names an arm twice: name each arm once.")
        for name, low in (("hidden", 1), ("checkpoints", 0)):
            checked[name] = tuple(check_int(name, value, low) for value in checked[name])
        for name, low in LEAST.items():
            checked[name] = check_int(name, getattr(self, name), low)
        checked["seed"] = check_int("seed", self.seed, 0, 2**32 - 1)
        for name, choices in CHOICES.items():
            check_choice(name, getattr(self, name), choices)
        usual = "a number > 0, such as 3e-4,"
        checked["learning_rate"] = check_real("learning_rate", self.learning_rate, 0, 1e9, usual)
        if not checked["learning_rate"]:
            raise ValueError(f"learning_rate is 0: choose {usual} up to 1e9.")
        least = 2 / max(sum(checked["hidden"]), 2)
        tree = f"a share of all pairs (the spanning tree of the units alone needs {least:.4g})"
        densities = [self.density, *checked["densities"]]
        densities = [check_real("density", each, least, 1, tree) for each in densities]
        checked |= {"density": densities[0], "densities": densities}
        checked["epsilons"] = [0.0, *(check_real("epsilon", e, 0, 1) for e in checked["epsilons"])]
        for name, value in checked.items():
            unique = tuple(sorted(set(value))) if name in RISING else value
            object.__setattr__(self, name, unique)
        self._refuse_if_too_large()

    def _refuse_if_too_large(self) -> None:
        """Refuse what would not fit the free memory, before any work."""
        units, free = sum(self.hidden), available_memory()
        weights = sum(a * b for a, b in itertools.pairwise(self.hidden))
        rows = self.n_epochs + len(self.checkpoints) + MEASURES * len(self.densities)
        needs = {
            "hidden": memory_needed(units) + 16 * weights,  # and what Adam remembers
            "densities": units**2 * sum(1 + 8 * density for density in self.densities),
            "n_null": 8 * self.n_null * units**2,
            "n_networks": ROW * len(self.arms) * self.n_networks * MEASURES,
            "n_epochs": ROW * len(self.arms) * self.n_networks * rows,
        }
        for name, needed in needs.items():
            if needed > free:
                raise ValueError(
                    f"{name} is {reprlib.repr(getattr(self, name))}, which takes about "
                    f"{needed / 2**30:,.1f} GiB of memory, and {free / 2**30:,.1f} are free: "
                    "choose less."
                )

    @property
    def epochs_kept(self) -> tuple[int, ...]:
        """Epochs whose parameters are kept: the checkpoints that were reached, and the last."""
        return (*(each for each in self.checkpoints if each < self.n_epochs), self.n_epochs)

    @classmethod
    def preset(cls, name: str, **changes: Any) -> StudyConfig:
        """Return a named configuration, with changes of its fields.

        Parameters
        ----------
        name : {"book", "paper2022"}
            `book`: the defaults. `paper2022`: the choices of the paper's authors, as far as
            their text and released code tell.
        **changes
            Fields that differ.

        Examples
        --------
        >>> StudyConfig.preset("paper2022", dataset="mnist_5k").precision
        'float16'
        """
        check_choice("preset", name, tuple(PRESETS))
        return cls(**{**PRESETS[name], **changes})

    @property
    def hash(self) -> str:
        """First 12 hexadecimal digits of the SHA-256 of the fields as canonical JSON."""
        text = json.dumps(self.as_dict(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as JSON values, the recipe of each arm spelt out."""
        fields = dataclasses.asdict(self) | dataset_identity(self.dataset)
        fields["arms"] = [get_arm(arm).recipe() for arm in self.arms]
        return json.loads(json.dumps(fields))

    def untrained(self) -> StudyConfig:
        """Return the negative control: the same study before the first training step."""
        return dataclasses.replace(self, n_epochs=0)


def parse_hidden(text: str) -> tuple[int, ...]:
    """Read hidden layers written with hyphens, as notebook parameters are plain scalars.

    Examples
    --------
    >>> parse_hidden("400-400-200")
    (400, 400, 200)
    """
    try:
        return tuple(int(units) for units in str(text).split("-"))
    except ValueError:
        raise ValueError(
            f"hidden is {text!r}: write the units of each layer joined by hyphens, such as 100-50."
        ) from None
