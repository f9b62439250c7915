"""Coursework: plain text, no solution leaks, student notebooks run, instructor versions pass."""

import re
import shutil
import subprocess
import tomllib
from types import SimpleNamespace

import nbformat
import pytest
from click.testing import CliRunner

from tools import printing
from tools.__main__ import app
from tools.coursework import CHECK, CODE, EXERCISE, POINTS, Coursework
from tools.parameters import read_source
from tools.project import Project
from tools.worker import run_cells

BOOK = Coursework(Project.default())
PAGE = """---
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# Sums

See {doc}`other`, {cite:t}`watts1998collective`, {numref}`fig-sum`.
Read {cite:p}`watts1998collective,latora2001efficient`.

```{code-cell} ipython3
:tags: [parameters]

n = 3
seed = 0
```

```{code-cell} ipython3
from types import SimpleNamespace as Report

from funcnet_utils import pages

def check(answer, trained=6):
    report = Report(right=answer == trained)
    print("✓ right" if report.right else f"Hint: add 1 to {n}. You gave {answer}.")
    return report

pages.glue_value("sum-n", n)
```

There are {glue:text}`sum-n` numbers.

```{code-cell} ipython3
:mystnb:
:  figure:
:    name: fig-sum
:    caption: A sum of $n$ numbers, by {prf:ref}`thm-gauss`.

n
```

```{prf:theorem} Gauss
:label: thm-gauss

The sum is

$$
s = n (n + 1) / 2.
$$ (eq-gauss)
```

````{exercise-start} Add them [code] ★★
:label: sum-ex-1
````
What is the sum? {eq}`eq-gauss` says it.

```python
answer_sum_1 = ...  # your answer
```
````{exercise-end}
````

````{solution-start} sum-ex-1
:class: dropdown
````

```{code-cell} ipython3
secret_total = sum(range(n + 1)) + 0 * seed
answer_sum_1 = secret_total
```

The secret is Gauss's formula, of course.
````{solution-end}
````

```{code-cell} ipython3
:tags: [check]

check(answer_sum_1)
```

````{exercise-start} Why? [concept] ★
:label: sum-ex-2
````
Say why.

```python
answer_sum_2 = ...
```
````{exercise-end}
````

````{solution-start} sum-ex-2
````

```{code-cell} ipython3
answer_sum_2 = 6
```
````{solution-end}
````

```{code-cell} ipython3
:tags: [check]

check(answer_sum_2, trained=6)
```

## Further reading
"""


@pytest.fixture
def work(tmp_path):
    project = Project(tmp_path)
    (project.notebooks / "profiles").mkdir(parents=True)
    (project.notebooks / "profiles" / "laptop.yml").write_text("values: {n: 3}\n")
    project.source("sums").write_text(PAGE)
    project.source("other").write_text("# The other page\n")
    (project.root / "_config.yml").write_text("title: A book\n")
    (project.root / "book").mkdir()
    shutil.copy(BOOK.project.root / "book" / "references.bib", project.root / "book")
    return Coursework(project)


RAW = re.compile(r"\{[a-z][\w:-]*\}`|`{3,}\{|:{3,}\{|^:label:|⟦", re.MULTILINE)  # MyST


def tags(cell):
    return cell.metadata.get("tags", [])


def text(notebook):
    return "\n".join(cell.source for cell in notebook.cells)


def test_rubric_pays_for_kind_and_stars(work):
    table = work.files()[work.folder / "rubric.csv"]
    assert table.splitlines()[1:] == [
        "sums,1,sum-ex-1,Add them,code,2,,0,6,3.6",
        "sums,2,sum-ex-2,Why?,concept,1,,0,2,1.0",
    ]
    rubric = work.files()[work.folder / "rubric.md"]
    assert "All pages: 8 points" in rubric
    for kind, share in CHECK.items():
        assert re.search(rf"\| {kind} \| the check passes.* \| {share:.0%}", rubric)
        assert str(POINTS[kind]) in rubric.split("\n")[4]


def test_student_version_is_plain_and_keeps_no_secret(work):
    student = text(work.notebook("sums", solved=False))
    for secret in ("secret", "Gauss's"):
        assert secret not in student
    watts = "Watts and Strogatz"
    assert (
        f"See *The other page*, {watts} ([1998](https://doi.org/10.1038/30918)), Figure" in student
    )
    assert f"([{watts}, 1998](https://doi.org/10.1038/30918); [Latora and" in student
    assert ", Figure sum." in student
    assert "**Figure sum.** A sum of $n$ numbers, by Theorem gauss." in student
    quoted = (
        "> **Theorem gauss (Gauss).** The sum is\n>\n> $$\n> s = n (n + 1) / 2. \\tag{gauss}\n>"
    )
    assert f"{quoted} $$" in re.sub("> \n", ">\n", student)
    assert "Equation gauss says it." in student
    assert "⟦sum-n⟧ numbers" in student
    assert "answer_sum_1 = ..." in student
    assert "**In words.**" in student
    assert "\n\n## Further reading" not in student  # the text after an exercise is no part of it
    assert not re.search(r"\{[a-z:-]+\}`|```\{", student)
    teacher = text(work.notebook("sums", solved=True))
    assert "### BEGIN SOLUTION\nsecret_total" in teacher
    assert "Gauss's formula" in teacher
    hidden = "TESTS\nfrom coursework import checks\nassert check(answer_sum_1).right\n### END"
    assert hidden in teacher


def test_cells_of_exercises_carry_the_metadata_of_nbgrader(work):
    for solved in (False, True):
        notebook = work.notebook("sums", solved=solved)
        nbformat.validate(notebook)
        cells = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
        facts = [cell.metadata["nbgrader"] for cell in cells]
        assert [fact["grade_id"] for fact in facts] == [
            f"sum-ex-{number}-{role}" for number in (1, 2) for role in ("stub", "check", "words")
        ]
        assert [fact["grade"] for fact in facts] == [False, True, True] * 2
        assert [fact["solution"] for fact in facts] == [True, False, True] * 2
        assert [fact["locked"] for fact in facts] == [False, True, False] * 2
        assert [fact.get("points", 0) for fact in facts] == [0, 3.6, 2.4, 0, 1, 1]
        assert ("HIDDEN TESTS" in text(notebook)) == solved


def test_student_version_runs_with_hints_and_instructor_version_passes(work, tmp_path):
    def run(solved, target=None):
        notebook = work.notebook("sums", solved=solved)
        return work.execute("sums", notebook, {"n": 3}, target).cells

    ran = run(solved=False)
    said = [cell.outputs[0]["text"] for cell in ran if "check" in cell.metadata.get("tags", [])]
    assert [each.split(":")[0] for each in said] == ["Hint", "Hint"]
    told = next(cell for cell in ran if "tell" in cell.metadata.get("tags", []))
    assert "There are 3 numbers." in told.outputs[0]["data"]["text/markdown"]
    done = run(solved=True, target=tmp_path / "solved.ipynb")
    said = [cell.outputs[0]["text"] for cell in done if "check" in cell.metadata.get("tags", [])]
    assert all("✓ right" in each for each in said)
    assert (tmp_path / "solved.ipynb").exists()
    solved = work.notebook("sums", solved=True)
    with pytest.raises(ValueError, match="AssertionError"):
        work.execute("sums", solved, {"n": 4})  # the check wants 6


@pytest.fixture
def executed(work):
    """The page sums, run as a page of the book."""
    folder = work.project.notebooks
    return run_cells(read_source(folder / "sums.md"), None, {"n": 3}, folder)


def test_downloads_of_executed_pages_are_plain_and_have_their_values(work, executed):
    plain = work.download(executed, "https://example.org/book")
    nbformat.validate(plain)
    shown = text(plain)
    assert "There are 3 numbers." in shown
    assert "([Watts and Strogatz, 1998](https://doi.org/10.1038/30918); [Latora and" in shown
    assert "**Figure sum.** A sum of $n$ numbers, by Theorem gauss." in shown
    assert "### Exercise: Add them [code] ★★" in shown
    assert "**Solution**\n" in shown
    assert 'REPOSITORY = "https://example.org/book"' in shown
    assert not RAW.search(shown)
    ran = [cell for cell in plain.cells if cell.cell_type == "code" and "setup" not in tags(cell)]
    assert all(cell.execution_count for cell in ran)


def test_a_value_that_no_cell_glued_is_an_ellipsis(work, executed):
    for cell in executed.cells:
        cell["outputs"] = []
    assert "There are … numbers." in text(work.download(executed))


@pytest.mark.parametrize("address", ["", "https://example.org/book"])
def test_the_first_cell_installs_from_the_address_or_says_what_to_do(work, monkeypatch, address):
    (work.project.root / "_config.yml").write_text(f"repository: {{url: '{address}'}}\n")
    student = Coursework(work.project).notebook("sums", solved=False)
    first = next(cell for cell in student.cells if cell.cell_type == "code")
    assert tags(first) == ["setup"]
    calls = []
    shell = SimpleNamespace(run_line_magic=lambda *call: calls.append(call))
    exec(first.source, {"get_ipython": lambda: shell})
    assert calls == []  # the package is there
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    if address:
        exec(first.source, {"get_ipython": lambda: shell})
        assert calls == [("pip", f'install -q "funcnet-utils[book] @ git+{address}"')]
    else:
        with pytest.raises(ModuleNotFoundError, match="into REPOSITORY above and run this cell"):
            exec(first.source, {"get_ipython": lambda: shell})


def test_the_first_cell_asks_for_an_extra_that_exists():
    project = tomllib.loads((BOOK.project.root / "pyproject.toml").read_text())["project"]
    start = (BOOK.folder / "templates" / "start.md").read_text()
    name, extra = re.search(r'install -q "([\w-]+)\[(\w+)\] @ git', start).groups()
    assert name == project["name"]
    assert extra in project["optional-dependencies"]


def test_answers_of_another_seed_are_printed(work):
    def run(*pages):
        return CliRunner().invoke(app, ["answers", "--seed", "7", *pages], obj=work.project)

    assert run().stdout == "sums, seed 7\nanswer_sum_1 = 6.0\nanswer_sum_2 = 6.0\n\n"
    assert run("other").exit_code == 2
    assert "other has no exercises: choose from sums" in run("other").stderr


def test_check_names_what_is_out_of_date(work):
    def run(*options):
        return CliRunner().invoke(app, ["coursework", *options], obj=work.project)

    assert run("--check").output.count("is out of date") == 3
    assert run("--sources-only").exit_code == 0
    assert (run("--check").exit_code, run("--check").output) == (0, "")
    source = work.project.source("sums")
    source.write_text(PAGE.replace("Say why.", "Say why not."))
    assert run("--check").exit_code == 1
    assert "coursework/student/sums.ipynb is out of date" in run("--check").output
    source.write_text(PAGE)
    (work.folder / "student" / "gone.ipynb").write_text("{}")
    assert "gone.ipynb is out of date" in run("--check").output
    run("--sources-only")
    assert not (work.folder / "student" / "gone.ipynb").exists()


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("[code]", "[coding]", "one of concept, code, project"),
        ("solution-start} sum-ex-1", "solution-start} sum-ex-9", "write exercise sum-ex-1 as"),
        ("````{solution-end}\n````", "", "write exercise sum-ex-1 as the others"),
        ("answer_sum_2 = ...\n```", "```", "write exercise sum-ex-2 as the others"),
    ],
)
def test_mistakes_in_a_page_are_named(work, before, after, message):
    work.project.source("sums").write_text(PAGE.replace(before, after, 1))
    with pytest.raises(ValueError, match=message):
        Coursework(work.project)


def test_hand_out_has_blanks_boxes_and_no_hidden_cell(work):
    content = printing.handout(work)
    assert "There are ____ numbers." in content
    assert "celltag_stub" in content
    assert "A book" in content
    assert "REPOSITORY" not in content


def test_the_coursework_of_the_book_is_up_to_date():
    stale = [str(path.relative_to(BOOK.project.root)) for path in BOOK.out_of_date()]
    assert not stale, f"run `make coursework` and commit: {', '.join(stale)}"


@pytest.mark.parametrize("page", BOOK.exercises)
def test_no_solution_leaks_to_students(page):
    student = " ".join(text(BOOK.notebook(page, solved=False)).split())
    source = BOOK.project.source(page).read_text()
    inside = "\n".join(found["solution"] for found in EXERCISE.finditer(source))
    public = source
    for found in EXERCISE.finditer(source):
        public = public.replace(found["solution"], "")
    public = " ".join(public.split())
    lines = {" ".join(line.split()) for line in inside.split("\n")}
    secrets = {line for line in lines if len(line) > 24 and line not in public}
    assert secrets
    assert [line for line in secrets if line in student] == []
    teacher = BOOK.notebook(page, solved=True)
    code = CODE.findall(inside)
    assert code
    assert all(each.strip() in text(teacher) for each in code)


@pytest.mark.parametrize("page", BOOK.exercises)
def test_chapters_begin_with_task_goal_and_need(page):
    start = text(BOOK.notebook(page, solved=False)).split("This notebook belongs to the book")[0]
    parts = re.findall(r"^\*\*What you (.+?)\.\*\* \S", start, re.MULTILINE)
    assert parts == ["will do", "will learn", "need"]


@pytest.mark.parametrize("page", BOOK.exercises)
def test_no_directive_reaches_students(page):
    ids = [
        cell.metadata["nbgrader"]["grade_id"]
        for cell in BOOK.notebook(page, solved=True).cells
        if "nbgrader" in cell.metadata
    ]
    assert len(ids) == len(set(ids)) == 3 * len(BOOK.exercises[page])
    for cell in BOOK.notebook(page, solved=False).cells:
        if cell.cell_type == "markdown":
            assert not RAW.search(cell.source), cell


@pytest.mark.skipif(printing.browser() is None, reason="no Chromium or Chrome")
def test_hand_out_is_printed(work):
    work.folder.mkdir(exist_ok=True)
    printing.print_handout(work)
    printed = work.folder / "handout.pdf"
    assert printed.stat().st_size > 5000
    if shutil.which("pdftotext"):
        command = ["pdftotext", str(printed), "-"]
        assert "Exercise 1" in subprocess.run(command, capture_output=True, text=True).stdout
