"""Attacks: closed forms, a plain torch implementation, and the library of record."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from funcnet_utils.arms import ARMS
from funcnet_utils.datasets import load_dataset
from funcnet_utils.models import Population, evaluate, fgsm, pgd, robust_accuracy, train
from funcnet_utils.models.attacks import survivors
from funcnet_utils.models.streams import Stream
from funcnet_utils.studies.config import StudyConfig

WIDTHS = (64, 20, 12, 10)
CONFIG = StudyConfig(dataset="digits", hidden=(20, 12), n_epochs=8, density=0.1, densities=())
EPSILONS = (0.0, 0.02, 0.05, 0.1, 0.3)
BOTH = ("cross_entropy", "margin")
LEAST = 1e-6  # rounding of a float32 pixel


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture(scope="module")
def trained(digits):
    """Two trained networks of every arm."""
    populations = {arm: Population(2, WIDTHS, arm, seed=3) for arm in ARMS}
    for population in populations.values():
        train(population, digits, CONFIG)
    return populations


@pytest.fixture(scope="module")
def samples(digits):
    return digits.test.images[:60], digits.test.labels[:60]


def linear(weight: np.ndarray, bias: np.ndarray) -> Population:
    """A population of one network without hidden units."""
    population = Population(1, weight.shape, "vanilla", seed=0)
    population.weights[0].data = torch.tensor(weight[None], dtype=torch.float32)
    population.biases[0].data = torch.tensor(bias[None], dtype=torch.float32)
    return population.eval()


def loss_of(name: str, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    if name == "cross_entropy":
        return torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    rows = torch.arange(len(labels))
    others = logits.clone()
    others[rows, labels] = -torch.inf
    return others.max(1).values - logits[rows, labels]


def plain_path(population, k, images, labels, epsilon, steps, restarts, loss, seed):
    """Yield every image of projected gradient descent, on a network of torch.nn layers."""
    network = population.network(k).eval()
    original, targets = torch.tensor(images), torch.tensor(labels)
    for restart in range(restarts):
        key = (population.first + k, Stream.STARTS, restart)
        stream = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
        noise = torch.tensor(2 * stream.random(images.shape, dtype=np.float32) - 1)
        moved = (original + epsilon * noise).clamp(0, 1)
        for step in range(steps + 1):
            moved = moved.detach().requires_grad_()
            logits = network(moved)
            yield restart, step, moved.detach(), logits.detach()
            value = loss_of(loss, logits, targets)
            (gradient,) = torch.autograd.grad(value.sum(), moved)
            with torch.no_grad():
                moved = moved + 2.5 * epsilon / steps * gradient.sign()
                moved = torch.min(torch.max(moved, original - epsilon), original + epsilon)
                moved = moved.clamp(0, 1)


def test_a_linear_network_has_a_closed_form():
    rng = np.random.default_rng(0)
    weight = rng.normal(size=(30, 2))
    bias = -0.5 * weight.sum(0)
    images = rng.uniform(0.3, 0.7, size=(200, 30)).astype(np.float32)
    population = linear(weight, bias)
    logits = images @ weight + bias
    labels = logits.argmax(1)
    away = weight[:, 0] - weight[:, 1]
    direction = np.where(labels[:, None] == 1, away, -away)
    expected = images + 0.05 * np.sign(direction)
    for loss in BOTH:
        np.testing.assert_allclose(
            fgsm(population, images, labels, 0.05, loss=loss)[0], expected, atol=LEAST
        )
        found = pgd(population, images, labels, 0.05, steps=40, restarts=1, loss=loss)[0]
        np.testing.assert_allclose(found, expected, atol=LEAST)
    # the ball reaches the boundary when epsilon is the margin over the l1 norm of the difference
    distance = np.abs(logits[:, 0] - logits[:, 1]) / np.abs(away).sum()
    epsilons = [0.005, 0.01, 0.02, 0.03]
    exact = [(distance > epsilon).mean() for epsilon in epsilons]
    assert len(set(exact)) == 4
    np.testing.assert_array_equal(
        robust_accuracy(population, images, labels, epsilons)[:, 0], exact
    )


@pytest.mark.parametrize("arm", sorted(ARMS))
@pytest.mark.parametrize("loss", BOTH)
def test_fgsm_and_pgd_equal_a_network_of_torch_layers(trained, samples, arm, loss):
    images, labels = samples
    population = trained[arm]
    epsilon, steps, restarts = 0.05, 6, 2
    quick = fgsm(population, images, labels, epsilon, loss=loss)
    slow = pgd(
        population, images, labels, epsilon, steps=steps, restarts=restarts, loss=loss, seed=5
    )
    for k in range(2):
        network = population.network(k).eval()
        pixels = torch.tensor(images, requires_grad=True)
        value = loss_of(loss, network(pixels), torch.tensor(labels)).sum()
        (gradient,) = torch.autograd.grad(value, pixels)
        expected = (pixels + epsilon * gradient.sign()).clamp(0, 1).detach().numpy()
        # float32 sums of 64 terms in another order differ by about 1e-5 of their spread, so that
        # about 1e-5 of the gradients may round to the other sign: 4 of 3,840 are hundred times that
        assert (np.abs(quick[k] - expected) > LEAST).mean() < 1e-3
        best = np.full(len(labels), -np.inf)
        path = plain_path(population, k, images, labels, epsilon, steps, restarts, loss, 5)
        for _, step, _, logits in path:
            if step == steps:
                value = loss_of(loss, logits, torch.tensor(labels)).numpy()
                wrong = logits.argmax(1).numpy() != labels
                best = np.maximum(best, value + 1000 * wrong)
        logits = network(torch.from_numpy(slow[k]))
        value = loss_of(loss, logits, torch.tensor(labels)).detach().numpy()
        found = value + 1000 * (logits.argmax(1).numpy() != labels)
        np.testing.assert_allclose(found, best, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("arm", ["vanilla", "batch_norm", "dropout", "layer_norm"])
@pytest.mark.parametrize("loss", BOTH)
def test_survivors_equal_the_plain_worst_case(trained, samples, arm, loss):
    images, labels = samples
    population = trained[arm]
    steps, restarts = 8, 3
    quick = survivors(
        population, images, labels, EPSILONS, steps=steps, restarts=restarts, loss=loss, seed=1
    )
    for k in range(2):
        alive = population.network(k).eval()(torch.tensor(images)).argmax(1).numpy() == labels
        for place, epsilon in enumerate(EPSILONS):
            if epsilon > 0:
                path = plain_path(population, k, images, labels, epsilon, steps, restarts, loss, 1)
                for _, _, _, logits in path:
                    alive &= logits.argmax(1).numpy() == labels
            np.testing.assert_array_equal(quick[place, k], alive)


@pytest.mark.parametrize("arm", sorted(ARMS))
def test_a_network_does_not_feel_its_population(trained, samples, arm):
    images, labels = samples
    population = trained[arm]
    together = [
        fgsm(population, images, labels, 0.1),
        pgd(population, images, labels, 0.1, steps=4, restarts=2),
        survivors(population, images, labels, EPSILONS, steps=4, restarts=2).swapaxes(0, 1),
    ]
    for k in range(2):
        lone = population.select(k)
        alone = [
            fgsm(lone, images, labels, 0.1),
            pgd(lone, images, labels, 0.1, steps=4, restarts=2),
            survivors(lone, images, labels, EPSILONS, steps=4, restarts=2).swapaxes(0, 1),
        ]
        for many, one in zip(together, alone, strict=True):
            np.testing.assert_array_equal(many[k], one[0])


def test_a_sample_does_not_feel_the_others(trained, samples):
    images, labels = samples
    population = trained["batch_norm"]
    many = pgd(population, images, labels, 0.1, steps=4, restarts=2)
    for count in (1, 2, 3, 5, 17):
        few = pgd(population, images[:count], labels[:count], 0.1, steps=4, restarts=2)
        np.testing.assert_array_equal(few, many[:, :count])


def test_arms_that_are_equal_are_attacked_alike(samples):
    images, labels = samples
    found = [
        pgd(Population(2, WIDTHS, arm, 0), images, labels, 0.1, steps=3)
        for arm in ("vanilla", "dropout", "batch_norm")
    ]
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


@given(
    epsilon=st.floats(0, 1),
    steps=st.integers(1, 5),
    restarts=st.integers(1, 3),
    loss=st.sampled_from(BOTH),
    seed=st.integers(0, 2**32 - 1),
)
def test_attacks_stay_in_the_ball_and_change_no_input(epsilon, steps, restarts, loss, seed):
    population = Population(2, (6, 4, 3), "batch_norm", seed=1).train()
    images = np.random.default_rng(seed).random((5, 6), dtype=np.float32)
    before, labels = images.copy(), np.array([0, 1, 2, 0, 1])
    state = {name: value.clone() for name, value in population.state_dict().items()}
    for found in (
        fgsm(population, images, labels, epsilon, loss=loss),
        pgd(
            population,
            images,
            labels,
            epsilon,
            steps=steps,
            restarts=restarts,
            loss=loss,
            seed=seed,
        ),
    ):
        assert found.shape == (2, 5, 6)
        assert found.min() >= 0
        assert found.max() <= 1
        assert np.abs(found - images).max() <= epsilon + LEAST
    np.testing.assert_array_equal(images, before)
    assert population.training
    assert all(torch.equal(state[name], value) for name, value in population.state_dict().items())


@pytest.mark.parametrize("arm", ["vanilla", "batch_norm", "dropout"])
def test_more_is_never_easier(trained, samples, arm):
    images, labels = samples
    population = trained[arm]

    def accuracy(**options):
        options = {"steps": 3, "restarts": 1} | options
        return survivors(population, images, labels, EPSILONS, **options)

    few, starts = accuracy(), accuracy(restarts=4)
    assert not (starts & ~few).any()
    assert starts.sum() < few.sum()
    for right in (few, starts):
        assert not (right[1:] & ~right[:-1]).any(), "an attack may not heal at a larger epsilon"
    clean = survivors(population, images, labels, (0,))[0].mean(-1)
    plain = [population.network(k).eval()(torch.tensor(images)).argmax(1) for k in range(2)]
    np.testing.assert_array_equal(clean, [(p.numpy() == labels).mean() for p in plain])


def test_a_second_attack_meets_only_what_survived(trained, samples):
    images, labels = samples
    population = trained["batch_norm"]
    first = survivors(population, images, labels, EPSILONS, steps=3, restarts=1)
    options = {"steps": 10, "restarts": 2, "decay": True}
    alone = survivors(population, images, labels, EPSILONS, **options)
    both = survivors(population, images, labels, EPSILONS, among=first, **options)
    np.testing.assert_array_equal(both, first & alone)
    assert both.sum() < first.sum()


def test_epsilons_may_come_in_any_order(trained, samples):
    population = trained["vanilla"]
    forward = survivors(population, *samples, EPSILONS, steps=3, restarts=1)
    backward = survivors(population, *samples, EPSILONS[::-1], steps=3, restarts=1)
    np.testing.assert_array_equal(forward, backward[::-1])


def test_no_distance_is_plain_accuracy(trained, digits):
    population = trained["dropout"]
    accuracy = robust_accuracy(population, digits.test.images, digits.test.labels, (0,))[0]
    np.testing.assert_array_equal(accuracy, evaluate(population, digits.test)[1])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"epsilon": -0.1}, r"epsilon is -0.1: .* in \[0, 1\]"),
        ({"epsilon": float("nan")}, "epsilon is nan"),
        ({"epsilon": (0.1, 0.2)}, "epsilon is"),
        ({"labels": np.zeros(4, int)}, r"labels have shape \(4,\).* each of 5 images"),
        ({"labels": np.zeros(5)}, "type float64"),
        ({"labels": np.full(5, 3)}, "classes 0 to 2"),
        ({"labels": np.full(5, -1)}, r"labels span \[-1"),
        ({"images": np.full((5, 6), 1.5)}, r"pixels span \[1.5, 1.5\]: bring images to \[0, 1\]"),
        ({"images": np.full((5, 6), np.nan)}, "pixels span"),
        ({"images": np.zeros((5, 7))}, r"as \(n_samples, 6\)"),
        ({"images": np.zeros((0, 6)), "labels": np.zeros(0, int)}, "at least one image"),
        ({"loss": "crossentropy"}, "loss is 'crossentropy'.*cross_entropy"),
        ({"steps": 0}, "steps is 0"),
        ({"restarts": 1.5}, "restarts is 1.5"),
    ],
)
def test_wrong_arguments_are_told_in_one_sentence(change, says):
    arguments = {"images": np.zeros((5, 6)), "labels": np.zeros(5, int), "epsilon": 0.1} | change
    population = Population(1, (6, 4, 3), "vanilla", seed=0)
    with pytest.raises(ValueError, match=says) as error:
        pgd(population, **arguments)
    assert "\n" not in str(error.value)
