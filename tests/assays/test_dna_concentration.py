"""Every row of a file of concentrations becomes a result or a rejection that says why."""

import pytest

from labmon.domain.analyte import Analyte
from labmon.domain.issue import Issue
from labmon.domain.quantity import ValueState
from labmon.domain.reading import Qualifier, ReadingKind


def test_that_a_row_that_is_no_dna_is_rejected_with_its_reason_beside_one_that_is(bench):
    sheet = bench.Sheet("Qubit")
    sheet.add(ReadingKind.DNA_NG_PER_UL, 40.0, sample="S1", unit="ng/uL")
    sheet.next_row()
    rna = sheet.add(ReadingKind.CONCENTRATION, 55.0, sample="S2", unit="ng/uL")
    sheet.issues.append(Issue(code="Q107", place=rna.place, parameters={"detail": 'The assay "RNA HS" is not for DNA'}))
    sheet.next_row()
    sheet.add(ReadingKind.CONCENTRATION, 12.0, sample="S3", unit="furlong")

    results = bench.made(sheet.file(), codes=("S1", "S2", "S3"))

    assert ["S1"] == [draft.specimen_code for draft in results.drafts]
    assert [(1,), (2,)] == [each.indices for each in results.rejected]
    assert ["Q107", "Q107"] == [each.issue.code for each in results.rejected]
    assert 'The assay "RNA HS" is not for DNA.' == results.rejected[0].issue.message


def test_that_a_file_without_any_dna_is_rejected_row_by_row(bench):
    sheet = bench.Sheet("Qubit")
    sheet.add(ReadingKind.CONCENTRATION, 55.0, sample="S1", unit="ng/uL")
    sheet.next_row()
    sheet.add(ReadingKind.CONCENTRATION, None, sample="S2", qualifier=Qualifier.NOT_COMPUTED)

    results = bench.made(sheet.file(), codes=("S1", "S2"))

    assert () == results.drafts
    assert ["Q107", "Q107"] == [each.issue.code for each in results.rejected]


@pytest.mark.parametrize(("value", "qualifier"), [(None, Qualifier.NOT_COMPUTED), (0.0, None), (-0.4, None)])
def test_that_a_concentration_of_nothing_or_without_a_number_is_no_result_and_says_why(bench, value, qualifier):
    sheet = bench.Sheet("Qubit")
    sheet.add(ReadingKind.DNA_NG_PER_UL, value, sample="S1", unit="ng/uL", qualifier=qualifier)

    draft = bench.draft(bench.made(sheet.file()), Analyte.GDNA_CONC_NG_PER_UL)

    assert (ValueState.NO_RESULT, None) == (draft.quantity.state, draft.quantity.value)
    assert ["Q107"] == bench.codes(draft)
