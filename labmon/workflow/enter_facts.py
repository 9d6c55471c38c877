"""Clinical facts entered by hand: the same checks, the same record and the same audit as an imported workbook."""

from __future__ import annotations

from labmon.domain.actor import Actor
from labmon.domain.change_set import ChangedPart, ChangeSet
from labmon.domain.clinical import ClinicalFact, Patient
from labmon.domain.errors import UserError
from labmon.records.reader import Reader, StoredFact
from labmon.records.study import Study
from labmon.records.writer import NewFact
from labmon.workflow.import_plan import contradiction, death_day, fact_key


class EnterFacts:
    """Add, amend and void clinical facts under one person."""

    def __init__(self, study: Study, actor: Actor) -> None:
        self._study = study
        self._actor = actor

    def facts(self, kind: type[ClinicalFact], patient_code: str) -> tuple[StoredFact, ...]:
        """The current facts of a kind of one patient."""
        with self._study.reading() as record:
            return record.facts(kind, patient_code)

    def add(self, fact: ClinicalFact) -> ChangeSet:
        """Raises UserError C503, C504, C507 for a fact that cannot stand, C505 when one with its key does already."""
        with self._study.writing(self._actor) as record:
            self._refuse_contradiction(record, fact)
            if any(fact_key(stored.fact) == fact_key(fact) for stored in record.facts(type(fact), fact.patient_code)):
                raise UserError("C505", recorded="the same entry", offered="a second one")
            record.put_fact(NewFact(fact=fact))
        return _changed(fact)

    def amend(self, stored: StoredFact, fact: ClinicalFact, reason: str) -> ChangeSet:
        """Replace a fact by a newer version; the old one stays in the record. Raises as `add`, and R808."""
        if fact == stored.fact:
            return ChangeSet()
        with self._study.writing(self._actor) as record:
            self._refuse_contradiction(record, fact)
            record.put_fact(NewFact(fact=fact, supersedes=stored.fact_id), reason)
        return _changed(fact)

    def void(self, stored: StoredFact, reason: str) -> ChangeSet:
        """Take a fact back; it stays in the record, marked void. Raises R808."""
        with self._study.writing(self._actor) as record:
            record.void_fact(type(stored.fact), stored.fact_id, reason)
        return _changed(stored.fact)

    def _refuse_contradiction(self, record: Reader, fact: ClinicalFact) -> None:
        patients = set(record.patient_codes())
        if isinstance(fact, Patient):
            patients.add(fact.patient_code)
        records = record.patient_records((fact.patient_code,))
        issue = contradiction(
            fact,
            None,
            patients=patients,
            death_on=death_day(records[0]) if records else None,
            today=self._study.as_of,
        )
        if issue is not None:
            raise UserError.from_issue(issue)


def _changed(fact: ClinicalFact) -> ChangeSet:
    return ChangeSet(parts=frozenset({ChangedPart.CLINICAL}), patient_codes=frozenset({fact.patient_code}))
