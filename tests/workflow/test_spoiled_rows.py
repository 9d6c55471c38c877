from labmon.domain.issue import Issue, Place
from labmon.domain.reading import ClinicalRow, FileReading
from labmon.workflow.import_plan import PlanState, spoiled_rows


def test_that_a_row_nobody_could_read_is_rejected_with_its_wrong_cell() -> None:
    reading = FileReading(
        file_name="clinical.xlsx",
        sha256="0" * 64,
        size_bytes=1,
        format_id="clinical_template",
        format_title="labmon clinical workbook",
        reader_version=1,
        clinical_rows=(
            ClinicalRow(fact="patient", place=Place(sheet="Patients", row=2), cells={"patient_code": "P-1"}),
        ),
        issues=(
            Issue(
                code="C502", place=Place(sheet="Patients", row=2, column=3), parameters={"raw": "x", "expected": "y"}
            ),
            Issue(code="C501", place=Place(sheet="Patients", row=3, column=1), parameters={"field": "patient_code"}),
            Issue(
                code="C502", place=Place(sheet="Patients", row=3, column=2), parameters={"raw": "x", "expected": "y"}
            ),
            Issue(code="I004", parameters={"columns": "remark"}),
        ),
    )

    (entry,) = spoiled_rows(reading)

    assert PlanState.REJECTED is entry.state
    assert "Patients, row 3" == entry.title
    assert entry.issue is not None
    assert "C501" == entry.issue.code
