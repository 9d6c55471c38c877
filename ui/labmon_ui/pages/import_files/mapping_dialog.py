"""Says what names mean, this target that measurand, this sample that specimen; exactly or by a remembered pattern."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from labmon.domain.analyte import Measurand
from labmon.domain.errors import UserError
from labmon.workflow.import_answers import MappingRule, NamePreview, RuleMatch, RuleSubject, preview
from labmon_ui.dialogs.dialog import Dialog
from labmon_ui.palette import Tone
from labmon_ui.texts import error_message, tr
from labmon_ui.theme import TextSize, Weight
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.flat_table import Cell, Column, FlatTable
from labmon_ui.widgets.label import Label
from labmon_ui.widgets.layout import SectionHeader
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.segmented import Segment, Segmented
from labmon_ui.widgets.state_symbol import StateSymbol


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedRule:
    """A rule on record and who made it."""

    rule_id: int
    rule: MappingRule
    recorded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingQuestion:
    """What the dialog starts from: the names of the selected file, what is on record, which name is asked about."""

    samples: tuple[str, ...]
    targets: tuple[str, ...]
    unmapped_samples: tuple[str, ...]
    unmapped_targets: tuple[str, ...]
    specimen_codes: tuple[str, ...]
    rules: tuple[RememberedRule, ...]
    assay_id: str | None
    assay_title: str
    subject: RuleSubject
    name: str


class MappingDialog(Dialog):
    """Above the rule being made with what it would match in this file; below the rules remembered so far."""

    rule_made = Signal(object, object)
    """The MappingRule to remember, and the id of the rule it takes the place of or None."""
    forget_requested = Signal(object)
    """The RememberedRule to take back; a reason is asked for."""

    def __init__(self, look: Look, question: MappingQuestion, parent: QWidget | None) -> None:
        super().__init__(
            look,
            tr("What do these names mean?"),
            parent,
            width=820,
            subtitle=tr("labmon remembers the answer and applies it to every file. No identity is guessed."),
        )
        self._question = question
        self._edited: RememberedRule | None = None
        self._unmapped = {
            RuleSubject.SAMPLE: question.unmapped_samples,
            RuleSubject.TARGET: question.unmapped_targets,
        }
        px = look.theme.px
        self._subject = Segmented(look, current=question.subject.value)
        self._show_counts()
        self._subject.chosen.connect(self._subject_chosen)
        top = QHBoxLayout()
        top.addWidget(self._subject)
        top.addStretch(1)
        self.body.addLayout(top)
        columns = QHBoxLayout()
        columns.setSpacing(px(24))
        columns.addLayout(self._make_form(), 1)
        columns.addLayout(self._make_preview(), 1)
        self.body.addLayout(columns)
        self._rules_header = SectionHeader(look, tr("Remembered"))
        self._edit = Button(look, tr("Edit"), icon="pencil-simple")
        self._edit.clicked.connect(self._edit_selected)
        self._void = Button(look, tr("Take back…"), icon="x")
        self._void.clicked.connect(self._forget_selected)
        self._rules_header.add_action(self._edit)
        self._rules_header.add_action(self._void)
        self.body.addWidget(self._rules_header)
        self.rules = FlatTable(look, _rule_columns(), key=lambda row: row.rule_id, row_height=26, first_padding=8)
        self.rules.setAccessibleName(tr("Remembered mappings"))
        self.rules.setFixedHeight(self.rules.height_of_rows(4))
        self.rules.row_selected.connect(self._rule_selected)
        self.rules.row_activated.connect(self._edit_selected)
        self.body.addWidget(self.rules)
        self._go = Button(look, tr("Remember"), kind=ButtonKind.PRIMARY)
        self._go.clicked.connect(self._remember)
        close = Button(look, tr("Close"), kind=ButtonKind.LARGE)
        close.clicked.connect(self.reject)
        self.buttons.insertWidget(0, self._go.reason_label())
        self.buttons.addWidget(close)
        self.buttons.addWidget(self._go)
        self.show_rules(question.rules)
        self._subject_chosen()
        if question.name:
            self._text.setEditText(question.name)
        self._becomes.setFocus()

    def show_rules(self, rules: tuple[RememberedRule, ...]) -> None:
        """The rules on record, the newest first."""
        self.rules.set_rows(tuple(reversed(rules)))
        self._rules_header.set_detail(tr("{n} rules", n=len(rules)) if rules else tr("nothing yet"))
        self._rule_selected(self.rules.selected_row)

    def fill(self, *, match: RuleMatch, text: str, becomes: str) -> None:
        """Fill the form, as a person does by typing."""
        (self._is_pattern if match is RuleMatch.PATTERN else self._is_exact).setChecked(True)
        self._text.setEditText(text)
        self._becomes.setEditText(becomes)

    def _make_form(self) -> QVBoxLayout:
        px = self.look.theme.px
        form = QVBoxLayout()
        form.setSpacing(px(6))
        self._text_heading = Label(size=TextSize.SMALL, tone=Tone.TEXT3)
        form.addWidget(self._text_heading)
        self._text = _editable_combo()
        form.addWidget(self._text)
        matches = QHBoxLayout()
        matches.setSpacing(px(16))
        self._is_exact = QRadioButton(tr("exactly this name"))
        self._is_pattern = QRadioButton(tr("every name of this pattern"))
        self._matches = QButtonGroup(self)
        for button in (self._is_exact, self._is_pattern):
            self._matches.addButton(button)
            matches.addWidget(button)
        matches.addStretch(1)
        self._is_exact.setChecked(True)
        form.addLayout(matches)
        form.addSpacing(px(6))
        self._becomes_heading = Label(size=TextSize.SMALL, tone=Tone.TEXT3)
        form.addWidget(self._becomes_heading)
        self._becomes = _editable_combo()
        form.addWidget(self._becomes)
        self._hint = Label(size=TextSize.SMALL, tone=Tone.TEXT3, wrap=True)
        form.addWidget(self._hint)
        self._for_assay = QCheckBox(tr("Only for {assay}", assay=self._question.assay_title))
        if self._question.assay_id is None:
            self._for_assay.hide()
        form.addWidget(self._for_assay)
        form.addStretch(1)
        self._text.editTextChanged.connect(self._judge)
        self._becomes.editTextChanged.connect(self._judge)
        self._matches.buttonToggled.connect(self._judge)
        return form

    def _make_preview(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(self.look.theme.px(4))
        self._preview_header = SectionHeader(self.look, tr("In this file"))
        column.addWidget(self._preview_header)
        self.preview = FlatTable(
            self.look, _preview_columns(), key=lambda row: row.name, row_height=24, first_padding=4, has_header=False
        )
        self.preview.setAccessibleName(tr("What the rule makes of the names in this file"))
        self.preview.setMinimumHeight(self.preview.height_of_rows(6))
        column.addWidget(self.preview, 1)
        return column

    def _show_counts(self) -> None:
        words = {RuleSubject.SAMPLE: tr("A sample is a specimen"), RuleSubject.TARGET: tr("A target is measured")}
        self._subject.set_segments(
            tuple(Segment(subject.value, word, len(self._unmapped[subject])) for subject, word in words.items())
        )

    @property
    def subject(self) -> RuleSubject:
        return RuleSubject(self._subject.current)

    @Slot()
    def _subject_chosen(self) -> None:
        question = self._question
        is_sample = self.subject is RuleSubject.SAMPLE
        unmapped = self._unmapped[self.subject]
        choices = question.specimen_codes if is_sample else tuple(m.value for m in Measurand)
        self._text_heading.setText(tr("Sample name in the file") if is_sample else tr("Target name in the file"))
        self._becomes_heading.setText(tr("is the specimen") if is_sample else tr("is the measurand"))
        for combo, values, heading in (
            (self._text, unmapped, self._text_heading),
            (self._becomes, choices, self._becomes_heading),
        ):
            combo.clear()
            combo.addItems(list(values))
            combo.setAccessibleName(heading.text())
        self._text.setEditText(unmapped[0] if unmapped else "")
        self._becomes.setEditText("")
        self._judge()

    def _rule(self) -> MappingRule:
        """The rule of the form. Raises UserError when it cannot be used."""
        return MappingRule(
            subject=self.subject,
            match=RuleMatch.PATTERN if self._is_pattern.isChecked() else RuleMatch.EXACT,
            text=self._text.currentText().strip(),
            becomes=self._becomes.currentText().strip(),
            assay_id=self._question.assay_id if self._for_assay.isChecked() else None,
        )

    @Slot()
    def _judge(self) -> None:
        is_sample = self.subject is RuleSubject.SAMPLE
        if self._is_pattern.isChecked():
            self._hint.setText(
                tr("Named groups such as (?P<p>\\w+)_d(?P<day>\\d+) may be used: {p}-D{day:03d}-PB")
                if is_sample
                else tr("A regular expression over the whole name, upper and lower case alike.")
            )
        else:
            self._hint.setText(tr("Upper and lower case are alike."))
        names = self._question.samples if is_sample else self._question.targets
        reason, rows = "", tuple(NamePreview(name=name, becomes=None, is_on_record=False) for name in names)
        if not self._text.currentText().strip() or not self._becomes.currentText().strip():
            reason = tr("Say what the name is and what it becomes.")
        else:
            try:
                rule = self._rule()
            except UserError as error:
                message = error_message(error, "")
                reason = message.what
            else:
                rows = preview(rule, names, self._question.specimen_codes)
                absent = next((row for row in rows if row.becomes is not None and not row.is_on_record), None)
                if is_sample and rule.match is RuleMatch.EXACT and rule.becomes not in self._question.specimen_codes:
                    reason = tr("{code} is not on record.", code=rule.becomes)
                elif absent is not None and not any(row.is_on_record for row in rows if row.becomes):
                    reason = tr("{code} is not on record.", code=absent.becomes or "")
        self._go.set_disabled_reason(reason)
        self._show_preview(rows)

    def _show_preview(self, rows: Sequence[NamePreview]) -> None:
        found = sum(row.becomes is not None and row.is_on_record for row in rows)
        self._preview_header.set_detail(tr("{n} of {all} names matched", n=found, all=len(rows)))
        self.preview.set_rows(tuple(sorted(rows, key=lambda row: (row.becomes is None, row.name))))

    @Slot()
    def _remember(self) -> None:
        replaced = self._edited.rule_id if self._edited is not None else None
        rule = self._rule()
        self._edited = None
        self._go.setText(tr("Remember"))
        self.rule_made.emit(rule, replaced)
        self._unmapped = {
            subject: tuple(name for name in names if subject is not rule.subject or rule.apply(name) is None)
            for subject, names in self._unmapped.items()
        }
        if not any(self._unmapped.values()):
            self.accept()
            return
        self._show_counts()
        self._subject_chosen()

    @Slot(object)
    def _rule_selected(self, row: RememberedRule | None) -> None:
        for button in (self._edit, self._void):
            button.setEnabled(row is not None)

    @Slot()
    def _edit_selected(self) -> None:
        row: RememberedRule | None = self.rules.selected_row
        if row is None:
            return
        if self.subject is not row.rule.subject:
            self._subject.set_current(row.rule.subject.value)
            self._subject_chosen()
        self._edited = row
        self._for_assay.setChecked(row.rule.assay_id is not None)
        self.fill(match=row.rule.match, text=row.rule.text, becomes=row.rule.becomes)
        self._go.setText(tr("Replace rule"))

    @Slot()
    def _forget_selected(self) -> None:
        if self.rules.selected_row is not None:
            self.forget_requested.emit(self.rules.selected_row)


def _editable_combo() -> QComboBox:
    combo = QComboBox()
    combo.setEditable(True)
    combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return combo


def _rule_columns() -> tuple[Column[RememberedRule], ...]:
    return (
        Column(title=tr("What"), cell=lambda r: Cell(text=tr(r.rule.subject.value)), width=80, size=TextSize.SMALL),
        Column(
            title=tr("Name or pattern"),
            cell=lambda r: Cell(text=r.rule.text, weight=Weight.MEDIUM, detail=_match_words(r), tooltip=r.rule.text),
            size=TextSize.SMALL,
        ),
        Column(
            title=tr("Means"),
            cell=lambda r: Cell(text=r.rule.becomes, tooltip=r.rule.becomes),
            width=200,
            least=120,
            size=TextSize.SMALL,
        ),
        Column(
            title=tr("Said by"),
            cell=lambda r: Cell(text=r.recorded_by, tone=Tone.TEXT2),
            width=110,
            size=TextSize.SMALL,
        ),
    )


def _match_words(row: RememberedRule) -> str:
    words = tr("pattern") if row.rule.match is RuleMatch.PATTERN else ""
    return " · ".join(filter(None, (words, row.rule.assay_id or "")))


def _preview_columns() -> tuple[Column[NamePreview], ...]:
    return (
        Column(title=tr("Name"), cell=lambda row: Cell(text=row.name, tooltip=row.name), size=TextSize.SMALL),
        Column(title=tr("Becomes"), cell=_becomes_cell, width=220, least=140, size=TextSize.SMALL),
    )


def _becomes_cell(row: NamePreview) -> Cell:
    if row.becomes is None:
        return Cell(text=tr("not matched"), tone=Tone.TEXT3)
    if row.is_on_record:
        return Cell(text=row.becomes, symbol=StateSymbol.READY, weight=Weight.STRONG)
    return Cell(text=row.becomes, symbol=StateSymbol.MISSING, tone=Tone.TEXT2, detail=tr("not on record"))
