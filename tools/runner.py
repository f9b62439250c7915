"""Execute pages: jupytext -> papermill -> .ipynb, only what changed, several at a time."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

import funcnet_utils
from funcnet_utils.studies.provenance import source_digest
from funcnet_utils.studies.scheduling import PROGRESS
from tools.parameters import Scalar
from tools.profiles import page_values
from tools.progress import Progress
from tools.project import Project
from tools.times import Times

PACKAGE = Path(funcnet_utils.__file__).parent
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Job:
    """One run of one page.

    Parameters
    ----------
    page : str
        Name of the page.
    source, output, partial : Path
        MyST source, executed notebook, and where an unfinished run is kept for inspection.
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
    parameters: dict[str, Scalar]
    profile: str
    digest: str

    def renamed(self, name: str) -> Job:
        """Return the same job with another name for its output."""
        return dataclasses.replace(self, output=self.output.with_name(f"{name}.ipynb"))

    @property
    def is_fresh(self) -> bool:
        """Whether the output was made from the same inputs."""
        try:
            notebook = json.loads(self.output.read_text(encoding="utf-8"))
            return bool(notebook["metadata"]["funcnet"]["digest"] == self.digest)
        except (OSError, ValueError, KeyError, TypeError):
            return False


@dataclass(frozen=True)
class Outcome:
    """How a job ended: `status` is ran, cached, failed or stopped; `failure` says where and why."""

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
        try:
            notebook = json.loads(self.output.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ""
        said = [
            output["metadata"]["funcnet"]["key_result"]
            for cell in notebook["cells"]
            for output in cell.get("outputs", [])
            if "key_result" in output.get("metadata", {}).get("funcnet", {})
        ]
        return str(said[-1]) if said else ""


def package_digest(package: Path = PACKAGE) -> str:
    """Return a digest of the code that pages can see; docstrings and comments do not count.

    Parameters
    ----------
    package : Path
        Folder of the package.
    """
    files = [path for path in package.rglob("*.py") if path.name != "__main__.py"]
    return source_digest(files)


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
    code = package_digest()
    lock = project.root / "constraints.txt"
    jobs = []
    for page in project.check_pages(list(pages)):
        source = project.source(page)
        parameters = page_values(project, page, profile, overrides or {})
        text = source.read_text(encoding="utf-8")
        parts = {
            "source": text,
            "parameters": parameters,
            "code": code,
            "lock": lock.read_text(encoding="utf-8") if lock.exists() else "",
            "python": platform.python_version(),
            "benchmarks": _tables(project) if page == "performance" else "",
            "published": _published(project) if "pages" in text else "",
        }
        digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        output = (out or project.notebooks) / f"{page}.ipynb"
        partial = project.build / "papermill" / f"{page}-{digest[:8]}.ipynb"
        jobs.append(Job(page, source, output.resolve(), partial, parameters, profile, digest))
    return jobs


def _tables(project: Project) -> str:
    """Return the published benchmarks, which that page shows."""
    files = sorted((project.root / "benchmarks").glob("*.csv"))
    return "".join(file.read_text(encoding="utf-8") for file in files)


def _published(project: Project) -> str:
    """Return the records of the published studies, which chapters show beside their own run."""
    records = sorted((project.root / "book" / "results").glob("*/run.json"))
    return "".join(record.read_text(encoding="utf-8") for record in records)


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
    times = Times(jobs[0].partial.parents[1] / "times.json") if jobs else Times(Path(os.devnull))
    progress = Progress(
        [job.page for job in stale], {job.page: times.of(job.page, job.profile) for job in stale}
    )
    n_workers = max(1, min(n_workers, len(stale)))
    threads = max(1, (os.cpu_count() or 1) // n_workers)
    stop = threading.Event()
    try:
        with ThreadPoolExecutor(n_workers) as pool:
            futures = {
                job.page: pool.submit(_run_one, job, threads, progress, times, stop)
                for job in stale
            }
            try:
                while wait(futures.values(), timeout=1.0).not_done:
                    progress.tick()
            except KeyboardInterrupt:
                stop.set()
                raise
    finally:
        progress.close()
    return [
        futures[job.page].result()
        if job.page in futures
        else Outcome(job.page, "cached", 0.0, job.output)
        for job in jobs
    ]


def _run_one(
    job: Job, threads: int, progress: Progress, times: Times, stop: threading.Event
) -> Outcome:
    started = time.monotonic()
    if stop.is_set():
        return Outcome(job.page, "stopped", 0.0, job.output)
    log, told = job.partial.with_suffix(".log"), job.partial.with_suffix(".progress")
    log.parent.mkdir(parents=True, exist_ok=True)
    told.unlink(missing_ok=True)
    progress.start(job.page, told)
    failure = ""
    with (
        log.open("w", encoding="utf-8") as stderr,
        subprocess.Popen(
            [sys.executable, "-m", "tools.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            encoding="utf-8",
            env=_environment(threads) | {PROGRESS: str(told)},
            start_new_session=True,  # Ctrl-C reaches the runner, which then stops its workers
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        watcher = threading.Thread(target=_stop_when_asked, args=(process, stop), daemon=True)
        process.stdin.write(_message(job) + "\n")
        process.stdin.flush()
        watcher.start()
        for line in process.stdout:
            event = json.loads(line)
            if "failed" in event:
                failure = event["failed"]
            else:
                progress.cell(job.page, event["cell"], event["total"])
        code = process.wait()
    status = "stopped" if stop.is_set() else "failed" if code else "ran"
    if status == "failed" and not failure:
        failure = f"{job.source}: the worker ended with code {code}\n{log.read_text()[-4000:]}"
    begun = progress.end(job.page, status)
    if status == "ran":
        times.keep(job.page, job.profile, begun)
    return Outcome(job.page, status, time.monotonic() - started, job.output, failure)


def _stop_when_asked(process: subprocess.Popen[str], stop: threading.Event) -> None:
    """End the worker, and with it its kernel, when the runner is interrupted."""
    while process.poll() is None:
        if stop.wait(0.2):
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
            return


def _message(job: Job) -> str:
    return json.dumps(
        {
            "source": str(job.source),
            "output": str(job.output),
            "partial": str(job.partial),
            "parameters": job.parameters,
            "metadata": {"digest": job.digest, "profile": job.profile},
        }
    )


def _environment(threads: int) -> dict[str, str]:
    """Share the cores, and leave the choice of the plotting backend to the kernel."""
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    environment |= dict.fromkeys(("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"), str(threads))
    return environment
