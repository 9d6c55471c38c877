"""The form of one clinical fact: a field a column, what is wrong beside the field it is wrong in."""

from __future__ import annotations

from PySide6.QtCore import QDate, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCalendarWidget,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QWidget,
    QWidgetAction,
)

from labmon.domain.clinical import ClinicalFact
from labmon.domain.template import CellKind, Column
from labmon_ui.dialogs.dialog import Dialog
from labmon_ui.pages.patients.fact_fields import (
    cell_text,
    choice_label,
    default_of,
    field_label,
    read_fact,
    sheet_of,
)
from labmon_ui.palette import Tone
from labmon_ui.texts import Message, tr
from labmon_ui.theme import TextSize
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.look import Look


class _TextField(QLineEdit):
    """A line of text; dates and numbers say by a placeholder how they are written."""

    def __init__(self, column: Column, text: str) -> None:
        super().__init__(text)
        match column.kind:
            case CellKind.DATE:
                self.setPlaceholderText(tr("2026-04-13"))
            case CellKind.DATE_TIME:
                self.setPlaceholderText(tr("2026-04-13 09:30"))

    @property
    def entered(self) -> str:
        return self.text()


class _ChoiceField(QComboBox):
    """The values of a closed list, in words."""

    def __init__(self, column: Column, chosen: str) -> None:
        super().__init__()
        assert column.choices is not None  # only choice columns get this field
        if column.is_required and not chosen:
            self.addItem(tr("Choose…"), "")
        for choice in column.choices:
            self.addItem(choice_label(choice.value), choice.value)
        self.setCurrentIndex(max(self.findData(chosen), 0))

    @property
    def entered(self) -> str:
        return str(self.currentData())


class _CalendarButton(Button):
    """Opens a calendar that writes the chosen day into its field."""

    def __init__(self, look: Look, field: _TextField) -> None:
        super().__init__(look, icon="calendar-blank", tooltip=tr("Choose a day"))
        self._field = field
        menu = QMenu(self)
        self._calendar = QCalendarWidget()
        self._calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self._calendar.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
        action = QWidgetAction(menu)
        action.setDefaultWidget(self._calendar)
        menu.addAction(action)
        menu.aboutToShow.connect(self._begin)
        self._calendar.clicked.connect(self._write)
        self._calendar.activated.connect(self._write)
        self.setMenu(menu)

    @Slot()
    def _begin(self) -> None:
        day = QDate.fromString(self._field.text()[:10], Qt.DateFormat.ISODate)
        if day.isValid():
            self._calendar.setSelectedDate(day)
        self._calendar.setFocus()

    @Slot(QDate)
    def _write(self, day: QDate) -> None:
        self._field.setText(day.toString(Qt.DateFormat.ISODate) + self._field.text()[10:])
        self.menu().close()
        self._field.setFocus()


class FactForm(Dialog):
    """Adds a fact, or amends one. It closes when the record has taken the fact, not before."""

    fact_entered = Signal(object)
    """The ClinicalFact the fields make."""

    def __init__(
        self,
        look: Look,
        kind: type[ClinicalFact],
        parent: QWidget | None,
        *,
        patient_code: str = "",
        fact: ClinicalFact | None = None,
    ) -> None:
        self._kind = kind
        sheet = sheet_of(kind)
        noun = kind.fact.replace("_", " ").replace("b cell", "B-cell")
        title = tr("Add: {noun}", noun=noun) if fact is None else tr("Amend: {noun}", noun=noun)
        super().__init__(look, title, parent, width=560, subtitle=sheet.purpose)
        self._fields: dict[str, _TextField | _ChoiceField] = {}
        self._errors: dict[str, Label] = {}
        px = look.theme.px
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(2))
        grid.setColumnStretch(1, 1)
        for number, column in enumerate(sheet.columns):
            self._add_field(grid, 2 * number, column, patient_code, fact)
        self.body.addLayout(grid)
        self._refusal = Label(tone=Tone.RED, wrap=True)
        self._refusal.hide()
        self.body.addWidget(self._refusal)
        self.save_button = Button(look, tr("Add") if fact is None else tr("Amend…"), kind=ButtonKind.PRIMARY)
        self.save_button.setDefault(True)
        self.save_button.clicked.connect(self.submit)
        cancel = Button(look, tr("Cancel"), kind=ButtonKind.LARGE)
        cancel.clicked.connect(self.reject)
        self.buttons.addWidget(cancel)
        self.buttons.addWidget(self.save_button)
        first = next((field for field in self._fields.values() if field.isEnabled()), None)
        if first is not None:
            first.setFocus()

    def field(self, name: str) -> QLineEdit | QComboBox:
        """The input of a field, by the fact's own name for it."""
        return self._fields[name]

    def error(self, name: str) -> str:
        """What is wrong with a field; empty when nothing is."""
        return self._errors[name].text()

    def show_refusal(self, message: Message) -> None:
        """The record would not take the fact: say why; the form stays as it was filled."""
        self._refusal.setText(" ".join(part for part in (message.what, message.advice) if part))
        self._refusal.show()
        self.save_button.set_disabled_reason("")

    @Slot()
    def submit(self) -> None:
        """Check the fields; hand the fact on when all of them can be read."""
        fact, wrong = read_fact(self._kind, {name: field.entered for name, field in self._fields.items()})
        self._refusal.hide()
        for name, label in self._errors.items():
            label.setText(wrong.get(name, ""))
            label.setVisible(name in wrong)
            self._mark(self._fields[name], name in wrong)
        if fact is None:
            self._fields[next(iter(wrong))].setFocus()
            self.adjustSize()
            return
        self.fact_entered.emit(fact)

    def _add_field(
        self, grid: QGridLayout, row: int, column: Column, patient_code: str, fact: ClinicalFact | None
    ) -> None:
        name = column.heading
        if fact is not None:
            text = cell_text(getattr(fact, name))
        else:
            text = patient_code if name == "patient_code" else default_of(self._kind, column)
        field = _ChoiceField(column, text) if column.choices is not None else _TextField(column, text)
        words = field_label(name)
        label = Label(words if column.is_required else tr("{name} (optional)", name=words), tone=Tone.TEXT2)
        if column.choices is not None:
            label.setText(words)
        label.setBuddy(field)
        field.setAccessibleName(words)
        field.setAccessibleDescription(column.help)
        field.setToolTip(column.help)
        # Whose fact it is, is not what a form is there to change.
        field.setEnabled(not (name == "patient_code" and bool(patient_code or fact is not None)))
        grid.addWidget(label, row, 0)
        beside = QHBoxLayout()
        beside.setSpacing(self.look.theme.px(6))
        beside.addWidget(field, 1)
        if column.kind in (CellKind.DATE, CellKind.DATE_TIME) and isinstance(field, _TextField):
            beside.addWidget(_CalendarButton(self.look, field))
        grid.addLayout(beside, row, 1)
        error = Label(size=TextSize.SMALL, tone=Tone.RED, wrap=True)
        error.hide()
        grid.addWidget(error, row + 1, 1)
        grid.setRowMinimumHeight(row + 1, self.look.theme.px(6))
        self._fields[name] = field
        self._errors[name] = error

    def _mark(self, field: QWidget, is_wrong: bool) -> None:
        field.setProperty("wrong", is_wrong)
        field.style().unpolish(field)
        field.style().polish(field)
