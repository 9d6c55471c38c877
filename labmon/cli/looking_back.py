"""The two ways to look at an earlier time: by the day of collection, and by what was on record at a moment."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime, time


def add_looking_back(parser: argparse.ArgumentParser) -> None:
    """Add --as-of and --known-on."""
    parser.add_argument(
        "--as-of",
        type=date.fromisoformat,
        metavar="DATE",
        help="leave out what is dated after this day (YYYY-MM-DD)",
    )
    parser.add_argument(
        "--known-on",
        type=_moment,
        metavar="ISO-DATETIME",
        help="use only what was on record at this moment (YYYY-MM-DD: the end of that day; without a zone: local time)",
    )


def _moment(text: str) -> datetime:
    """A day means its end; a time without a zone is the site's."""
    moment = datetime.fromisoformat(text)
    if len(text) == len("2026-03-01"):
        moment = datetime.combine(moment.date(), time.max)
    return moment.astimezone(UTC)
