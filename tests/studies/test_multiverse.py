"""Paths through the choices: registered lists, and values that other libraries find again."""

from types import SimpleNamespace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import ripser
from scipy.stats import rankdata, spearmanr
from sklearn.covariance import ledoit_wolf
from sklearn.linear_model import LinearRegression

from funcnet_utils import graphs
from funcnet_utils.datasets import load_dataset
from funcnet_utils.models import Population, activations
from funcnet_utils.models.streams import Stream, whole_seed
from funcnet_utils.studies import curves, multiverse, path_measures, paths
from funcnet_utils.studies.edges import EDGES, edge_matrix
from funcnet_utils.studies.matched import AA
from funcnet_utils.studies.store import HOME

RNG = np.random.default_rng(0)
GRAPHS = [claim for claim, choices in paths.LISTS.items() if "edges" in choices]
HIDDEN = (24, 16)


def other_edges(shown, kind, labels):
    """The same relations by numpy, scipy and scikit-learn, of live units."""
    x = shown.astype(float)
    if kind == "spearman":
        return spearmanr(x).statistic
    if kind == "partial":
        precision = np.linalg.inv(ledoit_wolf((x - x.mean(0)) / x.std(0))[0])
        found = -precision / np.sqrt(np.outer(np.diag(precision), np.diag(precision)))
        np.fill_diagonal(found, 1)
        return found
    table = pd.DataFrame(x)
    if kind == "within":
        return (table - table.groupby(labels).transform("mean")).corr().to_numpy()
    return (table.groupby(labels).mean() if kind == "between" else table).corr().to_numpy()


@pytest.mark.parametrize("kind", EDGES)
def test_edges_are_those_of_other_libraries_and_dead_units_have_none(kind):
    mixed = RNG.normal(size=(300, 4)) @ RNG.normal(size=(4, 9))
    shown = np.c_[np.maximum(mixed + RNG.normal(size=(300, 9)), -0.3), np.full(300, 0.1)]
    labels = RNG.integers(0, 5, 300)
    found = edge_matrix(shown.astype(np.float32), kind, labels)
    expected = other_edges(shown[:, :9].astype(np.float32), kind, labels)
    np.testing.assert_allclose(found[:9, :9], expected, atol=1e-9)
    assert not found[9].any()
    assert not found[:, 9].any()


def test_few_samples_shrink_partial_correlations():
    """With fewer samples than units the covariance has no inverse, the shrunk one has."""
    found = edge_matrix(RNG.normal(size=(8, 20)), "partial", np.zeros(8, int))
    assert np.isfinite(found).all()
    assert np.abs(found - np.eye(20)).max() < 0.5


@pytest.mark.parametrize("claim", paths.LISTS)
def test_lists_are_balanced_and_begin_with_the_registered_path(claim):
    listed, choices = paths.paths(claim), paths.LISTS[claim]
    assert listed.iloc[0].tolist() == [levels[0] for levels in choices.values()]
    assert not listed.duplicated().any()
    assert len(listed) <= paths.MOST
    if "edges" in choices:
        assert not (listed["probe"].eq("noise") & listed["edges"].isin(["within", "between"])).any()
    if len(listed) == paths.MOST:
        for name, levels in choices.items():
            taken = listed[name].value_counts()
            assert len(taken) == len(levels)
            assert taken.max() - taken.min() <= 2, name


def test_a_claim_without_a_list_is_named():
    with pytest.raises(ValueError, match="claim is 'BN-acc': choose from SW, BN-eff"):
        paths.paths("BN-acc")


@pytest.fixture(scope="module")
def study():
    """Untrained networks of digits, another start for each arm, as a study has them."""
    arms = ("vanilla", AA, "batch_norm", "dropout")

    def population(arm, number):
        return Population(1, (64, *HIDDEN, 10), "vanilla", seed=10 * number + arms.index(arm))

    return SimpleNamespace(config=SimpleNamespace(dataset="digits"), population=population)


def cut(strength, path, floor):
    """A graph of networkx, its edges with their strength; all have 1 if it is not weighted."""
    n = len(strength)
    pairs = sorted((-strength[i, j], i, j) for i in range(n) for j in range(i + 1, n))
    if path.threshold == "absolute":
        kept = [(i, j) for w, i, j in pairs if -w >= floor]
    else:
        kept = []
        if path.threshold != "density":
            whole = nx.Graph()
            whole.add_nodes_from(range(n))
            whole.add_weighted_edges_from((i, j, -w) for w, i, j in pairs)
            kept = [tuple(sorted(e)) for e in nx.maximum_spanning_tree(whole).edges]
        rest = [(i, j) for _, i, j in pairs if (i, j) not in set(kept)]
        kept += rest[: round(path.density * n * (n - 1) / 2) - len(kept)]
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    weighted = path.threshold == "weighted"
    graph.add_weighted_edges_from((i, j, strength[i, j] if weighted else 1.0) for i, j in kept)
    return graph


def efficiency(graph):
    n = len(graph)
    lengths = {(a, b): 1 / d["weight"] for a, b, d in graph.edges(data=True)}
    nx.set_edge_attributes(graph, lengths, "length")
    found = dict(nx.all_pairs_dijkstra_path_length(graph, weight="length"))
    return sum(1 / d for a in found for b, d in found[a].items() if a != b) / max(n * (n - 1), 1)


def transitivity(graph):
    most = max((d["weight"] for *_, d in graph.edges(data=True)), default=1)
    ends = sum(k * (k - 1) for _, k in graph.degree)
    triangles = (c for c in nx.enumerate_all_cliques(graph) if len(c) == 3)
    edges = [[graph[a][b]["weight"], graph[b][c]["weight"], graph[a][c]["weight"]]
             for a, b, c in triangles]  # fmt: skip
    return 6 * sum(np.cbrt(np.prod(each) / most**3) for each in edges) / ends


def modularity(graph, seed):
    """Q by networkx, of the modules that the package finds."""
    member = graphs.communities(nx.to_numpy_array(graph, weight=None) > 0, seed)
    groups = [set(np.flatnonzero(member == m)) for m in np.unique(member)]
    return nx.community.modularity(graph, groups)


MEASURES = {
    "E_glob": lambda graph, _: efficiency(graph),
    "E_loc": lambda graph, _: np.mean([efficiency(graph.subgraph(graph[v]).copy()) for v in graph]),
    "C": lambda graph, _: nx.average_clustering(graph, weight="weight"),
    "T": lambda graph, _: transitivity(graph),
    "Q": modularity,
}


def other_value(study, number, arm, path, measures):
    """The value of a path with nulls of the package, and all else by other libraries."""
    data, seed = load_dataset("digits"), whole_seed(path.seed, number, Stream.NULL_GRAPHS)
    split = multiverse.probe("digits", path.probe, path.seed)
    assert len(split.labels) == len(data.test.labels)

    def strengths(arm):
        shown = activations(study.population(arm, number), split.images)[0]
        r = other_edges(shown, path.edges, split.labels)
        made = [r, *(graphs.spectrum(r, 3, seed) if path.null == "spectrum" else [])]
        keep = np.abs if path.sign == "absolute" else (lambda each: np.maximum(each, 0))
        return [keep(each - np.diag(np.diag(each))) for each in made]

    made = strengths(arm)
    if measures == ["loops"]:
        found = []
        for each in made:
            bars = ripser.ripser(1 - each - np.eye(len(each)), distance_matrix=True)["dgms"][1]
            found.append([np.sum(np.ptp(bars, axis=1) > (0.05 if path.index == "long" else 1e-9))])
    else:
        floor = None
        if path.threshold == "absolute":
            upper = np.sort(strengths("vanilla")[0][np.triu_indices(sum(HIDDEN), 1)])
            floor = upper[-round(path.density * len(upper))]
        made = [cut(each, path, floor) for each in made]
        if path.null == "rewired":
            own = nx.to_numpy_array(made[0])
            nulls = graphs.rewired(own > 0, 5, seed)
            rng, upper = np.random.default_rng(seed), np.triu(np.ones(own.shape, bool))
            for null in nulls:
                dealt = np.zeros_like(own)
                values = own[(own > 0) & upper]
                weighted = path.threshold == "weighted"
                dealt[null & upper] = rng.permutation(values) if weighted else 1
                made.append(nx.from_numpy_array(dealt + dealt.T))
        found = [[MEASURES[each](graph, seed) for each in measures] for graph in made]
    found = np.array(found)
    return found[0] - (np.mean(found[1:], axis=0) if len(found) > 1 else 0)


@pytest.mark.parametrize("claim", [claim for claim in GRAPHS if claim != "SW"])
def test_random_paths_are_what_other_libraries_compute(study, claim):
    listed = paths.paths(claim)
    drawn = listed.iloc[[0, *np.random.default_rng(1).choice(len(listed), 12, replace=False)]]
    if "density" in drawn:
        drawn = drawn.assign(density=np.maximum(drawn["density"], 0.06))  # 40 nodes need a tree
    pairs, aa = multiverse.network_pairs(multiverse.Probed(study, 0), claim, drawn)
    arm = "batch_norm" if claim.startswith("BN") else "dropout"
    side = -1 if claim == "BN-ft" else 1
    for k, path in enumerate(drawn.itertuples()):
        measures = multiverse.MEASURED.get(claim) or path.index.split(" and ")
        of = {a: other_value(study, 0, a, path, measures) for a in (arm, AA, "vanilla")}
        np.testing.assert_allclose(pairs[:, k], side * (of[arm] - of["vanilla"]), atol=1e-6)
        np.testing.assert_allclose(aa[:, k], side * (of[AA] - of["vanilla"]), atol=1e-6)


def test_small_worldness_is_that_of_the_library_and_knows_transitivity():
    for seed in range(10):
        graph = graphs.erdos_renyi(30, 40 + 15 * seed, 1, seed)[0]
        own = graphs.small_world(graph, path_measures.N_REWIRED, seed)
        above = {"sigma": own.sigma - 1, "omega": 0.5 - abs(own.omega), "phi": own.phi - 0.6}
        for index, value in above.items():
            path = SimpleNamespace(index=index, clustering="C")
            found = path_measures.measured("small world", graph, path, seed)
            assert found == pytest.approx(value, nan_ok=True)
    path = SimpleNamespace(index="sigma", clustering="T")
    nulls = [nx.from_numpy_array(each) for each in graphs.rewired(graph, 5, seed)]
    whole = nx.from_numpy_array(graph)
    ratio = nx.transitivity(whole) / np.mean([nx.transitivity(each) for each in nulls])
    lengths = [nx.average_shortest_path_length(each) for each in (whole, *nulls)]
    found = path_measures.measured("small world", graph, path, seed)
    assert found == pytest.approx(ratio / (lengths[0] / np.mean(lengths[1:])) - 1)


def test_an_index_that_is_not_defined_is_no_number():
    star = nx.to_numpy_array(nx.star_graph(6)) > 0  # no null of it has a triangle
    path = SimpleNamespace(index="sigma", clustering="C")
    assert np.isnan(path_measures.measured("small world", star, path, 0))


def test_small_worldness_asks_each_arm(study):
    drawn = paths.paths("SW").head(6)
    drawn = drawn.assign(density=np.maximum(drawn["density"], 0.06))
    probed = multiverse.Probed(study, 1)
    pairs, aa = multiverse.network_pairs(probed, "SW", drawn)
    assert pairs.shape == (3, 6)
    assert aa.shape == (1, 6)
    for k, path in enumerate(drawn.itertuples()):
        of = [probed.values(arm, path, ["small world"]) for arm in ("vanilla", AA)]
        np.testing.assert_array_equal(pairs[0, k], of[0][0])
        np.testing.assert_array_equal(aa[0, k], of[1][0] - of[0][0])


def test_dead_units_are_dropped_or_stand_alone(study):
    def with_a_dead_unit(arm, number):
        network = study.population(arm, number)
        network.weights[0].data[:, :, 3] = 0
        return network

    config = study.config
    probed = multiverse.Probed(SimpleNamespace(config=config, population=with_a_dead_unit), 0)
    path = next(paths.paths("BN-eff").assign(density=0.1).itertuples())
    dropped = probed.values("vanilla", path, ["E_glob"])
    kept = probed.values("vanilla", path._replace(dead="zero"), ["E_glob"])
    assert probed._strengths("vanilla", path)[0].shape == (39, 39)
    assert probed._strengths("vanilla", path._replace(dead="zero"))[0][3].max() == 0
    assert dropped != kept


def test_probes_have_as_many_images_and_follow_the_seed():
    data = load_dataset("digits")
    for kind in ("test", "train", "noise"):
        first, again, other = (multiverse.probe("digits", kind, seed) for seed in (0, 0, 1))
        assert first.images.shape == data.test.images.shape
        assert np.array_equal(first.images, again.images)
        assert np.array_equal(first.images, other.images) == (kind == "test")
    noise = multiverse.probe("digits", "noise", 0).images
    # the standard error of the mean is 0.002
    assert noise.mean() == pytest.approx(0.5, abs=0.01)
    train = multiverse.probe("digits", "train", 1).images
    rows = {row.tobytes() for row in data.train.images}
    assert all(row.tobytes() in rows for row in train)


def made_up(seed):
    """Tables of attacks and lesions of three networks."""
    rng, arms = np.random.default_rng(seed), ("vanilla", AA, "batch_norm", "dropout")
    names = [(arm, k) for arm in arms for k in range(3)]
    attacks = [
        (arm, k, attack, eps, rng.random())
        for arm, k in names
        for attack in paths.ATTACKED["attack"]
        for eps in paths.SIZES
    ]
    lesions = [
        (arm, k, order, clamp, share, rng.random())
        for arm, k in names
        for order in paths.LESIONED["order"]
        for clamp in ("zero", "mean")
        for share in np.arange(11) / 10
    ]
    return SimpleNamespace(
        attacks=pd.DataFrame(attacks, columns=["arm", "network", "attack", "epsilon", "accuracy"]),
        lesions=pd.DataFrame(
            lesions, columns=["arm", "network", "strategy", "clamp", "share", "accuracy"]
        ),
    )


def test_paths_of_attacks_and_lesions_are_areas():
    studies = {seed: made_up(seed) for seed in paths.SEEDS}
    for claim, arm, side in (("BN-rob", "batch_norm", -1), ("DO-ft lesions", "dropout", 1)):
        pairs, aa = multiverse.curve_pairs(studies, claim)
        listed = paths.paths(claim)
        assert pairs.shape == aa.shape == (1, len(listed), 3)
        for k in RNG.choice(len(listed), 40, replace=False):
            path, value = listed.iloc[k], {}
            low, high = (path["range"].split("-") * 2)[:2]
            for a in (arm, AA, "vanilla"):
                table = studies[path["seed"]]
                rows = (
                    table.attacks.query("attack == @path.attack")
                    if claim == "BN-rob"
                    else table.lesions.query("strategy == @path.order and clamp == @path.clamp")
                ).query("arm == @a and network == 2")
                x, y = rows.iloc[:, -2].to_numpy(), rows["accuracy"].to_numpy()
                inside = (x >= float(low)) & (x <= float(high))
                area = sum(
                    (x[i + 1] - x[i]) * (y[i] + y[i + 1]) / 2 for i in np.flatnonzero(inside)[:-1]
                )
                value[a] = area / (float(high) - float(low)) if inside.sum() > 1 else y[inside][0]
                value[a] /= y[0] if path["relative"] == "yes" else 1
            assert pairs[0, k, 2] == pytest.approx(side * (value[arm] - value["vanilla"]))
            assert aa[0, k, 2] == pytest.approx(side * (value[AA] - value["vanilla"]))


def test_the_published_table_holds_the_registered_lists():
    by_path = pd.read_csv(HOME / "benchmarks" / "multiverse.csv")
    by_claim = pd.read_csv(HOME / "benchmarks" / "multiverse_claims.csv", index_col="claim")
    assert list(by_claim.index) == list(paths.LISTS)
    for claim, row in by_claim.iterrows():
        part = by_path[by_path["claim"] == claim].reset_index(drop=True)
        listed = paths.paths(claim)
        assert part[[*listed]].astype(listed.dtypes).equals(listed)
        sure = (part["effect"] > curves.least_effect(row["pairs"])) & (part["p"] < 0.05)
        assert (sure == part["supports"]).all()
        assert row["share"] == pytest.approx(part["supports"].mean(), abs=1e-3)
        assert row["aa"] == pytest.approx(part["aa_supports"].mean(), abs=1e-3)
        assert row["word"] == curves.word_of(row["share"], row["opposite"], row["aa_high"])
        assert row["registered_effect"] == pytest.approx(part["effect"].iloc[0], abs=1e-3)
        alone = curves.deciding(part, [*listed])
        # effects are rounded to three digits
        np.testing.assert_allclose(row[alone.index].astype(float), alone, atol=2e-3)


def test_ranks_of_ties_are_shared():
    x = np.array([[1.0, 2], [1, 1], [3, 5], [2, 0]])
    own = edge_matrix(x, "spearman", np.zeros(4, int))
    assert own[0, 1] == pytest.approx(np.corrcoef(rankdata(x, axis=0).T)[0, 1])


def test_what_choices_do_jointly_is_what_a_sum_of_terms_leaves():
    by_path = pd.read_csv(HOME / "benchmarks" / "multiverse.csv")
    by_claim = pd.read_csv(HOME / "benchmarks" / "multiverse_claims.csv", index_col="claim")
    for claim, part in by_path.groupby("claim"):
        terms = pd.get_dummies(part[[*paths.LISTS[claim]]].astype(str), dtype=float)
        left = 1 - LinearRegression().fit(terms, part["effect"]).score(terms, part["effect"])
        assert by_claim.loc[claim, "joint"] == pytest.approx(left, abs=2e-3)


@pytest.mark.parametrize(
    ("shown", "kind", "labels", "said"),
    [
        (np.eye(4), "within", None, "give one per sample"),
        (np.eye(4), "between", [0, 1], "give one per sample"),
        (np.full((4, 2), np.nan), "pearson", None, "NaN"),
        (np.zeros((1, 3)), "spearman", None, "samples is 1"),
        (np.arange(4.0), "pearson", None, r"shape of the activations is \(4,\)"),
        (np.eye(4) * 1j, "partial", None, "give real numbers"),
    ],
)
def test_edges_of_what_has_none_are_refused(shown, kind, labels, said):
    with pytest.raises(ValueError, match=said):
        edge_matrix(shown, kind, labels)


@pytest.mark.parametrize("kind", ["pearson", "partial", "spearman"])
def test_dead_units_alone_have_no_edges(kind):
    assert not edge_matrix(np.ones((5, 3)), kind, np.zeros(5)).any()
