"""Checks of the chapter on clustering: numbers of the reader's own run, judged by their ranges."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, rand_score

from coursework import checks

ARMS, CLUSTERS = list("AAABBCCCB"), [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_index_by_another_library():
    right = [adjusted_rand_score(ARMS, CLUSTERS), adjusted_rand_score(ARMS, [0] * 9)]
    assert checks.check("cl-ex-1", right).right
    plain = [rand_score(ARMS, CLUSTERS), rand_score(ARMS, [0] * 9)]
    assert "Rand index" in checks.check("cl-ex-1", plain).text


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("cl-ex-2", [120, 0.4, 0.9], "✓"),
        ("cl-ex-2", [120.5, 0.4, 0.9], "counts loops"),
        ("cl-ex-2", [120, 4, 0.9], "between -0.5 and 1"),
        ("cl-ex-2", [0.4, 0.9], "three numbers"),
        ("cl-ex-3", [0.9, -0.02, 0.3], "✓"),
        ("cl-ex-3", [0.9, 1.2, 0.3], "between -0.5 and 1"),
        ("cl-ex-3", [0.9, 0.0, 1.3], "divide the sum of squares"),
        ("cl-ex-3", [0.9, 0.0], "three numbers"),
    ],
)
def test_what_is_accepted_and_what_is_said(name, answer, said):
    assert said in repr(checks.check(name, np.array(answer)))
