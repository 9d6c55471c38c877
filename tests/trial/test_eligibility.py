from dataclasses import replace
from datetime import date

import pytest

from labmon.criteria.protocol import load_protocol
from labmon.domain.clinical import (
    Attestation,
    AttestedState,
    Consent,
    ConsentKind,
    Costimulation,
    DiseaseAssessment,
    EventKind,
    Infusion,
    Patient,
    PatientRecord,
)
from labmon.domain.finding import CriterionAnswer, CriterionState
from labmon.trial.eligibility import DecisionState, EligibilityDecision, decide, eligibility
from tests.criteria.patients import Scenario, flagged_patient, on

ADULT, TWELVE, SIX = date(2000, 6, 1), date(2012, 1, 10), date(2018, 1, 10)


def candidate(
    scenario: Scenario | None = None,
    *,
    born: date | None = ADULT,
    blasts: float | None = 62,
    marrow_day: int = -20,
    consents: tuple[tuple[ConsentKind, int], ...] = ((ConsentKind.CONSENT, 118),),
    attested: tuple[str, ...] = ("A4", "A5", "A6"),
) -> Scenario:
    """The flagged patient with everything the other criteria ask for."""
    scenario = scenario or flagged_patient()
    record = scenario.record
    marrow = DiseaseAssessment(patient_code="P-001", assessed_on=on(marrow_day), marrow_blasts_pct=blasts)
    scenario.record = replace(
        record,
        patient=replace(record.patient, birth_date=born),
        disease_assessments=(marrow, *record.disease_assessments),
        consents=tuple(Consent(patient_code="P-001", consent_kind=k, consented_on=on(d)) for k, d in consents),
        attestations=tuple(attestation(name) for name in attested),
    )
    return scenario


def attestation(criterion: str, day: int = 118, state: AttestedState = AttestedState.MET) -> Attestation:
    return Attestation(
        patient_code="P-001",
        criterion_id=criterion,
        attested_on=on(day),
        attested_state=state,
        attested_by="investigator B",
    )


def answers(scenario: Scenario, day: int = 121) -> dict[str, CriterionAnswer]:
    protocol = load_protocol("nct06389305")
    found = eligibility(
        scenario.timeline(day), scenario.record, tuple(scenario.findings(day).values()), protocol, as_of=on(day)
    )
    return {answer.criterion_id: answer for answer in found}


def decision(scenario: Scenario, day: int = 121) -> EligibilityDecision:
    return decide(tuple(answers(scenario, day).values()))


def test_that_a_patient_with_every_criterion_met_is_ready_to_sign() -> None:
    found = answers(candidate())

    assert ["A1", "A2", "A3", "A4", "A5", "A6", "A7"] == list(found)
    assert {CriterionState.MET} == {answer.state for answer in found.values()}
    assert all(answer.evidence and answer.would_change for answer in found.values())
    assert "ready to sign" == decision(candidate()).text
    assert decision(candidate()).state is DecisionState.READY_TO_SIGN


# --- A1 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("blasts", "state"),
    [(20, CriterionState.MET), (19.9, CriterionState.NOT_MET), (None, CriterionState.UNKNOWN)],
)
def test_that_a1_asks_for_a_fifth_of_blasts_before_the_infusion(blasts: float | None, state: CriterionState) -> None:
    assert state is answers(candidate(blasts=blasts))["A1"].state


def test_that_a1_is_not_answered_by_the_remission_marrow_after_the_infusion() -> None:
    answer = answers(candidate())["A1"]

    assert "62\u00a0% on day −20, before the infusion" in answer.sentence
    assert "contradicts A2" in (answer.defect or "")


def test_that_a_marrow_of_another_episode_leaves_a1_unknown() -> None:
    answer = answers(candidate(marrow_day=-300))["A1"]

    assert answer.state is CriterionState.UNKNOWN
    assert ("marrow before the infusion",) == answer.missing
    assert "older than" in answer.sentence


# --- A2 ---------------------------------------------------------------------------------------------------------------


def test_that_a2_carries_the_finding_with_its_sentence_and_evidence() -> None:
    answer = answers(candidate())["A2"]

    assert answer.findings[0].rule_id == "R6"
    assert answer.findings[0].sentence == answer.sentence
    assert answer.findings[0].evidence == answer.evidence
    assert "labmon's own definition" in (answer.defect or "")


def one_low_sample() -> Scenario:
    scenario = Scenario().transgene(10, 41300).transgene(68, 312).transgene(89, 30)
    return scenario.lymphocytes(89, 0.1).marrow(89)


def test_that_an_unconfirmed_loss_asks_for_a_repeat_by_a_day() -> None:
    scenario = candidate(one_low_sample(), consents=((ConsentKind.CONSENT, 90),), attested=())
    scenario.record = replace(scenario.record, attestations=tuple(attestation(n, 90) for n in ("A4", "A5", "A6")))

    assert answers(scenario, 96)["A2"].state is CriterionState.UNCONFIRMED
    assert "repeat by d 124" == decision(scenario, 96).text
    assert "repeat by d 124" == decision(scenario, 124).text
    assert "repeat overdue since d 124" == decision(scenario, 125).text


def test_that_a_held_run_is_named_in_the_decision() -> None:
    scenario = Scenario().transgene(10, 41300).transgene(88, 300).lymphocytes(88, 0.1).marrow(88)
    scenario.transgene(116, None, held="NTC positive", run="QPCR-0418")

    assert "run QPCR-0418 held" == decision(candidate(scenario)).text


def test_that_another_product_is_named_in_the_decision() -> None:
    scenario = candidate()
    infusion = replace(scenario.record.infusions[0], car_costimulation=Costimulation.CD28)
    scenario.record = replace(scenario.record, infusions=(infusion,))

    assert answers(scenario)["A2"].state is CriterionState.NOT_EVALUABLE
    assert "CD28 product" == decision(scenario).text


def test_that_the_one_missing_datum_is_named() -> None:
    scenario = candidate()
    undated = tuple(a for a in scenario.record.disease_assessments if a.assessed_on < on(0))
    emd_only = DiseaseAssessment(patient_code="P-001", assessed_on=on(89), emd_state="absent")  # type: ignore[arg-type]
    scenario.record = replace(scenario.record, disease_assessments=(*undated, emd_only))

    assert "1 missing: marrow status" == decision(scenario).text


def test_that_a_relapse_fails_a2() -> None:
    scenario = candidate()
    scenario.event(100, EventKind.RELAPSE)

    assert "not eligible: A2" == decision(scenario).text


def lasting(day: int, scenario: Scenario | None = None, *, blasts: float = 62) -> Scenario:
    """A candidate whose cells are there, seen on day 10 and on `day`."""
    found = (scenario or Scenario()).transgene(10, 41300).lymphocytes(10, 0.1)
    return candidate(found.transgene(day, 3000).lymphocytes(day, 0.1), blasts=blasts)


def test_that_no_loss_so_far_does_not_close_a_case_whose_window_is_open() -> None:
    found = decision(lasting(19), 30)
    answer = answers(lasting(19), 30)["A2"]

    assert answer.state is CriterionState.NOT_MET
    assert not answer.is_final
    assert found.state is DecisionState.OPEN
    assert "A2" in found.open_criteria
    assert found.failed_criteria == ()
    assert answer.brief == "A2 not met so far"


def test_that_no_loss_so_far_closes_a_case_that_something_else_fails() -> None:
    assert "not eligible: A1" == decision(lasting(19, blasts=4), 30).text


def test_that_no_loss_at_all_closes_the_case_when_the_window_is_over() -> None:
    found = decision(lasting(180), 200)

    assert found.state is DecisionState.NOT_ELIGIBLE
    assert "not eligible: A2" == found.text


def test_that_a_death_inside_the_window_closes_the_case() -> None:
    assert "not eligible: A2" == decision(lasting(19, Scenario().event(25, EventKind.DEATH)), 30).text


# --- A3 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "state"),
    [
        (date(1984, 6, 28), CriterionState.MET),  # 39 until the day after consent
        (date(1984, 6, 27), CriterionState.NOT_MET),  # 40 on the day of consent
        (date(2023, 6, 27), CriterionState.MET),  # 1 on the day of consent
        (date(2023, 6, 28), CriterionState.NOT_MET),  # 0
        (None, CriterionState.UNKNOWN),
    ],
)
def test_that_a3_counts_completed_years_on_the_day_of_consent(born: date | None, state: CriterionState) -> None:
    assert on(118) == date(2024, 6, 27)

    assert state is answers(candidate(born=born))["A3"].state


def test_that_without_consent_age_is_unknown_not_failed() -> None:
    answer = answers(candidate(consents=()))["A3"]

    assert answer.state is CriterionState.UNKNOWN
    assert ("consent date",) == answer.missing


# --- A4 to A6 ---------------------------------------------------------------------------------------------------------


def test_that_what_no_instrument_measures_needs_a_person_and_names_who() -> None:
    scenario = candidate(attested=("A5", "A6"))

    assert answers(scenario)["A4"].state is CriterionState.NEEDS_DECISION
    assert "investigator" in answers(scenario)["A4"].sentence
    assert "A4 needs a person" == decision(scenario).text
    assert "A4, A6 need a person" == decision(candidate(attested=("A5",))).text


def test_that_the_latest_attestation_counts_and_later_ones_are_not_yet_known() -> None:
    scenario = candidate()
    not_met = attestation("A5", 120, AttestedState.NOT_MET)
    scenario.record = replace(scenario.record, attestations=(*scenario.record.attestations, not_met))

    assert answers(scenario, 121)["A5"].state is CriterionState.NOT_MET
    assert answers(scenario, 119)["A5"].state is CriterionState.MET
    assert "not eligible: A5" == decision(scenario, 121).text


def test_that_two_attestations_of_one_day_that_disagree_are_a_conflict() -> None:
    scenario = candidate()
    not_met = attestation("A6", 118, AttestedState.NOT_MET)
    scenario.record = replace(scenario.record, attestations=(*scenario.record.attestations, not_met))

    assert answers(scenario)["A6"].state is CriterionState.CONFLICT


# --- A7 ---------------------------------------------------------------------------------------------------------------

CONSENT, GUARDIAN, ASSENT = ConsentKind.CONSENT, ConsentKind.GUARDIAN_CONSENT, ConsentKind.ASSENT


@pytest.mark.parametrize(
    ("born", "consents", "state", "missing"),
    [
        (ADULT, (CONSENT,), CriterionState.MET, ()),
        (ADULT, (GUARDIAN,), CriterionState.UNKNOWN, ("consent",)),
        (TWELVE, (GUARDIAN, ASSENT), CriterionState.MET, ()),
        (TWELVE, (GUARDIAN,), CriterionState.UNKNOWN, ("assent",)),
        (TWELVE, (CONSENT,), CriterionState.UNKNOWN, ("guardian consent", "assent")),
        (SIX, (GUARDIAN,), CriterionState.MET, ()),
        (SIX, (ASSENT,), CriterionState.UNKNOWN, ("guardian consent",)),
        (None, (CONSENT,), CriterionState.UNKNOWN, ("birth date",)),
        (ADULT, (), CriterionState.UNKNOWN, ("consent",)),
    ],
)
def test_that_age_decides_whose_consent_is_needed(
    born: date | None, consents: tuple[ConsentKind, ...], state: CriterionState, missing: tuple[str, ...]
) -> None:
    answer = answers(candidate(born=born, consents=tuple((kind, 118) for kind in consents)))["A7"]

    assert state is answer.state
    assert missing == answer.missing


def test_that_a_consent_of_a_later_day_is_not_yet_known() -> None:
    scenario = candidate(consents=((CONSENT, 120),))

    assert answers(scenario, 119)["A7"].state is CriterionState.UNKNOWN
    assert answers(scenario, 120)["A7"].state is CriterionState.MET


def test_that_a_withdrawn_consent_fails_until_a_new_one_is_given() -> None:
    withdrawn = ((CONSENT, 100), (ConsentKind.WITHDRAWAL, 110))

    assert answers(candidate(consents=withdrawn))["A7"].state is CriterionState.NOT_MET
    assert answers(candidate(consents=(*withdrawn, (CONSENT, 118))))["A7"].state is CriterionState.MET


# --- all together -----------------------------------------------------------------------------------------------------


def test_that_one_failed_criterion_ends_it_whatever_else_is_open() -> None:
    found = decision(candidate(born=date(1970, 1, 1), attested=()))

    assert found.state is DecisionState.NOT_ELIGIBLE
    assert found.text == "not eligible: A3"
    assert ("A3",) == found.failed_criteria
    assert ("A4", "A5", "A6") == found.open_criteria


def test_that_several_open_criteria_are_counted() -> None:
    unmeasured = candidate(Scenario().transgene(10, 41300).transgene(88, 300), blasts=None)
    low = candidate(one_low_sample(), blasts=None)

    assert "2 missing" == decision(unmeasured).text
    assert "2 open" == decision(low).text


def test_that_a_patient_without_an_infusion_is_unknown_not_failed() -> None:
    record = PatientRecord(patient=Patient(patient_code="P-009", birth_date=ADULT))
    protocol = load_protocol("nct06389305")

    found = {a.criterion_id: a for a in eligibility(None, record, (), protocol, as_of=on(10))}

    assert found["A1"].missing == ("CAR-T infusion",)
    assert found["A2"].state is CriterionState.UNKNOWN
    assert CriterionState.NOT_MET not in {answer.state for answer in found.values()}


def test_that_an_infusion_after_the_day_looked_at_is_not_yet_known() -> None:
    record = PatientRecord(
        patient=Patient(patient_code="P-009"), infusions=(Infusion(patient_code="P-009", infused_on=on(0)),)
    )

    found = eligibility(None, record, (), load_protocol("nct06389305"), as_of=on(-5))

    assert found[1].state is CriterionState.UNKNOWN
