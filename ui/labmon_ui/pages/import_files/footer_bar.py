"""The bar at the bottom of the Import page: what accepting would do, why it cannot be done yet, and the two buttons."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy

from labmon_ui.actions import Command
from labmon_ui.pages.import_files.model import Footer
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import Weight
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.label import ElidedLabel, Label
from labmon_ui.widgets.layout import Ground
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.state_symbol import StateSymbol, SymbolView

_HEIGHT = 52


class FooterBar(Ground):
    """Nothing is written before one of these buttons is pressed."""

    accept_file_requested = Signal()
    accept_ready_requested = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__("window", edge="top")
        self._look = look
        px = look.theme.px
        row = QHBoxLayout(self)
        row.setContentsMargins(px(16), 0, px(16), 0)
        row.setSpacing(px(12))
        self._file = ElidedLabel(weight=Weight.STRONG)
        row.addWidget(self._file)
        self._counts = QHBoxLayout()
        self._counts.setSpacing(px(4))
        row.addLayout(self._counts)
        row.addSpacing(px(12))
        self._done = SymbolView(look.theme, StateSymbol.READY)
        self._done.hide()
        row.addWidget(self._done)
        self._notice = ElidedLabel(tone=Tone.TEXT2)
        self._notice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row.addWidget(self._notice, 1)
        self.accept_file = Button(
            look, tr("Accept this file"), icon="check", kind=ButtonKind.LARGE, command=Command.ACCEPT_FILE
        )
        self.accept_file.clicked.connect(self.accept_file_requested)
        self.accept_ready = Button(
            look, tr("Accept ready files"), icon="checks", kind=ButtonKind.PRIMARY, command=Command.ACCEPT_READY
        )
        self.accept_ready.clicked.connect(self.accept_ready_requested)
        row.addWidget(self.accept_file.reason_label())
        row.addWidget(self.accept_file)
        row.addWidget(self.accept_ready)
        look.theme.changed.connect(self._rescale)
        self._rescale()

    def show_footer(self, footer: Footer) -> None:
        self._file.setText(f"{footer.file_name}:" if footer.counts else footer.file_name)
        while (item := self._counts.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for number, (words, tone) in enumerate(footer.counts):
            is_last = number == len(footer.counts) - 1
            weight = Weight.STRONG if tone is Tone.PURPLE else Weight.REGULAR
            self._counts.addWidget(Label(words if is_last else f"{words},", tone=tone, weight=weight))
        self.accept_file.set_disabled_reason(footer.accept_reason)
        self.accept_ready.setText(footer.ready_text)
        self.accept_ready.setAccessibleName(footer.ready_text)
        self.accept_ready.set_disabled_reason(footer.ready_reason)

    def show_notice(self, text: str) -> None:
        """What has just been done, in one sentence; empty takes it away."""
        self._notice.setText(text)
        self._done.setVisible(bool(text))

    @Slot()
    def _rescale(self) -> None:
        self.setFixedHeight(self._look.theme.px(_HEIGHT))
