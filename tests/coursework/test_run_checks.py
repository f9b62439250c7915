"""Exercises that are recomputed from the reader's own run, here on small made-up studies.

Each gets the right answer, near ones, invented ones, typical mistakes, and the right answer of a
study with another seed.
"""

import dataclasses
import inspect
from collections import OrderedDict
from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch
from scipy.spatial.distance import pdist, squareform
from sklearn.linear_model import LinearRegression
from sklearn.metrics import adjusted_rand_score

from coursework import checks
from coursework.checks import experiments
from coursework.checks.core import RECORDS, SOLVERS, Solution, _near
from funcnet_utils import clustering, graphs, stats, topology
from funcnet_utils.datasets import load_dataset
from funcnet_utils.models import Population, robust_accuracy
from funcnet_utils.models.perturbations import gaussian_noise, right_answers
from funcnet_utils.studies.config import StudyConfig

ARMS = ("vanilla", "batch_norm", "dropout")
DENSITIES = (0.02, 0.05, 0.3)
EPSILONS = (0.0, 0.05, 0.1, 0.3)
MEASURES = ("local_efficiency", "global_efficiency", "omega", "sigma")


@dataclass(frozen=True)
class MadeUp:
    """What checks read of a study, drawn at random."""

    config: StudyConfig

    @property
    def rng(self):
        config = self.config
        return np.random.default_rng([config.seed, config.n_epochs, len(config.arms)])

    def rows(self, **columns):
        index = pd.MultiIndex.from_product(
            [self.config.arms, range(self.config.n_networks), *columns.values()],
            names=["arm", "network", *columns],
        )
        return index.to_frame(index=False)

    @property
    def graph_measures(self):
        rows = self.rows(density=DENSITIES, measure=MEASURES)
        return rows.assign(value=self.rng.uniform(0.4, 0.8, len(rows)))

    def measure(self, name):
        rows = self.graph_measures.query(f"measure == '{name}' and density == {DENSITIES[1]}")
        return rows.pivot(index="network", columns="arm", values="value")[list(self.config.arms)]

    @property
    def attacks(self):
        rows = self.rows(attack=["noise", "worst"], epsilon=EPSILONS)
        steep, clean = self.rng.random((2, len(rows) // 8)).repeat(8, axis=1)
        falls = np.where(rows["attack"] == "worst", 8, 1) * (steep + 0.5) * rows["epsilon"]
        clean = 0.5 + clean / 2
        return rows.assign(accuracy=clean * np.exp(-falls))

    @property
    def diagrams(self):
        rng, found = self.rng, {}
        for arm, network in self.rows().itertuples(index=False):
            count = 20 + 9 * self.config.arms.index(arm) + rng.integers(5)
            births = rng.uniform(0, 0.5, count)
            lives = rng.uniform(0.02, 0.3, count)
            found[arm, network] = [np.zeros((1, 2)), np.column_stack([births, births + lives])]
        return found

    @property
    def networks(self):
        rows, rng = self.rows(), self.rng
        names = ("mean_abs_r", "sd_abs_r", "train_loss", "weight_norm")
        return rows.assign(**{name: rng.random(len(rows)) for name in names})

    def correlation(self, arm, network):
        rng = np.random.default_rng([self.config.seed, self.config.arms.index(arm), network])
        r = np.corrcoef(rng.normal(size=(40, 12)) + rng.normal(size=(40, 1)), rowvar=False)
        r[3] = r[:, 3] = 0  # a dead unit
        signs = np.sign(np.arange(12) - 4.5)
        return r * np.outer(signs, signs)

    def population(self, arm, network):
        return Population(1, (64, 8, 10), arm, self.config.seed)


def study(seed, **changes):
    names = {"dataset": "digits", "arms": ARMS, "n_networks": 4, "n_epochs": 6, "n_attacked": 50}
    return MadeUp(StudyConfig(seed=seed, epsilons=EPSILONS, **(names | changes)))


def ledger(seed):
    rng = np.random.default_rng(seed)
    mid, n = rng.normal(size=12), 12
    p = np.where(np.arange(n) < 5 + seed, 0.001, 0.2)
    return pd.DataFrame(
        {
            "run": ["this page"] * 11 + ["published"],
            "low": mid - 0.1 * np.abs(mid),
            "high": mid + 0.1 * np.abs(mid),
            "effect": mid,
            "direction": np.sign(mid) * np.where(np.arange(n) == 4, -1, 1),
            "p": p,
            "p_holm": np.where(np.arange(n) == 3, 0.06, 11 * p),
            "verdict": np.where(np.arange(n) % 11 < 3 + seed, "supported", "inconclusive"),
        }
    )


def run_of(name, seed):
    """What the check cell of an exercise passes."""
    rng = np.random.default_rng(seed)
    signals = rng.normal(size=(60, 15)) + rng.normal(size=(60, 1))
    trained = study(seed)
    networks = Population(1, (64, 8, 10), "vanilla", seed)
    images = rng.random((40, 64)).astype(np.float32)
    return {
        "fn-ex-1": {"strength": np.abs(np.corrcoef(signals.T)), "density": 0.2},
        "fn-ex-2": {"signals": signals, "seed": seed},
        "sw-ex-2": {"trained": trained, "untrained": study(seed, n_epochs=0)},
        "dv-ex-2": {"seen": trained, "noise": study(seed + 100)},
        "le-ex-1": {"ledger": ledger(seed)},
        "pf-ex-3": {"signals": np.random.default_rng(seed).normal(size=(12, 30))},
        "adv-ex-4": {
            "networks": networks,
            "images": images,
            "labels": networks.network(0)(torch.tensor(images)).argmax(1).numpy(),
            "epsilons": [0.0, 0.1, 0.5],
        },
        "own-ex-1": {"model": model(seed), "images": images},
        "own-ex-2": {"model": model(seed), "images": images, "density": 0.35},
    }.get(name, {"trained": trained})


def model(seed):
    """A model of the reader's own."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        layers = {"first": torch.nn.Linear(64, 9), "one": torch.nn.ReLU()}
        layers |= {"second": torch.nn.Linear(9, 6), "two": torch.nn.ReLU()}
        return torch.nn.Sequential(OrderedDict(layers | {"last": torch.nn.Linear(6, 3)}))


def own_correlations(model, images, least=0):
    """Correlations before and after the activations; units that are seldom active are nan."""
    with torch.no_grad():
        first = model.first(torch.tensor(images))
        second = model.second(model.one(first))
    before = torch.cat([first, second], 1).double().numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        after = np.maximum(before, 0)
        after[:, (after > 0).sum(0) < least] = 0
        return np.corrcoef(before.T), np.corrcoef(after.T)


def before_the_activation(model, images):
    before, after = (
        pd.DataFrame(r).dropna(how="all") for r in own_correlations(model, images, least=5)
    )
    sizes = [
        np.nanmean(np.abs(r.to_numpy() + np.diag([np.nan] * 15)[r.index])) for r in (before, after)
    ]
    return [len(before), len(after), *sizes]


def half_of_the_images(model, images, density):
    halves = [own_correlations(model, images[k::2])[1] for k in (0, 1)]
    alive = np.flatnonzero(~np.isnan(np.diagonal(halves[0]) + np.diagonal(halves[1])))
    found = [spanning_graphs(np.abs(r[np.ix_(alive, alive)]), density)[1] for r in halves]
    one, two = ({frozenset(edge) for edge in graph.edges} for graph in found)
    return len(one & two) / len(one)


def spanning_graphs(strength, density):
    """The strongest pairs, and the tree with the strongest other pairs, by networkx."""
    whole = nx.from_numpy_array(np.triu(strength, 1))
    count = round(density * whole.number_of_nodes() * (whole.number_of_nodes() - 1) / 2)
    order = sorted(whole.edges, key=lambda edge: -strength[edge])
    tree = list(nx.maximum_spanning_edges(whole, data=False))
    kept = {frozenset(edge) for edge in tree}
    others = [edge for edge in order if frozenset(edge) not in kept]
    graphs_ = []
    for edges in (order[:count], tree + others[: count - len(tree)]):
        graph = nx.empty_graph(len(strength))
        graph.add_edges_from(edges)
        graphs_.append(graph)
    return graphs_


def tree_or_not(strength, density):
    strongest, tree = spanning_graphs(strength, density)
    isolated = nx.number_of_isolates(strongest)
    return [isolated, nx.average_clustering(strongest), nx.average_clustering(tree)]


def mirror_and_shuffle(signals, seed):
    shuffled = graphs.column_shuffled(signals, seed)
    sizes = [np.abs(pd.DataFrame(each).corr().to_numpy()) for each in (shuffled, signals)]
    after, before = ((size.sum() - len(size)) for size in sizes)
    return [0, after / before]


def omega_of_arms(trained, untrained):
    means = trained.measure("omega").mean()
    return [*means, untrained.measure("omega")["vanilla"].mean()]


def threshold_densities(trained):
    found = []
    for arm in ARMS:
        r = np.abs([trained.correlation(arm, k) for k in range(4)])
        alive = np.delete(np.delete(r, 3, 1), 3, 2)
        found.append(((alive >= 0.3).sum() - 4 * 11) / (4 * 11 * 10))
    return found


def effect(trained, measure, arms, reference, n_epochs=6):
    config = dataclasses.replace(trained.config, arms=arms, n_epochs=n_epochs)
    new = MadeUp(config).measure(measure)
    old = new if "vanilla" in arms else trained.measure(measure)
    found = stats.paired_effect(new[arms[-1]], old[reference], trained.config.seed)
    return [found.mean, found.low, found.high]


def areas_of_two_arms(trained):
    table = trained.graph_measures.query("measure == 'local_efficiency'")
    curves = table.pivot_table(index="density", columns="arm", values="value")
    width = DENSITIES[-1] - DENSITIES[0]
    return [np.trapezoid(curves[arm], DENSITIES) / width for arm in ("vanilla", "dropout")]


def seen_and_noise(seen, noise):
    pairs = [(i, j) for i in range(12) for j in range(i) if 3 not in (i, j)]
    return [
        np.corrcoef(
            [[abs(each.correlation(arm, 0)[pair]) for pair in pairs] for each in (seen, noise)]
        )[0, 1]
        for arm in ARMS
    ]


def without_corrections(ledger):
    mine = ledger[:11]
    wrong_way = 1  # row 4
    return [(mine["verdict"] == "supported").sum(), (mine["p"] < 0.05).sum() - wrong_way]


def index_of(trained, distances):
    arms = [arm for arm, _ in trained.diagrams]
    labels = clustering.cluster(distances, 3, seed=trained.config.seed)
    return adjusted_rand_score(arms, labels)


def number_or_shape(trained):
    rng = np.random.default_rng(trained.config.seed)
    loops = [h1 for _, h1 in trained.diagrams.values()]
    numbers = np.array([len(diagram) for diagram in loops])
    thinned = [rng.choice(diagram, numbers.min(), replace=False) for diagram in loops]
    by_number = index_of(trained, np.abs(np.subtract.outer(numbers, numbers)) / numbers.std())
    by_place = index_of(trained, topology.sliced_wasserstein_matrix(thinned))
    return [numbers.min(), by_number, by_place]


def taken_away(trained):
    steps = np.linspace(0, 1, 101)[:, None]
    curves = np.array(
        [
            ((h1[:, 0] <= steps) & (steps < h1[:, 1])).sum(1).astype(float)
            for _, h1 in trained.diagrams.values()
        ]
    )
    simple = trained.networks.iloc[:, 2:].to_numpy()
    rest = curves - LinearRegression().fit(simple, curves).predict(simple)
    share = rest.var(0).sum() / curves.var(0).sum()
    return [*(index_of(trained, squareform(pdist(each))) for each in (curves, rest)), share]


def noise_and_attack(trained):
    table = trained.attacks.pivot(
        index=["attack", "arm", "network"], columns="epsilon", values="accuracy"
    )
    areas = np.trapezoid(table, table.columns) / (EPSILONS[-1] - EPSILONS[0])
    shares = pd.Series(areas / table[0.0], table.index).groupby(level=["attack", "arm"]).mean()
    return [[shares[attack, arm] for arm in ARMS] for attack in ("noise", "worst")]


def ruler(trained):
    test = load_dataset("digits").test
    rows = np.linspace(0, len(test) - 1, 50).round().astype(int)
    network, radii = trained.population("vanilla", 0).network(0), []
    for pixels, label in zip(test.images[rows], test.labels[rows], strict=True):

        def margin(shown, label=label):
            logits = network(shown[None])[0]
            return logits[label] - torch.cat([logits[:label], logits[label + 1 :]]).max()

        shown = torch.tensor(pixels)
        slope = torch.func.grad(margin)(shown)
        radii.append((margin(shown) / slope.abs().sum()).item())
    table = trained.attacks.query("arm == 'vanilla' and network == 0 and attack == 'worst'")
    return [[np.mean(np.array(radii) > e) for e in EPSILONS], table["accuracy"].tolist()]


def two_curves(networks, images, labels, epsilons):
    noise = [right_answers(networks, gaussian_noise(images, e), labels).mean() for e in epsilons]
    pgd = robust_accuracy(networks, images, labels, epsilons, steps=20, restarts=2)
    return [pgd.mean(1), noise]


def merged_moments(signals):
    shifted = signals.T + 1e6
    naive = shifted.T @ shifted - 30 * np.outer(shifted.mean(0), shifted.mean(0))
    truth = np.cov(shifted.T) * 29
    return [1e-15, np.abs(naive - truth).max() / np.abs(truth).max()]


RIGHT = {
    "fn-ex-1": tree_or_not,
    "fn-ex-2": mirror_and_shuffle,
    "sw-ex-2": omega_of_arms,
    "bn-ex-2": threshold_densities,
    "bn-ex-3": lambda trained: effect(
        trained, "global_efficiency", ("batch_norm",), "vanilla", n_epochs=2
    ),
    "do-ex-2": areas_of_two_arms,
    "do-ex-3": lambda trained: effect(
        trained, "local_efficiency", ("vanilla", "weight_decay"), "vanilla"
    ),
    "dv-ex-2": seen_and_noise,
    "le-ex-1": without_corrections,
    "le-ex-2": lambda trained: effect(
        trained, "global_efficiency", ("vanilla", "layer_norm"), "vanilla"
    ),
    "cl-ex-2": number_or_shape,
    "cl-ex-3": taken_away,
    "rob-ex-2": noise_and_attack,
    "rob-ex-3": ruler,
    "adv-ex-4": two_curves,
    "pf-ex-3": merged_moments,
    "own-ex-1": before_the_activation,
    "own-ex-2": half_of_the_images,
}
INVENTED = [
    [0.1, 0.2, 0.3],
    [0.1, 0.05, 0.2],
    [0.9, 0.2],
    [0, 11],
    [0, 0.5],
    [0.9, 0.8, 0.7, 0.6],
    [12, 0.3, 0.25],
    [[0.8, 0.9, 0.7], [0.1, 0.2, 0.3]],
    [[0.9, 0.5, 0.1], [0.9, 0.9, 0.8]],
    [[1.0, 0.5, 0.2, 0.0], [1.0, 0.4, 0.1, 0.0]],
    0.5,
    [],
    [[]],
    np.full((3, 3), np.nan),
]


@pytest.fixture(autouse=True)
def no_training(monkeypatch):
    monkeypatch.setattr(experiments.studies, "run", MadeUp)


def test_no_exercise_is_left_out():
    alone = {name for name, solver in SOLVERS.items() if set(wanted(solver)) <= {"answer"}}
    assert set(RIGHT) == set(SOLVERS) - alone


def wanted(solver):
    return inspect.signature(solver).parameters


@pytest.mark.parametrize("name", RIGHT)
def test_only_the_right_answer_of_ones_own_run_is_right(name):
    own, other = run_of(name, 0), run_of(name, 1)
    right = np.asarray(RIGHT[name](**own), dtype=float)
    report = checks.check(name, right, **own)
    assert report.right, report
    wrong = np.asarray(RIGHT[name](**other), dtype=float)
    if name != "pf-ex-3":  # an error of rounding hardly depends on the signals
        assert not checks.check(name, wrong, **own).right
    near = right * 1.05
    assert not checks.check(name, near, **own).right or name == "pf-ex-3"
    for invented in INVENTED:
        report = checks.check(name, invented, **own)
        assert not report.right, invented
        assert len(report.text) > 20


@pytest.mark.parametrize("name", RIGHT)
def test_each_mistake_has_its_hint(name):
    own = run_of(name, 0)
    right = np.asarray(RIGHT[name](**own), dtype=float)
    arguments = own | ({"answer": right} if "answer" in wanted(SOLVERS[name]) else {})
    found = SOLVERS[name](**arguments)
    mistakes = found.mistakes if isinstance(found, Solution) else {}
    hints = RECORDS[name]["hints"]
    assert mistakes.keys() <= hints.keys()
    for key, value in mistakes.items():
        report = checks.check(name, value, **own)
        assert not report.right, key
        near = (other for other in mistakes if _near(mistakes[other], value, found.tolerance))
        same = [hints[other] for other in near]
        assert report.text == same[0]


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("bn-ex-3", [0.01, 0.02, 0.03], "order is mean, low, high"),
        ("bn-ex-3", [0.02, 0.02, 0.02], "no width"),
        ("do-ex-3", [3.1, 2.0, 4.0], "local efficiency"),
        ("le-ex-2", 0.02, "three numbers"),
        ("pf-ex-3", [1e-3, 1e-13], "n_A n_B"),
        ("pf-ex-3", [1e-13, 1e-13], "a million"),
        ("pf-ex-3", [-1e-13, 1e-3], "absolute"),
        ("pf-ex-3", [1e-13], "two numbers"),
        ("adv-ex-4", [[0.9, 0.5, 0.1]], "3 values"),
        ("sw-ex-2", -0.4, "one mean"),
    ],
)
def test_impossible_answers_are_refused_at_once(name, answer, said):
    assert said in checks.check(name, answer, **run_of(name, 0)).text


def test_networks_that_were_not_trained_are_named():
    own = run_of("adv-ex-4", 0)
    labels = (own["labels"] + 1) % 10
    said = checks.check("adv-ex-4", np.ones((2, 3)), **own | {"labels": labels}).text
    assert "train them first" in said
    shifted = own | {"epsilons": [0.1, 0.2, 0.3]}
    assert "epsilon 0" in checks.check("adv-ex-4", np.ones((2, 3)), **shifted).text
    tiny = own | {"epsilons": [0.0, 1e-4, 2e-4]}
    assert "hardly bites" in checks.check("adv-ex-4", np.ones((2, 3)), **tiny).text
