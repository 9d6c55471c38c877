import pytest

from labmon.domain.analyte import Analyte, MrdMethod
from labmon.domain.issue import Issue, Place
from labmon.domain.quantity import ValueState
from labmon.domain.reading import Qualifier, ReadingKind

FLOW, PCR, NGS = "Flow MRD", "Ig-TR qPCR", "NGS MRD"


@pytest.fixture(scope="module")
def row(bench):
    """The one result of one row of a sheet."""

    def made(sheet: str, **cells):
        rows = bench.MrdRows(sheet)
        rows.mrd("S1", **cells)
        return bench.draft(bench.made(rows.file()), Analyte.MRD_FRACTION)

    return made


@pytest.mark.parametrize(
    ("events", "cells", "state", "value"),
    [
        (50, 1_000_000, ValueState.QUANTIFIED, 5e-5),
        (49, 1_000_000, ValueState.DETECTED_BELOW_LLOQ, None),
        (20, 1_000_000, ValueState.DETECTED_BELOW_LLOQ, None),
        (19, 1_000_000, ValueState.NOT_DETECTED, None),
        (0, 1_000_000, ValueState.NOT_DETECTED, None),
        (100, 1_000_000, ValueState.QUANTIFIED, 1e-4),
    ],
)
def test_that_flow_mrd_is_classified_by_its_events(row, events, cells, state, value):
    draft = row(FLOW, events=events, total_cells=cells, denominator="nucleated_cells")

    assert draft.quantity.state is state
    assert draft.quantity.value == value
    assert (draft.quantity.lod, draft.quantity.lloq) == (pytest.approx(2e-5), pytest.approx(5e-5))
    assert draft.method is MrdMethod.FLOW
    assert draft.basis["mrd_events"] == events
    assert draft.basis["mrd_total_cells"] == cells
    assert draft.basis["mrd_denominator"] == "nucleated_cells"


@pytest.mark.parametrize(
    ("cells", "sensitivity"),
    [(200_000, 2.5e-4), (500_000, 1e-4), (1_000_000, 5e-5), (4_000_000, 1.25e-5), (10_000_000, 1e-5)],
)
def test_that_a_flow_sample_earns_its_sensitivity_by_its_cells_up_to_the_validated_limit(row, cells, sensitivity):
    assert row(FLOW, events=0, total_cells=cells).sensitivity_fraction == pytest.approx(sensitivity)


def test_that_a_stated_limit_that_is_worse_counts(row):
    assert row(FLOW, events=0, total_cells=4_000_000, sensitivity_fraction=1e-4).sensitivity_fraction == 1e-4


def test_that_mrd_without_cells_or_sensitivity_is_held(bench, row):
    draft = row(FLOW, events=0, fraction=0.002)

    assert draft.sensitivity_fraction is None
    assert "M401" in bench.codes(draft)
    assert draft.held_reason is not None


def test_that_more_events_than_cells_are_no_result(bench, row):
    draft = row(FLOW, events=500, total_cells=100)

    assert draft.quantity.state is ValueState.NO_RESULT
    assert bench.codes(draft) == ["F307"]


def test_that_a_reported_fraction_its_counts_do_not_give_is_held(bench, row):
    agreeing = row(FLOW, events=100, total_cells=1_000_000, fraction=1.004e-4)
    differing = row(FLOW, events=100, total_cells=1_000_000, fraction=0.01)

    assert bench.codes(agreeing) == []
    assert bench.codes(differing) == ["F312"]
    assert differing.quantity.value == 1e-4
    assert differing.held_reason is not None


def test_that_positive_not_quantifiable_is_never_a_number(row):
    draft = row(PCR, state="positive_not_quantifiable", fraction=3e-5, sensitivity_fraction=1e-5, lloq_fraction=1e-4)

    assert draft.quantity.state is ValueState.DETECTED_BELOW_LLOQ
    assert draft.quantity.value is None
    assert draft.quantity.lloq == 1e-4


@pytest.mark.parametrize("word", ["PNQ", "positive, not quantifiable", "Positive Not Quantifiable"])
def test_that_the_laboratorys_words_for_pnq_are_understood(bench, word: str):
    rows = bench.MrdRows("any sheet")
    rows.next_row()
    rows.add(ReadingKind.MRD_FRACTION, None, sample="S1", raw=word)
    rows.add(ReadingKind.MRD_SENSITIVITY_FRACTION, 1e-5, sample="S1")
    draft = bench.draft(bench.made(rows.file()), Analyte.MRD_FRACTION)

    assert draft.quantity.state is ValueState.DETECTED_BELOW_LLOQ
    assert draft.method is MrdMethod.RQ_PCR


@pytest.mark.parametrize(
    ("fraction", "state", "value"),
    [
        (1e-4, ValueState.QUANTIFIED, 1e-4),
        (9.9e-5, ValueState.DETECTED_BELOW_LLOQ, None),
        (0, ValueState.NOT_DETECTED, None),
    ],
)
def test_that_a_level_below_the_quantitative_range_is_no_number(row, fraction, state, value):
    draft = row(PCR, state="positive_quantified", fraction=fraction, sensitivity_fraction=1e-5, lloq_fraction=1e-4)

    assert (draft.quantity.state, draft.quantity.value) == (state, value)


def test_that_the_reported_sensitivity_of_a_pcr_is_the_samples_own(bench, row):
    negative = row(PCR, state="not_detected", sensitivity_fraction=5e-5)
    silent = row(PCR, state="not_detected")

    assert (negative.quantity.state, negative.sensitivity_fraction) == (ValueState.NOT_DETECTED, 5e-5)
    assert negative.held_reason is None
    assert silent.sensitivity_fraction is None
    assert bench.codes(silent) == ["M401"]
    assert silent.held_reason is not None


def test_that_not_evaluable_is_no_result(row):
    assert row(PCR, state="not_evaluable", sensitivity_fraction=1e-5).quantity.state is ValueState.NO_RESULT


@pytest.mark.parametrize(
    ("per_million", "state", "value"), [(120, ValueState.QUANTIFIED, 1.2e-4), (0, ValueState.NOT_DETECTED, None)]
)
def test_that_ngs_copies_per_million_become_a_fraction(row, per_million, state, value):
    draft = row(NGS, copies_per_million=per_million, total_cells=2_000_000)

    assert draft.quantity.state is state
    assert draft.quantity.value == (pytest.approx(value) if value else None)
    assert draft.method is MrdMethod.NGS
    assert draft.sensitivity_fraction == pytest.approx(2.5e-5)


def test_that_of_several_markers_the_highest_level_counts(bench):
    rows = bench.MrdRows(PCR)
    rows.mrd("S1", "IGH", state="positive_quantified", fraction=2e-4, sensitivity_fraction=1e-5, lloq_fraction=1e-4)
    rows.mrd("S1", "TRG", state="positive_quantified", fraction=7e-4, sensitivity_fraction=1e-4, lloq_fraction=1e-4)
    rows.mrd("S1", "TRD", state="not_detected", sensitivity_fraction=1e-5)
    draft = bench.draft(bench.made(rows.file()), Analyte.MRD_FRACTION)

    assert (draft.quantity.value, draft.basis["marker"], draft.basis["markers_measured"]) == (7e-4, "TRG", 3)
    assert {p.place.row for p in draft.provenance} == {2, 3, 4}


def test_that_without_any_signal_the_most_sensitive_marker_counts(bench):
    rows = bench.MrdRows(PCR)
    rows.mrd("S1", "IGH", state="not_detected", sensitivity_fraction=1e-4)
    rows.mrd("S1", "TRG", state="not_detected", sensitivity_fraction=2e-5)
    draft = bench.draft(bench.made(rows.file()), Analyte.MRD_FRACTION)

    assert (draft.quantity.state, draft.sensitivity_fraction) == (ValueState.NOT_DETECTED, 2e-5)


def test_that_the_same_marker_twice_is_a_question(bench):
    rows = bench.MrdRows(FLOW)
    rows.mrd("S1", events=0, total_cells=1_000_000)
    rows.mrd("S1", events=90, total_cells=1_000_000)
    results = bench.made(rows.file())

    assert results.drafts == ()
    assert [r.issue.code for r in results.rejected] == ["I205"]


def test_that_methods_of_one_workbook_are_runs_of_their_own_and_never_averaged(bench):
    flow, pcr = bench.MrdRows(FLOW), bench.MrdRows(PCR)
    flow.mrd("S1", events=100, total_cells=1_000_000)
    pcr.mrd("S1", state="not_detected", sensitivity_fraction=1e-5)
    results = bench.made(flow.file(readings=[*flow.readings, *pcr.readings]))

    assert {run.run_code for run in results.runs} == {"RUN-1/mrd_flow", "RUN-1/mrd_rq_pcr"}
    assert {draft.method: draft.quantity.state for draft in results.drafts} == {
        MrdMethod.FLOW: ValueState.QUANTIFIED,
        MrdMethod.RQ_PCR: ValueState.NOT_DETECTED,
    }
    assert results.run is None


def test_that_an_issue_of_the_row_holds_its_result_and_no_other(bench):
    rows = bench.MrdRows(FLOW)
    rows.mrd("S1", events=100, total_cells=1_000_000)
    rows.mrd("S2", events=100, total_cells=1_000_000)
    rows.issues.append(Issue(code="M403", place=Place(sheet=FLOW, row=2)))
    results = bench.made(rows.file(), codes=("S1", "S2"))

    assert "gated on CD19" in (bench.draft(results, Analyte.MRD_FRACTION, "S1").held_reason or "")
    assert bench.draft(results, Analyte.MRD_FRACTION, "S2").held_reason is None


def test_that_an_undetermined_level_is_not_detected(bench):
    rows = bench.MrdRows(PCR)
    rows.next_row()
    rows.add(ReadingKind.MRD_FRACTION, None, sample="S1", qualifier=Qualifier.UNDETERMINED, raw="not_detected")
    rows.add(ReadingKind.MRD_SENSITIVITY_FRACTION, 1e-5, sample="S1")

    assert bench.draft(bench.made(rows.file()), Analyte.MRD_FRACTION).quantity.state is ValueState.NOT_DETECTED
