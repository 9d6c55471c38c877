import pytest

from labmon.domain.audit import Act
from labmon.domain.errors import UserError
from labmon.workflow.mute_issue import mute, mutings, unmute

from .conftest import ACTOR, Laboratory
from .making import qubit_csv


def test_that_a_muted_warning_stays_in_the_plan_and_says_why_it_is_muted(lab: Laboratory) -> None:
    mute(lab.study, ACTOR, code="I004", format_id="qubit", reason="always so here")

    plan = lab.plan("qubit.csv", qubit_csv({"P-001-D014": 40.0}))

    assert [("I004", "always so here", ACTOR.person)] == [(m.code, m.reason, m.muted_by) for m in plan.muted]
    assert [] == list(lab.plan("other.csv", b"Sample,MRD (%),LOD (%)\nP-001-D014,0.1,0.01\n").muted)


def test_that_muting_and_unmuting_are_audited_with_their_reasons(lab: Laboratory) -> None:
    mute(lab.study, ACTOR, code="I004", format_id="qubit", reason="always so here")
    (muted,) = mutings(lab.study)
    unmute(lab.study, ACTOR, muted.mute_id, "it matters again")

    with lab.study.reading() as record:
        entries = record.audit_entries(entity="issue_muting")
    assert () == mutings(lab.study)
    assert [(Act.MUTE_ISSUE, "always so here"), (Act.UNMUTE_ISSUE, "it matters again")] == [
        (entry.act, entry.reason) for entry in entries
    ]


def test_that_the_same_warning_can_be_muted_once_more_after_it_was_unmuted(lab: Laboratory) -> None:
    mute(lab.study, ACTOR, code="I004", format_id="qubit", reason="always so here")
    unmute(lab.study, ACTOR, mutings(lab.study)[0].mute_id, "it matters again")

    mute(lab.study, ACTOR, code="I004", format_id="qubit", reason="and again")

    assert ["and again"] == [each.reason for each in mutings(lab.study)]


@pytest.mark.parametrize(("code", "reason"), [("Q105", "a reason"), ("I002", "a reason"), ("I004", "  ")])
def test_that_what_holds_or_blocks_and_a_muting_without_reason_are_refused(
    code: str, reason: str, lab: Laboratory
) -> None:
    with pytest.raises(UserError, match="R808"):
        mute(lab.study, ACTOR, code=code, format_id="qubit", reason=reason)

    assert () == mutings(lab.study)


def test_that_a_warning_is_muted_and_unmuted_once(lab: Laboratory) -> None:
    mute(lab.study, ACTOR, code="I004", format_id="qubit", reason="always so here")
    (muted,) = mutings(lab.study)

    with pytest.raises(UserError, match="R808"):
        mute(lab.study, ACTOR, code="I004", format_id="qubit", reason="again")
    unmute(lab.study, ACTOR, muted.mute_id, "it matters again")
    with pytest.raises(UserError, match="R808"):
        unmute(lab.study, ACTOR, muted.mute_id, "again")
