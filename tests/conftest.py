"""The book's own pages, executed once with the smoke profile in a copy of the project."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # two threads on a busy machine wait too long

import pytest
from hypothesis import settings

from funcnet_utils.publishing.project import Project
from funcnet_utils.publishing.runner import Outcome, plan, run

settings.register_profile("book", deadline=None, derandomize=True)
settings.load_profile("book")

PARTS = ("_config.yml", "_toc.yml", "constraints.txt", "book", "notebooks")


@pytest.fixture(scope="session")
def smoke_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy, so that tests leave the pages and the results of the reader alone."""
    original, copy = Project.default(), tmp_path_factory.mktemp("project")
    if not original.pages():
        pytest.skip("notebooks/ has no page")
    for part in PARTS:
        source = original.root / part
        if source.is_dir():
            shutil.copytree(source, copy / part, ignore=shutil.ignore_patterns("*.ipynb"))
        else:
            shutil.copy(source, copy / part)
    return Project(copy)


@pytest.fixture(scope="session")
def outcomes(smoke_project: Project) -> Iterator[dict[str, Outcome]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FUNCNET_RESULTS", str(Path(smoke_project.root) / "results"))
        done = run(plan(smoke_project, profile="smoke"), n_workers=2)
        yield {outcome.page: outcome for outcome in done}
