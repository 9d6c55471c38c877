"""One entry of the audit trail: who, when, what, old, new, why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Act(StrEnum):
    """What was done; the words of the audit trail."""

    CREATE_STUDY = "create_study"
    IMPORT_FILE = "import_file"
    ADD_FACT = "add_fact"
    AMEND_FACT = "amend_fact"
    VOID_FACT = "void_fact"
    DERIVE_RESULTS = "derive_results"
    EXCLUDE_RESULT = "exclude_result"
    INCLUDE_RESULT = "include_result"
    ACCEPT_RUN = "accept_run"
    ADD_MAPPING = "add_mapping"
    VOID_MAPPING = "void_mapping"
    MUTE_ISSUE = "mute_issue"
    UNMUTE_ISSUE = "unmute_issue"
    CONFIRM_PROTOCOL = "confirm_protocol"
    WITHDRAW_CONFIRMATION = "withdraw_confirmation"
    USE_PROTOCOL = "use_protocol"
    ADOPT_PROTOCOL = "adopt_protocol"
    RECORD_DECISION = "record_decision"
    EXPORT = "export"
    MIGRATE = "migrate"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """Append-only; `entry_hash` chains each entry to the one before it."""

    audit_id: int
    at_utc: datetime
    utc_offset_min: int
    person: str
    role: str
    workstation: str
    act: Act
    entity: str
    entity_id: str
    old_value: str | None
    new_value: str | None
    reason: str | None
    source_file_sha256: str | None
    labmon_version: str
    previous_hash: str
    entry_hash: str
