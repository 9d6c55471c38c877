from dataclasses import replace
from datetime import date

import pytest

from labmon.criteria.protocol import load_protocol
from labmon.criteria.trial_sections import VisitGroup
from labmon.domain.clinical import Consent, ConsentKind, EventKind, InfusionKind, Specimen, SpecimenType
from labmon.trial.visits import Visit, VisitState, open_visits, visit_state, visits
from tests.criteria.patients import Scenario, on


def drawn(*days: int) -> Scenario:
    """A patient with a blood specimen on each of these days."""
    scenario = Scenario()
    scenario.record = replace(
        scenario.record,
        specimens=tuple(
            Specimen(
                specimen_code=f"S-{day}",
                patient_code="P-001",
                specimen_type=SpecimenType.PERIPHERAL_BLOOD,
                collected_on=on(day),
            )
            for day in days
        ),
    )
    return scenario


def schedule(scenario: Scenario, day: int, anchor: InfusionKind = InfusionKind.CAR_T) -> dict[int, Visit]:
    found = visits(scenario.timeline(day), load_protocol("nct06389305"), on(day))
    return {visit.day: visit for visit in found if visit.anchor is anchor}


@pytest.mark.parametrize(
    ("as_of", "done_on", "state"),
    [
        ("2024-03-28", None, VisitState.DUE),
        ("2024-03-29", None, VisitState.IN_WINDOW),
        ("2024-04-01", None, VisitState.IN_WINDOW),
        ("2024-04-02", None, VisitState.OVERDUE),
        ("2024-04-04", None, VisitState.OVERDUE),
        ("2024-04-05", None, VisitState.MISSED),
        ("2024-04-05", "2024-03-30", VisitState.DONE),
        ("2024-03-29", "2024-03-30", VisitState.IN_WINDOW),
    ],
)
def test_that_a_visit_is_overdue_after_the_last_day_of_its_window(
    as_of: str, done_on: str | None, state: VisitState
) -> None:
    found = visit_state(
        first_on=date(2024, 3, 29),
        last_on=date(2024, 4, 1),
        next_first_on=date(2024, 4, 5),
        done_on=date.fromisoformat(done_on) if done_on else None,
        as_of=date.fromisoformat(as_of),
    )

    assert state is found


def test_that_the_schedule_is_the_protocols_with_its_windows() -> None:
    found = schedule(drawn(), 1)

    assert [-7, 0, 3, 7, 10, 14, 21, 28, 42, 60, 90, 120, 150, 180, 270, 365, 545, 730] == list(found)
    assert "d 28 to 31" == found[28].window
    assert "d 113 to 127" == found[120].window
    assert "baseline" == found[-7].title
    assert "d 256 to 284" == found[270].window


def test_that_day_28_is_not_drawn_early_so_that_the_area_to_day_28_stays_reportable() -> None:
    found = schedule(drawn(27), 30)

    assert found[28].state is VisitState.IN_WINDOW
    assert schedule(drawn(28), 30)[28].state is VisitState.DONE


def test_that_flow_begins_on_day_7_and_marrow_has_its_own_days() -> None:
    found = schedule(drawn(), 1)

    assert ("blood count", "transgene qPCR") == found[3].assays
    assert "CAR and B-cell flow" in found[7].assays
    assert [-7, 28, 90, 180, 365, 730] == [day for day, visit in found.items() if "marrow MRD" in visit.assays]


def test_that_a_specimen_nearest_the_planned_day_stands_for_the_visit_and_for_one_only() -> None:
    found = schedule(drawn(6, 7, 10), 12)

    assert (VisitState.DONE, on(7)) == (found[7].state, found[7].done_on)
    assert (VisitState.DONE, on(10)) == (found[10].state, found[10].done_on)
    assert found[3].state is VisitState.MISSED


def test_that_where_windows_overlap_one_specimen_does_not_stand_twice() -> None:
    protocol = load_protocol("nct06389305")
    assert protocol.visits is not None
    group = VisitGroup(anchor=InfusionKind.CAR_T, days=(60, 90), days_before=20, days_after=20)
    wide = replace(protocol, visits=replace(protocol.visits, groups=(group,)))

    found = visits(drawn(72).timeline(100), wide, on(100))

    assert [VisitState.DONE, VisitState.IN_WINDOW] == [visit.state for visit in found]


def test_that_a_late_specimen_stands_for_the_visit_until_the_next_window_opens() -> None:
    late = schedule(drawn(33), 40)[28]

    assert (VisitState.DONE, 2) == (late.state, late.days_late)
    assert schedule(drawn(36), 40)[28].state is VisitState.MISSED


def test_that_an_overdue_visit_counts_its_days() -> None:
    found = schedule(drawn(28), 52)[42]

    assert (VisitState.OVERDUE, 3) == (found.state, found.days_late)


def test_that_open_visits_are_the_overdue_the_current_and_the_next() -> None:
    scenario = drawn(-7, 0, 3, 7, 10, 14, 21, 28)
    protocol = load_protocol("nct06389305")

    found = open_visits(scenario.timeline(52), protocol, on(52))

    assert [(42, VisitState.OVERDUE), (60, VisitState.DUE)] == [(visit.day, visit.state) for visit in found]
    assert [60, 90] == [visit.day for visit in open_visits(scenario.timeline(53), protocol, on(53))]


@pytest.mark.parametrize("kind", [EventKind.DEATH, EventKind.HSCT])
def test_that_nothing_is_asked_for_after_the_course_or_the_life_ended(kind: EventKind) -> None:
    scenario = drawn(28).event(45, kind)

    found = schedule(scenario, 100)

    assert max(found) == 42
    assert not open_visits(scenario.timeline(100), load_protocol("nct06389305"), on(100))


def test_that_nothing_is_asked_for_after_consent_was_withdrawn() -> None:
    scenario = drawn(28)
    withdrawal = Consent(patient_code="P-001", consent_kind=ConsentKind.WITHDRAWAL, consented_on=on(45))
    scenario.record = replace(scenario.record, consents=(withdrawal,))

    assert max(schedule(scenario, 100)) == 42
    again = Consent(patient_code="P-001", consent_kind=ConsentKind.CONSENT, consented_on=on(50))
    scenario.record = replace(scenario.record, consents=(withdrawal, again))
    assert 730 in schedule(scenario, 100)


def test_that_study_cells_begin_a_schedule_of_their_own() -> None:
    scenario = drawn(119, 120, 127).study_cells(120)

    found = schedule(scenario, 130, InfusionKind.STUDY_CELLS)

    assert schedule(drawn(), 130, InfusionKind.STUDY_CELLS) == {}
    assert [-1, 0, 7, 14, 28, 60] == list(found)[:6]
    assert "screening" == found[-1].title
    assert "d −28 to −1" == found[-1].window
    assert found[7].state is VisitState.DONE
    assert max(found) == 5479  # year 15
