import pytest

from labmon.domain.quantity import Quantity, Unit, ValueState
from labmon.trial.marrow_relapse import (
    MarrowTest,
    MarrowTests,
    RelapseCall,
    RelapseState,
    marrow_relapse,
    marrows_of,
)
from labmon.trial.response_rules import load_relapse_table
from tests.trial.responding import mrd, observed, on

RELAPSE, UNCONFIRMED, NO_RELAPSE = RelapseState.RELAPSE, RelapseState.UNCONFIRMED, RelapseState.NO_RELAPSE


def marrow(day: int, *pcts: float | None) -> MarrowTests:
    """Tests of one marrow in percent; None was not detected."""
    tests = []
    for number, pct in enumerate(pcts):
        if pct is None:
            quantity = Quantity.without_value(ValueState.NOT_DETECTED, Unit.PERCENT, lod=0.01)
        else:
            quantity = Quantity(value=pct, unit=Unit.PERCENT, state=ValueState.QUANTIFIED)
        tests.append(MarrowTest(name=f"test {number}", pct=quantity))
    return MarrowTests(on=on(day), tests=tuple(tests))


def relapse(*marrows: MarrowTests, remission_day: int = 28) -> RelapseCall:
    return marrow_relapse(marrows, load_relapse_table(), remission_on=on(remission_day))


@pytest.mark.parametrize(
    ("first", "second", "state", "row"),
    [
        ((25,), None, RELAPSE, 1),
        ((24.9,), None, UNCONFIRMED, 3),
        ((24.9, 1), None, RELAPSE, 2),
        ((24.9, 0.9), None, UNCONFIRMED, 3),
        ((5, None), (1, 1), RELAPSE, 3),
        ((5, None), (1, 0.9), UNCONFIRMED, 5),  # the second marrow asks for a third
        ((5, None), (0.9, 0.9), NO_RELAPSE, None),
        ((5, None), (30,), RELAPSE, 1),  # the second marrow is one by itself
        ((4.9, 1, 1), None, RELAPSE, 4),
        ((4.9, 1), None, UNCONFIRMED, 5),
        ((1, None), (2, 3), RELAPSE, 5),
        ((0.9, 0.9), None, NO_RELAPSE, None),
        ((None, None), None, NO_RELAPSE, None),
    ],
)
def test_that_the_table_of_ponte_di_legno_decides(
    first: tuple[float | None, ...],
    second: tuple[float | None, ...] | None,
    state: RelapseState,
    row: int | None,
) -> None:
    marrows = [marrow(90, *first)] + ([marrow(104, *second)] if second else [])

    found = relapse(*marrows)

    assert (state, row) == (found.state, found.row)


def test_that_the_date_is_that_of_the_marrow_that_establishes_it_and_the_gap_is_shown() -> None:
    found = relapse(marrow(60, 0.1), marrow(90, 6), marrow(104, 2, 2))

    assert (on(104), on(90), 44) == (found.relapsed_on, found.first_seen_on, found.gap_days)


def test_that_an_unconfirmed_marrow_names_what_would_confirm_it() -> None:
    assert ("a second marrow with 2 tests ≥\u00a01\u00a0%",) == relapse(marrow(90, 6)).missing


def test_that_a_marrow_up_to_the_remission_is_no_relapse() -> None:
    assert RelapseState.NOT_EVALUABLE is relapse(marrow(28, 80)).state


def test_that_morphology_and_mrd_of_one_day_are_tests_of_one_marrow() -> None:
    measured = observed(blasts=6, day=90, mrd=(mrd(90, 0.012), mrd(95, 0.3)))

    marrows = marrows_of(measured)

    assert [(on(90), ["morphology", "MRD flow"]), (on(95), ["MRD flow"])] == [
        (each.on, [test.name for test in each.tests]) for each in marrows
    ]
    assert (RELAPSE, 2) == (relapse(*marrows).state, relapse(*marrows).row)
