"""What holds for any plate: order does not matter, nothing is lost, absence is never a number."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from labmon.domain.analyte import Analyte
from labmon.domain.quantity import ValueState

WELLS = st.lists(
    st.tuples(st.sampled_from(["S1", "S2", "S3", "stranger", None]), st.none() | st.floats(0.5, 1e6), st.booleans()),
    max_size=12,
)


def plate_of(bench, wells):
    plate = bench.Plate.acceptable()
    for sample, copies, omitted in wells:
        if copies is None:
            plate.well(sample, None, omitted=omitted)
        else:
            plate.copies(sample, copies, omitted=omitted)
    return plate


def made(bench, file):
    codes = ("S1", "S2", "S3")
    return bench.made(file, codes=codes, dna={code: bench.dna(code) for code in codes})


@settings(max_examples=60)
@given(wells=WELLS, data=st.data())
def test_that_the_order_of_the_readings_never_matters(bench, wells, data):
    plate = plate_of(bench, wells)
    shuffled = data.draw(st.permutations(plate.readings))

    def content(readings):
        results = made(bench, plate.file(readings=readings))
        return (
            [(d.key, d.quantity, d.basis, d.held_reason, d.excluded_reason) for d in results.drafts],
            [(c.check_id, c.outcome, c.observed) for run in results.runs for c in run.checks],
            sorted((r.issue.code, r.sample or "", len(r.indices)) for r in results.rejected),
        )

    assert content(plate.readings) == content(shuffled)


@settings(max_examples=60)
@given(wells=WELLS)
def test_that_every_well_of_a_specimen_ends_in_a_draft_or_a_rejection(bench, wells):
    plate = plate_of(bench, wells)
    file = plate.file()
    results = made(bench, file)

    reaction = [d.key for d in results.drafts if d.analyte is Analyte.TRANSGENE_COPIES_PER_REACTION]
    used = [index for key in reaction for index in results.readings_of[key]]
    rejected = [index for r in results.rejected for index in r.indices]
    controls = {"STD", "NTC", "PC low", "PC high"}
    is_sample = [i for i, r in enumerate(file.readings) if r.sample not in controls and r.well is not None]
    assert sorted(used + rejected) == is_sample


@settings(max_examples=60)
@given(wells=WELLS)
def test_that_only_specimens_with_a_cq_in_every_well_get_a_number(bench, wells):
    results = made(bench, plate_of(bench, wells).file())

    for draft in results.drafts:
        mine = [(c, omitted) for sample, c, omitted in wells if sample == draft.specimen_code]
        kept = [c for c, omitted in mine if not omitted] or [c for c, _ in mine]
        if None in kept:
            assert draft.quantity.value is None
        if all(c is None for c in kept):
            assert draft.quantity.state is ValueState.NOT_DETECTED


@settings(max_examples=40)
@given(
    copies=st.lists(st.floats(20, 1e4), min_size=1, max_size=4),
    factor=st.floats(1, 50),
)
def test_that_scaling_all_quantities_scales_all_results(bench, copies, factor):
    def values(scale: float) -> list[float]:
        plate = bench.Plate.acceptable()
        plate.copies("S1", *(each * scale for each in copies))
        specimens = {"S1": bench.specimen(blood_volume_ul=200.0, elution_volume_ul=100.0)}
        results = bench.made(plate.file(), specimens=specimens, dna={"S1": bench.dna()})
        return [draft.quantity.value for draft in results.drafts]

    plain, scaled = values(1), values(factor)

    assert len(plain) == 3
    assert all(abs(b / a / factor - 1) < 1e-9 for a, b in zip(plain, scaled, strict=True))


def test_that_the_same_file_gives_the_same_results_every_time(bench):
    plate = plate_of(bench, [("S1", 400.0, False), ("S2", None, False)])

    assert made(bench, plate.file()) == made(bench, replace(plate.file()))
