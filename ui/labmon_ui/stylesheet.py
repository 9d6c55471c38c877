"""The style sheet of every plain Qt widget, made from a palette and a scale."""

from __future__ import annotations

from collections.abc import Callable

from labmon_ui.palette import Palette, Tone


def stylesheet(palette: Palette, px: Callable[[float], int]) -> str:
    """QSS for the whole application; `px` turns a designed length into one at the current size of text."""
    p = palette
    ink = "dark" if p.is_dark else "light"
    hover = p.sunken if p.is_dark else p.window
    tones = "\n".join(f'QLabel[tone="{tone.value}"] {{ color: {p.tone(tone)}; }}' for tone in Tone)
    return f"""
QWidget {{ color: {p.text}; font-size: {px(13)}px; }}
QMainWindow, QDialog, QWidget[ground="window"] {{ background: {p.window}; }}
QWidget[ground="surface"] {{ background: {p.surface}; }}
QWidget[ground="sunken"] {{ background: {p.sunken}; }}
QFrame[edge="top"] {{ border: 0; border-top: 1px solid {p.line}; }}
QFrame[edge="bottom"] {{ border: 0; border-bottom: 1px solid {p.line}; }}
QFrame[edge="left"] {{ border: 0; border-left: 1px solid {p.line}; }}
QFrame[edge="right"] {{ border: 0; border-right: 1px solid {p.line}; }}
QFrame[hairline="true"] {{ background: {p.line}; border: 0; }}
QFrame[card="true"] {{ background: {p.surface}; border: 1px solid {p.line}; border-radius: {px(8)}px; }}

QLabel {{ background: transparent; border: 0; }}
{tones}
QLabel[textSize="page"] {{ font-size: {px(20)}px; }}
QLabel[textSize="title"] {{ font-size: {px(15)}px; }}
QLabel[textSize="small"] {{ font-size: {px(12)}px; }}
QLabel[textSize="tiny"] {{ font-size: {px(11)}px; }}
QLabel[textWeight="medium"] {{ font-weight: 500; }}
QLabel[textWeight="strong"] {{ font-weight: 600; }}
QLabel[keycap="true"] {{
    color: {p.text3}; background: {p.window}; border: 1px solid {p.line}; border-radius: {px(4)}px;
    font-size: {px(11)}px; padding: 0 {px(5)}px;
}}

QPushButton, QToolButton {{
    background: {p.surface}; color: {p.text}; border: 1px solid {p.line}; border-radius: {px(6)}px;
    padding: 0 {px(10)}px; min-height: {px(26)}px; max-height: {px(26)}px; font-size: {px(12)}px; font-weight: 500;
}}
QPushButton:hover, QToolButton:hover {{ background: {hover}; border-color: {p.axis}; }}
QPushButton:pressed, QToolButton:pressed, QPushButton:checked, QToolButton:checked {{ background: {p.sunken}; }}
QPushButton:disabled, QToolButton:disabled {{
    background: {p.sunken}; color: {p.text3}; border-color: {p.line};
}}
QPushButton[kind="large"], QPushButton[kind="primary"] {{
    min-height: {px(30)}px; max-height: {px(30)}px; padding: 0 {px(14)}px; font-size: {px(13)}px;
}}
QPushButton[kind="primary"] {{
    background: {p.accent_fill}; border-color: {p.accent_fill}; color: {p.on_fill}; font-weight: 600;
}}
QPushButton[kind="primary"]:hover {{ background: {_mix(p.accent_fill, "#000000", 0.1)}; }}
QPushButton[kind="primary"]:pressed {{ background: {_mix(p.accent_fill, "#000000", 0.2)}; }}
QPushButton[kind="primary"]:disabled {{
    background: {p.sunken}; border-color: {p.line}; color: {p.text3}; font-weight: 500;
}}
QPushButton[kind="quiet"], QToolButton[kind="quiet"] {{
    background: transparent; border-color: transparent; color: {p.accent};
}}
QPushButton[kind="quiet"]:hover, QToolButton[kind="quiet"]:hover {{ background: {p.selected}; }}
QPushButton[kind="quiet"]:disabled {{ color: {p.text3}; background: transparent; }}
QPushButton[kind="bar"], QToolButton[kind="bar"] {{
    background: transparent; border-color: transparent; color: {p.text2}; font-size: {px(13)}px; font-weight: 400;
    padding: 0 {px(7)}px;
}}
QPushButton[kind="bar"]:hover, QToolButton[kind="bar"]:hover {{ background: {p.sunken}; }}
QPushButton[kind="tiny"] {{
    min-height: {px(18)}px; max-height: {px(18)}px; font-size: {px(11)}px; padding: 0 {px(6)}px;
    background: transparent; border-color: transparent; color: {p.text2}; border-radius: {px(4)}px;
}}
QPushButton[kind="tiny"]:hover {{ background: {p.sunken}; }}
QPushButton[square="true"] {{ padding: 0; min-width: {px(28)}px; max-width: {px(28)}px; }}
QPushButton[kind="link"] {{
    background: transparent; border: 0; padding: 0; min-height: {px(16)}px; max-height: {px(16)}px; color: {p.accent};
}}
QPushButton[kind="link"]:hover {{ text-decoration: underline; }}
QPushButton::menu-indicator, QToolButton::menu-indicator {{ image: none; width: 0; }}

QLineEdit, QComboBox, QDateEdit, QDateTimeEdit, QTimeEdit, QSpinBox, QDoubleSpinBox {{
    background: {p.surface}; border: 1px solid {p.line}; border-radius: {px(6)}px; padding: 0 {px(8)}px;
    min-height: {px(26)}px; max-height: {px(26)}px;
    selection-background-color: {p.accent_fill}; selection-color: {p.on_fill};
}}
QLineEdit:hover, QComboBox:hover, QDateEdit:hover, QDateTimeEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover,
QPlainTextEdit:hover, QTextEdit:hover {{ border-color: {p.axis}; }}
QLineEdit:disabled, QComboBox:disabled, QDateEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled {{
    background: {p.sunken}; color: {p.text3};
}}
QLineEdit[wrong="true"], QComboBox[wrong="true"], QDateEdit[wrong="true"] {{ border-color: {p.red}; }}
QPlainTextEdit, QTextEdit {{
    background: {p.surface}; border: 1px solid {p.line}; border-radius: {px(6)}px; padding: {px(4)}px;
    selection-background-color: {p.accent_fill}; selection-color: {p.on_fill};
}}
QComboBox::drop-down, QDateEdit::drop-down, QDateTimeEdit::drop-down {{ border: 0; width: {px(22)}px; }}
QComboBox::down-arrow, QDateEdit::down-arrow, QDateTimeEdit::down-arrow {{
    image: url(labmon-icons:caret-down-{ink}.svg); width: {px(12)}px; height: {px(12)}px;
}}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{
    border: 0; width: {px(18)}px; background: transparent;
}}
QAbstractSpinBox::up-arrow {{ image: url(labmon-icons:caret-up-{ink}.svg); width: {px(10)}px; height: {px(10)}px; }}
QAbstractSpinBox::down-arrow {{ image: url(labmon-icons:caret-down-{ink}.svg); width: {px(10)}px; height: {px(10)}px; }}
QComboBox QAbstractItemView {{
    background: {p.surface}; border: 1px solid {p.line}; border-radius: {px(6)}px; padding: {px(4)}px; outline: 0;
    selection-background-color: {p.selected}; selection-color: {p.text};
}}
QComboBox QAbstractItemView::item {{ min-height: {px(26)}px; padding: 0 {px(6)}px; }}

QCheckBox, QRadioButton {{ spacing: {px(8)}px; background: transparent; }}
QCheckBox::indicator, QRadioButton::indicator {{
    width: {px(14)}px; height: {px(14)}px; border: 1px solid {p.axis}; background: {p.surface};
}}
QCheckBox::indicator {{ border-radius: {px(4)}px; }}
QRadioButton::indicator {{ border-radius: {px(7) + 1}px; }}
QCheckBox::indicator:checked {{
    background: {p.accent_fill}; border-color: {p.accent_fill}; image: url(labmon-icons:check-on-fill.svg);
}}
QRadioButton::indicator:checked {{
    background: {p.accent_fill}; border-color: {p.accent_fill}; image: url(labmon-icons:dot-on-fill.svg);
}}
QCheckBox:disabled, QRadioButton:disabled {{ color: {p.text3}; }}

QTableView, QListView, QTreeView {{
    background: {p.surface}; border: 0; outline: 0; gridline-color: {p.line};
    selection-background-color: {p.selected}; selection-color: {p.text}; alternate-background-color: {p.surface};
}}
QHeaderView {{ background: {p.surface}; border: 0; }}
QHeaderView::section {{
    background: {p.surface}; color: {p.text3}; border: 0; border-bottom: 1px solid {p.line};
    font-size: {px(11)}px; font-weight: 500; padding: 0 {px(10)}px; min-height: {px(26)}px;
}}
QTableView[ground="window"], QTableView[ground="window"] QHeaderView,
QTableView[ground="window"] QHeaderView::section {{ background: {p.window}; }}
QTableView[sheet="true"] QHeaderView::section {{
    background: {p.sunken}; border-right: 1px solid {p.line}; padding: 0 {px(8)}px;
}}
QHeaderView::section:first {{ padding-left: {px(16)}px; }}
QHeaderView::section:only-one {{ padding-left: {px(16)}px; }}
QHeaderView::down-arrow {{ image: url(labmon-icons:caret-down-{ink}.svg); width: {px(10)}px; }}
QHeaderView::up-arrow {{ image: url(labmon-icons:caret-up-{ink}.svg); width: {px(10)}px; }}
QTableCornerButton::section {{ background: {p.sunken}; border: 0; }}

QScrollArea {{ background: transparent; border: 0; }}
QScrollBar:vertical {{ background: transparent; width: {px(12)}px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: {px(12)}px; margin: 0; }}
QScrollBar::handle {{ background: {p.axis}; border-radius: {px(3)}px; }}
QScrollBar::handle:vertical {{ min-height: {px(32)}px; margin: {px(3)}px; }}
QScrollBar::handle:horizontal {{ min-width: {px(32)}px; margin: {px(3)}px; }}
QScrollBar::handle:hover {{ background: {p.text3}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QAbstractScrollArea::corner {{ background: transparent; border: 0; }}

QProgressBar {{
    background: {p.line}; border: 0; border-radius: {px(2)}px; min-height: {px(4)}px; max-height: {px(4)}px;
}}
QProgressBar::chunk {{ background: {p.accent_fill}; border-radius: {px(2)}px; }}

QSplitter::handle {{ background: {p.line}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}

QTabWidget::pane {{ border: 0; border-top: 1px solid {p.line}; }}
QTabBar {{ background: transparent; }}
QTabBar::tab {{
    background: transparent; color: {p.text2}; border: 0; border-bottom: 2px solid transparent;
    padding: {px(6)}px {px(12)}px; font-weight: 500;
}}
QTabBar::tab:selected {{ color: {p.accent}; border-bottom-color: {p.accent}; }}
QTabBar::tab:hover:!selected {{ color: {p.text}; }}

QMenu {{ background: {p.surface}; border: 1px solid {p.line}; border-radius: {px(8)}px; padding: {px(4)}px; }}
QMenu::item {{
    padding: {px(5)}px {px(24)}px {px(5)}px {px(10)}px; border-radius: {px(4)}px; background: transparent;
}}
QMenu::item:selected {{ background: {p.selected}; color: {p.text}; }}
QMenu::item:disabled {{ color: {p.text3}; }}
QMenu::separator {{ height: 1px; background: {p.line}; margin: {px(4)}px {px(8)}px; }}
QMenu::indicator {{ width: {px(12)}px; height: {px(12)}px; padding-left: {px(8)}px; }}
QMenu::indicator:checked {{ image: url(labmon-icons:check-{ink}.svg); }}
QMenu::icon {{ padding-left: {px(8)}px; }}
QToolTip {{
    background: {p.surface}; color: {p.text}; border: 1px solid {p.axis}; padding: {px(4)}px {px(6)}px;
    font-size: {px(12)}px;
}}

QFrame[search="true"] {{ background: {p.surface}; border: 1px solid {p.line}; border-radius: {px(6)}px; }}
QFrame[search="true"]:hover {{ border-color: {p.axis}; }}
QFrame[search="true"] QLineEdit {{ border: 0; background: transparent; padding: 0; }}
QFrame[popup="true"] {{ background: {p.surface}; border: 1px solid {p.axis}; border-radius: {px(8)}px; }}
QFrame[popup="true"] QListView {{ background: transparent; }}

QCalendarWidget QWidget {{ background: {p.surface}; alternate-background-color: {p.sunken}; }}
QCalendarWidget QToolButton {{ border: 0; }}
"""


def _mix(one: str, other: str, share: float) -> str:
    """`one` with a share of `other` in it."""
    pairs = zip(
        (int(one[i : i + 2], 16) for i in (1, 3, 5)), (int(other[i : i + 2], 16) for i in (1, 3, 5)), strict=True
    )
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)
