"""The run of the selected file: its code and assay, whether it is acceptable, the curve, and every check."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from labmon_ui.pages.import_files.model import CheckRow, RunFacts
from labmon_ui.palette import Tone
from labmon_ui.plotting.standard_curve import StandardCurveView
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.key_value import KeyValueList
from labmon_ui.widgets.label import ElidedLabel, Label
from labmon_ui.widgets.layout import Ground, Hairline, Scrolled
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.pill import Chip
from labmon_ui.widgets.segmented import Segment, Segmented
from labmon_ui.widgets.state_symbol import SymbolView


class RunPanel(Scrolled):
    """One run at a time; a row of buttons chooses among several."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._runs: tuple[RunFacts, ...] = ()
        self._chip: Chip | None = None
        px = look.theme.px
        content = Ground("surface")
        super().__init__(content)
        column = QVBoxLayout(content)
        column.setContentsMargins(px(16), px(10), px(16), px(12))
        column.setSpacing(px(4))
        self._chooser = Segmented(look)
        self._chooser.chosen.connect(self._show_run)
        column.addWidget(self._chooser)
        self._title = ElidedLabel(weight=Weight.STRONG)
        column.addWidget(self._title)
        self._heading = QHBoxLayout()
        self._heading.setSpacing(px(8))
        self._subtitle = ElidedLabel(size=TextSize.SMALL, tone=Tone.TEXT3)
        self._heading.addWidget(self._subtitle, 1)
        column.addLayout(self._heading)
        self._curve = StandardCurveView(look.theme)
        column.addWidget(self._curve)
        self._checks = _Checks(look)
        column.addWidget(self._checks)
        column.addSpacing(px(8))
        self._facts_title = Label(tr("File"), weight=Weight.STRONG)
        column.addWidget(self._facts_title)
        self._facts = KeyValueList(look)
        column.addWidget(self._facts)
        column.addStretch(1)

    def show_runs(self, runs: tuple[RunFacts, ...]) -> None:
        self._runs = runs
        self._chooser.setVisible(len(runs) > 1)
        self._chooser.set_segments(tuple(Segment(run.key, run.key.rpartition("/")[2] or run.key) for run in runs))
        self._show_run(self._chooser.current)

    @Slot(str)
    def _show_run(self, key: str) -> None:
        run = next((run for run in self._runs if run.key == key), self._runs[0] if self._runs else None)
        if run is None:
            return
        self._title.setText(run.title)
        self._subtitle.setText(run.subtitle)
        if self._chip is not None:
            self._heading.removeWidget(self._chip)
            self._chip.hide()
            self._chip.deleteLater()
            self._chip = None
        if run.acceptance is not None:
            word = run.acceptance
            self._chip = Chip(self._look, word.text, symbol=word.symbol, tone=word.tone, strong=True)
            self._chip.setToolTip(word.tooltip)
            self._heading.addWidget(self._chip)
        self._curve.show_curve(run.curve)
        self._checks.setVisible(bool(run.checks))
        self._checks.show_checks(run.checks)
        self._facts_title.setVisible(run.acceptance is not None)
        self._facts.show_pairs(run.facts)


class _Checks(QWidget):
    """Each limit against what the run shows; long words wrap instead of being cut."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, look.theme.px(4), 0, 0)
        self._grid.setHorizontalSpacing(look.theme.px(8))
        self._grid.setVerticalSpacing(look.theme.px(4))
        for column, stretch in ((1, 5), (2, 4), (3, 4)):
            self._grid.setColumnStretch(column, stretch)

    def show_checks(self, checks: tuple[CheckRow, ...]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        right = Qt.AlignmentFlag.AlignRight
        for column, title in ((1, tr("Check")), (2, tr("This run")), (3, tr("Limit"))):
            head = Label(title, size=TextSize.TINY, tone=Tone.TEXT3, weight=Weight.MEDIUM)
            self._grid.addWidget(head, 0, column, right if column > 1 else Qt.AlignmentFlag.AlignLeft)
        for number, check in enumerate(checks, start=1):
            self._grid.addWidget(Hairline(), 2 * number - 1, 0, 1, 4)
            self._show_check(2 * number, check)

    def _show_check(self, row: int, check: CheckRow) -> None:
        top = Qt.AlignmentFlag.AlignTop
        symbol = SymbolView(self._look.theme, check.symbol, word=check.outcome)
        self._grid.addWidget(symbol, row, 0, top)
        cells = (
            (check.title, Tone.TEXT, Weight.REGULAR, Qt.AlignmentFlag.AlignLeft),
            (check.observed, Tone.TEXT, Weight.STRONG, Qt.AlignmentFlag.AlignRight),
            (check.limit, Tone.TEXT3, Weight.REGULAR, Qt.AlignmentFlag.AlignRight),
        )
        for column, (text, tone, weight, side) in enumerate(cells, start=1):
            label = Label(text, size=TextSize.SMALL, tone=tone, weight=weight, wrap=True)
            label.setAlignment(side | top)
            label.setToolTip(check.tooltip)
            self._grid.addWidget(label, row, column, top)
