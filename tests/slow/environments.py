"""Environments of their own for tests: made without pip inside, filled by the pip of this one."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
HERE = Path(sysconfig.get_path("purelib"))


class Environment:
    """An empty environment in a folder."""

    def __init__(self, folder, program=sys.executable):
        subprocess.run([program, "-m", "venv", "--without-pip", folder], check=True)
        self.folder = folder
        self.python = folder / "bin" / "python"
        (self.packages,) = folder.glob("lib/python3.*/site-packages")

    def pip(self, *arguments):
        """Install by the pip of this environment, which must not see the clone as installed."""
        command = (sys.executable, "-m", "pip", "--python", self.python, "-q", *arguments)
        done = self.run(*command)
        assert done.returncode == 0, done.stderr[-3000:]

    def run(self, *command, variables=(), **options):
        """Run a program without the folders, results and data that this process knows."""
        own = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "FUNCNET_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
        kept |= dict(variables)
        return subprocess.run(command, env=kept, capture_output=True, text=True, **options)

    def link_torch(self):
        """Take torch as it is installed here: other versions are gigabytes for a GPU."""
        for pattern in ("torch", "torchgen", "functorch", "torch-*.dist-info"):
            for path in HERE.glob(pattern):
                (self.packages / path.name).symlink_to(path)

    def test(self, folder, *paths):
        """Run tests of the clone; return the exit status and the output."""
        command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", ROOT, *paths]
        variables = {"NUMBA_CACHE_DIR": str(folder / "numba"), "HOME": str(folder)}
        done = self.run(self.python, *command, cwd=ROOT, variables=variables)
        return done.returncode, done.stdout + done.stderr


def requirements(*extras):
    """Return what the engine and some extras need, the project's own extras unfolded."""
    lines = [*PROJECT["dependencies"]]
    lines += [line for extra in extras for line in PROJECT["optional-dependencies"][extra]]
    found = []
    for each in map(Requirement, lines):
        found += requirements(*each.extras) if each.name == PROJECT["name"] else [each]
    return list({each.name: each for each in found}.values())


def lower_bound(requirement):
    """Return the oldest version that a requirement takes, as what pip installs."""
    oldest = [each.version for each in requirement.specifier if each.operator == ">="]
    return f"{requirement.name}=={oldest[0]}" if oldest else requirement.name


def build_wheel(folder):
    """Build the wheel from a copy of its sources: building leaves files beside them."""
    source = folder / "source"
    skip = shutil.ignore_patterns("__pycache__", "student", "instructor")
    for name in ("funcnet_utils", "coursework", "book/results", "book/benchmarks"):
        shutil.copytree(ROOT / name, source / name, ignore=skip)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, source]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    (wheel,) = folder.glob("*.whl")
    return wheel
