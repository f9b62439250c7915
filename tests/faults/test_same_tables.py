"""The same bits from any number of workers and threads, and from blocks of any size.

Two processes and a Dask cluster are tried in `tests/studies`.
"""

import pytest
from small_runs import run

pytestmark = pytest.mark.slow
LARGER = {"dataset": "mnist_5k", "hidden": (100, 50), "arms": ("dropout",), "n_networks": 1}


@pytest.mark.parametrize(("workers", "block_size"), [(1, 2), (1, 5), (4, 1)])
def test_workers_and_blocks(whole, tmp_path, workers, block_size):
    report = run(tmp_path / "store", workers=workers, changes={"block_size": block_size})
    assert (report["fault"], report["tables"]) == ("", whole[0]["tables"])


def test_threads(whole, tmp_path):
    """Of a network that is large enough for libraries to share out a product of matrices."""
    one, two = (run(tmp_path / f"{n}", threads=n, changes=LARGER) for n in (1, 2))
    assert one["fault"] == two["fault"] == ""
    assert one["tables"] == two["tables"]
    assert one["tables"] != whole[0]["tables"]
