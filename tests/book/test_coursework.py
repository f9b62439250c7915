"""A page of the book as its students and its instructors run it."""

import pytest

from tools.coursework import Coursework
from tools.profiles import page_values


@pytest.mark.parametrize("solved", [False, True])
def test_a_page_of_the_book_runs_for_students_and_instructors(smoke_project, outcomes, solved):
    work, page = Coursework(smoke_project), "functional_network"
    assert not outcomes[page].failure
    values = page_values(smoke_project, page, "smoke", {})
    done = work.execute(page, work.notebook(page, solved=solved), values)
    checked = [cell for cell in done.cells if "check" in cell.metadata.get("tags", [])]
    assert len(checked) == 2
    for cell in checked:
        if solved:  # it ran: a hidden test asks that the answer is right
            assert cell.source.rstrip().endswith("### END HIDDEN TESTS")
            assert ".right" in cell.source
        else:
            assert not cell.outputs[0]["data"]["text/plain"].startswith("✓")
