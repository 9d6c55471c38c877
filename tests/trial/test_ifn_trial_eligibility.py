from dataclasses import replace
from datetime import date, timedelta

import pytest

from labmon.criteria.protocol import load_protocol
from labmon.domain.clinical import (
    AttestedState,
    DrugClass,
    EcogScore,
    InfectionState,
    LabAnalyte,
    LabUnit,
    Medication,
    NyhaClass,
    PerformanceStatus,
    Serology,
    TargetExpression,
    Virus,
)
from labmon.domain.finding import CriterionState
from labmon.trial.arms import arms
from labmon.trial.eligibility import DecisionState
from tests.trial.candidates import (
    BY_PERSON,
    CODE,
    CONFIRMED,
    TODAY,
    ago,
    answers,
    attested,
    candidate,
    car_t,
    decision,
    heart,
    lab,
    liver,
    serology,
    target,
)

MET, NOT_MET = CriterionState.MET, CriterionState.NOT_MET
UNKNOWN, NEEDS_DECISION = CriterionState.UNKNOWN, CriterionState.NEEDS_DECISION


def test_that_a_candidate_with_every_criterion_met_is_ready_to_sign() -> None:
    found = answers(candidate())

    assert {MET} == {answer.state for answer in found.values()}
    assert [*(f"B{n}" for n in range(1, 7)), *(f"BX{n}" for n in range(1, 10))] == list(found)
    assert all(answer.evidence and answer.would_change for answer in found.values())
    assert decision(candidate()).state is DecisionState.READY_TO_SIGN


def test_that_every_criterion_shows_the_words_of_the_registry() -> None:
    found = answers(candidate())

    assert "Target on leukemia is >20% positive detected with flowcytometry." == found["B3"].wording
    assert found["B5"].wording.startswith("5.Patients with aspartate aminotransferase")
    assert "Patients with atrial or venous thrombosis or embolism." == found["BX7"].wording


# --- B5: printed as inclusion, read as exclusion ----------------------------------------------------------------------


def test_that_nobody_is_judged_by_b5_before_its_reading_is_confirmed() -> None:
    answer = answers(candidate(), confirmations=())["B5"]

    assert answer.state is NEEDS_DECISION
    assert "prints this as inclusion; labmon reads it as exclusion" in answer.sentence
    assert "By that reading: met." in answer.sentence
    assert ("the coordinator's confirmation of how B5 is read",) == answer.missing
    assert decision(candidate(), confirmations=()).state is DecisionState.OPEN
    assert "B5: reading not confirmed" == decision(candidate(), confirmations=()).text


def test_that_a_sick_liver_is_no_exclusion_before_the_reading_is_confirmed_and_one_after() -> None:
    sick = candidate(lab_values=liver(bilirubin=2.6))

    assert decision(sick, confirmations=()).state is DecisionState.OPEN
    assert decision(sick).state is DecisionState.NOT_ELIGIBLE
    assert ("B5",) == decision(sick).failed_criteria


@pytest.mark.parametrize(
    "confirmation",
    [
        replace(CONFIRMED[0], protocol_version="1.1"),
        replace(CONFIRMED[0], subject="car_t_only"),
        replace(CONFIRMED[0], confirmed_on=TODAY + timedelta(days=1)),
    ],
    ids=["another version", "another subject", "a later day"],
)
def test_that_only_a_confirmation_of_this_text_counts(confirmation: object) -> None:
    assert answers(candidate(), confirmations=(confirmation,))["B5"].state is NEEDS_DECISION  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "state"),
    [
        (liver(ast=120), MET),  # exactly three times
        (liver(ast=120.1), NOT_MET),
        (liver(alt=121), NOT_MET),
        (liver(bilirubin=2.0), MET),
        (liver(bilirubin=2.01), NOT_MET),
        (liver()[:2], UNKNOWN),  # bilirubin is missing
        (liver(ast=400)[:2], NOT_MET),  # and does not matter when AST excludes already
    ],
)
def test_that_b5_fails_above_its_limits_and_says_what_is_missing(values: tuple[object, ...], state: object) -> None:
    assert state is answers(candidate(lab_values=values))["B5"].state


def test_that_the_upper_limit_is_that_of_the_values_own_report() -> None:
    own = (lab(LabAnalyte.AST, 100, LabUnit.UNITS_PER_L, upper=30), *liver()[1:])
    without = (lab(LabAnalyte.AST, 100, LabUnit.UNITS_PER_L), *liver()[1:])

    assert answers(candidate(lab_values=own))["B5"].state is NOT_MET
    assert ("upper limit of normal of AST on 2026-02-27",) == answers(candidate(lab_values=without))["B5"].missing


def test_that_bilirubin_in_micromoles_is_converted_and_in_a_foreign_unit_refused() -> None:
    converted = (*liver()[:2], lab(LabAnalyte.BILIRUBIN, 35, LabUnit.UMOL_PER_L))
    foreign = (*liver()[:2], lab(LabAnalyte.BILIRUBIN, 35, LabUnit.UNITS_PER_L))

    assert answers(candidate(lab_values=converted))["B5"].state is NOT_MET  # 2.05 mg/dL
    assert ("bilirubin in mg/dL",) == answers(candidate(lab_values=foreign))["B5"].missing


def test_that_an_old_value_is_missing_and_said_to_be_old() -> None:
    old = tuple(replace(value, measured_on=ago(29)) for value in liver())

    answer = answers(candidate(lab_values=old))["B5"]

    assert answer.state is UNKNOWN
    assert "more than 28\u00a0d ago" in answer.sentence
    assert ("AST", "ALT", "bilirubin") == answer.missing


# --- B1 to B4 ---------------------------------------------------------------------------------------------------------


def test_that_b1_asks_for_a_marrow_on_record_beside_the_investigators_word() -> None:
    answer = answers(candidate(disease_assessments=()))["B1"]

    assert answer.state is UNKNOWN
    assert ("marrow of this episode",) == answer.missing


@pytest.mark.parametrize(
    ("born", "score", "state"),
    [
        (date(2014, 2, 25), EcogScore.AMBULATORY, MET),  # twelve on the day of consent
        (date(2014, 2, 26), EcogScore.AMBULATORY, NOT_MET),
        (date(1960, 2, 26), EcogScore.FULLY_ACTIVE, MET),  # 65 until the day after the consent
        (date(1960, 2, 25), EcogScore.FULLY_ACTIVE, NOT_MET),
        (date(2000, 6, 1), EcogScore.LIMITED, NOT_MET),
        (None, EcogScore.LIMITED, NOT_MET),  # the score excludes whatever the age is
        (None, EcogScore.RESTRICTED, UNKNOWN),
    ],
)
def test_that_b2_asks_for_age_and_performance_together(born: date | None, score: EcogScore, state: object) -> None:
    record = candidate(
        performance_statuses=(PerformanceStatus(patient_code=CODE, assessed_on=ago(3), ecog_score=score),)
    )

    assert state is answers(replace(record, patient=replace(record.patient, birth_date=born)))["B2"].state


@pytest.mark.parametrize(("pct", "state"), [(20.0, NOT_MET), (20.1, MET), (19.9, NOT_MET)])
def test_that_exactly_a_fifth_of_blasts_is_not_above_it(pct: float, state: object) -> None:
    assert state is answers(candidate(target_expressions=(target(pct),)))["B3"].state


def test_that_every_target_of_the_product_must_be_expressed() -> None:
    both: tuple[TargetExpression, ...] = (target(98), target(8, "cd22"))
    given = {"infusions": (car_t(-1, "CD19+CD22"),)}

    assert answers(candidate(target_expressions=both, **given))["B3"].state is NOT_MET
    assert ("CD22 expression by flow",) == answers(candidate(**given))["B3"].missing
    assert answers(candidate(target_expressions=both, infusions=(car_t(-1, "CD19"),)))["B3"].state is MET
    assert ("CAR target",) == answers(candidate(target_expressions=both))["B3"].missing


@pytest.mark.parametrize(
    ("lvef", "nyha", "state"),
    [
        (0.5, None, MET),
        (0.49, NyhaClass.II, MET),  # the literal "or"
        (0.49, NyhaClass.III, NOT_MET),
        (0.49, None, UNKNOWN),
        (None, NyhaClass.I, MET),
        (None, NyhaClass.NONE, UNKNOWN),  # no heart disease is no class I or II; the ejection fraction would tell
        (None, None, UNKNOWN),
    ],
)
def test_that_b4_reads_the_or_of_the_registry_literally(lvef: float | None, nyha: object, state: object) -> None:
    answer = answers(candidate(cardiac_statuses=heart(lvef, nyha)))["B4"]

    assert state is answer.state
    assert "lets a low LVEF pass" in (answer.defect or "")


def test_that_one_datum_out_of_two_is_asked_for_where_one_is_enough() -> None:
    answer = answers(candidate(cardiac_statuses=()))["B4"]

    assert ("LVEF or NYHA class",) == answer.missing
    assert "1 missing: LVEF or NYHA class" == decision(candidate(cardiac_statuses=())).text


# --- B6 ---------------------------------------------------------------------------------------------------------------


def drug(drug_class: DrugClass, started: date, ended: date | None) -> Medication:
    return Medication(patient_code=CODE, drug="X", started_on=started, drug_class=drug_class, ended_on=ended)


@pytest.mark.parametrize(
    ("drug_class", "last", "state"),
    [
        (DrugClass.IMMUNOTHERAPY, date(2025, 12, 2), NOT_MET),  # three calendar months to the day are within
        (DrugClass.IMMUNOTHERAPY, date(2025, 12, 1), MET),
        (DrugClass.B_CELL_DEPLETING, date(2026, 2, 1), NOT_MET),
        (DrugClass.STEROID, date(2026, 2, 1), MET),
        (DrugClass.IMMUNOTHERAPY, None, NOT_MET),  # goes on
    ],
)
def test_that_other_immunotherapy_is_counted_in_calendar_months(
    drug_class: DrugClass, last: date | None, state: object
) -> None:
    given = drug(drug_class, date(2025, 11, 1), last)

    assert state is answers(candidate(medications=(given,)))["B6"].state


def test_that_earlier_car_t_cells_are_other_immunotherapy() -> None:
    assert answers(candidate(infusions=(car_t(-60),)))["B6"].state is NOT_MET
    assert answers(candidate(infusions=(car_t(-120),)))["B6"].state is MET
    assert answers(candidate(infusions=(car_t(-2),)))["B6"].state is MET  # the infusion of this trial


def test_that_an_empty_list_of_drugs_proves_nothing_until_a_person_vouches_for_it() -> None:
    record = candidate(attestations=tuple(attested(c) for c in BY_PERSON if c != "B6"))

    answer = answers(record)["B6"]

    assert answer.state is NEEDS_DECISION
    assert "The coordinator attests that the record is complete." in answer.sentence


# --- exclusions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("criterion", ["BX1", "BX2", "BX3", "BX4", "BX7", "BX8", "BX9"])
def test_that_an_exclusion_nobody_attested_is_not_absent(criterion: str) -> None:
    without = candidate(attestations=tuple(attested(c) for c in BY_PERSON if c != criterion))
    present = replace(without, attestations=(*without.attestations, attested(criterion, AttestedState.NOT_MET)))

    assert answers(without)[criterion].state is NEEDS_DECISION
    assert answers(present)[criterion].state is NOT_MET


def hepatitis(*tests: Serology) -> dict[str, CriterionState]:
    found = answers(candidate(serologies=tests))
    return {criterion: found[criterion].state for criterion in ("BX5", "BX6")}


def test_that_hepatitis_and_hiv_are_absent_only_when_tested() -> None:
    assert {"BX5": UNKNOWN, "BX6": MET} == hepatitis(*serology(InfectionState.NOT_ACTIVE, Virus.HBV, Virus.HIV))
    assert {"BX5": NOT_MET, "BX6": UNKNOWN} == hepatitis(*serology(InfectionState.ACTIVE, Virus.HCV))
    assert {"BX5": UNKNOWN, "BX6": UNKNOWN} == hepatitis(*serology(InfectionState.INDETERMINATE))


# --- the day the criteria are read at ---------------------------------------------------------------------------------


def test_that_what_happens_after_the_trials_infusion_no_longer_decides() -> None:
    worse = PerformanceStatus(patient_code=CODE, assessed_on=TODAY + timedelta(days=9), ecog_score=EcogScore.DISABLED)
    record = candidate(infusions=(car_t(0),))
    record = replace(record, performance_statuses=(*record.performance_statuses, worse))

    assert answers(record, as_of=TODAY + timedelta(days=200))["B2"].state is MET
    assert answers(replace(record, infusions=()), as_of=TODAY + timedelta(days=10))["B2"].state is NOT_MET


# --- the file ---------------------------------------------------------------------------------------------------------


def test_that_the_second_arm_is_inactive_until_it_is_confirmed() -> None:
    protocol = load_protocol("nct04534634")
    confirmed = replace(CONFIRMED[0], subject="car_t_only")

    def active(*confirmations: object) -> dict[str, bool]:
        found = arms(protocol, as_of=TODAY, confirmations=confirmations)  # type: ignore[arg-type]
        return {status.arm.code: status.is_active for status in found}

    assert {"ifn_car_t": True, "car_t_only": False} == active(*CONFIRMED)
    assert {"ifn_car_t": True, "car_t_only": True} == active(confirmed)


@pytest.mark.parametrize("trial", ["nct06389305", "nct04534634"])
def test_that_every_criterion_with_a_defect_is_named_among_those_of_the_registry(trial: str) -> None:
    protocol = load_protocol(trial)
    assert protocol.trial is not None
    concerned = {concern for defect in protocol.trial.defects for concern in defect.concerns}

    assert all(defect.says and defect.handling for defect in protocol.trial.defects)
    assert {c.id for c in protocol.criteria if c.printed_as or c.needs_confirmation} <= concerned
    assert {arm.code for arm in protocol.trial.arms if arm.needs_confirmation} <= concerned


def test_that_no_dose_of_the_registry_is_a_number_of_the_file() -> None:
    protocol = load_protocol("nct04534634")
    assert protocol.trial is not None

    (dose,) = [defect for defect in protocol.trial.defects if defect.id == "dose"]

    assert "never read" in dose.handling
    assert 300e6 not in [limit for c in protocol.criteria for limit in _numbers(c.answered_by)]


def _numbers(binding: object) -> list[float]:
    parts = getattr(binding, "parts", (binding,))
    return [getattr(getattr(part, name), "value", 0.0) for part in parts for name in type(part).__dataclass_fields__]
