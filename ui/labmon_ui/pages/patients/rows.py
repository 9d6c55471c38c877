"""The patient list as plain rows: what each shows, which are shown and in which order."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from labmon.domain.analyte import Analyte
from labmon.domain.clinical import SpecimenType
from labmon.domain.finding import Finding
from labmon.domain.quantity import ValueState
from labmon.workflow.assess import Assessment
from labmon.workflow.patients import PatientRow, patient_rows
from labmon_ui.pages.patients import states
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.widgets.state_symbol import StateSymbol


class Order(StrEnum):
    """The orders of the list; the first is the one a page opens with."""

    GRAVEST = "gravest"
    CODE = "code"
    DAY = "day"
    LAST_RESULT = "last_result"

    @property
    def words(self) -> str:
        return {
            Order.GRAVEST: tr("Gravest first"),
            Order.CODE: tr("By code"),
            Order.DAY: tr("By day, newest patient first"),
            Order.LAST_RESULT: tr("By last result, longest ago first"),
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One patient of the list."""

    patient_code: str
    product: str
    day: int | None
    since_last_result: float | None
    """Days between the last result and the day the study is looked at."""
    words: str
    symbol: StateSymbol | None
    tone: Tone
    sentence: str
    gravity: int
    points: tuple[tuple[float, float | None, ValueState], ...]
    limit: float | None
    """The log10 of the last sample's LLOQ."""
    sought: str
    """What the filter looks through."""


def list_rows(assessments: Iterable[Assessment]) -> tuple[ListRow, ...]:
    """A row for each patient, in order of their codes."""
    known = tuple(assessments)
    return tuple(_row(row, assessment) for row, assessment in zip(patient_rows(known), known, strict=True))


def arranged(rows: Iterable[ListRow], text: str, order: Order) -> tuple[ListRow, ...]:
    """The rows that hold every word of `text`, in this order."""
    wanted = text.casefold().split()
    shown = [row for row in rows if all(word in row.sought for word in wanted)]
    match order:
        case Order.GRAVEST:
            shown.sort(key=lambda row: (row.gravity, row.patient_code))
        case Order.CODE:
            shown.sort(key=lambda row: row.patient_code)
        case Order.DAY:
            shown.sort(key=lambda row: (math.inf if row.day is None else row.day, row.patient_code))
        case Order.LAST_RESULT:
            shown.sort(
                key=lambda row: (
                    -math.inf if row.since_last_result is None else -row.since_last_result,
                    row.patient_code,
                )
            )
    return tuple(shown)


def _row(row: PatientRow, assessment: Assessment) -> ListRow:
    finding = states.leading(assessment.findings, row.finding)
    timeline = assessment.timeline

    def repeat_day(waiting: Finding) -> int | None:
        if timeline is None or waiting.repeat_by is None:
            return None
        return timeline.day_of(waiting.repeat_by)

    if finding is not None:
        words = states.brief(finding, repeat_day)
    else:
        words = tr("no infusion yet") if timeline is None else tr("no finding yet")
    limit: float | None = None
    if timeline is not None:
        points = timeline.evaluable(Analyte.TRANSGENE_COPIES_PER_UG_DNA, SpecimenType.PERIPHERAL_BLOOD)
        lloq = points[-1].result.quantity.lloq if points else None
        limit = math.log10(lloq) if lloq else None
    since = None if row.day is None or row.last_result_day is None else row.day - row.last_result_day
    return ListRow(
        patient_code=row.patient_code,
        product=row.product_label if timeline is not None else "",
        day=row.day,
        since_last_result=since,
        words=words,
        symbol=states.symbol_of(finding) if finding is not None else None,
        tone=Tone.TEXT2 if finding is not None else Tone.TEXT3,
        sentence=finding.sentence if finding is not None else "",
        gravity=states.gravity(finding),
        points=row.sparkline,
        limit=limit,
        sought=" ".join(
            (row.patient_code, row.product_label, words, states.state_words(finding) if finding is not None else "")
        ).casefold(),
    )
