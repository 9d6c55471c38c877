"""Which version of a protocol a study is judged by: recorded on first use, unchanged from then on."""

from __future__ import annotations

from labmon.criteria.protocol import Protocol, read_protocol
from labmon.criteria.protocol_text import ProtocolText, read_protocol_text
from labmon.domain.actor import Actor
from labmon.domain.errors import UserError
from labmon.records.reader import StoredProtocol
from labmon.records.study import Study
from labmon.records.writer import NewProtocol
from labmon.workflow.actor import operating_system_actor


def study_protocol(study: Study, protocol_id: str | None = None, actor: Actor | None = None) -> Protocol:
    """The version on record, else the shipped one, which is recorded as used by this call.

    Must not be called while the study is being read: the first use is written. Raises UserError P701, and P704 when
    the shipped file was changed under a version that was used here.
    """
    wanted = protocol_id or study.info.protocol_id
    used = version_in_use(study, wanted)
    if used is None:
        shipped = read_protocol_text(wanted)
        with study.writing(actor or operating_system_actor()) as record:
            record.use_protocol(as_new(shipped))
        return shipped.protocol
    if used.origin == wanted.lower():
        shipped = read_protocol_text(wanted)
        if shipped.protocol.version == used.version:
            if shipped.content_sha256 != used.content_sha256:
                raise UserError("P704", protocol=used.protocol_id, version=used.version, origin=shipped.origin)
            return shipped.protocol
    return read_protocol(used.content, used.origin)


def version_in_use(study: Study, protocol_id: str | None = None) -> StoredProtocol | None:
    """The version of a protocol the study is judged by; None before its first use."""
    wanted = (protocol_id or study.info.protocol_id).upper()
    with study.reading() as record:
        uses = [use for use in record.protocol_uses() if use.protocol_id.upper() == wanted]
    return uses[-1] if uses else None


def as_new(version: ProtocolText) -> NewProtocol:
    """A version as the record keeps it."""
    return NewProtocol(
        protocol_id=version.protocol.id,
        version=version.protocol.version,
        content_sha256=version.content_sha256,
        content=version.text,
        origin=version.origin,
    )
