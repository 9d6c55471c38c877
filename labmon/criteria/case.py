"""What the rules may read of one course: its samples by calendar day, cut off at a date, held ones in or out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeVar

from labmon.criteria.protocol import Protocol
from labmon.domain import wording
from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.clinical import EventKind, InfusionKind, ResponseCategory, SpecimenType
from labmon.domain.finding import Evidence
from labmon.domain.quantity import Quantity, ValueState
from labmon.domain.result import Result
from labmon.kinetics.timeline import CourseEnd, SeriesKey, Timeline

T = TypeVar("T")


class Sample(NamedTuple):
    """One result on the calendar day its specimen was collected, counted from the infusion."""

    day: int
    collected_on: date
    result: Result
    quantity: Quantity
    is_held: bool
    is_worded: bool = True
    """False where only states are asked for: then nothing is written out."""
    compared_with: tuple[float, ...] = ()
    """The limits its value stands beside; it is never rounded onto or over one of them."""

    def beside(self, *limits: float) -> Sample:
        """The same sample in sentences that name these limits."""
        return self._replace(compared_with=limits) if self.is_worded else self

    @property
    def text(self) -> str:
        return wording.quantity(self.quantity, self.compared_with) if self.is_worded else ""

    @property
    def words(self) -> str:
        """The value inside a sentence: as `text`, and "detected, < 50 copies/µg" without a bracket in a bracket."""
        quantity = self.quantity
        if not self.is_worded or quantity.state is not ValueState.DETECTED_BELOW_LLOQ or quantity.lloq is None:
            return self.text
        return f"detected, <{wording.NO_BREAK_SPACE}{wording.limit_amount(quantity.lloq, quantity.unit)}"

    @property
    def run_code(self) -> str:
        return self.result.draft.run_code

    def basis(self, name: str) -> float | None:
        """A number the result was made of; None when it is not stated or is no number."""
        value = self.result.draft.basis.get(name)
        return float(value) if isinstance(value, (int, float)) else None

    def evidence(self, role: str, text: str | None = None) -> Evidence:
        return Evidence(
            text=text or self.text,
            role=f"{role}, held" if self.is_held else role,
            day=self.day,
            collected_on=self.collected_on,
            result_id=self.result.result_id,
            run_code=self.result.draft.run_code,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One course under one protocol. `until` is the last day whose samples are read."""

    timeline: Timeline
    protocol: Protocol
    until: date
    counts_held: bool = False
    is_worded: bool = True
    """False: only the states of findings are wanted, their sentences are not made."""
    _judged_before: dict[object, Any] = field(default_factory=dict, repr=False, compare=False)
    """What rules of this protocol read once and look at again."""

    def with_held(self) -> Case:
        """The same case as if every held result had been accepted."""
        return replace(self, counts_held=True)

    def cut_off(self, until: date) -> Case:
        """The same case as it stood on an earlier day."""
        return replace(self, until=min(self.until, until))

    @property
    def infused_on(self) -> date:
        return self.timeline.infusion.infused_on

    @property
    def window_end(self) -> date:
        kept: date | None = self._judged_before.get("window end")
        if kept is None:
            kept = self._judged_before["window end"] = self.protocol.window.end(self.infused_on)
        return kept

    @property
    def window_end_day(self) -> int:
        return self.timeline.day_of(self.window_end)

    @property
    def course_end(self) -> CourseEnd | None:
        """The transplant or reinfusion that ended the course by `until`."""
        before = self.timeline.read_before
        if "course end" not in before:
            before["course end"] = self.timeline.ended
        ended: CourseEnd | None = before["course end"]
        return ended if ended is not None and ended.on <= self.until else None

    @property
    def study_cells_on(self) -> date | None:
        """When study cells were given in this course; from then on samples are surveillance."""
        return self._read_of_course("study cells", self._study_cells_on)

    def _study_cells_on(self) -> date | None:
        return min(
            (
                infusion.infused_on
                for infusion in self.timeline.record.infusions
                if infusion.infusion_kind is InfusionKind.STUDY_CELLS
                and self.infused_on <= infusion.infused_on <= self.until
            ),
            default=None,
        )

    def events(self, kind: EventKind) -> tuple[date, ...]:
        """The dates of an event since the infusion, in order."""
        if not self.timeline.record.events:
            return ()
        return tuple(
            sorted(
                event.occurred_on
                for event in self.timeline.record.events
                if event.event_kind is kind and self.infused_on < event.occurred_on <= self.until
            )
        )

    @property
    def relapses(self) -> tuple[date, ...]:
        """The dates of every relapse since the infusion, whether recorded as an event or as the response."""
        return self._read_of_course("relapses", self._relapses)

    def _relapses(self) -> tuple[date, ...]:
        reported = (
            each.assessed_on
            for each in self.timeline.record.disease_assessments
            if each.response_category is ResponseCategory.RELAPSE and self.infused_on < each.assessed_on <= self.until
        )
        return tuple(sorted({*self.events(EventKind.RELAPSE), *reported}))

    def samples(
        self, analyte: Analyte, specimen_type: SpecimenType, method: MrdMethod | None = None
    ) -> tuple[Sample, ...]:
        """The samples of the course since the infusion that count, in order of date."""
        before = self.timeline.read_before
        place = (analyte, specimen_type, method, self.until, self.counts_held, self.is_worded)
        kept: tuple[Sample, ...] | None = before.get(place)
        if kept is None:
            read = self._read(SeriesKey(analyte=analyte, specimen_type=specimen_type, method=method))
            kept = tuple(sample for sample in read if sample.day > 0 and (self.counts_held or not sample.is_held))
            before[place] = kept
        return kept

    def read_once(self, what: str, read: Callable[[], T]) -> T:
        """What `read` found the first time it was asked for under this name, of the samples that count here."""
        place = (what, self.until, self.counts_held)
        found: T
        if place in self._judged_before:
            found = self._judged_before[place]
        else:
            found = self._judged_before[place] = read()
        return found

    def _read_of_course(self, what: str, read: Callable[[], T]) -> T:
        """As `read_once`, of what no protocol changes."""
        place = (what, self.until, self.is_worded)
        before = self.timeline.read_before
        found: T
        if place in before:
            found = before[place]
        else:
            found = before[place] = read()
        return found

    def held_samples(self) -> tuple[Sample, ...]:
        """Every held sample of the course that would say something if its run were accepted."""
        return self._read_of_course("held", self._held)

    def _held(self) -> tuple[Sample, ...]:
        return tuple(sample for sample in self._every_sample() if sample.is_held)

    def methods_measured(self, analyte: Analyte) -> tuple[tuple[MrdMethod, SpecimenType], ...]:
        """The methods and specimen types an analyte was measured by in this course."""
        found = [
            (key.method, key.specimen_type)
            for key in self.timeline.series
            if key.analyte is analyte and key.method is not None
        ]
        return tuple(sorted(found, key=_by_method)) if len(found) > 1 else tuple(found)

    def all_samples(self) -> tuple[Sample, ...]:
        """Every accepted sample of the course, baseline too, of every series a rule may read."""
        return tuple(sample for sample in self._every_sample() if not sample.is_held)

    def baseline_samples(
        self, analyte: Analyte, specimen_type: SpecimenType, method: MrdMethod | None = None
    ) -> tuple[Sample, ...]:
        """The accepted samples of the course up to the day of the infusion."""
        read = self._read(SeriesKey(analyte=analyte, specimen_type=specimen_type, method=method))
        return tuple(sample for sample in read if sample.day <= 0 and not sample.is_held)

    def _every_sample(self) -> tuple[Sample, ...]:
        return self._read_of_course("every sample", self._read_every_sample)

    def _read_every_sample(self) -> tuple[Sample, ...]:
        keys = (key for key in self.timeline.series if not key.analyte.is_supporting)
        return tuple(sample for key in keys for sample in self._read(key))

    def _read(self, key: SeriesKey) -> tuple[Sample, ...]:
        """Excluded, superseded and invalid results are passed over: they neither confirm nor break anything."""
        points = self.timeline.series.get(key)
        if points is None:
            return ()
        place = (key, self.until, self.is_worded)
        before = self.timeline.read_before
        kept: tuple[Sample, ...] | None = before.get(place)
        if kept is not None:
            return kept
        end, last, infused_on = self.course_end, self.until, self.infused_on
        if end is not None:
            last = min(last, end.on - timedelta(days=1))
        read = []
        for point in points:
            result, on = point.result, point.collected_on
            draft = result.draft
            if on > last or draft.excluded_reason is not None or result.is_superseded:
                continue
            if draft.quantity.state.is_evaluable:
                is_held = draft.held_reason is not None or result.released_at is None
                read.append(Sample((on - infused_on).days, on, result, draft.quantity, is_held, self.is_worded))
        read.sort(key=_by_date)
        kept = before[place] = tuple(read)
        return kept


def _by_date(sample: Sample) -> tuple[date, int]:
    return sample.collected_on, sample.result.result_id


_METHODS, _SPECIMEN_TYPES = tuple(MrdMethod), tuple(SpecimenType)


def _by_method(measured: tuple[MrdMethod, SpecimenType]) -> tuple[int, int]:
    return _METHODS.index(measured[0]), _SPECIMEN_TYPES.index(measured[1])


def held_because(sample: Sample) -> str:
    """Why a sample is held, naming its run: "run QPCR-0418 is held: NTC positive"."""
    reason = sample.result.draft.held_reason
    if reason is None:
        return f"run {sample.run_code} awaits verification"
    return f"run {sample.run_code} is held: {reason}"
