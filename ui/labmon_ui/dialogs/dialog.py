"""The shape of every dialog: a title, a body, and a row of buttons; Escape closes it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from labmon_ui.palette import Tone
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.focus_ring import FocusRing
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.layout import Ground
from labmon_ui.widgets.look import Look


class Dialog(QDialog):
    """Add widgets to `body` and buttons to `buttons`, the main one last. Window modal; deletes itself when closed."""

    def __init__(self, look: Look, title: str, parent: QWidget | None, *, width: int = 480, subtitle: str = "") -> None:
        super().__init__(parent)
        self.look = look
        px = look.theme.px
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(px(width))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        upper = Ground("surface")
        self.body = QVBoxLayout(upper)
        self.body.setContentsMargins(px(24), px(20), px(24), px(20))
        self.body.setSpacing(px(12))
        heading = QVBoxLayout()
        heading.setSpacing(px(4))
        heading.addWidget(Label(title, size=TextSize.TITLE, weight=Weight.STRONG, wrap=True))
        if subtitle:
            heading.addWidget(Label(subtitle, tone=Tone.TEXT2, wrap=True))
        self.body.addLayout(heading)
        outer.addWidget(upper, 1)
        lower: QFrame = Ground("window", edge="top")
        self.buttons = QHBoxLayout(lower)
        self.buttons.setContentsMargins(px(16), px(10), px(16), px(10))
        self.buttons.setSpacing(px(8))
        self.buttons.addStretch(1)
        outer.addWidget(lower)
        self._ring = FocusRing(look.theme, self)

    def showEvent(self, event: QShowEvent) -> None:
        # Wrapping labels report the height of their narrowest form; ask again for the width that will be used.
        layout = self.layout()
        if layout is not None and layout.hasHeightForWidth():
            width = max(self.minimumWidth(), layout.minimumSize().width())
            self.resize(width, layout.totalHeightForWidth(width))
        super().showEvent(event)
