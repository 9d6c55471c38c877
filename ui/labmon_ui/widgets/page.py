"""One page of the window: its id, icon and title, the widget, and where it stands in the rail."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    id: str
    icon: str
    title: str
    widget: QWidget
    badge: int = 0
    has_gap_above: bool = False
    """Audit and Settings stand a little apart."""
