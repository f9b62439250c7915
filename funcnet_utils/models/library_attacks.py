"""Attacks of the Adversarial Robustness Toolbox on one network, as a second opinion.

The toolbox is imported at the first call: it takes seconds, and most studies need it for one
network only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from funcnet_utils.errors import closest
from funcnet_utils.models.input_gradient import check_count, check_epsilon, check_samples
from funcnet_utils.models.population import Population
from funcnet_utils.models.training import single_thread

LIBRARY_ATTACKS = ("fgsm", "pgd", "apgd_ce", "apgd_dlr", "square")


def library_attack(
    population: Population,
    k: int,
    images: np.ndarray,
    labels: np.ndarray,
    epsilon: float,
    attack: str,
    *,
    steps: int = 40,
    restarts: int = 5,
    step_size: float | None = None,
    shape: tuple[int, ...] | None = None,
    seed: int = 0,
) -> np.ndarray:
    """Attack one network with the Adversarial Robustness Toolbox.

    Parameters
    ----------
    population : Population
    k : int
        Index of the network within the population.
    images : ndarray, shape (n_samples, n_inputs)
        Pixels in [0, 1].
    labels : ndarray of int, shape (n_samples,)
        The right classes.
    epsilon : float
        Largest change of a pixel, in (0, 1].
    attack : {"fgsm", "pgd", "apgd_ce", "apgd_dlr", "square"}
        Fast gradient sign; projected gradient descent; auto-PGD on the cross-entropy or on the
        difference of logits ratio (which needs at least 3 classes); the black-box square attack.
    steps, restarts : int, default=40 and 5
        Iterations and random starts; "square" makes `steps` queries.
    step_size : float, optional
        As for `funcnet_utils.models.pgd`, ``2.5 * epsilon / steps`` by default; auto-PGD starts
        with twice epsilon, as its authors do.
    shape : tuple of int, optional
        Height, width and, for colour, 3: the square attack draws squares. Square grey images by
        default.
    seed : int, default=0
        Seed of the toolbox, which uses the global generator of numpy; its state is put back.

    Returns
    -------
    ndarray of float32, shape (n_samples, n_inputs)

    Raises
    ------
    ValueError
        If an argument is out of its range, or images and labels do not fit.

    References
    ----------
    Nicolae et al. (2018), arXiv:1807.01069. Croce, Hein (2020), arXiv:2003.01690. Andriushchenko,
    Croce, Flammarion, Hein (2020), arXiv:1912.00049.
    """
    if attack not in LIBRARY_ATTACKS:
        raise ValueError(f"there is no attack {attack!r}: {closest(str(attack), LIBRARY_ATTACKS)}.")
    pixels, classes = check_samples(population, images, labels)
    radius = check_epsilon(epsilon)
    if radius == 0:
        return pixels.numpy()
    check_count("steps", steps)
    check_count("restarts", restarts)
    if attack == "apgd_dlr" and population.widths[-1] < 3:
        raise ValueError("attack 'apgd_dlr' compares three classes: choose 'apgd_ce' for two.")
    form = _form(pixels.shape[1], shape)
    options: dict[str, Any] = {"eps": radius, "batch_size": len(pixels)}
    if attack != "fgsm":
        options |= {"max_iter": steps, "verbose": False}
    if attack == "pgd":
        step = 2.5 * radius / steps if step_size is None else step_size
        options |= {"eps_step": step, "num_random_init": restarts}
    elif attack == "square":
        options["nb_restarts"] = restarts
    elif attack.startswith("apgd"):
        loss = "cross_entropy" if attack == "apgd_ce" else "difference_logits_ratio"
        options |= {"eps_step": 2 * radius, "nb_random_init": restarts, "loss_type": loss}
    with single_thread(), _seeded(seed):
        found = _attack(attack)(_classifier(population, k, form), **options).generate(
            pixels.numpy().reshape(-1, *form), y=np.eye(population.widths[-1])[classes.numpy()]
        )
    return np.asarray(found, dtype=np.float32).reshape(pixels.shape)


def _attack(name: str) -> Any:
    from art.attacks import evasion

    return {
        "fgsm": evasion.FastGradientMethod,
        "pgd": evasion.ProjectedGradientDescentPyTorch,
        "apgd_ce": evasion.AutoProjectedGradientDescent,
        "apgd_dlr": evasion.AutoProjectedGradientDescent,
        "square": evasion.SquareAttack,
    }[name]


def _classifier(population: Population, k: int, form: tuple[int, ...]) -> Any:
    from art.estimators.classification import PyTorchClassifier

    network = torch.nn.Sequential(torch.nn.Flatten(), *population.network(k)).eval()
    return PyTorchClassifier(
        network,
        loss=torch.nn.CrossEntropyLoss(),
        input_shape=form,
        nb_classes=population.widths[-1],
        channels_first=False,
        clip_values=(0.0, 1.0),
        device_type="cpu",
    )


def _form(inputs: int, shape: tuple[int, ...] | None) -> tuple[int, ...]:
    side = round(inputs**0.5)
    form = (side, side) if shape is None else tuple(shape)
    if np.prod(form) != inputs:
        raise ValueError(
            f"shape is {shape}, but images have {inputs} pixels: give height, width and, for "
            "colour, 3."
        )
    return form if len(form) == 3 else (*form, 1)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002
