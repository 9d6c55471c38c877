"""The three families of errors: the user can act, we made a mistake, the user changed her mind."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from labmon.domain.issue import Issue, Place, catalogue_entry


class UserError(Exception):
    """Something the person can act on. Carries a code, its parameters and a place; the catalogue holds the sentence."""

    def __init__(self, code: str, /, *, place: Place | None = None, **parameters: object) -> None:
        catalogue_entry(code)  # an unknown code is our mistake and must not reach a person
        self.code = code
        self.place = place
        self.parameters: Mapping[str, object] = MappingProxyType(parameters)
        super().__init__(code, place, parameters)

    @classmethod
    def from_issue(cls, issue: Issue) -> UserError:
        """An issue that stops what was asked for."""
        error = cls(issue.code, place=issue.place)
        error.parameters = issue.parameters
        error.args = (issue.code, issue.place, issue.parameters)
        return error

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.code, self.place, dict(self.parameters))

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place is not None else ""
        return f"{self.code} {where}{catalogue_entry(self.code).sentence(self.parameters)}"


class BugError(Exception):
    """We made a mistake: the crash hook shows it once and says what will be in the report."""


class Cancelled(Exception):  # noqa: N818 - the person changed her mind; that is not an error
    """The person changed her mind; what was finished stays finished."""


def _rebuild(cls: type[UserError], code: str, place: Place | None, parameters: dict[str, object]) -> UserError:
    return cls(code, place=place, **parameters)
