"""Arms: the ways of training a network that the book compares, one record each.

An arm adds one regularizer to the plain network and changes nothing else. This file stands on the
lowest floor, without torch, so that a configuration can check its arms before anything heavy loads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from funcnet_utils.errors import closest


@dataclass(frozen=True)
class Arm:
    """One way of training: the plain network and what is added to it.

    Parameters
    ----------
    name : str
        Name in code, tables and legends.
    title : str
        Name in sentences.
    color : str
        Colour in every figure (Okabe-Ito palette, safe for colour-blind readers).
    batch_norm : bool, default=False
        Batch normalization between the linear map and the activation of each hidden layer.
    layer_norm : bool, default=False
        Layer normalization in the same place. Unlike the others it changes the function of a
        network before the first training step.
    dropout : float, default=0.0
        Probability, in [0, 1), of silencing a hidden unit in a training step; applied between the
        linear map (and its normalization) and the activation, as in the paper.
    weight_decay : float, default=0.0
        L2 penalty (>= 0) of the Adam optimizer, on all parameters.
    label_smoothing : float, default=0.0
        Share, in [0, 1), of a label that is spread evenly over all classes in the training loss.
    other_order : bool, default=False
        Draw batches in another order. Alone it makes an A/A arm: the same initial weights and the
        same training, so whatever differs between it and the plain network is chance.

    Raises
    ------
    ValueError
        If a rate is out of its range, or both normalizations are asked for.

    References
    ----------
    Zhang, Dong, Zhang, Lin (2023), arXiv:2205.11702. Ioffe, Szegedy (2015), arXiv:1502.03167.
    Srivastava et al. (2014), https://jmlr.org/papers/v15/srivastava14a.html. Ba, Kiros, Hinton
    (2016), arXiv:1607.06450. Szegedy et al. (2016), doi:10.1109/CVPR.2016.308.

    Examples
    --------
    >>> Arm("dropout", "dropout", "#009E73", dropout=0.5).recipe()
    {'name': 'dropout', 'dropout': 0.5}
    """

    name: str
    title: str
    color: str
    batch_norm: bool = False
    layer_norm: bool = False
    dropout: float = 0.0
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    other_order: bool = False

    def __post_init__(self) -> None:
        for key, top in (("dropout", 1), ("label_smoothing", 1), ("weight_decay", math.inf)):
            now = getattr(self, key)
            if not 0 <= now < top:
                raise ValueError(f"arm {self.name!r} has {key} {now}: choose a rate in [0, {top}).")
        if self.batch_norm and self.layer_norm:
            raise ValueError(f"arm {self.name!r} has batch norm and layer norm: choose one.")

    def recipe(self) -> dict[str, object]:
        """Return what decides the numbers: the name, and what is added to the plain network."""
        plain = vars(Arm("", self.title, self.color))
        return {name: value for name, value in vars(self).items() if value != plain[name]}


ARMS: dict[str, Arm] = {
    arm.name: arm
    for arm in (
        Arm("vanilla", "vanilla", "#0072B2"),
        Arm("batch_norm", "batch norm", "#D55E00", batch_norm=True),
        Arm("dropout", "dropout", "#009E73", dropout=0.5),
        Arm("weight_decay", "weight decay", "#CC79A7", weight_decay=1e-4),
        Arm("batch_norm+dropout", "batch norm + dropout", "#E69F00", batch_norm=True, dropout=0.5),
        Arm("layer_norm", "layer norm", "#56B4E9", layer_norm=True),
        Arm("label_smoothing", "label smoothing", "#7F6000", label_smoothing=0.1),
        Arm("vanilla_aa", "A/A: vanilla, other batch order", "#332288", other_order=True),
    )
}


def get_arm(arm: str | Arm) -> Arm:
    """Return the record of an arm.

    Parameters
    ----------
    arm : str or Arm
        A name in `ARMS`, or a record, which is returned as it is.

    Raises
    ------
    ValueError
        If no arm has that name; the closest name is suggested.

    Examples
    --------
    >>> get_arm("batch_norm").title
    'batch norm'
    """
    if isinstance(arm, Arm):
        return arm
    if arm not in ARMS:
        raise ValueError(f"there is no arm {arm!r}: {closest(str(arm), ARMS)}.")
    return ARMS[arm]
