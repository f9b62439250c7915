"""Attacks and lesions of networks that nobody here wrote: captum, hooks, closed forms."""

import copy

import numpy as np
import pytest
import torch

from funcnet_utils import functional_network
from funcnet_utils.datasets import load_dataset
from funcnet_utils.models import (
    AttackConfig,
    LesionConfig,
    Population,
    attack_table,
    classifier,
    fgsm,
    gradient_sizes,
    lesion_curve,
    lesion_table,
    library_attack,
    pgd,
    right_answers,
    robust_accuracy,
    self_tests,
    weight_noise_curve,
)
from funcnet_utils.models.attacks import survivors
from funcnet_utils.models.streams import Stream, generator

SHAPE = (1, 8, 8)
LAYERS = ("relu1", "relu2")


class Cnn(torch.nn.Module):
    """A convolution with batch norm, a hidden layer with dropout: 6 channels and 16 units."""

    def __init__(self):
        super().__init__()
        self.convolution = torch.nn.Conv2d(1, 6, 3, padding=1)
        self.norm = torch.nn.BatchNorm2d(6)
        self.relu1 = torch.nn.ReLU(inplace=True)
        self.pool = torch.nn.MaxPool2d(2)
        self.hidden = torch.nn.Linear(96, 16)
        self.dropout = torch.nn.Dropout(0.3)
        self.relu2 = torch.nn.ReLU()
        self.last = torch.nn.Linear(16, 10)

    def forward(self, images):
        maps = self.pool(self.relu1(self.norm(self.convolution(images))))
        return self.last(self.relu2(self.dropout(self.hidden(maps.flatten(1)))))


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture(scope="module")
def cnn(digits):
    torch.manual_seed(0)
    network = Cnn().train()
    images, labels = torch.tensor(digits.train.images), torch.tensor(digits.train.labels)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    for rows in torch.randperm(len(labels)).split(64) * 3:
        optimizer.zero_grad()
        logits = network(images[rows].reshape(-1, *SHAPE))
        torch.nn.functional.cross_entropy(logits, labels[rows]).backward()
        optimizer.step()
    network.zero_grad()
    network.relu2.eval()  # modes of parts differ, and must be found so again
    return network


def state(network):
    modes = [part.training for part in network.modules()]
    numbers = [value.clone() for value in network.state_dict().values()]
    return modes, numbers, torch.random.get_rng_state(), torch.get_num_threads()


@pytest.fixture
def untouched(cnn):
    """What every test of this network must leave as it is."""
    torch.set_num_threads(2)
    modes, numbers, stream, threads = state(cnn)
    yield cnn
    now = state(cnn)
    assert now[0] == modes
    assert len(set(modes)) == 2
    assert all(torch.equal(a, b) for a, b in zip(now[1], numbers, strict=True))
    assert torch.equal(now[2], stream)
    assert now[3] == threads == 2
    assert all(parameter.grad is None for parameter in cnn.parameters())


def copied(network):
    """A copy in evaluation mode, whose making draws no number."""
    return copy.deepcopy(network).eval()


def shown(images):
    return torch.tensor(images).reshape(-1, *SHAPE)


@pytest.mark.parametrize("epsilon", [0.02, 0.1])
def test_attacks_on_a_cnn_agree_with_captum(untouched, digits, monkeypatch, epsilon):
    robust = pytest.importorskip("captum.robust")
    images, labels = digits.test.images[:80].reshape(-1, *SHAPE), digits.test.labels[:80]
    one = classifier(untouched, SHAPE)
    peer = copied(untouched)
    arguments = (peer, torch.nn.CrossEntropyLoss(reduction="none"), 0.0, 1.0)
    target = torch.tensor(labels)
    theirs = robust.FGSM(*arguments).perturb(torch.tensor(images), epsilon, target).numpy()
    mine = fgsm(one, images, labels, epsilon)
    assert mine.shape == (1, *images.shape)
    # a gradient of nearly 0 may round to the other sign in a batch of another size
    assert (np.abs(mine[0] - theirs) > 1e-6).mean() < 1e-3
    noise = 2 * generator(3, 0, Stream.STARTS, 0).random((80, 64), dtype=np.float32) - 1
    monkeypatch.setattr(
        robust.PGD,
        "_random_point",
        lambda _self, center, radius, *_: center + radius * torch.tensor(noise.reshape(-1, *SHAPE)),
    )
    step = 2.5 * epsilon / 8
    theirs = robust.PGD(*arguments).perturb(
        torch.tensor(images), epsilon, step, 8, target, random_start=True
    )
    mine = pgd(one, images, labels, epsilon, steps=8, restarts=1, seed=3)
    # of a sign that rounds the other way, 8 steps make at most a few pixels more
    assert (np.abs(mine[0] - theirs.numpy()) > 1e-5).mean() < 5e-3
    right = right_answers(one, mine, labels)[0]
    assert (right != (peer(theirs).argmax(1) == target).numpy()).sum() <= 1, "at most one tie"
    assert right.mean() < (peer(shown(images)).argmax(1) == target).float().mean()


def test_tables_of_a_cnn(untouched, digits):
    one = classifier(untouched, SHAPE, layers=LAYERS, number=0)
    settings = AttackConfig(epsilons=(0, 0.05, 0.5), steps=10, restarts=2, n_images=60)
    table = attack_table(one, digits.test, settings)
    wide = table.pivot(index="epsilon", columns="attack", values="accuracy")
    rows = np.linspace(0, len(digits.test) - 1, 60).round().astype(int)
    images, labels = digits.test.images[rows], digits.test.labels[rows]
    clean = (copied(untouched)(shown(images)).argmax(1).numpy() == labels).mean()
    assert (wide.loc[0.0] == clean).all()
    assert (wide["worst"] <= wide[["pgd", "pgd_margin", "noise"]].min(axis=1)).all()
    assert wide["worst"].iloc[-1] < 0.1 < clean
    accuracy = robust_accuracy(one, images, labels, (0.05,), steps=10, restarts=2)[0, 0]
    assert accuracy >= wide["worst"].iloc[1]
    tests = self_tests(one, digits.test, settings, table)
    assert tests.test.nunique() == 7
    assert tests.set_index("test").passed["white box above square"]
    assert (gradient_sizes(one, images, labels, loss="margin") > 0).all()
    for attack in ("fgsm", "apgd_ce"):
        moved = library_attack(one, 0, images, labels, 0.1, attack, steps=5, restarts=1)
        assert np.abs(moved - images).max() <= 0.1 + 1e-6
        assert right_answers(one, moved, labels).mean() < clean


def silenced(network, images, quiet, value):
    """Answers with channels and units overwritten, by hooks of the test."""
    peer = copied(network)
    first, second = quiet[:6, None, None], quiet[6:]
    a, b = value[:6, None, None], value[6:]
    peer.relu1.register_forward_hook(lambda *call: torch.where(first, a, call[2]))
    peer.relu2.register_forward_hook(lambda *call: torch.where(second, b, call[2]))
    return peer(shown(images)).argmax(1).numpy()


def test_lesions_of_a_cnn_equal_plain_hooks(untouched, digits):
    images, labels = digits.test.images[:90], digits.test.labels[:90]
    one = classifier(untouched, SHAPE, layers=LAYERS)
    np.testing.assert_array_equal(one.layers, [0] * 6 + [1] * 16)
    kept = []
    peer = copied(untouched)
    for layer in (peer.relu1, peer.relu2):
        layer.register_forward_hook(lambda *call: kept.append(call[2].detach().clone()))
    peer(shown(images))
    means = torch.cat([kept[0].mean((0, 2, 3)), kept[1].mean(0)])
    order = np.random.default_rng(0).permutation(22)
    shares = (0, 0.2, 0.5, 1)
    for clamp, value in (("zero", torch.zeros(22)), ("mean", means)):
        found = lesion_curve(one, images, labels, order, shares, clamp)[0]
        for share, accuracy in zip(shares, found, strict=True):
            quiet = torch.tensor(np.isin(np.arange(22), order[: round(22 * share)]))
            right = silenced(untouched, images, quiet, value) == labels
            assert abs(accuracy - right.mean()) < 1.5 / 90, "at most one tie"
    signals = torch.cat([kept[0].mean((2, 3)), kept[1]], 1).numpy()
    settings = LesionConfig(draws=2, density=0.2, n_images=90, shares=(0, 0.5, 1), noise=(0, 1))
    live = signals.std(0) > 0
    correlation = np.zeros((22, 22))
    correlation[np.ix_(live, live)] = np.corrcoef(signals[:, live].T)
    table = lesion_table(one, digits.test, correlation[None], settings)
    assert len(table) == 5 * 2 * 3 + 2
    assert table[table.share == 0].accuracy.nunique() == 1


def test_a_population_and_its_torch_layers_fall_alike(digits):
    population = Population(1, (64, 20, 12, 10), "batch_norm", seed=1)
    network = population.network(0)
    names = [n for n, part in network.named_modules() if isinstance(part, torch.nn.LeakyReLU)]
    samples = (digits.test.images, digits.test.labels)
    order, shares = np.random.default_rng(1).permutation(32), (0, 0.3, 0.6, 1)
    for clamp in ("zero", "mean"):
        mine = lesion_curve(population, *samples, order, shares, clamp)
        theirs = lesion_curve(
            classifier(network, (64,), layers=names), *samples, order, shares, clamp
        )
        assert np.abs(mine - theirs).max() < 1.5 / len(digits.test), "at most one tie"


class Linear:
    """Logits x W, in numpy: a classifier needs no torch module."""

    number, n_inputs, n_classes = 0, 64, 10

    def __init__(self):
        self.weight = np.random.default_rng(0).normal(size=(64, 10)).astype(np.float32)

    def answers(self, images):
        return images @ torch.tensor(self.weight)

    def gradient(self, images, labels, loss):
        shares = torch.softmax(self.answers(images), 1).numpy()
        shares[np.arange(len(labels)), labels] -= 1
        return self.answers(images), torch.tensor(shares @ self.weight.T)


def test_any_object_with_answers_and_gradients_is_attacked():
    rng = np.random.default_rng(1)
    images = rng.uniform(0.3, 0.7, (30, 64)).astype(np.float32)
    one = Linear()
    labels = (images @ one.weight).argmax(1)
    moved = fgsm([one, one], images, labels, 0.05)
    shares = np.exp(images @ one.weight)
    shares /= shares.sum(1, keepdims=True)
    direction = np.sign((shares - np.eye(10)[labels]) @ one.weight.T)
    for found in moved:
        np.testing.assert_allclose(found, images + 0.05 * direction, atol=1e-6)
    assert robust_accuracy(one, images, labels, (0, 0.3)).shape == (2, 1)
    with pytest.raises(ValueError, match=r"is a Linear: the toolbox.*classifier\(module, shape\)"):
        library_attack(one, 0, images, labels, 0.1, "fgsm")


class Broken(Cnn):
    """Two logits, and then an error."""

    calls = 0

    def forward(self, images):
        self.calls += 1
        torch.rand(3)
        if self.calls > 1:
            raise RuntimeError("out of order")
        return super().forward(images)


@pytest.mark.parametrize(
    "ask",
    [
        lambda one, x, y: fgsm(one, x, y, 0.1),
        lambda one, x, y: pgd(one, x, y, 0.1),
        lambda one, x, y: lesion_curve(one, x, y, np.arange(22), (0, 1), "mean"),
        lambda one, x, y: weight_noise_curve(one, x, y, (0.5,), draws=1),
        lambda one, x, y: library_attack(one, 0, x, y, 0.1, "fgsm"),
    ],
)
def test_everything_is_put_back_after_an_error(digits, ask):
    network = Broken()
    network.norm.eval()
    one = classifier(network, SHAPE, layers=LAYERS)
    torch.set_num_threads(2)
    modes, numbers, stream, threads = state(network)
    with pytest.raises(RuntimeError, match="out of order"):
        ask(one, digits.test.images[:5], digits.test.labels[:5])
    now = state(network)
    assert now[0] == modes
    assert all(torch.equal(a, b) for a, b in zip(now[1], numbers, strict=True))
    assert torch.equal(now[2], stream)
    assert now[3] == threads == 2
    assert not network.relu1._forward_hooks


class Twice(torch.nn.Module):
    """One activation used twice, and a layer that never runs."""

    def __init__(self):
        super().__init__()
        self.linear, self.relu, self.idle = torch.nn.Linear(4, 4), torch.nn.ReLU(), torch.nn.ReLU()
        self.recurrent = torch.nn.LSTM(4, 4)

    def forward(self, images):
        return self.recurrent(self.relu(self.linear(self.relu(images))))[0]


@pytest.mark.parametrize(
    ("layers", "says"),
    [
        (["rely"], "no layer 'rely': did you mean 'relu'"),
        (["relu"], r"of layers \['relu'\] one runs twice or never"),
        (["idle"], r"of layers \['idle'\] one runs twice or never"),
        (
            ["recurrent"],
            "layer 'recurrent' returns <class 'tuple'>: name layers that return a tensor",
        ),
    ],
)
def test_layers_that_lesions_cannot_reach(layers, says):
    with pytest.raises(ValueError, match=says):
        classifier(Twice(), (4,), layers=layers)


def test_modules_that_return_no_logits():
    with pytest.raises(ValueError, match=r"returns <class 'tuple'>: wrap it in one"):
        classifier(torch.nn.LSTM(4, 4), (4,))
    with pytest.raises(ValueError, match=r"returns \(4, 1, 8, 8\): wrap it in one"):
        classifier(torch.nn.ReLU(), SHAPE)
    with pytest.raises(ValueError, match=r"a Cnn says nothing of the shape.*classifier\(module"):
        fgsm(Cnn(), np.zeros((1, 64)), np.zeros(1, int), 0.1)


def test_half_precision_is_asked_in_half_precision():
    torch.manual_seed(1)
    network = torch.nn.Sequential(torch.nn.Linear(6, 3)).to(torch.bfloat16)
    images = np.random.default_rng(0).random((5, 6), dtype=np.float32)
    found = fgsm(classifier(network, (6,)), images, np.zeros(5, int), 0.1)
    assert found.dtype == np.float32
    assert np.abs(found - images).max() <= 0.1 + 1e-6


def test_wrappers_are_looked_through():
    model = Cnn().eval()
    images = torch.rand(6, *SHAPE).numpy()
    expected = fgsm(classifier(model, SHAPE, layers=LAYERS), images, np.arange(6), 0.1)
    for wrapped in (torch.nn.DataParallel(model), torch.compile(model, backend="eager")):
        found = fgsm(classifier(wrapped, SHAPE, layers=LAYERS), images, np.arange(6), 0.1)
        np.testing.assert_array_equal(found, expected)


class Scaled(torch.nn.Module):
    """A network whose first step is a scaling of pixels, in place or not."""

    def __init__(self, in_place):
        super().__init__()
        torch.manual_seed(0)
        self.in_place, self.first, self.relu = in_place, torch.nn.Linear(64, 12), torch.nn.ReLU()
        self.last = torch.nn.Linear(12, 10)

    def forward(self, images):
        scaled = images.sub_(0.5).mul_(4) if self.in_place else (images - 0.5) * 4
        return self.last(self.relu(self.first(scaled)))


def test_a_network_that_works_in_place_is_asked_like_any_other(digits):
    images, labels = digits.test.images[:60], digits.test.labels[:60]
    before = images.copy()
    found = []
    for in_place in (True, False):
        one = classifier(Scaled(in_place), (64,), layers=["relu"])
        shares = (0, 0, 0.5, 1)
        curve = lesion_curve(one, images, labels, np.arange(12)[None], shares, "zero")
        noise = weight_noise_curve([one, one], images, labels, (0, 0.1), draws=2, seed=0)
        moved = fgsm(one, images, labels, 0.05)
        left = survivors(one, images, labels, (0.05,), steps=3, restarts=2)
        network = functional_network(Scaled(in_place), images, labels=labels)
        silent = network.lesions(
            Scaled(in_place), [(torch.from_numpy(images), torch.from_numpy(labels))], density=0.5
        )
        found.append([curve, noise, moved, left, network.r, silent])
    for mine, plain in zip(*found, strict=True):
        np.testing.assert_array_equal(mine, plain)
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("precision", [torch.float64, torch.float16])
def test_a_population_of_any_precision_is_attacked(digits, precision):
    images, labels = digits.test.images[:20], digits.test.labels[:20]
    population = Population(2, (64, 12, 10), "batch_norm", 0)
    options = {"steps": 3, "restarts": 1}
    single = survivors(population, images, labels, (0.05,), **options)
    other = survivors(copy.deepcopy(population).to(precision), images, labels, (0.05,), **options)
    assert (other != single).mean() <= 0.1  # of rounding


def test_networks_of_one_number_have_no_table(digits):
    images = digits.test.images, digits.test.labels
    pair = [classifier(Scaled(False), (64,)) for _ in range(2)]
    with pytest.raises(ValueError, match="two networks have one number"):
        attack_table(pair, digits.test, AttackConfig(steps=1, restarts=1, n_images=5))
    assert right_answers(pair, *images).shape == (2, len(images[0]))


@pytest.mark.parametrize("among", [np.ones((1, 1, 9), int), np.ones((2, 1, 9), bool), [[True]]])
def test_survivors_of_another_attack_have_the_shape_of_the_answer(digits, among):
    images, labels = digits.test.images[:9], digits.test.labels[:9]
    with pytest.raises(ValueError, match=r"truth values of shape \(1, 1, 9\)"):
        survivors(classifier(Scaled(False), (64,)), images, labels, (0.1,), steps=1, among=among)


def test_a_sample_lost_once_stays_lost(digits):
    images, labels = digits.test.images[:30], digits.test.labels[:30]
    among = np.ones((3, 1, 30), bool)
    among[0, 0, :9] = False
    one = classifier(Scaled(False), (64,))
    right = survivors(one, images, labels, (0, 0.01, 0.02), steps=2, restarts=1, among=among)
    assert not right[:, 0, :9].any()
    assert (right[:-1] >= right[1:]).all()
