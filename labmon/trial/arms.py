"""The arms of a trial, each active or waiting for the confirmation it needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from labmon.criteria.protocol import Protocol
from labmon.criteria.trial_sections import Arm
from labmon.domain.protocol_confirmation import ProtocolConfirmation, standing


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmStatus:
    """An arm as it stands on a day; nobody is allocated to one that is not active."""

    arm: Arm
    is_active: bool
    confirmation: ProtocolConfirmation | None = None


def arms(
    protocol: Protocol, *, as_of: date, confirmations: Iterable[ProtocolConfirmation] = ()
) -> tuple[ArmStatus, ...]:
    """Every arm of the protocol in its order; one that needs confirmation is inactive before somebody gave it."""
    confirmed = standing(confirmations, protocol_id=protocol.id, protocol_version=protocol.version, as_of=as_of)
    return tuple(
        ArmStatus(
            arm=arm,
            is_active=not arm.needs_confirmation or arm.code in confirmed,
            confirmation=confirmed.get(arm.code),
        )
        for arm in (protocol.trial.arms if protocol.trial is not None else ())
    )
