from dataclasses import replace

import pytest

from labmon.criteria.evaluate import evaluate
from labmon.criteria.modify import numbers_of
from labmon.criteria.protocol import load_protocol
from labmon.domain.errors import UserError
from labmon.domain.finding import FlagState
from labmon.workflow.rule_bench import bench, with_threshold
from tests.criteria.patients import Scenario, flagged_patient

PROTOCOL = load_protocol("nct06389305")


def cohort() -> list:
    """One patient with a textbook loss, one whose lowest value is 60, one never measured."""
    at_sixty = Scenario().marrow(28).marrow(95)
    for day, value in ((10, 41300), (28, 3000), (60, 900), (88, 60), (120, 60)):
        at_sixty.transgene(day, value)
    at_sixty.lymphocytes(28, 0.1).lymphocytes(120, 0.1)
    return [each.timeline(130) for each in (flagged_patient(), at_sixty, Scenario())]


def test_that_a_higher_cutoff_names_who_becomes_a_loss_and_why() -> None:
    changes = bench(cohort(), PROTOCOL, with_threshold(PROTOCOL, "R1.cutoff", 100))

    assert [(c.rule_id, c.from_state, c.to_state) for c in changes] == [
        ("R6", FlagState.NOT_MET, FlagState.MET),
        ("R1", FlagState.NOT_MET, FlagState.MET),
        ("R7", FlagState.NOT_MET, FlagState.MET),
    ]
    assert "below 100" in changes[1].why
    assert changes[1].text == "P-001 R1: not met became met"


def test_that_the_same_protocol_changes_nobody() -> None:
    assert bench(cohort(), PROTOCOL, PROTOCOL) == ()


def test_that_a_bench_finds_every_change_that_two_full_evaluations_find() -> None:
    timelines = cohort()
    for path, limit in numbers_of(PROTOCOL).items():
        for value in (limit.value * 0.2, limit.value * 4):
            modified = with_threshold(PROTOCOL, path, value)
            expected = {
                (old.rule_id, old.flag_state, new.flag_state)
                for timeline in timelines
                for old, new in zip(evaluate(timeline, PROTOCOL), evaluate(timeline, modified), strict=True)
                if old.flag_state is not new.flag_state
            }

            found = {(c.rule_id, c.from_state, c.to_state) for c in bench(timelines, PROTOCOL, modified)}

            one = timelines[:1]  # all are called P-001 here, so findings made before are those of one
            made = {"P-001": evaluate(one[0], PROTOCOL)}

            assert found == expected, path
            assert bench(one, PROTOCOL, modified, made) == bench(one, PROTOCOL, modified), path


def test_that_a_shorter_window_moves_only_the_rules_it_belongs_to() -> None:
    changes = bench(cohort(), PROTOCOL, with_threshold(PROTOCOL, "window.length", 2))

    moved = {change.rule_id for change in changes}
    assert "R6" in moved
    assert not moved & {"R0", "R4", "R5", "R7"}


def test_that_a_rule_left_out_is_no_longer_asked() -> None:
    without = replace(PROTOCOL, rules=tuple(rule for rule in PROTOCOL.rules if rule.id != "R5"))

    changes = bench(cohort()[:1], PROTOCOL, without)

    assert [("R5", None)] == [(change.rule_id, change.to_state) for change in changes]
    assert changes[0].text.endswith("became no longer asked")


@pytest.mark.parametrize("path", ["R1.cutof", "R9.cutoff", "R1", "window.counting", "R1.title"])
def test_that_a_path_without_a_number_is_refused(path: str) -> None:
    with pytest.raises(UserError) as error:
        with_threshold(PROTOCOL, path, 1)

    assert f'"{path}"' in str(error.value)
