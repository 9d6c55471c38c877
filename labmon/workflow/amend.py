"""Change what was released, never overwriting: exclude or include a result, accept a held run."""

from __future__ import annotations

from dataclasses import replace

from labmon.domain.actor import Actor
from labmon.domain.audit import Act
from labmon.domain.change_set import ChangedPart, ChangeSet
from labmon.domain.errors import UserError
from labmon.domain.run import Acceptance
from labmon.records.study import Study
from labmon.records.writer import NewResult
from labmon.workflow.derive_results import DERIVED, derive_for
from labmon.workflow.reason import stated

EXCLUSION_REASONS = (
    "specimen clotted or haemolysed",
    "wrong specimen type",
    "sample swap suspected",
    "collected from a central line",
    "duplicate measurement",
    "technical failure seen by the laboratory",
)
ACCEPTANCE_REASONS = (
    "the failing check does not affect these results",
    "the limit was entered wrongly",
    "confirmed by an independent method",
)


class Amend:
    """Amendments under one person; every one needs a reason."""

    def __init__(self, study: Study, actor: Actor) -> None:
        self._study = study
        self._actor = actor

    def exclude_result(self, result_id: int, reason: str) -> ChangeSet:
        """Keep the result visible, crossed, and out of every parameter and criterion. Raises R807, R808."""
        return self._set_exclusion(result_id, Act.EXCLUDE_RESULT, stated(reason), reason)

    def include_result(self, result_id: int, reason: str) -> ChangeSet:
        """Take an exclusion back. Raises R807, R808."""
        return self._set_exclusion(result_id, Act.INCLUDE_RESULT, None, reason)

    def accept_run(self, run_code: str, reason: str) -> ChangeSet:
        """Release the results of a held run; one that its own value holds too stays held. Raises R807, R808."""
        reason = stated(reason)
        with self._study.writing(self._actor) as record:
            run = record.run(run_code)
            if run.acceptance is Acceptance.ACCEPTED:
                raise UserError("R808", detail=f"Run {run_code} is accepted already.", help="Nothing was changed.")
            released = [
                NewResult(
                    draft=replace(result.draft, held_reason=_without(result.draft.held_reason, run.held_because)),
                    patient_code=result.patient_code,
                    supersedes=result,
                )
                for result in record.results(run_code=run_code)
                if result.is_held and result.analyte not in DERIVED
            ]
            record.accept_run(replace(run, acceptance=Acceptance.ACCEPTED), released, reason)
            derived = derive_for(record, {new.draft.specimen_code for new in released}, f"run {run_code} was accepted")
        return derived | ChangeSet(
            parts=frozenset({ChangedPart.RUNS, ChangedPart.RESULTS}),
            patient_codes=frozenset(new.patient_code for new in released),
        )

    def _set_exclusion(self, result_id: int, act: Act, excluded_reason: str | None, reason: str) -> ChangeSet:
        reason = stated(reason)
        with self._study.writing(self._actor) as record:
            result = record.result(result_id)
            if result.draft.excluded_reason == excluded_reason:
                return ChangeSet()
            record.amend_result(
                act,
                NewResult(
                    draft=replace(result.draft, excluded_reason=excluded_reason),
                    patient_code=result.patient_code,
                    supersedes=result,
                    excluded_by=self._actor.person if excluded_reason else None,
                ),
                reason,
            )
            derived = ChangeSet()
            if result.analyte not in DERIVED:
                derived = derive_for(record, (result.specimen_code,), f"{result.analyte.label} amended: {reason}")
        return derived | ChangeSet(
            parts=frozenset({ChangedPart.RESULTS}), patient_codes=frozenset({result.patient_code})
        )


def _without(held_reason: str | None, run_reason: str | None) -> str | None:
    """A result's reasons without those of its run; what holds the value itself stays."""
    lifted = set((run_reason or "").split("; "))
    return "; ".join(part for part in (held_reason or "").split("; ") if part not in lifted) or None
