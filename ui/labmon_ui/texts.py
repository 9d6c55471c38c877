"""The window's sentences: one door for translation, and error sentences made from codes and parameters.

Widgets call `tr("…")` with English source texts; `pyside6-lupdate` finds them, a QTranslator on the application
answers.
The catalogue of issue codes lives in labmon.domain; its sentences pass the same door under their code as context.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication

from labmon.domain.errors import Cancelled, UserError
from labmon.domain.issue import Issue, Place, catalogue_entry

# What lupdate writes for a function that belongs to no class.
_CONTEXT = ""


def tr(text: str, **parameters: object) -> str:
    """The text in the person's language; `{name}` is filled in after translation."""
    translated = QCoreApplication.translate(_CONTEXT, text)
    return translated.format(**parameters) if parameters else translated


def tr_count(count: int, one: str, many: str) -> str:
    """A counted thing: `one` or `many` with `{n}` filled in."""
    return tr(one if count == 1 else many, n=count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a person is told when something went wrong: what happened, where, what was kept, what to do."""

    title: str
    what: str
    where: str = ""
    kept: str = ""
    advice: str = ""
    code: str = ""


def issue_sentence(issue: Issue) -> str:
    """What an issue says, in the person's language."""
    return _sentence(issue.code, dict(issue.parameters))


def issue_advice(issue: Issue) -> str:
    """What the person can do about an issue."""
    return _advice(issue.code, dict(issue.parameters))


def error_message(error: Exception, title: str, *, kept: str = "") -> Message:
    """The message for whatever a job raised; `title` says what was being done, `kept` what is safe."""
    if isinstance(error, UserError):
        return Message(
            title=title,
            what=_sentence(error.code, dict(error.parameters)),
            where=_where(error.place),
            kept=kept,
            advice=_advice(error.code, dict(error.parameters)),
            code=error.code,
        )
    if isinstance(error, Cancelled):
        return Message(title=title, what=tr("Stopped as you asked."), kept=kept)
    return Message(
        title=title,
        what=tr("labmon made a mistake here; it is not something you did."),
        kept=kept,
        advice=tr("The report shows what happened. Nothing is sent by itself."),
        code=type(error).__name__,
    )


def _where(place: Place | None) -> str:
    return "" if place is None else str(place)


def _sentence(code: str, parameters: dict[str, object]) -> str:
    entry = catalogue_entry(code)
    return replace(entry, template=QCoreApplication.translate(code, entry.template)).sentence(parameters)


def _advice(code: str, parameters: dict[str, object]) -> str:
    entry = catalogue_entry(code)
    return replace(entry, template=QCoreApplication.translate(code, entry.advice)).sentence(parameters)
