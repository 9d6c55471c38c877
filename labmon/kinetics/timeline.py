"""One patient's results and events of one course, on days since its infusion.

Each CAR-T infusion begins a course, and a result belongs to the course it follows. A sample drawn shortly before a
later infusion is two things at once, the last of the earlier course and the baseline of the next, so it stands in both:
with its day in the one, with a negative day in the other. Parameters read no negative day, so nothing is counted twice.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from labmon.domain import wording
from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.clinical import EventKind, Infusion, InfusionKind, PatientRecord, Specimen, SpecimenType
from labmon.domain.errors import UserError
from labmon.domain.issue import Issue
from labmon.domain.quantity import ValueState
from labmon.domain.result import Result

_SECONDS_PER_DAY = 86_400

KINETIC_ANALYTES = (
    Analyte.TRANSGENE_COPIES_PER_UG_DNA,
    Analyte.TRANSGENE_COPIES_PER_UL_BLOOD,
    Analyte.CAR_POS_CELLS_PER_UL,
)
"""Each is a series of its own: copies per µg and per µL differ after lymphodepletion and are never mixed."""

_LIMITED_BY_RUN = (
    Analyte.TRANSGENE_COPIES_PER_REACTION,
    Analyte.TRANSGENE_COPIES_PER_UG_DNA,
    Analyte.TRANSGENE_COPIES_PER_UL_BLOOD,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesKey:
    """What may stand in one series: one analyte (hence one unit), one specimen type, one method."""

    analyte: Analyte
    specimen_type: SpecimenType
    method: MrdMethod | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A result at its place in time. `day` is decimal when the time of day is known, whole otherwise."""

    day: float
    collected_on: date
    result: Result
    specimen: Specimen


class CourseEndKind(StrEnum):
    """What cuts a course off: what is measured later belongs to other cells."""

    REINFUSION = "reinfusion"
    HSCT = "hsct"

    @property
    def label(self) -> str:
        return {"hsct": "HSCT"}.get(self.value, self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseEnd:
    """The first day that no longer belongs to the course, and why."""

    kind: CourseEndKind
    day: int
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """One course: day 0 is `infusion`; `series` holds every result of the course, held and excluded ones too.

    Points are in order of time. What feeds a parameter or a criterion is `evaluable(key)`.
    """

    record: PatientRecord
    infusion: Infusion
    course_number: int
    course_count: int
    as_of: date
    series: Mapping[SeriesKey, tuple[Point, ...]]
    issues: tuple[Issue, ...] = ()
    read_before: dict[object, Any] = field(init=False, default_factory=dict, repr=False, compare=False)
    """What was read of it once; a timeline never changes, so that stands for whatever protocol it is judged by."""

    def day_of(self, when: date) -> int:
        """Whole days from the infusion of this course."""
        return (when - self.infusion.infused_on).days

    def points(
        self, analyte: Analyte, specimen_type: SpecimenType, method: MrdMethod | None = None
    ) -> tuple[Point, ...]:
        """Every point of a series, in order of time; empty when there is none."""
        return self.series.get(SeriesKey(analyte=analyte, specimen_type=specimen_type, method=method), ())

    def evaluable(
        self, analyte: Analyte, specimen_type: SpecimenType, method: MrdMethod | None = None
    ) -> tuple[Point, ...]:
        """The points that may feed a parameter or a criterion: released, not held, excluded, superseded or invalid."""
        return tuple(
            point
            for point in self.points(analyte, specimen_type, method)
            if point.result.counts and point.result.quantity.state.is_evaluable
        )

    @property
    def ended(self) -> CourseEnd | None:
        """The reinfusion or transplant that ended this course by the as-of date, the earlier of the two."""
        ends = [
            (infusion.infused_on, CourseEndKind.REINFUSION)
            for infusion in courses(self.record, as_of=self.as_of)
            if infusion.infused_on > self.infusion.infused_on
        ]
        ends += [
            (event.occurred_on, CourseEndKind.HSCT)
            for event in self.record.events
            if event.event_kind is EventKind.HSCT and self.infusion.infused_on < event.occurred_on <= self.as_of
        ]
        if not ends:
            return None
        on, kind = min(ends)
        return CourseEnd(kind=kind, day=self.day_of(on), on=on)


def courses(record: PatientRecord, *, as_of: date | None = None) -> tuple[Infusion, ...]:
    """The CAR-T infusions in order of date; each begins a course."""
    return tuple(
        sorted(
            (
                infusion
                for infusion in record.infusions
                if infusion.infusion_kind is InfusionKind.CAR_T and (as_of is None or infusion.infused_on <= as_of)
            ),
            key=lambda infusion: infusion.infused_on,
        )
    )


def build_timeline(
    record: PatientRecord,
    results: Sequence[Result],
    *,
    as_of: date,
    course: int | None = None,
    baseline_days: int = 28,
) -> Timeline | None:
    """The course numbered `course` (from 1; the latest by default) as it stood on `as_of`, by date of collection.

    None when no CAR-T infusion is on record by then (the caller shows K601). Superseded results are left out.
    Samples of the `baseline_days` before a later infusion are its baseline; all before the first infusion are the
    first's. Raises UserError R807 for a course that is not on record.
    """
    begun = courses(record, as_of=as_of)
    if not begun:
        return None
    number = len(begun) if course is None else course
    if not 1 <= number <= len(begun):
        raise UserError("R807", what="course", code=str(number))
    infusion = begun[number - 1]
    first_date = infusion.infused_on - timedelta(days=baseline_days) if number > 1 else date.min
    end_date = begun[number].infused_on if number < len(begun) else date.max

    specimens = {specimen.specimen_code: specimen for specimen in record.specimens}
    collected: dict[SeriesKey, list[Point]] = defaultdict(list)
    issues: list[Issue] = []
    for result in results:
        if result.is_superseded:
            continue
        specimen = specimens.get(result.specimen_code)
        if specimen is None:
            detail = f"Result {result.result_id} names specimen {result.specimen_code}, which is not on record"
            issues.append(Issue(code="I117", parameters={"detail": detail}))
            continue
        if not (first_date <= specimen.collected_on < end_date and specimen.collected_on <= as_of):
            continue
        key = SeriesKey(analyte=result.analyte, specimen_type=specimen.specimen_type, method=result.method)
        collected[key].append(
            Point(
                day=_day(specimen, infusion.infused_on),
                collected_on=specimen.collected_on,
                result=result,
                specimen=specimen,
            )
        )
    series = {
        key: tuple(sorted(points, key=lambda point: (point.day, point.result.result_id)))
        for key, points in sorted(collected.items(), key=lambda item: _order(item[0]))
    }
    timeline = Timeline(
        record=record,
        infusion=infusion,
        course_number=number,
        course_count=len(begun),
        as_of=as_of,
        series=MappingProxyType(series),
    )
    for key in series:
        points = timeline.evaluable(key.analyte, key.specimen_type, key.method)
        issues += _series_issues(key, points)
        if key.analyte in KINETIC_ANALYTES:
            issues += _early_issues(key, points, is_first_course=number == 1)
    return replace(timeline, issues=tuple(issues)) if issues else timeline


def has_duplicate_times(points: Sequence[Point]) -> bool:
    """Whether two points, in order of time, cannot be put one before the other."""
    return any(_is_duplicate(earlier, later) for earlier, later in pairwise(points))


def _is_duplicate(earlier: Point, later: Point) -> bool:
    if earlier.day == later.day:
        return True
    untimed = earlier.specimen.collected_at is None or later.specimen.collected_at is None
    return untimed and earlier.collected_on == later.collected_on


def _day(specimen: Specimen, infused_on: date) -> float:
    """Days from the beginning of the infusion's day; the hour counts when the collection time is known."""
    days = float((specimen.collected_on - infused_on).days)
    if specimen.collected_at is not None:
        at = specimen.collected_at
        days += (at.hour * 3600 + at.minute * 60 + at.second) / _SECONDS_PER_DAY
    return days


def _order(key: SeriesKey) -> tuple[int, str, str]:
    return list(Analyte).index(key.analyte), key.specimen_type.value, key.method.value if key.method else ""


def _series_issues(key: SeriesKey, points: Sequence[Point]) -> list[Issue]:
    issues = [
        Issue(
            code="K602",
            parameters={
                "analyte": f"{key.analyte.label} ({_specimens(earlier, later)})",
                "day": wording.day(later.day).removeprefix("day "),
            },
        )
        for earlier, later in pairwise(points)
        if _is_duplicate(earlier, later)
    ]
    units = {point.result.quantity.unit for point in points}
    if len(units) > 1:
        spelled = " and ".join(sorted(unit.symbol for unit in units))
        issues.append(Issue(code="K603", parameters={"detail": f"{key.analyte.label} stands in {spelled}."}))
    for run, lloqs in contradictory_limits(key.analyte, points).items():
        limits = " and ".join(wording.limit(lloq) for lloq in lloqs)
        issues.append(Issue(code="K604", parameters={"run": run, "analyte": key.analyte.label, "limits": limits}))
    for point in points:
        q = point.result.quantity
        if q.value is not None and ((q.lloq or 0) > q.value or (q.uloq is not None and q.value > q.uloq)):
            what = f"{key.analyte.label} of specimen {point.specimen.specimen_code}"
            day = wording.day(point.day).removeprefix("day ")
            issues.append(beyond_its_limits(what, day, q.value, q.lloq, q.uloq))
    return issues


def _specimens(earlier: Point, later: Point) -> str:
    """ "specimen S1", "specimens S1 and S2"."""
    codes = dict.fromkeys((earlier.specimen.specimen_code, later.specimen.specimen_code))
    return f"specimen{'s' if len(codes) > 1 else ''} {' and '.join(codes)}"


def beyond_its_limits(what: str, day: str, value: float, lloq: float | None, uloq: float | None) -> Issue:
    """K607 for a quantified value that lies outside the limits of its own run."""
    limits = [f"LLOQ {wording.limit(lloq)}"] if lloq is not None else []
    limits += [f"ULOQ {wording.limit(uloq)}"] if uloq is not None else []
    parameters = {"what": what, "day": day, "value": wording.number(value), "limit": ", ".join(limits)}
    return Issue(code="K607", parameters=parameters)


def contradictory_limits(analyte: Analyte, points: Sequence[Point]) -> dict[str, tuple[float, ...]]:
    """The qPCR runs that give an analyte several LLOQs without a reason, with these LLOQs ascending.

    A limit per µg or per µL follows the specimen's DNA, so those of other amounts of DNA may differ; a limit by flow
    follows the events of each specimen and is never the run's.
    """
    if analyte not in _LIMITED_BY_RUN:
        return {}
    limits: dict[tuple[object, ...], set[float]] = defaultdict(set)
    for point in points:
        draft = point.result.draft
        lloq = draft.quantity.lloq
        if lloq is not None:
            inputs = tuple(draft.basis.get(name) for name in ("gdna_ng_per_reaction", "dna_yield_ug_per_ul_blood"))
            limits[draft.run_code, *inputs].add(float(f"{lloq:.6g}"))
    found: dict[str, tuple[float, ...]] = {}
    for (run, *_), lloqs in limits.items():
        if len(lloqs) > 1:
            found[str(run)] = tuple(sorted(lloqs))
    return found


def _early_issues(key: SeriesKey, points: Sequence[Point], *, is_first_course: bool) -> list[Issue]:
    """Cells cannot be counted before they were given; on that day without an hour nobody knows which came first."""
    found = []
    for point in points:
        if point.result.quantity.state not in (ValueState.QUANTIFIED, ValueState.ABOVE_ULOQ):
            continue
        if point.day < 0 and is_first_course:
            when = "before the infusion"
        elif math.floor(point.day) == 0 and point.specimen.collected_at is None:
            when = "the day of the infusion, without an hour"
        else:
            continue
        what = f"{key.analyte.label} of specimen {point.specimen.specimen_code}"
        day = wording.day(point.day).removeprefix("day ")
        found.append(Issue(code="K605", parameters={"what": what, "day": day, "when": when}))
    return found
