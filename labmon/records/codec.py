"""The parts of a result or run that the record keeps as canonical JSON, there and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from labmon.domain.issue import Issue, Place
from labmon.domain.result import Provenance
from labmon.domain.run import CheckOutcome, CurvePoint, RunCheck, StandardCurve


def canonical(value: object) -> str:
    """One spelling for one value: sorted keys, no spaces, NaN refused."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def place_to_plain(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    plain = {
        "sheet": place.sheet,
        "row": place.row,
        "column": place.column,
        "heading": place.heading,
        "element": place.element,
    }
    return {name: value for name, value in plain.items() if value is not None}


def place_from_plain(plain: Mapping[str, Any] | None) -> Place | None:
    return None if plain is None else Place(**plain)


def issues_to_json(issues: Iterable[Issue]) -> str:
    return canonical(
        [
            {
                "code": issue.code,
                "place": place_to_plain(issue.place),
                "parameters": {name: _plain(value) for name, value in issue.parameters.items()},
            }
            for issue in issues
        ]
    )


def issues_from_json(text: str) -> tuple[Issue, ...]:
    return tuple(
        Issue(code=item["code"], place=place_from_plain(item["place"]), parameters=item["parameters"])
        for item in json.loads(text)
    )


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def provenance_to_json(provenance: Iterable[Provenance]) -> str:
    return canonical(
        [
            {"sha256": p.file_sha256, "name": p.file_name, "place": place_to_plain(p.place), "raw": p.raw}
            for p in provenance
        ]
    )


def provenance_from_json(text: str) -> tuple[Provenance, ...]:
    return tuple(
        Provenance(file_sha256=p["sha256"], file_name=p["name"], place=Place(**p["place"]), raw=p["raw"])
        for p in json.loads(text)
    )


def checks_to_json(checks: Iterable[RunCheck]) -> str:
    return canonical(
        [
            {
                "check_id": c.check_id,
                "title": c.title,
                "observed": c.observed,
                "limit": c.limit,
                "outcome": c.outcome.value,
                "source": c.source,
            }
            for c in checks
        ]
    )


def checks_from_json(text: str) -> tuple[RunCheck, ...]:
    return tuple(RunCheck(**{**item, "outcome": CheckOutcome(item["outcome"])}) for item in json.loads(text))


def curve_to_json(curve: StandardCurve | None) -> str | None:
    if curve is None:
        return None
    return canonical(
        {
            "slope": curve.slope,
            "intercept": curve.intercept,
            "r_squared": curve.r_squared,
            "efficiency_pct": curve.efficiency_pct,
            "n_standards": curve.n_standards,
            "points": [[p.copies, p.cq, p.is_standard] for p in curve.points],
        }
    )


def curve_from_json(text: str | None) -> StandardCurve | None:
    if text is None:
        return None
    plain = json.loads(text)
    points = tuple(CurvePoint(copies=c, cq=cq, is_standard=s) for c, cq, s in plain.pop("points"))
    return StandardCurve(**plain, points=points)
