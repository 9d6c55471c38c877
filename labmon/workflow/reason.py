"""The reason a person gives for changing what stands on record."""

from __future__ import annotations

from labmon.domain.errors import UserError


def stated(reason: str) -> str:
    """The reason without the spaces around it. Raises UserError R808 when there is none."""
    if not reason.strip():
        raise UserError("R808", detail="This needs a reason.", help="Choose one or write it; nothing was changed.")
    return reason.strip()
