"""Cards, headings and hairlines: how a page is divided."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from labmon_ui.palette import Tone
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.label import ElidedLabel, Label
from labmon_ui.widgets.look import Look


class Hairline(QFrame):
    """A line of one pixel between parts of a page."""

    def __init__(self, orientation: Qt.Orientation = Qt.Orientation.Horizontal) -> None:
        super().__init__()
        self.setProperty("hairline", True)
        if orientation is Qt.Orientation.Horizontal:
            self.setFixedHeight(1)
        else:
            self.setFixedWidth(1)


class Ground(QFrame):
    """A plain area: "surface" for lists and canvas, "window" for bars; `edge` draws one hairline side."""

    def __init__(self, ground: str = "surface", *, edge: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("ground", ground)
        if edge:
            self.setProperty("edge", edge)


class Card(QFrame):
    """A framed surface with round corners; add rows to `rows`."""

    def __init__(self, look: Look, *, padding: int = 0) -> None:
        super().__init__()
        self.setProperty("card", True)
        self.rows = QVBoxLayout(self)
        side = look.theme.px(padding)
        self.rows.setContentsMargins(side + 1, side + 1, side + 1, side + 1)
        self.rows.setSpacing(0)


class Scrolled(QScrollArea):
    """A part of a page that scrolls when the text is large or the window small; never sideways."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


class _Heading(QWidget):
    def __init__(self, look: Look, title: str, detail: str, size: TextSize, gap: int) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.theme.px(gap))
        self._title = Label(title, size=size, weight=Weight.STRONG)
        small = TextSize.SMALL if size is TextSize.BODY else TextSize.BODY
        self._detail = ElidedLabel(detail, size=small, tone=Tone.TEXT3)
        row.addWidget(self._title, 0, Qt.AlignmentFlag.AlignBaseline)
        row.addWidget(self._detail, 1, Qt.AlignmentFlag.AlignBaseline)
        self._actions = QHBoxLayout()
        self._actions.setSpacing(look.theme.px(6))
        row.addLayout(self._actions)

    def set_title(self, title: str) -> None:
        self._title.setText(title)

    def set_detail(self, detail: str) -> None:
        self._detail.setText(detail)

    def add_action(self, widget: QWidget) -> None:
        """Put a button or a filter at the right end."""
        self._actions.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)


class PageHeader(QWidget):
    """The name of a page, a muted sentence about what is shown, and its actions: at the right, or below if too wide."""

    def __init__(self, look: Look, title: str, detail: str = "") -> None:
        super().__init__()
        self._heading = _Heading(look, title, detail, TextSize.PAGE, 12)
        self._tools = QWidget()
        self._actions = QHBoxLayout(self._tools)
        self._actions.setContentsMargins(0, 0, 0, 0)
        self._actions.setSpacing(look.theme.px(6))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(look.theme.px(8))
        self._grid.setColumnStretch(0, 1)
        self._grid.addWidget(self._heading, 0, 0)
        self._grid.addWidget(self._tools, 0, 1)
        self._is_wrapped = False

    def set_title(self, title: str) -> None:
        self._heading.set_title(title)

    def set_detail(self, detail: str) -> None:
        self._heading.set_detail(detail)

    def add_action(self, widget: QWidget) -> None:
        """Put a button or a filter at the right end."""
        self._actions.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)

    def minimumSizeHint(self) -> QSize:
        heading, tools = self._heading.minimumSizeHint(), self._tools.minimumSizeHint()
        return QSize(max(heading.width(), tools.width()), super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._wrap()
        return handled

    def _wrap(self) -> None:
        heading, tools = self._heading.minimumSizeHint(), self._tools.sizeHint()
        is_too_wide = heading.width() + self._grid.spacing() + tools.width() > self.width()
        if is_too_wide != self._is_wrapped:
            self._is_wrapped = is_too_wide
            self._grid.removeWidget(self._tools)
            if is_too_wide:
                self._grid.addWidget(self._tools, 1, 0, Qt.AlignmentFlag.AlignLeft)
            else:
                self._grid.addWidget(self._tools, 0, 1)


class SectionHeader(_Heading):
    """The name of a section with a count or place in muted text; actions at the right."""

    def __init__(self, look: Look, title: str, detail: str = "") -> None:
        super().__init__(look, title, detail, TextSize.BODY, 8)
