"""Criteria a site states of its own: one threshold, and rules taken together."""

import pytest

from labmon.criteria.protocol import Protocol, read_protocol
from labmon.domain.analyte import Analyte
from labmon.domain.clinical import Costimulation, EventKind
from labmon.domain.errors import UserError
from labmon.domain.finding import Finding, FlagState
from labmon.domain.quantity import Quantity, Unit
from labmon.resources import read_text
from tests.criteria.patients import Scenario, flagged_patient

SHIPPED = read_text("protocols", "nct06389305.toml")

CD19 = """
[[rules]]
kind = "threshold"
id = "S1"
title = "CD19+ back"
source = "site protocol 5.3"
status = "S"
analyte = "cd19_cells_per_ul"
specimen_type = "peripheral_blood"
limit = { comparison = ">=", value = 50, unit = "cells/uL", status = "U", source = "site protocol 5.3" }
baseline = "b_cells_present"
exclusions = ["product", "target", "b_cell_depleting_drug", "hsct"]
window = { event = "infusion", to_day = 90, source = "site protocol 5.3", status = "S" }
"""
LOSS = """
[[rules]]
kind = "threshold"
id = "S2"
title = "Copies per µL lost"
source = "site protocol 5.4"
status = "O"
analyte = "transgene_copies_per_ul_blood"
specimen_type = "peripheral_blood"
limit = { comparison = "<", value = 5, unit = "copies/uL", status = "O", source = "site protocol 5.4" }
baseline = "quantified_before"
[rules.confirmation]
samples = 1
min_days_apart = { comparison = ">=", value = 0, unit = "d", status = "O", source = "site" }
"""
MRD = """
[[rules]]
kind = "threshold"
id = "S3"
title = "MRD-negative by flow"
source = "site protocol 6"
status = "O"
analyte = "mrd_fraction"
method = "flow"
specimen_type = "bone_marrow"
limit = { comparison = "<", value = 1e-4, unit = "fraction", status = "O", source = "site protocol 6" }
[rules.confirmation]
samples = 1
min_days_apart = { comparison = ">=", value = 0, unit = "d", status = "O", source = "site" }
"""


def combination(need: str, of: str, more: str = "") -> str:
    return f"""
[[rules]]
kind = "combination"
id = "K1"
title = "Loss by several signs"
source = "site protocol 5.5"
status = "O"
need = "{need}"
of = {of}
{more}
"""


def with_rules(*rules: str) -> Protocol:
    head, tail = SHIPPED.split("# --- eligibility", 1)
    return read_protocol(head + "".join(rules) + "# --- eligibility" + tail, "site.toml")


class B(Scenario):
    def cells(self, day: int, value: float) -> "B":
        self.add(day, Analyte.CD19_CELLS_PER_UL, Quantity.from_measurement(value, Unit.CELLS_PER_UL, lloq=1))
        return self


def cd19(scenario: Scenario, day: int = 120, rule: str = CD19) -> Finding:
    return scenario.finding("S1", day, with_rules(rule))


def test_that_fifty_b_cells_confirmed_within_ninety_days_meet_a_sites_own_criterion() -> None:
    finding = cd19(B().cells(30, 2).cells(60, 50).cells(88, 120))

    assert finding.flag_state is FlagState.MET
    assert (finding.bracket_left_day, finding.bracket_right_day, finding.confirmed_day) == (30, 60, 88)
    assert "day 60" in finding.sentence
    assert [t.value for t in finding.thresholds] == [50, 90]


def test_that_a_first_sample_waits_for_its_repeat_and_says_by_when() -> None:
    finding = cd19(B().cells(30, 2).cells(60, 51), 70)

    assert finding.flag_state is FlagState.UNCONFIRMED
    assert finding.repeat_from is not None
    assert finding.repeat_by is not None
    assert finding.missing == ("one blood sample from day 67 on",)


def test_that_a_confirmation_after_the_window_counts_and_is_shown_as_late() -> None:
    finding = cd19(B().cells(30, 2).cells(85, 60).cells(100, 70))

    assert finding.flag_state is FlagState.MET
    assert any("confirmed later, on day 100" in caution for caution in finding.cautions)


def test_that_a_site_may_ask_for_the_confirmation_inside_the_window() -> None:
    strict = CD19.replace("to_day = 90,", "to_day = 90, confirmation_inside = true,")
    late = B().cells(30, 2).cells(85, 60).cells(100, 70)
    in_time = B().cells(30, 2).cells(70, 60).cells(90, 70)

    assert cd19(late, rule=strict).flag_state is FlagState.NOT_EVALUABLE
    assert "no second sample confirms it inside the window" in cd19(late, rule=strict).sentence
    assert cd19(in_time, rule=strict).flag_state is FlagState.MET


def test_that_a_repeat_inside_the_window_is_asked_for_no_later_than_its_end() -> None:
    strict = CD19.replace("to_day = 90,", "to_day = 90, confirmation_inside = true,")
    scenario = B().cells(30, 2).cells(75, 60)

    finding = cd19(scenario, 78, strict)

    assert finding.flag_state is FlagState.UNCONFIRMED
    assert finding.repeat_by is not None
    assert scenario.timeline(78).day_of(finding.repeat_by) == 90


def test_that_fewer_cells_are_not_met_once_somebody_looked_to_the_end_of_the_window() -> None:
    watched, unwatched = B().cells(30, 2).cells(88, 49), B().cells(30, 2)

    assert cd19(watched).flag_state is FlagState.NOT_MET
    assert cd19(unwatched).flag_state is FlagState.NOT_EVALUABLE
    assert cd19(unwatched).missing == ("a sample between day 31 and day 90",)


def test_that_cells_first_seen_after_the_window_are_placed_only_by_a_sample_at_its_end() -> None:
    placed, straddling = B().cells(90, 2).cells(110, 80), B().cells(60, 2).cells(110, 80)

    assert cd19(placed).flag_state is FlagState.NOT_MET
    assert cd19(straddling).flag_state is FlagState.NOT_EVALUABLE
    assert "it may have begun inside" in cd19(straddling).sentence
    assert cd19(B().cells(110, 80)).flag_state is FlagState.NOT_EVALUABLE


def test_that_a_missing_baseline_and_an_unmeasured_analyte_are_named() -> None:
    without = B().cells(30, 2).cells(60, 80).cells(80, 80).without_baseline()

    assert cd19(without).missing == ("B-cell baseline",)
    assert cd19(B().lymphocytes(60, 30)).missing == ("CD19+ cells in blood",)


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        (B(costimulation=Costimulation.CD28), "Persistence not expected"),
        (B(target="CD22"), "directed at CD22"),
        (B().event(40, EventKind.HSCT), "transplant"),
    ],
)
def test_that_an_excluded_patient_has_no_answer(scenario: B, said: str) -> None:
    finding = cd19(scenario.cells(20, 2).cells(30, 80).cells(38, 90))

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert said in finding.sentence


def test_that_samples_under_a_depleting_drug_are_passed_over() -> None:
    finding = cd19(B().cells(20, 80).drug(25, 28).cells(30, 2), 40)

    assert finding.flag_state is FlagState.UNCONFIRMED
    assert any("day 30 is passed over: under blinatumomab" in caution for caution in finding.cautions)


def test_that_a_threshold_resting_on_a_held_result_is_held() -> None:
    scenario = B().cells(30, 2).cells(60, 80)
    scenario.add(
        75, Analyte.CD19_CELLS_PER_UL, Quantity.from_measurement(90, Unit.CELLS_PER_UL, lloq=1), held="beads failed"
    )
    only_held = B()
    only_held.add(
        75, Analyte.CD19_CELLS_PER_UL, Quantity.from_measurement(90, Unit.CELLS_PER_UL, lloq=1), held="beads failed"
    )

    assert cd19(only_held).flag_state is FlagState.HELD
    assert any("beads failed" in caution for caution in cd19(scenario).cautions)


def test_that_what_was_never_there_cannot_be_lost() -> None:
    protocol = with_rules(LOSS)

    assert Scenario().per_ul(10, 2).per_ul(30, 1).finding("S2", 60, protocol).flag_state is FlagState.NOT_EVALUABLE
    assert Scenario().per_ul(10, 900).per_ul(30, 1).finding("S2", 60, protocol).flag_state is FlagState.MET
    assert Scenario().per_ul(10, 900).per_ul(30, 5).finding("S2", 60, protocol).flag_state is FlagState.NOT_MET


def test_that_mrd_without_a_signal_is_below_the_limit_only_at_the_sensitivity_it_earned() -> None:
    protocol = with_rules(MRD)

    def state(sensitivity: float | None) -> FlagState:
        return Scenario().mrd(28, None, sensitivity=sensitivity).finding("S3", 40, protocol).flag_state

    assert [state(1e-5), state(1e-4), state(1e-3), state(None)] == [
        FlagState.MET,
        FlagState.MET,
        FlagState.NOT_EVALUABLE,
        FlagState.NOT_EVALUABLE,
    ]


def test_that_a_window_from_a_relapse_waits_for_the_relapse() -> None:
    after = CD19.replace('event = "infusion"', 'event = "relapse"')
    cells = B().cells(60, 80).cells(70, 80)

    assert cd19(cells, rule=after).missing == ("the date of the relapse",)
    assert cd19(cells.event(50, EventKind.RELAPSE), rule=after).flag_state is FlagState.MET


def two_of_three(scenario: Scenario, day: int = 150) -> Finding:
    rule = combination("at_least", '["R1", "R1f", "R2"]', 'n = 2\nsupporting_only = ["R5"]\nraises_flag = true')
    return scenario.finding("K1", day, with_rules(rule))


def test_that_two_of_three_signs_meet_at_least_two() -> None:
    finding = two_of_three(flagged_patient())

    assert finding.flag_state is FlagState.MET
    assert finding.raises_flag
    assert finding.sentence.startswith("2 of 3 met, at least 2 needed: ")
    assert any(caution.startswith("beside, not counted: R5") for caution in finding.cautions)


def expanded() -> Scenario:
    return Scenario().transgene(10, 41300).transgene(60, 214).flow(10, 20)


def test_that_one_of_three_with_another_unconfirmed_waits_for_it() -> None:
    scenario = expanded().transgene(88, None).transgene(116, None).lymphocytes(60, 0.1).lymphocytes(116, 5).flow(116, 3)

    finding = two_of_three(scenario, 118)

    assert finding.flag_state is FlagState.UNCONFIRMED
    assert "R2 unconfirmed" in finding.sentence
    assert finding.repeat_from is not None


def test_that_what_nobody_measured_leaves_at_least_two_open_as_long_as_it_matters() -> None:
    one_known = expanded().transgene(88, None).transgene(116, None).lymphocytes(60, 0.1).lymphocytes(116, 0.1)
    two_against = expanded().transgene(116, 100).lymphocytes(60, 0.1).lymphocytes(116, 0.1)

    open_finding = Scenario().finding("K1", 118, with_rules(combination("all", '["R1", "R2"]')))

    assert open_finding.flag_state is FlagState.NOT_EVALUABLE
    assert two_of_three(one_known.flow(116, None, cd3=100), 118).flag_state is FlagState.NOT_EVALUABLE
    assert two_of_three(two_against, 118).flag_state is FlagState.NOT_MET


def test_that_all_is_not_met_as_soon_as_one_is_not_whatever_else_is_missing() -> None:
    protocol = with_rules(combination("all", '["R1", "R2"]'))
    scenario = expanded().transgene(116, 100)

    assert scenario.finding("R2", 118, protocol).flag_state is FlagState.NOT_EVALUABLE
    assert scenario.finding("K1", 118, protocol).flag_state is FlagState.NOT_MET


def test_that_any_is_met_by_one_whatever_else_is_missing() -> None:
    protocol = with_rules(combination("any", '["R1", "R2"]'))
    scenario = expanded().transgene(88, None).transgene(116, None)

    assert scenario.finding("K1", 118, protocol).flag_state is FlagState.MET


def test_that_a_conflict_and_a_held_sign_stay_visible_in_a_combination() -> None:
    protocol = with_rules(combination("all", '["R1", "R2"]'))
    conflict = expanded().transgene(88, None).transgene(98, None).transgene(116, 900)
    conflict.lymphocytes(60, 0.1).lymphocytes(88, 5).lymphocytes(116, 6)
    held = expanded().transgene(88, None, held="NTC positive").lymphocytes(60, 0.1).lymphocytes(88, 5)
    held.lymphocytes(116, 6)

    assert conflict.finding("K1", 118, protocol).flag_state is FlagState.CONFLICT
    assert held.finding("K1", 118, protocol).flag_state is FlagState.HELD


def test_that_a_combination_may_rest_on_a_combination_and_on_the_sites_own_threshold() -> None:
    inner = combination("any", '["R1", "S2"]').replace('"K1"', '"K0"')
    protocol = with_rules(combination("all", '["K0", "R2"]'), inner, LOSS)

    assert flagged_patient().finding("K1", 150, protocol).flag_state is FlagState.MET


def test_that_a_sites_threshold_may_stand_among_the_signs_of_early_loss() -> None:
    text = SHIPPED.replace('any_of = ["R1", "R1f", "R2", "R3"]', 'any_of = ["R1", "R1f", "R2", "R3", "S2"]', 1)
    head, tail = text.split("# --- eligibility", 1)
    protocol = read_protocol(head + LOSS + "# --- eligibility" + tail, "site.toml")
    scenario = expanded().transgene(88, 300).per_ul(10, 900).per_ul(88, 1).marrow(89).lymphocytes(88, 0.1)

    assert scenario.finding("R6", 100, protocol).flag_state is FlagState.MET


def test_that_study_cells_freeze_a_combination() -> None:
    rule = combination("any", '["R1"]')
    scenario = expanded().study_cells(80).transgene(88, None).transgene(116, None)

    assert scenario.finding("R1", 118, with_rules(rule)).flag_state is FlagState.MET
    assert scenario.finding("K1", 118, with_rules(rule)).flag_state is FlagState.NOT_MET


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (CD19.replace('unit = "cells/uL"', 'unit = "%"'), 'cd19_cells_per_ul is measured in "cells/uL"'),
        (CD19.replace("to_day = 90", "from_day = 100, to_day = 90"), "a window from day 100 to day 90 is impossible"),
        (CD19.replace("to_day = 90,", "confirmation_inside = true,"), "no inside to confirm in"),
        (CD19.replace('"cd19_cells_per_ul"', '"cd19_cell_per_ul"'), 'did you mean "cd19_cells_per_ul"?'),
        (CD19.replace('"target", ', '"targte", '), 'did you mean "target"?'),
        (MRD.replace('method = "flow"\n', ""), "MRD needs its method"),
        (CD19.replace("baseline =", 'method = "flow"\nbaseline ='), "only MRD has a method"),
        (
            CD19.replace("cd19_cells_per_ul", "pd1_pct_of_car_pos").replace('"cells/uL"', '"%"'),
            "no validated cutoff",
        ),
        (combination("at_least", '["R1", "R2"]', "n = 3"), "3 of 2 rules can never be met"),
        (combination("at_least", '["R1", "R2"]'), "n is missing"),
        (combination("any", '["R1", "R2"]', "n = 1"), "n means nothing"),
        (combination("any", '["R1", "R9"]'), 'no rule is called "R9"'),
        (combination("any", '["R1", "R1"]'), "named twice"),
        (combination("any", '["R1"]', 'supporting_only = ["R1"]'), "counts already"),
        (combination("any", '["R1", "R5"]'), "for information only"),
        (combination("any", '["R4"]', "inside_window = true"), "no date that could lie inside"),
        (combination("any", '["R1", "K1"]'), "a rule cannot rest on itself"),
        (combination("any", "[]"), "can never be met"),
    ],
)
def test_that_a_criterion_that_cannot_be_meant_is_refused_with_its_line(rules: str, said: str) -> None:
    with pytest.raises(UserError) as error:
        with_rules(rules)

    assert said in str(error.value)
    assert error.value.place is not None
