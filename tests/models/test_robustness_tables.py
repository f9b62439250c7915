"""Tables of robustness: attacks, areas and the tests that unmask."""

import importlib
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import binomtest

from funcnet_utils.datasets import Split, load_dataset
from funcnet_utils.models import (
    ATTACKS,
    AttackConfig,
    Population,
    attack_auc,
    attack_table,
    evaluate,
    fgsm,
    gaussian_noise,
    lesion_auc,
    library_attack,
    pgd,
    pixel_flips,
    right_answers,
    self_tests,
    train,
)
from funcnet_utils.models.attacks import survivors
from funcnet_utils.studies.config import StudyConfig

SETTINGS = AttackConfig(epsilons=(0, 0.02, 0.05, 0.1, 0.3), steps=10, restarts=2, n_images=80)


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture(scope="module")
def population(digits):
    networks = Population(2, (64, 20, 12, 10), "batch_norm", seed=0)
    config = StudyConfig(dataset="digits", hidden=(20, 12), n_epochs=8, density=0.1, densities=())
    train(networks, digits, config)
    return networks


@pytest.fixture(scope="module")
def table(population, digits):
    return attack_table(population, digits.test, SETTINGS)


@pytest.fixture(scope="module")
def mnist():
    """Three epochs on real digits: an honest task for the library of record."""
    data = load_dataset("mnist_5k")
    networks = {arm: Population(1, (784, 100, 50, 10), arm, 0) for arm in ("vanilla", "batch_norm")}
    for population in networks.values():
        train(population, data, StudyConfig(n_epochs=3))
    return networks, data.test.images[::2], data.test.labels[::2]


def equally_strong(mine, theirs, alternative="two-sided"):
    """Sign test on the images that one attack finds and the other one does not.

    Two attacks of equal strength find such an image equally often, whichever processor runs them;
    the chance that the test fails all the same is 1e-4 by the binomial distribution.
    """
    only_theirs, only_mine = (mine & ~theirs).sum(), (theirs & ~mine).sum()
    if not only_mine + only_theirs:
        return True
    test = binomtest(only_theirs, only_mine + only_theirs, alternative=alternative)
    return test.pvalue > 1e-4


def test_the_sign_test_sees_a_weaker_attack():
    everything, nothing = np.ones(500, dtype=bool), np.zeros(500, dtype=bool)
    weak = everything.copy()
    weak[:-15] = False  # finds 15 images of 500 less
    assert not equally_strong(weak, nothing)
    assert not equally_strong(weak, nothing, "greater")
    assert equally_strong(nothing, weak, "greater")
    weak[-5:] = False
    assert equally_strong(weak, nothing)


def test_the_table_is_tidy_and_ordered(table):
    assert list(table.columns) == ["network", "attack", "epsilon", "accuracy"]
    assert len(table) == 2 * len(ATTACKS) * 5
    wide = table.pivot(index=["network", "epsilon"], columns="attack", values="accuracy")
    assert (wide["worst"] <= wide[["pgd", "pgd_margin"]].min(axis=1)).all()
    assert (wide["worst"] <= wide["noise"]).all()
    for attack in ("pgd", "pgd_margin", "worst"):
        curve = wide[attack].unstack("network")
        assert (curve.diff().iloc[1:] <= 0).all().all()
    assert wide.loc[(slice(None), 0.0), :].nunique(axis=1).eq(1).all(), "epsilon 0 changes nothing"


def test_without_attack_accuracy_is_that_of_evaluation(population, digits):
    settings = AttackConfig(epsilons=(0, 0.01), steps=1, restarts=1, n_images=10**6)
    table = attack_table(population, digits.test, settings)
    clean = table[(table.attack == "worst") & (table.epsilon == 0)].accuracy
    np.testing.assert_array_equal(clean, evaluate(population, digits.test)[1])


def test_a_block_gives_the_rows_of_the_whole(population, digits, table):
    block = population.select(1)
    assert block.first == 1
    rows = attack_table(block, digits.test, SETTINGS)
    whole = table[table.network == 1].reset_index(drop=True)
    pd.testing.assert_frame_equal(rows, whole)


def test_area_of_a_straight_line_and_other_columns_kept():
    rows = [
        {"arm": arm, "network": 0, "attack": "pgd", "epsilon": e, "accuracy": 1 - e / 0.3}
        for arm in ("vanilla", "dropout")
        for e in (0, 0.3, 0.1)
    ]
    areas = attack_auc(pd.DataFrame(rows))
    assert areas.arm.tolist() == ["vanilla", "dropout"]
    np.testing.assert_allclose(areas.area, 0.5)


def test_self_tests_pass_on_an_honest_network(population, digits, table):
    tests = self_tests(population, digits.test, SETTINGS, table, square=True)
    assert list(tests.columns) == ["network", "test", "value", "limit", "passed"]
    assert tests.test.nunique() == 7
    assert tests.passed.all(), tests[~tests.passed]


def test_a_rise_of_the_limit_passes_whatever_its_last_digit(population, digits, table, monkeypatch):
    module = importlib.import_module("funcnet_utils.models.attack_tables")
    for rise, passes in ((0.98 - 0.96, True), (0.04, False)):  # 0.020000000000000018
        monkeypatch.setattr(
            module, "_rise", lambda asked, *_, rise=rise: np.full(len(asked[0]), rise)
        )
        tests = self_tests(population, digits.test, SETTINGS, table, square=False)
        assert (tests.passed[tests.test == "more steps are easier"] == passes).all()


def test_a_saturated_softmax_is_unmasked(population, digits):
    """Logits times 1e4 change no answer, yet cross-entropy has no gradient any more."""
    masked = population.select(0)
    with torch.no_grad():
        masked.weights[-1] *= 1e4
        masked.biases[-1] *= 1e4
    found = attack_table(masked, digits.test, SETTINGS)
    area = attack_auc(found).set_index("attack").area
    honest = attack_auc(attack_table(population.select(0), digits.test, SETTINGS))
    honest = honest.set_index("attack").area
    assert area["pgd"] > honest["pgd"] + 0.1
    # rounding may change one image of 80 at one of the middle epsilons, half of whose range is .14
    assert abs(area["pgd_margin"] - honest["pgd_margin"]) < 0.01
    tests = self_tests(masked, digits.test, SETTINGS, found, square=False).set_index("test")
    assert tests.value["cross-entropy gradient zero"] > 0.5
    assert not tests.passed["cross-entropy gradient zero"]
    assert tests.value["margin gradient zero"] == 0


@pytest.mark.parametrize("arm", ["vanilla", "batch_norm"])
def test_fgsm_and_pgd_agree_with_the_toolbox(mnist, arm):
    networks, images, labels = mnist
    population = networks[arm]
    for epsilon in (0.02, 0.1):
        mine = fgsm(population, images, labels, epsilon)
        theirs = library_attack(population, 0, images, labels, epsilon, "fgsm")
        # float32 sums of 100 terms in another order differ by about 1e-6 of their spread: so few
        # gradients round to the other sign, or to 0
        assert (np.abs(mine[0] - theirs) > 1e-6).mean() < 1e-4
        options = {"steps": 15, "restarts": 2}
        mine = pgd(population, images, labels, epsilon, **options)
        theirs = library_attack(population, 0, images, labels, epsilon, "pgd", **options)
        right = [right_answers(population, found, labels)[0] for found in (mine, theirs[None])]
        assert equally_strong(*right), "their random starts are others"
        assert right[0].mean() < right_answers(population, images, labels).mean()


@pytest.mark.parametrize("attack", ["apgd_ce", "apgd_dlr", "square"])
def test_the_worst_attack_is_not_weaker_than_the_toolbox(mnist, attack):
    networks, images, labels = mnist
    population = networks["batch_norm"]
    split = Split(images[::2], labels[::2])
    settings = AttackConfig(epsilons=(0, 0.05), steps=20, restarts=2)
    table = attack_table(population, split, settings)
    climb = partial(survivors, population, split.images, split.labels, settings.epsilons, steps=20)
    both = climb(restarts=2) & climb(restarts=2, loss="margin")
    worst = climb(restarts=2, decay=True, among=both)[1, 0]
    assert (
        table[(table.attack == "worst") & (table.epsilon == 0.05)].accuracy.item() == worst.mean()
    )
    steps = 200 if attack == "square" else 20  # one query of a black box is worth little
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    found = library_attack(
        population, 0, split.images, split.labels, 0.05, attack, steps=steps, restarts=2
    )
    np.testing.assert_array_equal(state, np.random.get_state()[1])  # noqa: NPY002
    assert found.min() >= 0
    assert found.max() <= 1
    assert np.abs(found - split.images).max() <= 0.05 + 1e-6
    theirs = right_answers(population, found[None], split.labels)[0]
    assert theirs.mean() < right_answers(population, split.images, split.labels).mean()
    assert equally_strong(worst, theirs, "greater"), "ours may be stronger, not weaker"


@pytest.mark.parametrize("shape", [(8, 6), (4, 16), (1, 64), (8, 6, 3)])
def test_the_square_attack_takes_pictures_of_any_shape(shape):
    rng, inputs = np.random.default_rng(0), int(np.prod(shape))
    network = Population(1, (inputs, 8, 3), "vanilla", seed=0)
    images = rng.random((12, inputs), dtype=np.float32)

    def margin(pixels):
        logits = network.forward(torch.from_numpy(pixels))[0].detach().numpy()
        ranked = np.sort(logits, axis=1)
        return logits.argmax(axis=1), ranked[:, -1] - ranked[:, -2]

    labels, before = margin(images)
    options = {"steps": 60, "restarts": 1, "shape": shape}
    found = library_attack(network, 0, images, labels, 0.3, "square", **options)
    assert found.shape == images.shape
    assert np.abs(found - images).max() == pytest.approx(0.3, abs=1e-6)
    assert found.min() >= 0
    assert found.max() <= 1
    now, after = margin(found)
    assert ((after <= before) | (now != labels)).all()
    assert ((after < before) | (now != labels)).any()


def test_noise_and_flips_have_the_moments_they_claim():
    images = np.full((200, 500), 0.5, dtype=np.float32)
    noise = gaussian_noise(images, 0.1, network=3, seed=1) - images
    # 1e5 draws: the mean has a standard error of 3e-4, the spread one of 2e-4
    assert abs(noise.mean()) < 1.5e-3
    assert abs(noise.std() - 0.1) < 1e-3
    assert not np.array_equal(noise, gaussian_noise(images, 0.1, network=4, seed=1) - images)
    flipped = [pixel_flips(images * 0, epsilon, seed=2) == 1 for epsilon in (0.1, 0.3)]
    assert abs(flipped[0].mean() - 0.1) < 5e-3
    assert not (flipped[0] & ~flipped[1]).any()
    assert pixel_flips(images * 0, 1.0).min() == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"steps": 0}, "steps is 0"),
        ({"restarts": True}, "restarts is True"),
        ({"n_images": 2.0}, "n_images is 2.0"),
        ({"seed": -1}, "seed is -1"),
        ({"epsilons": (0.1,)}, "at least two"),
        ({"epsilons": (0.2, 0.1)}, "ascending"),
        ({"epsilons": (-0.1, 0.1)}, r"each in \[0, 1\]"),
        ({"epsilons": (0, 0.1, 0.1)}, "ascending"),
    ],
)
def test_settings_out_of_range_are_told(change, says):
    with pytest.raises(ValueError, match=says):
        AttackConfig(**change)


def test_library_errors(population, digits):
    images, labels = digits.test.images[:4], digits.test.labels[:4]
    with pytest.raises(ValueError, match=r"attack is 'apgd-ce'.*apgd_ce"):
        library_attack(population, 0, images, labels, 0.1, "apgd-ce")
    with pytest.raises(ValueError, match=r"shape is \(7, 9\), but images have 64 pixels"):
        library_attack(population, 0, images, labels, 0.1, "square", shape=(7, 9))


@pytest.mark.parametrize(
    ("area", "axis", "keys"),
    [
        (attack_auc, "epsilon", {"attack": "pgd"}),
        (lesion_auc, "share", {"strategy": "random", "clamp": "zero"}),
    ],
)
@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_areas_name_a_missing_arm(area, axis, keys, missing):
    curve = {axis: [0, 0.5, 1] * 2, "accuracy": [1, 0.75, 0] * 2, "network": 0}
    table = pd.DataFrame({"arm": ["vanilla"] * 3 + ["dropout"] * 3, **curve, **keys})
    assert area(table)["area"].tolist() == [0.625, 0.625]
    table["arm"] = ["vanilla"] * 3 + [missing] * 3
    with pytest.raises(ValueError, match="column 'arm' has a row without a value"):
        area(table)
