from dataclasses import replace

import pytest

from labmon.criteria.evaluate_presets import evaluate_presets
from labmon.criteria.limit import SourceStatus
from labmon.criteria.preset import read_preset, shipped_presets
from labmon.criteria.protocol import RegistryConcept, load_protocol
from labmon.domain.clinical import HematogonesState
from labmon.domain.errors import UserError
from labmon.domain.finding import Finding, FlagState
from labmon.resources import read_text
from tests.criteria.patients import Scenario, flagged_patient

PROTOCOL = load_protocol("nct06389305")


def presets_of(scenario: Scenario, day: int = 150) -> dict[str, Finding]:
    return dict(evaluate_presets(scenario.timeline(day), PROTOCOL))


def states_of(scenario: Scenario, day: int = 150) -> dict[str, FlagState]:
    return {preset_id: finding.flag_state for preset_id, finding in presets_of(scenario, day).items()}


def expanded() -> Scenario:
    return Scenario().transgene(10, 41300).transgene(60, 214).flow(10, 20).flow(60, 2)


def test_that_every_preset_of_the_reference_is_shipped_with_its_source() -> None:
    assert list(shipped_presets()) == [
        "registry_concept",
        "labmon_default",
        "b_cell_recovery_6",
        "b_cell_recovery_or_hematogones_6",
        "cincinnati",
        "transgene_loss",
        "transgene_loss_awasthi",
        "flow_loss",
    ]
    assert all(preset.source and preset.differs for preset in shipped_presets().values())


def test_that_each_preset_states_its_own_answer_and_what_would_change_it() -> None:
    found = presets_of(flagged_patient())

    assert {preset_id: finding.flag_state for preset_id, finding in found.items()} == {
        "registry_concept": FlagState.NOT_EVALUABLE,
        "labmon_default": FlagState.MET,
        "b_cell_recovery_6": FlagState.MET,
        "b_cell_recovery_or_hematogones_6": FlagState.MET,
        "cincinnati": FlagState.NOT_EVALUABLE,
        "transgene_loss": FlagState.MET,
        "transgene_loss_awasthi": FlagState.MET,
        "flow_loss": FlagState.NOT_EVALUABLE,
    }
    for finding in found.values():
        assert finding.would_change
        assert finding.sentence.endswith(".")
        assert finding.missing or finding.flag_state is FlagState.MET


def test_that_only_the_protocols_own_preset_raises_a_flag() -> None:
    found = presets_of(flagged_patient())

    assert [preset_id for preset_id, finding in found.items() if finding.raises_flag] == ["labmon_default"]


def test_that_the_default_preset_says_what_the_shipped_protocol_says() -> None:
    scenario = flagged_patient()

    preset, rule = presets_of(scenario)["labmon_default"], scenario.finding("R6", 150)

    assert replace(preset, title=rule.title) == rule


def test_that_cd19_exactly_one_percent_of_wbc_is_recovery_but_not_for_cincinnati() -> None:
    scenario = Scenario().wbc(28, 0.1).wbc(90, 1.0).wbc(120, 1.0)

    states = states_of(scenario)

    assert scenario.finding("R2", 150).flag_state is FlagState.MET
    assert states["b_cell_recovery_6"] is FlagState.MET
    assert states["cincinnati"] is FlagState.NOT_MET


def test_that_cd19_just_above_one_percent_of_wbc_is_recovery_for_cincinnati_too() -> None:
    assert states_of(Scenario().wbc(28, 0.1).wbc(90, 1.01).wbc(120, 1.01))["cincinnati"] is FlagState.MET


def test_that_cincinnati_wants_a_later_sample_to_confirm() -> None:
    found = presets_of(Scenario().wbc(28, 0.1).wbc(90, 4))

    assert found["cincinnati"].flag_state is FlagState.UNCONFIRMED
    assert found["b_cell_recovery_6"].flag_state is FlagState.MET


def test_that_cincinnati_says_what_its_source_leaves_open() -> None:
    cautions = presets_of(Scenario().wbc(28, 0.1).wbc(90, 4))["cincinnati"].cautions

    assert any("denominator" in caution for caution in cautions)
    assert any("100 absolute cells" in caution for caution in cautions)


@pytest.mark.parametrize(("share", "state"), [(3.0, FlagState.MET), (2.99, FlagState.NOT_MET)])
def test_that_three_percent_of_lymphocytes_is_recovery_and_less_is_aplasia(share: float, state: FlagState) -> None:
    scenario = Scenario().lymphocytes(28, 0.1).lymphocytes(90, share).lymphocytes(120, share)

    assert states_of(scenario, 125)["b_cell_recovery_6"] is state


@pytest.mark.parametrize(("copies", "state"), [(50.0, FlagState.NOT_MET), (49.9, FlagState.MET)])
def test_that_fifty_copies_are_not_below_fifty(copies: float, state: FlagState) -> None:
    scenario = expanded().transgene(90, copies, lloq=10).transgene(120, copies, lloq=10)

    states = states_of(scenario, 125)

    assert states["transgene_loss"] is state
    assert states["transgene_loss_awasthi"] is state


@pytest.mark.parametrize(("share", "state"), [(0.1, FlagState.NOT_MET), (0.099, FlagState.MET)])
def test_that_a_tenth_of_a_percent_of_car_cells_is_not_below_it(share: float, state: FlagState) -> None:
    assert states_of(expanded().flow(90, share).flow(120, share), 125)["flow_loss"] is state


def test_that_awasthi_calls_the_loss_from_one_sample_and_the_other_waits() -> None:
    found = presets_of(expanded().transgene(90, None), 100)

    assert found["transgene_loss_awasthi"].flag_state is FlagState.MET
    assert found["transgene_loss"].flag_state is FlagState.UNCONFIRMED
    assert found["transgene_loss"].repeat_from is not None


def test_that_marrow_hematogones_alone_meet_only_the_preset_that_counts_them() -> None:
    scenario = Scenario().lymphocytes(28, 0.1).lymphocytes(120, 0.1)
    scenario.marrow(28, hematogones=HematogonesState.ABSENT).marrow(90, hematogones=HematogonesState.PRESENT)

    states = states_of(scenario, 125)

    assert states["b_cell_recovery_or_hematogones_6"] is FlagState.MET
    assert states["b_cell_recovery_6"] is FlagState.NOT_MET


def test_that_recovery_after_six_months_is_not_early() -> None:
    scenario = Scenario().lymphocytes(28, 0.1).lymphocytes(184, 0.1).lymphocytes(200, 8).lymphocytes(220, 9)

    assert states_of(scenario, 230)["b_cell_recovery_6"] is FlagState.NOT_MET


def test_that_recovery_between_a_sample_inside_and_one_outside_is_not_placed() -> None:
    finding = presets_of(Scenario().lymphocytes(150, 0.1).lymphocytes(200, 8), 230)["b_cell_recovery_6"]

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "(150, 200]" in finding.sentence


def test_that_nobody_looked_until_the_window_ended_is_no_absence_of_recovery() -> None:
    finding = presets_of(Scenario().lymphocytes(28, 0.1).lymphocytes(90, 0.1), 230)["b_cell_recovery_6"]

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "a sample between day 91 and day 184" in finding.missing


def test_that_a_patient_without_samples_gets_no_answer_from_any_preset() -> None:
    assert set(states_of(Scenario()).values()) == {FlagState.NOT_EVALUABLE}


def test_that_the_registry_concept_ships_empty_and_proposes_labmons_rule() -> None:
    finding = presets_of(flagged_patient())["registry_concept"]

    assert "proposed is R6 (met" in finding.sentence
    assert finding.missing == ("the protocol's own text and numbers, under registry_concept",)
    assert not finding.evidence


def test_that_a_site_that_entered_its_text_gets_the_answer_of_its_own_rule() -> None:
    concept = RegistryConcept(
        text="loss of persistence: two samples below 50 copies",
        rule="R1",
        source="protocol v3, 5.2",
        status=SourceStatus.SOURCED,
    )
    protocol = replace(PROTOCOL, registry_concept=concept)

    finding = evaluate_presets(flagged_patient().timeline(150), protocol, ["registry_concept"])["registry_concept"]

    assert (finding.rule_id, finding.flag_state) == ("R1", FlagState.MET)


def test_that_a_preset_nobody_ships_is_refused_with_those_that_are() -> None:
    with pytest.raises(UserError, match="cincinnati") as error:
        evaluate_presets(Scenario().timeline(), PROTOCOL, ["cincinatti"])

    assert error.value.code == "P701"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('answer = "BC"', 'answer = "BD"', 'no rule is called "BD"'),
        ("unknowns =", "unknown =", 'did you mean "unknowns"?'),
        ('answer = "BC"', 'answer = ""', "either an answer or a proposal"),
        ("schema = 1", "schema = 9", "reads schema 1"),
        ('value = 100, unit = "cells/uL"', 'value = 100, unit = "cells/mL"', '"cells/mL"'),
    ],
)
def test_that_a_preset_that_does_not_fit_is_refused_with_its_line(old: str, new: str, said: str) -> None:
    text = read_text("protocols", "presets", "cincinnati.toml")
    assert old in text

    with pytest.raises(UserError) as error:
        read_preset(text.replace(old, new, 1), "cincinnati.toml")

    assert said in str(error.value)
    assert error.value.place is not None
