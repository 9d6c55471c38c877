"""Check a protocol file and compare two versions, in words."""

from __future__ import annotations

from pathlib import Path

from labmon.criteria.difference import differences
from labmon.criteria.protocol_text import read_protocol_text
from labmon.criteria.summary import summary


def check_protocol(path_or_id: str) -> tuple[str, ...]:
    """The protocol in words. Raises UserError P701 with file, line and suggestion."""
    found = read_protocol_text(_path_or_id(path_or_id))
    return (*summary(found.protocol), f"content SHA-256: {found.content_sha256}")


def compare_protocols(old: str, new: str) -> tuple[str, ...]:
    """What changed from one to the other, a sentence each; empty when both say the same. Raises UserError P701."""
    return differences(read_protocol_text(_path_or_id(old)).protocol, read_protocol_text(_path_or_id(new)).protocol)


def _path_or_id(text: str) -> Path | str:
    """A file, or the id of a shipped protocol."""
    path = Path(text)
    return path if path.suffix or path.exists() else text
