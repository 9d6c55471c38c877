"""The table twin of the timeline: the same numbers, states and words, to be read, selected and copied."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QAbstractItemView

from labmon.domain import wording
from labmon.reports.figures import FigureRow
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize
from labmon_ui.widgets.flat_table import Cell, Column, FlatTable
from labmon_ui.widgets.look import Look


def figure_columns() -> tuple[Column[FigureRow], ...]:
    small, muted, quiet = TextSize.SMALL, Tone.TEXT2, Tone.TEXT3
    return (
        Column(title=tr("Day"), cell=_day, width=76, is_number=True, size=small),
        Column(title=tr("Date"), cell=lambda row: Cell(text=_date(row), tone=muted), width=96, size=small),
        Column(title=tr("Series"), cell=_series, width=190, least=126, size=small),
        Column(title=tr("Value"), cell=lambda row: Cell(text=row.value_text), least=130, size=small),
        Column(title=tr("State"), cell=lambda row: Cell(text=row.state, tone=muted), width=150, least=96, size=small),
        Column(title=tr("LLOQ"), cell=lambda row: Cell(text=row.lloq, tone=muted), width=112, least=104, size=small),
        Column(title=tr("Run"), cell=lambda row: Cell(text=row.run, tone=quiet), width=170, least=64, size=small),
        Column(title=tr("Note"), cell=lambda row: Cell(text=row.note, tone=quiet), width=130, least=48, size=small),
    )


def _day(row: FigureRow) -> Cell:
    return Cell(text=wording.decimal_day(row.day))


def _series(row: FigureRow) -> Cell:
    """The panel, and the series where a panel has several."""
    return Cell(text=row.panel, detail="" if row.series == row.panel else row.series)


def _date(row: FigureRow) -> str:
    return "" if row.date is None else row.date.isoformat()


def _words(cell: Cell) -> str:
    return f"{cell.text}, {cell.detail}" if cell.detail else cell.text


class FigureTable(FlatTable):
    """Several rows can be selected and copied; a single one is the selected point."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, figure_columns(), key=lambda row: row.ref, row_height=26)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAccessibleName(tr("The timeline as a table"))

    def as_mime(self, rows: Iterable[FigureRow]) -> QMimeData:
        """Rows for the clipboard: tab-separated for a sheet, a table for a document; both say the states."""
        lines = [[column.title for column in self.columns]]
        lines += [[_words(column.cell(row)) for column in self.columns] for row in rows]
        mime = QMimeData()
        mime.setText("\n".join("\t".join(line) for line in lines))
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>" for line in lines[1:])
        head = "".join(f"<th>{escape(cell)}</th>" for cell in lines[0])
        mime.setHtml(f"<table><tr>{head}</tr>{body}</table>")
        return mime
