"""XML as a tree of elements that know their line and their path; no document type, no entity, no endless depth."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from xml.parsers import expat

from labmon.domain.errors import UserError
from labmon.domain.issue import Place

_DEEPEST = 200
_MOST_ELEMENTS = 4_000_000
_LONGEST_LINE = 4_000
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")


class Element:
    """One element: its name and attributes without their prefixes, its own text, its children in their order."""

    __slots__ = ("_parts", "attributes", "children", "line", "name", "parent")

    def __init__(self, name: str, attributes: dict[str, str], line: int, parent: Element | None) -> None:
        self.name = name
        self.attributes = attributes
        self.line = line
        self.parent = parent
        self.children: list[Element] = []
        self._parts: list[str] = []

    @property
    def text(self) -> str:
        """The element's own text, stripped; that of its children is theirs."""
        return "".join(self._parts).strip()

    def get(self, name: str) -> str | None:
        """An attribute; None when it is absent."""
        return self.attributes.get(name)

    def all(self, *names: str) -> list[Element]:
        """The children of one of these names, in their order."""
        return [child for child in self.children if child.name in names]

    def first(self, *names: str) -> Element | None:
        """The first child of one of these names; None when there is none."""
        return next((child for child in self.children if child.name in names), None)

    def text_of(self, name: str) -> str:
        """The text of the first child of that name; empty when there is none."""
        child = self.first(name)
        return "" if child is None else child.text

    def below(self, *names: str) -> Iterator[Element]:
        """Every element of one of these names at any depth below, in the order of the file."""
        waiting = [iter(self.children)]
        while waiting:
            child = next(waiting[-1], None)
            if child is None:
                waiting.pop()
                continue
            if child.name in names:
                yield child
            waiting.append(iter(child.children))

    @property
    def path(self) -> str:
        """Names from the root on; a number where siblings share a name: "Workspace/SampleList/Sample[3]"."""
        steps: list[str] = []
        at: Element | None = self
        while at is not None:
            same = at.parent.all(at.name) if at.parent is not None else [at]
            steps.append(at.name if len(same) == 1 else f"{at.name}[{same.index(at) + 1}]")
            at = at.parent
        return "/".join(reversed(steps))

    @property
    def place(self) -> Place:
        return Place(row=self.line, element=self.path)


def one_tag_a_line(text: str) -> str:
    """The text as it stands, or with a line for each tag where a program wrote it all on one line.

    Lines of markup are counted in this form, so that a place can be shown to a person.
    """
    if max(map(len, text.split("\n")), default=0) <= _LONGEST_LINE:
        return text
    return text.replace("><", ">\n<")


def parse(text: str, *, leave_out: Collection[str] = (), only_last: Collection[str] = ()) -> Element:
    """The root element.

    `leave_out`: names of elements nobody will ask for, not kept with all that is below them. `only_last`: names of
    which only the last of neighbours is kept, for curves nobody asks for more than their end.
    Raises UserError: I002 damaged, I012 too many elements, I018 a document type, an entity, or too deep.
    """
    builder = _Builder(frozenset(leave_out), frozenset(only_last))
    builder.feed(text)
    if builder.root is None:
        raise UserError("I002", detail="it holds no element")
    return builder.root


class _Builder:
    def __init__(self, leave_out: frozenset[str], only_last: frozenset[str]) -> None:
        self.root: Element | None = None
        self._leave_out = leave_out
        self._only_last = only_last
        self._open: Element | None = None
        self._depth = 0
        self._elements = 0
        self._left_out_from = 0
        """The depth of the left-out element everything now read is below of; 0 when there is none."""
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.EntityDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters

    def feed(self, text: str) -> None:
        # The text is decoded already: what it declares of its encoding no longer holds.
        text = _DECLARATION.sub(lambda found: "\n" * found[0].count("\n"), text, count=1)
        try:
            self._parser.Parse(text.encode("utf-8", "surrogatepass"), True)
        except expat.ExpatError as error:
            words = expat.ErrorString(error.code)
            raise UserError("I002", place=Place(row=error.lineno), detail=f"its XML breaks off: {words}") from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > _DEEPEST:
            raise UserError("I018", detail=f"its elements are nested more than {_DEEPEST} deep")
        if self._elements > _MOST_ELEMENTS:
            raise UserError("I012", detail=f"It holds more than {_MOST_ELEMENTS:,} elements")
        if self._left_out_from:
            return
        name = _local(name)
        if name in self._leave_out:
            self._left_out_from = self._depth
            return
        own = {_local(key): value for key, value in attributes.items()}
        element = Element(name, own if len(own) == len(attributes) else attributes, self._line, self._open)
        if self._open is None:
            self.root = element
        elif name in self._only_last and self._open.children and self._open.children[-1].name == name:
            self._open.children[-1] = element
        else:
            self._open.children.append(element)
        self._open = element

    def _end(self, _: str) -> None:
        self._depth -= 1
        if self._left_out_from:
            if self._depth < self._left_out_from:
                self._left_out_from = 0
        elif self._open is not None:
            self._open = self._open.parent

    def _characters(self, text: str) -> None:
        if self._open is not None and not self._left_out_from:
            self._open._parts.append(text)

    @property
    def _line(self) -> int:
        return self._parser.CurrentLineNumber


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse_doctype(*_: object) -> None:
    raise UserError("I018", detail="it declares a document type")
