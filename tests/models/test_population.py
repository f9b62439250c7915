"""A population equals its networks, built from torch.nn layers and trained alone."""

import itertools
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from funcnet_utils.arms import ARMS
from funcnet_utils.datasets import Split, load_dataset
from funcnet_utils.models import (
    Population,
    TrainingError,
    evaluate,
    train,
)
from funcnet_utils.models.streams import Masks, Stream, generator
from funcnet_utils.studies.config import StudyConfig

WIDTHS = (64, 20, 12, 10)
CONFIG = StudyConfig(dataset="digits", hidden=(20, 12), n_epochs=1, density=0.1, densities=())


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


class Silencing(torch.nn.Module):
    """Dropout whose masks come from a list."""

    def __init__(self, masks) -> None:
        super().__init__()
        self.masks = masks

    def forward(self, values):
        return values * self.masks.pop(0) if self.training else values


def lone_network(arm: str, masks=None) -> torch.nn.Sequential:
    """Build a network with torch.nn alone."""
    layers = []
    for inputs, outputs in ((64, 20), (20, 12)):
        layers.append(torch.nn.Linear(inputs, outputs))
        if "batch_norm" in arm:
            layers.append(torch.nn.BatchNorm1d(outputs))
        if arm == "layer_norm":
            layers.append(torch.nn.LayerNorm(outputs))
        if "dropout" in arm:
            layers.append(Silencing(masks))
        layers.append(torch.nn.LeakyReLU(0.01))
    return torch.nn.Sequential(*layers, torch.nn.Linear(12, 10))


def splitmix64(state: int):
    """Yield the numbers of the generator, by the whole numbers of Python."""
    while True:
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        z = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
        yield z ^ z >> 31


def train_alone(arm: str, seed: int, k: int, split, steps: int, dtype) -> torch.nn.Sequential:
    masks = []
    network = lone_network(arm, masks).train().to(dtype)
    drawn = generator(seed, k, Stream.INITIAL)
    for layer in network:
        if isinstance(layer, torch.nn.Linear):
            bound = layer.in_features**-0.5
            values = drawn.uniform(-bound, bound, (layer.in_features + 1, layer.out_features))
            values = torch.from_numpy(values.astype(np.float32)).to(dtype)
            layer.weight.data, layer.bias.data = values[:-1].T.contiguous(), values[-1]
    order = generator(seed, k, Stream.OTHER_ORDER if arm == "vanilla_aa" else Stream.ORDER)
    decay = 1e-4 if arm == "weight_decay" else 0
    optimizer = torch.optim.Adam(network.parameters(), lr=3e-4, weight_decay=decay)
    smoothing = 0.1 if arm == "label_smoothing" else 0
    images, labels = torch.tensor(split.images, dtype=dtype), torch.tensor(split.labels)
    silenced = Masks(seed, [k], 32, 0.5)
    done = 0
    while done < steps:
        for chosen in torch.from_numpy(order.permutation(len(labels))).split(64):
            masks[:] = silenced(images[None, chosen])[0].split([20, 12], dim=1)
            logits = network(images[chosen])
            loss = torch.nn.functional.cross_entropy(
                logits, labels[chosen], label_smoothing=smoothing
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            done += 1
    return network


def train_both(digits, arm, seed, dtype):
    per_epoch = -(-len(digits.train) // 64)
    epochs = -(-50 // per_epoch)
    population = Population(3, WIDTHS, arm, seed).to(dtype)
    train(population, digits, replace(CONFIG, n_epochs=epochs))
    steps = epochs * per_epoch
    return population, [train_alone(arm, seed, k, digits.train, steps, dtype) for k in range(3)]


@pytest.mark.parametrize("arm", sorted(ARMS))
@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_population_equals_networks_trained_alone(digits, arm, seed, dtype):
    population, alone = train_both(digits, arm, seed, dtype)
    images = torch.tensor(digits.test.images, dtype=dtype)
    # float32: fused and plain Adam round differently, which grows to about 1e-5 in 69 steps;
    # float64: torch starts the running variance at 1, we at 1 - 1e-5, forgotten as 0.9^steps
    tolerance = 1e-4 if dtype is torch.float32 else 1e-6
    population.eval()
    if dtype is torch.float32 and "batch_norm" in arm:
        # A bias in front of batch norm has gradient 0. In float32, Adam turns its rounding noise
        # into steps; with the statistics of the batch the function does not feel them, and with
        # running statistics (the only way to leave out dropout masks) a little.
        population.train(arm == "batch_norm")
        tolerance = tolerance if population.training else 0.02
    for k, network in enumerate(alone):
        expected = network.train(population.training)(images)
        torch.testing.assert_close(population(images)[k], expected, atol=tolerance, rtol=0)


@pytest.mark.parametrize("arm", sorted(ARMS))
def test_network_is_the_same_function(digits, arm):
    population = Population(2, WIDTHS, arm, seed=1)
    config = replace(CONFIG, n_epochs=1)
    train(population, digits, config)
    images = torch.tensor(digits.test.images)
    for k in range(2):
        # two routes of float32 sums of at most 64 terms
        torch.testing.assert_close(
            population.network(k)(images), population(images)[k], atol=1e-5, rtol=1e-5
        )


def test_arms_are_bit_identical_before_training(digits):
    images = torch.tensor(digits.test.images)
    arms = [arm for arm in ARMS if arm != "layer_norm"]  # normalizes from the start
    logits = [Population(4, WIDTHS, arm, seed=3).eval()(images) for arm in arms]
    for other in logits[1:]:
        assert torch.equal(logits[0], other)


def test_seeds_give_different_networks():
    population = Population(2, WIDTHS, "vanilla", seed=0)
    assert not torch.equal(population.weights[0][0], population.weights[0][1])
    assert not torch.equal(
        population.weights[0], Population(2, WIDTHS, "vanilla", seed=1).weights[0]
    )


@pytest.mark.parametrize("arm", sorted(ARMS))
def test_bits_do_not_depend_on_population_or_block_size(digits, arm):
    config = replace(CONFIG, n_epochs=2)
    images = torch.tensor(digits.test.images)
    whole = Population(5, WIDTHS, arm, seed=2)
    train(whole, digits, config)
    for first, count in ((0, 2), (2, 3), (4, 1)):
        block = Population(count, WIDTHS, arm, seed=2, first=first)
        history = train(block, digits, config)
        assert torch.equal(block(images), whole(images)[first : first + count])
        assert sorted(history["network"].unique()) == list(range(first, first + count))


def test_pairing_same_batches_in_every_arm(digits):
    orders = []
    for arm in ARMS:
        population = Population(2, WIDTHS, arm, seed=5)
        orders.append([each.permutation(50).tolist() for each in population.order_generators])
    same = dict(zip(ARMS, orders, strict=True))
    other = same.pop("vanilla_aa")
    for order in same.values():
        assert order == orders[0]
    assert not any(a == b for a, b in zip(orders[0], other, strict=True))


def test_an_aa_arm_differs_from_vanilla_by_its_batches_alone(digits):
    plain, again = (Population(2, WIDTHS, arm, seed=5) for arm in ("vanilla", "vanilla_aa"))
    for a, b in zip(plain.state_dict().values(), again.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    histories = [train(population, digits, CONFIG) for population in (plain, again)]
    assert not (histories[0].loss == histories[1].loss).any()
    copy = Population(2, WIDTHS, "vanilla_aa", seed=5)
    copy.order_generators = Population(2, WIDTHS, "vanilla", seed=5).order_generators
    pd.testing.assert_frame_equal(train(copy, digits, CONFIG), histories[0])


def test_training_learns_and_reports(digits):
    population = Population(2, WIDTHS, "vanilla", seed=0)
    config = StudyConfig(
        dataset="digits",
        hidden=(20, 12),
        n_epochs=12,
        learning_rate=3e-3,
        density=0.1,
        densities=(),
    )
    history = train(population, digits, config)
    assert len(history) == 24
    assert history["loss"].iloc[-1] < history["loss"].iloc[0] / 3
    loss, accuracy = evaluate(population, digits.test)
    assert (accuracy > 0.8).all()
    assert (loss > 0).all()


def test_masks_are_those_of_splitmix64():
    """Known numbers of the generator, and a mask and its place in the stream for each network."""
    known = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]  # from state 0
    assert list(itertools.islice(splitmix64(0), 3)) == known
    for keep in (0.5, 0.9):
        masks = Masks(3, [4, 7], 5, keep)
        drawn = [masks(torch.empty(2, samples, 1)) for samples in (4, 3)]  # one after the other
        for row, k in enumerate((4, 7)):
            key = np.random.SeedSequence(3, spawn_key=(k, Stream.DROPOUT))
            stream = splitmix64(int(key.generate_state(1, np.uint64)[0]))
            numbers = np.array(list(itertools.islice(stream, 35)), dtype=np.uint64)
            # the mask is asked before the last shift, which leaves the upper 31 bits as they are
            kept = (numbers >> np.uint64(33)) ^ np.uint64(1 << 30) < keep * 2**31
            found = torch.cat([part[row].flatten() for part in drawn]).numpy()
            np.testing.assert_allclose(found, kept / keep, rtol=1e-6)


@pytest.mark.parametrize("keep", [0.5, 0.8])
def test_masks_keep_their_share_and_are_independent(keep):
    masks = Masks(0, range(4), 150, keep)
    kept = torch.stack([masks(torch.empty(4, 64, 1)) for _ in range(50)]).numpy() > 0
    # mean of 1.9 million draws: 6 standard errors; chance of a false alarm 2e-9
    assert abs(kept.mean() - keep) < 6 * (keep * (1 - keep) / kept.size) ** 0.5
    flat = kept.transpose(1, 0, 2, 3).reshape(4, -1) - keep
    bound = 6 * keep * (1 - keep) * flat.shape[1] ** 0.5
    for lag in (1, 150, 64 * 150):  # next unit, next sample, next step
        assert (np.abs((flat[:, lag:] * flat[:, :-lag]).sum(1)) < bound).all()
    assert (np.abs(flat @ flat.T)[np.triu_indices(4, 1)] < bound).all()


def test_unknown_device_is_refused(digits):
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(ValueError, match="no GPU is available here: choose 'cpu'"):
        train(Population(1, WIDTHS, "vanilla", seed=0), digits, CONFIG, device="cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("arm", sorted(ARMS))
def test_gpu_trains_the_same_networks(digits, arm):
    images = torch.tensor(digits.test.images)
    here, there = (Population(3, WIDTHS, arm, seed=0) for _ in range(2))
    train(here, digits, CONFIG)
    train(there, digits, CONFIG, device="cuda")
    # one epoch of float32 on two devices
    torch.testing.assert_close(there(images), here(images), atol=1e-3, rtol=0)


@pytest.mark.parametrize("arm", ["vanilla", "batch_norm", "dropout"])
def test_checkpoints_are_what_a_shorter_training_ends_with(digits, arm):
    population = Population(2, WIDTHS, arm, seed=0)
    history = train(population, digits, replace(CONFIG, n_epochs=4), checkpoints=CONFIG.checkpoints)
    assert list(population.checkpoints) == [0, 1, 2, 3, 4], "5 is not reached, the last is kept"
    for epoch, state in population.checkpoints.items():
        shorter = Population(2, WIDTHS, arm, seed=0)
        rows = train(shorter, digits, replace(CONFIG, n_epochs=epoch))
        pd.testing.assert_frame_equal(rows, history[history.epoch <= epoch], check_dtype=False)
        assert not shorter.checkpoints
        for name, value in shorter.state_dict().items():
            assert torch.equal(value, state[name])
        shorter.load_state_dict(state)
    with pytest.raises(ValueError, match="checkpoint is -1"):
        train(population, digits, CONFIG, checkpoints=(-1,))


def test_weights_of_another_model_are_refused():
    population = Population(1, WIDTHS, "vanilla", seed=0)
    for strict in (True, False):
        with pytest.raises(
            ValueError, match=r"'0.weight' is no.*functional_network\(model, images"
        ):
            population.load_state_dict(lone_network("vanilla").state_dict(), strict=strict)
    population.load_state_dict(Population(1, WIDTHS, "vanilla", seed=1).state_dict())
    assert torch.equal(population.weights[0], Population(1, WIDTHS, "vanilla", 1).weights[0])


def test_questions_leave_no_trace_even_after_an_error(digits):
    population = Population(2, WIDTHS, "dropout", seed=0).train()
    torch.set_num_threads(2)
    stream = torch.random.get_rng_state()
    population.network(1)
    evaluate(population, digits.test)
    with pytest.raises(ValueError, match="inputs have shape"):
        evaluate(population, Split(digits.test.images[:, 1:], digits.test.labels))
    assert population.training
    assert torch.get_num_threads() == 2
    with torch.no_grad():
        population.weights[0][1] = float("nan")
    with pytest.raises(TrainingError):
        train(population, digits, CONFIG)
    assert not population.training
    assert torch.get_num_threads() == 2
    assert torch.equal(stream, torch.random.get_rng_state())


def test_evaluate_agrees_with_numpy(digits):
    population = Population(2, WIDTHS, "batch_norm", seed=0)
    logits = population.eval()(torch.tensor(digits.test.images)).detach().double().numpy()
    labels = digits.test.labels
    logits -= logits.max(-1, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    expected = -log_p[:, np.arange(len(labels)), labels].mean(1)
    loss, accuracy = evaluate(population, digits.test)
    np.testing.assert_allclose(loss, expected, rtol=1e-5)  # float32 losses
    np.testing.assert_array_equal(accuracy, (logits.argmax(-1) == labels).mean(1))


def test_broken_loss_names_network_epoch_and_cause(digits):
    population = Population(3, WIDTHS, "vanilla", seed=0)
    with torch.no_grad():
        population.weights[0][1] = float("nan")
    config = replace(CONFIG, n_epochs=1)
    with pytest.raises(
        TrainingError, match=r"network 1 \(vanilla\) is nan in epoch 1.*learning rate"
    ):
        train(population, digits, config)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, WIDTHS, "vanilla", 0), "n_networks is 0"),
        ((1, (64,), "vanilla", 0), "widths is"),
        ((1, (64, 0, 10), "vanilla", 0), "widths is"),
        ((1, WIDTHS, "droput", 0), "did you mean 'dropout'"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        Population(*arguments)


def test_wrong_widths_for_the_data(digits):
    with pytest.raises(ValueError, match="start with 64 inputs"):
        train(Population(1, (784, 5, 10), "vanilla", 0), digits, StudyConfig())
    with pytest.raises(ValueError, match="inputs have shape"):
        Population(1, WIDTHS, "vanilla", 0)(torch.zeros(3, 5))


def test_kernels_do_not_depend_on_the_width_of_registers():
    code = "import funcnet_utils.models, torch; print(torch.backends.cpu.get_cpu_capability())"
    free = {name: value for name, value in os.environ.items() if not name.startswith("ATEN")}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=free)
    assert ran.stdout.strip() in ("AVX2", "DEFAULT"), "never AVX512, whatever the processor"
