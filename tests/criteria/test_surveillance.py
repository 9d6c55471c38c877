"""What a rule may say of cells nobody looked for: old samples, a course that is over, an evaluation that is frozen."""

import pytest

from labmon.domain.clinical import EventKind
from labmon.domain.finding import FlagState
from tests.criteria.patients import Scenario, on


def seen_once() -> Scenario:
    """One good sample of each kind on day 14 and nothing since."""
    return Scenario().transgene(14, 24000).lymphocytes(14, 0.1).flow(14, 20)


@pytest.mark.parametrize("rule_id", ["R1", "R1f", "R2", "R6"])
def test_that_a_sample_older_than_the_surveillance_gap_denies_nothing_while_the_window_is_open(rule_id: str) -> None:
    finding = seen_once().finding(rule_id, day=183)

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "day 14, 169 days ago" in finding.sentence
    assert "a sample is due" in finding.sentence
    assert any("visit of day 180" in what for what in finding.missing)
    assert any("169 days" in caution for caution in finding.cautions)


@pytest.mark.parametrize(("day", "state"), [(49, FlagState.NOT_MET), (50, FlagState.NOT_EVALUABLE)])
def test_that_a_sample_is_old_one_day_after_the_gap_allows(day: int, state: FlagState) -> None:
    found = seen_once().findings(day)

    assert {"R1": state, "R1f": state, "R2": state, "R6": state} == {
        name: found[name].flag_state for name in ("R1", "R1f", "R2", "R6")
    }


@pytest.mark.parametrize("rule_id", ["R1", "R1f", "R2", "R6"])
def test_that_a_window_that_closed_unwatched_stays_unknown_and_shows_the_gap(rule_id: str) -> None:
    finding = seen_once().finding(rule_id, day=185)

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "what happened in between is not known" in finding.sentence
    assert ("a sample between day 15 and day 184",) == finding.missing
    assert any("no sample for 171 days (day 14 to day 185" in caution for caution in finding.cautions)


@pytest.mark.parametrize("rule_id", ["R1", "R1f", "R2", "R6"])
@pytest.mark.parametrize("last", [150, 184, 270])
def test_that_a_last_good_sample_at_the_end_of_the_window_or_after_it_denies_the_loss_for_good(
    rule_id: str, last: int
) -> None:
    scenario = seen_once().transgene(last, 900).lymphocytes(last, 0.1).flow(last, 4)

    assert scenario.finding(rule_id, day=600).flag_state is FlagState.NOT_MET


def test_that_an_unreadable_sample_after_the_window_does_not_reopen_it() -> None:
    scenario = seen_once().transgene(180, 900).lymphocytes(180, 0.1).transgene(250, None, lod=80, lloq=120)

    found = scenario.findings(day=300)

    assert found["R1"].flag_state is FlagState.NOT_MET
    assert any(caution.startswith("day 250 is passed over") for caution in found["R1"].cautions)
    assert found["R6"].flag_state is FlagState.NOT_MET


def test_that_the_sample_due_is_named_without_a_visit_where_the_protocol_plans_none() -> None:
    finding = seen_once().finding("R1", day=60)

    assert ("one blood sample, due since day 49 (visit of day 60)",) == finding.missing


def lost_once() -> Scenario:
    """Transgene, CAR+ cells and aplasia gone on day 88, seen in one sample; nothing since."""
    scenario = Scenario()
    for day in (14, 28, 60):
        scenario.transgene(day, 3000).flow(day, 4).lymphocytes(day, 0.1)
    return scenario.transgene(88, None).flow(88, None).lymphocytes(88, 5).marrow(89)


@pytest.mark.parametrize("rule_id", ["R1", "R1f", "R2", "R6"])
def test_that_nothing_is_asked_of_a_patient_who_died(rule_id: str) -> None:
    finding = lost_once().event(100, EventKind.DEATH).finding(rule_id, day=150)

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "the death of day 100" in finding.sentence
    assert (finding.repeat_from, finding.repeat_by) == (None, None)
    assert finding.missing == ()
    assert finding.would_change == ()


@pytest.mark.parametrize("rule_id", ["R1", "R1f", "R2", "R6"])
def test_that_a_patient_who_died_long_after_the_last_sample_is_not_asked_for_one(rule_id: str) -> None:
    finding = seen_once().event(100, EventKind.DEATH).finding(rule_id, day=150)

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "the death of day 100" in finding.sentence
    assert finding.missing == ()
    assert finding.would_change == ()


def test_that_no_loss_up_to_a_death_promises_no_later_sample() -> None:
    finding = seen_once().event(40, EventKind.DEATH).finding("R6", day=150)

    assert finding.flag_state is FlagState.NOT_MET
    assert "No loss up to the death of day 40" in finding.sentence
    assert finding.would_change == ()


def test_that_a_death_does_not_take_a_confirmed_loss_back() -> None:
    scenario = lost_once().transgene(97, None).lymphocytes(97, 6).event(100, EventKind.DEATH)

    assert scenario.finding("R6", day=150).flag_state is FlagState.MET


def test_that_study_cells_freeze_an_open_question_and_say_so() -> None:
    scenario = lost_once().study_cells(100).transgene(116, None)

    found = scenario.findings(day=150)

    assert found["R6"].flag_state is FlagState.NOT_EVALUABLE
    assert "the study cells of day 100 froze the question" in found["R6"].sentence
    assert any("frozen as it stood on day 100" in caution for caution in found["R6"].cautions)
    assert (None, None, (), ()) == (
        found["R6"].repeat_from,
        found["R6"].repeat_by,
        found["R6"].missing,
        found["R6"].would_change,
    )
    assert found["R1"].flag_state is FlagState.MET  # surveillance goes on
    assert any("surveillance only" in caution for caution in found["R1"].cautions)


@pytest.mark.parametrize("rule_id", ["R1", "R1f", "R2"])
def test_that_a_first_sample_before_study_cells_asks_for_no_repeat(rule_id: str) -> None:
    finding = lost_once().study_cells(100).finding(rule_id, day=150)

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "study cells of day 100" in finding.sentence
    assert finding.repeat_by is None
    assert finding.missing == ()


def test_that_after_study_cells_no_sample_of_the_closed_question_is_due() -> None:
    finding = lost_once().lymphocytes(95, 0.1).study_cells(100).finding("R2", day=170)

    assert finding.flag_state is FlagState.NOT_MET
    assert finding.missing == ()


def test_that_a_frozen_flag_says_that_it_is() -> None:
    scenario = lost_once().transgene(97, None).lymphocytes(97, 6).study_cells(100)

    finding = scenario.finding("R6", day=150)

    assert finding.flag_state is FlagState.MET
    assert any("frozen as it stood on day 100" in caution for caution in finding.cautions)


def with_flow_that_decides_nothing() -> Scenario:
    scenario = Scenario().flow(28, 5)
    for day in (28, 60, 88, 116, 150, 180):
        scenario.transgene(day, 3000).lymphocytes(day, 0.1)
    return scenario


@pytest.mark.parametrize("trouble", [{"cd3": 5000.0}, {"age": 30.0}])
def test_that_flow_measured_and_undecided_leaves_early_loss_open(trouble: dict[str, float]) -> None:
    scenario = with_flow_that_decides_nothing().flow(88, None, **trouble).flow(116, None, **trouble)

    found = scenario.findings(day=183)

    assert found["R1f"].flag_state is FlagState.NOT_EVALUABLE
    assert found["R6"].flag_state is FlagState.NOT_EVALUABLE
    assert "Flow of day 116 decides nothing" in found["R6"].sentence
    assert ("a fresh flow sample with enough CD3+ events",) == found["R6"].missing
    assert {88, 116} <= {evidence.day for evidence in found["R1f"].evidence}


def test_that_flow_nobody_went_on_with_leaves_nothing_open() -> None:
    found = with_flow_that_decides_nothing().findings(day=183)

    assert found["R1f"].flag_state is FlagState.NOT_EVALUABLE
    assert found["R6"].flag_state is FlagState.NOT_MET


def test_that_flow_undecided_once_and_good_again_leaves_nothing_open() -> None:
    scenario = with_flow_that_decides_nothing().flow(88, None, cd3=5000).flow(116, 3).flow(150, 3).flow(180, 3)

    assert scenario.finding("R6", day=183).flag_state is FlagState.NOT_MET


def with_mrd_beside_the_loss() -> Scenario:
    scenario = Scenario().transgene(10, 41300).transgene(28, 3200).transgene(45, 900)
    scenario.transgene(60, None).transgene(88, None).lymphocytes(28, 0.1).lymphocytes(60, 0.1)
    return scenario.lymphocytes(88, 5).lymphocytes(116, 5).marrow(90)


def test_that_mrd_puts_b_cells_in_question_and_not_the_loss_the_transgene_shows() -> None:
    without = with_mrd_beside_the_loss().finding("R6", day=120)
    found = with_mrd_beside_the_loss().mrd(90, 1e-3).findings(day=120)

    assert without.flag_state is FlagState.MET
    assert found["R2"].flag_state is FlagState.CONFLICT
    assert found["R6"].flag_state is FlagState.MET
    assert "transgene loss on day 60" in found["R6"].sentence
    assert any("may be blasts" in caution for caution in found["R6"].cautions)
    assert any("does the protocol count MRD recurrence as relapse?" in caution for caution in found["R6"].cautions)


def test_that_mrd_beside_b_cells_alone_is_for_a_person() -> None:
    scenario = Scenario().transgene(14, 9000).lymphocytes(28, 0.1).lymphocytes(60, 0.1)

    finding = scenario.lymphocytes(88, 5).lymphocytes(116, 5).marrow(90).mrd(90, 1e-3).finding("R6", day=120)

    assert finding.flag_state is FlagState.CONFLICT


def test_that_a_transgene_found_again_stays_a_conflict_beside_recovered_b_cells() -> None:
    scenario = with_mrd_beside_the_loss().transgene(150, 830)

    assert scenario.finding("R6", day=160).flag_state is FlagState.CONFLICT


def test_that_no_calendar_date_of_the_window_stands_in_a_threshold() -> None:
    found = lost_once().findings(day=120)

    assert not any(
        on(184).isoformat() in f"{threshold.name} {threshold.source}"
        for f in found.values()
        for threshold in f.thresholds
    )
