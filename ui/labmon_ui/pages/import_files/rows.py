"""Turns what is known of a file into the rows of the tables: states, counts and places in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.issue import Issue, Place, Severity, catalogue_entry
from labmon.domain.reading import FileReading, Qualifier, Reading, ReadingKind, Task
from labmon.domain.run import Acceptance, CheckOutcome, Run, RunCheck
from labmon.domain.wording import NO_BREAK_SPACE, THIN_SPACE
from labmon.reports.curve_figure import curve_spec
from labmon.workflow.import_plan import Decision, ImportPlan, PlanEntry, PlanState
from labmon_ui.pages.import_files.model import (
    CheckRow,
    ContentRow,
    ContentState,
    FileContent,
    Footer,
    IssueAction,
    IssueRow,
    QueueRow,
    RunFacts,
    Word,
)
from labmon_ui.pages.import_files.queue import MAPPABLE, QUESTIONS, QueuedFile, Stage, mappable
from labmon_ui.palette import Tone
from labmon_ui.texts import issue_advice, issue_sentence, tr, tr_count
from labmon_ui.widgets.key_value import KeyValue
from labmon_ui.widgets.state_symbol import StateSymbol

_CONFLICTS = frozenset({"I204", "C505"})

_DECIDED = {
    Decision.KEEP_AS_REPEAT: ("keep both", StateSymbol.READY, Tone.GREEN),
    Decision.REPLACE: ("replace", StateSymbol.READY, Tone.GREEN),
    Decision.REJECT: ("rejected", StateSymbol.REJECTED, Tone.TEXT2),
}


# --- the queue --------------------------------------------------------------------------------------------------------


def queue_row(file: QueuedFile) -> QueueRow:
    reading, plan = file.reading, file.plan
    return QueueRow(
        key=file.number,
        name=file.path.name,
        folder=file.folder,
        recognised_as=_recognised_as(file),
        is_recognised=reading is not None,
        run_date=_day(reading.started) if reading is not None else "",
        readings=None if reading is None else len(reading.readings) or len(reading.clinical_rows),
        issues=_issues_word(file),
        counts=None if plan is None else counts(plan),
        state=state_word(file),
    )


def counts(plan: ImportPlan) -> tuple[int, int, int, int]:
    """New, identical, conflicting and rejected."""
    new, identical, conflicting, rejected = (plan.count(state) for state in PlanState)
    return new, identical, conflicting, rejected


def state_word(file: QueuedFile) -> Word:
    """The last column of the queue."""
    match file.stage:
        case Stage.WAITING:
            return Word(text=tr("waiting"), tone=Tone.TEXT3)
        case Stage.READING:
            return Word(text=tr("reading"), tone=Tone.TEXT3, progress=1 / 3)
        case Stage.PLANNING:
            return Word(text=tr("comparing"), tone=Tone.TEXT3, progress=2 / 3)
        case Stage.ACCEPTING:
            return Word(text=tr("writing"), tone=Tone.TEXT3)
        case Stage.NOT_READ:
            return Word(text=tr("not read"), tone=Tone.TEXT3, symbol=StateSymbol.MISSING)
        case Stage.ACCEPTED:
            tooltip = tr("{n} written to the record", n=file.written)
            return Word(text=tr("accepted"), symbol=StateSymbol.MET, tooltip=tooltip)
        case Stage.REFUSED:
            return _refused_word(file)
        case Stage.PLANNED:
            return _planned_word(file)


def _refused_word(file: QueuedFile) -> Word:
    tooltip = "" if file.error is None else str(file.error)
    if file.is_question:
        text = tr("choose format") if file.code == "I015" else tr("answer")
        return Word(text=text, symbol=StateSymbol.NEEDS_PERSON, tone=Tone.BLUE, is_strong=True, tooltip=tooltip)
    text = tr("not compared") if file.reading is not None else tr("refused")
    return Word(text=text, symbol=StateSymbol.REJECTED, tooltip=tooltip)


def _planned_word(file: QueuedFile) -> Word:
    plan = file.plan
    assert plan is not None  # a planned file has its plan
    if plan.blocking is not None:
        return Word(text=tr("refused"), symbol=StateSymbol.REJECTED, tooltip=issue_sentence(plan.blocking))
    if plan.open_conflicts:
        text = tr("decide {n}", n=plan.open_conflicts)
        return Word(text=text, symbol=StateSymbol.CONFLICT, tone=Tone.PURPLE, is_strong=True)
    to_map = len({(entry.sample, entry.target) for entry in mappable(plan)})
    if plan.adds:
        text = tr("ready, {n} to map", n=to_map) if to_map else tr("ready")
        return Word(text=text, symbol=StateSymbol.READY, tone=Tone.GREEN, is_strong=True)
    if to_map:
        return Word(text=tr("map {n}", n=to_map), symbol=StateSymbol.NEEDS_PERSON, tone=Tone.BLUE, is_strong=True)
    return Word(text=tr("nothing to add"))


def _recognised_as(file: QueuedFile) -> str:
    if file.reading is not None:
        return file.reading.format_title
    match file.stage:
        case Stage.REFUSED if file.is_question:
            return tr("not decided")
        case Stage.REFUSED:
            return tr("not recognised")
        case _:
            return tr("not yet read")


def _issues_word(file: QueuedFile) -> Word:
    if file.stage is Stage.REFUSED:
        symbol = StateSymbol.NEEDS_PERSON if file.is_question else StateSymbol.REJECTED
        meaning = catalogue_entry(file.code).meaning if file.code else tr("labmon made a mistake")
        return Word(text=meaning, symbol=symbol, tooltip=str(file.error))
    if file.reading is None or file.plan is None:
        return Word(text="")
    plan = file.plan
    if plan.open_conflicts:
        return Word(
            text=tr_count(plan.open_conflicts, "{n} conflict", "{n} conflicts"),
            symbol=StateSymbol.CONFLICT,
            tone=Tone.PURPLE,
        )
    held = sum(run.acceptance is Acceptance.HELD for run in plan.runs)
    if held:
        text = tr("run held") if len(plan.runs) == 1 else tr_count(held, "{n} run held", "{n} runs held")
        return Word(text=text, symbol=StateSymbol.HELD, tone=Tone.RED)
    rejected = plan.count(PlanState.REJECTED)
    if rejected:
        return Word(text=tr("{n} rejected", n=rejected), symbol=StateSymbol.REJECTED)
    notes = len(issue_rows(file.reading, plan))
    if notes:
        return Word(text=tr_count(notes, "{n} note", "{n} notes"), symbol=StateSymbol.NOTE)
    return Word(text=tr("none"), symbol=StateSymbol.READY)


def count_text(count: int) -> str:
    """A count as people read it: thin spaces from five digits on."""
    return f"{count:,}".replace(",", THIN_SPACE) if count >= 10_000 else str(count)


def _day(started: datetime | None) -> str:
    return "" if started is None else f"{started.day} {started:%b %Y}"


# --- what one file holds ----------------------------------------------------------------------------------------------


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


_SHORT_NUMBER = 6
"""Characters; a longer number is rounded here and stands in full in the tooltip and in the original."""


def _kind_words(kind: ReadingKind) -> str:
    return kind.value.replace("_", " ")


def _headings(reading: FileReading) -> dict[tuple[str | None, int], str]:
    return {
        (each.place.sheet, each.place.column): each.place.heading
        for each in reading.readings
        if each.place.column is not None and each.place.heading
    }


# --- the run ----------------------------------------------------------------------------------------------------------

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


# --- issues -----------------------------------------------------------------------------------------------------------


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
    rows = [_issue_row(code, sentence, found) for (code, sentence), found in gathered.items()]
    return tuple(sorted(rows, key=_urgency))


def _issue_row(code: str, sentence: str, found: Sequence[_Found]) -> IssueRow:
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
        symbol = holds if first.severity is not Severity.WARNS else StateSymbol.NOTE
        action = IssueAction.NONE
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
    )


_URGENCY = (
    StateSymbol.CONFLICT,
    StateSymbol.NEEDS_PERSON,
    StateSymbol.REJECTED,
    StateSymbol.HELD,
    StateSymbol.NOTE,
    StateSymbol.READY,
)


def _urgency(row: IssueRow) -> int:
    return _URGENCY.index(row.symbol)


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


# --- the bar at the bottom --------------------------------------------------------------------------------------------


def footer(selected: QueuedFile | None, files: Sequence[QueuedFile]) -> Footer:
    ready = [file for file in files if file.is_ready]
    new = sum(file.plan.adds for file in ready if file.plan is not None)
    words = tr_count(len(ready), "Accept {n} ready file", "Accept {n} ready files")
    is_writing = any(file.stage is Stage.ACCEPTING for file in files)
    return Footer(
        file_name=selected.path.name if selected is not None else "",
        counts=_count_words(selected),
        accept_reason=tr("Files are being written.") if is_writing else _why_not(selected),
        ready_text=f"{words} · {tr('{n} new', n=new)}" if ready else tr("Accept ready files"),
        ready_reason=tr("Files are being written.") if is_writing else "" if ready else tr("No file is ready."),
    )


def _count_words(file: QueuedFile | None) -> tuple[tuple[str, Tone], ...]:
    if file is None:
        return ()
    if file.stage is Stage.ACCEPTED:
        return ((tr("{n} written to the record", n=file.written), Tone.TEXT2),)
    if file.plan is None:
        return ((state_word(file).text, Tone.TEXT2),)
    new, identical, conflicting, rejected = counts(file.plan)
    words = [
        (tr("{n} new", n=new), Tone.TEXT2),
        (tr("{n} identical", n=identical), Tone.TEXT2),
        (tr("{n} conflicting", n=conflicting), Tone.PURPLE if file.plan.open_conflicts else Tone.TEXT2),
        (tr("{n} rejected", n=rejected), Tone.TEXT2),
    ]
    return tuple(word for word, count in zip(words, (1, identical, conflicting, rejected), strict=True) if count)


def _why_not(file: QueuedFile | None) -> str:
    if file is None:
        return tr("Select a file first.")
    if file.is_ready:
        return ""
    if file.is_question:
        return tr("Answer the question first.")
    match file.stage:
        case Stage.ACCEPTED:
            return tr("It is on record already.")
        case Stage.REFUSED:
            return tr("It could not be read.")
        case Stage.NOT_READ:
            return tr("It was not read.")
        case Stage.PLANNED if file.plan is not None:
            return _why_plan_is_not_ready(file.plan)
        case _:
            return tr("It is not read yet.")


def _why_plan_is_not_ready(plan: ImportPlan) -> str:
    if plan.blocking is not None:
        return issue_sentence(plan.blocking)
    conflicts = [entry for entry in plan.entries if entry.is_open]
    if len(conflicts) == 1:
        place = conflicts[0].place
        if place is not None and place.row is not None:
            return tr("Decide the conflict in row {row} first.", row=place.row)
        return tr("Decide the conflict first.")
    if conflicts:
        return tr("Decide the {n} conflicts first.", n=len(conflicts))
    if mappable(plan):
        return tr("Map its samples first; nothing else in it is new.")
    return tr("Nothing in it is new.")
