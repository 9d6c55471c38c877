"""The run of the selected file: its code and assay, whether it is acceptable, the curve, and every check."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout

from labmon_ui.pages.import_files.model import RunFacts, check_columns
from labmon_ui.palette import Tone
from labmon_ui.plotting.standard_curve import StandardCurveView
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.flat_table import FlatTable
from labmon_ui.widgets.key_value import KeyValueList
from labmon_ui.widgets.label import ElidedLabel, Label
from labmon_ui.widgets.layout import Ground, Scrolled
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.pill import Chip
from labmon_ui.widgets.segmented import Segment, Segmented

_CHECK_HEIGHT = 24


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
        self._heading = QHBoxLayout()
        self._heading.setSpacing(px(8))
        self._title = ElidedLabel(weight=Weight.STRONG)
        self._heading.addWidget(self._title, 1)
        column.addLayout(self._heading)
        self._subtitle = ElidedLabel(size=TextSize.SMALL, tone=Tone.TEXT3)
        column.addWidget(self._subtitle)
        self._curve = StandardCurveView(look.theme)
        column.addWidget(self._curve)
        self._checks = FlatTable(
            look, check_columns(), key=lambda row: row.key, row_height=_CHECK_HEIGHT, first_padding=0, is_in_card=True
        )
        self._checks.setAccessibleName(tr("Checks of the run"))
        self._checks.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._checks.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._checks.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column.addWidget(self._checks)
        column.addSpacing(px(8))
        self._facts_title = Label(tr("File"), weight=Weight.STRONG)
        column.addWidget(self._facts_title)
        self._facts = KeyValueList(look)
        column.addWidget(self._facts)
        column.addStretch(1)
        look.theme.changed.connect(self._fit_checks)

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
        self._checks.set_rows(run.checks)
        self._fit_checks()
        self._facts_title.setVisible(run.acceptance is not None)
        self._facts.show_pairs(run.facts)

    @Slot()
    def _fit_checks(self) -> None:
        self._checks.setFixedHeight(self._checks.height_of_rows(len(self._checks.row_model.rows)) + 1)
