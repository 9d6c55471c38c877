from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from labmon.domain.quantity import ValueState
from labmon.kinetics.nca import Sample
from labmon.kinetics.persistence import Persistence, PersistenceState, persistence
from labmon.kinetics.withheld import Withheld

BELOW = ValueState.DETECTED_BELOW_LLOQ
NONE = ValueState.NOT_DETECTED
FAILED = ValueState.NO_RESULT


def series(*pairs: tuple[float, float | ValueState], lloq: float = 50) -> list[Sample]:
    return [
        Sample(day, None, value, lloq)
        if isinstance(value, ValueState)
        else Sample(day, value, ValueState.QUANTIFIED, lloq)
        for day, value in pairs
    ]


def states_and_days(stay: Persistence) -> tuple[PersistenceState, float | None, float | None, float | None]:
    return stay.state, stay.left_day, stay.right_day, stay.confirmed_day


def test_that_a_loss_lies_between_the_last_good_and_the_first_of_two_samples_below_lloq() -> None:
    stay = persistence(series((0, NONE), (10, 9000), (60, 214), (88, BELOW), (116, NONE)))

    assert (PersistenceState.LOST, 60, 88, 116) == states_and_days(stay)


def test_that_one_sample_below_lloq_at_the_end_confirms_nothing() -> None:
    stay = persistence(series((10, 9000), (60, 214), (88, BELOW)))

    assert (PersistenceState.UNCONFIRMED, 60, None, None) == states_and_days(stay)
    assert 88 == stay.unconfirmed_day


def test_that_a_lone_sample_below_lloq_between_good_ones_is_transient() -> None:
    stay = persistence(series((10, 9000), (60, NONE), (88, 120), (120, 90)))

    assert (PersistenceState.ONGOING, 120, None, None) == states_and_days(stay)
    assert (60,) == stay.transient_days


def test_that_a_value_after_a_confirmed_loss_is_a_conflict() -> None:
    stay = persistence(series((10, 9000), (60, NONE), (88, NONE), (120, 90)))

    assert (PersistenceState.CONFLICT, 10, 60, 88) == states_and_days(stay)
    assert 120 == stay.redetected_day


def test_that_a_failed_sample_neither_confirms_nor_breaks() -> None:
    stay = persistence(series((10, 9000), (60, NONE), (74, FAILED), (88, NONE)))

    assert (PersistenceState.LOST, 10, 60, 88) == states_and_days(stay)


def test_that_two_samples_of_one_day_do_not_confirm_each_other() -> None:
    stay = persistence(series((10, 9000), (60.3, NONE), (60.8, NONE)))

    assert (PersistenceState.UNCONFIRMED, 10, None, None) == states_and_days(stay)


def test_that_what_was_never_quantified_cannot_be_lost() -> None:
    stay = persistence(series((7, NONE), (14, BELOW), (28, NONE)))

    assert PersistenceState.NOT_ESTABLISHED == stay.state
    assert Withheld.NEVER_QUANTIFIED == stay.withheld


def test_that_a_value_of_exactly_the_lloq_still_counts() -> None:
    assert PersistenceState.ONGOING == persistence(series((10, 9000), (60, 50.0), (88, 50.0))).state


def test_that_each_sample_is_judged_by_its_own_lloq_and_all_of_them_are_named() -> None:
    old = series((10, 9000), (60, BELOW))
    new = series((88, 20), (120, 16), lloq=14)
    stay = persistence([*old, *new])

    assert (PersistenceState.ONGOING, 120) == (stay.state, stay.left_day)
    assert (14, 50) == stay.lloqs


def test_that_a_cutoff_overrides_the_lloq_of_the_samples() -> None:
    stay = persistence(series((10, 9000), (60, 40), (88, 20), lloq=14), cutoff=50)

    assert (PersistenceState.LOST, 10, 60, 88) == states_and_days(stay)


def test_that_a_signal_below_an_lloq_above_the_cutoff_says_nothing() -> None:
    samples = [*series((10, 9000), (60, BELOW), (88, BELOW), lloq=100), *series((120, 60))]

    assert (PersistenceState.ONGOING, 120) == (
        persistence(samples, cutoff=50).state,
        persistence(samples).redetected_day,
    )


values = st.sampled_from([NONE, BELOW, FAILED, ValueState.ABOVE_ULOQ, 50.0, 200.0, 9000.0])


@given(st.lists(values, min_size=1, max_size=10), st.data())
def test_that_a_sample_turning_negative_at_the_end_never_prolongs_persistence(
    found: Sequence[float | ValueState], data: st.DataObject
) -> None:
    before = series(*((7.0 * (k + 1), value) for k, value in enumerate(found)))
    cut = data.draw(st.integers(0, len(before) - 1))
    after = [*before[:cut], *(Sample(s.day, None, NONE, 50) for s in before[cut:])]

    first, second = persistence(before), persistence(after)
    if second.left_day is not None:
        assert first.left_day is not None
        assert second.left_day <= first.left_day or first.state is PersistenceState.CONFLICT


@given(st.lists(values, min_size=1, max_size=10))
def test_that_the_interval_is_in_order_and_its_ends_are_samples(found: Sequence[float | ValueState]) -> None:
    samples = series(*((7.0 * (k + 1), value) for k, value in enumerate(found)))
    stay = persistence(samples)
    days = [stay.left_day, stay.right_day, stay.confirmed_day, stay.redetected_day]
    known = [day for day in days if day is not None]

    assert sorted(set(known)) == known
    assert set(known) <= {s.day for s in samples}
    assert (stay.right_day is None) == (stay.confirmed_day is None)
    assert (stay.state is PersistenceState.NOT_ESTABLISHED) == (stay.left_day is None)
