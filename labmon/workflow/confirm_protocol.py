"""A person confirms, once for the study, how an unclear place of a protocol is read, or takes that back."""

from __future__ import annotations

from labmon.criteria.protocol import Protocol
from labmon.domain.actor import Actor
from labmon.domain.change_set import ChangedPart, ChangeSet
from labmon.domain.errors import UserError
from labmon.domain.protocol_confirmation import ProtocolConfirmation, standing
from labmon.records.study import Study
from labmon.workflow.reason import stated


def open_questions(protocol: Protocol) -> dict[str, str]:
    """What needs a confirmation, by criterion or arm, with the statement a person stands for."""
    questions = {
        criterion.id: f'"{criterion.wording}" is read as {criterion.role}: {criterion.reading or criterion.title}'
        for criterion in protocol.criteria
        if criterion.needs_confirmation
    }
    for arm in protocol.trial.arms if protocol.trial is not None else ():
        if arm.needs_confirmation:
            questions[arm.code] = f"{arm.title} is an arm of this trial"
    return questions


class ConfirmProtocol:
    """Confirmations of one study, under one person; every act is audited."""

    def __init__(self, study: Study, actor: Actor) -> None:
        self._study = study
        self._actor = actor

    def confirm(self, protocol: Protocol, subject: str) -> ChangeSet:
        """Put the reading on record. Raises R807 for what needs no confirmation, R808 when it stands already."""
        return self._record(protocol, subject, is_withdrawn=False, reason=None)

    def withdraw(self, protocol: Protocol, subject: str, reason: str) -> ChangeSet:
        """Take a confirmation back. Raises R807, R808 without a reason or when there is none."""
        return self._record(protocol, subject, is_withdrawn=True, reason=stated(reason))

    def _record(self, protocol: Protocol, subject: str, *, is_withdrawn: bool, reason: str | None) -> ChangeSet:
        questions = open_questions(protocol)
        if subject not in questions:
            raise UserError("R807", what="Question of the protocol", code=subject)
        today = self._study.as_of
        with self._study.writing(self._actor) as record:
            confirmed = standing(
                record.protocol_confirmations(protocol.id),
                protocol_id=protocol.id,
                protocol_version=protocol.version,
                as_of=today,
            )
            if (subject in confirmed) != is_withdrawn:
                detail = f"{subject} is {'not' if is_withdrawn else 'already'} confirmed."
                raise UserError("R808", detail=detail, help="Nothing was changed.")
            record.confirm_protocol(
                ProtocolConfirmation(
                    protocol_id=protocol.id,
                    protocol_version=protocol.version,
                    subject=subject,
                    statement=questions[subject],
                    confirmed_on=today,
                    confirmed_by=self._actor.person,
                    is_withdrawn=is_withdrawn,
                ),
                reason,
            )
            patients = record.patient_codes()
        return ChangeSet(parts=frozenset({ChangedPart.CLINICAL}), patient_codes=frozenset(patients))
