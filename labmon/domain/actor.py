"""Who acts: the person behind a change, in which role, at which workstation, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person an audit entry names."""

    person: str
    role: str
    workstation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """An instant in UTC with the local offset it was seen with."""

    at_utc: datetime
    utc_offset_min: int

    @classmethod
    def now(cls) -> Moment:
        local = datetime.now().astimezone()
        offset = local.utcoffset()
        assert offset is not None  # astimezone always sets one
        return cls(at_utc=local.astimezone(UTC), utc_offset_min=int(offset.total_seconds() // 60))
