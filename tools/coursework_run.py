"""The steps of `funcnet coursework`."""

from __future__ import annotations

import sys

from tools import handout, instructor, printing
from tools.coursework import Coursework
from tools.profiles import page_values
from tools.project import Project


def coursework(project: Project, profile: str, check: bool, sources_only: bool) -> bool:
    """Write the coursework, or say which of its files are out of date.

    Parameters
    ----------
    project : Project
        Where the pages are.
    profile : str
        Values with which the instructor versions are run.
    check : bool
        Whether to write nothing.
    sources_only : bool
        Whether to leave instructor versions and hand-out as they are.

    Returns
    -------
    bool
        Whether everything is up to date and passes its checks.

    Raises
    ------
    ValueError
        If a page cannot be read, or an instructor version fails.
    """
    work = Coursework(project)
    if check:
        stale = work.out_of_date()
        for path in stale:
            print(f"{path.relative_to(project.root)} is out of date: run `make coursework`.")
        return not stale
    for path in work.write():
        print(f"wrote {path.relative_to(project.root)}")
    if sources_only:
        return True
    passed = True
    for page in work.pages:
        passed &= _instructor(work, page, profile)
    notebooks = [work.notebook(page, solved=False) for page in work.pages]
    if printing.browser() is None:
        print("no hand-out: Chromium or Chrome is needed to print it.", file=sys.stderr)
        return passed
    target = work.folder / "handout.pdf"
    content = handout.page(notebooks, work.book_title, printing.mathjax_address())
    handout.print_pdf(content, target)
    print(f"printed {target.relative_to(project.root)}")
    return passed


def _instructor(work: Coursework, page: str, profile: str) -> bool:
    """Run the instructor version of a page, and say whether it passes its checks."""
    print(f"running the instructor version of {page} ...", file=sys.stderr, flush=True)
    values = page_values(work.project, page, profile, {})
    target = work.folder / "instructor" / f"{page}.ipynb"
    done = instructor.execute(work.notebook(page, solved=True), work.project, values, target)
    failed = [said for said in instructor.said_by_checks(done) if instructor.PASSED not in said]
    for said in failed:
        print(f"{page}: a check of the instructor version says: {said}", file=sys.stderr)
    return not failed
