"""A warning somebody has stopped wanting to be warned of, for one format, and why; it stays visible."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Muting:
    """From now on `code` does not count among what to look at in files of this format."""

    mute_id: int
    code: str
    format_id: str
    reason: str
    muted_by: str
