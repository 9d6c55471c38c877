"""The findings above a timeline figure and the events below it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from labmon.domain import wording
from labmon.domain.clinical import (
    DiseaseAssessment,
    DrugClass,
    EventKind,
    InfusionKind,
    Medication,
    ResponseCategory,
)
from labmon.domain.finding import Finding, FlagState
from labmon.domain.quantity import Unit
from labmon.kinetics.timeline import Timeline
from labmon.reports.figure_marks import day_phrase
from labmon.reports.figures import DayMarker, EventLane, EventMark, Glyph, Ribbon, RibbonSymbol


@dataclass(frozen=True, slots=True, kw_only=True)
class RibbonBuilder:
    """Findings as ribbons over the days they rest on."""

    timeline: Timeline
    findings: tuple[Finding, ...]

    def build(self) -> tuple[Ribbon, ...]:
        """The findings with days to show, what is held or in conflict, and the flag in any state: why it is not raised
        is as much a finding."""
        shown = [
            finding
            for finding in self.findings
            if finding.raises_flag
            or (finding.bracket_right_day is not None and finding.flag_state is not FlagState.NOT_MET)
            or finding.flag_state in (FlagState.CONFLICT, FlagState.HELD)
        ]
        shown.sort(key=lambda finding: not finding.raises_flag)
        return tuple(
            Ribbon(
                ref=finding.rule_id,
                rule_id=finding.rule_id,
                title=finding.title,
                words=self._ribbon_words(finding),
                symbol=RibbonSymbol.FLAG if _is_flag(finding) else RibbonSymbol(finding.flag_state.value),
                sentence=finding.sentence,
                last_good_day=finding.bracket_left_day,
                first_day=finding.bracket_right_day,
                confirmed_day=finding.confirmed_day,
            )
            for finding in shown
        )

    def _ribbon_words(self, finding: Finding) -> str:
        """State, then the days; where a datum is missing, that before anything else."""
        first = finding.bracket_right_day
        if _is_flag(finding):
            where = "inside" if first is not None and first <= (finding.window_end_day or first) else "after"
            return "for review" + (f" · {day_phrase(first)} is {where} the window" if first is not None else "")
        words = finding.flag_state.label
        if finding.missing and finding.flag_state in (FlagState.NOT_EVALUABLE, FlagState.HELD):
            return f"{words}: {', '.join(finding.missing)}"
        if first is None or finding.flag_state is FlagState.NOT_EVALUABLE:
            return words if finding.flag_state is FlagState.NOT_MET else f"{words} · {finding.sentence}"
        if finding.confirmed_day == first:
            return f"{words} · on {day_phrase(first)}"
        words += f" · first {day_phrase(first)}"
        if finding.confirmed_day is not None:
            words += f", confirmed {day_phrase(finding.confirmed_day)}"
        elif finding.repeat_by is not None:
            words += f", repeat by {day_phrase(self.timeline.day_of(finding.repeat_by))}"
        return words

    def window_end(self) -> DayMarker | None:
        days = [finding.window_end_day for finding in self.findings if finding.window_end_day is not None]
        return DayMarker(day=days[0], text=f"window ends {day_phrase(days[0])}") if days else None


def _is_flag(finding: Finding) -> bool:
    return finding.raises_flag and finding.flag_state is FlagState.MET


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBuilder:
    """Infusions, drugs, transplants and the disease as events; nothing earlier than `earliest_day`."""

    timeline: Timeline
    earliest_day: float
    with_dates: bool

    def build(self) -> tuple[EventMark, ...]:
        record = self.timeline.record
        found = [
            *self._cells(),
            *(self._medication(each) for each in record.medications if self._is_past(each.started_on)),
        ]
        found += self._disease()
        return tuple(sorted(found, key=lambda event: event.day))

    def _is_past(self, when: date) -> bool:
        return when <= self.timeline.as_of and self.timeline.day_of(when) >= self.earliest_day

    def _event(
        self, ref: str, lane: EventLane, glyph: Glyph, when: date, label: str, *, is_landmark: bool = False
    ) -> EventMark:
        return EventMark(
            ref=f"{ref}:{when.isoformat()}",
            lane=lane,
            glyph=glyph,
            day=float(self.timeline.day_of(when)),
            label=label,
            is_landmark=is_landmark,
            date=when if self.with_dates else None,
        )

    def _cells(self) -> list[EventMark]:
        found = []
        record = self.timeline.record
        for infusion in record.infusions:
            if not self._is_past(infusion.infused_on):
                continue
            is_own = infusion == self.timeline.infusion
            if infusion.infusion_kind is InfusionKind.STUDY_CELLS:
                label = "study cells"
            else:
                label = "CAR-T infusion" if is_own else "CAR-T infusion, other course"
            glyph = Glyph.DIAMOND if infusion.infusion_kind is InfusionKind.STUDY_CELLS else Glyph.INFUSION
            found.append(self._event("infusion", EventLane.CELLS, glyph, infusion.infused_on, label, is_landmark=True))
        transplants = [e for e in record.events if e.event_kind is EventKind.HSCT and self._is_past(e.occurred_on)]
        found += [
            self._event("hsct", EventLane.CELLS, Glyph.DIAMOND, event.occurred_on, "HSCT", is_landmark=True)
            for event in transplants
        ]
        if not transplants:
            until = day_phrase(self.timeline.day_of(self.timeline.as_of))
            found.append(
                EventMark(
                    ref="hsct:none",
                    lane=EventLane.CELLS,
                    glyph=Glyph.NONE,
                    day=42.0,
                    label=f"HSCT: none recorded to {until}",
                )
            )
        return found

    def _medication(self, medication: Medication) -> EventMark:
        is_steroid = medication.drug_class is DrugClass.STEROID
        start = self.timeline.day_of(medication.started_on)
        end = self.timeline.day_of(medication.ended_on) if medication.ended_on is not None else None
        label, glyph = medication.drug, Glyph.DIAMOND
        if end is not None and end > start:
            glyph = Glyph.HATCHED_BAR if is_steroid else Glyph.BAR
            if is_steroid:
                joint = "–" if start >= 0 else " to "
                label = f"{medication.drug} {day_phrase(start)}{joint}{wording.day(end).removeprefix('day ')}"
        return EventMark(
            ref=f"medication:{medication.drug}:{medication.started_on.isoformat()}",
            lane=EventLane.STEROIDS if is_steroid else EventLane.DRUGS,
            glyph=glyph,
            day=float(start),
            end_day=float(end) if end is not None and end > start else None,
            label=label,
            date=medication.started_on if self.with_dates else None,
        )

    def _disease(self) -> list[EventMark]:
        record = self.timeline.record
        found = []
        relapses = [e for e in record.events if e.event_kind is EventKind.RELAPSE and self._is_past(e.occurred_on)]
        assessments = [each for each in record.disease_assessments if self._is_past(each.assessed_on)]
        for assessment in assessments:
            label, glyph = _response(assessment)
            is_last = assessment is assessments[-1] and assessment.assessed_on > self.timeline.infusion.infused_on
            if is_last and not relapses and glyph is Glyph.REMISSION:
                label += f" · no relapse to {day_phrase(self.timeline.day_of(assessment.assessed_on))}"
            found.append(self._event("disease", EventLane.DISEASE, glyph, assessment.assessed_on, label))
        signs = {
            EventKind.RELAPSE: (Glyph.DISEASE, "relapse", True),
            EventKind.DEATH: (Glyph.DEATH, "death", True),
            EventKind.LAST_CONTACT: (Glyph.LAST_CONTACT, "last contact", False),
        }
        for event in record.events:
            sign = signs.get(event.event_kind)
            if sign is not None and self._is_past(event.occurred_on):
                glyph, label, is_landmark = sign
                ref = event.event_kind.value
                found.append(
                    self._event(ref, EventLane.DISEASE, glyph, event.occurred_on, label, is_landmark=is_landmark)
                )
        return found


def _response(assessment: DiseaseAssessment) -> tuple[str, Glyph]:
    """A disease assessment as a word and a sign."""
    category = assessment.response_category
    remissions = (ResponseCategory.CR, ResponseCategory.CRH, ResponseCategory.CRI, ResponseCategory.MLFS)
    if category in remissions:
        return category.value, Glyph.REMISSION
    if category is not ResponseCategory.NOT_EVALUABLE:
        return category.value.replace("_", " "), Glyph.DISEASE
    if assessment.marrow_blasts_pct is not None:
        return f"marrow blasts {wording.limit_amount(assessment.marrow_blasts_pct, Unit.PERCENT)}", Glyph.DIAMOND
    return "response not evaluable", Glyph.NONE
