"""Attacks of the Adversarial Robustness Toolbox on one network, as a second opinion.

The toolbox is imported at the first call: it takes seconds, and most studies need it for one
network only.
"""

from __future__ import annotations

import copy
import warnings
from contextlib import ExitStack
from typing import Any

import numpy as np
import torch

from funcnet_utils._hooks import still
from funcnet_utils.errors import check_choice, check_int
from funcnet_utils.models.classifier import Networks, check_epsilon, check_samples, members
from funcnet_utils.models.modes import single_thread

AUTO = "AutoProjectedGradientDescent"
LIBRARY_ATTACKS: dict[str, tuple[str, str, dict[str, Any]]] = {  # class, its word for restarts,
    "fgsm": ("FastGradientMethod", "", {}),  # and its own options
    "pgd": ("ProjectedGradientDescentPyTorch", "num_random_init", {}),
    "apgd_ce": (AUTO, "nb_random_init", {"loss_type": "cross_entropy"}),
    "apgd_dlr": (AUTO, "nb_random_init", {"loss_type": "difference_logits_ratio"}),
    "square": ("SquareAttack", "nb_restarts", {}),
}


def library_attack(
    networks: Networks,
    k: int,
    images: np.ndarray,
    labels: np.ndarray,
    epsilon: float,
    attack: str,
    *,
    steps: int = 40,
    restarts: int = 5,
    shape: tuple[int, ...] | None = None,
    seed: int = 0,
) -> np.ndarray:
    """Attack one network with the Adversarial Robustness Toolbox.

    Parameters
    ----------
    networks : Population, Classifier or sequence of Classifier
        Networks that torch runs: those of a population, or what `classifier` made of a module.
    k : int
        Index of the network that is attacked.
    images, labels
        As for `funcnet_utils.models.fgsm`.
    epsilon : float
        Largest change of a pixel, in (0, 1].
    attack : {"fgsm", "pgd", "apgd_ce", "apgd_dlr", "square"}
        Fast gradient sign; projected gradient descent; auto-PGD on the cross-entropy or on the
        difference of logits ratio (which needs at least 3 classes); the black-box square attack.
    steps, restarts : int, default=40 and 5
        Iterations and random starts; "square" makes `steps` queries. "pgd" takes the steps of
        `funcnet_utils.models.pgd`; auto-PGD starts with twice epsilon, as its authors do.
    shape : tuple of int, optional
        Height, width and, for colour, 3: the square attack draws squares. By default that of
        `classifier`, channels first, or square grey images.
    seed : int, default=0
        Seed of the toolbox, which uses the global generator of numpy; its state is put back.

    Returns
    -------
    ndarray of float32, of the shape of the images

    References
    ----------
    Nicolae et al. (2018), arXiv:1807.01069. Croce, Hein (2020), arXiv:2003.01690. Andriushchenko,
    Croce, Flammarion, Hein (2020), arXiv:1912.00049.
    """
    check_choice("attack", attack, LIBRARY_ATTACKS)
    one = members(networks)[k]
    if not hasattr(one, "plain"):
        raise ValueError(
            f"network {k} is a {type(one).__name__}: the toolbox attacks what torch runs, so give "
            "classifier(module, shape)."
        )
    pixels, classes = check_samples(one, images, labels)
    radius = check_epsilon(epsilon)
    if radius == 0:
        return pixels.numpy().reshape(np.shape(images))
    check_int("steps", steps, 1)
    check_int("restarts", restarts, 1)
    if attack == "apgd_dlr" and one.n_classes < 3:
        raise ValueError("attack 'apgd_dlr' compares three classes: choose 'apgd_ce' for two.")
    channels_first = shape is None and len(one.shape) == 3
    form = one.shape if channels_first else _form(one.n_inputs, shape)
    kind, starts, options = LIBRARY_ATTACKS[attack]
    options = {"eps": radius, "batch_size": len(pixels), **options}
    if starts:
        options |= {"max_iter": steps, starts: restarts, "verbose": False}
    if attack == "pgd" or kind == AUTO:
        options["eps_step"] = 2 * radius if kind == AUTO else 2.5 * radius / steps
    # in a notebook, the toolbox misses widgets that it never shows
    with warnings.catch_warnings(action="ignore"):
        from art.attacks import evasion
        from art.estimators.classification import PyTorchClassifier

    given = pixels.numpy().reshape(-1, *form)
    within = (slice(None), *map(slice, form))
    cut = torch.nn.Flatten()
    cut.register_forward_pre_hook(lambda _, larger: larger[0][within])
    network = torch.nn.Sequential(cut, copy.deepcopy(one.plain()).cpu())
    if attack == "square":  # the toolbox draws squares in square images only
        sides = (1, 2) if channels_first else (0, 1)
        longest = max(form[side] for side in sides)
        form = tuple(longest if side in sides else size for side, size in enumerate(form))
        sizes = zip((len(given), *form), given.shape, strict=True)
        given = np.pad(given, [(0, new - old) for new, old in sizes])
    with single_thread(), still(network), torch.enable_grad(), ExitStack() as stack:
        stack.callback(np.random.set_state, np.random.get_state())  # noqa: NPY002
        np.random.seed(seed)  # noqa: NPY002
        how = {"channels_first": channels_first, "clip_values": (0.0, 1.0), "device_type": "cpu"}
        asked = PyTorchClassifier(network, torch.nn.CrossEntropyLoss(), form, one.n_classes, **how)
        targets = np.eye(one.n_classes)[classes.numpy()]
        found = getattr(evasion, kind)(asked, **options).generate(given, y=targets)
    return np.asarray(found[within], dtype=np.float32).reshape(np.shape(images))


def _form(inputs: int, shape: tuple[int, ...] | None) -> tuple[int, ...]:
    side = round(inputs**0.5)
    form = (side, side) if shape is None else tuple(shape)
    if np.prod(form) != inputs:
        raise ValueError(
            f"shape is {shape}, but images have {inputs} pixels: give height, width and, for "
            "colour, 3."
        )
    return form if len(form) == 3 else (*form, 1)
