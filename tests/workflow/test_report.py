from pathlib import Path

import openpyxl
import pytest

from labmon.domain.audit import Act
from labmon.domain.errors import UserError
from labmon.workflow.assess import Assess
from labmon.workflow.report import Report

from .conftest import ACTOR, Laboratory
from .making import qpcr_text, qubit_csv


@pytest.fixture
def report(lab: Laboratory) -> Report:
    lab.bring("dna.csv", qubit_csv({"P-001-D014": 40.0}))
    lab.bring("run.txt", qpcr_text({"P-001-D014": 800.0}))
    return Report(lab.study, Assess(lab.study), ACTOR)


def exports(lab: Laboratory) -> list[tuple[str, str | None, str]]:
    with lab.study.reading() as record:
        return [(e.entity_id, e.new_value, e.person) for e in record.audit_entries() if e.act is Act.EXPORT]


def test_that_a_report_is_a_workbook_and_an_act_in_the_audit_trail(
    lab: Laboratory, report: Report, tmp_path: Path
) -> None:
    report.write_patient("P-001", tmp_path / "one.xlsx")
    report.write_cohort(tmp_path / "all.xlsx")

    for name in ("one.xlsx", "all.xlsx"):
        text = [
            str(cell)
            for sheet in openpyxl.load_workbook(tmp_path / name)
            for row in sheet.iter_rows(values_only=True)
            for cell in row
        ]
        assert any("P-001-D014" in cell for cell in text)
    assert [
        ("workbook report: P-001", "one.xlsx", "technician A"),
        ("workbook report: cohort", "all.xlsx", "technician A"),
    ] == exports(lab)


def test_that_a_report_that_could_not_be_written_is_no_act(lab: Laboratory, report: Report, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^R804"):
        report.write_cohort(tmp_path / "no such folder" / "all.xlsx")
    with pytest.raises(UserError, match=r"^R807"):
        report.write_patient("P-999", tmp_path / "one.xlsx")

    assert [] == exports(lab)
    assert not (tmp_path / "one.xlsx").exists()
