"""Arms: the ways of training a network that the book compares, one record each.

An arm adds one regularizer to the plain network and changes nothing else. This file stands on the
lowest floor, without torch, so that a configuration can check its arms before anything heavy loads.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from funcnet_utils.errors import closest


@dataclass(frozen=True)
class Arm:
    """One way of training.

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
    dropout : float, default=0.0
        Probability, in [0, 1), of silencing a hidden unit in a training step; applied between the
        linear map and the activation, as in the paper.
    weight_decay : float, default=0.0
        L2 penalty (>= 0) of the Adam optimizer.

    References
    ----------
    Zhang, Dong, Zhang, Lin (2023), arXiv:2205.11702.

    Examples
    --------
    >>> Arm("dropout", "dropout", "#009E73", dropout=0.5).recipe()
    {'name': 'dropout', 'batch_norm': False, 'dropout': 0.5, 'weight_decay': 0.0}
    """

    name: str
    title: str
    color: str
    batch_norm: bool = False
    dropout: float = 0.0
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.dropout < 1:
            raise ValueError(
                f"arm {self.name!r} has dropout {self.dropout}: choose a rate in [0, 1)."
            )
        if not self.weight_decay >= 0:
            raise ValueError(
                f"arm {self.name!r} has weight_decay {self.weight_decay}: choose a number >= 0."
            )

    def recipe(self) -> dict[str, object]:
        """Return what decides the numbers: every field but the title and the colour."""
        return {key: value for key, value in asdict(self).items() if key not in ("title", "color")}


ARMS: dict[str, Arm] = {
    arm.name: arm
    for arm in (
        Arm("vanilla", "vanilla", "#0072B2"),
        Arm("batch_norm", "batch norm", "#D55E00", batch_norm=True),
        Arm("dropout", "dropout", "#009E73", dropout=0.5),
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
