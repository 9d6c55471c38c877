"""The issues of a file as rows: each problem once with all its places, what needs a person first."""

from __future__ import annotations

from collections.abc import Sequence

from labmon.domain.issue import Issue, Place, Severity
from labmon.domain.muting import Muting
from labmon.domain.reading import FileReading
from labmon.workflow.import_plan import ImportPlan, PlanEntry, PlanState
from labmon_ui.pages.import_files.model import (
    IssueAction,
    IssueRow,
)
from labmon_ui.pages.import_files.queue import MAPPABLE, QUESTIONS
from labmon_ui.texts import issue_advice, issue_sentence, tr
from labmon_ui.widgets.state_symbol import StateSymbol

_CONFLICTS = frozenset({"I204", "C505"})
_Found = tuple[Issue, PlanEntry | None]


def issue_rows(reading: FileReading, plan: ImportPlan) -> tuple[IssueRow, ...]:
    """Every problem once, with its places: what needs a person first, then what holds, then notes."""
    gathered: dict[tuple[str, str], list[_Found]] = {}

    def gather(issue: Issue, entry: PlanEntry | None = None) -> None:
        gathered.setdefault((issue.code, issue_sentence(issue)), []).append((issue, entry))

    for entry in plan.entries:
        if entry.issue is not None:
            gather(entry.issue, entry)
        if entry.draft is not None:
            for issue in entry.draft.issues:
                gather(issue, entry)
    for issue in (*plan.issues, *reading.issues):
        gather(issue)
    if reading.unread and not any(issue.code == "I004" for issue in reading.issues):
        gather(Issue(code="I004", parameters={"columns": ", ".join(reading.unread)}))
    mutings = {muting.code: muting for muting in plan.muted}
    rows = [_issue_row(code, sentence, found, mutings.get(code)) for (code, sentence), found in gathered.items()]
    return tuple(sorted(rows, key=_urgency))


def _issue_row(code: str, sentence: str, found: Sequence[_Found], muting: Muting | None) -> IssueRow:
    stands_at = (issue.place or (entry.place if entry is not None else None) for issue, entry in found)
    places = tuple(dict.fromkeys(place for place in stands_at if place is not None))
    entries = tuple(dict.fromkeys(entry.key for _, entry in found if entry is not None))
    open_entries = [entry for _, entry in found if entry is not None and entry.is_open]
    first = found[0][0]
    if code in _CONFLICTS:
        symbol = StateSymbol.CONFLICT if open_entries else StateSymbol.READY
        action = IssueAction.DECIDE
    elif code in MAPPABLE and entries:
        symbol, action = StateSymbol.REJECTED, IssueAction.MAP
    elif code in QUESTIONS:
        symbol, action = StateSymbol.NEEDS_PERSON, IssueAction.ANSWER
    else:
        is_rejected = any(entry is not None and entry.state is PlanState.REJECTED for _, entry in found)
        holds = StateSymbol.REJECTED if is_rejected else StateSymbol.HELD
        warns = first.severity is Severity.WARNS
        symbol = StateSymbol.NOTE if warns else holds
        action = (IssueAction.UNMUTE if muting else IssueAction.MUTE) if warns else IssueAction.NONE
    return IssueRow(
        key=f"{code}:{sentence}",
        symbol=symbol,
        code=code,
        where=where_words(places),
        sentence=sentence,
        advice=issue_advice(first),
        action=action,
        places=places,
        entry_keys=entries,
        muting=muting if action is IssueAction.UNMUTE else None,
    )


_URGENCY = (
    StateSymbol.CONFLICT,
    StateSymbol.NEEDS_PERSON,
    StateSymbol.REJECTED,
    StateSymbol.HELD,
    StateSymbol.NOTE,
    StateSymbol.READY,
)


def _urgency(row: IssueRow) -> tuple[bool, int]:
    return row.muting is not None, _URGENCY.index(row.symbol)


def where_words(places: Sequence[Place]) -> str:
    """ "Row 84, CT", "Rows 91–96", "Results!C45 and 3 more"."""
    rows = sorted({place.row for place in places if place.row is not None})
    if not places:
        return tr("the file")
    if not rows:
        return str(places[0])
    headings = {place.heading for place in places}
    heading = next(iter(headings)) if len(headings) == 1 else None
    tail = f", {heading}" if heading else ""
    if len(rows) == 1:
        return tr("Row {row}", row=rows[0]) + tail
    if rows[-1] - rows[0] == len(rows) - 1:
        return tr("Rows {first}\u2013{last}", first=rows[0], last=rows[-1]) + tail
    shown = ", ".join(str(row) for row in rows[:3])
    more = tr(" and {n} more", n=len(rows) - 3) if len(rows) > 3 else ""
    return tr("Rows {rows}", rows=shown) + more + tail
