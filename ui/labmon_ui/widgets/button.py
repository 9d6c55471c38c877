"""Buttons: an ordinary one, the one primary of a page, a quiet one like a link, and square ones with an icon only."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QPushButton

from labmon_ui.actions import Command, with_shortcut
from labmon_ui.palette import Tone
from labmon_ui.theme import TextSize
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.look import Look


class ButtonKind(StrEnum):
    NORMAL = "normal"
    """28 px."""
    LARGE = "large"
    """32 px, beside a primary one."""
    PRIMARY = "primary"
    """32 px, filled; one a page."""
    QUIET = "quiet"
    """Accent text without a frame, in rows."""
    BAR = "bar"
    """In the top bar."""
    TINY = "tiny"
    """In the status bar."""


class Button(QPushButton):
    """A push button with the look of its kind. Without text it is square and needs a tooltip."""

    def __init__(
        self,
        look: Look,
        text: str = "",
        *,
        icon: str = "",
        kind: ButtonKind = ButtonKind.NORMAL,
        tooltip: str = "",
        command: Command | None = None,
    ) -> None:
        super().__init__(text)
        self._look = look
        self._kind = kind
        self._tooltip = with_shortcut(tooltip or text, command) if command else tooltip
        self._reason = ""
        self._reason_label: Label | None = None
        self.setProperty("kind", kind.value)
        self.setProperty("square", not text)
        self.setAccessibleName(text or tooltip)
        self.setToolTip(self._tooltip)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        if icon:
            self.set_icon(icon)
        self._rescale()
        look.theme.changed.connect(self._rescale)

    def set_icon(self, name: str) -> None:
        match self._kind:
            case ButtonKind.PRIMARY:
                tone = Tone.ON_FILL
            case ButtonKind.QUIET:
                tone = Tone.ACCENT
            case _:
                tone = Tone.TEXT2
        self._look.icons.put_on(self, name, tone)

    def set_disabled_reason(self, reason: str) -> None:
        """Disable the button and say why, as tooltip and beside it; an empty reason enables it again."""
        self._reason = reason
        self.setEnabled(not reason)
        self.setToolTip(reason or self._tooltip)
        self.setAccessibleDescription(reason)
        if self._reason_label is not None:
            self._reason_label.setText(reason)

    def reason_label(self) -> Label:
        """The reason as a small text, to be laid out beside the button; empty while the button is enabled."""
        if self._reason_label is None:
            self._reason_label = Label(self._reason, size=TextSize.SMALL, tone=Tone.TEXT3)
        return self._reason_label

    @Slot()
    def _rescale(self) -> None:
        side = self._look.theme.px(13 if self._kind is ButtonKind.TINY else 16)
        # Qt leaves 4 px between icon and text whatever the size; a wider square brings it to 6.
        air = self._look.theme.px(4) if self.text() else 0
        self.setIconSize(QSize(side + air, side))
