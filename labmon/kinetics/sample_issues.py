"""What is wrong with the samples of a profile that belongs to no study, each issue naming the profile and the day."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from labmon.domain import wording
from labmon.domain.issue import Issue
from labmon.domain.quantity import ValueState
from labmon.kinetics.nca import Sample, evaluable_profile
from labmon.kinetics.timeline import beyond_its_limits


def sample_issues(profile: str, samples: Sequence[Sample]) -> tuple[Issue, ...]:
    """Samples before day 0, quantified on day 0, at one time, or with a value their own limits or state rule out."""
    issues = []
    early = sorted(sample.day for sample in samples if sample.day < 0 and sample.state.is_evaluable)
    if early:
        parameters = {
            "what": f"Profile {profile}",
            "count": f"{len(early)} {'sample' if len(early) == 1 else 'samples'}",
            "days": ", ".join(f"day {wording.decimal_day(day)}" for day in early),
        }
        issues.append(Issue(code="K606", parameters=parameters))
    evaluable = evaluable_profile(samples)
    for sample in evaluable:
        if sample.day == 0 and sample.is_quantified:
            when = "the moment of the infusion"
            issues.append(Issue(code="K605", parameters={"what": f"Profile {profile}", "day": "0", "when": when}))
    for earlier, later in pairwise(evaluable):
        if earlier.day == later.day:
            parameters = {"analyte": f"profile {profile}", "day": wording.decimal_day(later.day)}
            issues.append(Issue(code="K602", parameters=parameters))
    for sample in evaluable:
        if sample.value is None:
            continue
        day = wording.decimal_day(sample.day)
        if sample.state.is_blq and sample.lloq is not None and 0 < sample.lloq <= sample.value:
            issues.append(_above_its_state(f"Profile {profile}", day, sample.value, sample.state, sample.lloq))
        elif sample.contradicts_its_limits:
            issues.append(beyond_its_limits(f"Profile {profile}", day, sample.value, sample.lloq, sample.uloq))
    return tuple(issues)


def _above_its_state(what: str, day: str, value: float, state: ValueState, lloq: float) -> Issue:
    parameters = {
        "what": what,
        "day": day,
        "state": state.value.replace("_", " "),
        "value": wording.number_beside(value, lloq),
        "limit": wording.limit(lloq),
    }
    return Issue(code="K610", parameters=parameters)
