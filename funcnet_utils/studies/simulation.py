"""How often the rule errs: made-up studies whose truth is known, judged as real ones are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from funcnet_utils import graphs, stats
from funcnet_utils.studies.config import StudyConfig
from funcnet_utils.studies.controls import PRIMARY, null_measures

N_UNITS, N_PAIRS = 40, 20
CONFIG = StudyConfig(dataset="digits", hidden=(N_UNITS,), density=0.12, densities=(), n_null=2)
EFFECT = 2.0
Draw = Callable[[np.random.Generator], np.ndarray]
DRAWS: dict[str, Draw] = {
    "": lambda rng: rng.standard_normal(N_PAIRS),
    ", heavy tails": lambda rng: rng.standard_t(3, N_PAIRS),
    ", skew": lambda rng: rng.exponential(size=N_PAIRS) - 1,
}
KEPT = {"beside the control": 1.0, "a half carried by the control": 0.5, "carried by it": 0.0}
"""Share of an effect that its control leaves."""
MATRICES = (
    ("blocks", True, "modularity"),
    ("loops", True, "loops"),
    ("blocks", False, "global_efficiency"),
    ("loops", False, "loops"),
    ("factors", False, "global_efficiency"),
)
"""Planted matrices, whether the effect is beyond their eigenvalues, and what measures it."""


def _verdict_word(draw: Draw, rng: np.random.Generator) -> str:
    """Return "sure" or "not sure", of differences without an effect."""
    effect = stats.paired_effect(draw(rng), np.zeros(N_PAIRS), int(rng.integers(2**31)))
    return "not sure" if stats.verdict(effect, effect.p) == "inconclusive" else "sure"


def _number_word(kept: float, draw: Draw, rng: np.random.Generator) -> str:
    """Return the word about the control of an effect of which it leaves a share."""
    noise = draw(rng)
    return stats.control_word(EFFECT + noise, EFFECT * kept + noise + 0.3 * draw(rng))


def planted(kind: str, rng: np.random.Generator) -> np.ndarray:
    """Return correlations of 40 units over 400 samples with a known structure.

    Parameters
    ----------
    kind : {"blocks", "loops", "factors"}
        Five groups of units, units in a ring, or units that mix four factors at random.
    rng : Generator
        Source of the samples.
    """
    place = np.arange(N_UNITS)
    ring = np.abs(place - place[:, None])
    mixed = rng.standard_normal((N_UNITS, 4))
    truth = {
        "blocks": 0.5 * (place // 8 == place[:, None] // 8) + 0.0,
        "loops": np.exp(-((np.minimum(ring, N_UNITS - ring) / 4.0) ** 2)),
        "factors": mixed @ mixed.T / 4,
    }[kind]
    samples = rng.multivariate_normal(np.zeros(N_UNITS), truth + 0.5 * np.eye(N_UNITS), 400)
    return np.asarray(np.corrcoef(samples, rowvar=False))


def _matrix_word(kind: str, beyond: bool, measure: str, rng: np.random.Generator) -> str:
    """Return the word about the control of one study of planted matrices.

    Beyond the eigenvalues, the arm has the structure and vanilla has matrices with the same
    eigenvalues and random eigenvectors: the control must not take it away. Else both are such
    matrices, vanilla with the fourth powers of the eigenvalues: they carry all of the effect.
    """
    effect, left = np.empty((2, N_PAIRS))
    for k in range(N_PAIRS):
        matrix, seeds = planted(kind, rng), rng.integers(2**31, size=2)
        power = np.linalg.matrix_power(matrix, 4)
        spread = np.sqrt(np.diagonal(power))
        other = matrix if beyond else power / np.outer(spread, spread)
        arm = matrix if beyond else graphs.spectrum(matrix, 1, int(seeds[0]))[0]
        vanilla = graphs.spectrum(other, 1, int(seeds[1]))[0]
        ask = partial(null_measures, CONFIG, network=k, kinds=(PRIMARY,), wanted=(measure,))
        a, b = (ask(each).iloc[0] for each in (arm, vanilla))
        effect[k] = a["value"] - b["value"]
        left[k] = effect[k] - (a["mean"] - b["mean"])
    return stats.control_word(effect, left)


def rates(n_studies: int, n_matrix_studies: int, seed: int) -> pd.DataFrame:
    """Return how often each word is said of made-up studies of 20 pairs.

    Parameters
    ----------
    n_studies : int
        Studies of each truth about numbers.
    n_matrix_studies : int
        Studies of each truth about matrices, which take seconds each.
    seed : int
        Root of the randomness.

    Returns
    -------
    DataFrame
        Columns truth, word, false (whether it is), studies, rate, low, high: the share of studies
        with the word and its 95% Clopper-Pearson interval.
    """
    rng, rows = np.random.default_rng(seed), []
    carried, beside = {"holds", "reversed"}, {"explained", "reversed"}
    truths: dict[str, tuple[int, set[str], Callable[..., str]]] = {}
    for name, draw in DRAWS.items():
        truths[f"no effect{name}"] = n_studies, {"sure"}, partial(_verdict_word, draw)
        for truth, kept in KEPT.items():
            judge = partial(_number_word, kept, draw)
            truths[truth + name] = n_studies, beside if kept else carried, judge
    for kind, beyond, measure in MATRICES:
        judge = partial(_matrix_word, kind, beyond, measure)
        truth = f"{kind}, {'beyond' if beyond else 'carried by'} the eigenvalues"
        truths[truth] = n_matrix_studies, beside if beyond else carried, judge
    for truth, (count, false, ask) in truths.items():
        said = Counter(ask(rng) for _ in range(count))
        for word in sorted({*said, *false}) if count else ():
            low, high = binomtest(said[word], count).proportion_ci()
            rows.append((truth, word, word in false, count, said[word] / count, low, high))
    columns = ["truth", "word", "false", "studies", "rate", "low", "high"]
    return pd.DataFrame(rows, columns=columns)
