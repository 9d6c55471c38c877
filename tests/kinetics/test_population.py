import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labmon.kinetics.persistence import Persistence, PersistenceState
from labmon.kinetics.population import Duration, Estimator, PersistenceSummary, curve_of, summarise
from labmon.kinetics.withheld import Withheld

CONFORMANCE = Path(__file__).resolve().parents[2].parent / "shared" / "conformance"

# Finkelstein and Wolfe 1985, breast retraction in months after radiotherapy alone; None is right-censored.
RETRACTION = (
    *((45, None), (6, 10), (0, 7), (46, None), (46, None), (7, 16), (17, None), (7, 14), (37, 44), (0, 8), (4, 11)),
    *((15, None), (11, 15), (22, None), (46, None), (46, None), (25, 37), (46, None), (26, 40), (46, None), (27, 34)),
    *((36, 44), (46, None), (36, 48), (37, None), (40, None), (17, 25), (46, None), (11, 18), (38, None), (5, 12)),
    *((37, None), (0, 5), (18, None), (24, None), (36, None), (5, 11), (19, 35), (17, 25), (24, None), (32, None)),
    *((33, None), (19, 26), (37, None), (34, None), (36, None)),
)
PUBLISHED = {
    (4, 5): 0.0463,
    (6, 7): 0.0334,
    (7, 8): 0.0887,
    (11, 12): 0.0708,
    (24, 25): 0.0926,
    (33, 34): 0.0818,
    (38, 40): 0.1209,
    (46, 48): 0.4656,
}


def exact(times: list[float], status: list[int]) -> list[Duration]:
    return [Duration(time, time if event else None) for time, event in zip(times, status, strict=True)]


@pytest.fixture(scope="session")
def survival_sets() -> dict[str, Any]:
    """Data sets with the Kaplan-Meier estimates another engine gives them; not part of the checkout."""
    if not CONFORMANCE.is_dir():
        pytest.skip("survival_reference.json not present: the comparison with the reference engine did not run")
    aml = json.loads((CONFORMANCE / "survival_reference.json").read_text(encoding="utf-8"))["aml"]
    simulated = json.loads((CONFORMANCE / "survival_simulated.json").read_text(encoding="utf-8"))["datasets"]
    return {"aml": aml, "simulated": simulated}


@pytest.mark.parametrize("estimator", Estimator)
@pytest.mark.parametrize("group", ["all", "Maintained", "Nonmaintained"])
def test_that_exact_and_censored_times_give_the_reference_curve(
    survival_sets: dict[str, Any], estimator: Estimator, group: str
) -> None:
    data, expected = survival_sets["aml"]["data"], survival_sets["aml"]["km"][group]["log_log"]
    chosen = [group in ("all", each) for each in data["group"]]
    times = [time for time, is_chosen in zip(data["time"], chosen, strict=True) if is_chosen]
    status = [event for event, is_chosen in zip(data["status"], chosen, strict=True) if is_chosen]
    found = curve_of(exact(times, status), estimator)

    falls = [i for i, events in enumerate(expected["curve"]["n_event"]) if events]
    assert [expected["curve"]["time"][i] for i in falls] == [step.day for step in found.steps]
    assert [expected["curve"]["surv"][i] for i in falls] == pytest.approx([s.survival for s in found.steps], rel=1e-8)
    assert found.median is not None
    assert (expected["median"]["median"],) * 2 == found.median
    if estimator is Estimator.MIDPOINT:
        for limit in ("lower", "upper"):
            for i, step in zip(falls, found.steps, strict=True):
                theirs, ours = expected["curve"][limit][i], step.low if limit == "lower" else step.high
                assert (theirs is None) == (ours is None)
                if ours is not None:
                    assert theirs == pytest.approx(ours, rel=1e-8)
        assert found.median_confidence == (expected["median"]["lower"], expected["median"]["upper"])


@pytest.mark.parametrize("estimator", Estimator)
def test_that_every_simulated_data_set_has_the_reference_survival_and_median(
    survival_sets: dict[str, Any], estimator: Estimator
) -> None:
    compared = 0
    for one in survival_sets["simulated"]:
        expected = one["km"]["all"]["log_log"]
        data = one["data"]
        found = curve_of(exact(data["time"], [int(cause > 0) for cause in data["status"]]), estimator)
        for at in ("at_1y", "at_2y"):
            reached = [step for step in found.steps if step.day <= expected[at]["time"]]
            survival = reached[-1].survival if reached else 1.0
            assert expected[at]["surv"] == pytest.approx(survival, rel=1e-8, abs=1e-12), (one["id"], at)
            compared += 1
        median = expected["median"]["median"]
        assert (None if median is None else (median, median)) == found.median, one["id"]

    assert compared >= 60


def test_that_turnbulls_masses_are_the_published_ones() -> None:
    found = curve_of([Duration(left, right) for left, right in RETRACTION])

    before, masses = 1.0, {}
    for step in found.steps:
        masses[step.from_day, step.day] = before - step.survival
        before = step.survival
    assert list(PUBLISHED) == list(masses)
    assert list(PUBLISHED.values()) == pytest.approx(list(masses.values()), abs=5e-5)
    assert (21, 25) == (found.losses, found.censored)


def test_that_between_two_samples_the_curve_claims_no_more_than_an_interval() -> None:
    found = curve_of([Duration(60, 88), Duration(60, 88), Duration(120, None), Duration(90, None)])

    assert (1.0, 1.0) == found.survival(60)
    assert (0.5, 1.0) == pytest.approx(found.survival(75))
    assert (0.5, 0.5) == pytest.approx(found.survival(88))
    assert found.survival(121) is None


def test_that_the_midpoint_curve_falls_in_the_middle_and_says_so() -> None:
    found = curve_of([Duration(60, 88), Duration(120, None)], Estimator.MIDPOINT)

    assert [(74, 0.5, 2, 1)] == [(step.day, step.survival, step.at_risk, step.losses) for step in found.steps]
    assert "middle of its interval" in found.estimator.label


def test_that_a_loss_between_the_bounds_of_another_interval_stays_there() -> None:
    # (60, 88] and (88, 120] share no day; an exact day 88 lies in the first.
    found = curve_of([Duration(60, 88), Duration(88, 120), Duration(88, 88)])

    assert [(88, 88, pytest.approx(1 / 3)), (88, 120, 0.0)] == [(s.from_day, s.day, s.survival) for s in found.steps]


def test_that_a_group_without_losses_stays_at_one() -> None:
    for estimator in Estimator:
        found = curve_of([Duration(30, None), Duration(90, None)], estimator)
        assert ((), None) == (found.steps, found.median)
        assert (1.0, 1.0) == found.survival(90)
    assert curve_of([]).survival(0) is None


def test_that_a_course_that_never_expanded_is_counted_but_no_part_of_the_curve() -> None:
    stays = [
        Persistence(state=PersistenceState.LOST, left_day=60, right_day=88),
        Persistence(state=PersistenceState.UNCONFIRMED, left_day=100, unconfirmed_day=120),
        Persistence(state=PersistenceState.NOT_ESTABLISHED, withheld=Withheld.NEVER_QUANTIFIED),
    ]
    found = summarise(stays)

    assert (2, 1, 1, 1) == (found.courses, found.losses, found.censored, found.not_established)
    assert [(60, 88, 0.5)] == [(s.from_day, s.day, pytest.approx(s.survival)) for s in found.steps]


def test_that_an_interval_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="no interval"):
        Duration(10, 5)


INTERVALS = st.lists(
    st.tuples(st.integers(0, 40), st.one_of(st.none(), st.integers(0, 25))).map(
        lambda pair: Duration(pair[0], None if pair[1] is None else pair[0] + pair[1])
    ),
    min_size=1,
    max_size=25,
)


def log_likelihood_gain(courses: list[Duration], found: PersistenceSummary) -> float:
    """The most that mass moved to one of the curve's own places could still gain, per course."""
    places = [(step.from_day, step.day) for step in found.steps]
    masses = [
        before - step.survival
        for before, step in zip([1.0, *[s.survival for s in found.steps]], found.steps, strict=False)
    ]
    beyond = found.steps[-1].survival if found.steps else 1.0

    def inside(course: Duration, place: tuple[float, float]) -> bool:
        left, right = place
        if course.right == course.left:
            return left == right == course.left
        return (course.left < left if left == right else course.left <= left) and (
            course.right is None or right <= course.right
        )

    probabilities = [
        sum(mass for place, mass in zip(places, masses, strict=True) if inside(course, place))
        + (beyond if course.right is None else 0.0)
        for course in courses
    ]
    return max(
        (
            sum(inside(course, place) / p for course, p in zip(courses, probabilities, strict=True)) / len(courses)
            for place in places
        ),
        default=1.0,
    )


@given(INTERVALS)
def test_that_no_mass_could_be_moved_to_make_the_data_likelier(courses: list[Duration]) -> None:
    found = curve_of(courses)

    survivals = [1.0, *[step.survival for step in found.steps]]
    assert sorted(survivals, reverse=True) == survivals
    assert log_likelihood_gain(courses, found) == pytest.approx(1, abs=1e-6)


@given(INTERVALS, st.randoms(use_true_random=False))
def test_that_the_order_of_courses_changes_nothing(courses: list[Duration], rng: Any) -> None:
    shuffled = courses.copy()
    rng.shuffle(shuffled)

    assert [s.survival for s in curve_of(courses).steps] == pytest.approx(
        [s.survival for s in curve_of(shuffled).steps], abs=1e-7
    )
