"""Clinical facts entered by hand: the same checks, the same record and the same audit as an imported workbook."""

from __future__ import annotations

from labmon.domain.actor import Actor
from labmon.domain.change_set import ChangedPart, ChangeSet
from labmon.domain.clinical import ClinicalFact, Patient, Specimen
from labmon.domain.errors import UserError
from labmon.records.reader import Reader, StoredFact
from labmon.records.study import Study
from labmon.records.writer import NewFact, Writer
from labmon.workflow.derive_results import derive_for
from labmon.workflow.import_plan import contradiction, death_day, fact_key, fact_title
from labmon.workflow.reason import stated

__all__ = ["EnterFacts", "StoredFact"]


class EnterFacts:
    """Add, amend and void clinical facts under one person; amending and voiding need a reason."""

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
            record.put_fact(NewFact(fact=fact))
            _refuse_second(record, fact)
            derived = _derive(record, fact)
        return _changed(fact) | derived

    def amend(self, stored: StoredFact, fact: ClinicalFact, reason: str) -> ChangeSet:
        """Replace a fact by a newer version; the old one stays in the record. Raises as `add`, and R808."""
        if fact == stored.fact:
            return ChangeSet()
        with self._study.writing(self._actor) as record:
            self._refuse_contradiction(record, fact)
            record.put_fact(NewFact(fact=fact, supersedes=stored.fact_id), stated(reason))
            _refuse_second(record, fact)
            derived = _derive(record, fact)
        return _changed(stored.fact) | _changed(fact) | derived

    def void(self, stored: StoredFact, reason: str) -> ChangeSet:
        """Take a fact back; it stays in the record, marked void. Raises R808."""
        with self._study.writing(self._actor) as record:
            record.void_fact(type(stored.fact), stored.fact_id, stated(reason))
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


def _refuse_second(record: Reader, fact: ClinicalFact) -> None:
    """No two facts have one key; a specimen's code is one in the whole study. Undoes the transaction by raising."""
    kind = type(fact)
    standing = record.facts(kind, fact.patient_code if "patient_code" in kind.key else None)
    first, *more = [each.fact for each in standing if fact_key(each.fact) == fact_key(fact)]
    if more:
        raise UserError("C505", recorded=fact_title(first), offered="the same once more")


def _derive(record: Writer, fact: ClinicalFact) -> ChangeSet:
    """A specimen's volumes decide copies per µL, its patient whose results they are."""
    if not isinstance(fact, Specimen):
        return ChangeSet()
    return derive_for(record, (fact.specimen_code,), f"specimen {fact.specimen_code} was entered")


def _changed(fact: ClinicalFact) -> ChangeSet:
    return ChangeSet(parts=frozenset({ChangedPart.CLINICAL}), patient_codes=frozenset({fact.patient_code}))
