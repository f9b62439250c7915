"""Every public function of numerics: it refuses what has no answer, and moves no generator."""

import inspect
import warnings

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch

from funcnet_utils import clustering, correlation, graphs, stats, strongest_edges, topology
from funcnet_utils.clustering.distances import NUMBERS

RNG = np.random.default_rng(0)
SIGNALS = RNG.normal(size=(40, 8))
R = np.corrcoef(SIGNALS.T)
STRENGTH = np.abs(R) * (1 - np.eye(8))
DISTANCES = 1 - STRENGTH - np.eye(8)
BIRTH = topology.persistence(DISTANCES)[1][0, 0]
GRAPH = graphs.spanning_density_graph(STRENGTH, 0.4)
HALF = ["a", "b"] * 4
DIAGRAM = np.array([[0.1, 0.4], [0.2, 0.9]])
PAIRS = RNG.normal(size=(2, 6))
TABLE = RNG.normal(size=(6, 3))
EFFECT = stats.Effect(1.0, 0.5, 1.5, 1.0, 2.0, 0.001, 20)
NETWORKS = pd.DataFrame(RNG.random((8, 4)), columns=NUMBERS)


def array(good):
    """An array of numbers, all finite."""
    good = np.asarray(good, dtype=float)
    yield from (good * (1 + 1j), good.astype(str), np.ma.array(good, mask=good > 0), None)
    yield from (np.where(good == good.flat[-1], bad, good) for bad in (np.nan, np.inf))


def gaps(good):
    """An array of numbers, NaN where there is no value."""
    yield from list(array(good))[:4]


def sample(good):
    """One value per network."""
    good = np.asarray(good)
    yield from (np.where(good == good[-1], bad, good) for bad in (np.nan, np.inf))
    yield from ([], [good], good[:1])


def square(good):
    yield from (*array(good), good[:-1], good[0])


def matrix(good):
    """A symmetric matrix."""
    yield from (*square(good), good + np.triu(np.ones(good.shape), 1), np.triu(good))


def graph(good):
    yield from (*square(good), np.triu(good), good | np.eye(len(good), dtype=bool), 2 * good)


def labels(good):
    words = list(good)
    yield from (None, [], words[:-1], [words], [*words[:-1], np.nan], [*words[:-1], None])
    yield from (np.full(len(words), np.nan), np.ma.array(words, mask=[1] + [0] * (len(words) - 1)))
    yield np.arange(len(words)) * 1j


def seed(good):
    yield from (None, 0.5, -1, True, "0", float("nan"), 1j)


def count(good):
    yield from (None, 0, -1, 0.5, 1.5, True, "2", float("nan"), 1j)


def grid(good):
    yield from (*array(good), [good])


def rising(good):
    yield from (*grid(good), [], good[::-1], [good[0]])


def diagram(good):
    yield from (*list(array(good))[:3], np.where(good == 0.1, np.nan, good), good[:, ::-1])
    yield np.ones((2, 3))


def real(good):
    yield from (None, "1", float("nan"), 1j, -1, [good])


def share(good):
    yield from (*real(good), 1.5)


def choice(good):
    yield from (None, "x", 1, [good])


def signals(good):
    """Chunks of signals."""
    return [*(bad for bad in array(good) if bad is not None), [], good[:1], good[0]]


def none(good):
    """An argument that is not checked."""
    return []


def each(kind):
    """A sequence whose parts are of a kind."""

    def sequence(good):
        yield from ([bad, *good[1:]] for bad in kind(good[0]) if bad is not None)

    return sequence


MEASURES = {"adjacency": (GRAPH, graph)}
OF_TWO = {"values": (PAIRS[0], sample), "reference": (PAIRS[1], sample)}
ROWS = {
    **{
        getattr(graphs, name): MEASURES
        for name in (
            *("density", "degree", "triangles", "clustering", "transitivity", "local_efficiency"),
            *("characteristic_path_length", "connected_share", "diameter", "global_efficiency"),
            *("path_lengths", "betweenness", "degree_assortativity"),
        )
    },
    graphs.sampled_paths: MEASURES | {"n_sources": (3, count), "seed": (0, seed)},
    graphs.modularity: MEASURES | {"seed": (0, seed)},
    graphs.communities: MEASURES | {"seed": (0, seed)},
    graphs.participation: MEASURES | {"labels": (HALF, labels)},
    graphs.within_share: MEASURES | {"labels": (HALF, labels)},
    graphs.all_measures: MEASURES | {"seed": (0, seed), "labels": (HALF, labels)},
    graphs.small_world: MEASURES | {"n_null": (2, count), "seed": (0, seed)},
    graphs.rewired: MEASURES | {"n_graphs": (2, count), "seed": (0, seed)},
    graphs.lattice: MEASURES | {"seed": (0, seed)},
    graphs.to_networkx: MEASURES,
    graphs.from_networkx: {"graph": (nx.path_graph(3), lambda _: [nx.Graph([(0, 0)])])},
    graphs.erdos_renyi: {"n": (5, lambda _: [None, 0.5, -1, 2]), "n_edges": (4, lambda _: [-1, 11])}
    | {"n_graphs": (2, count), "seed": (0, seed)},
    graphs.spanning_tree: {"strength": (STRENGTH, matrix)},
    graphs.onnela_clustering: {"strength": (STRENGTH, matrix)},
    graphs.weighted_efficiency: {"strength": (STRENGTH, matrix)},
    graphs.threshold_graph: {
        "strength": (STRENGTH, matrix),
        "threshold": (0.3, lambda _: [None, "1", np.nan, np.inf, 1j]),
    },
    graphs.density_graph: {"strength": (STRENGTH, matrix), "density": (0.5, share)},
    graphs.spanning_density_graph: {"strength": (STRENGTH, matrix), "density": (0.5, share)},
    **{
        null: {"correlation": (R, matrix), "n_graphs": (2, count), "seed": (0, seed)}
        for null in (graphs.hqs, graphs.spectrum)
    },
    graphs.correlation_configuration: {
        **{"correlation": (R, matrix), "n_graphs": (2, count), "seed": (0, seed)},
        "n_samples": (20, count),
    },
    graphs.column_shuffled: {"activations": (SIGNALS, array), "seed": (0, seed)},
    graphs.auc: {"values": (TABLE, gaps), "densities": ([0.1, 0.2, 0.3], rising)},
    topology.persistence: {
        "distances": (DISTANCES, matrix),
        "maxdim": (1, lambda _: [None, 3, -1]),
    },
    topology.sampled_loops: {
        "distances": (DISTANCES, lambda good: [good[:-1], good[0], good * 1j, None, good * np.nan]),
        **{"n_points": (5, count), "min_lifetime": (0.1, real)},
        **{"n_draws": (3, count), "seed": (0, seed)},
    },
    topology.representative_cycle: {
        "distances": (DISTANCES, matrix),
        "birth": (BIRTH, real),
    },
    **{
        estimate: {
            "points": (DISTANCES, lambda good: [*matrix(good), -5, np.nan, 0.5, True]),
            "maxdim": (1, lambda _: [3, None]),
        }
        for estimate in (topology.memory_estimate, topology.time_estimate)
    },
    topology.bottleneck: {"a": (DIAGRAM, diagram), "b": (DIAGRAM, diagram)},
    topology.wasserstein: {
        **{"a": (DIAGRAM, diagram), "b": (DIAGRAM, diagram)},
        "order": (2, lambda _: [None, 0.5, np.nan, np.inf, "2", 1j]),
    },
    topology.bottleneck_matrix: {"diagrams": ([DIAGRAM] * 2, each(diagram))},
    topology.wasserstein_matrix: {"diagrams": ([DIAGRAM] * 2, each(diagram))},
    topology.sliced_wasserstein_matrix: {
        "diagrams": ([DIAGRAM] * 2, each(diagram)),
        "n_directions": (3, count),
    },
    **{
        curve: {"diagram": (DIAGRAM, diagram), "grid": ([0.0, 0.5, 1.0], grid)}
        for curve in (topology.betti_curve, topology.landscape, topology.silhouette)
    },
    topology.loops: {"diagram": (DIAGRAM, diagram), "min_lifetime": (0.1, real)},
    topology.persistence_image: {"diagram": (DIAGRAM, diagram)},
    topology.summary: {"diagram": (DIAGRAM, diagram)},
    topology.noise_scores: {"diagram": (DIAGRAM, diagram)},
    topology.noise_p_values: {"diagram": (DIAGRAM, diagram)},
    topology.graph_filtration_matrix: {"strengths": ([STRENGTH] * 2, each(matrix))},
    topology.l2_matrix: {"vectors": ([PAIRS[0], PAIRS[1]], each(array))},
    clustering.topological_distances: {
        "diagrams": ([DIAGRAM] * 2, each(diagram)),
        "strengths": ([STRENGTH] * 2, each(matrix)),
    },
    clustering.baseline_distances: {
        "networks": (NETWORKS, lambda good: [good * np.nan, good[:0]]),
        "strengths": ([STRENGTH] * 8, each(matrix)),
        "density": (0.5, share),
    },
    clustering.representation_distances: {"activations": ([TABLE] * 2, each(array))},
    clustering.feature_distances: {
        "features": (TABLE, lambda good: [*array(good), [], good[:0]]),
        "groups": (HALF[:6], lambda good: list(labels(good))[1:]),
    },
    clustering.embed: {"distances": (DISTANCES, matrix)},
    clustering.cluster: {
        **{"distances": (DISTANCES, matrix), "k": (2, lambda good: [*count(good), 9])},
        **{"method": ("average", choice), "seed": (0, seed)},
    },
    clustering.permutation_p: {
        **{"labels_true": (HALF, labels), "labels_pred": (HALF, labels)},
        **{"seed": (0, seed), "n_permutations": (9, count)},
    },
    clustering.bootstrap_ari: {
        **{"distances": (DISTANCES, matrix), "arms": (HALF, labels)},
        **{"k": (2, lambda good: [*count(good), 10**30]), "method": ("average", choice)},
        **{"seed": (0, seed), "n_resamples": (20, count)},
        "baseline": (DISTANCES, lambda good: [bad for bad in matrix(good) if bad is not None]),
    },
    clustering.one_copy_ari: {
        **{"distances": (DISTANCES, matrix), "arms": (HALF, labels)},
        "copies": (np.arange(8) // 2, labels),
        **{"seed": (0, seed), "n_draws": (2, count)},
    },
    clustering.cluster_table: {
        "distances_by_name": ({"d": DISTANCES}, lambda good: [{"d": d} for d in matrix(DISTANCES)]),
        **{"arms": (HALF, labels), "seed": (0, seed)},
        "n_resamples": (20, count),
    },
    clustering.leave_one_group_out: {
        **{"distances": (DISTANCES, matrix), "arms": (HALF, labels)},
        **{"groups": ([0] * 4 + [1] * 4, labels), "seed": (0, seed)},
    },
    stats.icc: {"ratings": (TABLE, array)},
    stats.rank_correlation: {
        **{"values": (PAIRS[0], array), "others": (PAIRS[1], array), "seed": (0, seed)},
    },
    stats.mtpc: {
        **{"values": (TABLE, array), "reference": (TABLE + PAIRS[:1].T, array)},
        **{"densities": ([0.1, 0.2, 0.3], rising), "seed": (0, seed)},
    },
    stats.smallest_rho: {"n": (20, count)},
    stats.adjusted_effect: OF_TWO
    | {
        "covariate": (PAIRS[1], sample),
        "covariate_reference": (PAIRS[0], sample),
        "seed": (0, seed),
    },
    stats.leverage: {"covariate": (PAIRS[0], sample), "covariate_reference": (PAIRS[1], sample)},
    stats.mediation: {
        **{"outcome": (PAIRS[0], sample), "outcome_reference": (PAIRS[1], sample)},
        **{"mediator": (PAIRS[1], sample), "mediator_reference": (PAIRS[0], sample)},
        "seed": (0, seed),
    },
    stats.cliffs_delta: OF_TWO,
    stats.hedges_g: OF_TWO,
    stats.equivalence: OF_TWO | {"bound": (0.5, lambda _: [0, -1, np.nan]), "unit": ("sd", choice)},
    stats.one_sample_effect: {"values": (PAIRS[0], sample), "reference": (0.0, none)}
    | {"seed": (0, seed)},
    stats.paired_effect: OF_TWO | {"seed": (0, seed)},
    stats.bootstrap_interval: {"values": (PAIRS[0], sample), "seed": (0, seed)},
    stats.sign_flip_p: {"differences": (PAIRS[0], sample), "seed": (0, seed)},
    stats.t_interval: {"values": (PAIRS[0], sample)},
    stats.benjamini_hochberg: {"p_values": ([0.1, 0.2], lambda _: [[np.nan], [1.1], [-0.1], 0.1])},
    stats.holm: {"p_values": ([0.1, 0.2], lambda _: [[np.nan], [1.1], [-0.1], 0.1])},
    stats.control_word: {"effect": (PAIRS[0], sample), "left": (PAIRS[1], sample)},
    stats.pairs_needed: {"spread": (1.0, none), "bound": (0.5, none)},
    stats.verdict: {"effect": (EFFECT, none), "p_corrected": (0.01, none)},
    correlation.correlation_matrix: {
        "chunks": (SIGNALS, signals),
        "labels": (np.arange(40) % 2, lambda good: list(labels(good))[1:]),
    },
    correlation.strength: {
        **{"r": (R, matrix), "dead": ("drop", choice), "precision": ("float64", choice)},
    },
    strongest_edges.correlation_edges: {
        "chunks": (SIGNALS, lambda good: [*signals(good), good[None]]),
        **{"density": (0.5, share), "dead": ("drop", choice), "memory": (2**20, count)},
    },
}
NAMED = (correlation.correlation_matrix, correlation.strength, strongest_edges.correlation_edges)


def public():
    """Return the functions that four rooms export, and three that stand in modules."""
    rooms = (graphs, topology, clustering, stats)
    found = [f for room in rooms for f in vars(room).values() if inspect.isfunction(f)]
    return {*found, *NAMED}


def test_every_public_function_has_a_row():
    assert {f.__name__ for f in public()} == {f.__name__ for f in ROWS}


def name(function):
    return f"{function.__module__.split('.')[1]}.{function.__name__}"


def valid(function):
    return {argument: good for argument, (good, _) in ROWS[function].items()}


@pytest.mark.parametrize("function", ROWS, ids=name)
def test_what_has_no_answer_is_refused_in_one_sentence(function):
    taken = []
    for argument, (good, kind) in ROWS[function].items():
        for bad in kind(good):
            if bad is None and inspect.signature(function).parameters[argument].default is None:
                continue
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    found = function(**valid(function) | {argument: bad})
                taken.append((argument, bad, found))
            except ValueError as error:
                said = str(error)
                one_sentence = said.endswith(".") and ". " not in said and ": " in said
                if not one_sentence or "\n" in said:
                    taken.append((argument, bad, said))
            except (TypeError, OverflowError, IndexError) as error:
                taken.append((argument, bad, repr(error)))
    assert not taken


@pytest.mark.parametrize("function", ROWS, ids=name)
def test_no_global_generator_moves(function):
    before, state = np.random.get_state(), torch.get_rng_state()  # noqa: NPY002
    function(**valid(function))
    after = np.random.get_state()  # noqa: NPY002
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))
    assert torch.equal(state, torch.get_rng_state())


def matrices():
    """Return every function that takes a symmetric matrix, or several, and the argument."""
    for function, row in ROWS.items():
        for argument, (_, kind) in row.items():
            if kind is matrix or argument == "strengths":
                yield pytest.param(function, argument, id=f"{name(function)}-{argument}")


def with_matrix(function, argument, change):
    """Call a function with a changed matrix, or with changed ones if it takes several."""
    good = ROWS[function][argument][0]
    given = [change(one) for one in good] if isinstance(good, list) else change(good)
    return function(**valid(function) | {argument: given})


@pytest.mark.parametrize(("function", "argument"), matrices())
def test_what_rounding_leaves_is_taken_by_all(function, argument):
    half = np.triu(np.ones((8, 8)), 1)

    def rounded(good):
        return good * (1 + 2e-16 * half) + 5e-17 * half + 2e-16 * np.eye(8)

    def below(good):
        return np.where(good == 0, -5e-17, good)

    with_matrix(function, argument, rounded)
    with_matrix(function, argument, below)


@pytest.mark.parametrize(("function", "argument"), matrices())
def test_a_triangle_is_told_from_an_asymmetry(function, argument):
    for triangle in (np.triu, np.tril):
        with pytest.raises(ValueError, match="one triangle only") as error:
            with_matrix(function, argument, triangle)
        assert "/ 2" not in str(error.value)
    with pytest.raises(ValueError, match=r"differ by up to 0\.5: use \(w \+ w\.T\) / 2"):
        with_matrix(function, argument, lambda good: good + np.triu(np.full((8, 8), 0.5), 1))
