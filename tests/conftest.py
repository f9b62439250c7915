"""What all tests share: reproducible examples, one thread, the book made by one process."""

from __future__ import annotations

import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two threads on a busy machine wait too long

os.environ.setdefault("NUMBA_NUM_THREADS", str(os.cpu_count()))  # `benchmarks` would set 1

import pytest
from hypothesis import settings

settings.register_profile("book", deadline=None, derandomize=True)
settings.load_profile("book")

WHEELS = ("tests/slow/test_wheel.py", "tests/slow/test_versions.py")  # built in one folder
VISITS = ("test_page_is_complete", "test_page_quality")


def part(nodeid: str) -> int:
    """The book is made first, by one process; its pages are visited last, by all."""
    file, test = nodeid.split("::", 1)
    if test.startswith(VISITS):
        return 3
    if file == "tests/book/test_explorer.py":
        return 2
    return 0 if file.startswith("tests/book/") else 1


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: part(item.nodeid))
    for item in items:
        if "html" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")  # Sphinx, a printed book and a browser take minutes


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Share out tests so that the book is built once."""
    from xdist.scheduler import LoadScopeScheduling

    class ByPart(LoadScopeScheduling):
        """Tests of one file run in one process, and so do those that make the book."""

        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            file = "wheels" if file in WHEELS else file
            return ("book", file, file, nodeid)[part(nodeid)]

    config.option.loadscopereorder = False  # keep the order of `part`
    return ByPart(config, log)


@pytest.fixture(autouse=True)
def one_thread():
    """Parallel loops of numba raise the number of threads that torch uses as well."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
