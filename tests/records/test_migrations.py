import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from labmon.domain.audit import Act
from labmon.domain.clinical import Infusion, LabAnalyte, LabUnit, LabValue, Patient
from labmon.domain.errors import UserError
from labmon.records import database, schema
from labmon.records.study import Study
from labmon.records.writer import NewFact
from tests.records.conftest import ACTOR

MIGRATIONS = Path(database.__file__).parent / "migrations"


def chain() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


def record_of_0001(path: Path) -> None:
    """A record as the first schema made it, with a patient and an infusion."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = database.make_engine(path)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    told = "'2026-01-01T00:00:00.000000+00:00'"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "INSERT INTO study (study_code, title, site, protocol_id, created_at)"
            f" VALUES ('OLD', 'A study', 'A site', 'nct06389305', {told})"
        )
        connection.execute(
            "INSERT INTO patient (is_void, patient_code, sex, recorded_at, recorded_by)"
            f" VALUES (0, 'P-001', 'male', {told}, 'A')"
        )
        connection.execute(
            "INSERT INTO infusion (is_void, patient_code, infused_on, infusion_kind, car_costimulation,"
            f" recorded_at, recorded_by) VALUES (0, 'P-001', '2026-01-10', 'car_t', '4_1bb', {told}, 'A')"
        )
        connection.commit()


def test_that_the_chain_of_migrations_is_one_line_that_ends_at_the_version_labmon_knows() -> None:
    assert [database.SCHEMA_VERSION] == chain().get_heads()
    assert all(not isinstance(each.down_revision, tuple) for each in chain().walk_revisions())


OLDEST = Path(__file__).parents[1] / "data" / "records" / "schema_0001.labmon"
"""A record that labmon itself made when 0001 was its schema: one patient, one import."""


def test_that_a_record_of_the_first_schema_is_copied_and_brought_up_to_date_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "study.labmon"
    shutil.copy(OLDEST, path)

    study = Study.open(path)
    with study.reading() as record:
        patient = record.patient_record("P-001")
        (result,) = record.results()
        migrated = record.audit_entries(entity="schema")[-1]
        assert record.first_broken_audit_entry() is None
    study.close()

    copy = tmp_path / "study.schema-0001.labmon"
    assert date(2026, 1, 10) == patient.infusions[0].infused_on
    assert 4120.0 == result.quantity.value
    assert (Act.MIGRATE, "0001", f"copy kept as {copy.name}") == (migrated.act, migrated.old_value, migrated.new_value)
    assert database.SCHEMA_VERSION == database.schema_version(path)
    assert "0001" == database.schema_version(copy)


def test_that_opening_a_record_again_makes_no_further_copy(tmp_path: Path) -> None:
    path = tmp_path / "study.labmon"
    shutil.copy(OLDEST, path)
    Study.open(path).close()
    Study.open(path).close()

    assert ["study.labmon", "study.schema-0001.labmon"] == sorted(each.name for each in tmp_path.iterdir())


def test_that_an_earlier_copy_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "study.labmon"
    shutil.copy(OLDEST, path)
    earlier = tmp_path / "study.schema-0001.labmon"
    earlier.write_bytes(b"somebody's")

    Study.open(path).close()

    assert b"somebody's" == earlier.read_bytes()
    assert "0001" == database.schema_version(tmp_path / "study.schema-0001-2.labmon")


def test_that_without_a_proved_copy_nothing_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "study.labmon"
    shutil.copy(OLDEST, path)
    before = path.read_bytes()

    def no_space(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", no_space)
    with pytest.raises(UserError) as refused:
        Study.open(path)

    assert "R811" == refused.value.code
    assert "No space left" in str(refused.value)
    assert before == path.read_bytes()
    assert [path] == list(tmp_path.iterdir())


def test_that_a_migrated_record_keeps_its_facts_and_takes_the_new_ones(tmp_path: Path) -> None:
    path = tmp_path / "old.labmon"
    record_of_0001(path)
    engine = database.make_engine(path)

    database.upgrade(engine)

    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), schema.metadata)
    engine.dispose()
    study = Study.open(path)
    value = LabValue(
        patient_code="P-001",
        lab_analyte=LabAnalyte.ANC,
        measured_on=date(2026, 2, 7),
        value=1.0,
        lab_unit=LabUnit.CELLS_10E9_PER_L,
    )
    with study.writing(ACTOR) as record:
        record.put_fact(NewFact(fact=value))
    with study.reading() as record:
        patient = record.patient_record("P-001")
    study.close()

    assert [] == difference
    assert ("male", date(2026, 1, 10)) == (patient.patient.sex, patient.infusions[0].infused_on)
    assert (value,) == patient.lab_values
    assert isinstance(patient.patient, Patient)
    assert isinstance(patient.infusions[0], Infusion)
