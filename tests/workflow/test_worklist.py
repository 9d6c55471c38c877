from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest

from labmon.domain.clinical import AttestedState, Costimulation
from labmon.domain.finding import CriterionState
from labmon.records.study import Study
from labmon.records.writer import NewFact
from labmon.trial.visits import VisitState
from labmon.workflow.amend import Amend
from labmon.workflow.assess import Assess
from labmon.workflow.import_answers import MappingRule, RuleMatch, RuleSubject
from labmon.workflow.worklist import Due, Target, TaskGroup, Worklist, WorklistTask
from tests.criteria.patients import Scenario, flagged_patient, on

from .conftest import Laboratory
from .courses import ACTOR, attestation, candidate, make_study, one_low_sample
from .making import qpcr_text

HELD = "NTC: Cq 33.1, limit no Cq"
MakeStudy = Callable[..., Study]


@pytest.fixture
def studies(tmp_path: Path) -> Iterator[MakeStudy]:
    made: list[Study] = []

    def make(scenarios: Mapping[str, Scenario], day: int) -> Study:
        made.append(make_study(tmp_path / f"study{len(made)}.labmon", scenarios, as_of=on(day)))
        return made[-1]

    yield make
    for study in made:
        study.close()


def tasks(study: Study, group: TaskGroup | None = None) -> tuple[WorklistTask, ...]:
    found = Worklist(study, Assess(study)).tasks()
    return found if group is None else tuple(task for task in found if task.group is group)


def test_that_a_study_without_patients_needs_nobody(studies: MakeStudy) -> None:
    assert () == tasks(studies({}, 0))


def test_that_a_flag_for_review_leads_to_its_patient(studies: MakeStudy) -> None:
    (task,) = tasks(studies({"P-007": flagged_patient()}, 121), TaskGroup.FLAGS)

    assert ("P-007", Target.PATIENT, "P-007") == (task.subject, task.target, task.target_id)
    assert task.title.startswith("R6 ")
    assert (Due.NONE, "") == (task.due, task.due_text)


# --- overdue ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "due", "text"),
    [
        (90, Due.NONE, ""),
        (96, Due.IN_WINDOW, "in window, 28 d left"),
        (123, Due.IN_WINDOW, "in window, 1 d left"),
        (124, Due.DUE_TODAY, "due today"),
        (125, Due.OVERDUE, "overdue 1 d"),
        (131, Due.OVERDUE, "overdue 7 d"),
    ],
)
def test_that_a_repeat_sample_is_overdue_after_the_last_day_of_its_window(
    studies: MakeStudy, day: int, due: Due, text: str
) -> None:
    (task,) = tasks(studies({"P-001": one_low_sample()}, day), TaskGroup.UNCONFIRMED)

    assert (due, text) == (task.due, task.due_text)
    assert "R1 Transgene loss" == task.title
    assert "first sample day 89; repeat useful from day 96 to day 124" == task.detail


def test_that_visits_are_overdue_on_the_list_exactly_when_their_own_function_says_so(studies: MakeStudy) -> None:
    for day in range(20, 64):
        study = studies({"P-001": Scenario()}, day)
        visits = Assess(study).patient("P-001").visits

        shown = {task.title: task.due for task in tasks(study, TaskGroup.VISITS)}

        open_states = (VisitState.OVERDUE, VisitState.IN_WINDOW)
        wanted = {f"Visit {v.title}, {v.window}": v for v in visits if v.state in open_states}
        assert set(wanted) == set(shown)
        for title, visit in wanted.items():
            assert (visit.state is VisitState.OVERDUE) == (shown[title] is Due.OVERDUE)
            assert (visit.last_on == on(day)) == (shown[title] is Due.DUE_TODAY)


def test_that_the_most_overdue_of_a_group_stands_first(studies: MakeStudy) -> None:
    early = one_low_sample()
    late = Scenario().transgene(10, 41300).transgene(60, 312).transgene(80, 30).lymphocytes(60, 0.1).marrow(80)

    found = tasks(studies({"P-001": early, "P-002": late}, 127), TaskGroup.UNCONFIRMED)

    assert [("P-002", "overdue 12 d"), ("P-001", "overdue 3 d")] == [(t.subject, t.due_text) for t in found]


# --- findings and criteria --------------------------------------------------------------------------------------------


def test_that_one_sample_that_settles_two_findings_is_one_task(studies: MakeStudy) -> None:
    scenario = one_low_sample().flow(68, 3.0).flow(89, 0.02)

    (task,) = tasks(studies({"P-001": scenario}, 100), TaskGroup.UNCONFIRMED)

    assert "R1 Transgene loss, R1f CAR+ cell loss by flow" == task.title


def test_that_a_contradiction_stands_on_the_list_once(studies: MakeStudy) -> None:
    scenario = Scenario().transgene(10, 41300).transgene(60, 9000).transgene(88, 8600).transgene(116, 8100)
    scenario.lymphocytes(60, 0.2).lymphocytes(88, 6.0).lymphocytes(116, 9.0).marrow(88)
    study = studies({"P-001": candidate(scenario)}, 121)
    assert CriterionState.CONFLICT is Assess(study).patient("P-001").criteria[1].state

    about_it = [task for task in tasks(study) if task.state is CriterionState.CONFLICT]

    assert [TaskGroup.CONFLICTS] == [task.group for task in about_it]
    assert about_it[0].title.startswith("R7 ")


def test_that_two_attestations_that_contradict_each_other_are_evidence_that_contradicts_itself(
    studies: MakeStudy,
) -> None:
    study = studies({"P-001": candidate(attested=("A4", "A5"))}, 121)
    with study.writing(ACTOR) as record:
        for state in AttestedState:
            record.put_fact(NewFact(fact=attestation("A6", state=state)))
    assert CriterionState.CONFLICT is Assess(study).patient("P-001").criteria[5].state

    (task,) = tasks(study, TaskGroup.CONFLICTS)

    assert ("A6", Target.CRITERION, "P-001") == (task.criterion_id, task.target, task.target_id)


def test_that_a_candidate_with_one_missing_datum_leads_to_the_criterion(studies: MakeStudy) -> None:
    (task,) = tasks(studies({"P-001": candidate(attested=("A4", "A5"))}, 121), TaskGroup.ONE_MISSING)

    assert "A6" == task.criterion_id
    assert CriterionState.NEEDS_DECISION is task.state
    assert (Target.CRITERION, "P-001") == (task.target, task.target_id)


@pytest.mark.parametrize(
    "scenario",
    [
        candidate(attested=("A4",)),
        candidate(born=date(1960, 1, 1), attested=("A4", "A5")),
        candidate(),
        candidate(one_low_sample()),
    ],
    ids=["two missing", "not eligible anyway", "nothing missing", "waits for its repeat sample only"],
)
def test_that_other_candidates_are_not_among_those_with_one_missing_datum(
    studies: MakeStudy, scenario: Scenario
) -> None:
    assert () == tasks(studies({"P-001": scenario}, 121), TaskGroup.ONE_MISSING)


def test_that_a_product_the_rule_does_not_apply_to_is_nobodys_task(studies: MakeStudy) -> None:
    scenario = candidate(Scenario(costimulation=Costimulation.CD28).transgene(10, 41300).marrow(28))
    study = studies({"P-001": scenario}, 121)
    assert CriterionState.NOT_EVALUABLE is Assess(study).patient("P-001").criteria[1].state

    assert () == tasks(study, TaskGroup.ONE_MISSING)


# --- runs, results, files ---------------------------------------------------------------------------------------------


def test_that_a_held_run_is_on_the_list_until_it_is_accepted(studies: MakeStudy) -> None:
    study = studies({"P-001": Scenario().transgene(10, 41300).transgene(68, 312, held=HELD)}, 80)
    (task,) = tasks(study, TaskGroup.HELD_RUNS)
    assert ("P-001 RUN-68", Target.RUN, "held") == (task.target_id, task.target, task.due_text)
    assert HELD == task.title

    Amend(study, ACTOR).accept_run("P-001 RUN-68", "the limit was entered wrongly")

    assert () == tasks(study, TaskGroup.HELD_RUNS)


def test_that_the_held_results_of_one_specimen_and_reason_are_one_task(lab: Laboratory) -> None:
    lab.bring("run.txt", qpcr_text({"P-001-D014": 800.0, "P-001-D028": 300.0}))

    found = tasks(lab.study, TaskGroup.HELD_RESULTS)

    with lab.study.reading() as record:
        held = {result.specimen_code: result.draft.held_reason for result in record.results() if result.is_held}
    assert held
    assert held == {task.title.partition(",")[0]: task.detail for task in found}


def test_that_a_file_with_unmapped_rows_is_on_the_list_until_they_are_mapped_and_it_is_imported_again(
    lab: Laboratory,
) -> None:
    content = qpcr_text({"P-001-D014": 800.0, "mix 2": 300.0})
    lab.bring("run.txt", content)
    (task,) = tasks(lab.study, TaskGroup.MAPPING)
    assert ("run.txt", Target.FILE) == (task.subject, task.target)
    assert task.title.startswith("1 row rejected")
    with lab.study.reading() as record:
        assert task.target_id == record.files()[0].file_sha256

    lab.importing.remember(
        MappingRule(subject=RuleSubject.SAMPLE, match=RuleMatch.EXACT, text="mix 2", becomes="P-002-D014")
    )
    assert 1 == len(tasks(lab.study, TaskGroup.MAPPING))
    lab.bring("run.txt", content)

    assert () == tasks(lab.study, TaskGroup.MAPPING)
