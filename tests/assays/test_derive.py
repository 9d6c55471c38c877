from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labmon.assays.derive import derive
from labmon.domain.analyte import Analyte
from labmon.domain.clinical import SpecimenType
from labmon.domain.errors import BugError
from labmon.domain.quantity import Quantity, Unit, ValueState
from labmon.domain.reading import Qualifier

PER_UG = Analyte.TRANSGENE_COPIES_PER_UG_DNA
PER_UL = Analyte.TRANSGENE_COPIES_PER_UL_BLOOD


@pytest.fixture(scope="module")
def reaction(bench):
    """What a plate makes of S1 with these copies per well; None is a well without Cq."""

    def made(*copies: float | None):
        plate = bench.Plate.acceptable()
        for each in copies:
            plate.well("S1", bench.cq_of(each) if each else None, quantity=each)
        return bench.draft(bench.made(plate.file()), Analyte.TRANSGENE_COPIES_PER_REACTION)

    return made


def test_that_copies_per_ug_are_copies_over_the_measured_mass(bench, reaction):
    (result,) = derive(bench.specimen(), reaction(400, 400), bench.dna(conc=40))

    assert result.quantity.value == pytest.approx(2000)  # 400 copies in 5 µL x 40 ng/µL = 200 ng
    assert (result.quantity.lod, result.quantity.lloq) == (18, 50)
    assert result.quantity.uloq == pytest.approx(5e6)
    assert result.basis["gdna_ng_per_reaction"] == 200
    assert result.held_reason is None


def test_that_less_dna_raises_the_limits_of_that_result(bench, reaction):
    (result,) = derive(bench.specimen(), reaction(400), bench.dna(conc=20))

    assert result.quantity.lloq == 100
    assert result.quantity.lod == 36


def test_that_the_result_per_ug_points_to_the_reaction_and_to_the_dna(bench, reaction):
    from_reaction = reaction(400, 400)
    measured = replace(bench.dna(), provenance=from_reaction.provenance[:1])
    (result,) = derive(bench.specimen(), from_reaction, measured)

    assert result.provenance == from_reaction.provenance + measured.provenance
    assert result.run_code == "RUN-1"


def test_that_without_dna_the_missing_datum_is_named(bench, reaction):
    (result,) = derive(bench.specimen(), reaction(400), None)

    assert result.quantity.state is ValueState.NO_RESULT
    assert result.held_reason == "DNA mass missing"
    assert "Q107" in bench.codes(result)


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": Quantity.without_value(ValueState.NO_RESULT, Unit.NG_PER_UL)},
        {"quantity": Quantity(value=0.0, unit=Unit.NG_PER_UL, state=ValueState.QUANTIFIED)},
        {"excluded_reason": "wrong tube"},
    ],
)
def test_that_a_dna_result_that_says_nothing_divides_nothing(bench, reaction, changes):
    (result,) = derive(bench.specimen(), reaction(400), bench.dna(**changes))

    assert result.quantity.state is ValueState.NO_RESULT
    assert result.held_reason == "DNA mass missing"


def test_that_what_the_reaction_could_not_quantify_is_carried_over_not_converted(bench, reaction):
    (result,) = derive(bench.specimen(), reaction(5, 6), bench.dna())

    assert result.quantity.state is ValueState.DETECTED_BELOW_LLOQ
    assert result.quantity.value is None
    assert result.held_reason is None


@pytest.mark.parametrize(
    ("copies", "state"),  # per µg: 12, below the LOD of 18; 25, between LOD and LLOQ
    [(12, ValueState.NOT_DETECTED), (25, ValueState.DETECTED_BELOW_LLOQ)],
)
def test_that_a_quantified_reaction_in_much_dna_is_judged_by_the_limits_per_ug(bench, reaction, copies, state):
    (result,) = derive(bench.specimen(), reaction(copies, copies), bench.dna(conc=200))

    assert result.quantity.state is state
    assert result.quantity.value is None


@pytest.mark.parametrize(("conc", "state"), [(20, ValueState.NOT_DETECTED), (19.9, ValueState.INVALID)])
def test_that_absence_counts_only_with_the_minimum_of_dna(bench, reaction, conc: float, state: ValueState):
    (result,) = derive(bench.specimen(), reaction(None, None), bench.dna(conc=conc))

    assert result.quantity.state is state
    assert ("Q109" in bench.codes(result)) is (state is ValueState.INVALID)
    assert result.held_reason is None


def test_that_a_faint_signal_in_too_little_dna_is_held(bench, reaction):
    (result,) = derive(bench.specimen(), reaction(5, None), bench.dna(conc=10))

    assert result.quantity.state is ValueState.DETECTED_BELOW_LLOQ
    assert "asks 100 ng" in (result.held_reason or "")


@pytest.mark.parametrize(
    ("cq", "state"), [(24.0, ValueState.NOT_DETECTED), (31.0, ValueState.INVALID), (None, ValueState.INVALID)]
)
def test_that_absence_counts_only_with_a_reference_gene_inside_its_limit(bench, cq, state: ValueState):
    plate = bench.Plate.acceptable()
    plate.well("S1", None)
    plate.well("S1", cq, target="ALB", qualifier=None if cq else Qualifier.UNDETERMINED)
    result = bench.draft(bench.made(plate.file(), dna={"S1": bench.dna()}), PER_UG)

    assert result.quantity.state is state
    assert ("A402" in bench.codes(result)) is (state is ValueState.INVALID)


def test_that_copies_per_ul_need_both_volumes_and_blood(bench, reaction):
    volumes = {"blood_volume_ul": 200.0, "elution_volume_ul": 100.0}
    blood = bench.specimen(**volumes)
    marrow = bench.specimen(specimen_type=SpecimenType.BONE_MARROW, **volumes)
    half = bench.specimen(blood_volume_ul=200.0)

    per_ug, per_ul = derive(blood, reaction(400), bench.dna(conc=40))

    assert per_ul.analyte is PER_UL
    assert per_ul.basis["dna_yield_ug_per_ul_blood"] == pytest.approx(0.02)  # 40 ng/µL x 100 µL / 200 µL / 1000
    assert per_ul.quantity.value == pytest.approx(40)
    assert per_ul.quantity.lloq == pytest.approx(1)
    assert per_ug.quantity.value == pytest.approx(2000)
    assert len(derive(marrow, reaction(400), bench.dna())) == 1
    assert len(derive(half, reaction(400), bench.dna())) == 1


def test_that_a_held_dna_result_holds_what_is_divided_by_it(bench, reaction):
    (result,) = derive(bench.specimen(), reaction(400), bench.dna(held_reason="outside the range"))

    assert result.held_reason == "DNA concentration: outside the range"
    assert result.quantity.value is not None


def test_that_issues_a_person_has_released_do_not_hold_again(bench):
    plate = bench.Plate.acceptable()
    plate.copies("S1", 100, 200)  # CV 47 %
    held = bench.draft(bench.made(plate.file()), Analyte.TRANSGENE_COPIES_PER_REACTION)
    assert "Replicate CV" in (held.held_reason or "")

    (still_held,) = derive(bench.specimen(), held, bench.dna())
    (released,) = derive(bench.specimen(), replace(held, held_reason=None), bench.dna())

    assert still_held.held_reason == held.held_reason
    assert released.held_reason is None
    assert "Q108" in bench.codes(released)


def test_that_an_implausible_value_is_kept_and_held(bench, reaction):
    (result,) = derive(bench.specimen(), reaction(900_000), bench.dna(conc=1))

    assert result.quantity.value == pytest.approx(1.8e8)
    assert "I014" in bench.codes(result)
    assert "outside the plausible range" in (result.held_reason or "")


def test_that_the_excluded_reason_of_the_reaction_goes_along(bench, reaction):
    (result,) = derive(bench.specimen(), replace(reaction(400), excluded_reason="omitted in the export"), bench.dna())

    assert result.excluded_reason == "omitted in the export"


def test_that_dna_of_another_specimen_is_our_mistake(bench, reaction):
    with pytest.raises(BugError):
        derive(bench.specimen(), reaction(400), bench.dna("S2"))


@given(conc=st.floats(20, 500), factor=st.floats(1, 50))
def test_that_scaling_the_copies_scales_the_result_per_ug(bench, reaction, conc: float, factor: float):
    base = reaction(1000)
    scaled = replace(base, quantity=replace(base.quantity, value=1000 * factor))

    (a,) = derive(bench.specimen(), base, bench.dna(conc=conc))
    (b,) = derive(bench.specimen(), scaled, bench.dna(conc=conc))

    assert a.quantity.value is not None
    assert b.quantity.value == pytest.approx(a.quantity.value * factor)
