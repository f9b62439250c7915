"""Checks of the chapter on robustness whose right answers depend on the run."""

import itertools

import numpy as np
import pytest
from coursework.checks.robustness_chapter import CONTRIBUTIONS

from coursework import checks


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("rob-ex-2", [[0.8, 0.9, 0.7], [0.1, 0.2, 0.3]], "✓"),
        ("rob-ex-2", [[0.1, 0.2, 0.3], [0.8, 0.9, 0.7]], "first row"),
        ("rob-ex-2", [[0.8, 0.8, 0.7], [0.1, 0.2, 0.3]], "twice"),
        ("rob-ex-2", [[80, 90, 70], [10, 20, 30]], "between 0 and about 1"),
        ("rob-ex-2", [0.8, 0.9, 0.7], "two rows"),
        ("rob-ex-3", [[0.9, 0.6, 0.0], [0.92, 0.5, 0.0]], "✓"),
        ("rob-ex-3", [[0.6, 0.9, 0.0], [0.92, 0.5, 0.0]], "rises with epsilon"),
        ("rob-ex-3", [[0.7, 0.6, 0.0], [0.92, 0.5, 0.0]], "same images"),
        ("rob-ex-3", [[0.9, 0.9, 0.9], [0.9, 0.5, 0.0]], "sum of |slopes|"),
        ("rob-ex-3", [[0.9, 0.0, 0.0], [0.9, 0.5, 0.0]], "one image at a time"),
        ("rob-ex-3", [[90, 60, 0], [92, 50, 0]], "share in [0, 1]"),
        ("rob-ex-3", [0.9, 0.6, 0.0], "two rows"),
    ],
)
def test_what_is_accepted_and_what_is_said(name, answer, said):
    assert said in repr(checks.check(name, np.array(answer)))


def test_the_vote_turns_with_five_units_and_no_fewer():
    def least_score(silent):
        chosen = itertools.combinations(CONTRIBUTIONS, silent)
        return min(CONTRIBUTIONS.sum() - sum(units) for units in chosen)

    assert least_score(4) > 0 > least_score(5)
    halves = [sum(units) for units in itertools.combinations(CONTRIBUTIONS, 5)]
    assert checks.check("rob-ex-1", [5, np.mean(halves)]).right
