"""A study's record: opened once, read in sessions, written in immediate transactions that audit themselves."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from labmon.domain.actor import Actor, Moment
from labmon.domain.audit import Act
from labmon.domain.errors import UserError
from labmon.records import audit, database, schema
from labmon.records.backup import back_up, free_backup_path
from labmon.records.reader import Reader
from labmon.records.writer import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyInfo:
    """What the record says about itself."""

    study_code: str
    title: str
    site: str
    protocol_id: str
    as_of: date | None
    """The day the study is looked at from; None means today. Demo studies are fixed in time."""


class Study:
    """One SQLite record. `close()` it when done; sessions are short."""

    def __init__(self, path: Path, engine: Engine, info: StudyInfo) -> None:
        self.path = path
        self.info = info
        self._engine = engine

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        study_code: str,
        title: str,
        site: str,
        protocol_id: str,
        actor: Actor,
        as_of: date | None = None,
    ) -> Study:
        """Make a new record at `path`. Raises R808 when something is there already, R805 on a shared folder, R804."""
        if path.exists():
            raise UserError("R808", detail=f"{path} exists already.", help="Choose another name; nothing was changed.")
        database.refuse_shared_folder(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError("R804", path=path.parent) from error
        engine = database.make_engine(path)
        moment = Moment.now()
        row = {
            "study_code": study_code,
            "title": title,
            "site": site,
            "protocol_id": protocol_id,
            "as_of": as_of.isoformat() if as_of else None,
            "created_at": moment.at_utc.isoformat(timespec="microseconds"),
        }
        with database.storage_errors(path):
            database.upgrade(engine)
            with engine.connect().execution_options(writes=True) as connection, connection.begin():
                connection.execute(schema.study.insert(), row)
                audit.append(
                    connection,
                    moment=moment,
                    actor=actor,
                    act=Act.CREATE_STUDY,
                    entity="study",
                    entity_id=study_code,
                    new_value=f"{title}; SQLite {sqlite3.sqlite_version}, {' + '.join(_modes())}",
                )
        return cls(path, engine, _info(engine, path))

    @classmethod
    def open(cls, path: Path) -> Study:
        """Open a record; one of an older schema is copied, the copy proved, and then brought up to date.

        Raises R809 (none there), R801 (newer schema), R805 (shared folder), R806 (damaged), R811 (no copy possible).
        """
        version = database.schema_version(path)
        if version is None:
            raise UserError("R809", path=path)
        if version > database.SCHEMA_VERSION:
            raise UserError("R801", found=version, known=database.SCHEMA_VERSION)
        database.refuse_shared_folder(path)
        engine = database.make_engine(path)
        database.check_integrity(engine, path)
        if version < database.SCHEMA_VERSION:
            _bring_up_to_date(engine, path, version)
        return cls(path, engine, _info(engine, path))

    @property
    def sqlite_version(self) -> str:
        return sqlite3.sqlite_version

    @property
    def journal_mode(self) -> str:
        """For About: "DELETE + EXTRA" or "WAL + FULL"."""
        return " + ".join(_modes())

    @property
    def as_of(self) -> date:
        """The day the study is looked at from: its own, or today at the site."""
        return self.info.as_of or datetime.now(UTC).astimezone().date()

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """A consistent view of the record."""
        with database.storage_errors(self.path), self._engine.connect() as connection, connection.begin():
            yield Reader(connection)

    @contextmanager
    def writing(self, actor: Actor) -> Iterator[Writer]:
        """One immediate transaction: everything in it is written together, or nothing is."""
        with (
            database.storage_errors(self.path),
            self._engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            yield Writer(connection, actor, Moment.now())

    def close(self) -> None:
        self._engine.dispose()


def _bring_up_to_date(engine: Engine, path: Path, version: str) -> None:
    """Migrate under one lock: the proved copy first, then the schema and the audit entry that names the copy."""
    copy = free_backup_path(path, version)

    def note(connection: Connection) -> None:
        audit.append(
            connection,
            moment=Moment.now(),
            actor=Actor(person="labmon", role="software", workstation=platform.node() or "unknown workstation"),
            act=Act.MIGRATE,
            entity="schema",
            entity_id=database.SCHEMA_VERSION,
            old_value=version,
            new_value=f"copy kept as {copy.name}",
        )

    with database.storage_errors(path):
        database.upgrade(engine, before=lambda: back_up(path, copy, version), after=note)


def _modes() -> tuple[str, str]:
    return database.journal_modes(sqlite3.sqlite_version_info)


def _info(engine: Engine, path: Path) -> StudyInfo:
    with database.storage_errors(path), engine.connect() as connection:
        row = connection.execute(schema.study.select().order_by(schema.study.c.study_id.desc()).limit(1)).one()
    return StudyInfo(
        study_code=row.study_code,
        title=row.title,
        site=row.site,
        protocol_id=row.protocol_id,
        as_of=date.fromisoformat(row.as_of) if row.as_of else None,
    )
