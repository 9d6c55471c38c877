from datetime import date
from pathlib import Path

import pytest

from labmon.demo.plan import load_plan
from labmon.demo.scenarios import Scenario, load_scenarios, scenario_page
from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.finding import FlagState
from labmon.domain.quantity import ValueState
from labmon.domain.result import Result
from labmon.workflow.import_plan import PlanState

from .conftest import ImportedDemo

SCENARIOS = load_scenarios()
MANUAL = Path(__file__).parents[2] / "docs" / "demo-study.md"


def results(imported: ImportedDemo, patient: str, analyte: Analyte) -> dict[date, Result]:
    """A patient's standing results of one analyte by the day their specimen was collected."""
    with imported.study.reading() as record:
        specimens = record.specimens()
        found = record.results((patient,))
    return {
        specimens[each.specimen_code].collected_on: each
        for each in found
        if each.analyte is analyte and not each.is_superseded
    }


def day(imported: ImportedDemo, patient: str, number: int) -> date:
    timeline = imported.assessments[patient].timeline
    assert timeline is not None
    return date.fromordinal(timeline.infusion.infused_on.toordinal() + number)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_that_a_scenario_gives_the_findings_it_was_made_for(imported: ImportedDemo, scenario: Scenario) -> None:
    assessment = imported.assessments[scenario.patient]

    findings = {finding.rule_id: finding.flag_state for finding in assessment.findings}
    criteria = {answer.criterion_id: answer.state for answer in assessment.criteria}
    assert dict(scenario.expect) == {rule: findings[rule] for rule in scenario.expect}
    assert dict(scenario.criteria) == {each: criteria[each] for each in scenario.criteria}


def test_that_the_flag_is_raised_for_the_patients_it_is_wanted_for_and_nobody_else(imported: ImportedDemo) -> None:
    wanted = {scenario.patient for scenario in SCENARIOS if scenario.expect.get("R6") is FlagState.MET}

    assert wanted == {code for code, assessment in imported.assessments.items() if assessment.flags}
    assert 3 <= len(wanted) <= 4


def test_that_every_file_is_accepted_and_only_the_stray_sample_is_rejected(imported: ImportedDemo) -> None:
    rejected = [e.title for plan in imported.plans.values() for e in plan.entries if e.state is PlanState.REJECTED]
    conflicts = [e.title for plan in imported.plans.values() for e in plan.entries if e.state is PlanState.CONFLICTING]

    assert ["mix 2"] == rejected
    assert [] == conflicts


def test_that_wells_without_a_cq_become_three_different_states(imported: ImportedDemo) -> None:
    copies = results(imported, "DEMO-014", Analyte.TRANSGENE_COPIES_PER_UG_DNA)

    states = [copies[day(imported, "DEMO-014", number)].quantity.state for number in (60, 88, 121)]
    assert [ValueState.DETECTED_BELOW_LLOQ, ValueState.INVALID, ValueState.NOT_DETECTED] == states


def test_that_without_a_dna_mass_there_is_no_number_per_microgram(imported: ImportedDemo) -> None:
    per_ug = results(imported, "DEMO-020", Analyte.TRANSGENE_COPIES_PER_UG_DNA)

    held = {each.draft.held_reason for each in per_ug.values() if each.quantity.state is ValueState.NO_RESULT}
    assert len(held) == 1
    assert "DNA" in str(held)


def test_that_copies_per_microlitre_exist_for_most_specimens_but_not_for_all(imported: ImportedDemo) -> None:
    per_ug = results(imported, "DEMO-002", Analyte.TRANSGENE_COPIES_PER_UG_DNA)
    per_ul = results(imported, "DEMO-002", Analyte.TRANSGENE_COPIES_PER_UL_BLOOD)

    assert len(per_ug) / 2 < len(per_ul) < len(per_ug)


def test_that_positive_not_quantifiable_is_kept_beside_the_methods_that_quantify(imported: ImportedDemo) -> None:
    with imported.study.reading() as record:
        found = [each for each in record.results(("DEMO-021",)) if each.analyte is Analyte.MRD_FRACTION]

    first_marrow = min(each.specimen_code for each in found)
    states = {each.method: each.quantity.state for each in found if each.specimen_code == first_marrow}
    assert {
        MrdMethod.FLOW: ValueState.QUANTIFIED,
        MrdMethod.RQ_PCR: ValueState.DETECTED_BELOW_LLOQ,
        MrdMethod.NGS: ValueState.QUANTIFIED,
    } == states


def test_that_exhaustion_markers_are_there_as_a_trend(imported: ImportedDemo) -> None:
    for analyte in (Analyte.PD1_PCT_OF_CAR_POS, Analyte.TIM3_PCT_OF_CAR_POS, Analyte.LAG3_PCT_OF_CAR_POS):
        trend = [r.quantity.value for r in results(imported, "DEMO-001", analyte).values() if r.quantity.value]

        assert len(trend) >= 5


def test_that_names_as_the_laboratory_writes_them_reach_their_specimens(imported: ImportedDemo) -> None:
    habit = [
        provenance_sample
        for plan in imported.plans.values()
        for entry in plan.entries
        if entry.draft is not None and (provenance_sample := str(entry.draft.basis.get("sample_name", "")))
    ]

    assert any(name.startswith("DEMO0") and "_d" in name for name in habit)
    assert any(name.endswith(".fcs") for name in habit)


def test_that_the_manual_tells_the_scenarios_as_they_are() -> None:
    assert scenario_page(load_plan(), SCENARIOS) == MANUAL.read_text(encoding="utf-8")
