"""A person stands for the reading of an unclear place of a protocol, once for the study and by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolConfirmation:
    """One place of one protocol version: a criterion by its id, an arm by its code. The latest one counts."""

    protocol_id: str
    protocol_version: str
    subject: str
    statement: str
    """The words that were confirmed, as they were shown."""
    confirmed_on: date
    confirmed_by: str
    is_withdrawn: bool = False


def standing(
    confirmations: Iterable[ProtocolConfirmation], *, protocol_id: str, protocol_version: str, as_of: date
) -> dict[str, ProtocolConfirmation]:
    """By subject, what stands confirmed on a day; another version of the protocol is another text."""
    found: dict[str, ProtocolConfirmation] = {}
    for each in confirmations:
        if (each.protocol_id, each.protocol_version) == (protocol_id, protocol_version) and each.confirmed_on <= as_of:
            found[each.subject] = each
    return {subject: each for subject, each in found.items() if not each.is_withdrawn}
