"""Configurations: canonical form, hashes and clear errors."""

import dataclasses

import numpy as np
import pytest

from funcnet_utils.arms import ARMS, Arm
from funcnet_utils.models import AttackConfig, LesionConfig
from funcnet_utils.studies import config as config_module
from funcnet_utils.studies.config import StudyConfig, parse_hidden

CHANGES = {
    "dataset": "digits",
    "hidden": (60, 50),
    "arms": ("vanilla",),
    "n_networks": 3,
    "n_epochs": 1,
    "batch_size": 32,
    "learning_rate": 1e-3,
    "seed": 1,
    "device": "cuda",
    "checkpoints": (0, 7),
    "block_size": 4,
    "probe": "train",
    "dead": "zero",
    "density": 0.07,
    "densities": (0.2,),
    "n_null": 21,
    "edges": "class_residual",
    "precision": "float16",
    "epsilons": (0.1,),
    "n_attacked": 100,
    "attack_steps": 10,
    "attack_restarts": 1,
    "n_lesions": 2,
}


def test_every_field_changes_the_hash():
    assert set(CHANGES) == {field.name for field in dataclasses.fields(StudyConfig)}
    hashes = {StudyConfig().hash}
    for name, value in CHANGES.items():
        hashes.add(dataclasses.replace(StudyConfig(), **{name: value}).hash)
    assert len(hashes) == len(CHANGES) + 1


def test_canonical_form_is_json_that_spells_out_the_arms():
    fields = StudyConfig().as_dict()
    assert fields["arms"][2] == ARMS["dropout"].recipe()
    assert fields["hidden"] == [100, 50]


def test_lists_are_as_good_as_tuples_and_density_joins_the_sweep():
    config = StudyConfig(hidden=[100, 50], densities=[0.2, 0.1, 0.2])
    assert config.hidden == (100, 50)
    assert config.densities == (0.05, 0.1, 0.2)
    assert config == StudyConfig(densities=(0.05, 0.1, 0.2))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("dataset", "mnist5k", "did you mean 'mnist_5k'"),
        ("arms", (), "arms is empty"),
        ("arms", ("vanila",), "did you mean 'vanilla'"),
        ("arms", ("vanilla", "vanilla"), "names an arm twice"),
        ("arms", "vanilla", "give a tuple"),
        ("arms", [{}], "there is no arm '{}'"),
        ("dataset", {}, "there is no data set {}"),
        ("learning_rate", np.inf, "learning_rate is inf"),
        ("hidden", (), r"hidden is empty: give at least one, such as \(100, 50\)"),
        ("hidden", (100, 0), "hidden is 0: choose a whole number >= 1"),
        ("hidden", 100, "give a tuple"),
        ("n_networks", 0, "n_networks is 0"),
        ("n_networks", True, "n_networks is True"),
        ("n_networks", 2.0, "whole number"),
        ("n_epochs", -1, "n_epochs is -1"),
        ("batch_size", 1, "batch_size is 1"),
        ("learning_rate", 0, "learning_rate is 0"),
        ("learning_rate", float("nan"), "learning_rate is nan"),
        ("learning_rate", "fast", "learning_rate is 'fast'"),
        ("seed", -1, r"seed is -1: choose a whole number in \[0, 4294967295\]"),
        ("probe", "tests", "did you mean 'test'"),
        ("edges", "spearmen", "choose from pearson, class_residual"),
        ("precision", "float32", "precision is 'float32'"),
        ("epsilons", (0.1, 2), r"epsilon is 2: choose a number in \[0, 1\]"),
        ("n_attacked", 0, "n_attacked is 0"),
        ("n_lesions", 0, "n_lesions is 0"),
        ("dead", "jitter", "choose from drop, zero"),
        ("density", 0.01, "spanning tree of the units alone needs 0.01333"),
        ("density", 1.5, r"density is 1.5: choose .* in \[0.0133333, 1\]"),
        ("densities", (0.05, float("nan")), "density is nan"),
        ("n_null", 0, "n_null is 0"),
        ("block_size", 0, "block_size is 0"),
        ("checkpoints", (1, -1), "checkpoints is -1"),
        ("checkpoints", 5, "give a tuple"),
    ],
)
def test_bad_values(field, value, message):
    with pytest.raises(ValueError, match=message):
        StudyConfig(**{field: value})


def test_presets():
    paper = StudyConfig.preset("paper2022", dataset="mnist_5k")
    assert (paper.dead, paper.precision, paper.probe) == ("zero", "float16", "train")
    assert StudyConfig.preset("book") == StudyConfig()
    with pytest.raises(ValueError, match="preset is 'paper': did you mean 'paper2022'"):
        StudyConfig.preset("paper")


def test_parse_hidden():
    assert parse_hidden("100") == (100,)
    with pytest.raises(ValueError, match="joined by hyphens"):
        parse_hidden("100,50")


@pytest.mark.parametrize("rate", [-0.1, 1.0, float("nan")])
def test_bad_dropout(rate):
    with pytest.raises(ValueError, match=r"choose a rate in \[0, 1\)"):
        Arm("x", "x", "#000000", dropout=rate)


def test_bad_weight_decay():
    with pytest.raises(ValueError, match="weight_decay -1"):
        Arm("x", "x", "#000000", weight_decay=-1)


def test_arms_have_names_and_colours_of_their_own():
    assert all(name == arm.name for name, arm in ARMS.items())
    assert len({arm.color for arm in ARMS.values()}) == len(ARMS)


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ({"n_networks": np.int64(5)}, {"n_networks": 5}),
        ({"hidden": np.array([100, 50])}, {"hidden": (100, 50)}),
        ({"learning_rate": np.float32(0.5)}, {"learning_rate": 0.5}),
        ({"learning_rate": 1}, {"learning_rate": 1.0}),
        ({"density": np.float32(0.5)}, {"density": 0.5}),
        ({"density": 1}, {"density": 1.0}),
        ({"densities": np.array([0.5, 1], dtype=np.float16)}, {"densities": (0.5, 1.0)}),
        ({"epsilons": np.array([0, 1])}, {"epsilons": (0.0, 1.0)}),
        ({"checkpoints": np.arange(3, dtype=np.uint8)}, {"checkpoints": (0, 1, 2)}),
        ({"seed": np.uint32(7)}, {"seed": 7}),
        ({"arms": np.array(["vanilla"])}, {"arms": ("vanilla",)}),
    ],
)
def test_numbers_of_numpy_are_numbers(given, plain):
    one, other = StudyConfig(**given), StudyConfig(**plain)
    assert one == other
    assert one.hash == other.hash
    assert repr(one) == repr(other)


def test_settings_of_attacks_and_lesions_take_numbers_of_numpy():
    one = AttackConfig(steps=np.int64(5), epsilons=np.float32([0, 0.5]))
    assert one == AttackConfig(steps=5, epsilons=(0.0, 0.5))
    one = LesionConfig(draws=np.int64(3), shares=np.array([0, 1]), density=np.float32(0.5))
    assert one == LesionConfig(draws=3, shares=(0.0, 1.0), density=0.5)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n_networks", 10**9),
        ("n_epochs", 10**12),
        ("hidden", (10**6,)),
        ("hidden", (10, 10**9, 10)),
        ("n_null", 10**9),
        ("densities", np.linspace(0.1, 1, 10**5)),
    ],
)
def test_what_no_memory_can_hold_is_refused(field, value, monkeypatch):
    monkeypatch.setattr(config_module, "available_memory", lambda: 4 * 2.0**30)
    StudyConfig(hidden=(1000, 500), n_networks=1000, n_epochs=1000)
    with pytest.raises(
        ValueError, match=rf"^{field} is .* about [\d,.]+ GiB .* 4.0 are free"
    ) as said:
        StudyConfig(**{field: value})
    assert len(str(said.value)) < 200
