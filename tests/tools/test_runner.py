"""The runner: what it runs, what it leaves alone, and what it leaves behind."""

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import psutil
import pytest

from tools import runner
from tools.forked import FORKS
from tools.runner import CODE, code_digest, plan, run

CLI = """
import sys
from pathlib import Path
from tools.__main__ import app
from tools.project import Project
app(sys.argv[2:], obj=Project(Path(sys.argv[1])))
"""
PATIENCE = 60.0  # seconds; the kernel starts in about one


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_page_runs_once_and_gives_the_same_bytes(project):
    jobs = plan(project, profile="laptop")
    (first,) = run(jobs, n_workers=2)
    assert (first.status, first.failure) == ("ran", "")
    content = first.output.read_bytes()
    printed = [cell.get("outputs") for cell in json.loads(content)["cells"]]
    assert printed[-1][0]["text"] == ["40\n"]  # 2 * the profile's 20
    assert b"papermill" not in content
    (second,) = run(plan(project, profile="laptop"), n_workers=2)
    assert second.status == "cached"
    (forced,) = run(jobs, n_workers=1, force=True)
    assert forced.status == "ran"
    assert forced.output.read_bytes() == content


def test_pages_that_run_studies_come_first(project):
    for name, why in (("all", ""), ("batch", "# studies.run(config)")):
        project.page(name, f"open('../begun', 'a').write('{name} ') {why}")
    outcomes = run(plan(project, ["all", "batch"], profile="laptop"), n_workers=1)
    assert [one.page for one in outcomes] == ["all", "batch"]
    assert (project.root / "begun").read_text() == "batch all "


@pytest.fixture
def code(monkeypatch):
    """A digest of the code that costs nothing; `code_digest` itself is tested below."""
    monkeypatch.setattr(runner, "code_digest", lambda: "as it is")
    return lambda digest: monkeypatch.setattr(runner, "code_digest", lambda: digest)


def test_digest_follows_source_values_code_and_lock(project, code):
    def digest(**overrides):
        (job,) = plan(project, profile="laptop", overrides=overrides)
        return job.digest

    start = digest()
    code("other")
    assert digest() != start
    code("as it is")
    assert digest() == start
    assert digest(n_networks="20") == start  # the profile's own value
    assert digest(n_networks="4") != start
    (project.root / "constraints.txt").write_text("numpy==2\n")
    locked = digest()
    assert locked != start
    project.page("sums", "print(1)", parameters="n_networks = 3")
    assert digest() != locked


def test_digest_follows_code_that_pages_see_but_not_prose(tmp_path):
    folders = [tmp_path / folder.name for folder in CODE]
    for folder, copy in zip(CODE, folders, strict=True):
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
    start = code_digest(folders)
    package, checks = folders
    module = package / "errors.py"
    text = module.read_text()
    module.write_text(text.replace("Parameters", "Arguments"))
    assert module.read_text() != text
    assert code_digest(folders) == start
    (package / "__main__.py").write_text("nothing = 1\n")
    assert code_digest(folders) == start
    (checks / "more.py").write_text("nothing = 1\n")
    other = code_digest(folders)
    assert other != start
    module.write_text(text + "\nn = 2\n")
    assert code_digest(folders) not in (start, other)


@pytest.mark.usefixtures("code")
def test_digest_follows_published_tables_benchmarks_and_own_data(project):
    def digest(page, **overrides):
        (job,) = plan(project, [page], profile="laptop", overrides=overrides)
        return job.digest

    own = project.root / "shapes"
    picture = own / "circle" / "1.png"
    table = project.root / "book" / "results" / "mnist" / "networks.parquet"
    bench = project.root / "book" / "benchmarks" / "results.csv"
    for path in (picture, table, bench):
        path.parent.mkdir(parents=True)
        path.write_bytes(b"0")
    project.page("shown", "from funcnet_utils import studies", parameters='dataset = "mnist"')
    project.page("timed", "print('benchmarks')")
    values = {"dataset": str(own)}
    start = [digest("shown"), digest("shown", **values), digest("timed"), digest("sums")]
    table.write_bytes(b"1")
    second = [digest("shown"), digest("shown", **values), digest("timed"), digest("sums")]
    assert [a == b for a, b in zip(start, second, strict=True)] == [False, False, True, True]
    picture.write_bytes(b"1")
    bench.write_bytes(b"1")
    third = [digest("shown"), digest("shown", **values), digest("timed"), digest("sums")]
    assert [a == b for a, b in zip(second, third, strict=True)] == [True, False, False, True]


def test_a_page_edited_by_hand_runs_again(project):
    (first,) = run(plan(project, profile="laptop"), n_workers=1)
    made = first.output.read_text()
    first.output.write_text(made.replace("40\\n", "41\\n"))
    assert first.output.read_text() != made
    (again,) = run(plan(project, profile="laptop"), n_workers=1)
    assert again.status == "ran"
    assert again.output.read_text() == made


def test_a_failing_page_is_named_and_others_go_on(project):
    project.page("broken", "x = 1", "y = 0\nprint(x / y)")
    old = project.notebooks / "broken.ipynb"
    old.write_text("{}")
    broken, sums = run(plan(project, profile="laptop"), n_workers=2)
    assert (broken.status, sums.status) == ("failed", "ran")
    source = project.source("broken").read_text().splitlines()
    line = source.index("print(x / y)") + 1
    assert f"broken.md:{line}: print(x / y)" in broken.failure
    assert "code cell 2" in broken.failure
    assert "ZeroDivisionError: division by zero" in broken.failure
    assert old.read_text() == "{}"
    left = ["broken.ipynb", "broken.md", "sums.ipynb", "sums.md"]
    assert sorted(files(project.notebooks)) == left


@pytest.mark.parametrize(
    ("code", "last"),
    [("import sys; sys.exit()", False), ("sys.exit(0)", True), ("sys.exit(3)", False)],
)
def test_a_page_that_ends_itself_is_a_failure(project, code, last):
    project.page(
        "sums", "import sys", code, *["print(1)"] * (not last), parameters="n_networks = 1"
    )
    (outcome,) = run(plan(project, profile="laptop"), n_workers=1)
    assert outcome.status == "failed"
    assert "sums.md" in outcome.failure
    assert not outcome.output.exists()


def test_noise_of_a_page_that_runs_is_not_read(project):
    noise = "import os\nos.write(2, bytes([233]))\nos.system(\"printf '\\351' >&2\")"
    project.page("sums", noise, parameters="n_networks = 1")
    (outcome,) = run(plan(project, profile="laptop"), n_workers=1)
    assert outcome.status == "ran"


def test_pages_of_one_process_share_its_imports_and_nothing_else(project, capfd):
    kept = (
        "import sys, matplotlib.pyplot as plt\nprint('torch' in sys.modules, 'x' in dir())\nx = 1"
    )
    draws = "plt.plot([0, 1])\nimport os\nos.chdir('/')"
    for name in ("sums", "more", "most"):
        project.page(name, kept, draws, parameters="n_networks = 1")
    outcomes = run(plan(project, profile="laptop"), n_workers=1)
    assert [outcome.status for outcome in outcomes] == ["ran"] * 3
    for outcome in outcomes:
        cells = json.loads(outcome.output.read_text())["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        assert outputs[0]["text"] == [f"{FORKS} False\n"]
        assert "image/png" in outputs[-1]["data"]


@pytest.mark.parametrize("killed", ["[:1]", "[1:2]", "[:2]"])  # the page, its worker, both
def test_a_killed_process_costs_its_page_and_no_other(project, killed):
    known = (
        "import os, pathlib, psutil, time\npathlib.Path('../kernel').write_text(f'{os.getpid()}')"
    )
    dies = f"for each in psutil.Process().parents(){killed}: each.kill()"
    project.page("deadly", known, dies, "time.sleep(600)", parameters="n_networks = 1")
    project.page("zeroes", "print(0)", parameters="n_networks = 1")
    outcomes = {each.page: each for each in run(plan(project, profile="laptop"), n_workers=1)}
    assert {page: each.status for page, each in outcomes.items()} == {
        "deadly": "failed",
        "sums": "ran",
        "zeroes": "ran",
    }
    assert "its process ended" in outcomes["deadly"].failure
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(int((project.root / "kernel").read_text())).wait(PATIENCE)


def test_a_folder_that_cannot_be_made_is_an_error(project):
    project.page("more", "print(0)")
    project.build.mkdir()
    (project.build / "papermill").touch()
    with pytest.raises(FileExistsError, match="papermill"):
        run(plan(project, profile="laptop"), n_workers=1)


def test_a_process_that_cannot_start_is_an_error(project, monkeypatch):
    project.page("more", "import psutil\npsutil.Process().parents()[1].kill()", parameters="n = 1")
    starts = iter([runner.SPAWN.Process])

    class Limited:
        def Process(self, **how):
            for start in starts:
                return start(**how)
            raise BlockingIOError("no more processes")

    monkeypatch.setattr(runner, "SPAWN", Limited())
    with pytest.raises(BlockingIOError, match="no more processes"):
        run(sorted(plan(project, profile="laptop"), key=lambda job: job.page), n_workers=1)


def test_a_page_that_changed_before_its_turn_runs_again(project):
    source = project.source("sums")
    text = source.read_text()
    change = f"import pathlib\npathlib.Path({str(source)!r}).write_text({text + chr(10)!r})"
    project.page("first", change, "studies.run(", parameters="n = 1")
    project.page("first", f"{change}\n# studies.run(", parameters="n = 1")
    assert [each.status for each in run(plan(project, profile="laptop"), n_workers=1)] == [
        "ran"
    ] * 2
    source.write_text(text)
    (job,) = plan(project, ["sums"], profile="laptop")
    assert not job.is_fresh
    (outcome,) = run([job], n_workers=1)
    assert outcome.status == "ran"
    assert job.is_fresh


def test_no_two_pages_draw_the_same_numbers(project):
    draws = "import numpy as np, torch\nprint(np.random.rand(), torch.rand(1))"
    for name in ("sums", "more"):
        project.page(name, draws, parameters="n_networks = 1")
    outcomes = run(plan(project, profile="laptop"), n_workers=1)
    cells = [json.loads(each.output.read_text())["cells"][-1] for each in outcomes]
    one, other = (cell["outputs"][0]["text"][0].split() for cell in cells)
    assert not set(one) & set(other)


def test_a_dead_kernel_is_a_failure(project):
    project.page("sums", "import os\nos._exit(3)", parameters="n_networks = 1")
    (outcome,) = run(plan(project, profile="laptop"), n_workers=1)
    assert outcome.status == "failed"
    assert "sums.md" in outcome.failure
    assert "Kernel died" in outcome.failure


@pytest.mark.skipif(not FORKS, reason="signals of groups of processes")
@pytest.mark.parametrize("delay", [0.0, 0.5, 1.5])
def test_control_c_while_processes_start_ends_the_run(project, delay):
    for name in ("sums", "more"):
        project.page(name, "import time\ntime.sleep(600)", parameters="n_networks = 1")
    command = [sys.executable, "-c", CLI, str(project.root), "notebooks", "--jobs", "2"]
    heard = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, preexec_fn=heard, start_new_session=True
    ) as process:
        family = psutil.Process(process.pid)
        deadline = time.monotonic() + PATIENCE
        while not any("spawn_main" in " ".join(each.cmdline()) for each in family.children()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert said.endswith("is kept: run the same command to go on\n")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_run_leaves_nothing_behind(project, how):
    marker = project.root / "running"
    project.page(
        "sums",
        f"import pathlib\npathlib.Path({str(marker)!r}).touch()\nimport time\ntime.sleep(600)",
        parameters="n_networks = 1",
    )
    (project.notebooks / "sums.ipynb").write_text("{}")
    before = files(project.notebooks)
    command = [sys.executable, "-c", CLI, str(project.root), "notebooks"]
    heard = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # as from a terminal
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=heard) as process:
        deadline = time.monotonic() + PATIENCE
        while not marker.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) >= 2  # worker and kernel
        process.send_signal(how)
        _, said = process.communicate(timeout=PATIENCE)
    _, alive = psutil.wait_procs(family, timeout=PATIENCE)
    assert alive == []
    assert files(project.notebooks) == before
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert said.endswith("is kept: run the same command to go on\n")
