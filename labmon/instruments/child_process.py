"""The guarded process itself: opens one file under a memory and a time limit, answers once, and ends.

Started by `child.IsolatedReader` as `python -m labmon.instruments.child_process`; the question is one line on stdin,
the answer all of stdout. Whatever goes wrong here ends this process only.
"""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from pathlib import Path
from types import TracebackType

from labmon.domain.errors import UserError
from labmon.instruments import wire
from labmon.instruments.formats import FORMATS
from labmon.instruments.original import original_part
from labmon.instruments.read_file import read_path
from labmon.instruments.source import Source

MEMORY_LIMIT = 3 << 30
CPU_SECONDS = 20


def main() -> None:
    """Prepare, wait for the one question, answer it."""
    gc.disable()  # one file, then the end: nothing is worth collecting
    answer_to = _claim_stdout()
    _set_limits()
    _set_last_words(answer_to)
    _load_ahead()
    question = sys.stdin.buffer.readline()
    if not question:
        return  # the parent closed this spare process, or is gone
    path, wanted = wire.question_from_json(question)
    try:
        if isinstance(wanted, wire.OriginalAt):
            answer = wire.original_to_json(original_part(Source.from_path(Path(path)), wanted.place))
        else:
            answer = wire.reading_to_json(read_path(Path(path), wanted))
    except UserError as refusal:
        answer = wire.refusal_to_json(refusal)
    _send(answer_to, answer)


def _claim_stdout() -> int:
    """Keep stdout for the answer; whatever a library prints goes nowhere."""
    answer_to = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answer_to


def _set_limits() -> None:
    try:
        import resource
    except ImportError:  # Windows has none of this: there the parent's clock is the limit
        return
    for limit, wanted in (
        (resource.RLIMIT_AS, MEMORY_LIMIT),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),  # a core dump would hold the file's content
    ):
        _, hard = resource.getrlimit(limit)
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(limit, (allowed, hard))


def _set_last_words(answer_to: int) -> None:
    """Let a mistake of ours end the process with its kind and place: no content of the file, no trace of a parser."""

    def last_words(kind: type[BaseException], _: BaseException, trace: TracebackType | None) -> None:
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = ""
        if trace is not None:
            where = f" in {Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno}"
        _send(answer_to, wire.failure_to_json(f"{kind.__name__}{where}"))

    sys.excepthook = last_words


def _load_ahead() -> None:
    """Import what reading will need, while nobody waits yet."""
    for name in ("python_calamine", "labmon.instruments.workbook"):
        import_module(name)
    for each in FORMATS.values():
        for dotted in (each.claimed_by, each.read_by):
            import_module(dotted.partition(":")[0])


def _send(answer_to: int, answer: bytes) -> None:
    with os.fdopen(answer_to, "wb") as stream:
        stream.write(answer)


if __name__ == "__main__":
    main()
