from pathlib import Path

import pytest

from labmon.demo import DemoFiles, write_demo_files
from labmon.demo.plan import load_plan
from labmon.domain.issue import Severity
from labmon.instruments.options import ReadOptions
from labmon.instruments.read_file import read_path


def contents(files: DemoFiles) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in files.paths}


def test_that_the_same_seed_writes_the_same_bytes(demo_files: DemoFiles, tmp_path: Path) -> None:
    again = write_demo_files(tmp_path)

    assert contents(demo_files) == contents(again)


def test_that_another_seed_writes_other_values(demo_files: DemoFiles, tmp_path: Path) -> None:
    other = write_demo_files(tmp_path, seed=2)

    shared = contents(demo_files).keys() & contents(other).keys()
    assert len(shared) > 40
    assert all(contents(demo_files)[name] != contents(other)[name] for name in shared if "qPCR" in name)


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_that_a_demo_study_has_at_most_eighty_files(seed: int | None, tmp_path: Path) -> None:
    assert len(write_demo_files(tmp_path, seed=seed).paths) <= 80


def test_that_twenty_four_patients_are_infused_within_a_year_that_ends_on_the_demo_day() -> None:
    plan = load_plan()

    infusions = [patient.infused_on for patient in plan.patients]
    assert len({patient.code for patient in plan.patients}) == 24
    assert max(infusions) <= plan.as_of
    assert (plan.as_of - min(infusions)).days <= 366


def test_that_every_file_is_read_and_nothing_in_it_blocks_or_is_later_than_the_demo_day(demo_files: DemoFiles) -> None:
    formats = set()
    for path in demo_files.paths:
        reading = read_path(path, ReadOptions())
        formats.add(reading.format_id)

        assert reading.readings or reading.clinical_rows, path.name
        assert not [i for i in reading.issues if i.severity is Severity.BLOCKS], path.name
        assert (reading.run_started_at or "")[:10] <= demo_files.as_of.isoformat()

    assert {
        "clinical_template",
        "flowjo_table",
        "mrd_template",
        "quantstudio_text",
        "quantstudio_workbook",
        "qubit",
    } == formats
