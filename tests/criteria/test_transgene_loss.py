import pytest

from labmon.domain.analyte import Analyte
from labmon.domain.clinical import Costimulation, EventKind, SpecimenType
from labmon.domain.finding import FlagState
from labmon.domain.quantity import Quantity, Unit
from tests.criteria.patients import Scenario, on


def expanded(**kind: Costimulation) -> Scenario:
    """Peak on day 10, last good sample on day 60."""
    return Scenario(**kind).transgene(7, 14000).transgene(10, 41300).transgene(28, 3200).transgene(60, 214)


def test_that_two_consecutive_samples_below_50_copies_are_a_loss_dated_by_the_first() -> None:
    finding = expanded().transgene(88, 30).transgene(116, None).finding("R1")

    assert finding.flag_state is FlagState.MET
    assert (60, 88) == (finding.bracket_left_day, finding.bracket_right_day)
    assert finding.confirmed_day == 116
    assert ["last good", "first below", "confirms"] == [e.role for e in finding.evidence]
    assert "<\u00a050\u00a0copies/µg (detected)" == finding.evidence[1].text
    assert "below 50\u00a0copies/µg on day 88" in finding.sentence
    assert "(detected, <\u00a050\u00a0copies/µg) and again on day 116 (not detected)" in finding.sentence
    assert finding.thresholds[0].source.startswith("Awasthi 2025")


def test_that_the_first_sample_alone_is_unconfirmed_and_names_when_to_repeat() -> None:
    finding = expanded().transgene(89, 30).finding("R1", day=96)

    assert finding.flag_state is FlagState.UNCONFIRMED
    assert on(96) == finding.repeat_from
    assert on(124) == finding.repeat_by
    assert ("one blood sample from day 96 on",) == finding.missing
    assert {FlagState.MET, FlagState.NOT_MET} == {state for state, _ in finding.would_change}


def test_that_a_second_sample_within_seven_days_does_not_confirm_but_a_later_one_does() -> None:
    scenario = expanded().transgene(88, 30).transgene(94, 20)

    assert scenario.finding("R1", day=100).flag_state is FlagState.UNCONFIRMED
    assert scenario.transgene(95, 20).finding("R1", day=100).confirmed_day == 95


def test_that_two_samples_of_one_day_do_not_confirm_each_other() -> None:
    finding = expanded().transgene(88, 30).transgene(88, 20).finding("R1")

    assert finding.flag_state is FlagState.UNCONFIRMED


def test_that_a_lone_low_sample_is_overridden_by_its_repeat() -> None:
    finding = expanded().transgene(88, 30).transgene(95, 120).finding("R1", day=100)

    assert finding.flag_state is FlagState.NOT_MET
    assert "the lone value below it on day 88 is overridden" in finding.sentence


def test_that_exactly_50_copies_is_not_below_50() -> None:
    assert expanded().transgene(88, 50.0).finding("R1").flag_state is FlagState.NOT_MET
    assert expanded().transgene(88, 49.9, lloq=5).finding("R1").flag_state is FlagState.UNCONFIRMED


def test_that_a_runs_own_lloq_applies_where_it_is_higher_and_is_named() -> None:
    finding = expanded().transgene(88, 60, lloq=78).transgene(100, None, lloq=78).finding("R1")

    assert finding.flag_state is FlagState.MET
    assert "below 78\u00a0copies/µg (the LLOQ of run RUN-88)" in finding.sentence
    assert ("cutoff applied", 78) == (finding.thresholds[0].name, finding.thresholds[0].value)
    assert "LLOQ of run RUN-88" in finding.thresholds[0].source


def test_that_a_quantified_value_below_50_counts_where_the_assay_sees_lower() -> None:
    finding = expanded().transgene(88, 30, lloq=5).transgene(100, 12, lloq=5).finding("R1")

    assert finding.flag_state is FlagState.MET
    assert "30.0\u00a0copies/µg" in finding.sentence


def test_that_excluded_samples_neither_confirm_nor_break_a_loss() -> None:
    between = expanded().transgene(88, 30).transgene(95, 900, excluded="wrong tube").transgene(116, None)
    only = expanded().transgene(88, 30).transgene(116, None, excluded="wrong tube")

    assert between.finding("R1").flag_state is FlagState.MET
    assert only.finding("R1").flag_state is FlagState.UNCONFIRMED


def test_that_a_patient_never_above_the_cutoff_has_no_expansion_to_lose() -> None:
    finding = Scenario().transgene(7, None).transgene(14, 30).transgene(28, None).finding("R1")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "expansion not established" in finding.sentence


def test_that_samples_before_the_expansion_are_no_loss() -> None:
    scenario = Scenario().transgene(1, None).transgene(3, None).transgene(10, 41300).transgene(28, 900)

    assert scenario.finding("R1", day=40).flag_state is FlagState.NOT_MET


def test_that_a_run_that_cannot_see_50_copies_shows_no_loss() -> None:
    finding = expanded().transgene(88, None, lod=80, lloq=120).finding("R1")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "the LOD of run RUN-88 is 80\u00a0copies/µg" in finding.sentence
    assert finding.missing


def test_that_a_quantified_value_of_such_a_run_still_shows_presence() -> None:
    finding = expanded().transgene(88, 500, lod=80, lloq=120).finding("R1")

    assert finding.flag_state is FlagState.NOT_MET


def test_that_copies_per_microlitre_alone_are_not_converted() -> None:
    finding = Scenario().per_ul(10, 900).per_ul(28, 30).finding("R1")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert ("copies per µg DNA",) == finding.missing


def test_that_marrow_does_not_confirm_what_blood_began() -> None:
    scenario = expanded().transgene(88, 30).transgene(116, None, specimen_type=SpecimenType.BONE_MARROW)

    assert scenario.finding("R1").flag_state is FlagState.UNCONFIRMED


def test_that_copies_per_reaction_without_dna_mass_ask_for_it() -> None:
    quantity = Quantity.from_measurement(410, Unit.COPIES_PER_REACTION, lloq=10)

    finding = Scenario().add(10, Analyte.TRANSGENE_COPIES_PER_REACTION, quantity).finding("R1")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert ("DNA concentration of the specimen",) == finding.missing
    assert {FlagState.MET, FlagState.NOT_MET} == {state for state, _ in finding.would_change}


def test_that_no_sample_at_all_is_not_a_loss_and_not_its_absence() -> None:
    finding = Scenario().finding("R1")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert ("transgene in blood",) == finding.missing


def test_that_a_transgene_found_again_after_a_confirmed_loss_is_for_a_person_to_decide() -> None:
    finding = expanded().transgene(88, 30).transgene(116, None).transgene(140, 830).finding("R1", day=150)

    assert finding.flag_state is FlagState.CONFLICT
    assert "found again on day 140 (830\u00a0copies/µg)" in finding.sentence
    assert "a person decides" in finding.sentence
    assert finding.evidence[-1].role == "re-detected"


@pytest.mark.parametrize(
    ("costimulation", "said"),
    [(Costimulation.CD28, "Persistence not expected"), (Costimulation.OTHER, "4-1BB products")],
)
def test_that_other_products_are_not_judged_by_loss(costimulation: Costimulation, said: str) -> None:
    finding = expanded(costimulation=costimulation).transgene(88, None).transgene(116, None).finding("R1")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert said in finding.sentence
    assert finding.missing == ()


def test_that_an_unknown_costimulation_is_a_missing_datum() -> None:
    finding = expanded(costimulation=Costimulation.UNKNOWN).transgene(88, None).transgene(116, None).finding("R1")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert ("costimulation of the product",) == finding.missing


def test_that_a_long_time_without_samples_is_shown_as_a_surveillance_gap() -> None:
    finding = expanded().transgene(100, 30).transgene(116, None).finding("R1")

    assert finding.flag_state is FlagState.MET
    assert any("no sample for 40 days (day 60 to day 100" in caution for caution in finding.cautions)
    assert not any("day 28 to day 60" in caution for caution in finding.cautions)


def test_that_nothing_is_waited_for_after_the_confirmation_nor_after_the_window() -> None:
    lost = expanded().transgene(88, 30).transgene(116, None).transgene(180, None).transgene(270, None)
    lasting = Scenario().transgene(10, 41300)
    for day in (40, 70, 100, 130, 160, 180, 270):
        lasting.transgene(day, 900)

    assert lost.finding("R1", day=300).cautions == ()
    assert lasting.finding("R1", day=300).cautions == ()


def test_that_a_confirmation_after_the_window_is_shown_as_later() -> None:
    finding = (
        expanded().transgene(80, 300).transgene(150, 90).transgene(180, 30).transgene(200, None).finding("R1", day=210)
    )

    assert finding.flag_state is FlagState.MET
    assert any("confirmed later, on day 200" in caution for caution in finding.cautions)


def test_that_a_first_sample_nobody_repeated_shows_the_gap() -> None:
    finding = expanded().transgene(88, 30).finding("R1", day=220)

    assert finding.flag_state is FlagState.UNCONFIRMED
    assert any("day 88 to day 220" in caution for caution in finding.cautions)


def test_that_samples_after_a_transplant_are_not_the_products() -> None:
    scenario = expanded().transgene(75, 30).event(80, EventKind.HSCT).transgene(88, None).transgene(116, None)

    finding = scenario.finding("R1")

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "the transplant of day 80 ended the course before a second sample" in finding.sentence


def test_that_a_fall_in_copies_per_microgram_alone_waits_for_a_review_of_the_denominator() -> None:
    scenario = expanded().transgene(88, 30).transgene(116, None).per_ul(60, 8).per_ul(88, 7.5)

    finding = scenario.finding("R1")

    assert finding.flag_state is FlagState.UNCONFIRMED
    assert "copies/µL did not" in finding.sentence
    assert "a person's review of copies/µg against copies/µL" in finding.missing


def test_that_a_loss_both_units_agree_on_stands() -> None:
    scenario = expanded().transgene(88, 30).transgene(116, None).per_ul(60, 8).per_ul(88, 0.6)

    assert scenario.finding("R1").flag_state is FlagState.MET


def test_that_a_peak_below_the_cutoff_can_be_lost_where_the_assay_quantified_it() -> None:
    scenario = Scenario()
    for day, value in ((7, 40.0), (14, 30.0), (28, None), (42, None)):
        scenario.transgene(day, value, lloq=5, lod=2)

    finding = scenario.finding("R1", day=45)

    assert finding.flag_state is FlagState.MET
    assert (7, 14, 28) == (finding.bracket_left_day, finding.bracket_right_day, finding.confirmed_day)
    assert finding.evidence[0].role == "peak"
    assert any("the peak itself lies below" in caution for caution in finding.cautions)


def test_that_a_rise_through_the_cutoff_is_no_loss_and_its_return() -> None:
    scenario = Scenario().transgene(3, 30, lloq=5).transgene(10, 45, lloq=5).transgene(17, 900, lloq=5)

    finding = scenario.finding("R1", day=20)

    assert finding.flag_state is FlagState.NOT_MET
    assert "overridden" not in finding.sentence


def test_that_a_low_peak_without_a_later_sample_is_neither_loss_nor_its_absence() -> None:
    finding = Scenario().transgene(3, 30, lloq=5).transgene(10, 45, lloq=5).finding("R1", day=20)

    assert finding.flag_state is FlagState.NOT_EVALUABLE
    assert "nothing was measured since" in finding.sentence
    assert finding.missing


def test_that_not_detected_without_a_lod_counts_only_where_the_lloq_reaches_down_far_enough() -> None:
    low = expanded().transgene(88, None, lod=None, lloq=50).finding("R1", day=90)
    high = expanded().transgene(88, None, lod=None, lloq=78).finding("R1", day=90)

    assert low.flag_state is FlagState.UNCONFIRMED
    assert high.flag_state is FlagState.NOT_EVALUABLE
    assert "the LOD of run RUN-88 is not on record" in high.sentence
    assert ("LOD of run RUN-88",) == high.missing


def test_that_a_value_is_never_rounded_onto_the_cutoff_it_is_below() -> None:
    finding = expanded().transgene(88, 49.999, lloq=5).transgene(100, 49.96, lloq=5).finding("R1")

    assert "(49.999\u00a0copies/µg)" in finding.sentence
    assert "(49.96\u00a0copies/µg)" in finding.sentence
    assert "49.999\u00a0copies/µg" in {evidence.text for evidence in finding.evidence}
