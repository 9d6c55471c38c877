"""Take a study's findings over to another version of its protocol: looked at first, then done with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from labmon.criteria.difference import differences
from labmon.criteria.protocol_text import ProtocolText, read_protocol_text
from labmon.domain.actor import Actor
from labmon.domain.change_set import ChangedPart, ChangeSet
from labmon.domain.errors import UserError
from labmon.records.study import Study
from labmon.workflow.assess import Assess
from labmon.workflow.rule_bench import Change, bench
from labmon.workflow.study_protocol import as_new, study_protocol, version_in_use


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What adopting a version would do; nothing is written yet."""

    version: ProtocolText
    old_version: str
    differences: tuple[str, ...]
    """What the new version says otherwise, in words."""
    changes: tuple[Change, ...]
    """Who changes state."""


class AdoptProtocol:
    """The explicit act by which a study moves to a new version of its protocol."""

    def __init__(self, study: Study, actor: Actor) -> None:
        self._study = study
        self._actor = actor

    def plan(self, path: Path) -> Adoption:
        """Read the file and show what it would change. Raises P701, P704, R808 for another protocol's file."""
        version = read_protocol_text(path)
        current = study_protocol(self._study, actor=self._actor)
        if version.protocol.id.upper() != current.id.upper():
            raise UserError(
                "R808",
                detail=f"{path.name} is {version.protocol.id}; this study is judged by {current.id}.",
                help="Adopt a version of the study's own protocol.",
            )
        with self._study.reading() as record:
            for use in record.protocol_uses():
                is_this = (use.protocol_id, use.version) == (version.protocol.id, version.protocol.version)
                if is_this and use.content_sha256 != version.content_sha256:
                    raise UserError("P704", protocol=use.protocol_id, version=use.version, origin=version.origin)
        assessments = Assess(self._study).all_patients()
        timelines = [each.timeline for each in assessments if each.timeline is not None]
        return Adoption(
            version=version,
            old_version=current.version,
            differences=differences(current, version.protocol),
            changes=bench(timelines, current, version.protocol, {a.patient_code: a.findings for a in assessments}),
        )

    def adopt(self, adoption: Adoption, reason: str) -> ChangeSet:
        """Judge by the new version from now on, with one audit entry. Raises R808 without a reason, P704."""
        if not reason.strip():
            raise UserError("R808", detail="A new version needs a reason.", help="Say why it is adopted.")
        with self._study.writing(self._actor) as record:
            said = (*adoption.differences, *(change.text for change in adoption.changes))
            if not record.use_protocol(as_new(adoption.version), reason=reason, changes=said):
                return ChangeSet()
            codes = frozenset(record.patient_codes())
        return ChangeSet(parts=frozenset({ChangedPart.PROTOCOL}), patient_codes=codes)

    def version_in_use(self) -> str | None:
        """The version the study is judged by; None before its first assessment."""
        used = version_in_use(self._study)
        return used.version if used is not None else None
