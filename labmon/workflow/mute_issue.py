"""Mute a warning for files of one format, with a reason, and take that back; what holds or blocks is never muted."""

from __future__ import annotations

from labmon.domain.actor import Actor
from labmon.domain.change_set import ChangedPart, ChangeSet
from labmon.domain.errors import UserError
from labmon.domain.issue import Severity, catalogue_entry
from labmon.domain.muting import Muting
from labmon.records.study import Study
from labmon.workflow.reason import stated

_CHANGED = ChangeSet(parts=frozenset({ChangedPart.MUTINGS}))


def mutings(study: Study) -> tuple[Muting, ...]:
    """What is muted now, in the order it was muted."""
    with study.reading() as record:
        return record.mutings()


def mute(study: Study, actor: Actor, *, code: str, format_id: str, reason: str) -> ChangeSet:
    """Mute a warning. Raises UserError R808 without a reason, for what is no warning, or when it is muted already."""
    reason = stated(reason)
    if catalogue_entry(code).severity is not Severity.WARNS:
        raise UserError("R808", detail=f"{code} is no warning.", help="What holds or blocks needs an answer.")
    with study.writing(actor) as record:
        if any((each.code, each.format_id) == (code, format_id) for each in record.mutings()):
            raise UserError("R808", detail=f"{code} is muted already.", help="Nothing was changed.")
        record.mute(code, format_id, reason)
    return _CHANGED


def unmute(study: Study, actor: Actor, mute_id: int, reason: str) -> ChangeSet:
    """Be warned again. Raises UserError R808 without a reason or when somebody was faster."""
    reason = stated(reason)
    with study.writing(actor) as record:
        record.unmute(mute_id, reason)
    return _CHANGED
