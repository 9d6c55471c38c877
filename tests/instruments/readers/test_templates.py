import io
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from labmon.assays.definition import load_definitions
from labmon.assays.make_results import make_results
from labmon.assays.mapping import NameMapping
from labmon.domain.clinical import Specimen, SpecimenType
from labmon.domain.errors import UserError
from labmon.domain.quantity import ValueState
from labmon.domain.reading import FileReading, Qualifier, ReadingKind
from labmon.domain.template import MARK_SHEET, VERSIONS, TemplateId
from labmon.instruments.options import DateOrder, DecimalMark, ReadOptions
from labmon.instruments.read_file import read_source
from labmon.instruments.readers import clinical_template, mrd_template
from labmon.instruments.source import Source
from labmon.instruments.templates import is_clinical_template, is_mrd_template
from labmon.reports.templates import filled_template_bytes, template_bytes

DATA = Path(__file__).parents[2] / "data"
GOLDEN = sorted(path for template in TemplateId for path in (DATA / f"{template}_template").glob("*.xlsx"))
READ = {"clinical_template": clinical_template.read, "mrd_template": mrd_template.read}

Rows = list[dict[str, object]]


def plain(reading: FileReading) -> dict[str, object]:
    """A file's reading without its name and hash, as JSON holds it."""
    return {
        "run_started_at": reading.run_started_at,
        "locale": reading.locale,
        "readings": [
            {
                "place": str(each.place),
                "sample": each.sample,
                "target": each.target,
                "kind": each.kind,
                "value": each.value,
                "raw": each.raw,
                "unit": each.unit,
                "qualifier": each.qualifier,
            }
            for each in reading.readings
        ],
        "clinical_rows": [
            {
                "place": str(each.place),
                "fact": each.fact,
                "cells": {
                    name: value.isoformat() if isinstance(value, date) else value for name, value in each.cells.items()
                },
            }
            for each in reading.clinical_rows
        ],
        "issues": [f"{each.code} {each.place}: {each.message}" for each in reading.issues],
        "unread": list(reading.unread),
    }


def read_mrd(sheet: str, rows: Rows, options: ReadOptions | None = None) -> FileReading:
    data = filled_template_bytes(TemplateId.MRD, {sheet: rows})
    return mrd_template.read(Source("mrd.xlsx", data), options or ReadOptions())


def read_clinical(sheet: str, rows: Rows, options: ReadOptions | None = None) -> FileReading:
    data = filled_template_bytes(TemplateId.CLINICAL, {sheet: rows})
    return clinical_template.read(Source("clinical.xlsx", data), options or ReadOptions())


def edited(template: TemplateId, edit: Callable[[openpyxl.Workbook], None]) -> Source:
    workbook = openpyxl.load_workbook(io.BytesIO(template_bytes(template)))
    edit(workbook)
    saved = io.BytesIO()
    workbook.save(saved)
    return Source("edited.xlsx", saved.getvalue())


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_that_a_golden_workbook_reads_as_its_json_says(path: Path) -> None:
    format_id = path.parent.name
    # The workbook saved by LibreOffice says the same as the one it was opened from.
    golden = path.with_name(path.stem.removesuffix("_saved_by_libreoffice") + ".json")

    reading = READ[format_id](Source.from_path(path), ReadOptions())

    assert json.loads(golden.read_text(encoding="utf-8")) == json.loads(json.dumps(plain(reading)))


def test_that_each_template_is_claimed_by_its_own_reader_only() -> None:
    clinical = Source("a.xlsx", template_bytes(TemplateId.CLINICAL))
    mrd = Source("b.xls", template_bytes(TemplateId.MRD))

    assert (True, False) == (is_clinical_template(clinical), is_mrd_template(clinical))
    assert (False, True) == (is_clinical_template(mrd), is_mrd_template(mrd))
    assert not is_mrd_template(Source("c.csv", b"labmon template,mrd"))


def test_that_an_empty_template_holds_nothing_and_nothing_is_wrong() -> None:
    reading = mrd_template.read(Source("mrd.xlsx", template_bytes(TemplateId.MRD)), ReadOptions())

    assert ((), (), ()) == (reading.readings, reading.issues, reading.unread)


def test_that_positive_not_quantifiable_never_becomes_a_number() -> None:
    row: dict[str, object] = {
        "specimen_code": "S-1",
        "marker": "TRG",
        "mrd_state": "positive_not_quantifiable",
        "mrd_fraction": 0.00003,
        "mrd_sensitivity_fraction": 0.00001,
    }

    reading = read_mrd("Ig-TR qPCR", [row])

    (fraction,) = [each for each in reading.readings if each.kind is ReadingKind.MRD_FRACTION]
    assert (None, "positive_not_quantifiable") == (fraction.value, fraction.raw)
    assert ["C502"] == [issue.code for issue in reading.issues]


def test_that_a_state_is_understood_however_its_words_are_joined() -> None:
    row: dict[str, object] = {
        "specimen_code": "S-1",
        "marker": "TRG",
        "mrd_state": "Positive-not quantifiable",
        "mrd_sensitivity_fraction": 0.00001,
    }
    specimen = Specimen(
        specimen_code="S-1",
        patient_code="P-1",
        specimen_type=SpecimenType.BONE_MARROW,
        collected_on=date(2026, 4, 1),
    )

    made = make_results(
        read_mrd("Ig-TR qPCR", [row]),
        definitions=load_definitions(),
        mapping=NameMapping(specimens=frozenset({"S-1"})),
        specimens={"S-1": specimen},
        dna={},
        run_code="run",
    )

    (draft,) = made.drafts
    assert draft.quantity.state is ValueState.DETECTED_BELOW_LLOQ
    assert draft.held_reason is None


def test_that_not_detected_is_a_reading_without_a_number_and_not_an_absent_one() -> None:
    row: dict[str, object] = {
        "specimen_code": "S-1",
        "marker": "TRG",
        "mrd_state": "Not detected",
        "mrd_sensitivity_fraction": 0.00001,
    }

    reading = read_mrd("Ig-TR qPCR", [row])

    (fraction,) = [each for each in reading.readings if each.kind is ReadingKind.MRD_FRACTION]
    assert (None, Qualifier.UNDETERMINED) == (fraction.value, fraction.qualifier)
    assert {"rq_pcr:TRG"} == {each.target for each in reading.readings}
    assert reading.issues == ()


def test_that_mrd_without_cells_and_without_sensitivity_is_held() -> None:
    rows: Rows = [{"specimen_code": "S-1", "mrd_denominator": "leukocytes", "mrd_events": 0}]

    reading = read_mrd("Flow MRD", rows)

    assert ["M401"] == [issue.code for issue in reading.issues]


def test_that_a_wrong_cell_is_named_and_the_rest_of_its_row_and_the_other_rows_are_kept() -> None:
    rows: Rows = [
        {"specimen_code": "S-1", "mrd_denominator": "leukocytes", "mrd_total_cells": 1000000, "mrd_events": "a few"},
        {"specimen_code": "S-2", "mrd_denominator": "leukocytes", "mrd_total_cells": 1000000, "mrd_events": 7},
    ]

    reading = read_mrd("Flow MRD", rows)

    (issue,) = reading.issues
    assert ("I016", "Flow MRD!F2", "mrd_events") == (issue.code, str(issue.place), issue.place and issue.place.heading)
    assert [("S-1", 1000000), ("S-2", 1000000)] == [
        (each.sample, each.value) for each in reading.readings if each.kind is ReadingKind.MRD_TOTAL_CELLS
    ]
    assert [7] == [each.value for each in reading.readings if each.kind is ReadingKind.MRD_EVENTS]


def test_that_an_unreadable_end_date_does_not_make_a_drug_ongoing() -> None:
    rows: Rows = [
        {"patient_code": "P-1", "drug": "prednisone", "started_on": date(2026, 4, 1), "ended_on": "soon"},
        {"patient_code": "P-1", "drug": "aciclovir", "started_on": date(2026, 4, 1)},
    ]

    reading = read_clinical("Medications", rows)

    assert ["aciclovir"] == [row.cells["drug"] for row in reading.clinical_rows]
    assert ["C502"] == [issue.code for issue in reading.issues]


def test_that_a_result_out_of_range_is_flagged_and_never_clamped() -> None:
    rows: Rows = [{"specimen_code": "S-1", "mrd_denominator": "leukocytes", "mrd_total_cells": 9, "mrd_events": -1}]

    reading = read_mrd("Flow MRD", rows)

    assert [-1] == [each.value for each in reading.readings if each.kind is ReadingKind.MRD_EVENTS]
    assert ["I014"] == [issue.code for issue in reading.issues]


def test_that_an_impossible_value_makes_no_fact() -> None:
    rows: Rows = [{"patient_code": "P-1", "assessed_on": date(2026, 4, 1), "marrow_blasts_pct": 140}]

    reading = read_clinical("Disease", rows)

    (issue,) = reading.issues
    assert '"140" is not a number from 0 to 100.' == issue.message
    assert reading.clinical_rows == ()


def test_that_one_certain_date_decides_the_order_of_all_and_none_is_a_question() -> None:
    certain: Rows = [
        {"patient_code": "P-1", "infused_on": "13.04.2026"},
        {"patient_code": "P-2", "infused_on": "03.04.2026"},
        {"patient_code": "P-3", "infused_on": "2026-04-05"},
    ]

    reading = read_clinical("Infusions", certain)

    days = [row.cells["infused_on"] for row in reading.clinical_rows]
    assert [date(2026, 4, 13), date(2026, 4, 3), date(2026, 4, 5)] == days
    with pytest.raises(UserError) as refused:
        read_clinical("Infusions", certain[1:])
    assert ("I003", "Infusions!B2") == (refused.value.code, str(refused.value.place))
    answered = read_clinical("Infusions", certain[1:2], ReadOptions(date_order=DateOrder.MDY))
    assert [date(2026, 3, 4)] == [row.cells["infused_on"] for row in answered.clinical_rows]


def test_that_a_comma_nothing_decides_is_a_question_with_its_place() -> None:
    rows: Rows = [{"patient_code": "P-1", "assessed_on": date(2026, 4, 1), "marrow_blasts_pct": "1,500"}]

    with pytest.raises(UserError) as refused:
        read_clinical("Disease", rows)
    answered = read_clinical("Disease", rows, ReadOptions(decimal_mark=DecimalMark.COMMA))

    assert ("I003", "Disease!C2") == (refused.value.code, str(refused.value.place))
    assert [1.5] == [row.cells["marrow_blasts_pct"] for row in answered.clinical_rows]


def test_that_a_time_of_day_is_never_invented() -> None:
    specimen: dict[str, object] = {
        "specimen_code": "S-1",
        "patient_code": "P-1",
        "specimen_type": "peripheral_blood",
        "collected_on": date(2026, 4, 1),
    }

    reading = read_clinical(
        "Specimens",
        [
            specimen | {"collected_at": "2026-04-01"},
            specimen | {"collected_at": "2026-04-01 9:05"},
            specimen | {"collected_at": "2026-04-01T09:05+08:00"},
        ],
    )

    moments = [row.cells["collected_at"] for row in reading.clinical_rows]
    # Without an offset it is the site's wall clock; which zone that is, the record knows.
    assert [datetime.fromisoformat(text) for text in ("2026-04-01T09:05", "2026-04-01T09:05+08:00")] == moments
    assert ["C502"] == [issue.code for issue in reading.issues]


def test_that_a_newer_template_is_refused_and_says_both_versions() -> None:
    def newer(workbook: openpyxl.Workbook) -> None:
        workbook[MARK_SHEET]["B2"] = VERSIONS[TemplateId.MRD] + 1

    with pytest.raises(UserError, match=r"version 2, this labmon reads up to 1"):
        mrd_template.read(edited(TemplateId.MRD, newer), ReadOptions())


def test_that_a_required_heading_that_is_gone_refuses_the_workbook() -> None:
    def broken(workbook: openpyxl.Workbook) -> None:
        page = workbook["Patients"]
        page["A1"] = "patient"
        page["A2"] = "P-1"

    with pytest.raises(UserError, match=r'I020 Patients!R1: The column "patient_code" of the sheet "Patients"'):
        clinical_template.read(edited(TemplateId.CLINICAL, broken), ReadOptions())


def test_that_headings_are_found_wherever_they_stand_and_foreign_columns_are_named() -> None:
    def moved(workbook: openpyxl.Workbook) -> None:
        page = workbook["Patients"]
        for column, (heading, value) in enumerate(
            [("Hair", "red"), ("BIRTH_DATE", date(2010, 1, 2)), ("patient_code", "P-1"), (None, "left over")], start=1
        ):
            page.cell(1, column, heading)
            page.cell(2, column, value)
        page["D1"] = None

    reading = clinical_template.read(edited(TemplateId.CLINICAL, moved), ReadOptions())

    assert [{"patient_code": "P-1", "sex": None, "birth_date": date(2010, 1, 2)}] == [
        dict(row.cells) for row in reading.clinical_rows
    ]
    assert ('Patients: column A "Hair"', "Patients: column D without a heading") == reading.unread
    assert ["I025", "I004"] == [issue.code for issue in reading.issues]


def test_that_midnight_in_a_cell_that_shows_a_time_is_an_instant_and_a_bare_date_is_none() -> None:
    def filled(workbook: openpyxl.Workbook) -> None:
        sheet = workbook["Specimens"]
        headings = [cell.value for cell in sheet[1]]
        for row, shown in ((2, "yyyy-mm-dd hh:mm"), (3, "yyyy-mm-dd")):
            values = {
                "patient_code": "P-1",
                "specimen_code": f"S-{row}",
                "specimen_type": "peripheral_blood",
                "collected_on": date(2026, 3, 4),
                "collected_at": datetime(2026, 3, 4),  # noqa: DTZ001 - the site's clock
            }
            for heading, value in values.items():
                sheet.cell(row, headings.index(heading) + 1, value)
            sheet.cell(row, headings.index("collected_at") + 1).number_format = shown

    reading = clinical_template.read(edited(TemplateId.CLINICAL, filled), ReadOptions())

    assert [datetime(2026, 3, 4)] == [row.cells["collected_at"] for row in reading.clinical_rows]  # noqa: DTZ001
    assert [("C502", 3)] == [(issue.code, issue.place.row) for issue in reading.issues if issue.place]


def test_that_a_formula_nobody_computed_is_not_taken_for_an_empty_cell() -> None:
    def filled(workbook: openpyxl.Workbook) -> None:
        sheet = workbook["Patients"]
        headings = [cell.value for cell in sheet[1]]
        sheet.cell(2, headings.index("patient_code") + 1, "P-1")
        sheet.cell(2, headings.index("birth_date") + 1, "=DATE(1990,1,1)")

    reading = clinical_template.read(edited(TemplateId.CLINICAL, filled), ReadOptions())

    assert () == reading.clinical_rows
    (issue,) = reading.issues
    assert ("C502", 2, "=DATE(1990,1,1)" in issue.message) == (issue.code, issue.place.row, True)


def test_that_a_sheet_or_column_that_is_gone_is_said() -> None:
    def broken(workbook: openpyxl.Workbook) -> None:
        del workbook["Patients"]
        sheet = workbook["Infusions"]
        next(cell for cell in sheet[1] if cell.value == "product").value = "Produkt"

    reading = clinical_template.read(edited(TemplateId.CLINICAL, broken), ReadOptions())

    said = [issue.message for issue in reading.issues if issue.code == "I025"]
    assert ['"Patients"' in said[0], '"product"' in said[1]] == [True, True]
    assert 2 == len(said)


def test_that_a_template_saved_by_another_spreadsheet_program_is_no_wrong_extension() -> None:
    for name in ("mrd.xls", "mrd.ods", "mrd.xlsx"):
        source = Source(name, template_bytes(TemplateId.MRD))
        assert "I019" not in [issue.code for issue in read_source(source, ReadOptions()).issues]
