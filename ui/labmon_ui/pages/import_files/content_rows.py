"""What one file holds, as rows: results or facts with their plan, the readings behind them, the run's checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.issue import Issue
from labmon.domain.reading import FileReading, Qualifier, Reading, ReadingKind, Task
from labmon.domain.run import Acceptance, CheckOutcome, Run, RunCheck
from labmon.domain.wording import NO_BREAK_SPACE, THIN_SPACE
from labmon.reports.curve_figure import curve_spec
from labmon.workflow.import_plan import Decision, ImportPlan, PlanEntry, PlanState
from labmon_ui.pages.import_files.issue_rows import issue_rows
from labmon_ui.pages.import_files.model import (
    CheckRow,
    ContentRow,
    ContentState,
    FileContent,
    RunFacts,
    Word,
)
from labmon_ui.pages.import_files.queue import QueuedFile
from labmon_ui.palette import Tone
from labmon_ui.texts import tr, tr_count
from labmon_ui.widgets.key_value import KeyValue
from labmon_ui.widgets.state_symbol import StateSymbol

_DECIDED = {
    Decision.KEEP_AS_REPEAT: ("keep both", StateSymbol.READY, Tone.GREEN),
    Decision.REPLACE: ("replace", StateSymbol.READY, Tone.GREEN),
    Decision.REJECT: ("rejected", StateSymbol.REJECTED, Tone.TEXT2),
}


def file_content(file: QueuedFile, assay_titles: Mapping[str, str]) -> FileContent:
    """Everything shown below the queue."""
    reading, plan = file.reading, file.plan
    assert reading is not None  # only planned files are shown
    assert plan is not None
    entries = {index: entry for entry in _least_urgent_first(plan.entries) for index in entry.reading_indices}
    return FileContent(
        runs=tuple(_run_facts(run, plan, assay_titles) for run in plan.runs) or (_file_facts(reading),),
        results=tuple(_entry_row(entry, reading) for entry in plan.entries),
        readings=_reading_rows(reading, entries),
        results_are_facts=bool(reading.clinical_rows),
        issues=issue_rows(reading, plan),
        unread=reading.unread,
        headings=_headings(reading),
        can_save_rejected=plan.count(PlanState.REJECTED) > 0,
    )


def _least_urgent_first(entries: Sequence[PlanEntry]) -> list[PlanEntry]:
    """So that of several entries resting on one reading the one that needs a person wins."""
    order = (PlanState.IDENTICAL, PlanState.NEW, PlanState.REJECTED, PlanState.CONFLICTING)
    return sorted(entries, key=lambda entry: order.index(entry.state))


def plan_word(entry: PlanEntry) -> Word:
    match entry.state:
        case PlanState.NEW:
            if entry.draft is not None and entry.draft.held_reason:
                held = tr("held: {reason}", reason=entry.draft.held_reason)
                return Word(text=tr("new, held"), symbol=StateSymbol.HELD, tone=Tone.RED, tooltip=held)
            return Word(text=tr("completes") if entry.fact and entry.note else tr("+ new"), tooltip=entry.note or "")
        case PlanState.IDENTICAL:
            return Word(text=tr("identical"), tone=Tone.TEXT3, tooltip=entry.note or "")
        case PlanState.REJECTED:
            return Word(text=tr("rejected"), symbol=StateSymbol.REJECTED, tooltip=entry.offered)
        case PlanState.CONFLICTING if entry.decision is not None:
            text, symbol, tone = _DECIDED[entry.decision]
            return Word(text=tr(text), symbol=symbol, tone=tone)
        case PlanState.CONFLICTING:
            tooltip = tr("On record: {recorded}", recorded=entry.recorded or "")
            return Word(
                text=tr("conflict"), symbol=StateSymbol.CONFLICT, tone=Tone.PURPLE, is_strong=True, tooltip=tooltip
            )


_METHODS = {MrdMethod.FLOW: "flow", MrdMethod.NGS: "NGS", MrdMethod.RQ_PCR: "RQ-PCR"}


def _entry_row(entry: PlanEntry, reading: FileReading) -> ContentRow:
    draft = entry.draft
    is_rejected = entry.state is PlanState.REJECTED
    places = tuple(dict.fromkeys(reading.readings[index].place for index in entry.reading_indices))
    if not places and entry.place is not None:
        places = (entry.place,)
    about = draft.analyte.label if draft is not None else ""
    if draft is not None and draft.method is not None:
        about += f" ({_METHODS[draft.method]})"
    if is_rejected and draft is None and entry.fact is None:
        about = entry.target or ""
    held = tr("held: {reason}", reason=draft.held_reason) if draft is not None and draft.held_reason else ""
    lines = (
        entry.title,
        entry.offered,
        *entry.derived,
        tr("on record: {recorded}", recorded=entry.recorded) if entry.recorded else "",
        entry.note or "",
        held,
    )
    issue = entry.issue or (draft.issues[0] if draft is not None and draft.issues else None)
    readings_text = tr_count(len(entry.reading_indices), "{n} reading", "{n} readings")
    return ContentRow(
        key=entry.key,
        lead=str(entry.place) if entry.place is not None else "",
        name=draft.specimen_code if draft is not None else entry.title,
        about=about,
        value=readings_text if is_rejected and entry.fact is None else entry.offered,
        detail="",
        state=ContentState(entry.state.value),
        plan=plan_word(entry),
        issue_code=issue.code if issue is not None else "",
        tooltip="\n".join(dict.fromkeys(line for line in lines if line)),
        places=places,
        entry_key=entry.key,
        can_decide=entry.state is PlanState.CONFLICTING,
    )


_RowKey = tuple[str | None, int | None, str | None, str | None, str | None, str | None]


def _reading_rows(reading: FileReading, entries: Mapping[int, PlanEntry]) -> tuple[ContentRow, ...]:
    groups: dict[_RowKey, list[int]] = {}
    for index, each in enumerate(reading.readings):
        place = each.place
        key = (place.sheet, place.row, place.element, each.well, each.sample, each.target)
        groups.setdefault(key, []).append(index)
    issues = _codes_by_row(reading.issues)
    return tuple(_reading_row(reading, indices, entries, issues) for indices in groups.values())


def _codes_by_row(issues: Iterable[Issue]) -> dict[tuple[str | None, int], str]:
    found: dict[tuple[str | None, int], str] = {}
    for issue in issues:
        if issue.place is not None and issue.place.row is not None:
            found.setdefault((issue.place.sheet, issue.place.row), issue.code)
    return found


def _reading_row(
    reading: FileReading,
    indices: Sequence[int],
    entries: Mapping[int, PlanEntry],
    issue_codes: Mapping[tuple[str | None, int], str],
) -> ContentRow:
    group = [reading.readings[index] for index in indices]
    first = group[0]
    entry = next((entries[index] for index in indices if index in entries), None)
    if entry is not None:
        state, word = ContentState(entry.state.value), plan_word(entry)
    else:
        state, word = ContentState.UNUSED, Word(text=_unused_word(first), tone=Tone.TEXT3)
    code = entry.issue.code if entry is not None and entry.issue is not None else ""
    if not code and first.place.row is not None:
        code = issue_codes.get((first.place.sheet, first.place.row), "")
    text, rest = _said(group)
    everything = "\n".join(f"{_kind_words(each.kind)}: {each.raw}" for each in group)
    return ContentRow(
        key=str(indices[0]),
        lead=first.well or "",
        name=first.sample or "",
        about=first.target or "",
        value=text,
        detail=rest,
        state=state,
        plan=word,
        issue_code=code,
        tooltip=everything,
        places=tuple(dict.fromkeys(each.place for each in group)),
        entry_key=entry.key if entry is not None else None,
        can_decide=entry is not None and entry.state is PlanState.CONFLICTING,
    )


def _unused_word(reading: Reading) -> str:
    if reading.is_omitted:
        return tr("omitted")
    match reading.task:
        case Task.STANDARD:
            return tr("standard")
        case Task.NTC:
            return tr("no template")
        case Task.POSITIVE_CONTROL | Task.NEGATIVE_CONTROL:
            return tr("control")
        case _:
            return tr("not used")


_SAID_FIRST = (
    ReadingKind.CQ,
    ReadingKind.QUANTITY,
    ReadingKind.DNA_NG_PER_UL,
    ReadingKind.MRD_STATE,
    ReadingKind.MRD_FRACTION,
    ReadingKind.MRD_COPIES_PER_MILLION,
    ReadingKind.MRD_EVENTS,
    ReadingKind.COUNT,
    ReadingKind.PERCENT_OF_PARENT,
    ReadingKind.PERCENT_OF_TOTAL,
    ReadingKind.STATISTIC,
)
_QUALIFIED = {
    Qualifier.UNDETERMINED: "no Cq",
    Qualifier.NO_CALL: "no call",
    Qualifier.SATURATED: "saturated",
    Qualifier.NOT_COMPUTED: "not computed",
}


def _said(group: Sequence[Reading]) -> tuple[str, str]:
    """What the instrument said in a row, at most two things, and how many more there are."""
    ranked = sorted(group, key=lambda r: _SAID_FIRST.index(r.kind) if r.kind in _SAID_FIRST else len(_SAID_FIRST))
    shown = [each for each in ranked if each.kind in _SAID_FIRST][:2] or ranked[:1]
    rest = len(group) - len(shown)
    return " · ".join(_say(each) for each in shown), f"+{rest}" if rest else ""


def _say(reading: Reading) -> str:
    if reading.qualifier in _QUALIFIED:
        return tr(_QUALIFIED[reading.qualifier])
    match reading.kind:
        case ReadingKind.CQ:
            return f"Cq{NO_BREAK_SPACE}{_short(reading)}"
        case ReadingKind.QUANTITY:
            return f"{_short(reading)}{NO_BREAK_SPACE}{reading.unit or tr('copies')}"
        case ReadingKind.DNA_NG_PER_UL:
            return f"{_short(reading)}{NO_BREAK_SPACE}ng/µL"
        case ReadingKind.PERCENT_OF_PARENT | ReadingKind.PERCENT_OF_TOTAL:
            return f"{_short(reading).rstrip('% ')}{NO_BREAK_SPACE}%"
        case ReadingKind.COUNT | ReadingKind.EVENT_COUNT | ReadingKind.MRD_EVENTS:
            return f"{_short(reading)}{NO_BREAK_SPACE}{tr('events')}"
        case _:
            unit = f"{NO_BREAK_SPACE}{reading.unit}" if reading.unit else ""
            return f"{_short(reading)}{unit}"


def _short(reading: Reading) -> str:
    """The number as the instrument wrote it, without decimals nobody measured."""
    if isinstance(reading.value, float) and len(reading.raw) > _SHORT_NUMBER:
        return count_text(round(reading.value)) if abs(reading.value) >= 10_000 else f"{reading.value:.4g}"
    return reading.raw


_SHORT_NUMBER = 5
"""Characters; a longer number is rounded here and stands in full in the tooltip and in the original."""


def _kind_words(kind: ReadingKind) -> str:
    return kind.value.replace("_", " ")


def _headings(reading: FileReading) -> dict[tuple[str | None, int], str]:
    return {
        (each.place.sheet, each.place.column): each.place.heading
        for each in reading.readings
        if each.place.column is not None and each.place.heading
    }


def count_text(count: int) -> str:
    """A count as people read it: thin spaces from five digits on."""
    return f"{count:,}".replace(",", THIN_SPACE) if count >= 10_000 else str(count)


_OUTCOMES = {
    CheckOutcome.PASSED: StateSymbol.READY,
    CheckOutcome.FAILED: StateSymbol.HELD,
    CheckOutcome.ABSENT: StateSymbol.MISSING,
}


def _run_facts(run: Run, plan: ImportPlan, assay_titles: Mapping[str, str]) -> RunFacts:
    is_accepted = run.acceptance is Acceptance.ACCEPTED
    lloq = next(
        (
            entry.draft.quantity.lloq
            for entry in plan.entries
            if entry.draft is not None
            and entry.draft.run_code == run.run_code
            and entry.draft.analyte is Analyte.TRANSGENE_COPIES_PER_REACTION
        ),
        None,
    )
    title = assay_titles.get(run.assay_id, run.assay_id)
    return RunFacts(
        key=run.run_code,
        title=tr("Run {code}", code=run.run_code),
        subtitle=tr("{assay}, version {version}", assay=title, version=run.assay_version),
        acceptance=Word(
            text=tr("acceptable") if is_accepted else tr("held"),
            symbol=StateSymbol.READY if is_accepted else StateSymbol.HELD,
            tone=Tone.GREEN if is_accepted else Tone.RED,
            is_strong=True,
            tooltip=run.held_because or "",
        ),
        curve=None if run.curve is None else curve_spec(run.curve, lloq),
        checks=tuple(_check_row(check) for check in run.checks),
        facts=_facts_of(plan.reading),
    )


def _check_row(check: RunCheck) -> CheckRow:
    source = tr("Limit from: {source}", source=check.source) if check.source else ""
    return CheckRow(
        key=check.check_id,
        title=check.title,
        observed=_unbroken(check.observed),
        limit=_unbroken(check.limit),
        symbol=_OUTCOMES[check.outcome],
        outcome=tr(check.outcome.value),
        tooltip="\n".join(filter(None, (f"{check.title}: {check.observed} ({check.limit})", source))),
    )


def _unbroken(text: str) -> str:
    """A per cent sign never stands alone on a line."""
    return text.replace(" %", f"{NO_BREAK_SPACE}%")


def _file_facts(reading: FileReading) -> RunFacts:
    return RunFacts(
        key="file",
        title=reading.format_title,
        subtitle=tr("Facts, not measurements: no run to judge.") if reading.clinical_rows else tr("No run in it."),
        acceptance=None,
        curve=None,
        checks=(),
        facts=_facts_of(reading),
    )


def _facts_of(reading: FileReading) -> tuple[KeyValue, ...]:
    facts = (
        (tr("Instrument"), reading.instrument),
        (tr("Software"), reading.software),
        (tr("Started"), (reading.run_started_at or "").replace("T", " ")),
        (tr("Numbers"), reading.locale),
        (tr("Size"), _size(reading.size_bytes)),
        (tr("SHA-256"), f"{reading.sha256[:16]}…"),
    )
    return tuple(KeyValue(name=name, value=value) for name, value in facts if value)


def _size(size_bytes: int) -> str:
    for unit, factor in ((tr("MB"), 1_000_000), (tr("kB"), 1_000)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.1f}{NO_BREAK_SPACE}{unit}"
    return f"{size_bytes}{NO_BREAK_SPACE}{tr('bytes')}"
