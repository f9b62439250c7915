"""Student notebooks, instructor versions and a rubric, all derived from the pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.citations import Citations
from tools.exercises import Exercise, Part, exercises, parts
from tools.labels import page_labels
from tools.plain import Block, Plain, blocks
from tools.project import Project
from tools.rubric import rubric, table

HIDDEN = {"hide-input", "remove-cell", "remove-input", "hide-cell"}
SETUP = """\
# Run this cell first. In Colab it installs the package; elsewhere the package is there already.
import importlib.util

REPOSITORY = "{repository}"  # address of the book's repository

if importlib.util.find_spec("funcnet_utils") is None:
    if not REPOSITORY:
        raise ModuleNotFoundError("set REPOSITORY to the address of the book's repository")
    get_ipython().run_line_magic("pip", f"install -q git+{{REPOSITORY}}")\
"""
ABOUT = """\
*This notebook belongs to the book "{book}". Run the cells from top to bottom. Its first run trains
networks and takes some minutes; for a quick look, set* `dataset = "digits"`, `n_networks = 3`,
`n_epochs = 2` *and* `n_null = 4` *in the cell of parameters, where they stand. Exercises are marked
with their kind, their stars and their points; a check tells you how you are doing and may be run
as often as you like.*\
"""


class Coursework:
    """Everything that is derived from the pages with exercises.

    Parameters
    ----------
    project : Project
        Where the pages are.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.folder = project.root / "coursework"
        self.parts = {page: parts(project.source(page)) for page in project.pages()}
        self.parts = {page: found for page, found in self.parts.items() if exercises(found)}
        self._config = yaml.safe_load((project.root / "_config.yml").read_text(encoding="utf-8"))
        self._labels = {page: page_labels(project.source(page)) for page in project.pages()}

    @property
    def book_title(self) -> str:
        """Title of the book."""
        return str(self._config.get("title", "the book"))

    @property
    def pages(self) -> list[str]:
        """Pages with exercises."""
        return list(self.parts)

    def notebook(self, page: str, solved: bool) -> Any:
        """Return a page as a plain notebook.

        Parameters
        ----------
        page : str
            Name of the page.
        solved : bool
            Whether solutions are in it; if so, stubs are text.

        Returns
        -------
        nbformat.NotebookNode
        """
        cite = Citations(self.project.root / "book" / "references.bib")
        plain = Plain(self.project.notebooks, self._numbers(page), cite, self._title)
        cells: list[Any] = []
        found = self.parts[page]
        for place, part in enumerate(found):
            _extend(cells, list(self._cells(page, part, plain, solved)))
            follows = found[place + 1 :]
            if part.role == "exercise" and not solved and _needs_place(part.exercise, follows):
                _extend(cells, [_place(part.exercise)])
        about = ABOUT.format(book=self.book_title)
        address = (self._config.get("repository") or {}).get("url") or ""
        setup = {"metadata": {"tags": ["setup"]}}
        cells[1:1] = [
            new_markdown_cell(about, **setup),
            new_code_cell(SETUP.format(repository=address), **setup),
        ]
        if cite.cited:
            cells.append(new_markdown_cell("## References\n\n" + cite.references()))
        for number, cell in enumerate(cells):
            cell["id"] = f"cell-{number:03d}"
        kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
        metadata = {
            "kernelspec": kernel,
            "language_info": {"name": "python"},
            "colab": {"name": f"{page}.ipynb", "provenance": []},
        }
        return new_notebook(cells=cells, metadata=metadata)

    def files(self) -> dict[Path, str]:
        """Return what is kept under version control: student notebooks and rubric."""
        found = {
            self.folder / "student" / f"{page}.ipynb": nbformat.writes(
                self.notebook(page, solved=False)
            )
            + "\n"
            for page in self.pages
        }
        found[self.folder / "rubric.md"] = rubric(
            {self._title(page): exercises(found) for page, found in self.parts.items()}
        )
        found[self.folder / "rubric.csv"] = table(
            {page: exercises(found) for page, found in self.parts.items()}
        )
        return found

    def out_of_date(self) -> list[Path]:
        """Return the files that are missing, differ from their page, or have none any more."""
        files = self.files()
        there = set((self.folder / "student").glob("*.ipynb"))
        wrong = [
            path
            for path, content in files.items()
            if not path.exists() or path.read_text(encoding="utf-8") != content
        ]
        return sorted([*wrong, *(there - files.keys())])

    def write(self) -> list[Path]:
        """Write what `out_of_date` names, delete what has no page, and return what was changed."""
        changed, files = self.out_of_date(), self.files()
        for path in changed:
            if path in files:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(files[path], encoding="utf-8")
            else:
                path.unlink()
        return changed

    def _title(self, page: str) -> str:
        source = self.project.notebooks / f"{page}.md"
        if not source.exists():
            return Path(page).name.replace("_", " ")
        match = re.search(r"^# (.+)$", source.read_text(encoding="utf-8"), re.MULTILINE)
        return match[1] if match else page

    def _numbers(self, page: str) -> dict[str, str]:
        elsewhere = {
            label: f"{kind} in *{self._title(other)}*"
            for other, labels in self._labels.items()
            for label, kind in labels.items()
        }
        return elsewhere | self._labels[page]

    def _cells(self, page: str, part: Part, plain: Plain, solved: bool) -> Iterator[Any]:
        if part.role == "solution" and not solved:
            return
        if isinstance(part.source, Block):
            yield from self._text(part, part.source, plain)
        elif part.role == "stub":
            if solved:
                yield new_markdown_cell(f"```python\n{part.source}\n```")
            else:
                yield _code(part.source, {"tags": ["stub"]})
        else:
            if part.role == "check" and not solved:
                yield from self._answers(page, part)
            yield _code(part.source, part.metadata, part.role)
            figure = part.metadata.get("mystnb", {}).get("figure", {})
            if "caption" in figure:
                number = plain.numbers.get(figure.get("name", ""), "Figure")
                yield from _prose(f"**{number}.** {plain.text(str(figure['caption']))}")

    def _text(self, part: Part, block: Block, plain: Plain) -> Iterator[Any]:
        if block.name == "heading" and part.exercise is not None:
            each = part.exercise
            kind = f"[{each.kind}] {'★' * each.stars}, {each.points} points"
            yield new_markdown_cell(f"### Exercise {each.number}: {each.title}\n\n*{kind}*")
        else:
            yield from _prose(plain.block(block))

    def _answers(self, page: str, check: Part) -> Iterator[Any]:
        """Give a place for the answers that a check asks for and no stub sets."""
        wanted = _names(check.source, ast.Load, "answer")
        mine = (part for part in self.parts[page] if part.exercise is check.exercise)
        for part in mine:
            if part.role == "stub":
                wanted -= _names(part.source, ast.Store, "answer")
        if wanted:
            lines = [f"{name} = None  # your answer" for name in sorted(wanted)]
            yield _code("\n".join(lines), {"tags": ["stub"]})


def _needs_place(exercise: Exercise | None, follows: list[Part]) -> bool:
    """Return whether the text of an exercise has ended without a cell to answer in."""
    mine = [part.role for part in follows if part.exercise is exercise]
    return "exercise" not in mine and "stub" not in mine and "check" not in mine


def _place(exercise: Exercise | None) -> Any:
    if exercise is not None and exercise.kind == "concept":
        return new_markdown_cell("**Your answer.** *Write here.*")
    return _code("# Your solution", {"tags": ["stub"]})


def _names(source: str | Block, context: type[ast.expr_context], prefix: str) -> set[str]:
    if isinstance(source, Block):
        return set()
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, context):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef) and context is ast.Store:
            found.add(node.name)
    return {name for name in found if name.startswith(prefix)}


def _code(source: str, metadata: dict[str, Any], role: str = "page") -> Any:
    tags = list(metadata.get("tags", []))
    tags += [role] if role in ("solution", "check") and role not in tags else []
    kept: dict[str, Any] = {"tags": tags} if tags else {}
    if HIDDEN & set(tags):
        kept |= {"jupyter": {"source_hidden": True}, "cellView": "form"}
    return new_code_cell(source, metadata=kept)


def _prose(text: str) -> Iterator[Any]:
    """Yield text; paragraphs with values of the run become cells that tell them."""
    for paragraph in _paragraphs(text):
        if "⟦" not in paragraph:
            yield new_markdown_cell(paragraph)
            continue
        quoted = f'r"""\n{paragraph}\n"""'
        if '"""' in paragraph:
            quoted = repr(paragraph)
        metadata = {"tags": ["tell"], "jupyter": {"source_hidden": True}, "cellView": "form"}
        yield new_code_cell(f"pages.tell({quoted})", metadata=metadata)


def _paragraphs(text: str) -> Iterator[str]:
    kept: list[str] = []
    for block in blocks(text):
        if block.name == "fence":
            kept.append(f"```{block.argument}\n{block.body}\n```")
        else:
            kept += [each for each in re.split(r"\n\s*\n", block.body) if each.strip()]
    yield from (each.strip("\n") for each in kept)


def _extend(cells: list[Any], more: list[Any]) -> None:
    """Append cells, joining text to text."""
    for cell in more:
        last = cells[-1] if cells else None
        heading = cell.source.startswith("#")
        if last is not None and last.cell_type == cell.cell_type == "markdown" and not heading:
            last.source += "\n\n" + cell.source
        else:
            cells.append(cell)
