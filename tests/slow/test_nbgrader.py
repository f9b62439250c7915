"""Exercises are handed out, handed in and marked by nbgrader, in an environment of its own."""

import csv
import os
import subprocess
import sys
import venv
from pathlib import Path

import nbformat
import pytest

from tools.coursework import Coursework
from tools.project import Project

pytestmark = pytest.mark.slow

BOOK = Coursework(Project.default())
PAGE = "reading_statistics"
CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "book"
c.Exchange.root = "exchange"
c.ExecutePreprocessor.timeout = 600
"""


@pytest.fixture(scope="module")
def nbgrader(tmp_path_factory):
    """Return a function that runs nbgrader in a course with one assignment."""
    folder = tmp_path_factory.mktemp("course")
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / "bin"
    subprocess.run([programs / "pip", "install", "-q", "nbgrader"], check=True)
    kernel = folder / "kernels" / "kernels" / "python3"  # the notebooks need the book's packages
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(
        f'{{"argv": ["{sys.executable}", "-m", "ipykernel_launcher", "-f", "{{connection_file}}"],'
        ' "display_name": "Python 3", "language": "python"}'
    )
    course = folder / "course"
    source = course / "source" / "week" / f"{PAGE}.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(BOOK.notebook(PAGE, solved=True), source)
    (course / "nbgrader_config.py").write_text(CONFIG)
    roots = f"{BOOK.project.root}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    environment = os.environ | {
        "JUPYTER_PATH": str(folder / "kernels"),
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",  # nbgrader calls alembic
        "PYTHONPATH": roots,
    }

    def run(*arguments):
        done = subprocess.run(
            [programs / "nbgrader", *arguments],
            cwd=course,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-3000:]

    run.course = course
    return run


def hand_in(course, student, right):
    """Fill in the answers with the given numbers right, the others invented."""
    notebook = nbformat.read(course / "release" / "week" / f"{PAGE}.ipynb", as_version=4)
    solved = BOOK.notebook(PAGE, solved=True)
    answers = {
        cell.metadata["nbgrader"]["grade_id"]: cell.source
        for cell in solved.cells
        if "stub" in cell.metadata.get("tags", [])
    }
    for cell in notebook.cells:
        label = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if label.endswith("-stub"):
            name = label.removesuffix("-stub").replace("-ex-", "_")
            invented = f"answer_{name} = [0.1, 0.2, 0.3]"
            cell.source = answers[label] if label.removesuffix("-stub") in right else invented
    target = course / "submitted" / student / "week" / f"{PAGE}.ipynb"
    target.parent.mkdir(parents=True)
    nbformat.write(notebook, target)


def test_an_assignment_is_released_without_solutions_and_marked(nbgrader):
    nbgrader("generate_assignment", "week")
    course: Path = nbgrader.course
    released = nbformat.read(course / "release" / "week" / f"{PAGE}.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in released.cells)
    assert "YOUR CODE HERE" in text
    assert "BEGIN SOLUTION" not in text
    assert "HIDDEN TESTS" not in text
    assert "assert checks" not in text

    every = {each["label"] for each in BOOK.exercises[PAGE]}
    hand_in(course, "ada", every)
    hand_in(course, "bob", {"st-ex-1", "st-ex-3"})
    nbgrader("autograde", "week")
    nbgrader("export", "--to", "grades.csv")
    with (course / "grades.csv").open() as stream:
        scores = {row["student_id"]: float(row["raw_score"]) for row in csv.DictReader(stream)}
    points = {each["label"]: each["check_points"] for each in BOOK.exercises[PAGE]}
    assert scores["ada"] == pytest.approx(sum(points.values()))
    assert scores["bob"] == pytest.approx(points["st-ex-1"] + points["st-ex-3"])
