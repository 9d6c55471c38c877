"""The SQLite file: how it is opened, which schema it may have, and what its errors mean to a person."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from labmon.domain.errors import BugError, UserError

SCHEMA_VERSION = "0006"
BUSY_TIMEOUT_MS = 30_000
# WAL is safe from 3.51.3 on (the WAL-reset bug of 3.7.0 to 3.51.2); 3.52.0 was withdrawn.
_WAL_SAFE_FROM = (3, 51, 3)
_WITHDRAWN = (3, 52, 0)
_NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "fuse.rclone", "9p", "afs", "davfs"}
)
_CLOUD_FOLDERS = (
    "dropbox",
    "onedrive",
    "google drive",
    "googledrive",
    "icloud drive",
    "nextcloud",
    "baidunetdisk",
    "jianguoyun",
)

# A quota or a limit on the size of files stops a write in the middle: SQLite calls that an I/O error, not "full".
_NOTHING_MORE_FITS = frozenset(
    {"SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC", "SQLITE_IOERR_SHMSIZE"}
)


def journal_modes(version: tuple[int, int, int]) -> tuple[str, str]:
    """(journal_mode, synchronous) for an SQLite library of this version."""
    if version >= _WAL_SAFE_FROM and version != _WITHDRAWN:
        return "WAL", "FULL"
    return "DELETE", "EXTRA"


def make_engine(path: Path) -> Engine:
    """An engine whose writers begin immediately. A transaction writes when its connection has the option `writes`."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    journal_mode, synchronous = journal_modes(sqlite3.sqlite_version_info)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, never by the driver
        connection.execute(f"PRAGMA journal_mode={journal_mode}")
        connection.execute(f"PRAGMA synchronous={synchronous}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def schema_version(path: Path) -> str | None:
    """The schema a file has; None when it holds no labmon records. Writes nothing of its own.

    Not opened read-only: after a killed import SQLite must be allowed to put the file back as it was first.
    """
    if not path.is_file():
        return None
    with storage_errors(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"alembic_version", "study"} <= names:
            return None
        (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(version)


def upgrade(
    engine: Engine,
    *,
    before: Callable[[], None] | None = None,
    after: Callable[[Connection], None] | None = None,
) -> None:
    """Create or migrate the schema in one transaction, which nobody else can write beside.

    `before` runs when the file is locked and untouched, `after` in the same transaction.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if before is not None:
            before()
        config.attributes["connection"] = connection
        command.upgrade(config, SCHEMA_VERSION)
        if after is not None:
            after(connection)


def check_integrity(engine: Engine, path: Path) -> None:
    """`quick_check`; raises R806 with its first complaint."""
    with storage_errors(path), engine.connect() as connection:
        complaint = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    if complaint != "ok":
        raise UserError("R806", detail=complaint)


def refuse_shared_folder(path: Path) -> None:
    """Raise R805 for a folder on a network share or under a synchronised cloud folder."""
    folder = path.absolute().parent
    if (
        any(part.lower().startswith(_CLOUD_FOLDERS) for part in folder.parts)
        or _file_system(folder) in _NETWORK_FILE_SYSTEMS
    ):
        raise UserError("R805", path=folder)


def _file_system(folder: Path) -> str | None:
    """The file system a folder lies on, where the system says so (Linux)."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return None
    best, kind = "", None
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        _device, mount_point, file_system, *_rest = line.split(" ")
        mount_point = mount_point.replace("\\040", " ")
        if folder.is_relative_to(mount_point) and len(mount_point) >= len(best):
            best, kind = mount_point, file_system
    return kind


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn the driver's errors into the ones a person can act on; everything else is our mistake."""
    try:
        yield
    except DBAPIError as error:
        raise _sorted_error(path, error.orig) from error
    except sqlite3.Error as error:
        raise _sorted_error(path, error) from error


def _sorted_error(path: Path, error: BaseException | None) -> UserError | BugError:
    name = getattr(error, "sqlite_errorname", None) or ""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return UserError("R802", owner="another program")
    if name in _NOTHING_MORE_FITS:
        return UserError("R803")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return UserError("R804", path=path)
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR")):
        return UserError("R806", detail=str(error))
    return BugError(f"{type(error).__name__} {name}: {error}")
