import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from labmon.domain.clinical import CLINICAL_FACTS, Infusion, Sex
from labmon.domain.template import MARK, MARK_SHEET, CellKind, TemplateId, sheets_of
from labmon.reports.templates import filled_template_bytes, template_bytes, template_file_name, write_templates
from labmon.resources import resource_path


def members(workbook: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def opened(workbook: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook))


@pytest.mark.parametrize("template", TemplateId)
def test_that_the_shipped_template_is_what_the_code_makes(template: TemplateId) -> None:
    shipped = resource_path("templates", template_file_name(template)).read_bytes()

    # Member by member: the compressed bytes may differ with the zlib of the machine, the content may not.
    assert members(template_bytes(template)) == members(shipped)


@pytest.mark.parametrize("template", TemplateId)
def test_that_a_template_written_twice_is_the_same_to_the_byte(template: TemplateId, tmp_path: Path) -> None:
    first = template_bytes(template)
    paths = write_templates(tmp_path)

    assert first == next(path for path in paths if path.stem == template).read_bytes()


@pytest.mark.parametrize("template", TemplateId)
def test_that_a_template_is_marked_and_explains_every_column(template: TemplateId) -> None:
    about = opened(template_bytes(template))[MARK_SHEET]

    assert (MARK, template.value) == (about["A1"].value, about["B1"].value)
    explained = {row[0].value for row in about.iter_rows() if row[2].value}
    for sheet in sheets_of(template):
        assert {column.heading for column in sheet.columns} <= explained


def test_that_the_clinical_sheets_are_the_clinical_facts() -> None:
    workbook = opened(template_bytes(TemplateId.CLINICAL))

    assert [MARK_SHEET, *(fact.sheet for fact in CLINICAL_FACTS)] == workbook.sheetnames
    assert [
        "patient_code",
        "infused_on",
        "infusion_kind",
        "product",
        "car_target",
        "car_costimulation",
    ] == [cell.value for cell in workbook[Infusion.sheet][1]]


@pytest.mark.parametrize("template", TemplateId)
def test_that_every_column_has_its_heading_in_view_its_rule_and_its_prompt(template: TemplateId) -> None:
    workbook = opened(template_bytes(template))

    for sheet in sheets_of(template):
        page = workbook[sheet.title]
        assert page.freeze_panes == "B2"
        rules = {rule.promptTitle: rule for rule in page.data_validations.dataValidation}
        for column in sheet.columns:
            rule = rules[column.heading[:32]]
            assert column.help[:40] in rule.prompt
            if column.choices is not None:
                assert '"' + ",".join(column.choices) + '"' == rule.formula1
                assert len(rule.formula1) <= 257, "spreadsheets cut longer lists"
            elif column.kind in (CellKind.DATE, CellKind.DATE_TIME):
                assert rule.type == "date"


def test_that_a_filled_text_beginning_with_an_equals_sign_stays_text() -> None:
    rows = {"Patients": [{"patient_code": "=1+1", "sex": Sex.FEMALE, "birth_date": date(2010, 2, 28)}]}

    page = opened(filled_template_bytes(TemplateId.CLINICAL, rows))["Patients"]

    assert ("=1+1", "s") == (page["A2"].value, page["A2"].data_type)
    assert page["B2"].value == "female"
    assert page["C2"].value.date() == date(2010, 2, 28)


def test_that_an_unknown_heading_is_refused_when_filling() -> None:
    with pytest.raises(KeyError):
        filled_template_bytes(TemplateId.CLINICAL, {"Patients": [{"patient": "DEMO-001"}]})
