"""The bar at the bottom: where the records live, which jobs run, when they were last backed up."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar

from labmon_ui.palette import Tone
from labmon_ui.tasks import Task, Tasks
from labmon_ui.texts import tr, tr_count
from labmon_ui.theme import TextSize
from labmon_ui.widgets.button import Button, ButtonKind
from labmon_ui.widgets.label import ElidedLabel
from labmon_ui.widgets.look import Look
from labmon_ui.widgets.state_page import IconView


class StatusBar(QFrame):
    """26 px. Shows the oldest running job with its progress and a way to cancel it, and how many wait behind."""

    def __init__(self, look: Look, tasks: Tasks) -> None:
        super().__init__()
        self._look = look
        self._tasks = tasks
        self._shown: Task | None = None
        self.setProperty("ground", "window")
        self.setProperty("edge", "top")
        row = QHBoxLayout(self)
        row.setContentsMargins(look.theme.px(16), 0, look.theme.px(16), 0)
        row.setSpacing(look.theme.px(5))
        row.addWidget(IconView(look, "database", pixels=13))
        self._records = ElidedLabel(size=TextSize.TINY, tone=Tone.TEXT3)
        row.addWidget(self._records)
        row.addSpacing(look.theme.px(19))
        self._job_icon = IconView(look, "check", pixels=13)
        row.addWidget(self._job_icon)
        self._job = ElidedLabel(tr("No jobs running"), size=TextSize.TINY, tone=Tone.TEXT3)
        row.addWidget(self._job)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress of the running job"))
        row.addWidget(self._bar)
        self._percent = ElidedLabel(size=TextSize.TINY, tone=Tone.TEXT3)
        row.addWidget(self._percent)
        self._cancel = Button(look, tr("Cancel"), icon="x", kind=ButtonKind.TINY)
        self._cancel.clicked.connect(self.cancel_shown)
        row.addWidget(self._cancel)
        row.addStretch(1)
        # Jobs of a few milliseconds would make the bar flicker: a job is shown once it lasts.
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(200)
        self._patience.timeout.connect(self._show_jobs)
        tasks.started.connect(self._job_started)
        tasks.progressed.connect(self._job_progressed)
        tasks.ended.connect(self._job_ended)
        self._show_jobs()
        self._rescale()
        look.theme.changed.connect(self._rescale)

    def show_records(self, text: str) -> None:
        """ "Demo records · local file · SQLite 3.51.3"."""
        self._records.setText(text)

    @Slot()
    def cancel_shown(self) -> None:
        if self._shown is not None:
            self._shown.cancel()
            self._show_jobs()

    @Slot(object)
    def _job_started(self, _task: Task) -> None:
        if self._shown is None:
            self._patience.start()

    @Slot(object)
    def _job_progressed(self, task: Task) -> None:
        if task is self._shown:
            self._show_jobs()

    @Slot(object)
    def _job_ended(self, task: Task) -> None:
        if task is self._shown or not self._tasks.running:
            self._show_jobs()

    @Slot()
    def _show_jobs(self) -> None:
        running = self._tasks.running
        task = self._shown = running[0] if running else None
        self._bar.setVisible(task is not None)
        self._percent.setVisible(task is not None and task.fraction is not None)
        self._cancel.setVisible(task is not None and task.can_cancel)
        self._job_icon.set_icon("hourglass" if task else "check")
        if task is None:
            self._job.setText(tr("No jobs running"))
            return
        text = tr("Stopping: {job}", job=task.label) if task.is_cancelled else task.text or task.label
        if len(running) > 1:
            text += " · " + tr_count(len(running) - 1, "{n} more waits", "{n} more wait")
        self._job.setText(text)
        self._bar.setRange(0, 0 if task.fraction is None else 1000)
        if task.fraction is not None:
            self._bar.setValue(round(task.fraction * 1000))
            self._percent.setText(f"{task.fraction * 100:.0f}\u00a0%")
        self._cancel.setEnabled(not task.is_cancelled)

    @Slot()
    def _rescale(self) -> None:
        px = self._look.theme.px
        self.setFixedHeight(px(26))
        self._bar.setFixedWidth(px(90))
