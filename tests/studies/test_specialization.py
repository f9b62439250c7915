"""Specialization is found where it is planted, and nowhere else."""

import numpy as np
import pytest
import torch

from funcnet_utils import studies
from funcnet_utils.datasets import Split, load_dataset
from funcnet_utils.models import Population, lesion_curve
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.specialization import (
    class_losses,
    d_prime,
    decoding,
    specialization,
    specialization_at,
    unit_selectivity,
)
from funcnet_utils.studies.store import Store

RNG = np.random.default_rng(0)
CLASSES, EACH, IMAGES = 5, 4, 1000
UNITS = np.arange(2 * CLASSES * EACH).reshape(2, CLASSES, EACH)
OWN = [UNITS[:, c].ravel() for c in range(CLASSES)]
SHARED = [UNITS[:, :, k].ravel() for k in range(EACH)]
"""Modules that hold one class each, and modules of one unit of each class and layer."""


@pytest.fixture(scope="module")
def planted():
    """A network whose class c has a bright pixel, units of both layers and an output of its own."""
    labels = np.arange(IMAGES) // 2 % CLASSES
    images = RNG.uniform(0, 0.4, (IMAGES, CLASSES)).astype(np.float32)
    images[np.arange(IMAGES), labels] = RNG.uniform(0.5, 0.9, IMAGES).astype(np.float32)
    eye = np.eye(CLASSES, dtype=np.float32)
    wide = np.repeat(eye, EACH, axis=1)  # pixel or output c goes with the units of class c
    network = Population(1, (CLASSES, CLASSES * EACH, CLASSES * EACH, CLASSES), "vanilla", seed=0)
    for layer, weight in enumerate((wide, wide.T @ wide / EACH, wide.T / EACH)):
        network.weights[layer].data = torch.from_numpy(weight.copy())[None]
        network.biases[layer].data.zero_()
    return network.eval(), Split(images, labels)


def test_d_prime_of_normal_signals_is_their_distance_in_spreads():
    labels = np.repeat([3, 7], 50_000)
    one = RNG.normal(size=100_000) * np.where(labels == 3, 1.0, 2.0) + 1.5 * (labels == 3)
    found = d_prime(np.stack([one, np.full(100_000, 0.3)], axis=1), labels)
    expected = 1.5 / np.sqrt((1 + 4) / 2)  # the standard error is 0.007
    np.testing.assert_allclose(found, [[expected, 0], [-expected, 0]], atol=0.04)


def test_a_unit_of_one_class_is_selective_and_no_unit_is_for_shuffled_classes(planted):
    split = planted[1]
    shown = split.images
    index, d = unit_selectivity(shown, split.labels)
    means = [
        (shown[split.labels == c, c].mean(), shown[split.labels != c, c].mean())
        for c in range(CLASSES)
    ]
    np.testing.assert_allclose(index, [(m - o) / (m + o) for m, o in means], atol=0.01)
    assert (index > 0.5).all()
    assert (d > 4).all()
    many = RNG.random((IMAGES, 400))
    index, d = unit_selectivity(many, RNG.permutation(split.labels))
    # of 400 units the mean d' has the standard error sqrt(1/200 + 1/800) / sqrt(400)
    assert abs(d.mean()) < 0.02
    assert abs(index.mean()) < 0.01


def test_index_by_hand():
    labels = np.repeat([0, 1, 2], 4)
    shown = np.array([[3.0], [1.0], [-2.0]])[labels]  # below 0 counts as 0
    assert unit_selectivity(shown, labels)[0] == pytest.approx((3 - 0.5) / (3 + 0.5))
    assert unit_selectivity(0 * shown, labels)[0] == 0


def test_a_linear_score_decodes_what_units_hold(planted):
    split = planted[1]
    shown = np.c_[split.images, RNG.normal(size=IMAGES)]
    found = decoding(shown, split.labels, [np.array([2]), np.array([5]), np.arange(6)])
    assert found[0].argmax() == 2
    assert found[0, 2] > 5 * np.delete(found[0], 2).max()
    assert np.abs(found[1]).max() < 0.3  # a unit of noise
    assert (found[2] > 4).all()
    again = decoding(shown * [1, 2, 3, 4, 5, 6] + 7, split.labels, [np.arange(6)])
    np.testing.assert_allclose(again[0], found[2], rtol=1e-9)


def test_losses_of_classes_average_to_those_of_the_lesion_curve():
    split = load_dataset("digits").test
    network = Population(1, (64, 20, 12, 10), "batch_norm", seed=0).eval()
    units = RNG.permutation(32)
    weights = np.bincount(split.labels) / len(split)
    for clamp in ("zero", "mean"):
        curve = lesion_curve(network, split.images, split.labels, units, (0, 0.25, 0.5), clamp)[0]
        losses = class_losses(network, split, [units[:8], units[:16]], clamp)
        np.testing.assert_allclose(losses @ weights, curve[0] - curve[1:], atol=1e-12)
    with pytest.raises(ValueError, match="clamp"):
        class_losses(network, split, [units], "silent")


def test_modules_of_one_class_are_specialized_and_mixed_modules_are_not(planted):
    network, split = planted
    own = specialization(network, split, OWN, 5, np.random.default_rng(0))
    mixed = specialization(network, split, SHARED, 5, np.random.default_rng(0))
    assert own["selectivity"] == mixed["selectivity"] > 0.5
    assert own["zero modules"] == pytest.approx(1 - 1 / CLASSES)  # one class lost, no other
    assert own["zero level"] == pytest.approx(1 / CLASSES)
    assert mixed["zero modules"] == 0
    for name in ("decoding", "zero", "mean"):
        assert own[f"{name} modules"] > 2 * own[f"{name} scattered"]
        assert own[f"{name} modules"] > 2 * own[f"{name} equal"]
        assert own[f"{name} own"] > 2 * own[f"{name} own scattered"]
        assert mixed[f"{name} modules"] <= mixed[f"{name} scattered"] + 0.05


def test_modules_drawn_at_random_do_as_scattered_units():
    split = load_dataset("digits").test
    network = Population(1, (64, 40, 20, 10), "vanilla", seed=1).eval()
    found = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        modules = np.split(rng.permutation(60), 6)
        found.append(specialization(network, split, modules, 3, rng))
    pairs = [(f"{name} modules", f"{name} scattered") for name in ("decoding", "zero", "mean")]
    pairs += [(f"{name} own", f"{name} own scattered") for name in ("decoding", "zero", "mean")]
    for one, other in pairs:
        gap = np.array([each[one] - each[other] for each in found])
        assert abs(gap.mean()) < 4 * gap.std(ddof=1) / np.sqrt(len(gap))


def test_networks_of_a_study(tmp_path):
    config = StudyConfig("digits", (30, 15), n_networks=2, n_epochs=2, n_null=1, densities=())
    study = studies.run(config, store=Store(tmp_path), workers=1)
    sizes = {"n_images": 200, "draws": 2}
    rows = [specialization_at(study, arm, 1, 0, **sizes) for arm in config.arms]
    assert rows[0] == rows[1] == rows[2]  # before training arms are the same networks
    last = specialization_at(study, "dropout", 1, 2, **sizes)
    assert last == specialization_at(study, "dropout", 1, 2, **sizes)
    for name in ("clustering", "modularity"):
        assert last[name] == pytest.approx(study.measure(name).loc[1, "dropout"], abs=1e-9)
    kept = study.networks.set_index(["arm", "network"]).loc[("dropout", 1)]
    assert last["train_loss"] == kept["train_loss"]
    assert last["test_accuracy"] == kept["test_accuracy"]
