"""Asks for an earlier day to look from: samples collected up to then, and the record as it was known then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from PySide6.QtCore import QDate, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QDateEdit, QGridLayout, QWidget

from labmon_ui.dialogs.dialog import Dialog
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.look import Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The day a course is looked at from, and the day whose record is read; None means today."""

    as_of: date | None = None
    known: date | None = None

    def __bool__(self) -> bool:
        return self.as_of is not None or self.known is not None

    @property
    def known_on(self) -> datetime | None:
        """The last instant of the day at the site."""
        if self.known is None:
            return None
        return datetime.combine(self.known, time.max).astimezone(UTC)

    @property
    def words(self) -> str:
        parts = []
        if self.as_of is not None:
            parts.append(tr("samples and facts up to {date}", date=self.as_of.isoformat()))
        if self.known is not None:
            parts.append(tr("the record as known on {date}", date=self.known.isoformat()))
        return tr("Not today: {what}.", what=", ".join(parts)) if parts else ""


TODAY = Replay()


class AsKnownDialog(Dialog):
    """Two days, each on its own; neither means today."""

    chosen = Signal(object)
    """A Replay."""

    def __init__(self, look: Look, replay: Replay, today: date, parent: QWidget | None) -> None:
        super().__init__(
            look,
            tr("Look at an earlier day"),
            parent,
            subtitle=tr("Nothing on record is changed, and nothing can be changed meanwhile."),
        )
        grid = QGridLayout()
        grid.setHorizontalSpacing(look.theme.px(16))
        grid.setVerticalSpacing(look.theme.px(4))
        grid.setColumnStretch(0, 1)
        self._as_of = self._add(
            grid,
            0,
            tr("Samples collected up to"),
            tr("As if nothing had been drawn after this day."),
            replay.as_of,
            today,
        )
        self._known = self._add(
            grid,
            2,
            tr("Record as known on"),
            tr("Without what was entered or amended after this day."),
            replay.known,
            datetime.now(UTC).astimezone().date(),
        )
        self.body.addLayout(grid)
        show = Button(look, tr("Show"), kind=ButtonKind.PRIMARY)
        show.setDefault(True)
        show.clicked.connect(self._tell)
        cancel = Button(look, tr("Cancel"), kind=ButtonKind.LARGE)
        cancel.clicked.connect(self.reject)
        self.buttons.addWidget(cancel)
        self.buttons.addWidget(show)

    def _add(
        self, grid: QGridLayout, row: int, words: str, explanation: str, chosen: date | None, latest: date
    ) -> tuple[QCheckBox, QDateEdit]:
        box = QCheckBox(words)
        box.setChecked(chosen is not None)
        day = chosen or latest
        edit = QDateEdit(QDate(day.year, day.month, day.day))
        edit.setDisplayFormat("yyyy-MM-dd")
        edit.setCalendarPopup(True)
        edit.setMaximumDate(QDate(latest.year, latest.month, latest.day))
        edit.setEnabled(box.isChecked())
        edit.setAccessibleName(words)
        edit.setMinimumWidth(self.look.theme.px(130))
        box.toggled.connect(edit.setEnabled)
        grid.addWidget(box, row, 0)
        grid.addWidget(edit, row, 1)
        note = Label(explanation, size=TextSize.SMALL, tone=Tone.TEXT3, wrap=True)
        note.setContentsMargins(self.look.theme.px(24), 0, 0, self.look.theme.px(8))
        grid.addWidget(note, row + 1, 0, 1, 2)
        return box, edit

    @Slot()
    def _tell(self) -> None:
        self.chosen.emit(Replay(as_of=_day(*self._as_of), known=_day(*self._known)))
        self.accept()


def _day(box: QCheckBox, edit: QDateEdit) -> date | None:
    if not box.isChecked():
        return None
    chosen = edit.date()
    return date(chosen.year(), chosen.month(), chosen.day())
