"""A file of the queue in words, and what the bar at the bottom says about it and about all that are ready."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from labmon.domain.issue import catalogue_entry
from labmon.domain.run import Acceptance
from labmon.workflow.import_plan import ImportPlan, PlanState
from labmon_ui.pages.import_files.issue_rows import issue_rows
from labmon_ui.pages.import_files.model import (
    Footer,
    QueueRow,
    Word,
)
from labmon_ui.pages.import_files.queue import QueuedFile, Stage, mappable
from labmon_ui.palette import Tone
from labmon_ui.texts import issue_sentence, tr, tr_count
from labmon_ui.widgets.state_symbol import StateSymbol


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
    notes = sum(row.muting is None for row in issue_rows(file.reading, plan))
    if notes:
        return Word(text=tr_count(notes, "{n} note", "{n} notes"), symbol=StateSymbol.NOTE)
    return Word(text=tr("none"), symbol=StateSymbol.READY)


def _day(started: datetime | None) -> str:
    return "" if started is None else f"{started.day} {started:%b %Y}"


def footer(selected: QueuedFile | None, files: Sequence[QueuedFile]) -> Footer:
    ready = [file for file in files if file.is_ready]
    new = sum(file.adds for file in ready)
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
