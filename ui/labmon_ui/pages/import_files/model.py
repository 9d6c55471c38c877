"""What the tables of the Import page show: one frozen row each, and how its cells look."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from labmon.domain.issue import Place
from labmon.domain.muting import Muting
from labmon.reports.curve_figure import CurveSpec
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.flat_table import Cell, Column
from labmon_ui.widgets.key_value import KeyValue
from labmon_ui.widgets.state_symbol import StateSymbol

EN_DASH = "\u2013"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A state in words with its symbol."""

    text: str
    symbol: StateSymbol | None = None
    tone: Tone = Tone.TEXT2
    is_strong: bool = False
    tooltip: str = ""
    progress: float | None = None

    def cell(self) -> Cell:
        return Cell(
            text=self.text,
            tone=self.tone,
            weight=Weight.STRONG if self.is_strong else Weight.REGULAR,
            symbol=self.symbol,
            progress=self.progress,
            tooltip=self.tooltip,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """One file of the queue."""

    key: int
    name: str
    folder: str
    recognised_as: str
    is_recognised: bool
    run_date: str
    readings: int | None
    issues: Word
    counts: tuple[int, int, int, int] | None
    """New, identical, conflicting, rejected; None before there is a plan."""
    state: Word


class ContentState(StrEnum):
    """What becomes of a row of the file; the filter's choices."""

    NEW = "new"
    IDENTICAL = "identical"
    CONFLICTING = "conflicting"
    REJECTED = "rejected"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentRow:
    """A result or fact the file offers, or a row of readings behind it."""

    key: str
    lead: str
    """The well, or where the row stands."""
    name: str
    """The specimen or sample, or whose fact it is."""
    about: str
    """The analyte or target."""
    value: str
    detail: str
    state: ContentState
    plan: Word
    issue_code: str
    tooltip: str
    places: tuple[Place, ...]
    entry_key: str | None
    """The entry of the plan it belongs to."""
    can_decide: bool = False


class IssueAction(StrEnum):
    """What a person can do at once about an issue."""

    NONE = ""
    DECIDE = "decide"
    MAP = "map"
    ANSWER = "answer"
    MUTE = "mute"
    UNMUTE = "unmute"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRow:
    """One problem, once, with every place it stands at."""

    key: str
    symbol: StateSymbol
    code: str
    where: str
    sentence: str
    advice: str
    action: IssueAction
    places: tuple[Place, ...]
    entry_keys: tuple[str, ...] = ()
    muting: Muting | None = None
    """Why nobody wants to be warned of this any more; such a row stands last and is not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """One acceptance limit against what the run shows."""

    key: str
    title: str
    observed: str
    limit: str
    symbol: StateSymbol
    outcome: str
    tooltip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """One run of the selected file; a file without a run shows only its facts."""

    key: str
    title: str
    subtitle: str
    acceptance: Word | None
    curve: CurveSpec | None
    checks: tuple[CheckRow, ...]
    facts: tuple[KeyValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContent:
    """Everything shown below the queue for one planned file."""

    runs: tuple[RunFacts, ...]
    results: tuple[ContentRow, ...]
    readings: tuple[ContentRow, ...]
    results_are_facts: bool
    issues: tuple[IssueRow, ...]
    unread: tuple[str, ...]
    headings: dict[tuple[str | None, int], str]
    """The words over a column of the original, by sheet and 1-based column, where a reader used them."""
    can_save_rejected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """The bar at the bottom: counts in words, why a button is off, what the buttons do."""

    file_name: str
    counts: tuple[tuple[str, Tone], ...]
    accept_reason: str
    ready_text: str
    ready_reason: str


def queue_columns() -> tuple[Column[QueueRow], ...]:
    def count(number: int, title: str, width: int, tone: Tone = Tone.TEXT) -> Column[QueueRow]:
        return Column(title=title, cell=lambda row: _count_cell(row, number, tone), width=width, is_number=True)

    return (
        Column(title=tr("File"), cell=_file_cell, width=264, least=170),
        Column(title=tr("Recognised as"), cell=_recognised_cell, width=236, least=120),
        Column(title=tr("Run date"), cell=lambda row: Cell(text=row.run_date, tone=Tone.TEXT2), width=110),
        Column(
            title=tr("Readings"),
            cell=lambda row: Cell(text="" if row.readings is None else str(row.readings), tone=Tone.TEXT2),
            width=84,
            least=70,
            is_number=True,
        ),
        Column(title=tr("Issues"), cell=lambda row: row.issues.cell(), width=188, least=120, size=TextSize.SMALL),
        count(0, tr("New"), 64),
        count(1, tr("Identical"), 76),
        count(2, tr("Conflicting"), 88, Tone.PURPLE),
        count(3, tr("Rejected"), 80),
        Column(title=tr("State"), cell=lambda row: row.state.cell(), least=130, size=TextSize.SMALL),
    )


def _file_cell(row: QueueRow) -> Cell:
    return Cell(text=row.name, detail=row.folder, tooltip=f"{row.folder}/{row.name}".lstrip("/"), weight=Weight.MEDIUM)


def _recognised_cell(row: QueueRow) -> Cell:
    return Cell(text=row.recognised_as, tone=Tone.TEXT2 if row.is_recognised else Tone.TEXT3, tooltip=row.recognised_as)


def _sentence_cell(row: IssueRow) -> Cell:
    tooltip = f"{row.sentence}\n{row.advice}".strip()
    if row.muting is None:
        return Cell(text=row.sentence, detail=row.advice, tooltip=tooltip)
    muted = tr("muted by {person}: {reason}", person=row.muting.muted_by, reason=row.muting.reason)
    return Cell(text=row.sentence, detail=muted, tone=Tone.TEXT3, tooltip=f"{tooltip}\n{muted}")


def _count_cell(row: QueueRow, number: int, tone: Tone) -> Cell:
    if row.counts is None:
        return Cell()
    count = row.counts[number]
    if not count:
        return Cell(text=EN_DASH, tone=Tone.TEXT3)
    return Cell(text=str(count), tone=tone, weight=Weight.STRONG if tone is Tone.PURPLE else Weight.REGULAR)


def _issue_cell(row: ContentRow) -> Cell:
    return Cell(text=row.issue_code, tone=Tone.TEXT2)


def _value_cell(row: ContentRow) -> Cell:
    return Cell(text=row.value, detail=row.detail, weight=Weight.STRONG, tooltip=row.tooltip)


def _muted(text: str, tooltip: str = "") -> Cell:
    return Cell(text=text, tone=Tone.TEXT2, tooltip=tooltip)


def result_columns() -> tuple[Column[ContentRow], ...]:
    return (
        Column(
            title=tr("Specimen"),
            cell=lambda row: Cell(text=row.name, tooltip=row.name),
            least=152,
            size=TextSize.SMALL,
        ),
        Column(
            title=tr("Analyte"),
            cell=lambda row: _muted(row.about, row.tooltip),
            width=150,
            least=80,
            size=TextSize.SMALL,
        ),
        Column(title=tr("Result"), cell=_value_cell, width=162, least=142, is_number=True, size=TextSize.SMALL),
        Column(title=tr("Plan"), cell=lambda row: row.plan.cell(), width=98, size=TextSize.SMALL),
        Column(title=tr("Issue"), cell=_issue_cell, width=52, size=TextSize.SMALL),
    )


def fact_columns() -> tuple[Column[ContentRow], ...]:
    return (
        Column(
            title=tr("Fact"),
            cell=lambda row: Cell(text=row.name, tooltip=row.name),
            width=210,
            least=120,
            size=TextSize.SMALL,
        ),
        Column(
            title=tr("The file says"), cell=lambda row: _muted(row.value, row.tooltip or row.value), size=TextSize.SMALL
        ),
        Column(title=tr("Plan"), cell=lambda row: row.plan.cell(), width=96, size=TextSize.SMALL),
        Column(title=tr("Issue"), cell=_issue_cell, width=58, size=TextSize.SMALL),
    )


def reading_columns() -> tuple[Column[ContentRow], ...]:
    return (
        Column(title=tr("Well"), cell=lambda row: Cell(text=row.lead), width=56, least=50, size=TextSize.SMALL),
        Column(
            title=tr("Sample"),
            cell=lambda row: Cell(text=row.name, tooltip=row.name),
            least=146,
            size=TextSize.SMALL,
        ),
        Column(
            title=tr("Target"), cell=lambda row: _muted(row.about, row.about), width=70, least=44, size=TextSize.SMALL
        ),
        Column(title=tr("Reading"), cell=_value_cell, width=172, least=156, is_number=True, size=TextSize.SMALL),
        Column(title=tr("Plan"), cell=lambda row: row.plan.cell(), width=98, size=TextSize.SMALL),
        Column(title=tr("Issue"), cell=_issue_cell, width=52, size=TextSize.SMALL),
    )


def issue_columns() -> tuple[Column[IssueRow], ...]:
    actions = {
        IssueAction.NONE: "",
        IssueAction.DECIDE: tr("Decide…"),
        IssueAction.MAP: tr("Map…"),
        IssueAction.ANSWER: tr("Answer…"),
        IssueAction.MUTE: tr("Mute…"),
        IssueAction.UNMUTE: tr("Unmute…"),
    }
    return (
        Column(
            title=tr("Code"),
            cell=lambda row: Cell(
                text=row.code, symbol=row.symbol, weight=Weight.STRONG, tone=Tone.TEXT3 if row.muting else Tone.TEXT
            ),
            width=84,
            size=TextSize.SMALL,
        ),
        Column(
            title=tr("Where"), cell=lambda row: _muted(row.where, row.where), width=170, least=90, size=TextSize.SMALL
        ),
        Column(
            title=tr("What"),
            cell=_sentence_cell,
            size=TextSize.SMALL,
        ),
        Column(
            title="",
            cell=lambda row: Cell(text=actions[row.action], is_link=bool(row.action)),
            width=92,
            is_number=True,
            size=TextSize.SMALL,
        ),
    )


ISSUE_ACTION_COLUMN = 3
