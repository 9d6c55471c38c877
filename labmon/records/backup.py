"""A copy of the record beside it, proved before anything is changed."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from labmon.domain.errors import UserError


def free_backup_path(path: Path, version: str) -> Path:
    """Where a copy of a record of this schema can go without overwriting an earlier one."""
    first = path.with_name(f"{path.stem}.schema-{version}{path.suffix}")
    number, candidate = 1, first
    while candidate.exists():
        number += 1
        candidate = first.with_name(f"{path.stem}.schema-{version}-{number}{path.suffix}")
    return candidate


def back_up(path: Path, copy: Path, version: str) -> None:
    """Copy a record and prove the copy: whole, and equal in every table. Raises R811; nothing is left half-made."""
    part = copy.with_name(f"{copy.name}.part")
    try:
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as made:
            source.backup(made)
            _prove(source, made)
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        part.replace(copy)
        _settle(copy.parent)
    except (OSError, sqlite3.Error, _Different) as error:
        part.unlink(missing_ok=True)
        raise UserError("R811", found=version, detail=str(error)) from error


class _Different(Exception):  # noqa: N818 - what was found, not a failure of ours
    """The copy is not what it was made from."""


def _prove(source: sqlite3.Connection, made: sqlite3.Connection) -> None:
    (complaint,) = made.execute("PRAGMA integrity_check(1)").fetchone()
    if complaint != "ok":
        raise _Different(complaint)
    tables = [name for (name,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        question = f'SELECT * FROM "{table}"'  # noqa: S608 - the names are the database's own
        there = source.execute(question)
        for row in made.execute(question):
            if row != there.fetchone():
                raise _Different(f"a row of {table} was not copied as it is")
        if there.fetchone() is not None:
            raise _Different(f"{table} was not copied whole")


def _settle(folder: Path) -> None:
    """The new name outlives a power loss once the folder is written too; Windows has no such call."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
