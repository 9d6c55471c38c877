"""Makes docs/protocol-language.md from the dataclasses a protocol file is read into.

Run it after changing a key: `uv run python -m tests.criteria.language_page > docs/protocol-language.md`.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from labmon.criteria.limit import Limit
from labmon.criteria.preset import Preset
from labmon.criteria.protocol import Protocol

HEAD = """\
# The language of a protocol file

<!-- Made by `uv run python -m tests.criteria.language_page` from the dataclasses of labmon/criteria. Do not edit. -->

A protocol is a TOML file (`resources/protocols/*.toml`). Every number a rule uses stands in it as a threshold with its
unit, its source and how sure the source is; none stands in code. `labmon protocol check FILE` says what a file states,
or on which line it does not fit; `labmon protocol diff A B` says what differs; `labmon protocol try R1.cutoff=100` says
who would change state with another number; `labmon protocol adopt FILE --reason …` moves a study to a new version. A
version never changes once it was used: raise `version`, then adopt.

An unknown key, a wrong unit, a reference that leads nowhere or an impossible window is refused with file, line and a
suggestion.

Answers are three-valued. A rule is *met*, *not met*, or open: *unconfirmed* (one sample more decides), *held* (a run is
not accepted), *conflict* (a person decides), *not evaluable* (a datum is missing). A missing datum is never "not met".
A combination is met once enough of its rules are, not met once enough of them cannot be any more, and otherwise as open
as the nearest rule it still needs. What was measured after a transplant or the next infusion belongs to other cells and
is never read.

## A criterion of your own

CD19+ ≥ 50/µL, confirmed within 90 days of the infusion:

```toml
[[rules]]
kind = "threshold"
id = "S1"
title = "CD19+ back"
source = "site protocol 5.3"
status = "S"
analyte = "cd19_cells_per_ul"
specimen_type = "peripheral_blood"
limit = { comparison = ">=", value = 50, unit = "cells/uL", status = "U", source = "site protocol 5.3" }
baseline = "b_cells_present"
exclusions = ["product", "target", "b_cell_depleting_drug"]
window = { event = "infusion", to_day = 90, confirmation_inside = true, source = "site protocol 5.3", status = "S" }
```

At least two of three signs of loss inside the protocol's window, with poor expansion shown beside:

```toml
[[rules]]
kind = "combination"
id = "S2"
title = "Loss by two signs"
source = "site protocol 5.4"
status = "S"
need = "at_least"
n = 2
of = ["R1", "R1f", "R2"]
inside_window = true
supporting_only = ["R5"]
```
"""

SHARED = {
    "id": "how other parts of the file name it",
    "title": "what a person reads",
    "source": "where it comes from: paper, registry, protocol section",
    "status": "how sure the source is: S sourced, M measured, U unverified, O own choice",
    "information_only": "shown, never counted",
    "comparison": "which side of the number holds; the number itself belongs to `<=` and `>=`",
    "unit": "must be the one the key reads",
    "schema": "1",
    "version": "raised whenever anything changes once the protocol was used",
    "specimen_type": "the only specimens the rule reads; types are never mixed",
}
"""What a key means wherever it stands and says nothing of its own."""

PRESETS = """\
## Presets

A preset (`resources/protocols/presets/*.toml`) is another definition of loss that answers beside the protocol's own:
`labmon assess --presets`. It states rules, window and confirmation; what product, baseline and disease mean stays with
the protocol it is laid over.
"""


def page() -> str:
    """The page in Markdown."""
    seen: set[type] = set()
    parts = [HEAD, "## Top level\n", *_table(Protocol)]
    for cls in _reached(Protocol, seen):
        parts += [f"## {_title(cls)}\n", *_table(cls)]
    parts += [PRESETS, *_table(Preset)]
    return "\n".join(parts).rstrip() + "\n"


def _reached(cls: type, seen: set[type]) -> Iterator[type]:
    """Every dataclass a file of this class may hold, each once, in the order they are met."""
    for field, hint in _keys(cls):
        for inner in _classes(field, hint):
            if inner not in seen:
                seen.add(inner)
                yield inner
                yield from _reached(inner, seen)


def _classes(field: Field[Any], hint: Any) -> list[type]:
    variants: Mapping[str, type] = field.metadata.get("variants", {})
    if variants:
        return list(variants.values())
    return [each for each in _plain_types(hint) if is_dataclass(each)]


def _plain_types(hint: Any) -> list[type]:
    if get_origin(hint) in (tuple, Union, UnionType):
        return [each for part in get_args(hint) if part is not Ellipsis for each in _plain_types(part)]
    return [hint] if isinstance(hint, type) else []


def _keys(cls: type) -> list[tuple[Field[Any], Any]]:
    hints = get_type_hints(cls)
    return [(field, hints[field.name]) for field in fields(cls)]


def _title(cls: type) -> str:
    kind = getattr(cls, "kind", None)
    return f"kind = `{kind}`" if kind else cls.__name__


def _table(cls: type) -> list[str]:
    said = _said(cls)
    lines = [(inspect.getdoc(cls) or "").strip() + "\n"] if _has_own_doc(cls) else []
    lines += ["| key | holds | must it be there | what it says |", "| --- | --- | --- | --- |"]
    for field, hint in _keys(cls):
        must = field.default is MISSING and field.default_factory is MISSING
        means = said.get(field.name) or SHARED.get(field.name, "")
        lines.append(f"| `{field.name}` | {_holds(field, hint)} | {_default(field, must)} | {means} |")
    return [*lines, ""]


def _has_own_doc(cls: type) -> bool:
    return bool(cls.__doc__) and not (cls.__doc__ or "").startswith(f"{cls.__name__}(")


def _default(field: Field[Any], must: bool) -> str:
    if must:
        return "yes"
    if field.default in (None, (), ""):
        return "no"
    value = field.default.value if isinstance(field.default, Enum) else field.default
    return f"no; `{str(value).lower() if isinstance(value, bool) else value}`"


def _holds(field: Field[Any], hint: Any) -> str:
    inner = _plain_types(hint)
    inner = [each for each in inner if each is not type(None)]
    many = "list of " if get_origin(hint) is tuple else ""
    if field.metadata.get("variants"):
        return f"{many}tables by `kind`: {', '.join(f'`{kind}`' for kind in field.metadata['variants'])}"
    (kind,) = inner
    if kind is Limit:
        unit = field.metadata.get("unit")
        return f"{many}threshold in `{unit}`" if unit else f"{many}threshold"
    if issubclass(kind, Enum):
        return f"{many}{', '.join(f'`{member.value}`' for member in kind)}"
    word = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return many + word.get(kind, f"table{'s' if many else ''}: {_title(kind)}")


def _said(cls: type) -> dict[str, str]:
    """The sentence below each field, of the class and of those it builds on."""
    found: dict[str, str] = {}
    for each in reversed(cls.__mro__[:-1]):
        tree = ast.parse(inspect.cleandoc(inspect.getsource(each)))
        body = tree.body[0]
        assert isinstance(body, ast.ClassDef)
        for name, text in zip(body.body, body.body[1:], strict=False):
            is_field = isinstance(name, ast.AnnAssign) and isinstance(name.target, ast.Name)
            if is_field and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
                assert isinstance(name, ast.AnnAssign)
                assert isinstance(name.target, ast.Name)
                found[name.target.id] = " ".join(str(text.value.value).split())
    return found


if __name__ == "__main__":
    sys.stdout.write(page())
