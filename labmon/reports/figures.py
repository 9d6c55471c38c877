"""A timeline figure as plain data: everything that is drawn and nothing about how it looks.

The window, the exports and the table beside the plot are three renderings of one `FigureSpec`, so none of them can show
a number the others lack. Colours are absent on purpose: a mark names its series, and the palette belongs to the window.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from labmon.domain import wording
from labmon.domain.quantity import ValueState


class SeriesKey(StrEnum):
    """What a colour stands for; the palette of the window has one entry for each."""

    TRANSGENE = "transgene"
    CAR_CELLS = "car_cells"
    CAR_PERCENT = "car_percent"
    B_CELLS = "b_cells"
    MRD_FLOW = "mrd_flow"
    MRD_NGS = "mrd_ngs"
    MRD_PCR = "mrd_pcr"
    EXHAUSTION = "exhaustion"


class Symbol(StrEnum):
    """The shape of a quantified mark, so that a series is told apart without colour."""

    CIRCLE = "circle"
    SQUARE = "square"
    TRIANGLE = "triangle"
    DIAMOND = "diamond"
    PLUS = "plus"


class LineStyle(StrEnum):
    """How neighbouring marks of one series are joined."""

    NONE = "none"
    SOLID = "solid"
    DASH = "dash"
    DASH_DOT = "dash_dot"
    DOT = "dot"


class MarkPlace(StrEnum):
    """Where a mark stands: on the value axis, in the strip for "not detected", or only in the readout and the table."""

    AXIS = "axis"
    RUG = "rug"
    READOUT_ONLY = "readout_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One result as drawn.

    `value` is a number exactly when the state is quantified. A censored value stands at `limit`: its LLOQ, its ULOQ,
    or, for a negative MRD, the sensitivity that sample earned.
    """

    ref: str
    day: float
    state: ValueState
    text: str
    value: float | None = None
    limit: float | None = None
    lead: str = ""
    """What several marks of one day share, said once in the readout: "not detected: F 3.1·10⁻⁵, N 9.6·10⁻⁶"."""
    short: str = ""
    """The text after the lead; the full text when empty."""
    label: str = ""
    """Text beside the mark that does not depend on the cursor."""
    letter: str = ""
    earns_claim: bool = True
    """False for a negative MRD whose sensitivity is worse than the claim asks for."""
    is_held: bool = False
    is_excluded: bool = False
    is_unconfirmed: bool = False
    """A first qualifying sample that waits for its repeat; drawn with a ring."""
    note: str = ""
    """Why the mark is held or excluded, or what else the table should say."""
    date: date | None = None
    lloq: float | None = None
    lloq_text: str = ""
    run: str = ""

    def __post_init__(self) -> None:
        if (self.value is not None) != (self.state is ValueState.QUANTIFIED):
            raise ValueError(f"a {self.state} mark cannot stand at the value {self.value!r}")

    @property
    def height(self) -> float | None:
        """The number on the value axis, or None when the mark is not on it."""
        return self.value if self.value is not None else self.limit

    @property
    def study_day(self) -> int:
        """The whole day: samples of one day share a readout whatever their hour."""
        return math.floor(self.day)

    @property
    def place(self) -> MarkPlace:
        if not self.state.is_evaluable:
            return MarkPlace.READOUT_ONLY
        if self.height is not None:
            return MarkPlace.AXIS
        # "Detected" has no height without its LLOQ, and the strip is for what was not detected.
        return MarkPlace.RUG if self.state is ValueState.NOT_DETECTED else MarkPlace.READOUT_ONLY

    @property
    def joins(self) -> bool:
        """Whether a line may run through the mark: excluded and held values are passed over."""
        return not (self.is_excluded or self.is_held) and self.state.is_evaluable


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A line between two marks; tentative when either end is only known to lie beyond a limit."""

    start: Mark
    end: Mark
    heights: tuple[float, float]
    is_tentative: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Marks of one analyte in one unit, by day."""

    key: SeriesKey
    name: str
    symbol: Symbol
    line: LineStyle
    marks: tuple[Mark, ...]
    end_label: str = ""
    """Written beside the last mark when several series share a panel."""

    def segments(self) -> tuple[Segment, ...]:
        """The lines of the series: "not detected" ends a line and is never joined."""
        if self.line is LineStyle.NONE:
            return ()
        found: list[Segment] = []
        previous: Mark | None = None
        for mark in sorted(self.marks, key=lambda m: m.day):
            if not mark.joins:
                continue
            if mark.place is not MarkPlace.AXIS or mark.height is None:
                previous = None
                continue
            if previous is not None and previous.height is not None:
                heights = previous.height, mark.height
                tentative = {previous.state, mark.state} != {ValueState.QUANTIFIED}
                found.append(Segment(start=previous, end=mark, heights=heights, is_tentative=tentative))
            previous = mark
        return tuple(found)


class AxisKind(StrEnum):
    LINEAR = "linear"
    LOG10 = "log10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    value: float
    text: str


@dataclass(frozen=True, kw_only=True)
class ValueAxis:
    """A value axis with ticks of its own; a log axis is linear in log10, yet `low` and `high` are values.

    Without slots, so that where its ends stand is worked out once for all the marks of a panel.
    """

    kind: AxisKind
    low: float
    high: float
    ticks: tuple[Tick, ...]

    def position(self, value: float) -> float:
        """Where a value stands on the axis, in the axis' own linear units; values beyond the axis stand at its end."""
        held = min(max(value, self.low), self.high)
        return math.log10(held) if self.kind is AxisKind.LOG10 else held

    @cached_property
    def span(self) -> tuple[float, float]:
        return self.position(self.low), self.position(self.high)


def log_axis(values: Iterable[float], *, powers: bool = False, headroom: float = 3.4) -> ValueAxis:
    """A log axis around positive values with ticks at decades: written out, or as powers of ten for fractions.

    It begins at half the lowest value and leaves `headroom` times the highest above it; where fractions span more than
    five decades every second one is written.
    """
    known = [value for value in values if value > 0]
    if not known:
        raise ValueError("a log axis needs at least one positive value")
    low, high = min(known) / 2, max(known) * headroom
    if high / low < 100:
        middle = math.sqrt(low * high)
        low, high = middle / 10, middle * 10
    exponents = range(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)
    stride = 2 if powers and len(exponents) > 5 else 1
    ticks = tuple(
        Tick(value=10.0**k, text=wording.power_of_ten(k) if powers else decade(k)) for k in exponents if k % stride == 0
    )
    return ValueAxis(kind=AxisKind.LOG10, low=low, high=high, ticks=ticks)


def decade(exponent: int) -> str:
    """A power of ten written out, with thin spaces from five digits on: 0.1, 1, 1000, 10 000."""
    if exponent < 0:
        return f"{10.0**exponent:.{-exponent}f}"
    digits = str(10**exponent)
    return f"{10**exponent:,}".replace(",", wording.THIN_SPACE) if len(digits) >= 5 else digits


def linear_axis(values: Iterable[float], *, step: float, low: float = 0.0) -> ValueAxis:
    """A linear axis from `low` to above the largest value, with a tick every `step`."""
    top = max([*values, low + step])
    count = math.ceil((top - low) / step)
    ticks = tuple(Tick(value=low + k * step, text=f"{low + k * step:g}") for k in range(count + 1))
    room = 0.12 * count * step
    return ValueAxis(kind=AxisKind.LINEAR, low=low - room, high=low + count * step + room, ticks=ticks)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitStep:
    """A detection limit from a day on, until the next step; it changes when the assay does."""

    day: float
    value: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The LLOQ of a series, run by run. One text for all of it where the steps are too many to be named each."""

    key: SeriesKey
    steps: tuple[LimitStep, ...]
    text: str = ""


class Side(StrEnum):
    """Which side of a threshold is tinted."""

    NEITHER = "neither"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A cutoff of a rule, with the rule's id and value in its text; without a series it is drawn in the axis' grey."""

    value: float
    text: str
    key: SeriesKey | None = None
    tinted: Side = Side.NEITHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Shade:
    """Days tinted in one panel, such as the interval in which the transgene was lost."""

    left_day: float
    right_day: float
    key: SeriesKey
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Callout:
    """A parameter shown at its mark with a drop line: the C with its subscript "max", then the words."""

    day: float
    value: float
    key: SeriesKey
    name: str
    subscript: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLine:
    """A curve of a model with its pointwise band; drawn so that nobody takes it for a measurement."""

    key: SeriesKey
    days: tuple[float, ...]
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    text: str
    """What the key says beside "model": where the curve comes from and what it predicts."""


class PanelKey(StrEnum):
    """The panels a figure may have, from top to bottom."""

    TRANSGENE = "transgene"
    TRANSGENE_PER_UL = "transgene_per_ul"
    CAR_CELLS = "car_cells"
    CAR_PERCENT = "car_percent"
    B_CELLS = "b_cells"
    MRD = "mrd"
    EXHAUSTION = "exhaustion"


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """What one panel says about one day: the mark whose symbol leads it, and the sentence."""

    mark: Mark
    series: Series
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One analyte in one unit on the shared day axis."""

    key: PanelKey
    title: str
    unit: str
    axis: ValueAxis
    series: tuple[Series, ...]
    remark: str = ""
    """A few words set as a pill beside the unit, such as "supporting, not a trigger"."""
    limits: tuple[Limit, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    shades: tuple[Shade, ...] = ()
    callouts: tuple[Callout, ...] = ()
    model: ModelLine | None = None

    def marks(self) -> Iterator[tuple[Series, Mark]]:
        return ((series, mark) for series in self.series for mark in series.marks)

    @property
    def has_rug(self) -> bool:
        return any(mark.place is MarkPlace.RUG for _, mark in self.marks())

    def readout(self, day: float) -> Readout | None:
        """The panel's sentence for a whole day, the marks of one lead said together; None without a sample."""
        found = [(series, mark) for series, mark in self.marks() if mark.study_day == math.floor(day)]
        if not found:
            return None
        several = len(found) > 1
        phrases: list[str] = []
        lead = ""
        for _, mark in found:
            if not several:
                phrases.append(mark.text)
            elif mark.lead and mark.lead == lead:
                phrases[-1] += f", {mark.short or mark.text}"
            elif mark.lead:
                phrases.append(f"{mark.lead}: {mark.short or mark.text}")
            else:
                phrases.append(mark.short or mark.text)
            lead = mark.lead
        series, mark = found[0]
        return Readout(mark=mark, series=series, text="; ".join(phrases))


class RibbonSymbol(StrEnum):
    """The sign before a ribbon: the finding's state, or the flag that asks for review."""

    MET = "met"
    NOT_MET = "not_met"
    UNCONFIRMED = "unconfirmed"
    NOT_EVALUABLE = "not_evaluable"
    CONFLICT = "conflict"
    HELD = "held"
    FLAG = "flag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ribbon:
    """A finding over the days it rests on: hatched from the last good to the first qualifying sample, solid to the
    confirming one."""

    ref: str
    rule_id: str
    title: str
    words: str
    symbol: RibbonSymbol
    sentence: str = ""
    """Why, in one sentence; shown when a person asks the ribbon."""
    last_good_day: float | None = None
    first_day: float | None = None
    confirmed_day: float | None = None


class EventLane(StrEnum):
    CELLS = "cells"
    DRUGS = "drugs"
    STEROIDS = "steroids"
    DISEASE = "disease"


class Glyph(StrEnum):
    """The shape of an event; study cells share one glyph whatever the arm."""

    INFUSION = "infusion"
    BAR = "bar"
    HATCHED_BAR = "hatched_bar"
    DIAMOND = "diamond"
    REMISSION = "remission"
    DISEASE = "disease"
    LAST_CONTACT = "last_contact"
    DEATH = "death"
    NONE = "none"
    """Words without a glyph: what was looked for and not recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMark:
    """One event of the patient's course in its lane."""

    ref: str
    lane: EventLane
    glyph: Glyph
    day: float
    label: str
    end_day: float | None = None
    is_landmark: bool = False
    """Cuts the course, so a line runs through all panels: infusion, HSCT, relapse, death."""
    date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMarker:
    """A day with words, such as today or the end of a window."""

    day: float
    text: str


class KeyEntry(StrEnum):
    """A sign that needs explaining under this figure."""

    QUANTIFIED = "quantified"
    BELOW_LLOQ = "below_lloq"
    NOT_DETECTED = "not_detected"
    ABOVE_ULOQ = "above_uloq"
    NEGATIVE_AT_SENSITIVITY = "negative_at_sensitivity"
    HELD = "held"
    EXCLUDED = "excluded"
    UNCONFIRMED = "unconfirmed"
    MODEL = "model"
    """A line nobody measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """A row of the table twin."""

    ref: str
    day: float
    date: date | None
    panel: str
    series: str
    value_text: str
    state: str
    lloq: str
    run: str
    note: str


@dataclass(frozen=True, kw_only=True)
class FigureSpec:
    """One patient's timeline: panels over one day axis, findings above, events below.

    Without slots, so that what its key explains is found once for all who lay it out and paint it.
    """

    title: str
    first_day: float
    last_day: float
    break_day: float = 28.0
    compression: float = 5.0
    panels: tuple[Panel, ...] = ()
    ribbons: tuple[Ribbon, ...] = ()
    events: tuple[EventMark, ...] = ()
    today: DayMarker | None = None
    window_end: DayMarker | None = None
    omissions: tuple[str, ...] = field(default=())
    """What the figure leaves out and why, one phrase each."""

    def __post_init__(self) -> None:
        if not self.first_day < self.last_day:
            raise ValueError(f"a figure from day {self.first_day} to day {self.last_day} has no width")

    def marks(self) -> Iterator[tuple[Panel, Series, Mark]]:
        return ((panel, series, mark) for panel in self.panels for series, mark in panel.marks())

    def sample_days(self) -> tuple[float, ...]:
        """Where marks stand, ascending; the cursor stops at these."""
        return tuple(sorted({mark.day for _, _, mark in self.marks()}))

    @cached_property
    def key_entries(self) -> tuple[KeyEntry, ...]:
        """The signs present in this figure, in the order they are explained."""
        present: set[KeyEntry] = set()
        for _, _, mark in self.marks():
            if mark.is_excluded:
                present.add(KeyEntry.EXCLUDED)
            elif mark.is_held:
                present.add(KeyEntry.HELD)
            elif mark.place is MarkPlace.RUG:
                present.add(KeyEntry.NOT_DETECTED)
            elif mark.place is MarkPlace.AXIS:
                present.add(
                    {
                        ValueState.QUANTIFIED: KeyEntry.QUANTIFIED,
                        ValueState.DETECTED_BELOW_LLOQ: KeyEntry.BELOW_LLOQ,
                        ValueState.NOT_DETECTED: KeyEntry.NEGATIVE_AT_SENSITIVITY,
                        ValueState.ABOVE_ULOQ: KeyEntry.ABOVE_ULOQ,
                    }[mark.state]
                )
            if mark.is_unconfirmed:
                present.add(KeyEntry.UNCONFIRMED)
        if self.model is not None:
            present.add(KeyEntry.MODEL)
        return tuple(entry for entry in KeyEntry if entry in present)

    @property
    def model(self) -> ModelLine | None:
        """The curve of the model in this figure, if one is drawn."""
        return next((panel.model for panel in self.panels if panel.model is not None), None)

    def table(self) -> tuple[FigureRow, ...]:
        """The same numbers as rows, in the order of the panels and then by day; events follow."""
        rows: list[FigureRow] = []
        for panel in self.panels:
            for series, mark in sorted(panel.marks(), key=lambda pair: pair[1].day):
                state = wording.state(mark.state)
                if mark.is_held:
                    state += ", held"
                if mark.is_excluded:
                    state += ", excluded"
                rows.append(
                    FigureRow(
                        ref=mark.ref,
                        day=mark.day,
                        date=mark.date,
                        panel=panel.title,
                        series=series.name,
                        value_text=mark.text,
                        state=state,
                        lloq=mark.lloq_text,
                        run=mark.run,
                        note=mark.note,
                    )
                )
        rows.extend(
            FigureRow(
                ref=event.ref,
                day=event.day,
                date=event.date,
                panel="Events",
                series=event.lane.value,
                value_text=event.label,
                state="",
                lloq="",
                run="",
                note=_event_note(event),
            )
            for event in sorted(self.events, key=lambda event: event.day)
            if event.glyph is not Glyph.NONE
        )
        return tuple(rows)


def _event_note(event: EventMark) -> str:
    if event.end_day is not None and event.end_day != event.day:
        return f"to {wording.day(event.end_day)}"
    return ""
