"""The code digest sees code and not prose; the floors of the package are kept."""

import subprocess
import sys
from pathlib import Path

import pytest

from funcnet_utils.studies.provenance import code_digest, source_digest, versions

ROOT = Path(__file__).parents[2]


def test_digest_ignores_prose_and_layout(tmp_path):
    one, other, changed = (tmp_path / name / "m.py" for name in "abc")
    for file, text in (
        (one, '"""Doc."""\ndef f(x):\n    """Say."""\n    return x + 1  # why\n'),
        (other, '"""Other."""\n\n\ndef f(x):\n    return (x + 1)\n'),
        (changed, "def f(x):\n    return x + 2\n"),
    ):
        file.parent.mkdir()
        file.write_text(text)
    assert source_digest([one]) == source_digest([other])
    assert source_digest([one]) != source_digest([changed])


def test_unknown_room():
    with pytest.raises(ValueError, match="no room 'graph'"):
        code_digest("graph")


def test_versions_name_the_libraries():
    assert {"python", "numpy", "torch"} <= versions().keys()


def test_floors_are_kept():
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout
