"""Student notebooks, instructor notebooks, downloads and a rubric, all made from the pages."""

import re
from ast import literal_eval
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from pathlib import Path
from string import Template
from typing import Any

import jupytext
import nbformat
import pandas as pd
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from coursework.checks.core import RECORDS
from tools.parameters import number_cells
from tools.project import Project

TEMPLATES = Path(__file__).parents[1] / "coursework" / "templates"
CELL = r"```\{{code-cell\}} ipython3\n{}(.*?)\n```"
CODE = re.compile(CELL.format("") + r"\n*", re.DOTALL)
EXERCISE = re.compile(
    r"^````\{exercise-start\} (?P<title>[^\n]+?) \[(?P<kind>\w+)\] (?P<stars>★+)\n"
    r":label: (?P<label>\S+)\n````\n(?P<text>(?:(?!\n````).)+?)\n\n"
    r"```python\n(?P<stub>.+?)\n```\n````\{exercise-end\}\n````\n+"
    r"````\{solution-start\} (?P=label)\n(?::class: dropdown\n)?````\n"
    r"(?P<solution>(?:(?!\n````).)+)\n````\{solution-end\}\n````\n+"
    + CELL.format(r":tags: \[check\]\n\n").replace("(.*?)", "(?P<check>.+?)")
    + "$",
    re.MULTILINE | re.DOTALL,
)
GLUE = re.compile(r"\{glue:text\}`([^`]+)`")
ROLE = re.compile(r"\{([a-z:]+)\}`(?:([^`<]+?) *<)?([^`<>]+)>?`")
PLAIN = {
    r"\s*\$\$ *\(eq-([\w-]+)\)": r" \\tag{\1}\n$$",
    r"^````\{exercise-start\}(.*)\n(?::.*\n)*````$": r"### Exercise:\1",
    r"^````\{solution-start\}.*\n(?::.*\n)*````$": "**Solution**",
    r"^````\{\w+-end\}\n````$": "",
}
PROOF = re.compile(r"^(`{3,})\{prf:\w+\} *([^\n]*)\n:label: (\S+)\n(.*?)\n\1$", re.M | re.S)
NAMES = {"fig": "Figure", "def": "Definition", "thm": "Theorem", "ex": "Example", "eq": "Equation"}
HIDDEN = {"hide-input", "remove-cell", "remove-input", "hide-cell"}
COLUMNS = ["page", "number", "label", "title", "kind", "stars", "answer", "minutes"]
COLUMNS += ["points", "check_points"]
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}
POINTS = {"concept": 2, "code": 3, "project": 5}  # per star
CHECK = {"concept": 0.5, "code": 0.6, "project": 0.3}  # share of the points for the check
MIME = "application/papermill.record/text/plain"  # where MyST-NB keeps a glued value
KEY = """import numpy as np
for name in [name for name in sorted(globals()) if name.startswith("answer_")]:
    found = np.asarray(globals()[name], dtype=float).round(6)
    print(name, "=", found.tolist() if found.size < 60 else "any that fits")"""
TO_DO = "*What does the result mean, and why? Write here.*"


class Coursework:
    """Everything that is made from the pages with exercises.

    Parameters
    ----------
    project : Project
        Where the pages are.

    Raises
    ------
    ValueError
        If an exercise is not written as the others are.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.folder = project.root / "coursework"
        self._texts = {page: project.source(page).read_text("utf-8") for page in project.pages()}
        self._config = yaml.safe_load((project.root / "_config.yml").read_text(encoding="utf-8"))
        self._works = dict(_works(project.root / "book" / "references.bib"))
        self.exercises = {p: got for p, text in self._texts.items() if (got := [*_facts(p, text)])}
        self.title = str(self._config.get("title", "the book"))

    def notebook(self, page: str, solved: bool, blank: str = r"⟦\1⟧") -> Any:
        """Return a page as a plain notebook, whose exercises nbgrader can read.

        Parameters
        ----------
        page : str
            Name of the page.
        solved : bool
            Whether solutions and hidden tests are in it, between the marks of nbgrader.
        blank : str, optional
            What stands for a glued value. By default its name in ⟦double brackets⟧, and the
            paragraph becomes a cell that fills the values in.

        Returns
        -------
        nbformat.NotebookNode
        """
        exercise = partial(self._exercise, iter(self.exercises[page]), solved)
        text = EXERCISE.sub(exercise, self._texts[page])
        address = (self._config.get("repository") or {}).get("url") or ""
        return self._plain_notebook(jupytext.reads(GLUE.sub(blank, text), fmt="md:myst"), address)

    def download(self, executed: Any, address: str | None = None) -> Any:
        """Return an executed page as a plain notebook, the values of its run written out.

        Parameters
        ----------
        executed : nbformat.NotebookNode
            A page that was run.
        address : str, optional
            Of the repository that its first cell installs from; may be empty. By default nothing
            is installed.

        Returns
        -------
        nbformat.NotebookNode
        """
        every = [output for cell in executed.cells for output in cell.get("outputs", [])]
        glued = [output for output in every if MIME in output.get("data", {})]
        data = {o.metadata.scrapbook.name: str(literal_eval(o.data[MIME])) for o in glued}
        for cell in executed.cells:
            if cell.cell_type == "markdown":
                cell.source = GLUE.sub(lambda name: data.get(name[1], "…"), cell.source)
        return self._plain_notebook(executed, address)

    def _plain_notebook(self, read: Any, address: str | None) -> Any:
        """Return a notebook without MyST, which begins with a cell that installs the package."""
        if address is not None:
            start = self.template("start", book=self.title, repository=address)
            first = [cell.cell_type for cell in read.cells].index("code")
            read.cells[first:first] = jupytext.reads(start, fmt="md:myst").cells
        kinds = {"code": self._code, "markdown": self._prose}
        cells = [part for cell in read.cells for part in kinds[cell.cell_type](cell)]
        about = {"kernelspec": read.metadata.kernelspec}
        return number_cells(new_notebook(cells=cells, metadata=about))

    def files(self) -> dict[Path, str]:
        """Return what is kept under version control: student notebooks and rubric."""
        table = pd.DataFrame([each for found in self.exercises.values() for each in found])
        rows = "\n".join(f"| {' | '.join(map(str, row))} |" for row in table.to_numpy().tolist())
        hours = round(table["minutes"].sum() / 60)
        text = self.template("rubric", table=rows, points=table["points"].sum(), hours=hours)
        csv = table.to_csv(index=False)
        found = {self.folder / "rubric.md": text, self.folder / "rubric.csv": csv}
        for page in self.exercises:
            content = nbformat.writes(self.notebook(page, solved=False)) + "\n"
            found[self.folder / "student" / f"{page}.ipynb"] = content
        return found

    def out_of_date(self) -> dict[Path, str | None]:
        """Return what files should contain that do not; None for those that have no page."""
        there = dict.fromkeys((self.folder / "student").glob("*.ipynb"))
        files = (there | self.files()).items()
        return {p: text for p, text in files if not p.exists() or p.read_text("utf-8") != text}

    def write(self) -> list[Path]:
        """Write what is out of date, delete what has no page, and return what was changed."""
        changed = self.out_of_date()
        for path, content in changed.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content or "", encoding="utf-8")
            if content is None:
                path.unlink()
        return sorted(changed)

    def _exercise(self, every: Iterator[dict[str, Any]], solved: bool, found: re.Match[str]) -> str:
        facts, stub, check, words = next(every), found["stub"], found["check"], TO_DO
        if solved:
            code = CODE.findall(found["solution"])
            stub = "\n".join([stub, "### BEGIN SOLUTION", *code, "### END SOLUTION"])
            check = self.template("hidden", check=check).rstrip()
            words = CODE.sub("", found["solution"]).strip() or "See the code."
        rest = round(facts["points"] - facts["check_points"], 1)
        written = {"stub": stub, "check": check, "words": words, "word_points": rest}
        return self.template("exercise", **facts | found.groupdict() | written)

    def _code(self, cell: Any) -> Iterator[Any]:
        figure = cell.metadata.pop("mystnb", {}).get("figure", {})
        if HIDDEN & set(cell.metadata.get("tags", [])):
            cell.metadata |= FOLDED
        yield cell
        if "caption" in figure:
            caption = new_markdown_cell(f"**{_name(figure['name'])}.** {figure['caption']}")
            yield from self._prose(caption)

    def _prose(self, cell: Any) -> Iterator[Any]:
        """Yield text; paragraphs with values of the run become cells that fill them in."""
        text = re.sub(r"\*\*The answer\..*⟦.*", "", self._plain(cell.source))  # comes before a run
        paragraphs = re.split(r"\n\s*\n", text.strip())
        for told, group in groupby(filter(None, paragraphs), lambda text: "⟦" in text):
            text = "\n\n".join(group)
            if told:
                code = f'pages.tell(r"""\n{text}\n""")'
                yield new_code_cell(code, metadata={"tags": ["tell"], **FOLDED})
            else:
                yield new_markdown_cell(text, metadata=cell.metadata)

    def _plain(self, text: str) -> str:
        """Turn MyST into plain Markdown."""

        def proof(found: re.Match[str]) -> str:
            about = f"{_name(found[3])} ({found[2]})" if found[2] else _name(found[3])
            return re.sub("^", "> ", f"**{about}.** {found[4].strip()}", flags=re.MULTILINE)

        def role(found: re.Match[str]) -> str:
            kind, shown, target = found.groups()
            if kind.startswith("cite"):
                form = "{} ([{}]({}))" if kind == "cite:t" else "[{}, {}]({})"
                said = "; ".join(form.format(*self._works[key]) for key in target.split(","))
                return said if kind == "cite:t" else f"({said})"
            if kind == "doc":
                title = re.search("^# (.+)$", self._texts.get(target, ""), re.MULTILINE)
                return f"*{shown or (title or ['', target])[1]}*"
            return shown or _name(target)

        for pattern, plain in PLAIN.items():
            text = re.sub(pattern, plain, text, flags=re.MULTILINE)
        return ROLE.sub(role, PROOF.sub(proof, text))

    def execute(self, page: str, notebook: Any, values: Any, target: Path | None = None) -> Any:
        """Run a version of a page, and return the executed notebook.

        Parameters
        ----------
        page : str
            Name of the page.
        notebook : nbformat.NotebookNode
            Its student or instructor version; hidden tests of the latter demand that checks pass.
        values : dict
            Values of its parameters.
        target : Path, optional
            Where to write it.

        Raises
        ------
        ValueError
            If a cell fails.
        """
        from tools.worker import FAULTS, run_cells

        try:
            return run_cells(notebook, target, values, self.project.notebooks)
        except FAULTS as fault:
            raise ValueError(f"{page}: {str(fault)[-2000:]}") from fault

    def template(self, name: str, **values: Any) -> str:
        """Return a text of `coursework/templates` with values filled in."""
        return Template((TEMPLATES / f"{name}.md").read_text("utf-8")).substitute(values)


def _facts(page: str, text: str) -> Iterator[dict[str, Any]]:
    """Yield what the rubric says of each exercise of a page."""
    found = {each["label"]: each for each in EXERCISE.finditer(text)}
    for number, label in enumerate(re.findall(r"exercise-start\}.*\n:label: (\S+)", text), 1):
        if label not in found or (kind := found[label]["kind"]) not in POINTS:
            raise ValueError(
                f"{page}.md: write exercise {label} as the others: a title, its kind (one of "
                f"{', '.join(POINTS)}) in square brackets and stars; a text that ends with a stub "
                "in ```python; its solution; a cell tagged check; nothing else between them."
            )
        stars = len(found[label]["stars"])
        points, record = POINTS[kind] * stars, RECORDS.get(label, {"answer": "", "minutes": 0})
        values = [page, number, label, found[label]["title"], kind, stars, record["answer"]]
        values += [record["minutes"], points, round(points * CHECK[kind], 1)]
        yield dict(zip(COLUMNS, values, strict=True))


def _name(label: str) -> str:
    """Return what a labelled thing is called: "Figure adv-toy" for fig-adv-toy."""
    kind, _, rest = label.partition("-")
    return f"{NAMES.get(kind, kind)} {rest}".strip()


def _works(path: Path) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Yield the key of each work in a BibTeX file, with its authors, year and address."""
    from pybtex.database import parse_file
    from pybtex.richtext import Text

    for key, entry in parse_file(str(path), bib_format="bibtex").entries.items():
        names = [" ".join(p.prelast_names + p.last_names) for p in entry.persons.get("author", [])]
        authors = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
        fields = entry.fields
        url = f"https://doi.org/{fields['doi']}" if "doi" in fields else fields.get("url", "")
        yield key, (str(Text.from_latex(authors)), fields.get("year", "n.d."), url)
