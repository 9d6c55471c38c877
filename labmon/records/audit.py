"""The audit trail: each entry is chained to the one before it by SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from labmon import __version__
from labmon.domain.actor import Actor, Moment
from labmon.domain.audit import Act, AuditEntry
from labmon.records.codec import canonical
from labmon.records.schema import audit_entry

GENESIS = "0" * 64


def append(
    connection: Connection,
    *,
    moment: Moment,
    actor: Actor,
    act: Act,
    entity: str,
    entity_id: str,
    old_value: str | None = None,
    new_value: str | None = None,
    reason: str | None = None,
    source_file_sha256: str | None = None,
) -> None:
    """Write one entry in the running transaction, which must be a writing one so that the chain has one head."""
    last = connection.execute(
        select(audit_entry.c.audit_id, audit_entry.c.entry_hash).order_by(audit_entry.c.audit_id.desc()).limit(1)
    ).first()
    audit_id, previous_hash = (last.audit_id + 1, last.entry_hash) if last else (1, GENESIS)
    payload: dict[str, Any] = {
        "at_utc": moment.at_utc.isoformat(timespec="microseconds"),
        "utc_offset_min": moment.utc_offset_min,
        "person": actor.person,
        "role": actor.role,
        "workstation": actor.workstation,
        "act": act.value,
        "entity": entity,
        "entity_id": entity_id,
        "old_value": old_value,
        "new_value": new_value,
        "reason": reason,
        "source_file_sha256": source_file_sha256,
        "labmon_version": __version__,
    }
    connection.execute(
        audit_entry.insert(),
        payload
        | {
            "audit_id": audit_id,
            "previous_hash": previous_hash,
            "entry_hash": entry_hash(previous_hash, audit_id, payload),
        },
    )


def entry_hash(previous_hash: str, audit_id: int, payload: Mapping[str, Any]) -> str:
    """SHA-256 over the previous hash, the sequence number and the canonical payload."""
    return hashlib.sha256(f"{previous_hash}|{audit_id}|{canonical(dict(payload))}".encode()).hexdigest()


def entry_from_row(row: RowMapping) -> AuditEntry:
    plain = dict(row)
    return AuditEntry(**plain | {"at_utc": datetime.fromisoformat(plain["at_utc"]), "act": Act(plain["act"])})


def first_broken_link(connection: Connection) -> int | None:
    """The number of the first entry that does not follow from the one before it; None for an unbroken chain."""
    previous_hash, expected_id = GENESIS, 1
    for row in connection.execute(select(audit_entry).order_by(audit_entry.c.audit_id)).mappings():
        payload = dict(row)
        found_hash = payload.pop("entry_hash")
        audit_id = payload.pop("audit_id")
        if (
            audit_id != expected_id
            or payload.pop("previous_hash") != previous_hash
            or entry_hash(previous_hash, audit_id, payload) != found_hash
        ):
            return int(audit_id)
        previous_hash, expected_id = found_hash, expected_id + 1
    return None
