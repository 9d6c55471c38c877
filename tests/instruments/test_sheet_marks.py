"""Formulas nobody computed, in a workbook of an instrument as in one of ours."""

import io

import openpyxl

from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.source import Source


def test_that_a_formula_without_its_value_among_results_is_said_and_one_with_is_not() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["Assay Name", "Test Name", "Qubit tube conc.", "Units", "Original sample conc.", "Units"])
    sheet.append(["1x dsDNA HS", "S1", 30.4, "ng/mL", "=C2*0.2", "ng/uL"])
    sheet.append(["1x dsDNA HS", "S2", 30.4, "ng/mL", 6.08, "ng/uL"])
    content = io.BytesIO()
    workbook.save(content)

    reading = read_source(Source("qubit.xlsx", content.getvalue()), ReadOptions())

    found = [issue for issue in reading.issues if issue.code == "I016"]
    assert [(2, 5)] == [(issue.place.row, issue.place.column) for issue in found if issue.place]
    assert "=C2*0.2" in found[0].message
