"""The Patients page's widgets and their places: the list, one patient's timeline or its table, and the inspector."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from labmon_ui.pages.patients.course import CourseFacts
from labmon_ui.pages.patients.detail_panel import DetailPanel
from labmon_ui.pages.patients.figure_table import FigureTable
from labmon_ui.pages.patients.heading import Heading
from labmon_ui.pages.patients.kinetics_panel import KineticsPanel
from labmon_ui.pages.patients.patient_list import PatientList
from labmon_ui.palette import Tone
from labmon_ui.plotting.canvas import TimelineCanvas
from labmon_ui.texts import Message, tr
from labmon_ui.theme import TextSize
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.layout import Ground, Hairline, Scrolled
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.state_page import StateStack

_LIST_WIDTH, _INSPECTOR_WIDTH = 256, 308
_LIST_SHARE, _INSPECTOR_SHARE = 0.23, 0.345
"""With larger text the sides grow, but never so far that the timeline has no room."""


class PatientsView(QWidget):
    """Shows what the presenter decides; its parts emit what the person wants."""

    state_action_triggered = Signal()
    """The action of what stands in place of the whole page: add a patient, or try again."""
    patient_action_triggered = Signal()
    """The action of what stands in place of one patient's timeline."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.list = PatientList(look)
        self.heading = Heading(look)
        self.canvas = TimelineCanvas(look.theme.palette, text_scale=look.theme.text_scale / 100)
        self.table = FigureTable(look)
        self.kinetics = KineticsPanel(look)
        self.detail = DetailPanel(look)
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.list)
        row.addWidget(self._make_centre(), 1)
        self._inspector = self._make_inspector()
        row.addWidget(self._inspector)
        self.stack = StateStack(look, content)
        self.stack.action_triggered.connect(self.state_action_triggered)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self.setFocusProxy(self.list)
        look.theme.changed.connect(self._rescale)
        self._rescale()

    def show_course(self, facts: CourseFacts, *, is_same_course: bool) -> None:
        """Show a course; of the one shown before, the zoom and the selected mark stay."""
        self.heading.show_course(facts)
        self.kinetics.show_kinetics(facts.kinetics)
        if facts.figure is None:
            self.canvas.set_spec(None)
            self.table.set_rows(())
            self._patient.show_empty(
                tr("No CAR-T infusion on record"),
                tr("{why} Record one under Facts.", why=facts.why_no_figure),
                action=tr("Facts…"),
                icon="calendar-blank",
            )
            return
        if is_same_course and self.canvas.spec is not None:
            self.canvas.refresh_spec(facts.figure)
        else:
            self.canvas.set_spec(facts.figure)
        self.table.set_rows(facts.figure.table())
        self._issues.setText(" ".join(facts.issues))
        self._issues.setVisible(bool(facts.issues))
        self._patient.show_content()

    def show_no_course(self, message: Message, action: str) -> None:
        """The patient could not be shown: say why, and what to do."""
        self.canvas.set_spec(None)
        self.table.set_rows(())
        self.kinetics.show_kinetics(())
        self._patient.show_failed(message, action=action)

    @Slot(bool)
    def show_table(self, is_table: bool) -> None:
        """The figure as a table, or the table as a figure."""
        self._twin.setCurrentIndex(1 if is_table else 0)
        self.heading.table_button.setChecked(is_table)

    @property
    def shows_table(self) -> bool:
        return self._twin.currentIndex() == 1

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _make_centre(self) -> QWidget:
        centre = Ground("surface")
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.heading)
        column.addWidget(Hairline())
        self._twin = QStackedWidget()
        self._twin.addWidget(Scrolled(self.canvas))
        self._twin.addWidget(self.table)
        figure = QWidget()
        rows = QVBoxLayout(figure)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self._twin, 1)
        self._issues = Label(size=TextSize.TINY, tone=Tone.AMBER, wrap=True)
        side = self._look.theme.px(14)
        self._issues.setContentsMargins(side, 0, side, self._look.theme.px(6))
        rows.addWidget(self._issues)
        self._patient = StateStack(self._look, figure)
        self._patient.action_triggered.connect(self.patient_action_triggered)
        column.addWidget(self._patient, 1)
        return centre

    def _make_inspector(self) -> QWidget:
        px = self._look.theme.px
        inside = Ground("surface")
        column = QVBoxLayout(inside)
        column.setContentsMargins(px(16), px(12), px(16), px(16))
        column.setSpacing(px(14))
        column.addWidget(self.kinetics)
        column.addWidget(self.detail)
        column.addStretch(1)
        outer = Ground("surface", edge="left")
        row = QVBoxLayout(outer)
        row.setContentsMargins(1, 0, 0, 0)
        scrolled = Scrolled(inside)
        # With text at 200 % a long word may be wider than the inspector; it must stay within reach.
        scrolled.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        row.addWidget(scrolled)
        return outer

    def _share_width(self) -> None:
        px = self._look.theme.px
        self.list.setFixedWidth(min(px(_LIST_WIDTH), max(round(self.width() * _LIST_SHARE), 200)))
        self._inspector.setFixedWidth(min(px(_INSPECTOR_WIDTH), max(round(self.width() * _INSPECTOR_SHARE), 240)))

    @Slot()
    def _rescale(self) -> None:
        theme = self._look.theme
        self.canvas.set_colours(theme.palette, theme.text_scale / 100)
        self._share_width()
