"""How the window looks: fonts, sizes and colours, light or dark, at the size of text a person asked for."""

from __future__ import annotations

from enum import Enum, StrEnum
from pathlib import Path

from PySide6.QtCore import QDir, QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from labmon_ui.palette import DARK, LIGHT, Palette, Tone
from labmon_ui.stylesheet import stylesheet

FAMILIES = ("Inter", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei UI", "WenQuanYi Micro Hei")
TEXT_SCALES = (100, 110, 125, 150, 175, 200)


class TextSize(Enum):
    """The type scale: pixels and line height at 100 %."""

    PAGE = ("page", 20, 26)
    TITLE = ("title", 15, 22)
    BODY = ("body", 13, 18)
    SMALL = ("small", 12, 16)
    TINY = ("tiny", 11, 14)

    def __init__(self, key: str, pixels: int, line: int) -> None:
        self.key = key
        self.pixels = pixels
        self.line = line


class Weight(Enum):
    REGULAR = QFont.Weight.Normal
    MEDIUM = QFont.Weight.Medium
    STRONG = QFont.Weight.DemiBold


class Mode(StrEnum):
    """Light, dark, or whatever the system says."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Theme(QObject):
    """The one place that knows the current colours and sizes. Painted widgets repaint on `changed`."""

    changed = Signal()

    def __init__(self, app: QApplication, resources: Path, mode: Mode = Mode.SYSTEM, text_scale: int = 100) -> None:
        super().__init__(app)
        self._app = app
        self._mode = mode
        self._text_scale = text_scale
        QDir.addSearchPath("labmon-icons", str(resources / "icons"))
        for font in sorted((resources / "fonts").glob("*.ttf")):
            QFontDatabase.addApplicationFont(str(font))
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._system_changed)
        self._palette = self._chosen_palette()
        self._apply()

    @property
    def palette(self) -> Palette:
        return self._palette

    @property
    def mode(self) -> Mode:
        return self._mode

    @property
    def text_scale(self) -> int:
        """Per cent of the designed size."""
        return self._text_scale

    def set_mode(self, mode: Mode) -> None:
        if mode is not self._mode:
            self._mode = mode
            self._refresh()

    def set_text_scale(self, percent: int) -> None:
        percent = min(max(percent, TEXT_SCALES[0]), TEXT_SCALES[-1])
        if percent != self._text_scale:
            self._text_scale = percent
            self._refresh()

    def px(self, pixels: float) -> int:
        """A designed length at the current size of text."""
        return round(pixels * self._text_scale / 100)

    def colour(self, tone: Tone) -> QColor:
        return QColor(self._palette.tone(tone))

    def font(self, size: TextSize = TextSize.BODY, weight: Weight = Weight.REGULAR) -> QFont:
        """The font of a painted text; QSS gives the same one to widgets."""
        font = QFont()
        font.setFamilies(list(FAMILIES))
        font.setPixelSize(self.px(size.pixels))
        font.setWeight(weight.value)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def _chosen_palette(self) -> Palette:
        match self._mode:
            case Mode.LIGHT:
                return LIGHT
            case Mode.DARK:
                return DARK
            case Mode.SYSTEM:
                return DARK if self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark else LIGHT

    @Slot()
    def _system_changed(self) -> None:
        if self._mode is Mode.SYSTEM and self._chosen_palette() is not self._palette:
            self._refresh()

    def _refresh(self) -> None:
        self._palette = self._chosen_palette()
        self._apply()
        self.changed.emit()

    def _apply(self) -> None:
        self._app.setFont(self.font())
        self._app.setPalette(_qt_palette(self._palette))
        self._app.setStyleSheet(stylesheet(self._palette, self.px))


def _qt_palette(palette: Palette) -> QPalette:
    qt = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, palette.window),
        (role.WindowText, palette.text),
        (role.Base, palette.surface),
        (role.AlternateBase, palette.window),
        (role.Text, palette.text),
        (role.Button, palette.surface),
        (role.ButtonText, palette.text),
        (role.BrightText, palette.on_fill),
        (role.Highlight, palette.accent_fill),
        (role.HighlightedText, palette.on_fill),
        (role.Link, palette.accent),
        (role.LinkVisited, palette.accent),
        (role.PlaceholderText, palette.text3),
        (role.ToolTipBase, palette.surface),
        (role.ToolTipText, palette.text),
        (role.Accent, palette.accent),
        (role.Light, palette.surface),
        (role.Midlight, palette.sunken),
        (role.Mid, palette.line),
        (role.Dark, palette.axis),
        (role.Shadow, palette.line),
    ):
        qt.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        qt.setColor(QPalette.ColorGroup.Disabled, which, QColor(palette.text3))
    return qt
