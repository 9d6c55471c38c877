from dataclasses import replace
from datetime import date

import pytest

from labmon.criteria.evaluate import evaluate
from labmon.criteria.protocol import Answer, Protocol, load_protocol
from labmon.domain.clinical import Costimulation, EmdState, EventKind, HematogonesState, ResponseCategory
from labmon.domain.finding import FlagState
from labmon.kinetics.timeline import build_timeline
from tests.criteria.patients import Scenario, flagged_patient, on


def lost_on(day: int, *, last_good: int = 60, confirmed: int | None = None) -> Scenario:
    """A transgene loss with aplasia throughout and a remission marrow just before."""
    scenario = Scenario().transgene(10, 41300).transgene(28, 3200).transgene(last_good, 214).transgene(day, 30)
    scenario.transgene(confirmed or day + 14, None)
    for sampled in (28, last_good, day, confirmed or day + 14):
        scenario.lymphocytes(sampled, 0.1)
    return scenario.marrow(day)


def test_that_a_confirmed_loss_inside_the_window_without_relapse_is_flagged_for_review() -> None:
    finding = flagged_patient().finding("R6")

    assert finding.flag_state is FlagState.MET
    assert finding.raises_flag
    assert finding.is_labmon_definition
    assert "labmon definition" in finding.title
    assert finding.sentence.startswith("Flag for review: transgene loss on day 88")
    assert "day 184" in finding.sentence
    assert (60, 88, 116, 184) == (
        finding.bracket_left_day,
        finding.bracket_right_day,
        finding.confirmed_day,
        finding.window_end_day,
    )
    assert {"R1 first below", "R1 confirms", "R2 first back", "no relapse", "product"} <= {
        e.role for e in finding.evidence
    }


def test_that_no_sentence_of_any_rule_recommends_a_treatment() -> None:
    words = ("randomi", "treat", "recommend", "eligible", "should", "reinfus")
    for finding in flagged_patient().findings().values():
        assert not any(word in finding.sentence.lower() for word in words), finding.sentence


def test_that_one_sample_alone_asks_for_a_repeat() -> None:
    scenario = Scenario().transgene(10, 41300).transgene(68, 312).transgene(89, 30).lymphocytes(89, 0.1).marrow(89)

    finding = scenario.finding("R6", day=96)

    assert finding.flag_state is FlagState.UNCONFIRMED
    assert "a repeat from day 96 to day 124 would confirm it" in finding.sentence


@pytest.mark.parametrize(
    ("last_good", "first", "state", "said"),
    [
        (170, 184, FlagState.MET, "inside the window"),
        (160, 185, FlagState.NOT_EVALUABLE, "loss may have occurred by day 185; not shown by it"),
        (184, 200, FlagState.NOT_MET, "lies after the window"),
    ],
)
def test_that_the_bracket_of_the_loss_is_laid_over_the_window(
    last_good: int, first: int, state: FlagState, said: str
) -> None:
    finding = lost_on(first, last_good=last_good).finding("R6", day=230)

    assert state is finding.flag_state
    assert said in finding.sentence
    assert finding.window_end_day == 184


def test_that_a_straddling_loss_is_outside_by_one_count_and_inside_by_another() -> None:
    protocol = load_protocol("nct06389305")
    scenario = Scenario(origin=date(2024, 8, 31)).transgene(10, 41300).transgene(175, 214)
    scenario.transgene(182, 30).transgene(196, None).lymphocytes(182, 0.1).marrow(182)
    days_183 = replace(protocol, window=replace(protocol.window, counting="days", length=183))

    assert scenario.finding("R6", day=200, protocol=protocol).flag_state is FlagState.NOT_EVALUABLE  # ends day 181
    assert scenario.finding("R6", day=200, protocol=days_183).flag_state is FlagState.MET


@pytest.mark.parametrize(
    ("costimulation", "missing"),
    [(Costimulation.CD28, ()), (Costimulation.UNKNOWN, ("costimulation of the product",))],
)
def test_that_only_4_1bb_products_are_judged(costimulation: Costimulation, missing: tuple[str, ...]) -> None:
    scenario = flagged_patient()
    infusion = replace(scenario.record.infusions[0], car_costimulation=costimulation)
    scenario.record = replace(scenario.record, infusions=(infusion,))

    finding = scenario.finding("R6")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert missing == finding.missing


def test_that_a_relapse_ends_the_question() -> None:
    finding = flagged_patient().event(100, EventKind.RELAPSE).finding("R6")

    assert finding.flag_state is FlagState.NOT_MET
    assert "Relapse on day 100" in finding.sentence


def test_that_a_relapse_reported_as_the_response_is_one() -> None:
    scenario = flagged_patient().marrow(100, 30)
    *earlier, last = scenario.record.disease_assessments
    relapsed = replace(last, response_category=ResponseCategory.RELAPSE)
    scenario.record = replace(scenario.record, disease_assessments=(*earlier, relapsed))

    assert scenario.finding("R6").flag_state is FlagState.NOT_MET
    assert scenario.finding("R2").flag_state is FlagState.CONFLICT


def without_disease_status(scenario: Scenario) -> Scenario:
    scenario.record = replace(scenario.record, disease_assessments=())
    return scenario


def test_that_without_marrow_and_extramedullary_status_freedom_from_relapse_is_not_shown() -> None:
    finding = without_disease_status(flagged_patient()).finding("R6")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert ("marrow status", "extramedullary status") == finding.missing
    assert "inside the window" in finding.sentence


def test_that_one_missing_datum_is_named_alone() -> None:
    finding = without_disease_status(flagged_patient()).marrow(89, emd=EmdState.UNKNOWN).finding("R6")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert ("extramedullary status",) == finding.missing


@pytest.mark.parametrize(("day", "state"), [(60, FlagState.MET), (59, FlagState.NOT_EVALUABLE), (119, FlagState.MET)])
def test_that_a_status_may_be_28_days_older_than_the_loss_or_any_time_later(day: int, state: FlagState) -> None:
    finding = without_disease_status(flagged_patient()).marrow(day).finding("R6")

    assert state is finding.flag_state


def test_that_a_stale_status_is_named_with_its_day() -> None:
    finding = without_disease_status(flagged_patient()).marrow(28).finding("R6")

    assert "the marrow status is of day 28, more than 28\u00a0d before the loss" in finding.sentence


@pytest.mark.parametrize(
    ("blasts", "emd", "said"),
    [(12, EmdState.ABSENT, "marrow blasts 12\u00a0%"), (1, EmdState.PRESENT, "extramedullary disease present")],
)
def test_that_disease_without_a_recorded_relapse_is_for_a_person(blasts: float, emd: EmdState, said: str) -> None:
    finding = without_disease_status(flagged_patient()).marrow(89, blasts, emd).finding("R6")

    assert finding.flag_state is FlagState.CONFLICT
    assert said in finding.sentence


def test_that_b_cell_recovery_alone_is_an_early_loss_when_transgene_was_not_measured_near_it() -> None:
    scenario = Scenario().transgene(10, 41300).transgene(40, 3000)
    scenario.lymphocytes(60, 0.1).lymphocytes(88, 4).lymphocytes(116, 6).marrow(89)

    finding = scenario.finding("R6")

    assert finding.flag_state is FlagState.MET
    assert "b-cell recovery on day 88" in finding.sentence.lower()


def test_that_hematogones_alone_are_an_early_loss() -> None:
    scenario = Scenario().transgene(10, 41300).transgene(88, 300).lymphocytes(88, 0.1)

    finding = scenario.marrow(89, hematogones=HematogonesState.PRESENT).finding("R6")

    assert finding.flag_state is FlagState.MET
    assert "single specimen" in finding.cautions


def test_that_lasting_cells_and_lasting_aplasia_are_no_loss() -> None:
    scenario = Scenario().transgene(10, 41300).transgene(88, 3000).lymphocytes(88, 0.1)

    finding = scenario.finding("R6", day=96)

    assert finding.flag_state is FlagState.NOT_MET
    assert "No loss so far inside the window, which ends on day 184" in finding.sentence


def test_that_flow_nobody_did_leaves_nothing_open_but_b_cells_nobody_measured_do() -> None:
    scenario = Scenario().transgene(10, 41300).transgene(88, 3000)

    finding = scenario.finding("R6", day=96)

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert ("B cells in blood",) == finding.missing


def test_that_an_end_of_the_window_nobody_looked_at_is_not_known() -> None:
    scenario = Scenario().transgene(10, 41300).transgene(88, 3000).lymphocytes(88, 0.1)

    finding = scenario.finding("R6", day=250)

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert ("a sample between day 89 and day 184",) == finding.missing


def test_that_an_end_of_the_window_looked_at_a_month_before_is() -> None:
    scenario = Scenario().transgene(10, 41300).transgene(160, 3000).lymphocytes(160, 0.1)

    assert scenario.finding("R6", day=250).flag_state is FlagState.NOT_MET


def test_that_a_remission_marrow_before_the_infusion_counts_within_28_days_of_the_loss() -> None:
    scenario = Scenario().transgene(7, 9000).transgene(14, None).transgene(21, None).lymphocytes(14, 0.1)

    assert scenario.marrow(-15).finding("R6", day=22).flag_state is FlagState.NOT_EVALUABLE
    assert without_disease_status(scenario).marrow(-14).finding("R6", day=22).flag_state is FlagState.MET
    treated = without_disease_status(scenario).marrow(-10, blasts=40)  # what the infusion was given for
    assert treated.finding("R6", day=22).flag_state is FlagState.NOT_EVALUABLE


def test_that_cells_found_again_make_the_flag_a_conflict() -> None:
    finding = lost_on(88).transgene(140, 830).finding("R6", day=150)

    assert finding.flag_state is FlagState.CONFLICT


def with_answer(answer: Answer) -> Protocol:
    protocol = load_protocol("nct06389305")
    return replace(protocol, relapse=replace(protocol.relapse, mrd_recurrence_is_relapse=answer))


def test_that_mrd_without_relapse_raises_the_coordinators_question_and_neither_fires_nor_blocks() -> None:
    scenario = lost_on(88).mrd(116, 2e-3)

    asked = scenario.finding("R6")
    settled = scenario.finding("R6", protocol=with_answer(Answer.NO))
    counted = scenario.finding("R6", protocol=with_answer(Answer.YES))

    assert asked.flag_state is FlagState.MET
    assert any("does the protocol count MRD recurrence as relapse?" in caution for caution in asked.cautions)
    assert settled.flag_state is FlagState.MET
    assert not any("MRD" in caution for caution in settled.cautions)
    assert counted.flag_state is FlagState.NOT_MET
    assert "MRD recurrence, which this protocol counts as relapse" in counted.sentence


def test_that_what_happens_after_study_cells_does_not_change_the_answer() -> None:
    before = flagged_patient().study_cells(120)
    after = flagged_patient().study_cells(120).transgene(140, 9000).event(150, EventKind.RELAPSE)

    assert before.finding("R6", day=200).flag_state is FlagState.MET
    assert after.finding("R6", day=200).flag_state is FlagState.MET
    assert after.finding("R1", day=200).flag_state is FlagState.CONFLICT  # surveillance goes on


def test_that_a_patient_who_died_is_read_up_to_that_day() -> None:
    scenario = Scenario().transgene(10, 41300).transgene(30, 3000).lymphocytes(30, 0.1).event(40, EventKind.DEATH)

    finding = scenario.finding("R1", day=170)

    assert finding.flag_state is FlagState.NOT_MET
    assert finding.cautions == ()  # nobody draws blood from the dead: no surveillance gap


def test_that_a_relapse_after_the_next_infusion_belongs_to_the_next_course() -> None:
    scenario = flagged_patient().event(140, EventKind.RELAPSE)
    again = replace(scenario.record.infusions[0], infused_on=on(130))
    scenario.record = replace(scenario.record, infusions=(*scenario.record.infusions, again))
    first = build_timeline(scenario.record, scenario.results, as_of=on(150), course=1)
    assert first is not None

    findings = {finding.rule_id: finding for finding in evaluate(first, load_protocol("nct06389305"))}

    assert findings["R6"].flag_state is FlagState.MET


def test_that_an_evaluation_as_of_an_earlier_day_reads_nothing_later() -> None:
    scenario = flagged_patient()

    assert scenario.finding("R6", day=80).flag_state is FlagState.NOT_MET
    assert scenario.finding("R6", day=90).flag_state is FlagState.UNCONFIRMED
    assert scenario.finding("R6", day=116).flag_state is FlagState.MET
