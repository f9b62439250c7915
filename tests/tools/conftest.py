"""A small project with pages that run in a second."""

from pathlib import Path

import pytest

from tools.project import Project

HEADER = """---
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A page
"""


class TrialProject(Project):
    """A project whose pages and profiles a test writes."""

    def page(self, name: str, *cells: str, parameters: str = "") -> None:
        tagged = [f":tags: [parameters]\n\n{parameters}"] if parameters else []
        blocks = [f"```{{code-cell}} ipython3\n{cell}\n```" for cell in (*tagged, *cells)]
        self.source(name).write_text("\n\n".join([HEADER, *blocks]) + "\n")

    def profile(self, name: str, text: str) -> None:
        (self.notebooks / "profiles" / f"{name}.yml").write_text(text)


@pytest.fixture
def project(tmp_path: Path) -> TrialProject:
    project = TrialProject(tmp_path)
    (project.notebooks / "profiles").mkdir(parents=True)
    project.profile("laptop", "values: {n_networks: 20}\n")
    project.page(
        "sums",
        "print(n_networks * 2)",
        parameters='n_networks = 3\ndensity = 0.05\nhidden = "100-50"\nprofile = "none"',
    )
    return project
