"""The response of a patient by a rule set: a category from dated observations, and what blocks a better one.

Three-valued throughout. A category is called when everything it asks is known and holds. One that could still hold if a
missing datum were known is never called and never denied: it caps the call, and the datum is named.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from labmon.criteria.limit import Limit
from labmon.domain import wording
from labmon.domain.clinical import ResponseCategory
from labmon.trial.observations import Measured, Observations, latest
from labmon.trial.response_rules import CategoryRule, CountsNeeded, ResponseRuleSet

BOUNDARY = "boundary_value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """An observation the call rests on, with its age on the day of the call."""

    what: str
    text: str
    on: date
    age_days: int
    result_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseCall:
    """The category of one rule set on one day."""

    category: ResponseCategory
    rule_set: str
    rule_version: str
    on: date
    used: tuple[Used, ...]
    missing: tuple[str, ...] = ()
    """What would have to be known before a better category could be called."""
    at_best: ResponseCategory | None = None
    """The best category that what is missing leaves open."""
    cautions: tuple[str, ...] = ()
    sustained: bool | None = None
    """Whether it lasted as long as the set asks; None where it asks nothing."""
    sustained_from: date | None = None
    """The first day on which a repeated assessment shows that it lasted."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One condition of a category: does it hold, or what is missing."""

    holds: bool | None
    missing: str = ""
    is_count: bool = False
    equals: str = ""
    """The count equals its limit, in words."""


@dataclass(frozen=True, slots=True)
class _Day:
    """What is known on one day, no older than the set allows."""

    observations: Observations
    rules: ResponseRuleSet
    on: date

    def marrow(self) -> Measured | None:
        found = latest(self.observations.marrow, self.on, self.rules.marrow_max_age)
        return found if found is not None and found.on > self.observations.infused_on else None

    def count(self, series: tuple[Measured, ...]) -> Measured | None:
        return latest(series, self.on, self.rules.counts_max_age)

    def emd_is_present(self) -> bool | None:
        seen = latest(self.observations.emd, self.on, self.rules.marrow_max_age)
        return None if seen is None or seen.on <= self.observations.infused_on else seen.is_present

    def used(self) -> tuple[Used, ...]:
        observed = self.observations
        found: list[Used] = []

        def note(what: str, text: str, on: date, result_id: int | None = None) -> None:
            found.append(Used(what=what, text=text, on=on, age_days=(self.on - on).days, result_id=result_id))

        if (marrow := self.marrow()) is not None:
            note("marrow blasts", _pct(marrow.value), marrow.on)
        if (baseline := observed.baseline_blasts) is not None:
            note("baseline marrow blasts", _pct(baseline.value), baseline.on)
        for what, series in (("ANC", observed.anc), ("platelets", observed.platelets)):
            if (count := self.count(series)) is not None:
                note(what, f"{wording.limit(count.value)}{wording.NO_BREAK_SPACE}10⁹/L", count.on)
        if (blood := self.count(observed.blood_blasts)) is not None:
            note("blood blasts", _pct(blood.value), blood.on)
        emd = latest(observed.emd, self.on, self.rules.marrow_max_age)
        if emd is not None and emd.on > observed.infused_on:
            note("extramedullary disease", "present" if emd.is_present else "absent", emd.on)
        for mrd in observed.mrd:
            if mrd.on == _last_mrd_day(self):
                note(f"MRD ({mrd.method.value})", wording.quantity(mrd.quantity), mrd.on, mrd.result_id)
        return tuple(found)


def _pct(value: float) -> str:
    return f"{wording.limit(value)}{wording.NO_BREAK_SPACE}%"


def respond(observations: Observations, rules: ResponseRuleSet, on: date) -> ResponseCall:
    """The category on one day by itself; relapse needs the days before, see `course_of_response`."""
    day = _Day(observations, rules, on)
    missing: list[str] = []
    at_best: ResponseCategory | None = None
    for rule in rules.categories:
        asked = _conditions(rule, day)
        if any(each.holds is False for each in asked):
            if rule.category is rules.boundary and (called := _at_the_boundary(day, rule)) is not None:
                return called
            continue
        unknown = tuple(each.missing for each in asked if each.holds is None)
        if not unknown:
            return _called(rule.category, day, rule, missing, at_best)
        missing += unknown
        at_best = at_best or rule.category
    category = ResponseCategory.NOT_EVALUABLE if at_best else ResponseCategory.NO_RESPONSE
    return _called(category, day, None, missing, at_best)


def course_of_response(observations: Observations, rules: ResponseRuleSet) -> tuple[ResponseCall, ...]:
    """A call on every day something was looked at, in order: relapse after remission, and what lasted long enough."""
    calls: list[ResponseCall] = []
    remitted = responded = False
    for on in observations.days_to_judge():
        call = respond(observations, rules, on)
        call = _relapsed(call, observations, rules, remitted=remitted, responded=responded)
        calls.append(call)
        remitted = remitted or call.category in rules.remissions
        responded = responded or call.category is ResponseCategory.PR
    return tuple(_lasting(call, calls, rules) for call in calls)


def side_by_side(
    observations: Observations, rule_sets: Iterable[ResponseRuleSet], on: date
) -> tuple[ResponseCall, ...]:
    """What each set says on one day, with what went before; in the order of the sets."""
    found = []
    for rules in rule_sets:
        earlier = [call for call in course_of_response(observations, rules) if call.on <= on]
        if earlier and earlier[-1].on == on:
            found.append(earlier[-1])
            continue
        call = respond(observations, rules, on)
        remitted = any(each.category in rules.remissions for each in earlier)
        responded = any(each.category is ResponseCategory.PR for each in earlier)
        found.append(_relapsed(call, observations, rules, remitted=remitted, responded=responded))
    return tuple(found)


# --- conditions -------------------------------------------------------------------------------------------------------


def _conditions(rule: CategoryRule, day: _Day) -> list[_Asked]:
    asked = [*_of_marrow(rule, day), *_of_disease(rule, day), *_of_counts(rule, day), *_of_mrd(rule, day)]
    if rule.is_undefined:
        asked.append(_Asked(None, f"the protocol's definition of {rule.category}"))
    if rule.transfusion_free is not None:
        near = day.observations.transfused(rule.transfusions, day.on, rule.transfusion_free)
        asked.append(_Asked(near is None))
    return asked


def _of_marrow(rule: CategoryRule, day: _Day) -> list[_Asked]:
    marrow = day.marrow()
    asked = [
        _Asked(None, _absent("marrow", day.rules.marrow_max_age))
        if marrow is None
        else _Asked(limit.holds(marrow.value))
        for limit in (rule.blasts, rule.blasts_from)
        if limit is not None
    ]
    if rule.fall is not None:
        baseline = day.observations.baseline_blasts
        if baseline is None:
            asked.append(_Asked(None, "marrow before the infusion"))
        elif marrow is not None:
            fallen = 100 * (baseline.value - marrow.value) / baseline.value if baseline.value else 0.0
            asked.append(_Asked(rule.fall.holds(fallen)))
    return asked


def _of_disease(rule: CategoryRule, day: _Day) -> list[_Asked]:
    asked = []
    if rule.no_emd:
        present = day.emd_is_present()
        asked.append(_Asked(None, "extramedullary status") if present is None else _Asked(not present))
    if rule.no_blood_blasts:
        blood = day.count(day.observations.blood_blasts)
        missing = _absent("blood blasts", day.rules.counts_max_age)
        asked.append(_Asked(None, missing) if blood is None else _Asked(blood.value == 0))
    return asked


def _of_counts(rule: CategoryRule, day: _Day) -> list[_Asked]:
    counts = []
    for name, series, limit in (
        ("ANC", day.observations.anc, rule.anc),
        ("platelets", day.observations.platelets, rule.platelets),
    ):
        if limit is None:
            continue
        count = day.count(series)
        if count is None:
            counts.append(_Asked(None, _absent(name, day.rules.counts_max_age), is_count=True))
            continue
        equal = math.isclose(count.value, limit.value, rel_tol=1e-9)
        counts.append(
            _Asked(limit.holds(count.value), is_count=True, equals=f"{name} is exactly {limit.amount}" if equal else "")
        )
    if rule.counts is CountsNeeded.ALL or not counts:
        return counts
    if any(each.holds for each in counts):
        return [_Asked(True, is_count=True)]
    return [each for each in counts if each.holds is None] or [_Asked(False, is_count=True)]


def _of_mrd(rule: CategoryRule, day: _Day) -> list[_Asked]:
    """Only of a result that is there; a signal that cannot be placed against the limit denies nothing."""
    if rule.mrd is None:
        return []
    of_day = [mrd for mrd in day.observations.mrd if mrd.on == _last_mrd_day(day)]
    return [_Asked(False) for mrd in of_day if rule.mrd.holds_for(mrd.quantity) is False]


def _last_mrd_day(day: _Day) -> date | None:
    """The day of the last MRD result after the infusion that is not too old."""
    last = latest(day.observations.mrd, day.on, day.rules.marrow_max_age)
    return last.on if last is not None and last.on > day.observations.infused_on else None


def _absent(what: str, max_age: Limit) -> str:
    return f"{what} of the last {max_age.amount}"


# --- what follows from the conditions ---------------------------------------------------------------------------------


def _called(
    category: ResponseCategory,
    day: _Day,
    rule: CategoryRule | None,
    missing: list[str],
    at_best: ResponseCategory | None,
) -> ResponseCall:
    cautions = list(rule.notes) if rule is not None else []
    if rule is not None and rule.transfusion_free is not None:
        products = " or ".join(product.label for product in rule.transfusions)
        cautions.append(
            f"no {products} transfusion on record within {rule.transfusion_free.amount}; the list is taken as complete"
        )
    if rule is not None and rule.status.value == "U":
        cautions.append(f"the definition of {category} is unverified ({rule.source})")
    return ResponseCall(
        category=category,
        rule_set=day.rules.id,
        rule_version=day.rules.version,
        on=day.on,
        used=day.used(),
        missing=tuple(dict.fromkeys(missing)),
        at_best=at_best,
        cautions=tuple(cautions),
    )


def _at_the_boundary(day: _Day, boundary: CategoryRule) -> ResponseCall | None:
    """A count that equals its limit leaves no literal category: the set's own choice is called, with a note."""
    better = day.rules.categories[: day.rules.categories.index(boundary)]
    for rule in better:
        failed = [each for each in _conditions(rule, day) if not each.holds]
        if failed and all(each.is_count and each.equals for each in failed):
            said = "; ".join(each.equals for each in failed)
            call = _called(boundary.category, day, boundary, [], None)
            return replace(call, cautions=(f"{BOUNDARY}: {said}; neither > nor < holds", *call.cautions))
    return None


def _relapsed(
    call: ResponseCall, observations: Observations, rules: ResponseRuleSet, *, remitted: bool, responded: bool
) -> ResponseCall:
    """The call, or relapse or progression where the set defines it and what went before allows it."""
    day = _Day(observations, rules, call.on)
    marrow, emd = day.marrow(), day.emd_is_present()
    if rules.relapse is not None and (remitted or responded):
        limit = rules.relapse.marrow if remitted else rules.relapse.after_pr
        if (marrow is not None and limit.holds(marrow.value)) or (remitted and emd):
            return replace(call, category=ResponseCategory.RELAPSE, missing=(), at_best=None, cautions=())
    if rules.progression is not None and call.category is ResponseCategory.NO_RESPONSE and not remitted:
        had_emd = any(each.is_present for each in observations.emd if each.on <= observations.infused_on)
        rise = _rise(marrow, observations.baseline_blasts)
        if (rise is not None and rules.progression.rise.holds(rise)) or (emd and not had_emd):
            return replace(call, category=ResponseCategory.PROGRESSION)
    if remitted and rules.relapse is None and call.category is ResponseCategory.NO_RESPONSE:
        return replace(call, cautions=(*call.cautions, "after a remission; this set does not define relapse"))
    return call


def _rise(marrow: Measured | None, baseline: Measured | None) -> float | None:
    """By how many per cent of the baseline the blasts rose."""
    if marrow is None or baseline is None or baseline.value == 0:
        return None
    return 100 * (marrow.value - baseline.value) / baseline.value


def _lasting(call: ResponseCall, calls: list[ResponseCall], rules: ResponseRuleSet) -> ResponseCall:
    """Whether a category that must last did so: a later call at least as good, and nothing worse in between."""
    ranked = [rule.category for rule in rules.categories]
    if call.category not in ranked:
        return call
    asked = rules.categories[ranked.index(call.category)].sustained
    if asked is None:
        return call
    due = call.on + timedelta(days=asked.days)
    for later in calls:
        if later.on <= call.on or later.category is ResponseCategory.NOT_EVALUABLE:
            continue
        if later.category not in ranked or ranked.index(later.category) > ranked.index(call.category):
            break
        if later.on >= due:
            return replace(call, sustained=True, sustained_from=later.on)
    words = f"the same or better from {due.isoformat()} on"
    return replace(call, sustained=False, sustained_from=due, missing=(*call.missing, words))
