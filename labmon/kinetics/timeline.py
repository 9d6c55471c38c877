"""One patient's results and events of one course, on days since its infusion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.clinical import Infusion, PatientRecord, Specimen, SpecimenType
from labmon.domain.issue import Issue
from labmon.domain.result import Result


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
