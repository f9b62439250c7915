"""Coursework: plain text, no solution leaks, student notebooks run, instructor versions pass."""

import re
import shutil
import subprocess

import pytest
from click.testing import CliRunner
from tools.exercises import exercises, parts
from tools.plain import Block, Plain, blocks

from tools import handout, instructor, printing
from tools.__main__ import app
from tools.coursework import Coursework
from tools.profiles import page_values
from tools.project import Project

BOOK = Coursework(Project.default())
PAGE = """---
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# Sums

See {doc}`other`, {cite:t}`watts1998collective` and {numref}`fig-sum`.

```{code-cell} ipython3
:tags: [parameters]

n = 3
```

```{code-cell} ipython3
from funcnet_utils import pages

def check(answer):
    print("✓ right" if answer == 6 else f"Hint: add 1 to {n}. You gave {answer}.")

pages.glue_value("sum-n", n)
```

There are {glue:text}`sum-n` numbers.

```{code-cell} ipython3
:mystnb:
:  figure:
:    name: fig-sum
:    caption: A sum of {math}`n` numbers.

n
```

````{exercise-start} Add them [code] **
:label: sum-ex-1
````
What is the sum?

```python
answer_sum_1 = ...  # your answer
```
````{exercise-end}
````

````{solution-start} sum-ex-1
:class: dropdown
````

```{code-cell} ipython3
secret_total = sum(range(n + 1))
answer_sum_1 = secret_total
```

The secret is Gauss's formula, of course.
````{solution-end}
````

```{code-cell} ipython3
:tags: [check]

check(answer_sum_1)
```

```{exercise} Why? [concept]
:label: sum-ex-2

Say why.
```

```{solution} sum-ex-2
Because addition commutes, as everybody knows.
```

````{exercise-start} Once more
:label: sum-ex-3
````
Without a stub.
````{exercise-end}
````

````{solution-start} sum-ex-3
````

```{code-cell} ipython3
answer_sum_3 = 6
```
````{solution-end}
````

```{code-cell} ipython3
:tags: [check]

check(answer_sum_3)
```
"""


@pytest.fixture
def work(project):
    project.source("sums").unlink()
    (project.notebooks / "profiles" / "laptop.yml").write_text("values: {n: 3}\n")
    project.source("sums").write_text(PAGE)
    project.source("other").write_text("# The other page\n")
    (project.root / "_config.yml").write_text("title: A book\n")
    (project.root / "book").mkdir()
    shutil.copy(BOOK.project.root / "book" / "references.bib", project.root / "book")
    return Coursework(project)


def text(notebook):
    return "\n".join(cell.source for cell in notebook.cells)


def test_exercises_have_kind_stars_and_points(work):
    found = exercises(work.parts["sums"])
    facts = [(each.label, each.title, each.kind, each.stars, each.points) for each in found]
    assert facts == [
        ("sum-ex-1", "Add them", "code", 2, 6),
        ("sum-ex-2", "Why?", "concept", 1, 2),
        ("sum-ex-3", "Once more", "code", 1, 3),
    ]
    assert "sums,1,sum-ex-1,Add them,code,2,6" in work.files()[work.folder / "rubric.csv"]
    assert "All pages: 11 points." in work.files()[work.folder / "rubric.md"]


def test_student_version_is_plain_and_keeps_no_secret(work):
    student = text(work.notebook("sums", solved=False))
    for secret in ("secret", "Gauss", "commutes"):
        assert secret not in student
    assert "See *The other page*, Watts and Strogatz (1998) and Figure 1." in student
    assert "**Figure 1.** A sum of $n$ numbers." in student
    assert "⟦sum-n⟧ numbers" in student
    assert "https://doi.org/10.1038/30918" in student
    assert "answer_sum_1 = ..." in student
    assert "answer_sum_3 = None" in student  # the check asks for it, and no stub sets it
    assert "**Your answer.**" in student
    assert "{" not in re.sub(r"(?s)```.*?```", "", student).replace("{REPOSITORY}", "").replace(
        "{n}", ""
    ).replace("{answer}", "")
    teacher = text(work.notebook("sums", solved=True))
    assert "secret_total" in teacher
    assert "commutes" in teacher


def test_student_version_runs_with_hints_and_instructor_version_passes(work, tmp_path):
    student, solved = (work.notebook("sums", solved=solved) for solved in (False, True))
    ran = instructor.execute(student, work.project, {"n": 3}, tmp_path / "student.ipynb")
    assert [said.split(":")[0] for said in instructor.said_by_checks(ran)] == ["Hint", "Hint"]
    told = [cell for cell in ran.cells if "tell" in cell.metadata.get("tags", [])]
    assert "There are 3 numbers." in told[0].outputs[0]["data"]["text/markdown"]
    done = instructor.execute(solved, work.project, {"n": 3}, tmp_path / "solved.ipynb")
    assert instructor.said_by_checks(done) == ["✓ right", "✓ right"]


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
        ("[code]", "[coding]", "choose from concept, code, project"),
        ("solution-start} sum-ex-1", "solution-start} sum-ex-9", "no exercise 'sum-ex-9'"),
        ("````{solution-end}\n````", "", "stands in a solution"),
    ],
)
def test_mistakes_in_a_page_are_named(work, before, after, message):
    work.project.source("sums").write_text(PAGE.replace(before, after, 1))
    with pytest.raises(ValueError, match=message):
        parts(work.project.source("sums"))


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("```{note}\nMind.\n```", "> **Note.** Mind."),
        (":::{admonition} Careful\n:class: tip\nMind.\n:::", "> **Careful.** Mind."),
        ("````{prf:theorem} Euler\n:label: thm\n$v$\n````", "**Theorem 1 (Euler).** $v$"),
        ("$$\na = b\n$$ (eq-a)", "$$\na = b \\tag{2}\n$$"),
        ("{eq}`eq-a` {prf:ref}`thm` {ref}`here <x>`", "(2) Theorem 1 here"),
        ("{func}`~funcnet_utils.graphs.clustering`", "`clustering`"),
        ("{term}`graphs <graph>` [a](b.md)", "graphs *a*"),
        ("(label)=\n% comment\nText", "Text"),
        ("```{raw} html\n<b>\n```", ""),
        ("```{list-table} T\n* - a\n  - b\n* - 1\n  - 2\n```", "| a | b |\n|---|---|\n| 1 | 2 |"),
        ("```python\n{not}`a role`\n```", "```python\n{not}`a role`\n```"),
        ("```{figure} x.svg\nA tree.\n```", "**Figure.** A tree."),
        ("{glue:text}`a-b:.2f`", "⟦a-b⟧"),
    ],
)
def test_plain_markdown(source, plain, tmp_path):
    numbers = {"thm": "Theorem 1", "eq-a": "(2)"}
    made = Plain(tmp_path, numbers, lambda keys, way: keys, lambda page: page).text(source)
    assert made.split("\n\n**Table.")[0] == plain


def test_hand_out_has_blanks_boxes_and_no_hidden_cell(work):
    content = handout.page([work.notebook("sums", solved=False)], "A & B", "file:///mathjax.js")
    assert "There are <code>____</code> numbers." in content
    assert '<pre class="answer">' in content
    assert "A &amp; B" in content
    assert "REPOSITORY" not in content


def test_the_coursework_of_the_book_is_up_to_date():
    stale = [str(path.relative_to(BOOK.project.root)) for path in BOOK.out_of_date()]
    assert not stale, f"run `funcnet coursework --sources-only` and commit: {', '.join(stale)}"


@pytest.mark.parametrize("page", BOOK.pages)
def test_no_solution_leaks_to_students(page):
    student = " ".join(text(BOOK.notebook(page, solved=False)).split())
    outside, inside = [], []
    for part in BOOK.parts[page]:
        source = part.source.body if isinstance(part.source, Block) else part.source
        (inside if part.role == "solution" else outside).append(source)
    public = " ".join("\n".join(outside).split())
    lines = {" ".join(line.split()) for source in inside for line in source.split("\n")}
    secrets = {line for line in lines if len(line) > 24 and line not in public}
    assert secrets or not inside
    assert [line for line in secrets if line in student] == []


@pytest.mark.parametrize("page", BOOK.pages)
def test_no_directive_reaches_students(page):
    for cell in BOOK.notebook(page, solved=False).cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"\{[a-z][\w:-]*\}`", cell.source), cell.source
            assert all(block.name in ("", "fence") for block in blocks(cell.source)), cell.source


@pytest.mark.parametrize("solved", [False, True])
def test_a_page_of_the_book_runs_for_students_and_instructors(
    smoke_project, outcomes, solved, tmp_path
):
    work, page = Coursework(smoke_project), "functional_network"
    assert outcomes[page].status == "ran"
    notebook = work.notebook(page, solved=solved)
    values = page_values(smoke_project, page, "smoke", {})
    done = instructor.execute(notebook, smoke_project, values, tmp_path / "page.ipynb")
    said = instructor.said_by_checks(done)
    assert all((instructor.PASSED in each) == solved for each in said)


@pytest.mark.skipif(printing.browser() is None, reason="no Chromium or Chrome")
def test_hand_out_is_printed(work, tmp_path):
    content = handout.page([work.notebook("sums", False)], "A", printing.mathjax_address())
    handout.print_pdf(content, tmp_path / "handout.pdf")
    assert (tmp_path / "handout.pdf").stat().st_size > 5000
    if shutil.which("pdftotext"):
        command = ["pdftotext", str(tmp_path / "handout.pdf"), "-"]
        assert "Exercise 1" in subprocess.run(command, capture_output=True, text=True).stdout
