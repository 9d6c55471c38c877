import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from labmon.criteria.protocol import protocol_text
from labmon.domain.actor import Actor
from labmon.domain.audit import Act
from labmon.domain.clinical import Attestation, AttestedState
from labmon.domain.decision import DecisionMeaning
from labmon.domain.errors import UserError
from labmon.records.study import Study
from labmon.records.writer import NewFact, NewResult
from labmon.trial.eligibility import DecisionState
from labmon.workflow.adopt_protocol import AdoptProtocol
from labmon.workflow.amend import Amend
from labmon.workflow.assess import Assess
from labmon.workflow.decide import Decide, decisions_touched, standing_decisions
from labmon.workflow.enter_facts import EnterFacts
from labmon.workflow.worklist import TaskGroup, Worklist
from tests.criteria.patients import on
from tests.workflow.courses import attestation, candidate, make_study

COORDINATOR = Actor(person="coordinator C", role="coordinator", workstation="desk 1")
ELIGIBLE, NOT_ELIGIBLE = DecisionMeaning.ELIGIBLE, DecisionMeaning.NOT_ELIGIBLE


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    """One patient who meets every criterion."""
    study = make_study(tmp_path / "study.labmon", {"P-001": candidate()}, as_of=on(130))
    yield study
    study.close()


def decided(study: Study) -> Decide:
    decide = Decide(study, Assess(study), COORDINATOR)
    decide.record(decide.draft("P-001"), ELIGIBLE, "all criteria met, discussed on Tuesday")
    return decide


def changes(study: Study) -> tuple[str, ...]:
    (touched,) = decisions_touched(study)
    return touched.changes


def test_that_a_decision_is_kept_with_its_snapshot_its_hash_and_an_audit_entry(study: Study) -> None:
    decided(study)

    with study.reading() as record:
        (decision,) = record.decisions()
        entry = record.audit_entries(entity="eligibility_decision")[-1]
    snapshot = json.loads(decision.snapshot)
    rule = next(each for each in snapshot["findings"] if each["rule_id"] == "R6")
    rests_on = [each["result"] for each in rule["evidence"] if each["result"]]
    assert hashlib.sha256(decision.snapshot.encode()).hexdigest() == decision.snapshot_sha256
    assert {"met"} == {each["state"] for each in snapshot["criteria"]}
    assert rests_on
    assert all({"result_id", "version"} <= set(each) for each in rests_on)
    assert 64 == len(snapshot["inputs"]["protocol"][0]["content_sha256"])
    assert (Act.RECORD_DECISION, "coordinator C", "all criteria met, discussed on Tuesday") == (
        entry.act,
        entry.person,
        entry.reason,
    )
    assert decision.snapshot_sha256 in (entry.new_value or "")
    assert () == decisions_touched(study)


def test_that_a_decision_on_record_cannot_be_changed_or_taken_away(study: Study) -> None:
    decided(study)

    with closing(sqlite3.connect(study.path)) as connection:
        for statement in ("UPDATE eligibility_decision SET reason = 'x'", "DELETE FROM eligibility_decision"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)


def test_that_a_snapshot_somebody_tampered_with_is_told(study: Study) -> None:
    decided(study)
    with closing(sqlite3.connect(study.path)) as connection:
        connection.execute("DROP TRIGGER eligibility_decision_refuses_update")
        connection.execute("UPDATE eligibility_decision SET snapshot = replace(snapshot, 'P-001', 'P-002')")
        connection.commit()

    (standing,) = standing_decisions(study)
    assert not standing.is_intact
    assert standing.text.endswith("the snapshot does not have the hash it was recorded with")
    assert standing.is_touched


def test_that_an_excluded_result_touches_the_decision_and_stands_in_the_worklist(study: Study) -> None:
    decided(study)
    with study.reading() as record:
        result = next(each for each in record.results(("P-001",)) if each.quantity.value is None)

    Amend(study, COORDINATOR).exclude_result(result.result_id, "sample swap suspected")

    (said,) = changes(study)
    assert said.endswith("was excluded: sample swap suspected.")
    (task,) = [each for each in Worklist(study, Assess(study)).tasks() if each.group is TaskGroup.DECISIONS]
    assert ("P-001", said) == (task.subject, task.detail)
    assert "eligible, decided by coordinator C" in task.title
    assert task.title.endswith("; 1 change since")


def test_that_an_amended_fact_touches_the_decision_in_words(study: Study) -> None:
    decided(study)
    with study.reading() as record:
        stored = next(each for each in record.facts(Attestation, "P-001") if each.fact.criterion_id == "A4")

    fact = replace(stored.fact, attested_state=AttestedState.NOT_MET)
    EnterFacts(study, COORDINATOR).amend(stored, fact, "entered wrongly")

    (said,) = changes(study)
    assert said == f"Attestation A4 {on(118)} was amended: attested state was met and is not_met now."


def test_that_a_fact_dated_before_the_decision_touches_it_and_a_later_one_does_not(study: Study) -> None:
    decided(study)
    with study.writing(COORDINATOR) as record:
        record.put_fact(NewFact(fact=replace(attestation("A5"), attested_on=on(140))))
    later = decisions_touched(study)

    with study.writing(COORDINATOR) as record:
        record.put_fact(NewFact(fact=replace(attestation("A5"), attested_on=on(120))))

    assert () == later
    assert changes(study) == (f"Attestation A5 {on(120)} was entered since, though it is dated before the decision.",)


def test_that_an_adopted_protocol_touches_the_decision(study: Study, tmp_path: Path) -> None:
    decided(study)
    text, _ = protocol_text("nct06389305")
    version = Assess(study).protocol.version
    path = tmp_path / "next.toml"
    path.write_text(text.replace(f'version = "{version}"', 'version = "99"', 1), encoding="utf-8")
    adopting = AdoptProtocol(study, COORDINATOR)

    adopting.adopt(adopting.plan(path), "signed by the sponsor")

    assert changes(study) == (f"Protocol version {version} was followed by 99.",)


def test_that_eligible_needs_every_criterion_met_and_a_reason(tmp_path: Path, study: Study) -> None:
    decide = Decide(study, Assess(study), COORDINATOR)
    draft = decide.draft("P-001")
    open_one = replace(draft, state=DecisionState.OPEN, text="A4 needs a person")

    for refused, meaning, reason in ((draft, ELIGIBLE, "  "), (open_one, ELIGIBLE, "it will come")):
        with pytest.raises(UserError) as error:
            decide.record(refused, meaning, reason)
        assert "R808" == error.value.code
    assert () == standing_decisions(study)
    decide.record(open_one, NOT_ELIGIBLE, "withdrew")
    assert [NOT_ELIGIBLE] == [each.decision.meaning for each in standing_decisions(study)]


def test_that_a_decision_is_refused_when_the_record_changed_since_the_person_looked(study: Study) -> None:
    decide = Decide(study, Assess(study), COORDINATOR)
    draft = decide.draft("P-001")
    with study.writing(COORDINATOR) as record:
        record.put_fact(NewFact(fact=replace(attestation("A5"), attested_on=on(120))))

    with pytest.raises(UserError, match="changed since you looked"):
        decide.record(draft, ELIGIBLE, "all met")


def test_that_a_later_decision_takes_the_place_of_the_earlier_and_two_at_once_do_not(study: Study) -> None:
    decide = Decide(study, Assess(study), COORDINATOR)
    first = decide.draft("P-001")
    decide.record(first, ELIGIBLE, "all met")

    with pytest.raises(UserError, match="Somebody decided about this patient meanwhile"):
        decide.record(first, NOT_ELIGIBLE, "a second opinion")
    decide.record(decide.draft("P-001"), NOT_ELIGIBLE, "withdrew")

    assert [("withdrew", 1)] == [(e.decision.reason, e.decision.supersedes) for e in standing_decisions(study)]


def test_that_a_result_of_a_later_sample_leaves_the_decision_as_it_is(study: Study) -> None:
    decided(study)
    with study.reading() as record:
        result = record.results(("P-001",))[-1]
        specimen = record.specimens()[result.specimen_code]

    with study.writing(COORDINATOR) as record:
        for day, code in ((140, "LATER"), (110, "EARLIER")):
            record.put_fact(NewFact(fact=replace(specimen, specimen_code=code, collected_on=on(day))))
            record.derive_results(
                [NewResult(draft=replace(result.draft, specimen_code=code), patient_code="P-001")], "a test"
            )

    said = changes(study)
    assert any("of EARLIER" in each and "was entered since" in each for each in said)
    assert not any("LATER" in each for each in said)
