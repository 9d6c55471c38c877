"""Records an eligibility decision, and shows one on record with its frozen snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QButtonGroup, QPlainTextEdit, QRadioButton, QVBoxLayout, QWidget

from labmon.domain.decision import DecisionMeaning
from labmon_ui.dialogs.dialog import Dialog
from labmon_ui.palette import Tone
from labmon_ui.texts import tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.layout import Scrolled
from labmon_ui.widgets.look import Look

_FEW = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionOffer:
    """What the person decides about."""

    patient_code: str
    protocol: str
    standing: str
    """The criteria together: "ready to sign"."""
    criteria: tuple[str, ...]
    """ "A1 met: …", one a criterion."""
    earlier: str
    """The decision whose place this one takes; empty without one."""
    why_not_eligible: str
    """Why "eligible" cannot be chosen; empty when it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionShown:
    """A decision on record."""

    patient_code: str
    text: str
    reason: str
    changes: tuple[str, ...]
    sha256: str
    snapshot: str
    """Indented JSON."""


class DecisionDialog(Dialog):
    """The main button stays off, saying why, until a meaning is chosen and a reason typed."""

    decided = Signal(object, str)
    """A DecisionMeaning and the reason."""

    def __init__(self, look: Look, offer: DecisionOffer, parent: QWidget | None) -> None:
        super().__init__(
            look,
            tr("Record a decision about {patient}", patient=offer.patient_code),
            parent,
            width=620,
            subtitle=tr(
                "{protocol}. The criteria, findings, results and facts of this moment are frozen with it. "
                "This is no signature: signing with your password needs sign-in.",
                protocol=offer.protocol,
            ),
        )
        px = look.theme.px
        self.body.addWidget(Label(tr("As things stand: {what}", what=offer.standing), weight=Weight.STRONG, wrap=True))
        self.body.addWidget(_lines(look, offer.criteria))
        if offer.earlier:
            self.body.addWidget(Label(tr("Takes the place of: {what}", what=offer.earlier), tone=Tone.AMBER, wrap=True))
        self._group = QButtonGroup(self)
        choices = QVBoxLayout()
        choices.setSpacing(px(6))
        self._choices: dict[QRadioButton, DecisionMeaning] = {}
        for meaning in DecisionMeaning:
            choice = QRadioButton(tr(meaning.label).capitalize())
            self._group.addButton(choice)
            self._choices[choice] = meaning
            choices.addWidget(choice)
            if meaning is DecisionMeaning.ELIGIBLE and offer.why_not_eligible:
                choice.setEnabled(False)
                choice.setToolTip(offer.why_not_eligible)
                choices.addWidget(Label(offer.why_not_eligible, size=TextSize.SMALL, tone=Tone.TEXT3, wrap=True))
        self.body.addLayout(choices)
        heading = Label(tr("Reason"), size=TextSize.SMALL, tone=Tone.TEXT3)
        self.reason = QPlainTextEdit()
        self.reason.setFixedHeight(px(64))
        self.reason.setTabChangesFocus(True)
        self.reason.setAccessibleName(tr("Reason"))
        heading.setBuddy(self.reason)
        self.body.addWidget(heading)
        self.body.addWidget(self.reason)
        self._go = Button(look, tr("Record decision"), kind=ButtonKind.PRIMARY)
        self.buttons.insertWidget(0, self._go.reason_label())
        cancel = Button(look, tr("Cancel"), kind=ButtonKind.LARGE)
        cancel.clicked.connect(self.reject)
        self._go.clicked.connect(self._give)
        self.buttons.addWidget(cancel)
        self.buttons.addWidget(self._go)
        self._group.buttonToggled.connect(self._judge)
        self.reason.textChanged.connect(self._judge)
        self._judge()

    @Slot()
    def _judge(self) -> None:
        if self._group.checkedButton() is None:
            self._go.set_disabled_reason(tr("Choose what you decide first."))
        elif not self.reason.toPlainText().strip():
            self._go.set_disabled_reason(tr("Type the reason first."))
        else:
            self._go.set_disabled_reason("")

    @Slot()
    def _give(self) -> None:
        meaning = next(meaning for choice, meaning in self._choices.items() if choice.isChecked())
        self.decided.emit(meaning, " ".join(self.reason.toPlainText().split()))
        self.accept()


class SnapshotDialog(Dialog):
    """A decision as it was frozen; to be read and copied."""

    def __init__(self, look: Look, shown: DecisionShown, parent: QWidget | None) -> None:
        super().__init__(
            look, tr("Decision about {patient}", patient=shown.patient_code), parent, width=760, subtitle=shown.text
        )
        self.body.addWidget(Label(tr("Reason: {reason}", reason=shown.reason), wrap=True, selectable=True))
        if shown.changes:
            self.body.addWidget(Label(tr("Changed since it was taken"), tone=Tone.AMBER, weight=Weight.STRONG))
            self.body.addWidget(_lines(look, shown.changes))
        self.body.addWidget(
            Label(tr("Snapshot, SHA-256 {hash}", hash=shown.sha256), size=TextSize.SMALL, tone=Tone.TEXT3, wrap=True)
        )
        text = QPlainTextEdit(shown.snapshot)
        text.setReadOnly(True)
        text.setAccessibleName(tr("Snapshot"))
        text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        text.setFixedHeight(look.theme.px(320))
        self.body.addWidget(text)
        close = Button(look, tr("Close"), kind=ButtonKind.PRIMARY)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        self.buttons.addWidget(close)


def _lines(look: Look, lines: Sequence[str]) -> QWidget:
    """A line each; more than a few are scrolled, so that the buttons stay on the screen."""
    holder = QWidget()
    holder.setProperty("ground", "surface")
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, look.theme.px(8), 0)
    column.setSpacing(look.theme.px(4))
    for line in lines:
        column.addWidget(Label(f"•  {line}", size=TextSize.SMALL, wrap=True))
    if len(lines) <= _FEW:
        return holder
    scrolled = Scrolled(holder)
    scrolled.setFixedHeight(look.theme.px(230))
    return scrolled
