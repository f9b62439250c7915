"""The numerics with the oldest versions that pyproject.toml takes, and with the newest ones.

CONTRIBUTING.md has the table of what was tried by hand, other versions of torch among them.
"""

import os
import re
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from environments import Environment, build_wheel, lower_bound, requirements
from packaging.version import Version

pytestmark = pytest.mark.slow

TOOLS = ("pytest", "hypothesis", "statsmodels")
WITHOUT_TORCH = (
    *("tests/graphs", "tests/topology", "tests/stats", "tests/clustering"),
    *("tests/test_correlation.py", "tests/test_networkx_backend.py"),
)
WITH_TORCH = ("tests/test_network.py", "tests/test_capture.py", "tests/test_command_line.py")
NEEDS_TORCH = ("torch", "adversarial-robustness-toolbox")  # torch is gigabytes, for a GPU
# The newest on 2026-11-27; with what comes later this test must not turn red by itself.
NEWEST = (
    *("numpy==2.5.5", "scipy==1.18.1", "numba==0.68.1", "networkx==3.7"),
    *("pandas==3.1.1", "scikit-learn==1.9.1"),
)
OF_TORCH = ("jinja2", "fsspec", "sympy", "typing_extensions", "setuptools>=77.0.3")


def newer_python():
    """Return a program of Python 3.12 or newer that starts, the newest, or None."""
    names = [f"python3.{minor}" for minor in range(15, 11, -1)]
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for name in names:
        for program in filter(None, [shutil.which(name), *versions.glob(f"*/bin/{name}")]):
            asked = subprocess.run([program, "-m", "venv", "-h"], capture_output=True)
            if asked.returncode == 0:
                return program
    return None


def passed(environment, folder, *tests):
    """Install the project, run tests and return how many passed; none may fail."""
    environment.pip("install", "--no-deps", build_wheel(folder))
    environment.pip("check")
    code, said = environment.test(folder, *tests)
    print(said)
    assert code == 0, said[-5000:]
    return int(re.search(r"(\d+) passed", said)[1])


def test_the_oldest_versions_pass_the_tests_of_numerics(tmp_path):
    oldest = [lower_bound(each) for each in requirements("study") if each.name != "torch"]
    environment = Environment(tmp_path / "oldest")
    environment.pip("install", *oldest, *TOOLS, *OF_TORCH)
    environment.link_torch()
    found = {
        each.name.lower(): each.version
        for each in metadata.distributions(path=[str(environment.packages)])
    }
    for requirement in requirements("study"):
        bound = lower_bound(requirement)
        if "==" in bound and requirement.name != "torch":
            assert Version(found[requirement.name]) == Version(bound.split("==")[1]), bound
    assert passed(environment, tmp_path, *WITHOUT_TORCH, *WITH_TORCH) > 800


def test_the_newest_versions_pass_the_tests_of_numerics(tmp_path):
    program = newer_python()
    if program is None:
        pytest.skip("no Python 3.12 or newer starts on this machine")
    environment = Environment(tmp_path / "newest", program)
    engine = [each.name for each in requirements("study") if each.name not in NEEDS_TORCH]
    environment.pip("install", *engine, *NEWEST, *TOOLS)
    assert passed(environment, tmp_path, *WITHOUT_TORCH) > 600
