"""From a real instrument's export to results, where the corpus lies beside the checkout."""

from pathlib import Path

import pytest

from labmon.assays.mapping import MappingRule, RuleMatch, RuleSubject
from labmon.domain.analyte import Analyte
from labmon.domain.reading import FileReading
from labmon.domain.run import CheckOutcome
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_path


def mapped(file: FileReading, **targets: str) -> tuple[tuple[MappingRule, ...], tuple[str, ...]]:
    """Rules that make each sample name a specimen S1, S2 ... and give the targets their meanings."""
    names = sorted({reading.sample for reading in file.readings if reading.sample})
    codes = tuple(f"S{n}" for n in range(1, len(names) + 1))
    samples = [
        MappingRule(subject=RuleSubject.SAMPLE, match=RuleMatch.EXACT, text=name, becomes=code)
        for name, code in zip(names, codes, strict=True)
    ]
    meanings = [
        MappingRule(subject=RuleSubject.TARGET, match=RuleMatch.EXACT, text=text, becomes=becomes)
        for becomes, text in targets.items()
    ]
    return (*samples, *meanings), codes


def test_that_a_quantstudio_run_agrees_with_its_own_standards(bench, corpus: Path):
    file = read_path(corpus / "quantstudio_text" / "appbio_quantstudio_example04.txt", ReadOptions())
    rules, codes = mapped(file, transgene="RNase P")
    results = bench.made(file, rules=rules, codes=codes)

    passed = {check.check_id for check in results.run.checks if check.outcome is CheckOutcome.PASSED}
    assert passed == {
        "curve_slope",
        "pcr_efficiency_pct",
        "curve_r_squared",
        "standard_levels",
        "standard_recovery_pct",
        "ntc_outcome",
    }
    values = sorted(
        draft.quantity.value for draft in results.drafts if draft.analyte is Analyte.TRANSGENE_COPIES_PER_REACTION
    )
    assert values == pytest.approx([5000, 10_000], rel=0.07)  # the samples are called 5K and 10K
    assert not any(issue.code == "Q104" for draft in results.drafts for issue in draft.issues)


def test_that_car_cells_per_ul_of_a_flowjo_table_agree_with_counts_and_beads(bench, corpus: Path):
    file = read_path(corpus / "flowjo_table" / "Pembro_Treated_Flowjo.xls", ReadOptions())
    rules, codes = mapped(file, car_pos_events="Lymphocytes/Singlets/Live/T cells/G4S+")
    results = bench.made(file, rules=rules, codes=codes)

    cells = [draft for draft in results.drafts if draft.analyte is Analyte.CAR_POS_CELLS_PER_UL]
    assert len(cells) == 24
    assert {("F313",)} == {tuple(issue.code for issue in draft.issues) for draft in cells}  # the table has no $DATE
    for draft in cells:
        events, beads = draft.basis["car_pos_events"], draft.basis["bead_events"]
        assert (draft.quantity.value is None) is (events < 22)
        assert draft.quantity.lloq == pytest.approx(22 * 68 / beads)
