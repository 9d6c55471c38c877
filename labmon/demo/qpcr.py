"""PCR runs of the demo: which specimens share a plate, what every well shows, and the curve the software fits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import fmean, stdev
from typing import Any

from labmon.demo.chance import Chance
from labmon.demo.courses import Course
from labmon.demo.plan import DemoPlan
from labmon.demo.visits import Drawn

TRANSGENE = "CAR"
REFERENCE = "ALB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Well:
    """One target of one well, as the export shows it."""

    number: int
    sample: str
    target: str
    task: str
    cq: float | None
    given_copies: float | None = None
    is_omitted: bool = False

    @property
    def position(self) -> str:
        row, column = divmod(self.number - 1, 12)
        return f"{'ABCDEFGH'[row]}{column + 1}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The line the software fits through its standards."""

    slope: float
    intercept: float
    r_squared: float

    @property
    def efficiency_pct(self) -> float:
        return 100 * (10 ** (-1 / self.slope) - 1)

    def copies(self, cq: float) -> float:
        return float(10 ** ((cq - self.intercept) / self.slope))


@dataclass(frozen=True, slots=True, kw_only=True)
class PcrRun:
    """One plate: its day, its wells, its curve, and the DNA that was measured for it."""

    number: int
    date: date
    wells: tuple[Well, ...]
    curve: Curve
    dna: tuple[tuple[str, float], ...]
    """Specimen code and ng/µL, in the order they were measured."""
    is_workbook: bool

    @property
    def name(self) -> str:
        return f"CAR qPCR {self.date.isoformat()} run {self.number:02d}"


def make_runs(
    plan: DemoPlan, specimens: Iterable[Drawn], courses: Mapping[str, Course], chance: Chance
) -> tuple[PcrRun, ...]:
    """Every run up to the day the demo is looked at: the scheduled ones, and those with wanted trouble."""
    settings = plan.study["qpcr"]
    waiting = sorted((s for s in specimens if s.has_transgene_test), key=lambda s: (s.collected_on, s.code))
    batches: list[tuple[date, str, list[Drawn]]] = []
    for run in plan.special_runs:
        chosen = [s for s in waiting if s.course == 1 and (s.patient.code, s.visit) in run.specimens]
        batches.append((run.date, run.trouble, chosen))
        waiting = [s for s in waiting if s not in chosen]
    day = settings["first_run"]
    while day <= plan.as_of:
        ready = [s for s in waiting if s.collected_on < day][: settings["specimens_per_plate"]]
        if ready:
            batches.append((day, "", ready))
            waiting = [s for s in waiting if s not in ready]
        day += timedelta(days=settings["every_days"])
    batches.sort(key=lambda batch: (batch[0], batch[1]))
    return tuple(
        _Plate(plan, chance, courses, number, day, trouble).run(ready)
        for number, (day, trouble, ready) in enumerate(batches, start=1)
    )


def dna_ng_per_ul(plan: DemoPlan, specimen: Drawn, chance: Chance) -> float:
    """The DNA concentration of a specimen's eluate, as printed: three figures."""
    settings = plan.study["qpcr"]
    drawn = settings["dna_ng_per_ul"] * math.exp(
        settings["dna_sd_ln"] * chance.normal(specimen.code, "dna", within=2.0)
    )
    return float(f"{_of_visit(specimen, specimen.patient.dna_ng_per_ul, drawn):.3g}")


def _of_visit(specimen: Drawn, by_visit: Mapping[int, float], otherwise: float) -> float:
    """What the plan says of a visit of the first course."""
    return by_visit.get(specimen.visit, otherwise) if specimen.course == 1 else otherwise


def _is_marked(specimen: Drawn, visits: Sequence[int]) -> bool:
    return specimen.course == 1 and specimen.visit in visits


class _Plate:
    """A plate on its way to a run."""

    def __init__(
        self,
        plan: DemoPlan,
        chance: Chance,
        courses: Mapping[str, Course],
        number: int,
        day: date,
        trouble: str,
    ) -> None:
        self._plan = plan
        self._settings: Mapping[str, Any] = plan.study["qpcr"]
        self._chance = chance
        self._courses = courses
        self._number = number
        self._day = day
        self._trouble = trouble
        self._has_reference = number % self._settings["reference_gene_every"] == 0
        self._slope = self._settings["slope"] + 0.03 * chance.normal("slope", day, within=2.0)
        if trouble == "bad_slope":
            self._slope -= 0.5
        self._intercept = self._settings["intercept"] + 0.15 * chance.normal("intercept", day, within=2.0)
        self._wells: list[Well] = []
        self._next = 1

    def run(self, specimens: Sequence[Drawn]) -> PcrRun:
        self._add_standards()
        curve = fit([well for well in self._wells if well.task == "STANDARD"])
        self._add_no_template_controls()
        for name, copies in self._settings["controls"].items():
            self._add(name, "UNKNOWN", [self._cq(copies, 0.04, name, n) for n in range(3)])
        for specimen in specimens:
            self._add_specimen(specimen, curve)
        measured = [s for s in specimens if not _is_marked(s, s.patient.dna_missing)]
        return PcrRun(
            number=self._number,
            date=self._day,
            wells=tuple(self._wells),
            curve=curve,
            dna=tuple((s.code, dna_ng_per_ul(self._plan, s, self._chance)) for s in measured),
            is_workbook=self._number % self._settings["workbook_every"] == 0,
        )

    def _add_standards(self) -> None:
        for copies in self._settings["standards"]:
            cqs = [self._cq(copies, 0.05, "standard", copies, n) for n in range(self._settings["standard_replicates"])]
            self._add("", "STANDARD", cqs, given=copies)

    def _add_no_template_controls(self) -> None:
        cqs: list[float | None] = [None, None, None]
        if self._trouble == "ntc_positive":
            cqs[:2] = [round(34.2 + 0.3 * self._chance.normal("ntc", self._day, n), 3) for n in range(2)]
        self._add("NTC", "NTC", cqs)

    def _add_specimen(self, specimen: Drawn, curve: Curve) -> None:
        patient = specimen.patient
        course = self._courses[patient.code]
        ng_per_reaction = dna_ng_per_ul(self._plan, specimen, self._chance) * self._settings["template_volume_ul"]
        expected = course.copies_per_ug(specimen.day) * ng_per_reaction / 1000
        if _is_marked(specimen, patient.discrepant):
            expected = min(expected, 2.0)
        cqs = self._specimen_cqs(specimen, expected, curve)
        omitted = _is_marked(specimen, patient.omitted_well)
        if omitted and cqs[0] is not None:
            cqs[0] = round(cqs[0] + 3.7, 3)
        reference = [round(23.4 + 0.2 * self._chance.normal(specimen.code, REFERENCE, n), 3) for n in range(len(cqs))]
        self._add(self._name(specimen), "UNKNOWN", cqs, reference=reference, omits_first=omitted)
        unmapped = patient.unmapped_sample
        if unmapped is not None and _is_marked(specimen, [unmapped.visit]):
            self._add(unmapped.name, "UNKNOWN", [self._cq(expected, 0.06, unmapped.name, n) for n in range(3)])

    def _specimen_cqs(self, specimen: Drawn, expected: float, curve: Curve) -> list[float | None]:
        """A well shows the copies that happened to get into it; none gives no Cq."""
        replicates = self._settings["replicates"]
        silent = round(_of_visit(specimen, specimen.patient.undetermined, 0))
        counts = [self._chance.poisson(expected, specimen.code, "well", n) for n in range(replicates)]
        if silent:
            counts = [0] * silent + [
                max(2, self._chance.poisson(4, specimen.code, "well", n)) for n in range(silent, 3)
            ]
        sd = self._settings["well_sd_cycles"]
        cqs = [self._cq(n, sd, specimen.code, i) if n else None for i, n in enumerate(counts)]
        return _closer(cqs, curve, self._settings["cv_limit_pct"])

    def _cq(self, copies: float, sd_cycles: float, *name: object) -> float:
        scatter = sd_cycles * self._chance.normal(self._day, self._trouble, *name, within=2.0)
        return float(round(self._intercept + self._slope * math.log10(copies) + scatter, 3))

    def _name(self, specimen: Drawn) -> str:
        """The specimen's code; in some runs what one technician writes instead."""
        has_habit = self._number in self._settings["habit_runs"] and specimen.course == 1
        return f"DEMO{specimen.patient.number:03d}_d{specimen.day}" if has_habit else specimen.code

    def _add(
        self,
        sample: str,
        task: str,
        cqs: Sequence[float | None],
        *,
        given: float | None = None,
        reference: Sequence[float] | None = None,
        omits_first: bool = False,
    ) -> None:
        for index, cq in enumerate(cqs):
            well = Well(
                number=self._next,
                sample=sample,
                target=TRANSGENE,
                task=task,
                cq=cq,
                given_copies=given,
                is_omitted=omits_first and index == 0,
            )
            self._wells.append(well)
            if self._has_reference and reference is not None:
                self._wells.append(replace(well, target=REFERENCE, cq=reference[index], given_copies=None))
            self._next += 1


def _closer(cqs: list[float | None], curve: Curve, cv_limit_pct: float) -> list[float | None]:
    """Wells of a quantified specimen, drawn together until their copies agree within the limit."""
    found = [cq for cq in cqs if cq is not None]
    if len(found) < len(cqs):
        return cqs
    copies = [curve.copies(cq) for cq in found]
    cv_pct = 100 * stdev(copies) / fmean(copies)
    if cv_pct <= cv_limit_pct:
        return cqs
    middle = fmean(found)
    return [round(middle + (cq - middle) * 0.9 * cv_limit_pct / cv_pct, 3) for cq in found]


def fit(standards: Sequence[Well]) -> Curve:
    """Least squares of Cq on log10 copies."""
    points = [
        (math.log10(well.given_copies), well.cq)
        for well in standards
        if well.given_copies is not None and well.cq is not None
    ]
    mean_x, mean_y = fmean(x for x, _ in points), fmean(y for _, y in points)
    sxx = sum((x - mean_x) ** 2 for x, _ in points)
    syy = sum((y - mean_y) ** 2 for _, y in points)
    sxy = sum((x - mean_x) * (y - mean_y) for x, y in points)
    slope = sxy / sxx
    return Curve(slope=slope, intercept=mean_y - slope * mean_x, r_squared=sxy**2 / (sxx * syy))
