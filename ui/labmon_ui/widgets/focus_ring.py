"""The focus ring: 2 px of accent, 2 px outside whatever has the focus, shown to people who use the keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QWindow
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLineEdit, QWidget

from labmon_ui.theme import Theme

_OUTSIDE = 2
_WIDTH = 2
RING_ON_PARENT = "ringOnParent"
"""Property of a field that is only a part of what looks like one: the ring goes around its parent."""


class FocusRing(QWidget):
    """Lies over one window, lets every click through, and follows the focus in it."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []
        self._is_by_keyboard = False
        self._handle: QWindow | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        app = QApplication.instance()
        assert isinstance(app, QApplication)  # a widget exists only in one
        app.focusChanged.connect(self._follow)
        window.installEventFilter(self)
        theme.changed.connect(self.update)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event.type():
            case QEvent.Type.KeyPress:
                self._is_by_keyboard = True
            case QEvent.Type.MouseButtonPress:
                if isinstance(watched, QWindow) and self._is_by_keyboard:
                    self._is_by_keyboard = False
                    self._place()
            case QEvent.Type.Show if watched is self._window:
                # Keys and clicks are seen where they enter the window, before any widget takes them.
                self._listen_to(self._window.windowHandle())
            case QEvent.Type.Move | QEvent.Type.Resize | QEvent.Type.Hide | QEvent.Type.Show:
                self._place()
        return False

    def _listen_to(self, handle: QWindow | None) -> None:
        if handle is not None and handle is not self._handle:
            self._handle = handle
            handle.installEventFilter(self)

    @Slot(QWidget, QWidget)
    def _follow(self, _old: QWidget | None, new: QWidget | None) -> None:
        self._target = new if new is not None and self._window.isAncestorOf(new) else None
        for widget in self._watched:
            widget.removeEventFilter(self)
        self._watched = []
        ancestor = self._target
        while ancestor is not None and ancestor is not self._window:
            self._watched.append(ancestor)
            ancestor.installEventFilter(self)
            ancestor = ancestor.parentWidget()
        self._place()

    def _place(self) -> None:
        target, window = self._target, self._window
        if target is None or not target.isVisible() or not self._is_shown_for(target):
            self.hide()
            return
        ringed = (target.parentWidget() if target.property(RING_ON_PARENT) else None) or target
        area = QRect(ringed.mapTo(window, QPoint(0, 0)), ringed.size())
        for ancestor in self._watched[1:]:
            # a field scrolled out of its view keeps the focus but not the ring
            if isinstance(ancestor.parentWidget(), QAbstractScrollArea):
                area &= QRect(ancestor.mapTo(window, QPoint(0, 0)), ancestor.size())
        if area.isEmpty():
            self.hide()
            return
        inside = isinstance(target, QAbstractScrollArea)
        grow = 0 if inside else _OUTSIDE + _WIDTH
        self.setGeometry(area.adjusted(-grow, -grow, grow, grow))
        self.show()
        self.raise_()

    def _is_shown_for(self, target: QWidget) -> bool:
        return self._is_by_keyboard or isinstance(target, QLineEdit)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.palette.accent), _WIDTH))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
