from dataclasses import replace

import pytest

from labmon.criteria.protocol import load_protocol
from labmon.criteria.rule_kinds import FlowLossRule
from labmon.domain.analyte import Analyte
from labmon.domain.finding import FlagState
from tests.criteria.patients import Scenario, percent


def expanded() -> Scenario:
    return Scenario().flow(7, 12).flow(14, 20).flow(28, 4).flow(60, 0.4)


def test_that_two_samples_below_a_tenth_of_a_percent_are_a_loss() -> None:
    finding = expanded().flow(88, 0.05).flow(116, None).finding("R1f")

    assert finding.flag_state is FlagState.MET
    assert (60, 88, 116) == (finding.bracket_left_day, finding.bracket_right_day, finding.confirmed_day)
    assert "of 40\u2009000 events" in finding.sentence


def test_that_exactly_a_tenth_of_a_percent_is_not_below_it() -> None:
    assert expanded().flow(88, 0.100).finding("R1f").flag_state is FlagState.NOT_MET
    assert expanded().flow(88, 0.099).finding("R1f").flag_state is FlagState.UNCONFIRMED


def test_that_a_lone_discrepant_value_is_overridden_by_its_repeat() -> None:
    finding = expanded().flow(88, 0.05).flow(95, 0.3).finding("R1f", day=100)

    assert finding.flag_state is FlagState.NOT_MET
    assert "the lone value below it on day 88 is overridden" in finding.sentence
    assert ["overridden", "last good"] == [e.role for e in finding.evidence]


@pytest.mark.parametrize(
    ("value", "cd3", "state"),
    [
        (0.05, 22000, FlagState.UNCONFIRMED),
        (0.05, 21999, FlagState.NOT_EVALUABLE),
        (None, 13000, FlagState.UNCONFIRMED),
        (None, 12999, FlagState.NOT_EVALUABLE),
        (None, None, FlagState.NOT_EVALUABLE),
    ],
)
def test_that_absence_needs_enough_events_to_be_absent_from(
    value: float | None, cd3: float | None, state: FlagState
) -> None:
    finding = expanded().flow(88, value, cd3=cd3).finding("R1f")

    assert finding.flag_state is state
    assert bool(finding.missing)


def test_that_presence_was_seen_however_few_events_there_were() -> None:
    assert expanded().flow(88, 5, cd3=4000).finding("R1f").flag_state is FlagState.NOT_MET


def test_that_a_specimen_older_than_a_day_decides_nothing() -> None:
    finding = expanded().flow(88, 0.05, age=25).finding("R1f")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "25.0 h old" in finding.sentence


def test_that_a_specimen_of_unknown_age_confirms_no_absence_and_names_the_datum() -> None:
    finding = expanded().flow(88, 0.05, age=None).finding("R1f")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "the age of the specimen is not on record" in finding.sentence
    assert ("age of the flow specimen (time of collection, time of acquisition)",) == finding.missing


def test_that_a_specimen_of_unknown_age_still_shows_presence() -> None:
    assert expanded().flow(88, 5, age=None).finding("R1f").flag_state is FlagState.NOT_MET


def test_that_where_no_times_are_recorded_an_unknown_age_is_a_caution() -> None:
    protocol = load_protocol("nct06389305")
    rules = tuple(replace(r, times_are_recorded=False) if isinstance(r, FlowLossRule) else r for r in protocol.rules)

    finding = expanded().flow(88, 0.05, age=None).finding("R1f", protocol=replace(protocol, rules=rules))

    assert finding.flag_state is FlagState.UNCONFIRMED
    assert "the age of the flow specimen is not on record" in finding.cautions


def test_that_an_age_known_to_be_within_the_limit_needs_no_exact_hour() -> None:
    basis: dict[str, float | str] = {"cd3_events": 40000, "car_pos_events": 20, "specimen_age_at_most_h": 14.0}
    scenario = expanded().add(88, Analyte.CAR_POS_PCT_OF_CD3, percent(0.05), basis=basis)

    assert scenario.finding("R1f").flag_state is FlagState.UNCONFIRMED


def test_that_a_flow_loss_confirmed_after_the_window_is_shown_as_later() -> None:
    scenario = expanded().flow(80, 0.4).flow(110, 0.4).flow(140, 0.4).flow(180, 0.05).flow(200, None)

    finding = scenario.finding("R1f", day=210)

    assert finding.flag_state is FlagState.MET
    assert any("confirmed later, on day 200" in caution for caution in finding.cautions)


def test_that_a_count_just_short_of_what_is_asked_is_not_rounded_up_to_it() -> None:
    finding = expanded().flow(88, 0.05, cd3=21999).finding("R1f")

    assert "21\u2009999 CD3+ events" in finding.sentence


def test_that_cells_never_seen_were_not_lost() -> None:
    finding = Scenario().flow(7, None).flow(14, 0.05).finding("R1f")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "expansion not established" in finding.sentence


def test_that_cells_seen_again_after_a_confirmed_loss_are_a_conflict() -> None:
    finding = expanded().flow(88, 0.05).flow(100, None).flow(116, 2).finding("R1f")

    assert finding.flag_state is FlagState.CONFLICT


def test_that_flow_nobody_did_is_missing_not_negative() -> None:
    finding = Scenario().finding("R1f")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert ("CAR+ flow in blood",) == finding.missing
