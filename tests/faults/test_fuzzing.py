"""Damaged files end in a value or in one of our sentences; `make fuzz` reads a million."""

import subprocess
import sys
from pathlib import Path

import pytest
from fuzzing import is_ours

from funcnet_utils import load_dataset


def fuzz(n_inputs: int) -> str:
    """Read damaged files in a process of its own, which limits its memory."""
    command = [sys.executable, "-m", "tests.faults.fuzzing", str(n_inputs)]
    ended = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.parametrize("n_inputs", [1000, pytest.param(10**5, marks=pytest.mark.slow)])
def test_no_damaged_file_is_a_traceback_or_a_hang(n_inputs, capsys):
    said = fuzz(n_inputs)
    with capsys.disabled():
        print(said)
    assert said.endswith(" refusals, 0 others\n")


@pytest.mark.parametrize(
    ("read", "ours"),
    [
        (lambda: load_dataset("fashon_mnist"), True),
        (lambda: load_dataset("./nowhere.npz"), True),
        (lambda: int("x"), False),
        (lambda: {}["x"], False),
    ],
)
def test_what_counts_as_an_error_of_our_own(read, ours):
    with pytest.raises((ValueError, KeyError)) as fault:
        read()
    assert is_ours(fault.value) == ours
