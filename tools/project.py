"""Where the parts of the book lie on disk."""

from __future__ import annotations

from pathlib import Path

from funcnet_utils.errors import closest


class Project:
    """A folder with `notebooks/`, `book/` and `_build/`.

    Parameters
    ----------
    root : Path
        Top folder of the project.

    Attributes
    ----------
    notebooks : Path
        Folder of the page sources; executed pages lie beside them.
    build : Path
        Folder of everything that can be deleted.
    html : Path
        Folder of the built book.

    Examples
    --------
    >>> Project(Path("/tmp/p")).source("small_world").as_posix()
    '/tmp/p/notebooks/small_world.md'
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.notebooks = root / "notebooks"
        self.build = root / "_build"
        self.html = self.build / "html"

    @classmethod
    def default(cls) -> Project:
        """Return the project in which this file lies."""
        return cls(Path(__file__).parents[1])

    def source(self, page: str) -> Path:
        """Return the source file of a page."""
        return self.notebooks / f"{page}.md"

    def pages(self) -> list[str]:
        """Return the names of all pages, sorted."""
        return sorted(path.stem for path in self.notebooks.glob("*.md"))

    def check_pages(self, pages: list[str]) -> list[str]:
        """Return the pages asked for, or all if none is named.

        Raises
        ------
        ValueError
            If a page does not exist.
        """
        known = self.pages()
        for page in set(pages) - set(known):
            raise ValueError(f"there is no page {page!r} in notebooks/: {closest(page, known)}")
        return pages or known
