import pytest

from labmon.criteria.limit import Comparison, Limit, SourceStatus
from labmon.domain.quantity import Quantity, Unit, ValueState


def limit(comparison: str, value: float, unit: str = "%") -> Limit:
    return Limit(
        comparison=Comparison(comparison), value=value, unit=unit, source="a paper", status=SourceStatus.SOURCED
    )


@pytest.mark.parametrize(
    ("comparison", "expected"),
    [
        ("<", [True, False, False]),
        ("<=", [True, True, False]),
        (">=", [False, True, True]),
        (">", [False, False, True]),
    ],
)
def test_that_equality_belongs_to_the_inclusive_comparisons_only(comparison: str, expected: list[bool]) -> None:
    assert expected == [limit(comparison, 3.0).holds(number) for number in (2.99, 3.0, 3.01)]


def test_that_a_percentage_computed_from_counts_does_not_miss_its_limit_by_the_last_bit() -> None:
    computed = 0.1 + 0.2  # 0.30000000000000004

    assert limit(">=", 0.3).holds(computed)
    assert not limit(">", 0.3).holds(computed)


def below(lloq: float | None, lod: float | None = None) -> Quantity:
    return Quantity.without_value(ValueState.DETECTED_BELOW_LLOQ, Unit.PERCENT, lod=lod, lloq=lloq)


def test_that_a_detected_value_below_its_lloq_is_below_a_cutoff_only_if_the_cutoff_reaches_the_lloq() -> None:
    cutoff = limit("<", 50)

    assert cutoff.holds_for(below(50)) is True
    assert cutoff.holds_for(below(20)) is True
    assert cutoff.holds_for(below(60)) is None
    assert cutoff.holds_for(below(None)) is None


def test_that_whatever_is_detected_is_more_than_nothing() -> None:
    assert limit(">", 0).holds_for(below(lloq=1e-5)) is True


def test_that_a_value_between_lod_and_lloq_is_at_least_a_limit_under_the_lod() -> None:
    assert limit(">=", 1).holds_for(below(lloq=5, lod=2)) is True
    assert limit(">=", 2).holds_for(below(lloq=5, lod=2)) is True
    assert limit("<", 1).holds_for(below(lloq=5, lod=2)) is False
    assert limit(">", 3).holds_for(below(lloq=5, lod=2)) is None


def test_that_a_value_not_detected_lies_below_its_lod_and_nothing_more_is_known() -> None:
    quantity = Quantity.without_value(ValueState.NOT_DETECTED, Unit.PERCENT, lod=2, lloq=5)

    assert limit("<", 2).holds_for(quantity) is True
    assert limit(">=", 2).holds_for(quantity) is False
    assert limit("<", 1).holds_for(quantity) is None


def test_that_a_value_above_its_range_is_above_every_limit_in_the_range() -> None:
    quantity = Quantity.without_value(ValueState.ABOVE_ULOQ, Unit.PERCENT, uloq=80)

    assert limit("<", 50).holds_for(quantity) is False
    assert limit(">=", 80).holds_for(quantity) is True
    assert limit(">=", 90).holds_for(quantity) is None


def test_that_a_threshold_shows_its_source_and_that_it_is_ours_where_it_is() -> None:
    own = Limit(
        comparison=Comparison.ABOVE, value=35, unit="d", source="monthly checks", status=SourceStatus.OWN_CHOICE
    )

    assert own.threshold("gap").source == "monthly checks (labmon's own choice)"
    assert own.amount == "35\u00a0d"
