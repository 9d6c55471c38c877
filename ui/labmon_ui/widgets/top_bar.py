"""The bar on top: study and site, search, who is at work, light or dark, and help."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QWidget

from labmon_ui.actions import Command
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import Mode, Weight
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.label import ElidedLabel, Label
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.search_box import SearchBox
from labmon_ui.widgets.state_page import IconView

_MODE_ICONS = {Mode.SYSTEM: "desktop", Mode.LIGHT: "sun", Mode.DARK: "moon"}


class TopBar(QFrame):
    """44 px. The search stands in the middle; long names left and right give way first."""

    about_requested = Signal()
    shortcuts_requested = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setProperty("ground", "window")
        self.setProperty("edge", "bottom")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._brand = Label("labmon", weight=Weight.STRONG)
        self._brand.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._study = ElidedLabel(weight=Weight.MEDIUM)
        self._site = ElidedLabel(tone=Tone.TEXT3)
        left = QWidget()
        left_row = QHBoxLayout(left)
        left_row.setContentsMargins(0, 0, look.theme.px(12), 0)
        left_row.setSpacing(look.theme.px(2))
        left_row.addWidget(self._brand)
        left_row.addSpacing(look.theme.px(18))
        left_row.addWidget(self._study)
        left_row.addWidget(self._site)
        left_row.addStretch(1)
        row.addWidget(left, 1)
        self.search = SearchBox(look)
        row.addWidget(self.search)
        right = QWidget()
        right_row = QHBoxLayout(right)
        right_row.setContentsMargins(look.theme.px(12), 0, look.theme.px(10), 0)
        right_row.setSpacing(look.theme.px(4))
        right_row.addStretch(1)
        right_row.addWidget(IconView(look, "user-circle", tone=Tone.TEXT2))
        self._user = ElidedLabel(weight=Weight.MEDIUM)
        self._role = ElidedLabel(tone=Tone.TEXT2)
        right_row.addWidget(self._user)
        right_row.addWidget(self._role)
        right_row.addSpacing(look.theme.px(6))
        self._mode = Button(look, icon=_MODE_ICONS[look.theme.mode], kind=ButtonKind.BAR, tooltip=tr("Light or dark"))
        self._mode.setMenu(self._mode_menu())
        right_row.addWidget(self._mode)
        self._help = Button(look, icon="question", kind=ButtonKind.BAR, tooltip=tr("Help"))
        self._help.setMenu(self._help_menu())
        right_row.addWidget(self._help)
        row.addWidget(right, 1)
        self._rescale()
        look.theme.changed.connect(self._rescale)

    def show_study(self, study: str, site: str) -> None:
        self._study.setText(study)
        self._site.setText(f"· {site}" if site else "")

    def show_user(self, name: str, role: str = "") -> None:
        self._user.setText(name)
        self._role.setText(f"· {role}" if role else "")

    def _mode_menu(self) -> QMenu:
        menu = QMenu(self)
        group = QActionGroup(menu)
        words = {Mode.SYSTEM: tr("As the system"), Mode.LIGHT: tr("Light"), Mode.DARK: tr("Dark")}
        for mode, word in words.items():
            action = QAction(word, menu)
            action.setCheckable(True)
            action.setChecked(mode is self._look.theme.mode)
            action.setData(mode.value)
            group.addAction(action)
            menu.addAction(action)
        group.triggered.connect(self._choose_mode)
        self._modes = group
        return menu

    def _help_menu(self) -> QMenu:
        menu = QMenu(self)
        shortcuts = menu.addAction(f"{tr('Shortcuts')}\t{Command.SHORTCUTS.shortcut}")
        shortcuts.triggered.connect(self.shortcuts_requested)
        about = menu.addAction(tr("About labmon"))
        about.triggered.connect(self.about_requested)
        return menu

    @Slot(QAction)
    def _choose_mode(self, action: QAction) -> None:
        self._look.theme.set_mode(Mode(action.data()))

    @Slot()
    def _rescale(self) -> None:
        px = self._look.theme.px
        self.setFixedHeight(px(44))
        self._brand.setFixedWidth(px(88))
        self._mode.set_icon(_MODE_ICONS[self._look.theme.mode])
        for action in self._modes.actions():
            action.setChecked(action.data() == self._look.theme.mode.value)
