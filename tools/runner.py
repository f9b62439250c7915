"""Execute pages: jupytext -> papermill -> .ipynb, only what changed, several at a time."""

import hashlib
import json
import multiprocessing
import os
import platform
import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from unittest.mock import patch

from tqdm import tqdm

import funcnet_utils
from funcnet_utils.datasets import dataset_identity
from funcnet_utils.studies.provenance import source_digest
from tools.forked import FORKS
from tools.parameters import Scalar
from tools.profiles import page_values
from tools.project import Project
from tools.worker import content_digest, work

HERE = Path(__file__).parents[1]
SPAWN = multiprocessing.get_context("spawn")
Worker = tuple[SpawnProcess, Connection, Connection]
CODE = (Path(funcnet_utils.__file__).parent, HERE / "coursework" / "checks")


@dataclass(frozen=True)
class Job:
    """One run of one page.

    Parameters
    ----------
    page : str
        Name of the page.
    source, output, partial : Path
        MyST source, executed notebook, and where an unfinished run is kept for inspection.
    text : str
        The source as it was when the job was planned.
    parameters : dict
        Values of this run.
    profile : str
        Name of the profile.
    digest : str
        Of everything the output depends on.
    """

    page: str
    source: Path
    output: Path
    partial: Path
    text: str
    parameters: dict[str, Scalar]
    profile: str
    digest: str

    @property
    def is_fresh(self) -> bool:
        """Whether the output was made from the same inputs and not edited since."""
        return made_from(self.output) == self.digest


@dataclass(frozen=True)
class Outcome:
    """How a job ended: `status` is ran, cached or failed; `failure` says where and why."""

    page: str
    status: str
    seconds: float
    output: Path
    failure: str = ""

    @property
    def key_result(self) -> str:
        """What the page found, by its own words (`pages.key_result`); empty without them."""
        if self.status not in ("ran", "cached"):
            return ""
        notebook = json.loads(self.output.read_text(encoding="utf-8"))
        outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
        facts = [output.get("metadata", {}).get("funcnet", {}) for output in outputs]
        return ["", *(str(fact["key_result"]) for fact in facts if "key_result" in fact)][-1]


def made_from(output: Path) -> str:
    """Return the digest of all that a page was made from, empty if it was edited or never made.

    Parameters
    ----------
    output : Path
        Executed notebook.
    """
    try:
        notebook = json.loads(output.read_text(encoding="utf-8"))
        made, content = notebook["metadata"]["funcnet"], content_digest(notebook["cells"])
        return str(made["digest"]) if made["content"] == content else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def code_digest(folders: Iterable[Path] = CODE) -> str:
    """Return a digest of the code that pages can see; docstrings and comments do not count.

    Parameters
    ----------
    folders : iterable of Path
        Folders of packages.
    """
    seen = [f for folder in folders for f in folder.rglob("*.py") if f.name != "__main__.py"]
    return source_digest([*seen, Path(__file__).with_name("worker.py")])


def plan(
    project: Project,
    pages: Sequence[str] = (),
    *,
    profile: str,
    overrides: Mapping[str, str] | None = None,
    out: Path | None = None,
) -> list[Job]:
    """Return the jobs for some pages, with every name and value checked.

    Parameters
    ----------
    project : Project
        Where the pages are.
    pages : sequence of str
        Names of pages; none means all.
    profile : str
        Name of the profile.
    overrides : mapping of str to str, optional
        Parameter values that win over the profile.
    out : Path, optional
        Folder of the executed pages; by default beside the sources.

    Raises
    ------
    ValueError
        If a page, profile or parameter does not exist or a value has the wrong type.
    """
    code = code_digest()
    jobs = []
    for page in project.check_pages(list(pages)):
        source = project.source(page)
        parameters = page_values(project, page, profile, overrides or {})
        text = source.read_text(encoding="utf-8")
        data = dataset_identity(str(parameters["dataset"])) if "dataset" in parameters else {}
        parts = [text, parameters, data, code, platform.python_version()]
        total = hashlib.sha256(json.dumps(parts, sort_keys=True).encode())
        for file in _files(project, text):
            total.update(f"\0{file.parent.name}/{file.name}\0".encode() + file.read_bytes())
        digest = total.hexdigest()
        output = (out or project.notebooks) / f"{page}.ipynb"
        partial = project.build / "papermill" / f"{page}-{digest[:8]}.ipynb"
        jobs.append(Job(page, source, output.resolve(), partial, text, parameters, profile, digest))
    return jobs


def _files(project: Project, text: str) -> list[Path]:
    """Return the files whose content a page depends on: lock, published tables."""
    shown = {"studies": "results", "benchmarks": "benchmarks"}  # what a page shows of the book's
    folders = [project.root / "book" / shown[word] for word in shown if word in text]
    found = [file for folder in folders for file in sorted(folder.rglob("*"))]
    return [file for file in (project.root / "constraints.txt", *found) if file.is_file()]


def run(jobs: Sequence[Job], *, n_workers: int, force: bool = False) -> list[Outcome]:
    """Execute the jobs whose inputs changed; a page that fails does not stop the others.

    Parameters
    ----------
    jobs : sequence of Job
        From `plan`.
    n_workers : int
        Pages at a time, at least 1; they share the cores.
    force : bool, default=False
        Execute fresh pages too.

    Returns
    -------
    list of Outcome
        In the order of the jobs.
    """
    stale = [job for job in jobs if force or not job.is_fresh]
    stale.sort(key=lambda job: "studies.run(" not in job.text)  # long first
    n_workers = max(1, min(n_workers, len(stale)))
    workers, stopped, own = list[Worker](), threading.Event(), threading.local()

    def start() -> Worker:
        """Start a process that takes jobs until there are no more, or no runner."""
        (jobs, ours), (answers, theirs) = (multiprocessing.Pipe(duplex=False) for _ in range(2))
        process = SPAWN.Process(target=work, args=(jobs, theirs, FORKS and len(stale) > n_workers))
        process.start()
        jobs.close()
        theirs.close()
        workers.append((process, ours, answers))
        if stopped.is_set():  # after `finally` below went through the workers
            ours.close()
        return workers[-1]

    pool = ThreadPoolExecutor(n_workers, "page", _leave_control_c if FORKS else None)
    with patch.dict(os.environ, _environment(max(1, (os.cpu_count() or 1) // n_workers))), pool:
        futures = [pool.submit(_run_one, job, own, start) for job in stale]
        try:
            bar = tqdm(as_completed(futures), "long first", len(stale), disable=len(stale) < 2)
            for future in bar:
                bar.set_postfix_str(f"{future.result().page}: {future.result().status}")
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            stopped.set()
            for _, ours, _ in workers:
                ours.close()
            for process, *_ in workers:
                process.join()
    outcomes = {future.result().page: future.result() for future in futures}
    return [outcomes.get(job.page, Outcome(job.page, "cached", 0.0, job.output)) for job in jobs]


def _leave_control_c() -> None:
    """Leave Ctrl-C to the main thread; processes that this one starts inherit it."""
    resource_tracker.ensure_running()  # which would undo it later
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _run_one(job: Job, own: threading.local, start: Callable[[], Worker]) -> Outcome:
    """Let the process of this thread run a job; a new one takes the place of one that died."""
    started, log = time.monotonic(), job.partial.with_suffix(".log")
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    own.worker = getattr(own, "worker", None) or start()
    try:
        own.worker[1].send((vars(job), log))
        code = own.worker[2].recv()
    except (EOFError, OSError):
        code = own.worker = None
    said = log.read_text("utf-8", errors="replace")
    failure = said or f"{job.source}: its process ended with code {code}" if code != 0 else ""
    seconds = time.monotonic() - started
    return Outcome(job.page, "failed" if failure else "ran", seconds, job.output, failure)


def _environment(threads: int) -> dict[str, str]:
    """Share the cores, find this folder, and draw in the notebook.

    Only kernels share threads: small matrices are slower on two threads than on one.
    """
    own = {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": str(threads)}
    own["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    own["FUNCNET_WORKERS"] = os.environ.get("FUNCNET_WORKERS", str(threads))
    own["PYTHONPATH"] = f"{HERE}{os.pathsep}{os.environ.get('PYTHONPATH', '')}".rstrip(os.pathsep)
    return os.environ | own


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the closing table: page, time, what happened, and what the page found.

    Parameters
    ----------
    outcomes : sequence of Outcome
        One for each page.

    Examples
    --------
    >>> print(table([Outcome("small_world", "failed", 12.3, Path("a.ipynb"))]))
    page           time  status  key result
    small_world  12.3 s  failed
    """
    width = max(len(outcome.page) for outcome in outcomes)
    rows = [("page", "time", "status", "key result")]
    rows += [(one.page, f"{one.seconds:.1f} s", one.status, one.key_result) for one in outcomes]
    return "\n".join(f"{a:<{width}}  {b:>6}  {c:<7} {d}".rstrip() for a, b, c, d in rows)
