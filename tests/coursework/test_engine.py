"""Checks of the chapter on speed: the reader's own errors of rounding, judged by their size."""

import pytest

from coursework import checks


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ([1e-13, 1e-3], "✓"),
        ([1e-3, 1e-13], "n_A n_B"),
        ([1e-13, 1e-13], "a million"),
        ([-1e-13, 1e-3], "absolute"),
        ([1e-13], "two numbers"),
    ],
)
def test_merged_moments(answer, said):
    assert said in repr(checks.check("pf-ex-3", answer))
