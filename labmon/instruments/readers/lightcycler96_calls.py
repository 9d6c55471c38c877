"""What the LightCycler 96 software keeps beside its RDML: the wells it excluded, and those it does not call positive.

The RDML inside its files (.lc96p) gives such wells a Cq all the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from labmon.instruments.markup import Element, parse
from labmon.instruments.source import Container, Source

_SETTINGS, _CALCULATED = "app_data.xml", "calculated_data.xml"
_CURVES = ("normFlour", "normFluor", "lastGoodCurve")
_RESULTS = ("absQuantDataSource", "relQuantDataSource")

WellKey = tuple[str, str, str]
"""The ids of run, reaction and target."""


def set_aside(source: Source) -> Mapping[WellKey, str]:
    """What the software says of a well: "excluded it", "calls it Negative".

    Raises UserError when one of its files is damaged.
    """
    if source.container is not Container.ZIP or not {_SETTINGS, _CALCULATED} <= set(source.members):
        return {}
    settings, calculated = (
        parse(source.member(name).decode("utf-8-sig", "replace"), leave_out=_CURVES)
        for name in (_SETTINGS, _CALCULATED)
    )
    analysed = {each.text_of("graphId") for each in calculated.below(*_RESULTS) if each.text_of("cq")}
    found: dict[WellKey, str] = {}
    for key, graph in _graphs(calculated):
        call = graph.text_of("call")
        if call and call.casefold() != "positive" and graph.get("id") not in analysed:
            found[key] = f"calls it {call}"
    found |= {key: "excluded it" for key, graph in _graphs(settings) if graph.get("isExcluded") == "true"}
    return found


def _graphs(root: Element) -> list[tuple[WellKey, Element]]:
    return [
        ((run.get("id") or "", react.get("id") or "", graph.get("targetId") or ""), graph)
        for experiment in root.all("experiment")
        for run in experiment.all("run")
        for react in run.all("react")
        for graph in react.all("factGraph")
    ]
