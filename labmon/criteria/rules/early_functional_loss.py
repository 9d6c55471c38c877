"""Early functional loss (R6, labmon's own definition): loss inside the window, in the right product, no relapse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from labmon.criteria.answer import Obstacle, answer, cannot_say
from labmon.criteria.applicability import product_obstacle
from labmon.criteria.case import Case
from labmon.criteria.closing import nothing_more_comes
from labmon.criteria.relapse import disease_around, mrd_question, relapse_of
from labmon.criteria.rule_kinds import BCellRecoveryRule, EarlyFunctionalLossRule
from labmon.criteria.standing import Standing, is_undecided, last_day, on_day, standing_of, straddling, unwatched
from labmon.domain import wording
from labmon.domain.finding import Evidence, Finding, FlagState, Threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    finding: Finding
    standing: Standing
    is_required: bool

    @property
    def first_day(self) -> int:
        assert self.finding.bracket_right_day is not None  # asked only of a part that has a bracket
        return round(self.finding.bracket_right_day)


def judge(
    case: Case, rule: EarlyFunctionalLossRule, findings: Mapping[str, Finding], contradicted: Mapping[str, str]
) -> Finding:
    """`findings`: those of the rules it names, by id. `contradicted`: rule id to the discordance against it."""
    obstacle = product_obstacle(case)
    if obstacle is not None:
        return cannot_say(case, rule, obstacle, thresholds=_thresholds(case))
    parts = tuple(_part(case, rule, findings[name]) for name in rule.any_of)
    relapse = relapse_of(case, rule, findings)
    if relapse is not None:
        return answer(
            case,
            rule,
            FlagState.NOT_MET,
            f"{_capital(relapse.text)} on {wording.day(relapse.day or 0)}: the rule asks for loss without relapse.",
            evidence=(relapse,),
            thresholds=_thresholds(case),
            has_window=True,
        )
    disputed = [p for p in parts if _is_disputed(p, contradicted)]
    suspect = _set_aside(case, parts, disputed)
    disputed = [p for p in disputed if p not in suspect]
    if disputed:
        return _conflict(case, rule, disputed, contradicted)
    finding = _judge_undisputed(case, rule, parts, findings)
    if not suspect:
        return finding
    beside = tuple(f"set aside: {p.finding.title}, {_lower(p.finding.sentence.removesuffix('.'))}" for p in suspect)
    return replace(finding, cautions=(*finding.cautions, *beside))


def _judge_undisputed(
    case: Case, rule: EarlyFunctionalLossRule, parts: tuple[_Part, ...], findings: Mapping[str, Finding]
) -> Finding:
    lost = sorted((p for p in parts if p.standing is Standing.LOST_INSIDE), key=lambda p: p.first_day)
    if lost:
        return _lost(case, rule, lost, findings)
    for standing, make in (
        (Standing.UNCONFIRMED, _unconfirmed),
        (Standing.HELD, _held),
        (Standing.STRADDLES, _straddles),
    ):
        concerned = [p for p in parts if p.standing is standing]
        if concerned:
            return make(case, rule, concerned, findings)
    unknown = [p for p in parts if p.standing is Standing.UNKNOWN and (p.is_required or is_undecided(p.finding))]
    if unknown:
        return _unknown(case, rule, unknown)
    return _not_lost(case, rule, parts)


def _part(case: Case, rule: EarlyFunctionalLossRule, finding: Finding) -> _Part:
    return _Part(finding=finding, standing=standing_of(case, finding), is_required=finding.rule_id in rule.required)


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"


def _lower(text: str) -> str:
    """The text inside a sentence; "B-cell" and "MRD" keep their capitals."""
    return f"{text[0].lower()}{text[1:]}" if text[1:2].islower() else text


def _is_disputed(part: _Part, contradicted: Mapping[str, str]) -> bool:
    if part.standing is Standing.CONFLICT:
        return True
    return part.finding.rule_id in contradicted and part.standing in (Standing.LOST_INSIDE, Standing.UNCONFIRMED)


def _set_aside(case: Case, parts: tuple[_Part, ...], disputed: list[_Part]) -> list[_Part]:
    """B cells that may be blasts put no loss in question that other evidence shows: MRD neither fires nor blocks."""
    speaks = (Standing.LOST_INSIDE, Standing.UNCONFIRMED)
    if not any(part.standing in speaks and part not in disputed for part in parts):
        return []
    return [
        part
        for part in disputed
        if part.standing is Standing.CONFLICT
        and isinstance(case.protocol.rule(part.finding.rule_id), BCellRecoveryRule)
    ]


def _lost(case: Case, rule: EarlyFunctionalLossRule, lost: list[_Part], findings: Mapping[str, Finding]) -> Finding:
    leading = lost[0]
    disease = disease_around(case, on_day(case, leading.first_day))
    end = case.window_end_day
    what = f"{_lower(leading.finding.title)} on {wording.day(leading.first_day)}"
    what = f"{what} lies inside the window, which ends on {wording.day(end)}"
    evidence = (*_evidence(lost), *disease.evidence, _product(case))
    cautions = (*_cautions(lost), *mrd_question(case, rule, findings))
    if disease.missing:
        obstacle = Obstacle(
            sentence=f"{_capital(what)}, but {disease.stale}: freedom from relapse is not shown.",
            missing=disease.missing,
        )
        finding = cannot_say(case, rule, obstacle, evidence=evidence, thresholds=_thresholds(case), cautions=cautions)
        return _with_bracket(
            finding, leading, case, ((FlagState.MET, "marrow and extramedullary status without disease"),)
        )
    if disease.signs:
        return answer(
            case,
            rule,
            FlagState.CONFLICT,
            f"{_capital(what)}, but {disease.signs} and no relapse is recorded: a person decides.",
            evidence=evidence,
            thresholds=_thresholds(case),
            missing=("a person's decision: relapse or not",),
            would_change=(
                (FlagState.NOT_MET, "a relapse recorded"),
                (FlagState.MET, "a later status without disease"),
            ),
            cautions=cautions,
            bracket=_bracket(leading),
            confirmed_day=_confirmed(leading),
            has_window=True,
        )
    shown = ", ".join(f"{e.text} {wording.day(e.day or 0)}" for e in disease.evidence)
    return answer(
        case,
        rule,
        FlagState.MET,
        f"Flag for review: {what}; no relapse ({shown}).",
        evidence=evidence,
        thresholds=_thresholds(case),
        would_change=(
            (FlagState.NOT_MET, "a relapse recorded"),
            (FlagState.CONFLICT, "transgene found again after the loss"),
        ),
        cautions=cautions,
        bracket=_bracket(leading),
        confirmed_day=_confirmed(leading),
        has_window=True,
    )


def _unconfirmed(
    case: Case, rule: EarlyFunctionalLossRule, parts: list[_Part], findings: Mapping[str, Finding]
) -> Finding:
    leading = min(parts, key=lambda part: part.first_day)
    disease = disease_around(case, on_day(case, leading.first_day))
    repeat = (
        (leading.finding.repeat_from, leading.finding.repeat_by)
        if leading.finding.repeat_from and leading.finding.repeat_by
        else None
    )
    wait = (
        f"a repeat from {wording.day(case.timeline.day_of(repeat[0]))} to "
        f"{wording.day(case.timeline.day_of(repeat[1]))} would confirm it"
        if repeat
        else "a person's review would settle it"
    )
    return answer(
        case,
        rule,
        FlagState.UNCONFIRMED,
        f"{leading.finding.title} on {wording.day(leading.first_day)} rests on one sample inside the window, which "
        f"ends on {wording.day(case.window_end_day)}; {wait}.",
        evidence=(*_evidence(parts), *disease.evidence, _product(case)),
        thresholds=_thresholds(case),
        missing=tuple(dict.fromkeys((*(what for part in parts for what in part.finding.missing), *disease.missing))),
        would_change=leading.finding.would_change,
        cautions=(*_cautions(parts), *mrd_question(case, rule, findings)),
        bracket=_bracket(leading),
        has_window=True,
        repeat=repeat,
    )


def _held(case: Case, rule: EarlyFunctionalLossRule, parts: list[_Part], findings: Mapping[str, Finding]) -> Finding:
    leading = parts[0].finding
    return answer(
        case,
        rule,
        FlagState.HELD,
        f"{leading.title}: {_lower(leading.sentence)}",
        evidence=_evidence(parts),
        thresholds=_thresholds(case),
        missing=leading.missing,
        would_change=leading.would_change,
        cautions=(*_cautions(parts), *mrd_question(case, rule, findings)),
        has_window=True,
    )


def _straddles(
    case: Case, rule: EarlyFunctionalLossRule, parts: list[_Part], findings: Mapping[str, Finding]
) -> Finding:
    leading = parts[0]
    finding = cannot_say(
        case,
        rule,
        straddling(case, leading.finding),
        evidence=_evidence(parts),
        thresholds=_thresholds(case),
        cautions=(*_cautions(parts), *mrd_question(case, rule, findings)),
    )
    left, _ = _bracket(leading)
    stored = f"a stored specimen from {wording.day(left + 1)} to {wording.day(case.window_end_day)}"
    return _with_bracket(finding, leading, case, ((FlagState.MET, f"{stored} that already shows the loss"),))


def _unknown(case: Case, rule: EarlyFunctionalLossRule, parts: list[_Part]) -> Finding:
    said = " ".join(part.finding.sentence for part in parts[:1])
    obstacle = Obstacle(sentence=said, missing=tuple(dict.fromkeys(m for p in parts for m in p.finding.missing)))
    return cannot_say(
        case, rule, obstacle, evidence=_evidence(parts), thresholds=_thresholds(case), cautions=_cautions(parts)
    )


def _not_lost(case: Case, rule: EarlyFunctionalLossRule, parts: tuple[_Part, ...]) -> Finding:
    end = case.window_end_day
    outside = [p for p in parts if p.standing is Standing.LOST_OUTSIDE]
    watched = [p for p in parts if p.is_required and p.standing is Standing.NOT_LOST]
    for part in watched:
        obstacle = unwatched(case, part.finding)
        if obstacle is not None:
            return cannot_say(
                case, rule, obstacle, evidence=_evidence(parts), thresholds=_thresholds(case), cautions=_cautions(parts)
            )
    if outside:
        leading = min(outside, key=lambda part: part.first_day)
        sentence = (
            f"{leading.finding.title} on {wording.day(leading.first_day)} lies after the window, which ended on "
            f"{wording.day(end)}."
        )
    else:
        by_day: dict[int, list[str]] = {}
        for part in watched:
            by_day.setdefault(last_day(part.finding), []).append(f"no {_lower(part.finding.title)}")
        said = " and ".join(f"{' and '.join(what)} by {wording.day(day)}" for day, what in by_day.items())
        sentence = f"No loss {_span(case)}: {said}."
    return answer(
        case,
        rule,
        FlagState.NOT_MET,
        sentence,
        evidence=_evidence(parts),
        thresholds=_thresholds(case),
        would_change=((FlagState.UNCONFIRMED, f"a sample that shows loss by {wording.day(end)}"),)
        if case.until <= case.window_end and nothing_more_comes(case) is None
        else (),
        cautions=_cautions([*watched, *outside]),
        has_window=True,
    )


def _span(case: Case) -> str:
    """The time a denial of loss is about."""
    end, closed = wording.day(case.window_end_day), nothing_more_comes(case)
    if case.until > case.window_end:
        return f"inside the window, which ended on {end}"
    if closed is not None:
        return f"up to {closed.words}, inside the window"
    return f"so far inside the window, which ends on {end}"


def _conflict(
    case: Case, rule: EarlyFunctionalLossRule, parts: list[_Part], contradicted: Mapping[str, str]
) -> Finding:
    leading = parts[0].finding
    said = contradicted.get(leading.rule_id)
    return answer(
        case,
        rule,
        FlagState.CONFLICT,
        f"{leading.title} is contradicted: {_lower(said)}" if said else leading.sentence,
        evidence=_evidence(parts),
        thresholds=_thresholds(case),
        missing=("a person's decision, with the reason",),
        would_change=((FlagState.MET, "the contradiction resolved by a person"), *leading.would_change),
        cautions=_cautions(parts),
        bracket=_bracket(parts[0]) if leading.bracket_right_day is not None else None,
        has_window=True,
    )


def _with_bracket(
    finding: Finding, part: _Part, case: Case, would_change: tuple[tuple[FlagState, str], ...]
) -> Finding:
    return replace(
        finding,
        bracket_left_day=part.finding.bracket_left_day,
        bracket_right_day=part.finding.bracket_right_day,
        confirmed_day=part.finding.confirmed_day,
        window_end_day=case.window_end_day,
        would_change=would_change,
    )


def _evidence(parts: tuple[_Part, ...] | list[_Part]) -> tuple[Evidence, ...]:
    """What the parts rest on; the role says whose it is, since each part has its own last good and first below."""
    return tuple([each.as_part_of(part.finding.rule_id) for part in parts for each in part.finding.evidence])


def _cautions(parts: tuple[_Part, ...] | list[_Part]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(c for part in parts for c in part.finding.cautions))


def _bracket(part: _Part) -> tuple[int, int]:
    return round(part.finding.bracket_left_day or 0), part.first_day


def _confirmed(part: _Part) -> int | None:
    day = part.finding.confirmed_day
    return round(day) if day is not None else None


def _product(case: Case) -> Evidence:
    infusion = case.timeline.infusion
    target = "+".join(sorted(infusion.car_targets)) or "target unknown"
    return Evidence(
        text=f"{target}, {infusion.car_costimulation.label}, infusion {case.timeline.course_number} of "
        f"{case.timeline.course_count}",
        role="product",
        day=0,
        collected_on=infusion.infused_on,
    )


def _thresholds(case: Case) -> tuple[Threshold, ...]:
    if not case.is_worded:
        return ()
    window = case.protocol.window
    return (
        Threshold(
            name="window end",
            value=case.window_end_day,
            unit="d",
            source=f"{window.words} from day 0, both ends inside; {window.source} ({window.status.label})",
        ),
        case.protocol.relapse.max_age.threshold("age of the disease status before the loss"),
        case.protocol.relapse.marrow_blasts.threshold("marrow without relapse"),
    )
