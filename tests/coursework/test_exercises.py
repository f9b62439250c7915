"""Every exercise gets its right answer and many wrong ones.

The right answer comes by other means than in its check: by hand, by another library, or on a small
made-up study. Wrong are near ones, invented ones, typical mistakes, and the right answer of a run
with another seed.
"""

import ast
import csv
import dataclasses
import functools
import inspect
import itertools
import json
import math
import re
import statistics
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import ripser
import torch
from scipy import stats as scipy_stats
from scipy.optimize import brentq, linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path
from scipy.spatial.distance import cdist, pdist, squareform
from sklearn.linear_model import LinearRegression
from sklearn.metrics import adjusted_rand_score

from coursework import checks
from coursework.checks import core, experiments, toys
from coursework.checks.core import RECORDS, SOLVERS, Solution, _near
from funcnet_utils import clustering, graphs, stats, topology
from funcnet_utils.datasets import load_dataset
from funcnet_utils.models import Population, gaussian_noise, right_answers, robust_accuracy, train
from funcnet_utils.studies.config import StudyConfig
from tools.coursework import EXERCISE

ROOT = Path(__file__).parents[2]
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
        return Population(1, (64, 30, 10), arm, self.config.seed)


def study(seed, **changes):
    names = {"dataset": "digits", "arms": ARMS, "n_networks": 4, "n_epochs": 6, "n_attacked": 50}
    return MadeUp(StudyConfig(seed=seed, epsilons=EPSILONS, **(names | changes)))


def ledger(seed):
    rows = np.arange(12)
    p = np.where(rows < 5 + seed, 0.001, 0.2)
    words = np.where(rows % 2, "supported", "supported, negligible")
    return pd.DataFrame(
        {
            "run": ["this page"] * 11 + ["published"],
            "p": p,
            "p_holm": np.where(rows == 3, 0.06, 11 * p),
            "verdict": np.where(rows % 11 < 3 + seed, words, "inconclusive"),
        }
    )


@pytest.fixture(autouse=True)
def solve_once(monkeypatch):
    """Many answers are held against one run: its solution is computed once per test."""

    def remembered(solver):
        kept = {}

        @functools.wraps(solver)
        def solve(**run):
            key = tuple(map(id, run.values()))
            if key not in kept:
                kept[key] = solver(**run), run  # the run stays alive, so its place is its own
            return kept[key][0]

        return solve

    for name, solver in SOLVERS.items():
        if "answer" not in inspect.signature(solver).parameters:
            monkeypatch.setitem(SOLVERS, name, remembered(solver))


def run_of(name, seed):
    """What the check cell of an exercise passes."""
    if RECORDS[name]["answer"] != "run":
        return {}
    rng = np.random.default_rng(seed)
    signals = rng.normal(size=(60, 15)) + rng.normal(size=(60, 1))
    images = rng.random((40, 64)).astype(np.float32)
    trained, digits = study(seed), load_dataset("digits")
    short = StudyConfig(
        dataset="digits", hidden=(60,), n_networks=2, n_epochs=6, densities=(), seed=seed
    )
    curves = pd.MultiIndex.from_product([range(4), range(1, 11)], names=["network", "epoch"])
    curves = curves.to_frame(index=False)
    return {
        "fn-ex-1": {"strength": np.abs(np.corrcoef(signals.T)), "density": 0.2},
        "fn-ex-2": {"signals": signals, "seed": seed},
        "sw-ex-1": {"seed": seed},
        "sw-ex-2": {"trained": trained, "untrained": study(seed, n_epochs=0)},
        "dv-ex-2": {"seen": trained, "noise": study(seed + 100)},
        "le-ex-1": {"ledger": ledger(seed)},
        "st-ex-5": {"seed": seed},
        "pf-ex-3": {"signals": np.random.default_rng(seed).normal(size=(12, 30))},
        "adv-ex-4": {
            "data": digits,
            "config": short,
            "images": digits.test.images[:60],
            "labels": digits.test.labels[:60],
            "epsilons": [0.0, 0.05],
        },
        "es-ex-3": {"own": curves.assign(accuracy=rng.uniform(0.6, 0.9, len(curves)))},
        "ot-ex-3": transformer(seed),
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


def transformer(seed):
    """A small transformer, and windows whose first and last token are always the same."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        options = {"activation": torch.nn.GELU(), "batch_first": True}
        layer = torch.nn.TransformerEncoderLayer(16, 4, 48, **options).eval()
        tokens = torch.randn(60, 8, 16)
        tokens[:, 0], tokens[:, -1] = torch.randn(2, 16)
    return {"model": layer, "tokens": tokens}


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


def whose_edges():
    """Means by hand over the rows of people."""
    table = pd.read_csv(ROOT / "book" / "benchmarks" / "others_edges.csv").query("density == 0.1")
    people = table[table["kind"] == "person"]
    return [
        statistics.mean(people.loc[people["part"] == part, "jaccard"])
        for part in ("two halves", "two people")
    ]


def special_tokens(model, tokens):
    """Hidden units of the layer by its own parts, correlated by NumPy."""
    with torch.no_grad():
        x = model.norm1(tokens + model.self_attn(tokens, tokens, tokens)[0])
        shown = torch.nn.functional.gelu(model.linear1(x)).numpy()
    found = [shown.reshape(-1, shown.shape[-1]), shown[:, 1:-1].reshape(-1, shown.shape[-1])]
    return [
        np.abs(squareform(np.corrcoef(each.T) - np.eye(48), checks=False)).mean() for each in found
    ]


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
    rise = mine["p_holm"].mean() - mine["p"].mean()
    return [mine["verdict"].str.match("supported").sum(), rise, small_claims()[0]]


def small_claims():
    """Count the claims of the page's small table: with care, then by each mistake."""
    page = (ROOT / "notebooks" / "claims.md").read_text()
    table = re.search(r"^small = (pd\.DataFrame\(\n.*?^\))", page, re.MULTILINE | re.DOTALL)[1]
    rows = eval(table, {"pd": pd}).to_dict("records")
    tests = {
        "small": lambda row: row["p"] < 0.05,
        "outside": lambda row: row["low"] > 0 or row["high"] < 0,
        "claimed": lambda row: (row["effect"] > 0) == (row["direction"] > 0),
        "holm": lambda row: row["p_holm"] < 0.05,
    }
    kinds = (
        ("small", "outside", "claimed"),  # right
        ("small", "outside"),  # direction
        ("small", "claimed"),  # interval
        ("small",),  # p_alone
        ("holm", "outside", "claimed"),  # holm
    )
    np.testing.assert_allclose(
        [row["p_holm"] for row in rows], stats.holm([row["p"] for row in rows])
    )
    return [sum(all(tests[kind](row) for kind in each) for row in rows) for each in kinds]


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
    apart = topology.sliced_wasserstein_matrix(thinned)
    mean = statistics.mean(apart[pair] for pair in itertools.combinations(range(len(apart)), 2))
    return [numbers.min(), by_number, index_of(trained, apart), mean]


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


def longer_training(data, config, images, labels, epsilons):
    networks = Population(2, (data.n_inputs, 60, data.n_classes), "vanilla", config.seed)
    train(networks, data, dataclasses.replace(config, n_epochs=18))
    noise = [right_answers(networks, gaussian_noise(images, e), labels).mean() for e in epsilons]
    pgd = robust_accuracy(networks, images, labels, epsilons, steps=20, restarts=2)
    return [pgd.mean(1), noise]


def merged_moments(signals):
    shifted = signals.T + 1e6
    naive = np.einsum("si,sj", shifted, shifted) - 30 * np.outer(*[shifted.mean(0)] * 2)
    whole = np.cov(shifted.T) * 29
    return [whole.max(), -np.log10(np.abs(naive - whole).max() / whole.max())]


def sigma_grows(seed):
    def measures(graph):
        steps = shortest_path(csr_array(graph), unweighted=True)
        near = steps[(steps > 0) & np.isfinite(steps)]
        return nx.average_clustering(nx.from_numpy_array(graph)), near.mean()

    found = []
    for n in (50, 100, 200, 400):
        ring = nx.connected_watts_strogatz_graph(n, 6, 0.1, seed=seed)
        ring = nx.to_numpy_array(ring, weight=None) > 0
        nulls = np.mean([measures(null) for null in graphs.rewired(ring, 20, seed)], axis=0)
        c, length = measures(ring) / nulls
        found.append(c / length)
    return found


def false_alarms(seed):
    x = np.random.default_rng(seed).normal(size=(2000, 12, 10))
    t = x.mean(1) / (x.std(1, ddof=1) / np.sqrt(12))
    return (np.abs(t) > scipy_stats.t.ppf(0.975, 11)).any(1).mean()


ARMS_OF_NINE, CLUSTERS = list("AAABBCCCB"), [0, 0, 0, 1, 1, 1, 2, 2, 2]
VOTES = [4, 2, 1, 1, 1, 1, 0.5, 0.5, -1, -1.5]
BRIDGE = nx.Graph(toys.EDGES)
CUT = nx.restricted_view(BRIDGE, [], [(8, 9)])
JOINED = nx.Graph([*toys.EDGES, (0, 9)])
CLIQUES = nx.Graph([*toys.EDGES, (5, 7)])
HALVES = [set(range(5)), set(range(5, 10))]
HALF_NUMBERS = np.arange(2**15, dtype=np.uint16).view(np.float16).astype(float)


def attacked():
    weights, _, image = toys.linear_model()
    return [min(max(x - np.copysign(0.15, w), 0), 1) for x, w in zip(image, weights, strict=True)]


def hedges_g():
    t = scipy_stats.ttest_ind(*(values[:8] for values in toys.arms())).statistic
    return t * np.sqrt(2 / 8) * (1 - 3 / (4 * 14 - 1))


def least_third():
    def least(r):
        return np.linalg.eigvalsh([[1, 0.9, r], [0.9, 1, 0.8], [r, 0.8, 1]])[0]

    return brentq(least, 0, 0.72)


def residual_correlation():
    units, classes = toys.common_cause()
    table = pd.DataFrame(units)
    return (table - table.groupby(classes).transform("mean")).corr().to_numpy()[0, 1]


def z_of_ten_nodes():
    nulls = graphs.rewired(toys.bridge(), 20, 0)
    c = [nx.average_clustering(nx.from_numpy_array(null)) for null in nulls]
    return (nx.average_clustering(BRIDGE) - np.mean(c)) / statistics.stdev(c)


def long_loops():
    points = np.random.default_rng(1).random((100, 2))
    bars = ripser.ripser(points, maxdim=1)["dgms"][1]
    return [(np.diff(bars) > 0.1).sum(), len(bars)]


def matching():
    """Wasserstein-2 distance by the assignment of the textbooks, of size n + m."""
    one, two = toys.diagrams()
    ways = [((points[:, 1] - points[:, 0]) ** 2 / 2) for points in (one, two)]
    costs = np.zeros((19, 19))
    costs[:10, :9] = cdist(one, two) ** 2
    costs[:10, 9:] = ways[0][:, None]
    costs[10:, :9] = ways[1]
    return np.sqrt(costs[linear_sum_assignment(costs)].sum())


def minimum_tree():
    points = squareform(pdist(toys.circle(10, noise=0.15)))
    return nx.minimum_spanning_tree(nx.from_numpy_array(points)).size(weight="weight")


def mann_whitney():
    return 2 * scipy_stats.mannwhitneyu(*toys.arms()).statistic / 100 - 1


def two_circles():
    return np.concatenate([toys.circle(12), toys.circle(12) + np.array([4, 0])])


def smallest_corrected_p(trained):
    """The law of Bobrowski and Skraba by SciPy: a left-skewed Gumbel law for log log ratios."""
    means = []
    for arm in trained.config.arms:
        found = []
        for k in range(trained.config.n_networks):
            births, deaths = trained.diagrams[arm, k][1].T
            logs = np.log(np.log(deaths / births))
            scores = logs - logs.mean() + scipy_stats.gumbel_l.mean()
            found.append(scipy_stats.gumbel_l.sf(scores).min() * len(scores))
        means.append(np.mean(found))
    return means


def q_and_selectivity():
    """Spearman's correlation by pandas, then with the ranks of each arm about their mean."""
    table = pd.read_csv(ROOT / "book" / "benchmarks" / "specialization.csv")
    table = table.query("epoch == 100 and arm != 'vanilla_aa'")
    columns = table[["modularity", "selectivity"]]
    ranks = columns.groupby(table["arm"]).rank()
    return [found.corr("spearman").iloc[0, 1] for found in (columns, ranks)]


def turned_together():
    """The eight ways written out, and the binomial distribution."""
    paths = ["+++", "+++", "++-"]
    ways = list(itertools.product("+-", repeat=3))
    hits = [sum(tuple(path) == way for path in paths) >= 2 for way in ways]
    return [np.mean(hits), scipy_stats.binom.sf(1, 3, 1 / 8)]


def set_aside():
    table = pd.read_csv(ROOT / "book" / "benchmarks" / "multiverse.csv").query("claim == 'DO-spec'")
    rest = table.query("probe != 'noise' and edges != 'between'")
    return [each["supports"].sum() / len(each) for each in (table, rest)]


def price_of_a_fifth():
    """By NumPy: networks of MNIST after the last epoch, at the smallest and the largest size."""
    table = pd.read_csv(ROOT / "book" / "benchmarks" / "early_stopping.csv").to_dict("records")
    found = {}
    for row in table:
        if row["dataset"] == "mnist" and row["epoch"] == 60:
            found.setdefault(row["size"], []).append(row["accuracy"] - row["held_accuracy"])
    return [100 * np.mean(found[size]) for size in (min(found), max(found))]


def random_stop(own):
    """Network by network and epoch by epoch; then two networks, by hand."""
    lost = {"all": [], "late": []}
    for _, rows in own.groupby("network"):
        accuracy = dict(zip(rows["epoch"], rows["accuracy"], strict=True))
        for epoch, reached in accuracy.items():
            lost["all"].append(max(accuracy.values()) - reached)
            if 2 * epoch > len(accuracy):
                lost["late"].append(lost["all"][-1])
    return [*map(statistics.fmean, lost.values()), (0.1 + 0 + 0.2 + 0.3 + 0.1 + 0) / 6]


RIGHT = {
    "adv-ex-1": lambda: (2 * (0.9 + 0.8) - 0.2 - 2.3) / 12,  # the other pixels: 1.6 - 1.8
    "adv-ex-2": attacked,
    "adv-ex-3": lambda: [0.5, (0.00925 + 0.03 + 0.02 + 0.02) / 0.3],
    "adv-ex-4": longer_training,
    "bn-ex-1": lambda: [-0.4, 0.4],
    "bn-ex-2": threshold_densities,
    "bn-ex-3": lambda trained: effect(
        trained, "global_efficiency", ("batch_norm",), "vanilla", n_epochs=2
    ),
    "cl-ex-1": lambda: [
        adjusted_rand_score(ARMS_OF_NINE, clusters) for clusters in (CLUSTERS, [0] * 9)
    ],
    "cl-ex-2": number_or_shape,
    "cl-ex-3": taken_away,
    "cor-ex-1": lambda: [-0.6, 0.6],
    "cor-ex-2": lambda: scipy_stats.pearsonr([1, 2, 3, 4, 5], [2, 1, 4, 3, 9]).statistic,
    "cor-ex-3": lambda: (
        pdist(toys.ten_units().T, lambda a, b: abs(scipy_stats.pearsonr(a, b)[0])) >= 0.57
    ).sum(),
    "cor-ex-4": least_third,
    "cor-ex-5": residual_correlation,
    "do-ex-1": lambda: [0.6 * 0.5, 0.6 * 0.8],
    "do-ex-2": areas_of_two_arms,
    "do-ex-3": lambda trained: effect(
        trained, "local_efficiency", ("vanilla", "weight_decay"), "vanilla"
    ),
    "dv-ex-1": lambda: [
        ((HALF_NUMBERS >= 0.5) & (HALF_NUMBERS < 1)).sum(),
        math.comb(1000, 2),
    ],
    "dv-ex-2": seen_and_noise,
    "es-ex-1": lambda: [8, 8, 5, 7],  # by hand: 2 5 4 5 3 4 6, best at epochs 3, 5 (a tie) and 8
    "es-ex-2": price_of_a_fifth,
    "es-ex-3": random_stop,
    "fn-ex-1": tree_or_not,
    "fn-ex-2": mirror_and_shuffle,
    "gm-ex-1": lambda: [559, 149],
    "gm-ex-2": lambda: nx.average_clustering(CUT),
    "gm-ex-3": lambda: nx.average_shortest_path_length(JOINED),
    "gm-ex-4": lambda: nx.community.modularity(CUT, HALVES),
    "gm-ex-5": lambda: nx.to_numpy_array(nx.windmill_graph(6, 3)),
    "le-ex-1": without_corrections,
    "dy-ex-1": lambda: [2 * (10 + 1) / 2**10, 10],
    "lr-ex-1": smallest_corrected_p,
    "lr-ex-2": lambda: [1 / 0.01 - 1, 3 / 0.05 - 1],
    "le-ex-2": lambda trained: effect(
        trained, "global_efficiency", ("vanilla", "layer_norm"), "vanilla"
    ),
    "nm-ex-1": lambda: [1 / 21, 1 / 0.02 - 1],
    "nm-ex-2": lambda: graphs.small_world(toys.shortcuts(), 20, 0).sigma,
    "nm-ex-3": z_of_ten_nodes,
    "nm-ex-4": lambda: graphs.rewired(toys.bridge(), 20, 1)[7],
    "ot-ex-1": lambda: [900 / 1100, math.ceil(1800 / 1.9)],
    "ot-ex-2": whose_edges,
    "ot-ex-3": special_tokens,
    "own-ex-1": before_the_activation,
    "own-ex-2": half_of_the_images,
    "pf-ex-1": lambda: nx.average_clustering(CLIQUES),
    "pf-ex-2": matching,
    "pf-ex-3": merged_moments,
    "ph-ex-1": lambda: [1, len(nx.cycle_basis(BRIDGE))],
    "ph-ex-2": minimum_tree,
    "ph-ex-3": long_loops,
    "ph-ex-4": lambda: [np.sqrt(0.2**2 + 0.005), 0.2],
    "ph-ex-5": two_circles,
    "ft-ex-1": lambda: [5, 4.25],  # 4 + 2 + 1 + 1 + 1 = 9 > 8.5; half of 8.5
    "rob-ex-2": noise_and_attack,
    "rob-ex-3": ruler,
    "mv-ex-1": turned_together,
    "mv-ex-2": lambda: [0.01 / 0.0725, 0.04 / 0.0725, 0.0225 / 0.0725],
    "mv-ex-3": set_aside,
    "sp-ex-1": lambda: [7 / 9, 3 / 5],
    "sp-ex-2": lambda: [0.25 - 0.03, 0.05 - 0.02, 0.03 - 0.22],
    "sp-ex-3": q_and_selectivity,
    "st-ex-1": lambda: [2 / 256, next(n for n in range(99) if 2 / 2**n < 0.001)],
    "st-ex-2": mann_whitney,
    "st-ex-3": lambda: [0.005, 0.066, 0.066, 0.048, 0.4],
    "st-ex-4": hedges_g,
    "st-ex-5": false_alarms,
    "sw-ex-1": sigma_grows,
    "sw-ex-2": omega_of_arms,
}
INVENTED = [
    *(0, 1, 0.5, 0.3, -1, 100),
    *([0.5, 0.5], [1, 2], [0, 11], [0, 0.5], [0.9, 0.2], [3, 6], [60, 1e-4]),
    *([0.1, 0.2, 0.3], [0.1, 0.05, 0.2], [12, 0.3, 0.25], [57, 1, 1], [3, 6, 0.1]),
    *([0.9, 0.8, 0.7, 0.6], [4, 7, 12, 20], [15, 12, 0.2, 0.15], [0.005, 0.11, 0.13, 0.06, 1]),
    [[0.8, 0.9, 0.7], [0.1, 0.2, 0.3]],
    [[0.9, 0.5, 0.1], [0.9, 0.9, 0.8]],
    [[1.0, 0.5, 0.2, 0.0], [1.0, 0.4, 0.1, 0.0]],
    *(np.eye(10), np.ones((10, 10)) - np.eye(10), toys.ring()),
]
UNREADABLE = [
    *(None, ..., [0.5, ...], "0.5", b"1", [], [[]], [[1, 2], [3]], {"a": 1}, {1, 2}, 1j, print),
    *(object(), float("nan"), [float("nan"), 1], np.zeros((0, 0)), np.full((10, 10), np.nan)),
    *(np.zeros((2, 3, 4)), pd.DataFrame({"a": ["x"]}), np.array([object()]), [10**400]),
]


@pytest.fixture(autouse=True)
def no_training(monkeypatch):
    monkeypatch.setattr(experiments.studies, "run", MadeUp)


def parameters(name):
    """What the check of an exercise takes."""
    return inspect.signature(SOLVERS.get(name, lambda: None)).parameters.keys()


def wrong_answers(name, right, tolerance, run):
    """Yield answers that are wrong in ways which any exercise knows."""
    rng = np.random.default_rng(1)
    off = 3 * np.broadcast_to(tolerance, right.shape) + 0.002 * np.abs(right)
    for k in range(min(right.size, 8)):
        yield f"number {k} is off", right + off * (np.arange(right.size) == k).reshape(right.shape)
    yield "five percent more", right * 1.05
    yield "sign", -right
    yield "percent", right * 100
    yield "per hundred", right / 100
    yield "zeros", np.zeros_like(right)
    yield "ones", np.ones_like(right)
    yield "one value", np.full_like(right, right.flat[0])
    yield "mean", np.full_like(right, right.mean())
    yield "reversed", right[::-1] if right.ndim else right
    yield "moved on", np.roll(right, 1)
    yield "transposed", right.T
    yield "too long", np.append(right, right)
    for k in range(10):
        yield f"plausible {k}", rng.normal(right, 0.3 * np.abs(right).mean() + 1e-3)
    names = list(RIGHT)
    previous = names[names.index(name) - 1]
    yield "answer of the exercise before", RIGHT[previous](**run_of(previous, 0))
    for k, invented in enumerate(INVENTED):
        yield f"invented {k}", invented


def test_every_exercise_is_tried_and_its_record_says_whose_answer_is_right():
    pages = "\n".join(page.read_text() for page in (ROOT / "notebooks").glob("*.md"))
    assert (
        set(RIGHT) == set(RECORDS) == set(re.findall(r"exercise-start\}.*\n:label: (\S+)", pages))
    )
    assert set(SOLVERS) <= set(RECORDS)
    for name, record in RECORDS.items():
        assert record["answer"] in ("fixed", "run", "free")
        assert (record["answer"] == "run") == bool(parameters(name) - {"answer"}), name
        call = re.search(rf'checks\.check\(\s*"{name}",([^`]*?)\)\n```', pages)[1]
        assert set(re.findall(r"(\w+)=", call)) == parameters(name) - {"answer"}, name
        assert f"answer_{name.replace('-ex-', '_')}" in call


def test_no_exercise_asks_to_change_what_a_check_recomputes_from():
    stubs = 0
    for page in (ROOT / "notebooks").glob("*.md"):
        found = list(EXERCISE.finditer(page.read_text()))
        used = {name for each in found for name in re.findall(r"=(\w+)", each["check"])}
        assert not used & {name for each in found for name in assigned(each["stub"])}, page
        stubs += len(found)
    assert stubs == len(RECORDS)
    assert assigned("a, b = 1, 2\nc[0] = b") == {"a", "b"}


def assigned(code):
    """Names that code gives to something."""
    return {
        node.id
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


@pytest.mark.parametrize("name", RECORDS)
def test_only_the_right_answer_is_right(name):
    own = run_of(name, 0)
    right = np.asarray(RIGHT[name](**own), dtype=float)
    report = checks.check(name, right, **own)
    assert report.right, report
    assert repr(report).startswith(f"✓ {name}")
    found = core._prepared(name, right, own)()
    if RECORDS[name]["answer"] == "free":
        assert found is None
        wrong = {f"invented {k}": each for k, each in enumerate(INVENTED)}
        wrong |= {"half": right[: len(right) // 2], "zeros": 0 * right, "flat": right.ravel()}
    else:
        tolerance = found.tolerance
        assert checks.check(name, right + 0.4 * np.asarray(tolerance), **own).right
        wrong = {
            label: answer
            for label, answer in wrong_answers(name, right, tolerance, own)
            if np.shape(answer) != right.shape or not np.allclose(answer, right, rtol=1e-9, atol=0)
        }
    if RECORDS[name]["answer"] == "run":
        wrong["another seed"] = RIGHT[name](**run_of(name, 1))
    for label, answer in wrong.items():
        report = checks.check(name, answer, **own)
        assert not report.right, (label, answer)
        assert repr(report).startswith("Hint: ")
        assert len(report.text) > 20


EFFECTS = ("bn-ex-3", "do-ex-3", "le-ex-2")


@pytest.mark.parametrize("name", RECORDS)
def test_each_mistake_has_its_hint(name):
    own, record = run_of(name, 0), RECORDS[name]
    right = np.asarray(RIGHT[name](**own), dtype=float)
    if name in EFFECTS:
        right += [0, -0.01, 0.01]  # a right mean
    found = core._prepared(name, right, own)()
    mistakes = found.mistakes if isinstance(found, Solution) else {}
    hints = {key: record["hints"][key.rstrip("0123456789")] for key in mistakes}
    for key, value in mistakes.items():
        report = checks.check(name, value, **own)
        assert not report.right, key
        near = (other for other in mistakes if _near(mistakes[other], value, found.tolerance))
        assert report.text == hints[next(near)], key
    code = "\n".join(path.read_text() for path in (ROOT / "coursework" / "checks").glob("*.py"))
    used = {key.rstrip("0123456789") for key in mistakes}
    if not isinstance(found, Solution) or "answer" in parameters(
        name
    ):  # hints that a check names itself
        used |= set(re.findall(r'"(\w+)"', code))
    assert record["hints"].keys() <= used
    assert len(record["praise"]) > 20
    assert 0 < record["minutes"] <= 90
    assert ("right" in record) == (name not in SOLVERS)


@pytest.mark.parametrize("name", RECORDS)
def test_answers_of_another_kind_are_neither_errors_nor_right(name):
    own = run_of(name, 0)
    for answer in UNREADABLE:
        report = checks.check(name, answer, **own)
        assert not report.right, answer
        assert len(report.text) > 20


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("bn-ex-3", [0.01, 0.02, 0.03], "order is mean, low, high"),
        ("bn-ex-3", [0.02, 0.02, 0.02], "no width"),
        ("do-ex-3", [3.1, 2.0, 4.0], "local efficiency"),
        ("le-ex-2", 0.02, "three numbers"),
        ("pf-ex-3", [60], "digits that sums"),
        ("adv-ex-4", [[0.9, 0.5, 0.1]], "two rows"),
        ("sw-ex-2", -0.4, "one mean"),
        ("sw-ex-1", [1.0, 2.0], "four numbers"),
    ],
)
def test_impossible_answers_are_refused_at_once(name, answer, said):
    assert said in checks.check(name, answer, **run_of(name, 0)).text


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("do-ex-2", lambda right: right[::-1], "order"),
        ("rob-ex-3", lambda right: right[::-1], "order"),
        ("fn-ex-1", lambda right: right[[0, 2, 1]], "order"),
        ("cl-ex-1", lambda right: right[::-1], "order"),
        ("ot-ex-1", lambda right: right[::-1].round(3), "order"),
        ("ft-ex-1", lambda right: right[::-1], "order"),
        ("gm-ex-2", lambda right: -right, "sign"),
        ("st-ex-2", lambda right: 100 * right, "percent"),
        ("sw-ex-1", lambda right: 1.01 * right, "Very close"),
        ("bn-ex-3", lambda right: right.round(4), "Very close"),  # in order, within wide tolerances
        ("dv-ex-1", lambda right: right - [1000, 0], "Count 2"),  # far off, beside a large number
        ("dv-ex-1", lambda right: right - [0, -500], "Count 2"),  # a count is not rounded
        ("lr-ex-2", lambda right: right - [1, 0], "n + 1"),
        ("gm-ex-1", lambda right: right - [-1, 0], "n (n - 1) / 2 pairs"),
        ("ot-ex-1", lambda right: right - [0, -1], "1,000 + 1,000"),
        ("ot-ex-1", lambda right: right.round(2), "Very close"),
        ("nm-ex-1", lambda right: right - [0, 1], "1 + number of null values"),
        ("own-ex-1", lambda right: right * [1, 1, 2, 1], "not the numbers"),
    ],
)
def test_mistakes_that_any_exercise_allows_are_named(name, change, said):
    own = run_of(name, 0)
    right = np.asarray(RIGHT[name](**own), dtype=float)
    assert said in checks.check(name, change(right), **own).text


def test_signals_shifted_in_place_have_the_same_answer():
    signals = run_of("pf-ex-3", 0)["signals"]
    right = merged_moments(signals)
    assert checks.check("pf-ex-3", right, signals=signals + 1e6).right
    lost = [right[0], 16 - right[1]]
    assert "lost" in checks.check("pf-ex-3", lost, signals=signals + 1e6).text


def test_thinning_shows_where_both_indices_are_the_same():
    own = run_of("cl-ex-2", 0)
    kept, number, index, _ = number_or_shape(**own)
    loops = [h1 for _, h1 in own["trained"].diagrams.values()]
    mean = squareform(topology.sliced_wasserstein_matrix(loops), checks=False).mean()
    assert "thin them" in checks.check("cl-ex-2", [kept, number, index, mean], **own).text


@pytest.mark.parametrize("name", EFFECTS)
def test_intervals_of_another_kind_are_told_from_the_one_that_is_asked_for(name):
    trained = study(0, n_networks=20)
    mean, low, high = RIGHT[name](trained=trained)
    half = (high - low) / 2
    column = np.array([[mean], [low + 0.015 * half], [high - 0.015 * half]])
    assert checks.check(name, column, trained=trained).right
    others = {"t": (1.05, 1.05), "90%": (0.84, 0.84), "unpaired": (1.4, 1.4), "one end": (1.1, 1)}
    for kind, (below, above) in others.items():
        answer = [mean, mean - below * half, mean + above * half]
        assert "paired_effect" in checks.check(name, answer, trained=trained).text, kind


@pytest.mark.parametrize("name", RECORDS)
def test_a_count_is_right_or_wrong(name):
    own = run_of(name, 0)
    right = np.asarray(RIGHT[name](**own), dtype=float)
    if RECORDS[name]["answer"] != "free":
        for place in np.argwhere((right % 1 == 0) & (right > 1)):
            answer = right.copy()
            answer[tuple(place)] += 0.005
            assert not checks.check(name, answer, **own).right, place


@pytest.mark.parametrize("name", [name for name in RECORDS if RECORDS[name]["answer"] == "run"])
def test_names_that_were_changed_are_named(name):
    own = run_of(name, 0)
    answer = RIGHT[name](**own)
    said = checks.check(name, answer, **dict.fromkeys(own, "changed")).text
    assert f"could not recompute from {', '.join(own)}: were they changed?" in said


def test_small_claims_tell_each_mistake():
    assert small_claims() == [3, 4, 5, 6, 2]


def test_the_threshold_of_strong_pairs_decides():
    counts = [
        (np.abs(np.corrcoef(units.T)[np.triu_indices(10, 1)]) >= cut).sum()
        for units, cut in (
            *((toys.ten_units(), cut) for cut in (0.57, 0.5, 0.55, 0.6)),
            *((toys.ten_units(seed=seed), 0.57) for seed in (1, 2, 3)),
            *((toys.ten_units(n), 0.57) for n in (100, 150, 300)),
        )
    ]
    assert counts[0] not in counts[1:]


def printed(value, decimals):
    """A number as a page might print it: two to four digits, and so many decimals or more."""
    forms = {f"{abs(value):.{digits}g}" for digits in (2, 3, 4)}
    return {form for form in forms if re.fullmatch(rf"\d+\.\d{{{decimals},}}", form)}


def student_numbers():
    """The numbers with a point in the text of each student notebook, without its exercises."""
    for path in (ROOT / "coursework" / "student").glob("*.ipynb"):
        cells = json.loads(path.read_text())["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
        text = "\n".join(each for each in texts if not each.startswith("### Exercise"))
        yield path.stem, set(re.findall(r"(?<![\d.])\d+\.\d+", text))


@pytest.mark.parametrize("label", [name for name in RECORDS if RECORDS[name]["answer"] == "fixed"])
def test_no_right_number_stands_in_the_text_of_a_page(label):
    with (ROOT / "coursework" / "rubric.csv").open() as rubric:
        own = next(row["page"] for row in csv.DictReader(rubric) if row["label"] == label)
    for page, shown in student_numbers():
        for value in np.ravel(np.asarray(RIGHT[label](), dtype=float)):
            # two decimals are found by chance on one page or another
            assert not printed(value, 2 if page == own else 3) & shown, page


def test_numbers_are_found_as_pages_print_them():
    assert printed(7 / 12, 2) == {"0.58", "0.583", "0.5833"}
    assert printed(7 / 12, 3) == {"0.583", "0.5833"}
    assert printed(2.6, 2) == printed(99, 2) == set()
    assert printed(7 / 12, 3) & dict(student_numbers())["graph_measures"]  # C of the whole graph
