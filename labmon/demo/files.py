"""Write the demo study's export files: the only thing the demo does; importing them is the technician's way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from labmon.demo import clinical, flow, mrd, qpcr, quantstudio, qubit
from labmon.demo.chance import Chance
from labmon.demo.courses import Course
from labmon.demo.plan import DemoPlan, load_plan
from labmon.demo.visits import specimens_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFiles:
    """The files of a demo study, in the order a technician would import them."""

    folder: Path
    paths: tuple[Path, ...]
    as_of: date
    """The day the demo is looked at; nothing in the files is later."""
    mapping_rules: tuple[Mapping[str, str], ...]
    """What the laboratory teaches labmon once about its names: fields of a mapping rule."""


def write_demo_files(folder: Path, *, seed: int | None = None) -> DemoFiles:
    """Write the files into the folder; the same seed (the study's own by default) writes the same bytes."""
    plan = load_plan()
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, content in _contents(plan, Chance(plan.seed if seed is None else seed)):
        path = folder / name
        path.write_bytes(content)
        paths.append(path)
    return DemoFiles(
        folder=folder, paths=tuple(paths), as_of=plan.as_of, mapping_rules=tuple(dict(m) for m in plan.study["mapping"])
    )


def _contents(plan: DemoPlan, chance: Chance) -> list[tuple[str, bytes]]:
    """Names and bytes: the clinical workbooks first, then the laboratory's files by their dates."""
    courses = {patient.code: Course(plan, patient, chance) for patient in plan.patients}
    specimens = [each for patient in plan.patients for each in specimens_of(plan, patient, chance)]
    dated: list[tuple[date, str, bytes]] = []
    for run in qpcr.make_runs(plan, specimens, courses, chance):
        stem = f"{run.date.isoformat()}_CAR_qPCR_run{run.number:02d}"
        if run.is_workbook:
            dated.append((run.date, f"{stem}.xlsx", quantstudio.as_workbook(run, chance)))
        else:
            dated.append((run.date, f"{stem}.txt", quantstudio.as_text(run, chance)))
        dated.append((run.date, f"{run.date.isoformat()}_Qubit_run{run.number:02d}.csv", qubit.as_csv(run, chance)))
    tubes = flow.make_tubes(plan, specimens, courses, chance)
    months = groupby(tubes, key=lambda tube: (tube.acquired_at.year, tube.acquired_at.month))
    for index, ((year, month), of_month) in enumerate(months):
        own = tuple(of_month)
        prints_percent_sign = index % plan.study["flow"]["percent_text_every"] == 0
        table = flow.as_table(plan, own, prints_percent_sign=prints_percent_sign)
        dated.append((own[-1].acquired_at.date(), f"{year}-{month:02d}_CAR_flow.xlsx", table))
    for closed_on, workbook in mrd.workbooks(plan, specimens, chance):
        dated.append((closed_on, f"{closed_on:%Y-%m}_MRD.xlsx", workbook))
    clinical_files = clinical.workbooks(plan, specimens, courses, chance)
    return [
        *((f"clinical_{name}.xlsx", content) for name, content in clinical_files),
        *((name, content) for _, name, content in sorted(dated, key=lambda each: each[:2])),
    ]
