"""Marrow relapse with MRD: how many tests of how many marrows make one, from the published table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from labmon.criteria.limit import Limit
from labmon.domain.quantity import Quantity, Unit, ValueState
from labmon.trial.observations import Observations
from labmon.trial.response_rules import RelapseRow, RelapseTable


class RelapseState(StrEnum):
    RELAPSE = "relapse"
    UNCONFIRMED = "unconfirmed"
    """The first marrow asks for a second one, or for more tests of itself."""
    NO_RELAPSE = "no_relapse"
    NOT_EVALUABLE = "not_evaluable"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarrowTest:
    """One test of one marrow: morphology in percent, MRD as a quantity; both are read in percent."""

    name: str
    pct: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class MarrowTests:
    on: date
    tests: tuple[MarrowTest, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelapseCall:
    state: RelapseState
    relapsed_on: date | None = None
    """The assessment that establishes it."""
    first_seen_on: date | None = None
    gap_days: int | None = None
    """From the last marrow without relapse to the one that establishes it: it happened somewhere in between."""
    row: int | None = None
    """The row of the table that applies, from 1."""
    missing: tuple[str, ...] = ()


def marrows_of(observations: Observations) -> tuple[MarrowTests, ...]:
    """The tests of each marrow after the infusion, by day: blasts by microscopy, MRD by its methods."""
    by_day: dict[date, list[MarrowTest]] = {}
    for blasts in observations.marrow:
        quantity = Quantity(value=blasts.value, unit=Unit.PERCENT, state=ValueState.QUANTIFIED)
        by_day.setdefault(blasts.on, []).append(MarrowTest(name="morphology", pct=quantity))
    for mrd in observations.mrd:
        by_day.setdefault(mrd.on, []).append(MarrowTest(name=f"MRD {mrd.method.value}", pct=_in_percent(mrd.quantity)))
    return tuple(
        MarrowTests(on=on, tests=tuple(tests))
        for on, tests in sorted(by_day.items(), key=lambda item: item[0])
        if on > observations.infused_on
    )


def marrow_relapse(marrows: Sequence[MarrowTests], table: RelapseTable, *, remission_on: date) -> RelapseCall:
    """The first relapse after a remission; a finding that asks for a second marrow waits for the next one."""
    after = [marrow for marrow in marrows if marrow.on > remission_on]
    last_clear = remission_on
    for index, marrow in enumerate(after):
        found = _row_of(marrow, table)
        if found is None:
            last_clear = marrow.on
            continue
        number, row = found
        if not row.second_marrow_tests.value:
            return _relapse(marrow.on, marrow.on, last_clear, number)
        second = next(iter(after[index + 1 :]), None)
        if second is None:
            return RelapseCall(
                state=RelapseState.UNCONFIRMED,
                first_seen_on=marrow.on,
                row=number,
                missing=(f"a second marrow with {round(row.second_marrow_tests.value)} tests {table.agreeing.text}",),
            )
        agreeing = sum(table.agreeing.holds_for(test.pct) is True for test in second.tests)
        if row.second_marrow_tests.holds(agreeing):
            return _relapse(second.on, marrow.on, last_clear, number)
    return RelapseCall(state=RelapseState.NO_RELAPSE if after else RelapseState.NOT_EVALUABLE)


def _relapse(on: date, first_seen_on: date, last_clear: date, row: int) -> RelapseCall:
    return RelapseCall(
        state=RelapseState.RELAPSE,
        relapsed_on=on,
        first_seen_on=first_seen_on,
        gap_days=(on - last_clear).days,
        row=row,
    )


def _row_of(marrow: MarrowTests, table: RelapseTable) -> tuple[int, RelapseRow] | None:
    """The first row whose level one test reaches and whose number of other tests agree."""
    found = [
        (number, row)
        for number, row in enumerate(table.rows, start=1)
        if any(
            _is_at(test.pct, row) and row.other_tests.holds(_others(marrow, test, table.agreeing))
            for test in marrow.tests
        )
    ]
    return found[0] if found else None


def _is_at(pct: Quantity, row: RelapseRow) -> bool:
    if row.first_from.holds_for(pct) is not True:
        return False
    return row.first_below is None or row.first_below.holds_for(pct) is True


def _others(marrow: MarrowTests, test: MarrowTest, agreeing: Limit) -> int:
    return sum(other is not test and agreeing.holds_for(other.pct) is True for other in marrow.tests)


def _in_percent(fraction: Quantity) -> Quantity:
    def pct(value: float | None) -> float | None:
        return None if value is None else 100 * value

    return Quantity(
        value=pct(fraction.value),
        unit=Unit.PERCENT,
        state=fraction.state,
        lod=pct(fraction.lod),
        lloq=pct(fraction.lloq),
        uloq=pct(fraction.uloq),
    )
