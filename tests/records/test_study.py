import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from labmon.domain.audit import Act
from labmon.domain.clinical import Costimulation, Infusion, Patient
from labmon.domain.errors import UserError
from labmon.domain.protocol_confirmation import ProtocolConfirmation, standing
from labmon.domain.run import Acceptance
from labmon.records import database, schema
from labmon.records.study import Study
from labmon.records.writer import NewFact, NewResult
from tests.records.conftest import ACTOR
from tests.records.making import CONTENT, SHA256, a_draft, a_reading, a_run


def import_one(study: Study, draft=None, run=None) -> None:
    with study.writing(ACTOR) as record:
        record.import_file(
            a_reading(),
            CONTENT,
            runs=(run or a_run(),),
            results=(NewResult(draft=draft or a_draft(), patient_code="P-001"),),
        )


def test_that_an_imported_file_comes_back_as_it_was_written(study: Study) -> None:
    import_one(study)

    with study.reading() as record:
        (result,) = record.results(("P-001",))
        stored = record.file(SHA256)
        assert stored is not None
        assert a_draft() == result.draft
        assert "technician A" == result.released_by
        assert result.counts
        assert a_run() == record.run("QPCR-0417")
        assert CONTENT == record.file_content(SHA256)
        assert a_reading().issues == stored.issues
        assert ("Cq Conf",) == stored.unread


def test_that_a_held_result_is_not_released_and_does_not_count(study: Study) -> None:
    import_one(study, a_draft(held_reason="NTC positive"), a_run(Acceptance.HELD))

    with study.reading() as record:
        (result,) = record.results()

    assert result.is_held
    assert result.released_at is None
    assert not result.counts


def test_that_an_import_is_one_audit_entry_with_the_hash_of_its_batch(study: Study) -> None:
    import_one(study)

    with study.reading() as record:
        (entry,) = record.audit_entries(entity="source_file")

    assert Act.IMPORT_FILE is entry.act
    assert "technician A" == entry.person
    assert SHA256 == entry.source_file_sha256
    assert entry.new_value is not None
    assert '"batch_sha256":"' in entry.new_value


def test_that_an_error_inside_a_transaction_leaves_nothing_behind(study: Study) -> None:
    def write_and_fail() -> None:
        with study.writing(ACTOR) as record:
            record.import_file(a_reading(), CONTENT, runs=(a_run(),))
            raise RuntimeError("power")

    with pytest.raises(RuntimeError, match="power"):
        write_and_fail()

    with study.reading() as record:
        assert record.file(SHA256) is None
        assert () == record.runs()
        assert () == record.audit_entries(entity="source_file")


def test_that_an_amended_result_keeps_its_earlier_version_visible(study: Study) -> None:
    import_one(study)
    with study.writing(ACTOR) as record:
        (first,) = record.results()
        amended = replace(first.draft, excluded_reason="specimen clotted or haemolysed")
        record.amend_result(
            Act.EXCLUDE_RESULT, NewResult(draft=amended, patient_code="P-001", supersedes=first), "clotted"
        )

    with study.reading() as record:
        newest, oldest = record.result_versions(first.result_id)
        (entry,) = record.audit_entries(entity="result")

    assert (2, 1) == (newest.version, oldest.version)
    assert oldest.is_superseded
    assert "clotted" == entry.reason
    assert entry.old_value is not None
    assert '"excluded_reason":null' in entry.old_value


def test_that_a_result_superseded_meanwhile_is_not_amended_again(study: Study) -> None:
    import_one(study)
    with study.reading() as record:
        (stale,) = record.results()
    excluded = NewResult(draft=replace(stale.draft, excluded_reason="x"), patient_code="P-001", supersedes=stale)
    with study.writing(ACTOR) as record:
        record.amend_result(Act.EXCLUDE_RESULT, excluded, "x")

    with pytest.raises(UserError, match="R808"), study.writing(ACTOR) as record:
        record.amend_result(Act.EXCLUDE_RESULT, excluded, "x")


def test_that_the_record_can_be_replayed_as_it_was_known_at_an_earlier_moment(study: Study) -> None:
    import_one(study)
    before = datetime.now(UTC)
    with study.writing(ACTOR) as record:
        (first,) = record.results()
        changed = replace(first.draft, excluded_reason="sample swap suspected")
        record.amend_result(
            Act.EXCLUDE_RESULT, NewResult(draft=changed, patient_code="P-001", supersedes=first), "swap"
        )
        record.put_fact(NewFact(fact=Patient(patient_code="P-002")))

    with study.reading() as record:
        (then,) = record.results(known_on=before)
        (now,) = record.results()
        assert not then.is_excluded
        assert now.is_excluded
        assert ["P-001"] == [r.patient_code for r in record.patient_records(known_on=before)]
        assert ["P-001", "P-002"] == [r.patient_code for r in record.patient_records()]


def test_that_an_amended_fact_supersedes_the_earlier_one_and_the_audit_shows_both(study: Study) -> None:
    with study.writing(ACTOR) as record:
        (stored,) = record.facts(Infusion)
        changed = Infusion(
            patient_code="P-001", infused_on=date(2026, 1, 10), car_costimulation=Costimulation.FOUR_1BB, product="X"
        )
        record.put_fact(NewFact(fact=changed, supersedes=stored.fact_id), "product form received")

    with study.reading() as record:
        assert (changed,) == record.patient_record("P-001").infusions
        entry = record.audit_entries(entity="infusion")[-1]
    assert Act.AMEND_FACT is entry.act
    assert entry.old_value is not None
    assert '"car_costimulation":"unknown"' in entry.old_value


def test_that_a_voided_fact_is_gone_from_the_patient_but_not_from_the_record(study: Study) -> None:
    with study.writing(ACTOR) as record:
        (stored,) = record.facts(Infusion)
        record.void_fact(Infusion, stored.fact_id, "entered for the wrong patient")

    with study.reading() as record:
        assert () == record.patient_record("P-001").infusions
        assert stored.fact == record.fact(Infusion, stored.fact_id).fact


@pytest.mark.parametrize("table", schema.APPEND_ONLY)
def test_that_the_database_refuses_to_change_or_delete_a_row(study: Study, table: str) -> None:
    import_one(study)
    with closing(sqlite3.connect(study.path)) as connection:
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        if not connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]:
            connection.execute("PRAGMA ignore_check_constraints=ON")
            names = [r[1] for r in connection.execute(f"PRAGMA table_info({table})")]
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join(['1'] * len(names))})")

        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(f"UPDATE {table} SET {columns[-1]} = {columns[-1]}")
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(f"DELETE FROM {table}")


def test_that_an_edited_audit_entry_breaks_the_chain_at_its_number(study: Study) -> None:
    import_one(study)
    with closing(sqlite3.connect(study.path)) as connection:
        connection.execute("DROP TRIGGER audit_entry_refuses_update")
        connection.execute("UPDATE audit_entry SET person = 'somebody else' WHERE audit_id = 3")
        connection.commit()

    with study.reading() as record:
        assert 3 == record.first_broken_audit_entry()


def test_that_an_untouched_audit_chain_is_unbroken(study: Study) -> None:
    import_one(study)

    with study.reading() as record:
        assert record.first_broken_audit_entry() is None


def test_that_the_migrations_make_exactly_the_tables_the_queries_use(study: Study) -> None:
    engine = database.make_engine(study.path)
    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), schema.metadata)
    engine.dispose()

    assert [] == difference


def test_that_a_record_of_a_newer_labmon_is_refused_and_left_alone(study: Study) -> None:
    study.close()
    with closing(sqlite3.connect(study.path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = study.path.read_bytes()

    with pytest.raises(UserError, match="R801"):
        Study.open(study.path)
    assert before == study.path.read_bytes()


def test_that_a_file_without_records_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.labmon").write_bytes(b"")
    (tmp_path / "other.labmon").write_bytes(b"not a database at all, only text" * 100)

    with pytest.raises(UserError, match="R809"):
        Study.open(tmp_path / "missing.labmon")
    with pytest.raises(UserError, match="R809"):
        Study.open(tmp_path / "empty.labmon")
    with pytest.raises(UserError, match="R806"):
        Study.open(tmp_path / "other.labmon")


def test_that_a_damaged_record_is_named_damaged(study: Study, tmp_path: Path) -> None:
    import_one(study)
    study.close()
    damaged = tmp_path / "damaged.labmon"
    content = bytearray(study.path.read_bytes())
    page = 4096
    for start in range(3 * page, len(content), page):
        content[start : start + 64] = b"\xa5" * 64
    damaged.write_bytes(content)

    with pytest.raises(UserError, match="R806"):
        Study.open(damaged)


def test_that_a_second_writer_is_told_that_the_record_is_in_use(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    other = Study.open(study.path)

    with study.writing(ACTOR), pytest.raises(UserError, match="R802"), other.writing(ACTOR):
        pass
    other.close()


def test_that_records_in_a_synchronised_folder_are_not_opened_for_writing(study: Study, tmp_path: Path) -> None:
    study.close()
    (tmp_path / "Dropbox").mkdir()
    copy = tmp_path / "Dropbox" / "study.labmon"
    shutil.copy(study.path, copy)

    with pytest.raises(UserError, match="R805"):
        Study.open(copy)


def test_that_an_existing_file_is_never_overwritten_by_a_new_study(study: Study) -> None:
    with pytest.raises(UserError, match="R808"):
        Study.create(study.path, study_code="B", title="B", site="B", protocol_id="nct06389305", actor=ACTOR)


@pytest.mark.parametrize(
    ("version", "modes"),
    [
        ((3, 40, 1), ("DELETE", "EXTRA")),
        ((3, 51, 2), ("DELETE", "EXTRA")),
        ((3, 51, 3), ("WAL", "FULL")),
        ((3, 52, 0), ("DELETE", "EXTRA")),
        ((3, 53, 0), ("WAL", "FULL")),
    ],
)
def test_that_an_sqlite_with_the_wal_reset_bug_gets_a_rollback_journal(version, modes) -> None:
    assert modes == database.journal_modes(version)


def test_that_the_connection_uses_the_journal_and_synchronous_modes_of_its_library(study: Study) -> None:
    engine = database.make_engine(study.path)
    with engine.connect() as connection:
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
        foreign_keys = connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one()
    engine.dispose()

    wanted_journal, wanted_synchronous = database.journal_modes(sqlite3.sqlite_version_info)
    assert wanted_journal.lower() == journal
    assert {"FULL": 2, "EXTRA": 3}[wanted_synchronous] == synchronous
    assert 1 == foreign_keys


def test_that_a_withdrawn_confirmation_of_a_protocol_stands_no_more_and_stays_on_record(study: Study) -> None:
    confirmed = ProtocolConfirmation(
        protocol_id="NCT04534634",
        protocol_version="1.0",
        subject="B5",
        statement="read as an exclusion",
        confirmed_on=date(2026, 2, 1),
        confirmed_by=ACTOR.person,
    )
    withdrawn = replace(confirmed, confirmed_on=date(2026, 2, 3), is_withdrawn=True)
    with study.writing(ACTOR) as record:
        record.confirm_protocol(confirmed)
        record.confirm_protocol(withdrawn, "the signed protocol says otherwise")
    with study.reading() as record:
        on_record = record.protocol_confirmations("NCT04534634")
        acts = [entry.act for entry in record.audit_entries(entity="protocol_confirmation")]

    def stands_on(day: int, version: str = "1.0") -> list[str]:
        when = date(2026, 2, day)
        return list(standing(on_record, protocol_id="NCT04534634", protocol_version=version, as_of=when))

    assert (confirmed, withdrawn) == on_record
    assert [Act.CONFIRM_PROTOCOL, Act.WITHDRAW_CONFIRMATION] == acts
    assert ["B5"] == stands_on(1)
    assert ["B5"] == stands_on(2)
    assert [] == stands_on(3)
    assert [] == stands_on(2, version="1.1")
