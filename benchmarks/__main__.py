"""Run the benchmarks and write the tables: `make bench`, or `funcnet bench`."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click
import pandas as pd

from benchmarks.cases import all_cases
from benchmarks.compiling import compile_seconds
from benchmarks.graph_cases import ARM
from benchmarks.growth import measure_growth
from benchmarks.harness import Case, measure
from benchmarks.machine import machine
from benchmarks.network_cases import EPOCH
from benchmarks.whole_study import STUDY, whole_study

ROOT = Path(__file__).parents[1]
TABLES = ROOT / "book" / "benchmarks"
REPETITIONS = 5


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="Small inputs, one call each: does everything work?")
@click.option("--full", is_flag=True, help="Also the peers that take minutes, or 18 GiB.")
@click.option("--step", "part", default="", help="Only the steps whose name contains this text.")
@click.option("--update", is_flag=True, help="With --step: replace these rows in the tables kept.")
@click.option("--growth/--no-growth", default=True, help="Measure how our own costs grow.")
@click.option("--repetitions", type=click.IntRange(min=1), default=REPETITIONS, show_default=True)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the tables; by default book/benchmarks/, or _build/benchmarks for a part.",
)
def main(
    quick: bool,
    full: bool,
    part: str,
    update: bool,
    growth: bool,
    repetitions: int,
    out: Path | None,
) -> None:
    """Time every step beside the libraries that do the same, and write the tables."""
    from benchmarks.loops import TwoProcesses

    partial = quick or bool(part) or not growth
    out = out or (ROOT / "_build" / "benchmarks" if partial else TABLES)
    out.mkdir(parents=True, exist_ok=True)
    facts, start = machine(), time.perf_counter()
    facts["options"] = {"quick": quick, "full": full, "repetitions": repetitions}
    cases = [case for case in all_cases(quick) if part in case.step]
    rows = []
    for place, case in enumerate(cases, 1):
        began = time.perf_counter()
        found = measure(case, 1 if quick else repetitions, full, quick)
        if quick:  # the targets are for other sizes
            found = [{**row, "target": None} for row in found]
        rows += found
        _write(rows, out / "results.csv")  # a run that is stopped leaves what it has
        _say(f"{place}/{len(cases)}", case, found, time.perf_counter() - began)
    TwoProcesses.close()
    if update:
        _update(rows)
        return
    rows += [] if quick else whole_study(rows)
    _write(rows, out / "results.csv")
    if growth:
        _growth(quick, part, out)
    facts["compiling"] = {} if partial else compile_seconds()
    facts["minutes"] = round((time.perf_counter() - start) / 60, 1)
    (out / "machine.json").write_text(json.dumps(facts, indent=2) + "\n")
    click.echo(_table(rows))
    click.echo(f"{facts['minutes']} minutes; tables in {out}")


def _write(rows: list[dict], file: Path) -> None:
    pd.DataFrame(rows).to_csv(file, index=False, float_format="%.6g")


def _update(rows: list[dict]) -> None:
    """Replace the rows of some steps in the tables kept, and say in machine.json when and where."""
    found = pd.DataFrame(rows)
    kept = pd.read_csv(TABLES / "results.csv")
    place = kept.index[kept["step"].isin(found["step"])].min()
    place = len(kept) if pd.isna(place) else place
    rest = kept[~kept["step"].isin(found["step"])]
    above, below = rest[rest.index < place], rest[rest.index >= place]
    table = pd.concat([above, found, below], ignore_index=True)
    parts = table[table["step"] != STUDY].astype(object)
    steps = parts.where(parts.notna(), None).to_dict("records")
    _write(steps + whole_study(steps), TABLES / "results.csv")
    record = json.loads((TABLES / "machine.json").read_text())
    facts = machine()
    changed = found["step"].unique().tolist()
    changed += [STUDY] if {ARM, EPOCH} & set(changed) else []
    record.setdefault("updated", {}).update(
        {step: {key: facts[key] for key in ("date", "cpu", "load")} for step in changed}
    )
    (TABLES / "machine.json").write_text(json.dumps(record, indent=2) + "\n")
    click.echo(_table(rows))


def _growth(quick: bool, part: str, out: Path) -> None:
    rows = []
    for step, found in measure_growth(quick, part):
        rows += found
        _write(rows, out / "growth.csv")
        click.echo(f"growth: {step}: slope {found[0]['slope']:.2f}", err=True)


def _say(place: str, case: Case, rows: list[dict], seconds: float) -> None:
    told = [
        f"{row['peer']} {row['ratio']:.3g}x" if row["ratio"] else f"{row['peer']}: {row['note']}"
        for row in rows
    ]
    click.echo(f"{place} {case.key}: {'; '.join(told)} ({seconds:.0f} s)", err=True)


def _table(rows: list[dict]) -> str:
    table = pd.DataFrame(rows)
    columns = ["step", "n", "peer", "seconds_ours", "seconds_peer", "ratio", "target"]
    columns += ["memory_ours_mib", "memory_peer_mib", "repetitions"]
    return table[columns].to_string(index=False, float_format="{:.3g}".format)


if __name__ == "__main__":
    main()
