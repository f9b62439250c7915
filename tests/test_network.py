"""The functional network as a whole: against numpy, the rooms below, and damage by hand."""

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import funcnet_utils
from funcnet_utils import FunctionalNetwork, functional_network, graphs, topology
from funcnet_utils.__main__ import app
from funcnet_utils.correlation import memory_needed


def clusters(n_samples=400, seed=0):
    """Return signals of two groups of units that share a cause each."""
    rng = np.random.default_rng(seed)
    causes = rng.normal(size=(n_samples, 2))
    noise = rng.normal(size=(n_samples, 20))
    return np.repeat(causes, 10, axis=1) + noise


@pytest.fixture(scope="module")
def net():
    x = clusters()
    x[:, 3] = 0.5
    return FunctionalNetwork.from_activations({"first": x[:, :10], "second": x[:, 10:]})


def test_parts_of_a_network(net):
    x = np.delete(clusters(), 3, axis=1)
    np.testing.assert_allclose(net.r, np.corrcoef(x.T), atol=1e-12)
    assert net.layer_names == ("first", "second")
    assert net.layers.tolist() == 9 * [0] + 10 * [1]
    assert net.units.tolist() == [0, 1, 2, *range(4, 20)]
    assert np.flatnonzero(net.dead).tolist() == [3]
    assert net.n_samples == 400
    assert not np.diagonal(net.strength).any()
    np.testing.assert_array_equal(net.strength, np.abs(net.r) * (1 - np.eye(19)))
    with pytest.raises(AttributeError):
        net.r = 0


def test_what_a_reader_sees(net):
    assert str(net).startswith("FunctionalNetwork(19 nodes, 400 samples, mean |r| 0.2")
    assert "\n  first: 10 units, 1 dead\n  second: 10 units" in repr(net)
    assert "  first: 10 units, 1 dead\n" in net._repr_html_()
    assert "<b>" not in FunctionalNetwork.from_correlation(np.eye(2), ["<b>", "c"])._repr_html_()


def test_measures_are_those_of_the_graph(net):
    graph = graphs.spanning_density_graph(net.strength, 0.2)
    np.testing.assert_array_equal(net.graph(0.2), graph)
    assert net.measures(0.2) == {
        "density": 0.2,
        **graphs.all_measures(graph, 0, labels=net.layers),
    }
    several = net.measures([0.2, 0.4])
    assert several["clustering"].tolist() == [
        net.measures(0.2)["clustering"],
        net.measures(0.4)["clustering"],
    ]
    assert net.small_world(3, 1, 0.2) == graphs.small_world(graph, 3, 1)
    diagrams = topology.persistence(1 - net.strength - np.eye(19))
    for found, expected in zip(net.diagrams(), diagrams, strict=True):
        np.testing.assert_array_equal(found, expected)
    birth = net.diagrams()[1][0, 0]
    cycle = topology.representative_cycle(1 - net.strength - np.eye(19), birth)
    np.testing.assert_array_equal(net.cycle(birth), cycle)


@pytest.mark.parametrize(
    "kind", ["rewired", "lattice", "erdos_renyi", "spectrum", "hqs", "configuration"]
)
def test_nulls_keep_what_they_promise(net, kind):
    graph, nulls = net.graph(0.3), net.null(kind, 4, seed=1, density=0.3)
    assert nulls.shape == (4, 19, 19)
    assert (nulls.sum((1, 2)) == graph.sum()).all()
    assert not (nulls == graph).all((1, 2)).any()
    if kind in ("rewired", "lattice"):
        assert (nulls.sum(2) == graph.sum(1)).all()
    np.testing.assert_array_equal(net.null(kind, 4, seed=1, density=0.3), nulls)


def test_unknown_null(net):
    with pytest.raises(ValueError, match="kind is 'rewire': did you mean 'rewired'"):
        net.null("rewire")


def test_networkx(net):
    nx_graph = net.to_networkx(0.3)
    graph = net.graph(0.3)
    assert set(nx_graph.edges) == {(i, j) for i, j in np.argwhere(graph) if i < j}
    assert nx_graph.nodes[3] == {"layer": "first", "unit": 4}
    i, j = next(iter(nx_graph.edges))
    assert nx_graph.edges[i, j]["weight"] == abs(net.r[i, j])


def test_save_and_load(net, tmp_path):
    net.save(tmp_path / "net.npz")
    again = FunctionalNetwork.load(tmp_path / "net.npz")
    assert repr(again) == repr(net)
    for name in ("r", "units", "dead", "unit_layers", "layers", "strength"):
        np.testing.assert_array_equal(getattr(again, name), getattr(net, name))
    assert (again.layer_names, again.precision, again.n_samples) == (
        net.layer_names,
        net.precision,
        net.n_samples,
    )
    np.savez(tmp_path / "other.npz", r=np.eye(3))
    with pytest.raises(
        ValueError, match=r"other.npz is no file of a network .*units.*: write it by save"
    ):
        FunctionalNetwork.load(tmp_path / "other.npz")
    np.savez(tmp_path / "evil.npz", r=np.array([print], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        FunctionalNetwork.load(tmp_path / "evil.npz")
    np.save(tmp_path / "r.npy", net.r)
    with pytest.raises(ValueError, match=r"r.npy is no file of a network .*: write it by save"):
        FunctionalNetwork.load(tmp_path / "r.npy")


def test_figures(net):
    plt = pytest.importorskip("matplotlib.pyplot")
    mixed = FunctionalNetwork.from_correlation(np.eye(4) * 0.5 + 0.5, ["a", "b", "a", "b"])
    mixed.plot_matrix(plt.figure().gca())
    net.plot_graph(0.3, ax=plt.figure().gca())
    net.plot_diagram(ax=plt.figure().gca())
    plt.close("all")


def test_correlations_of_other_origin():
    r = np.corrcoef(clusters().T)
    signed = FunctionalNetwork.from_correlation(r, 10 * ["left"] + 10 * ["right"])
    absolute = FunctionalNetwork.from_correlation(np.abs(r))
    np.testing.assert_array_equal(signed.graph(0.2), absolute.graph(0.2))
    assert signed.layer_names == ("left", "right")
    assert absolute.layer_names == ("0",)
    hollow = FunctionalNetwork.from_correlation(r - np.diag(np.diagonal(r)))
    np.testing.assert_allclose(hollow.r, r, atol=1e-15)  # a diagonal of zeros kills no unit
    paper = FunctionalNetwork.from_correlation(
        np.diag([1.0, 1, 0]), dead="zero", precision="float16"
    )
    assert len(paper.r) == 3
    assert paper.strength.dtype == np.float64
    half = FunctionalNetwork.from_correlation([[1, 0.1], [0.1, 1]], precision="float16")
    assert half.strength[0, 1] == np.float16(0.1)
    assert half.r[0, 1] == 0.1


R = np.array([[1, 0.5, 0.2], [0.5, 1, -0.3], [0.2, -0.3, 1]])


@pytest.mark.parametrize(
    ("r", "options", "message"),
    [
        (np.triu(R), {}, "one triangle only"),
        (np.tril(R, -1), {}, "one triangle only"),
        (R + np.triu(R, 1), {}, r"not symmetric.*differ by up to 0.5"),
        (2 * R, {}, r"entries in \[-1, 1\].* to 2: give signed"),
        (R * [1, np.nan, 1], {}, "NaN or infinity"),
        (R[:2], {}, r"shape of r is \(2, 3\)"),
        (R.astype(complex), {}, "complex128"),
        (R, {"layers": [0, 1]}, "one layer from 0 on for each of 3 units"),
        (R, {"dead": "keep"}, "dead is 'keep'"),
        (R / 4, {}, "a diagonal of 1 .0 for dead units."),
        (
            R,
            {"layers": [0, 1, 2], "layer_names": ("a", "b")},
            "there are 3 layers: give each a name",
        ),
    ],
)
def test_matrices_that_are_no_correlations(r, options, message):
    with pytest.raises(ValueError, match=message):
        FunctionalNetwork.from_correlation(r, **options)


def test_few_samples_and_units_that_are_hardly_active():
    x = clusters(39)
    with pytest.warns(UserWarning, match="39 samples are few for 20 units"):
        FunctionalNetwork.from_activations(x)
    x = clusters(100)
    x[:, 4:6] = 0
    x[7, 4:6] = 1, 3  # two units active on one and the same sample
    with pytest.warns(UserWarning, match="2 of 20 units are active on fewer than 5 of 100"):
        found = FunctionalNetwork.from_activations(x)
    assert found.r[4, 5] == pytest.approx(1, abs=1e-12)
    found = FunctionalNetwork.from_activations(x, min_active=2)
    assert found.units.tolist() == [0, 1, 2, 3, *range(6, 20)]
    assert not found.dead.any()
    with pytest.raises(ValueError, match="one network at a time"):
        FunctionalNetwork.from_activations(np.stack([x, x]))


class Classifier(nn.Module):
    """A convolution whose channels 0 and 1 decide, and a hidden layer that passes them on."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.act = nn.Conv2d(1, 6, 3), nn.ReLU()
        self.fc, self.out = nn.Linear(6, 5), nn.Linear(5, 3)

    def forward(self, x, silent=(), value=None):
        x = self.act(self.conv(x))
        for unit in silent:
            if unit < 6:
                x[:, unit] = 0 if value is None else value[unit]
        x = self.act(self.fc(x.mean((2, 3))))
        for unit in silent:
            if unit >= 6:
                x[:, unit - 6] = 0 if value is None else value[unit]
        return (self.out(x),)


@pytest.mark.filterwarnings("ignore:.*units:UserWarning")
@pytest.mark.parametrize("clamp", ["zero", "mean"])
def test_lesions_equal_a_forward_pass_with_silent_units(clamp):
    model, x = Classifier(), torch.randn(60, 1, 6, 6)
    loader = DataLoader(TensorDataset(x, torch.arange(60) % 3), batch_size=16)
    net = functional_network(model, loader)
    assert net.layer_names == ("act#0", "act#1")
    rng = np.random.default_rng(0)
    orders = np.stack([rng.permutation(len(net.units)) for _ in range(3)])

    def score(lesioned, data):  # any function: here the answers themselves, weighted
        answers = torch.cat([lesioned(batch)[0] for batch, _ in data])
        return float((answers * torch.arange(180).view(60, 3)).sum())

    found = net.lesions(model, loader, score, order=orders, shares=(0, 0.5, 1), clamp=clamp)
    conv = nn.functional.relu(model.conv(x))
    hidden = nn.functional.relu(model.fc(conv.mean((2, 3))))
    mean = torch.cat([conv.mean((0, 2, 3)), hidden.mean(0)]).detach()
    value = mean if clamp == "mean" else None
    for row, order in zip(found, orders, strict=True):
        for share, one in zip((0, 0.5, 1), row, strict=True):
            silent = net.units[order[: round(share * len(order))]]
            with torch.no_grad():
                answers = model(x, silent, value)[0]
            expected = float((answers * torch.arange(180).view(60, 3)).sum())
            assert one == pytest.approx(expected, rel=1e-4)  # float32 sums
    assert found[0, 0] == found[1, 0]
    assert found[0, 1] != found[1, 1]


@pytest.mark.filterwarnings("ignore:.*units:UserWarning", "ignore:.*last one only:UserWarning")
def test_lesions_by_rank_and_of_recurrent_layers():
    class Recurrent(nn.Module):
        def __init__(self, state):
            super().__init__()
            torch.manual_seed(0)
            self.lstm, self.out, self.state = nn.LSTM(3, 8, 2), nn.Linear(8, 2), state

        def forward(self, x):
            output, (hidden, _) = self.lstm(x.transpose(0, 1))
            return self.out(hidden[-1] if self.state else output[-1])

    x = torch.randn(50, 4, 3)
    data = DataLoader(TensorDataset(x, torch.arange(50) % 2), batch_size=50)
    for state in (False, True):
        model = Recurrent(state).train()
        net = functional_network(model, data)
        scores = net.lesions(model, data, order="degree", shares=(0, 1), density=0.5)
        clean = (model.eval()(x).argmax(1) == torch.arange(50) % 2).double().mean().item()
        constant = (torch.arange(50) % 2 == model.out.bias.argmax()).double().mean().item()
        assert scores.tolist() == [clean, constant]
    by_degree = net.lesions(model, data, lambda *_: 0.0, order="betweenness", density=0.5)
    assert by_degree.shape == (6,)
    for options, message in (
        ({"order": "degre"}, "did you mean 'degree'"),
        ({"clamp": "one"}, "clamp is 'one'"),
        ({"shares": (0, 2)}, "share is 2"),
        ({"order": [0, 1]}, "list each of 0 to 7 once"),
    ):
        with pytest.raises(ValueError, match=message):
            net.lesions(model, data, density=0.5, **options)
    with pytest.raises(ValueError, match=r"batches of \(inputs, labels\)"):
        net.lesions(model, [x], density=0.5)
    with pytest.raises(ValueError, match="a list_iterator cannot give the same order twice"):
        net.lesions(model, iter([(x, x)]), density=0.5)
    with pytest.raises(ValueError, match="there are no batches to score"):
        net.lesions(model, [], density=0.5)


def test_correlations_within_classes_of_a_model():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 6), nn.Tanh())
    labels = np.arange(90) % 3
    x = torch.randn(90, 4) + 3 * torch.eye(3, 4)[labels]
    loader = DataLoader(TensorDataset(x), batch_size=20)
    found = functional_network(model, loader, labels=labels)
    values = model(x).detach().double().numpy()
    for k in range(3):
        values[labels == k] -= values[labels == k].mean(0)
    np.testing.assert_allclose(found.r, np.corrcoef(values.T), atol=1e-6)
    assert np.abs(found.r - functional_network(model, loader).r).max() > 0.1
    tensor = functional_network(model, loader, labels=torch.tensor(labels))
    np.testing.assert_array_equal(tensor.r, found.r)
    with pytest.raises(ValueError, match="there are 5 labels for 90 samples"):
        functional_network(model, loader, labels=np.arange(5))


@pytest.mark.filterwarnings("ignore:.*units:UserWarning")
def test_a_network_takes_no_more_memory_than_is_announced():
    x = np.random.default_rng(0).random((20, 2000), dtype=np.float32)
    x[:, 0] = 1
    tracemalloc.start()
    FunctionalNetwork.from_activations(x, min_active=5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < memory_needed(2000)


def test_the_front_door_is_light():
    code = (
        "import sys, funcnet_utils; from funcnet_utils import FunctionalNetwork; "
        "print(sorted({'torch', 'pandas', 'matplotlib', 'sklearn', 'seaborn'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
    assert {"functional_network", "load_dataset", "studies"} <= set(dir(funcnet_utils))
    with pytest.raises(AttributeError, match="no attribute 'functional_networks'"):
        _ = funcnet_utils.functional_networks


MODEL = """
import torch

def build():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(64, 30), torch.nn.ReLU(), torch.nn.Linear(30, 9))

def convolution():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Conv2d(1, 24, 3), torch.nn.Tanh())

def normalized():
    convolve = torch.nn.utils.parametrizations.weight_norm(torch.nn.Conv2d(1, 24, 3))
    return torch.nn.Sequential(torch.nn.BatchNorm2d(1), convolve, torch.nn.Tanh())

def wide():
    return torch.nn.Sequential(torch.nn.Linear(784, 9), torch.nn.ReLU())

model = build()
"""


@pytest.fixture
def measure(tmp_path):
    file = tmp_path / "mymodel.py"
    file.write_text(MODEL)

    def run(function, *arguments):
        return CliRunner().invoke(app, ["measure", f"{file}:{function}", *arguments])

    return run


@pytest.mark.filterwarnings("ignore:.*units:UserWarning")
def test_measure_on_the_command_line(measure, tmp_path):
    out = tmp_path / "net.npz"
    result = measure("build", "--data", "digits", "--density", "0.2", "--out", str(out))
    assert result.exit_code == 0, result.output
    net = FunctionalNetwork.load(out)
    assert result.stdout.startswith(str(net))
    assert (
        f"sigma                        {net.small_world(20, 0, 0.2).sigma:.4g}\n" in result.stdout
    )
    assert f"loops                        {len(net.diagrams()[1])}\n" in result.stdout
    assert measure("model", "--data", "digits", "--density", "0.2").stdout == result.stdout
    result = measure("convolution", "--data", "digits", "--density", "0.2", "--layers", "1")
    assert "  1: 24 units" in result.stdout
    few = ("build", "--data", "digits", "--density", "0.3", "--min-active", "180")
    first, kept = (measure(*few[:n], "--out", str(out)).stdout for n in (5, 7))
    assert kept.startswith(str(FunctionalNetwork.load(out)))
    assert first.splitlines()[0] != kept.splitlines()[0]
    assert "  2: 24 units" in measure("normalized", "--data", "digits", "--density", "0.2").stdout


@pytest.mark.filterwarnings("ignore:.*units:UserWarning")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["built", "--data", "digits"], "has no function 'built': did you mean 'build'"),
        (["build", "--data", "digit"], "did you mean 'digits'"),
        (["build", "--data", "digits", "--layers", "relu"], "no layer 'relu'"),
        (["build", "--data", "digits", "--density", "0.01"], "too few for the spanning tree"),
        (["wide", "--data", "digits"], "the model refuses images as (64,): mat1 and mat2"),
        (["build", "--data", "digits", "--out", "no/where.npz"], "No such file or directory"),
    ],
)
def test_mistakes_on_the_command_line(measure, arguments, message):
    result = measure(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_model_file_that_is_not_there():
    result = CliRunner().invoke(app, ["measure", "nowhere.py:build", "--data", "digits"])
    assert result.exit_code == 2
    assert "'nowhere.py:build' is no FILE:FUNCTION" in result.stderr
    assert "such as model.py:build" in result.stderr


def test_lesions_need_hooks():
    x = clusters()
    net = FunctionalNetwork.from_activations(x)
    with pytest.raises(ValueError, match=r"lesions need a torch module, and this is a ndarray"):
        net.lesions(x, x, lambda *_: 0.0, density=0.2)
