import pytest

from labmon.criteria.protocol import load_protocol
from labmon.domain.actor import Actor
from labmon.domain.errors import UserError
from labmon.domain.finding import CriterionState
from labmon.workflow.assess import Assess
from labmon.workflow.confirm_protocol import ConfirmProtocol, open_questions
from tests.workflow.conftest import Laboratory

COORDINATOR = Actor(person="coordinator C", role="coordinator", workstation="desk 1")


def state_of(assess: Assess, criterion: str) -> CriterionState:
    answers = assess.patient("P-001").criteria
    return next(answer.state for answer in answers if answer.criterion_id == criterion)


def test_that_a_confirmation_is_given_once_and_reaches_every_patient(lab: Laboratory) -> None:
    study, protocol = lab.study, load_protocol("nct04534634")
    assess, confirming = Assess(study, "nct04534634"), ConfirmProtocol(study, COORDINATOR)
    before = state_of(assess, "B5")

    changes = confirming.confirm(protocol, "B5")
    assess.forget(changes)

    assert CriterionState.NEEDS_DECISION is before
    assert CriterionState.UNKNOWN is state_of(assess, "B5")  # no laboratory value is on record
    assert frozenset({"P-001", "P-002"}) == changes.patient_codes
    with pytest.raises(UserError, match="already confirmed"):
        confirming.confirm(protocol, "B5")


def test_that_a_confirmation_taken_back_leaves_the_question_open_again(lab: Laboratory) -> None:
    study, protocol = lab.study, load_protocol("nct04534634")
    confirming = ConfirmProtocol(study, COORDINATOR)
    confirming.confirm(protocol, "car_t_only")
    with study.reading() as record:
        (confirmed,) = record.protocol_confirmations()

    confirming.withdraw(protocol, "car_t_only", "the signed protocol has one arm")

    assert ("coordinator C", "CAR-T cells without IFN-α is an arm of this trial") == (
        confirmed.confirmed_by,
        confirmed.statement,
    )
    assert [True, False] == [status.is_active for status in Assess(study, "nct04534634").arms()]
    with pytest.raises(UserError, match="not confirmed"):
        confirming.withdraw(protocol, "car_t_only", "again")


def test_that_only_what_the_protocol_asks_can_be_confirmed(lab: Laboratory) -> None:
    protocol = load_protocol("nct04534634")

    with pytest.raises(UserError) as refused:
        ConfirmProtocol(lab.study, COORDINATOR).confirm(protocol, "B4")

    assert "R807" == refused.value.code
    assert ["B5", "car_t_only"] == list(open_questions(protocol))
    assert {} == open_questions(load_protocol("nct06389305"))
