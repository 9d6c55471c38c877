"""The kinetic parameters beside the timeline: each with its rule, or the reason it is withheld."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from labmon_ui.pages.patients.course import KineticsSeries, ParameterRow
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.label import ElidedLabel, Label
from labmon_ui.widgets.layout import SectionHeader
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.pill import Pill
from labmon_ui.widgets.state_symbol import StateSymbol


class _ParameterView(QFrame):
    """One parameter on two lines over a hairline. Shown again with other numbers instead of being built anew."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setProperty("edge", "bottom")
        px = look.theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, px(4), 0, px(4))
        column.setSpacing(0)
        upper = QHBoxLayout()
        upper.setSpacing(px(4))
        self._name = Label()
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._name.setTextFormat(Qt.TextFormat.RichText)  # our own words with a subscript, escaped
        self._value = Label(weight=Weight.STRONG, selectable=True)
        self._value.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._unit = ElidedLabel(size=TextSize.TINY, tone=Tone.TEXT3)
        self._withheld = Pill(look, tr("withheld"), tone=Tone.TEXT2, symbol=StateSymbol.MISSING)
        upper.addWidget(self._name, 1)
        for part in (self._value, self._unit, self._withheld):
            upper.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(upper)
        self._under = ElidedLabel(size=TextSize.TINY, tone=Tone.TEXT3)
        column.addWidget(self._under)

    def show_row(self, row: ParameterRow) -> None:
        # Qt sets a subscript at two thirds of its size; this makes it the 11 px of the type scale.
        size = round(self._look.theme.px(TextSize.TINY.pixels) * 1.5)
        subscript = f'<sub style="font-size:{size}px">{html.escape(row.subscript)}</sub>' if row.subscript else ""
        self._name.setText(html.escape(row.head) + subscript)
        self._value.setText(row.value)
        self._unit.setText(row.unit)
        self._value.setVisible(not row.is_withheld)
        self._unit.setVisible(bool(row.unit) and not row.is_withheld)
        self._withheld.setVisible(row.is_withheld)
        self._under.setText(row.under)
        self.setToolTip(row.tooltip)
        said = tr("withheld") if row.is_withheld else f"{row.value} {row.unit}"
        self.setAccessibleName(f"{row.head}{row.subscript}: {said}; {row.under}")


class KineticsPanel(QWidget):
    """One series at a time; copies per µg and per µL are never in one list."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._kinetics: tuple[KineticsSeries, ...] = ()
        self._shows_all = False
        px = look.theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._header = SectionHeader(look, tr("Kinetics"))
        column.addWidget(self._header)
        column.addSpacing(px(6))
        self._series = QComboBox()
        self._series.setAccessibleName(tr("Series the parameters are of"))
        self._series.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._series.setMinimumContentsLength(4)
        self._series.currentIndexChanged.connect(self._fill)
        column.addWidget(self._series)
        column.addSpacing(px(4))
        self._nothing = Label(size=TextSize.SMALL, tone=Tone.TEXT3, wrap=True)
        column.addWidget(self._nothing)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        column.addLayout(self._rows)
        self._views: list[_ParameterView] = []
        self._more = Button(look, " ", kind=ButtonKind.QUIET)
        self._more.clicked.connect(self._toggle)
        more = QHBoxLayout()
        more.setContentsMargins(-px(10), px(2), 0, 0)  # its words stand in line with the rows, not its hidden frame
        more.addWidget(self._more)
        more.addStretch(1)
        column.addLayout(more)
        look.theme.changed.connect(self._fill)

    def show_kinetics(self, kinetics: tuple[KineticsSeries, ...]) -> None:
        self._kinetics = kinetics
        titles = [series.title for series in kinetics]
        if titles != [self._series.itemText(number) for number in range(self._series.count())]:
            # Another patient's list of series: the one that was chosen stays chosen where they have it.
            chosen = self._series.currentText()
            self._series.blockSignals(True)
            self._series.clear()
            self._series.addItems(titles)
            self._series.setCurrentIndex(max(self._series.findText(chosen), 0))
            self._series.blockSignals(False)
        self._series.setVisible(len(kinetics) > 1)
        self._fill()

    @Slot()
    def _fill(self) -> None:
        series = self._kinetics[max(self._series.currentIndex(), 0)] if self._kinetics else None
        self._header.set_detail(series.detail if series is not None else "")
        self._header.setToolTip(series.title if series is not None else "")
        self._nothing.setText("" if series is not None else tr("No blood series that a parameter could be taken of."))
        self._nothing.setVisible(series is None)
        rows = series.rows if series is not None else ()
        shown = tuple(row for row in rows if row.is_main or self._shows_all)
        while len(self._views) < len(shown):
            view = _ParameterView(self._look)
            self._views.append(view)
            self._rows.addWidget(view)
        for view, row in zip(self._views, shown, strict=False):
            view.show_row(row)
            view.show()
        for view in self._views[len(shown) :]:
            view.hide()
        hidden = len(rows) - len([row for row in rows if row.is_main])
        self._more.setVisible(hidden > 0)
        self._more.setText(tr("Fewer parameters") if self._shows_all else tr("All {n} parameters", n=len(rows)))

    @Slot()
    def _toggle(self) -> None:
        self._shows_all = not self._shows_all
        self._fill()
