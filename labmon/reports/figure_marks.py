"""One result as a mark of the figure: where it stands, what it says, and what a person must know about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labmon.criteria.rule_kinds import MrdRule
from labmon.domain import wording
from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.finding import Finding, FlagState
from labmon.domain.quantity import Quantity, ValueState
from labmon.kinetics.timeline import Point, Timeline
from labmon.reports.figures import Mark


def height(quantity: Quantity) -> float | None:
    """Where a quantity stands: its value, or the limit it lies beyond."""
    match quantity.state:
        case ValueState.QUANTIFIED:
            return quantity.value
        case ValueState.DETECTED_BELOW_LLOQ:
            return quantity.lloq
        case ValueState.ABOVE_ULOQ:
            return quantity.uloq
        case _:
            return None


def day_phrase(day: float) -> str:
    """A day inside a phrase: "d 88"."""
    return f"d{wording.NO_BREAK_SPACE}{wording.day(day).removeprefix('day ')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkMaker:
    """Makes marks of points. `waiting` names the results that want a repeat sample, and until which day."""

    waiting: Mapping[int, float]
    with_dates: bool = False

    def mark(self, point: Point, *, lead: str = "") -> Mark:
        result = point.result
        quantity = result.quantity
        note = ""
        if result.is_excluded:
            note = f"excluded: {result.draft.excluded_reason}"
        elif result.is_held:
            note = f"held: {result.draft.held_reason}"
        elif result.released_at is None:
            note = "held: awaits verification"
        words = _words(point)
        repeat_by = self.waiting.get(result.result_id)
        label = "excluded" if result.is_excluded else "held" if note else ""
        if repeat_by is not None and not label:
            label = f"repeat by {day_phrase(repeat_by)}"
        return Mark(
            ref=str(result.result_id),
            day=point.day,
            state=quantity.state,
            value=quantity.value,
            limit=height(quantity) if quantity.value is None else None,
            text=f"{lead}{words} ({note})" if note else f"{lead}{words}",
            label=label,
            is_held=bool(note) and not result.is_excluded,
            is_excluded=result.is_excluded,
            is_unconfirmed=repeat_by is not None,
            note=note,
            date=point.collected_on if self.with_dates else None,
            lloq=quantity.lloq,
            lloq_text=wording.limit_amount(quantity.lloq, quantity.unit) if quantity.lloq is not None else "",
            run=result.draft.run_code,
        )

    def mrd_mark(self, point: Point, method: MrdMethod, name: str, suffix: str, rule: MrdRule | None) -> Mark:
        base = self.mark(point, lead=f"{name}{suffix} ")
        draft, letter = point.result.draft, f"{method.letter}{suffix}"
        sensitivity = draft.sensitivity_fraction
        is_negative = base.state is ValueState.NOT_DETECTED
        words = wording.quantity(point.result.quantity)
        label, lead, short, text = base.label, "", f"{letter} {words}", f"{name}{suffix} {words}"
        limit, earns_claim = base.limit, True
        if is_negative and sensitivity is not None and sensitivity > 0:
            limit = sensitivity
            earns_claim = rule is None or sensitivity <= rule.sensitivity.value * (1 + 1e-9)
            reach = f"{letter} {wording.fraction(sensitivity)}"
            lead, short, text = "not detected", reach, f"not detected: {reach}"
            if not earns_claim:
                lead, short, text = "", f"{reach}: cannot claim", f"not detected, {reach}: cannot claim"
                label = label or f"{reach}: cannot claim"
        elif is_negative:
            short, text = f"{letter} not detected", f"{name}{suffix} not detected, sensitivity unknown"
        elif base.value is not None:
            label = label or text
        if base.note:
            text, short = f"{text} ({base.note})", f"{short} ({base.note})"
        return Mark(
            ref=base.ref,
            day=base.day,
            state=base.state,
            value=base.value,
            limit=limit,
            text=text,
            lead=lead,
            short=short,
            label=label,
            letter=letter,
            earns_claim=earns_claim,
            is_held=base.is_held,
            is_excluded=base.is_excluded,
            is_unconfirmed=base.is_unconfirmed,
            note=base.note,
            date=base.date,
            lloq=base.lloq,
            lloq_text=base.lloq_text,
            run=base.run,
        )


def waiting_results(timeline: Timeline, findings: Sequence[Finding]) -> Mapping[int, float]:
    """The results that wait for a repeat sample, and the last day on which it is useful."""
    waiting: dict[int, float] = {}
    for finding in findings:
        if finding.flag_state is FlagState.UNCONFIRMED and finding.repeat_by is not None:
            for evidence in finding.evidence:
                if evidence.result_id is not None and evidence.day == finding.bracket_right_day:
                    waiting[evidence.result_id] = float(timeline.day_of(finding.repeat_by))
    return waiting


def _words(point: Point) -> str:
    """A quantity in words; below the limit of flow the events say more than "detected"."""
    quantity, basis = point.result.quantity, point.result.draft.basis
    words = wording.quantity(quantity)
    cells, parents = basis.get("car_pos_events"), basis.get("cd3_events")
    is_percent = point.result.analyte is Analyte.CAR_POS_PCT_OF_CD3
    if is_percent and quantity.state.is_blq and isinstance(cells, int | float) and isinstance(parents, int | float):
        events = f"{_count(cells)} of {_count(parents)} events"
        return f"{words.removesuffix(' (detected)')} ({events})"
    return words


def _count(number: float) -> str:
    digits = f"{round(number):,}" if number >= 10_000 else f"{round(number)}"
    return digits.replace(",", wording.THIN_SPACE)
