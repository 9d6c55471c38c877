"""Phosphor icons, loaded after the first paint and kept in one shared cache; words carry the window until then."""

from __future__ import annotations

import os
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject, QRect, Signal, Slot
from PySide6.QtGui import QAction, QIcon, QPainter
from PySide6.QtWidgets import QAbstractButton
from shiboken6 import isValid

from labmon_ui.palette import Tone
from labmon_ui.theme import Theme

# qtpy, under qtawesome, would otherwise look for any other binding first.
os.environ.setdefault("QT_API", "pyside6")


# qtawesome leaves an eighth of the square empty around a glyph that has its own margin already.
_FILLS_ITS_SQUARE = 8 / 7


class Icons(QObject):
    """Hands out icons in the current theme's colours and renews them when the theme changes."""

    loaded = Signal()
    """From now on icons are drawn; painted widgets repaint."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._theme = theme
        self._is_loaded = False
        self._cache: dict[tuple[str, str, str], QIcon] = {}
        self._wearers: WeakKeyDictionary[QAbstractButton | QAction, tuple[str, Tone]] = WeakKeyDictionary()
        theme.changed.connect(self._renew)

    @Slot()
    def load(self) -> None:
        """Load the icon font (some 0.1 s). Called once, after the first paint."""
        if not self._is_loaded:
            self._is_loaded = True
            self._renew()
            self.loaded.emit()

    def put_on(self, wearer: QAbstractButton | QAction, name: str, tone: Tone = Tone.TEXT2) -> None:
        """Give a button or an action its icon, now or as soon as the icons are loaded."""
        self._wearers[wearer] = (name, tone)
        if self._is_loaded:
            self._dress(wearer, name, tone)

    def icon(self, name: str, tone: Tone = Tone.TEXT2) -> QIcon:
        """The icon, or an empty one before `loaded`. Raises an exception of qtawesome for a name Phosphor lacks."""
        if not self._is_loaded:
            return QIcon()
        palette = self._theme.palette
        colour, disabled = palette.tone(tone), palette.text3
        key = (name, colour, disabled)
        if key not in self._cache:
            import qtawesome

            self._cache[key] = qtawesome.icon(
                f"ph.{name}", color=colour, color_disabled=disabled, scale_factor=_FILLS_ITS_SQUARE
            )
        return self._cache[key]

    def paint(self, painter: QPainter, rect: QRect, name: str, tone: Tone) -> None:
        """For painted widgets: draw the icon into the square, sharp at any scale; nothing before `loaded`."""
        if self._is_loaded:
            self.icon(name, tone).paint(painter, rect)

    @Slot()
    def _renew(self) -> None:
        if self._is_loaded:
            for wearer, (name, tone) in list(self._wearers.items()):
                self._dress(wearer, name, tone)

    def _dress(self, wearer: QAbstractButton | QAction, name: str, tone: Tone) -> None:
        if isValid(wearer):
            wearer.setIcon(self.icon(name, tone))
