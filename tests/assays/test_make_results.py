from dataclasses import replace
from datetime import date

import pytest

from labmon.assays.definition import load_definitions
from labmon.assays.make_results import choose_definitions, make_results
from labmon.assays.mapping import MappingRule, NameMapping, RuleMatch, RuleSubject
from labmon.domain.analyte import Analyte
from labmon.domain.issue import Issue, Place
from labmon.domain.quantity import ValueState
from labmon.domain.reading import Qualifier, ReadingKind, Task
from labmon.domain.run import Acceptance, CheckOutcome

PER_REACTION = Analyte.TRANSGENE_COPIES_PER_REACTION
PER_UG = Analyte.TRANSGENE_COPIES_PER_UG_DNA


def outcomes(results) -> dict[str, CheckOutcome]:
    return {check.check_id: check.outcome for check in results.run.checks}


# --- acceptance -------------------------------------------------------------------------------------------------------


def test_that_a_run_inside_all_limits_is_accepted_and_holds_nothing(bench):
    plate = bench.Plate.acceptable()
    plate.copies("S1", 400, 410, 390)
    results = bench.made(plate.file(), dna={"S1": bench.dna()})

    assert results.run.acceptance is Acceptance.ACCEPTED
    assert set(outcomes(results).values()) == {CheckOutcome.PASSED}
    assert results.issues == ()
    assert [(d.analyte, d.held_reason) for d in results.drafts] == [(PER_REACTION, None), (PER_UG, None)]
    assert bench.draft(results, PER_REACTION).quantity.value == pytest.approx(400)
    assert (results.run.assay_id, results.run.assay_version) == ("transgene_qpcr", "1")


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        ({"slope": -3.6}, set()),
        ({"slope": -3.1}, set()),
        ({"slope": -3.62}, {"curve_slope", "pcr_efficiency_pct"}),
        ({"slope": -3.05}, {"curve_slope", "pcr_efficiency_pct"}),
        ({"r2": 0.98}, {"curve_constants"}),  # passes the limit; the wells give 1.0, so the file contradicts itself
        ({"r2": 0.975}, {"curve_r_squared", "curve_constants"}),
        ({"levels": 4}, {"standard_levels"}),
        ({"printed_slope": -3.45}, {"curve_constants"}),
    ],
)
def test_that_a_curve_is_judged_at_its_limits(bench, changes, failed: set[str]):
    results = bench.made(bench.Plate.acceptable(**changes).file())

    found = {name for name, outcome in outcomes(results).items() if outcome is not CheckOutcome.PASSED}
    curve_checks = {"curve_slope", "pcr_efficiency_pct", "curve_r_squared", "standard_levels", "curve_constants"}
    assert found & curve_checks == failed


def test_that_every_draft_of_a_held_run_names_the_failed_check(bench):
    plate = bench.Plate.acceptable()
    plate.well("NTC", 33.0, task=Task.NTC)
    plate.copies("S1", 400)
    plate.copies("S2", 500)
    results = bench.made(plate.file(), codes=("S1", "S2"), dna={"S1": bench.dna()})

    assert results.run.acceptance is Acceptance.HELD
    assert [issue.code for issue in results.issues] == ["Q105"]
    assert len(results.drafts) == 4
    for draft in results.drafts:
        assert (draft.held_reason or "").startswith("NTC: Cq 33.00 in 1 of 2 wells, limit no Cq")
    assert bench.draft(results, PER_UG).quantity.value == pytest.approx(2000)  # held, not failed: the value is there


@pytest.mark.parametrize(
    ("missing", "check_id"),
    [("STD", "standard_curve"), ("NTC", "ntc_outcome"), ("PC low", "control:low"), ("PC high", "control:high")],
)
def test_that_what_a_run_lacks_holds_it_as_absent(bench, missing: str, check_id: str):
    plate = bench.Plate.acceptable()
    plate.copies("S1", 400)
    kept = [r for r in plate.readings if r.sample != missing and not (missing == "STD" and r.sample is None)]
    results = bench.made(plate.file(readings=kept))

    assert outcomes(results)[check_id] is CheckOutcome.ABSENT
    assert results.run.acceptance is Acceptance.HELD
    assert bench.draft(results, PER_REACTION).quantity.value == pytest.approx(400)


@pytest.mark.parametrize(("copies", "outcome"), [(250, "passed"), (150, "passed"), (251, "failed"), (149, "failed")])
def test_that_a_positive_control_may_miss_its_copies_by_a_quarter(bench, copies: float, outcome: str):
    plate = bench.Plate()
    plate.standards()
    plate.copies("CTRL-LOW", copies)

    assert outcomes(bench.made(plate.file()))["control:low"] == outcome


def test_that_an_omitted_ntc_proves_nothing(bench):
    plate = bench.Plate()
    plate.standards()
    plate.well("NTC", None, task=Task.NTC, omitted=True)

    assert outcomes(bench.made(plate.file()))["ntc_outcome"] is CheckOutcome.ABSENT


def test_that_an_ntc_is_known_by_its_name_where_the_file_states_no_task(bench):
    plate = bench.Plate.acceptable()
    plate.well("H2O", 34.0)

    assert outcomes(bench.made(plate.file()))["ntc_outcome"] is CheckOutcome.FAILED


def test_that_an_ntc_may_be_late_where_the_definition_allows_it(bench, definitions):
    shipped = definitions["transgene_qpcr"]
    limits = shipped.qpcr
    late = replace(limits.ntc, rule=type(limits.ntc.rule).CYCLES_AFTER_LOWEST_STANDARD)
    definition = replace(shipped, qpcr=replace(limits, ntc=late))
    lowest = bench.cq_of(10)

    def outcome(cq: float) -> CheckOutcome:
        plate = bench.Plate.acceptable()
        plate.well("NTC", cq, task=Task.NTC)
        return outcomes(bench.made(plate.file(), definitions=[definition]))["ntc_outcome"]

    assert outcome(lowest + 5) is CheckOutcome.PASSED
    assert outcome(lowest + 4.9) is CheckOutcome.FAILED


def test_that_standards_far_from_their_copies_hold_the_run(bench):
    plate = bench.Plate.acceptable()
    for level in (2, 4):  # shifted by 0.5 cycles up and down: the fit stays, two levels of six are off by 40 %
        plate.readings = [
            r._replace(value=r.value + (0.5 if level == 2 else -0.5))
            if r.kind is ReadingKind.CQ and r.task is Task.STANDARD and r.value == bench.cq_of(10.0**level)
            else r
            for r in plate.readings
        ]

    assert outcomes(bench.made(plate.file()))["standard_recovery_pct"] is CheckOutcome.FAILED


def test_that_a_file_that_states_two_slopes_for_a_target_is_held(bench):
    plate = bench.Plate.acceptable()
    plate.next_row()
    plate.add(ReadingKind.SLOPE, -3.36, target="CAR")
    results = bench.made(plate.file())

    assert "Q110" in [issue.code for issue in results.issues]
    assert outcomes(results)["curve_constants"] is CheckOutcome.FAILED


def test_that_the_curve_of_a_run_carries_its_standards_and_its_samples(bench):
    plate = bench.Plate.acceptable()
    plate.copies("S1", 400, 410)
    curve = bench.made(plate.file()).run.curve

    assert sum(point.is_standard for point in curve.points) == 12
    assert sorted(point.copies for point in curve.points if not point.is_standard) == [400, 410]


# --- values -----------------------------------------------------------------------------------------------------------


def test_that_quantities_are_calculated_where_the_file_prints_none(bench):
    plate = bench.Plate.acceptable()
    plate.well("S1", bench.cq_of(400))
    plate.well("S1", bench.cq_of(400))

    assert bench.draft(bench.made(plate.file()), PER_REACTION).quantity.value == pytest.approx(400)


def test_that_a_quantity_the_standards_do_not_give_is_held_as_printed(bench):
    plate = bench.Plate.acceptable()
    plate.well("S1", bench.cq_of(400), quantity=800)
    unstated = [each for each in plate.readings if each.kind not in (ReadingKind.SLOPE, ReadingKind.INTERCEPT)]
    draft = bench.draft(bench.made(plate.file(readings=unstated)), PER_REACTION)

    assert draft.quantity.value == 800
    assert "Q104" in bench.codes(draft)
    assert "disagrees" in (draft.held_reason or "")


@pytest.mark.parametrize(("copies", "held"), [((75, 100, 125), False), ((74, 100, 126), True)])
def test_that_replicates_may_disagree_up_to_the_cv_limit(bench, copies, held: bool):
    plate = bench.Plate.acceptable()
    plate.copies("S1", *copies)
    draft = bench.draft(bench.made(plate.file()), PER_REACTION)

    assert ("Q108" in bench.codes(draft)) is held
    assert (draft.held_reason is not None) is held
    assert draft.quantity.value == pytest.approx(100)


def test_that_an_undetermined_replicate_makes_the_specimen_below_lloq(bench):
    plate = bench.Plate.acceptable()
    plate.copies("S1", 400, 410)
    plate.well("S1", None)
    results = bench.made(plate.file(), dna={"S1": bench.dna()})

    for analyte in (PER_REACTION, PER_UG):
        draft = bench.draft(results, analyte)
        assert draft.quantity.state is ValueState.DETECTED_BELOW_LLOQ
        assert bench.codes(draft) == ["Q102"]
        assert draft.held_reason is None
    basis = bench.draft(results, PER_REACTION).basis
    assert (basis["replicates_detected"], basis["replicates_total"]) == (2, 3)


def test_that_a_well_that_was_not_called_gives_no_result_and_no_absence(bench):
    plate = bench.Plate.acceptable()
    plate.well("S1", None, qualifier=Qualifier.NO_CALL)
    plate.well("S1", None)

    assert bench.draft(bench.made(plate.file()), PER_REACTION).quantity.state is ValueState.NO_RESULT


def test_that_an_omitted_well_is_excluded_with_its_reason_in_view(bench):
    plate = bench.Plate.acceptable()
    plate.copies("S1", 400, 410)
    plate.copies("S1", 4000, omitted=True)
    draft = bench.draft(bench.made(plate.file()), PER_REACTION)

    assert draft.quantity.value == pytest.approx(405)
    assert bench.codes(draft) == ["Q106"]
    assert (draft.excluded_reason, draft.held_reason) == (None, None)
    assert draft.basis["replicates_omitted"] == 1


def test_that_a_specimen_whose_wells_are_all_omitted_keeps_its_value_excluded(bench):
    plate = bench.Plate.acceptable()
    plate.copies("S1", 400, 410, omitted=True)
    results = bench.made(plate.file(), dna={"S1": bench.dna()})

    for draft in results.drafts:
        assert draft.quantity.value is not None
        assert draft.excluded_reason == "omitted in the export"


def test_that_a_stated_unit_other_than_copies_per_reaction_holds_the_value(bench):
    plate = bench.Plate.acceptable()
    plate.well("S1", bench.cq_of(400), quantity=400, unit="copies/mL")
    plate.well("S2", bench.cq_of(400), quantity=400, unit="Copies")
    results = bench.made(plate.file(), codes=("S1", "S2"))

    assert "copies/mL" in (bench.draft(results, PER_REACTION).held_reason or "")
    assert bench.draft(results, PER_REACTION, "S2").held_reason is None


def test_that_an_issue_of_the_reader_holds_the_value_it_concerns_and_no_other(bench):
    plate = bench.Plate.acceptable()
    plate.copies("S1", 400)
    plate.issues.append(Issue(code="Q101", place=plate.readings[-2].place, parameters={"raw": "40.0"}))
    plate.copies("S2", 400)
    results = bench.made(plate.file(), codes=("S1", "S2"))

    assert "was read as" in (bench.draft(results, PER_REACTION).held_reason or "")
    assert bench.draft(results, PER_REACTION, "S2").held_reason is None


def test_that_an_issue_of_a_cell_no_result_uses_holds_nothing(bench):
    plate = bench.Plate.acceptable()
    plate.copies("S1", 400)
    mean = plate.readings[-1].place._replace(column=99)
    plate.issues.append(Issue(code="Q103", place=mean))

    assert bench.draft(bench.made(plate.file()), PER_REACTION).held_reason is None


def test_that_cq_and_quantity_of_a_well_are_brought_together_from_two_sheets(bench):
    plate = bench.Plate.acceptable()
    well = {"sample": "S1", "target": "CAR", "well": "P1"}
    plate.next_row()
    plate.add(ReadingKind.CQ, bench.cq_of(400), **well)
    other = plate.add(ReadingKind.QUANTITY, 404.0, **well)._replace(place=Place(sheet="Standard Curve Result", row=9))
    draft = bench.draft(bench.made(plate.file(readings=[*plate.readings[:-1], other])), PER_REACTION)

    assert draft.quantity.value == 404
    assert {p.place.sheet for p in draft.provenance} == {"Results", "Standard Curve Result"}


# --- what becomes of the rest -----------------------------------------------------------------------------------------


def test_that_a_sample_nobody_mapped_is_rejected_with_all_its_wells(bench):
    plate = bench.Plate.acceptable()
    plate.copies("unknown", 400, 410)
    results = bench.made(plate.file())

    (rejected,) = results.rejected
    assert (rejected.issue.code, rejected.sample, rejected.target) == ("I117", "unknown", None)
    assert len(rejected.indices) == 4
    assert [r.sample for r in rejected.readings] == ["unknown"] * 4
    assert results.drafts == ()


def test_that_a_well_without_a_sample_name_is_rejected_and_never_guessed(bench):
    plate = bench.Plate.acceptable()
    plate.copies(None, 400)

    (rejected,) = bench.made(plate.file()).rejected
    assert rejected.issue.code == "I007"


def test_that_a_target_nobody_mapped_is_rejected_and_other_targets_are_not(bench):
    plate = bench.Plate.acceptable()
    plate.copies("S1", 400)
    plate.well("S1", 25.0, target="ABL1")
    results = bench.made(plate.file())

    assert [(r.issue.code, r.target) for r in results.rejected] == [("I118", "ABL1")]
    assert bench.draft(results, PER_REACTION).quantity.value == pytest.approx(400)


def test_that_a_positive_control_the_definition_does_not_know_is_said(bench):
    plate = bench.Plate.acceptable()
    plate.well("K562", 28.0, task=Task.POSITIVE_CONTROL)

    (rejected,) = bench.made(plate.file()).rejected
    assert "K562" in rejected.issue.message


def test_that_two_sample_names_of_one_specimen_are_a_question(bench):
    plate = bench.Plate.acceptable()
    plate.copies("S1", 400)
    plate.copies("S1 repeat", 900)
    rule = MappingRule(subject=RuleSubject.SAMPLE, match=RuleMatch.EXACT, text="S1 repeat", becomes="S1")
    results = bench.made(plate.file(), rules=(rule,))

    assert results.drafts == ()
    assert [r.issue.code for r in results.rejected] == ["I205", "I205"]


def test_that_two_transgene_targets_are_two_runs_with_their_own_curves(bench):
    plate, other = bench.Plate.acceptable(), bench.Plate("FMC63")
    other.row, other.wells = plate.row, plate.wells
    other.standards(slope=-3.8)
    other.copies("S2", 400)
    plate.copies("S1", 400)
    results = bench.made(plate.file(readings=[*plate.readings, *other.readings]), codes=("S1", "S2"))

    by_code = {run.run_code: run for run in results.runs}
    assert set(by_code) == {"RUN-1/CAR", "RUN-1/FMC63"}
    assert by_code["RUN-1/CAR"].acceptance is Acceptance.ACCEPTED
    assert by_code["RUN-1/FMC63"].acceptance is Acceptance.HELD
    assert bench.draft(results, PER_REACTION).held_reason is None


def test_that_a_file_no_definition_speaks_about_makes_nothing_and_says_so(bench):
    sheet = bench.Sheet()
    sheet.add(ReadingKind.CONCENTRATION, 12.0, sample="S1", target="CAR")
    results = bench.made(sheet.file())

    assert (results.runs, results.drafts) == ((), ())
    assert [(r.issue.code, r.indices) for r in results.rejected] == [("A401", (0,))]


def test_that_of_two_assays_of_a_kind_the_one_that_knows_the_targets_speaks(bench, definitions):
    shipped = definitions["transgene_qpcr"]
    other = replace(shipped, id="other", targets={})
    plate = bench.Plate.acceptable()

    (chosen,) = choose_definitions(plate.file(), [other, shipped], NameMapping())
    assert chosen.id == "transgene_qpcr"
    rule = MappingRule(
        subject=RuleSubject.TARGET, match=RuleMatch.EXACT, text="X", becomes="transgene", assay_id="other"
    )
    (chosen,) = choose_definitions(
        bench.Plate.acceptable().file(readings=[r._replace(target="X") for r in plate.readings]),
        [other, shipped],
        NameMapping(rules=(rule,)),
    )
    assert chosen.id == "other"


def test_that_the_last_version_of_a_definition_counts(bench, definitions):
    shipped = definitions["transgene_qpcr"]

    (chosen,) = choose_definitions(
        bench.Plate.acceptable().file(), [shipped, replace(shipped, version="2")], NameMapping()
    )
    assert chosen.version == "2"


# --- DNA --------------------------------------------------------------------------------------------------------------


def test_that_a_dna_file_gives_a_concentration_for_each_specimen(bench):
    sheet = bench.Sheet(None)
    for code, conc in (("S1", 42.5), ("S2", 0.02), ("S3", None)):
        sheet.next_row()
        qualifier = Qualifier.NOT_COMPUTED if conc is None else None
        sheet.add(ReadingKind.DNA_NG_PER_UL, conc, sample=code, unit="ng/uL", qualifier=qualifier)
    results = bench.made(sheet.file(), codes=("S1", "S2", "S3"))
    found = {d.specimen_code: d for d in results.drafts}

    assert found["S1"].quantity.value == 42.5
    assert found["S1"].held_reason is None
    assert (found["S2"].quantity.value, bench.codes(found["S2"])) == (0.02, ["I014"])
    assert found["S2"].held_reason is not None
    assert found["S3"].quantity.state is ValueState.NO_RESULT


def test_that_a_specimen_measured_twice_in_one_dna_file_is_a_question(bench):
    sheet = bench.Sheet(None)
    for conc in (42.5, 44.0):
        sheet.next_row()
        sheet.add(ReadingKind.DNA_NG_PER_UL, conc, sample="S1", unit="ng/uL")
    results = bench.made(sheet.file())

    assert results.drafts == ()
    assert [r.issue.code for r in results.rejected] == ["I205", "I205"]


# --- the way back -----------------------------------------------------------------------------------------------------


def test_that_every_draft_points_to_the_very_readings_it_used(bench):
    plate = bench.Plate.acceptable()
    plate.copies("S1", 400, 410)
    file = plate.file()
    results = bench.made(file, dna={"S1": bench.dna()})

    draft = bench.draft(results, PER_REACTION)
    used = [file.readings[index] for index in results.readings_of[draft.key]]
    assert {reading.sample for reading in used} == {"S1"}
    assert [p.raw for p in draft.provenance] == [reading.raw for reading in used]
    assert {p.file_sha256 for p in draft.provenance} == {file.sha256}
    assert set(results.readings_of) == {d.key for d in results.drafts}


def test_that_what_was_measured_in_the_future_is_held(bench):
    plate = bench.Plate.acceptable()
    plate.copies("S1", 400, 400)

    def draft(today: date):
        made = make_results(
            plate.file(run_started_at="2030-01-02T09:00:00"),
            definitions=load_definitions(),
            mapping=NameMapping(rules=(), specimens=frozenset({"S1"})),
            specimens={"S1": bench.specimen()},
            dna={},
            run_code="RUN-1",
            today=today,
        )
        return bench.draft(made, PER_REACTION)

    assert "C507" in bench.codes(draft(date(2030, 1, 1)))
    assert "2030-01-02 lies in the future" in (draft(date(2030, 1, 1)).held_reason or "")
    assert "C507" not in bench.codes(draft(date(2030, 1, 2)))


def test_that_each_mrd_row_is_judged_by_its_own_day(bench):
    rows = bench.MrdRows("Flow MRD")
    rows.mrd("S1", total_cells=2_000_000.0, events=0.0)
    rows.add(ReadingKind.ACQUIRED_AT, "2026-02-20", sample="S1", target="m")

    draft = bench.draft(bench.made(rows.file()), Analyte.MRD_FRACTION)

    assert "2026-02-20" == draft.basis["analysed_on"]
    assert "C504" in bench.codes(draft)  # collected on 2026-03-01
