import dataclasses
from datetime import UTC, date, datetime

import pytest

from labmon.assays.mapping import MappingRule, RuleMatch, RuleSubject
from labmon.domain.analyte import Analyte
from labmon.domain.issue import Issue, Place
from labmon.domain.quantity import ValueState
from labmon.domain.reading import Qualifier, ReadingKind

WBC, LYMPH = "Leukocytes", "Leukocytes/Lymphocytes"
CD3, CAR, PD1 = f"{LYMPH}/CD3+", f"{LYMPH}/CD3+/CAR+", f"{LYMPH}/CD3+/CAR+/PD-1+"
CD19 = f"{LYMPH}/CD19+"
FULL = {WBC: 100_000, LYMPH: 60_000, CD3: 40_000, CAR: 4_000, PD1: 1_000, CD19: 600, "Beads": 5_000}


@pytest.fixture(scope="module")
def tube(bench):
    """The results of one tube with these counts."""

    def made(counts=FULL, formulas=None, *, run_started_at="2026-03-01T12:00:00", specimen=None):
        tubes = bench.Tubes()
        tubes.tube("S1", counts, formulas)
        specimens = {"S1": specimen or bench.specimen()}
        return bench.made(tubes.file(run_started_at=run_started_at), specimens=specimens)

    return made


def test_that_a_tube_gives_every_percentage_with_its_counts_and_denominator(bench, tube):
    results = tube()

    values = {draft.analyte: draft.quantity.value for draft in results.drafts}
    assert values == {
        Analyte.CAR_POS_PCT_OF_CD3: 10,
        Analyte.CD19_PCT_OF_WBC: pytest.approx(0.6),
        Analyte.CD19_PCT_OF_LYMPHOCYTES: 1,
        Analyte.PD1_PCT_OF_CAR_POS: 25,
        Analyte.CAR_POS_CELLS_PER_UL: pytest.approx(68 * 4_000 / 5_000),
        Analyte.CD19_CELLS_PER_UL: pytest.approx(68 * 600 / 5_000),
    }
    car = bench.draft(results, Analyte.CAR_POS_PCT_OF_CD3)
    assert (car.basis["car_pos_events"], car.basis["cd3_events"]) == (4_000, 40_000)
    assert (car.basis["population"], car.basis["denominator"]) == (CAR, CD3)
    assert len(car.provenance) == 2
    assert results.rejected == ()
    assert all(draft.held_reason is None for draft in results.drafts)


@pytest.mark.parametrize(
    ("events", "cd3_events", "state", "codes"),
    [
        (22, 22_000, ValueState.QUANTIFIED, []),
        (21, 22_000, ValueState.DETECTED_BELOW_LLOQ, []),
        (21, 21_999, ValueState.DETECTED_BELOW_LLOQ, ["F311"]),
        (12, 13_000, ValueState.NOT_DETECTED, []),
        (12, 12_999, ValueState.NOT_DETECTED, ["F311"]),
        (1_000, 2_000, ValueState.QUANTIFIED, []),
    ],
)
def test_that_a_low_call_on_too_few_t_cells_says_so_without_being_held(bench, tube, events, cd3_events, state, codes):
    car = bench.draft(tube({CD3: cd3_events, CAR: events}), Analyte.CAR_POS_PCT_OF_CD3)

    assert car.quantity.state is state
    assert bench.codes(car) == codes
    assert car.held_reason is None


def test_that_no_cells_in_the_denominator_is_no_result(bench, tube):
    car = bench.draft(tube({CD3: 0, CAR: 0}), Analyte.CAR_POS_PCT_OF_CD3)

    assert car.quantity.state is ValueState.NO_RESULT


def test_that_counts_without_their_denominator_give_no_percentage(bench, tube):
    car = bench.draft(tube({CAR: 4_000}), Analyte.CAR_POS_PCT_OF_CD3)

    assert car.quantity.state is ValueState.NO_RESULT
    assert bench.codes(car) == ["F304"]


def test_that_a_printed_percentage_without_counts_is_kept_and_held(bench):
    tubes = bench.Tubes()
    tubes.next_row()
    tubes.add(ReadingKind.PERCENT_OF_PARENT, 12.5, sample="S1", target=CAR, unit="%")
    car = bench.draft(
        bench.made(tubes.file(), rules=(_is("Leukocytes/Lymphocytes/CD3+", "cd3_events"),)), Analyte.CAR_POS_PCT_OF_CD3
    )

    assert car.quantity.state is ValueState.NO_RESULT  # nobody exported CD3+, so what the percentage is of is unknown
    tubes.add(ReadingKind.PERCENT_OF_PARENT, 60.0, sample="S1", target=CD3, unit="%")
    car = bench.draft(bench.made(tubes.file()), Analyte.CAR_POS_PCT_OF_CD3)
    assert (car.quantity.value, car.quantity.lloq) == (12.5, None)
    assert "without its counts" in (car.held_reason or "")


def _is(target: str, becomes: str) -> MappingRule:
    return MappingRule(subject=RuleSubject.TARGET, match=RuleMatch.EXACT, text=target, becomes=becomes)


def test_that_b_cells_of_lymphocytes_alone_say_nothing_of_a_missing_wbc_gate(tube):
    found = {draft.analyte for draft in tube({LYMPH: 60_000, CD19: 600}).drafts}

    assert found == {Analyte.CD19_PCT_OF_LYMPHOCYTES}


def test_that_a_count_that_was_not_computed_is_no_result_and_not_zero(bench, tube):
    car = bench.draft(tube({CD3: 40_000, CAR: None}), Analyte.CAR_POS_PCT_OF_CD3)

    assert car.quantity.state is ValueState.NO_RESULT
    assert bench.codes(car) == ["F303"]


def test_that_a_count_in_scientific_notation_is_refused(bench):
    tubes = bench.Tubes()
    tubes.next_row()
    tubes.add(ReadingKind.COUNT, 443_000, sample="S1", target=CD3, raw="4.43E+05")
    tubes.add(ReadingKind.COUNT, 4_000, sample="S1", target=CAR)
    car = bench.draft(bench.made(tubes.file()), Analyte.CAR_POS_PCT_OF_CD3)

    assert car.quantity.state is ValueState.NO_RESULT
    assert bench.codes(car) == ["F306"]


def test_that_a_child_larger_than_its_parent_holds_what_uses_either(bench, tube):
    results = tube({WBC: 100_000, LYMPH: 60_000, CD3: 1_000, CAR: 4_000, CD19: 600})
    car = bench.draft(results, Analyte.CAR_POS_PCT_OF_CD3)

    assert car.quantity.value == 400  # kept as it stands
    assert f"{CAR} holds 4000 events, its parent {CD3} 1000" in (car.held_reason or "")
    assert bench.draft(results, Analyte.CD19_PCT_OF_WBC).held_reason is None


def test_that_what_the_reader_said_is_not_said_twice(bench):
    tubes = bench.Tubes()
    tubes.tube("S1", {CD3: 1_000, CAR: 4_000})
    parameters = {"child": CAR, "child_count": "4000", "parent": CD3, "parent_count": "1000"}
    tubes.issues.append(Issue(code="F307", place=Place(sheet="Results", row=2, column=2), parameters=parameters))
    car = bench.draft(bench.made(tubes.file()), Analyte.CAR_POS_PCT_OF_CD3)

    assert bench.codes(car) == ["F307"]


@pytest.mark.parametrize(
    ("started", "old"),
    [
        ("2026-03-02T09:00:00", False),  # exactly 24 h
        ("2026-03-02T09:01:00", True),
        ("2026-03-02", False),  # some time of the next day: 15 to 39 h, not certainly too old
        ("2026-03-03", True),
        (None, False),
    ],
)
def test_that_a_specimen_older_than_24_hours_is_held(bench, tube, started, old: bool):
    car = bench.draft(tube(run_started_at=started), Analyte.CAR_POS_PCT_OF_CD3)

    assert ("F309" in bench.codes(car)) is old
    assert (car.held_reason is not None) is old


def test_that_the_age_is_kept_only_when_both_times_are_known(bench, tube):
    timed = tube(run_started_at="2026-03-01T15:30:00")
    dated = tube(run_started_at="2026-03-01")

    assert bench.draft(timed, Analyte.CAR_POS_PCT_OF_CD3).basis["specimen_age_h"] == 6.5
    assert "specimen_age_h" not in bench.draft(dated, Analyte.CAR_POS_PCT_OF_CD3).basis


def test_that_a_day_without_an_hour_bounds_the_age(bench, tube):
    specimen = bench.specimen(collected_at=None, collected_on=date(2026, 3, 1))
    same_day = tube(run_started_at="2026-03-01T14:00:00", specimen=specimen)

    basis = bench.draft(same_day, Analyte.CAR_POS_PCT_OF_CD3).basis

    assert basis["specimen_age_at_most_h"] == 14
    assert "specimen_age_h" not in basis


def test_that_offsets_are_respected_when_both_times_have_one(bench, tube):
    specimen = bench.specimen(collected_at=datetime(2026, 3, 1, 1, 0, tzinfo=UTC))
    car = bench.draft(tube(run_started_at="2026-03-01T11:00:00+08:00", specimen=specimen), Analyte.CAR_POS_PCT_OF_CD3)

    assert car.basis["specimen_age_h"] == 2


def test_that_a_run_before_its_specimen_was_drawn_holds_the_value(bench, tube):
    specimen = bench.specimen(collected_at=None, collected_on=date(2026, 3, 5))
    car = bench.draft(tube(run_started_at="2026-03-04T12:00:00", specimen=specimen), Analyte.CAR_POS_PCT_OF_CD3)

    assert bench.codes(car) == ["C504"]
    assert car.held_reason is not None


def test_that_the_formula_column_is_the_value_and_beads_only_check_it(bench, tube):
    agreeing = bench.draft(tube(FULL, {"CAR/uL": 54.4}), Analyte.CAR_POS_CELLS_PER_UL)
    differing = bench.draft(tube(FULL, {"CAR/uL": 60.0}), Analyte.CAR_POS_CELLS_PER_UL)

    assert (agreeing.quantity.value, bench.codes(agreeing)) == (54.4, [])
    assert (differing.quantity.value, bench.codes(differing)) == (60.0, ["F312"])
    assert differing.held_reason is not None


def test_that_cells_per_ul_are_classified_by_their_events(bench, tube):
    def car(events: int):
        return bench.draft(tube({**FULL, CAR: events, PD1: 0}), Analyte.CAR_POS_CELLS_PER_UL).quantity

    assert car(22).value == pytest.approx(68 * 22 / 5_000)
    assert car(22).lloq == pytest.approx(68 * 22 / 5_000)
    assert car(21).state is ValueState.DETECTED_BELOW_LLOQ
    assert car(12).state is ValueState.NOT_DETECTED


def test_that_beads_without_a_lot_count_nothing(bench, definitions):
    without_lot = dataclasses.replace(
        definitions["car_flow"], flow=dataclasses.replace(definitions["car_flow"].flow, beads=None)
    )
    tubes = bench.Tubes()
    tubes.tube("S1", FULL)
    results = bench.made(tubes.file(), definitions=[without_lot])
    cells = bench.draft(results, Analyte.CAR_POS_CELLS_PER_UL)

    assert cells.quantity.state is ValueState.NO_RESULT
    assert bench.codes(cells) == ["F310"]


def test_that_two_gates_that_mean_the_same_are_a_question(bench, tube):
    results = tube({CD3: 40_000, "T cells": 41_000, CAR: 4_000})

    assert [r.issue.code for r in results.rejected] == ["I205"]
    assert bench.draft(results, Analyte.CAR_POS_PCT_OF_CD3).quantity.state is ValueState.NO_RESULT


def test_that_the_count_of_one_gate_is_not_joined_to_the_percentage_of_another(bench):
    tubes = bench.Tubes()
    tubes.tube("S1", {CD3: 40_000, CAR: 4_000})
    tubes.add(ReadingKind.PERCENT_OF_PARENT, 61.0, sample="S1", target="T cells", unit="%")
    results = bench.made(tubes.file())

    assert [(r.issue.code, r.indices) for r in results.rejected] == [("I205", (0, 2))]


def test_that_two_tubes_of_one_specimen_with_the_same_result_are_rejected(bench):
    tubes = bench.Tubes()
    rules = tuple(
        MappingRule(subject=RuleSubject.SAMPLE, match=RuleMatch.EXACT, text=name, becomes="S1") for name in ("a", "b")
    )
    tubes.tube("a", {CD3: 40_000, CAR: 4_000})
    tubes.tube("b", {CD3: 40_000, CAR: 4_100, LYMPH: 60_000, CD19: 600})
    results = bench.made(tubes.file(), rules=rules)

    assert [draft.analyte for draft in results.drafts] == [Analyte.CD19_PCT_OF_LYMPHOCYTES]
    assert [(r.issue.code, r.indices) for r in results.rejected] == [("I205", (0, 1)), ("I205", (2, 3))]


def test_that_a_gate_nobody_mapped_is_rejected_by_name_and_an_ignored_one_is_not(bench, tube):
    results = tube({CD3: 40_000, CAR: 4_000, f"{LYMPH}/NK": 5_000, "Singlets": 90_000})

    assert [(r.issue.code, r.target, r.sample) for r in results.rejected] == [("I118", f"{LYMPH}/NK", None)]
    assert len(results.drafts) == 1


def test_that_an_omitted_tube_keeps_its_value_excluded(bench):
    tubes = bench.Tubes()
    tubes.next_row()
    tubes.add(ReadingKind.COUNT, 40_000, sample="S1", target=CD3, omitted=True)
    tubes.add(ReadingKind.COUNT, 4_000, sample="S1", target=CAR, qualifier=Qualifier.OMITTED)
    car = bench.draft(bench.made(tubes.file()), Analyte.CAR_POS_PCT_OF_CD3)

    assert (car.quantity.value, car.excluded_reason) == (10, "omitted in the export")


def test_that_a_sample_nobody_says_when_it_was_measured_warns_that_its_age_is_unknown(bench):
    tubes = bench.Tubes()
    tubes.tube("S1", {"CD3+": 44_000, "CD3+/CAR+": 4_400})

    known = bench.draft(bench.made(tubes.file()), Analyte.CAR_POS_PCT_OF_CD3)
    unknown = bench.draft(bench.made(tubes.file(run_started_at=None)), Analyte.CAR_POS_PCT_OF_CD3)

    assert ([], ["F313"]) == (bench.codes(known), bench.codes(unknown))
    assert unknown.held_reason is None
    assert "specimen_age_h" not in unknown.basis
