"""A folder an instrument writes its exports to: which files have arrived and are written to their end.

Nothing is asked of the operating system but the list of files, so a network share may vanish and come back, and a file
counts only once its size and time have stood still from one look to the next.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".lock", ".filepart")
"""What programs call a file they are still copying."""
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderLook:
    """What one look at the folder found."""

    arrived: tuple[tuple[Path, str], ...] = ()
    """Files written to their end that nobody has been told of, each with its SHA-256."""
    unfinished: tuple[Path, ...] = ()
    """Files that grew since the last look, are empty, or are held open by the program that writes them."""
    is_reachable: bool = True


@dataclass(frozen=True, slots=True)
class _Stand:
    size: int
    changed_ns: int


@dataclass(slots=True, kw_only=True)
class WatchFolder:
    """Looks at one folder and everything below it. Each content is told once, whatever its name, and never again."""

    folder: Path
    _seen: dict[Path, _Stand] = field(default_factory=dict)
    _told: dict[Path, _Stand] = field(default_factory=dict)
    _told_sha256: set[str] = field(default_factory=set)

    def look(self) -> FolderLook:
        """One look. A folder that cannot be listed is not reachable; what was seen in it is kept."""
        found = self._stands()
        if found is None:
            return FolderLook(is_reachable=False)
        arrived: list[tuple[Path, str]] = []
        unfinished: list[Path] = []
        for path, stand in sorted(found.items()):
            if self._told.get(path) == stand:
                continue
            if stand.size == 0 or self._seen.get(path) != stand:
                unfinished.append(path)
                continue
            sha256 = _sha256(path, stand.size)
            if sha256 is None:
                unfinished.append(path)
                continue
            self._told[path] = stand
            if sha256 not in self._told_sha256:
                self._told_sha256.add(sha256)
                arrived.append((path, sha256))
        self._seen = found
        return FolderLook(arrived=tuple(arrived), unfinished=tuple(unfinished))

    def _stands(self) -> dict[Path, _Stand] | None:
        """Size and time of every file; None when the folder, or a part of it, cannot be listed now."""
        found: dict[Path, _Stand] = {}
        failed: list[OSError] = []
        for folder, folders, names in os.walk(self.folder, onerror=failed.append):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                if name.startswith((".", "~$")) or name.lower().endswith(_UNFINISHED):
                    continue
                path = Path(folder) / name
                try:
                    status = path.stat()
                except OSError:
                    continue  # renamed or taken away since the folder was listed: the next look finds it
                found[path] = _Stand(status.st_size, status.st_mtime_ns)
        return None if failed else found


def _sha256(path: Path, size: int) -> str | None:
    """The hash of the file; None when it cannot be read, or holds more or less than was listed."""
    digest = hashlib.sha256()
    read = 0
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                read += len(chunk)
                digest.update(chunk)
    except OSError:
        return None
    return digest.hexdigest() if read == size else None
