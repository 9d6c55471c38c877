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


def test_that_a_record_of_the_first_schema_is_refused_with_both_numbers_until_it_is_migrated(tmp_path: Path) -> None:
    record_of_0001(tmp_path / "old.labmon")

    with pytest.raises(UserError) as refused:
        Study.open(tmp_path / "old.labmon")

    assert "R810" == refused.value.code
    assert "0001" in str(refused.value)
    assert database.SCHEMA_VERSION in str(refused.value)


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
