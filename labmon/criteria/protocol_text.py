"""A protocol with the text it was read from and the hash of what the text says."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

from labmon.criteria.protocol import Protocol, protocol_text, read_protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolText:
    """One version of a protocol as it was written down."""

    protocol: Protocol
    text: str
    origin: str
    """The file's name, or the id of a shipped protocol."""

    @property
    def content_sha256(self) -> str:
        """Over the canonical content: comments, spaces and the order of keys do not count."""
        canonical = json.dumps(tomllib.loads(self.text), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


def read_protocol_text(path_or_id: Path | str) -> ProtocolText:
    """A protocol file, or a shipped one by its id. Raises UserError P701."""
    text, name = protocol_text(path_or_id)
    origin = name if isinstance(path_or_id, Path) or path_or_id.endswith(".toml") else path_or_id.lower()
    return ProtocolText(protocol=read_protocol(text, name), text=text, origin=origin)
