"""Compares a file's headings with those of the last accepted file of its format and instrument.

A vendor's update renames a column without a word. What is renamed, missing or new is said before anything enters.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from labmon.domain.issue import Issue
from labmon.instruments.words import plain
from labmon.records.reader import StoredFile

_ALIKE = 0.6
"""How alike two headings must be to be taken for one that was renamed; it decides words only, nothing is read by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadingChanges:
    """What became of the headings since the earlier file."""

    missing: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.new or self.renamed)

    @property
    def words(self) -> str:
        """ "missing: Ct SD; new: Amp Score; renamed: Sample to Sample Name"."""
        renamed = (f"{old} to {new}" for old, new in self.renamed)
        parts = (("missing", self.missing), ("new", self.new), ("renamed", tuple(renamed)))
        return "; ".join(f"{what}: {', '.join(names)}" for what, names in parts if names)


def heading_changes(before: Sequence[str], now: Sequence[str]) -> HeadingChanges:
    """The difference, whatever the order of columns and the spelling that makes no other word of a heading."""
    known, found = ({plain(heading): heading for heading in headings if heading} for headings in (before, now))
    missing = [heading for words, heading in known.items() if words not in found]
    new = [heading for words, heading in found.items() if words not in known]
    renamed = []
    for old in tuple(missing):
        likest = max(new, key=lambda each: _likeness(old, each), default=None)
        if likest is not None and _likeness(old, likest) >= _ALIKE:
            renamed.append((old, likest))
            missing.remove(old)
            new.remove(likest)
    return HeadingChanges(missing=tuple(missing), new=tuple(new), renamed=tuple(renamed))


def heading_issue(before: StoredFile | None, now: Sequence[str]) -> Issue | None:
    """I027 with the difference to the last accepted file; None when there is none, or nothing to compare."""
    if before is None or not before.headings or not now:
        return None
    changes = heading_changes(before.headings, now)
    if not changes:
        return None
    parameters = {"file": before.file_name, "day": f"{before.imported_at:%Y-%m-%d}", "changes": changes.words}
    return Issue(code="I027", parameters=parameters)


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, plain(one), plain(other)).ratio()
