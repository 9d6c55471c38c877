"""Asks for a patient's responses in the worker and puts them into the dialog's words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from labmon.workflow.respond import ResponseCall, Responses, SetResponse, responses_of
from labmon_ui.pages.patients.as_known_dialog import Replay
from labmon_ui.pages.patients.responses_dialog import ResponseRow, ResponsesDialog, ResponsesShown
from labmon_ui.pages.patients.view import PatientsView
from labmon_ui.tasks import Tasks
from labmon_ui.texts import tr
from labmon_ui.widgets.look import Look

if TYPE_CHECKING:
    from labmon.workflow.assess import Assess


class ResponsesPresenter(QObject):
    """Lives as long as its view."""

    def __init__(self, view: PatientsView, look: Look, tasks: Tasks, assess: Assess) -> None:
        super().__init__(view)
        self._view = view
        self._look = look
        self._tasks = tasks
        self._assess = assess

    @Slot(str, object, object)
    def open(self, patient_code: str, course: int | None, replay: Replay) -> None:
        """Show the responses of a course, looked at from the day the page looks from."""
        self._tasks.run(
            partial(self._respond, patient_code, course, replay),
            self._show,
            label=tr("Judging the response"),
            database=True,
        )

    def _respond(self, patient_code: str, course: int | None, replay: Replay) -> ResponsesShown:
        """On the database worker."""
        assessment = self._assess.patient(patient_code, as_of=replay.as_of, known_on=replay.known_on, course=course)
        return shown(patient_code, assessment.as_of.isoformat(), responses_of(assessment))

    def _show(self, responses: ResponsesShown) -> None:
        ResponsesDialog(self._look, responses, self._view).open()


def shown(patient_code: str, on: str, responses: Responses | None) -> ResponsesShown:
    """What the dialog says; without an infusion there is no response to count from."""
    if responses is None:
        none = tr("No CAR-T infusion is on record: a response is counted from one.")
        return ResponsesShown(patient_code=patient_code, on=on, rows=(), mrd=(none,), cns=())
    mrd, cns = responses.mrd, responses.cns
    return ResponsesShown(
        patient_code=patient_code,
        on=on,
        rows=tuple(_row(each) for each in responses.sets),
        mrd=() if mrd is None else (f"{mrd.sentence}.", _by_variant(mrd.by_variant)),
        cns=() if cns is None else (f"{cns.status} · {cns.on.isoformat()}", *cns.missing, *cns.cautions),
    )


def _row(each: SetResponse) -> ResponseRow:
    call = each.call
    return ResponseRow(
        set_id=each.rules.id,
        title=each.rules.title,
        category=call.category.label,
        at_best=tr("{best} possible", best=call.at_best.label) if call.at_best is not None else "",
        last=each.last.category.label if each.last is not None else "",
        last_on=each.last.on.isoformat() if each.last is not None else "",
        best=each.best.label,
        remission=each.remission_on.isoformat() if each.remission_on is not None else "",
        relapse=each.event_text,
        sentence=each.sentence,
        evidence=_evidence(call),
        missing=call.missing,
        last_evidence=_evidence(each.last) if each.last is not None and each.last.on != call.on else (),
        cautions=tuple(dict.fromkeys((*call.cautions, *(each.last.cautions if each.last is not None else ())))),
        source=f"{each.rules.id} {each.rules.version}: {each.rules.source} ({each.rules.status.label})",
    )


def _evidence(call: ResponseCall) -> tuple[str, ...]:
    return tuple(f"{used.what} {used.text}, {used.on.isoformat()} ({used.age_days} d)" for used in call.used)


def _by_variant(said: Mapping[str, str]) -> str:
    """ "ash educ 2021: MRD CR; eln 2024 variant 1: complete": the published readings beside each other."""
    return "; ".join(f"{variant.replace('_', ' ')}: {words}" for variant, words in said.items())
