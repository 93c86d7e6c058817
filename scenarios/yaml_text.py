"""YAML as text: one document of mappings, lists and strings, with the line of every part.

Plain YAML turns ``10:30`` into 630 and ``NO`` into false; here every scalar stays the text that was written, and
a model types it (``scenarios/scalars.py``). What only confuses or attacks is refused: duplicate keys, tags, merge
keys, several documents, deep nesting, and aliases that blow up. The tree is built from the parser's events without
recursion, so no file can exhaust the stack.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml

from radar.errors import InputError

BYTES_MAX = 1_000_000
DEPTH_MAX = 40
PARTS_MAX = 50_000
"""Scalars, lists and mappings in one file, aliases counted as often as they are used."""

Tree: TypeAlias = "str | list[Tree] | dict[str, Tree]"
Where: TypeAlias = tuple[str | int, ...]

# The C parser when PyYAML has it; both yield the same events.
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ScenarioError(InputError):
    """A declarative file is wrong: ``file: field (line n): what is wrong, what is allowed``."""

    @classmethod
    def on(cls, place: str, line: int, problem: str, allowed: str = "") -> "ScenarioError":
        """Return the error of one line, where no field is known yet."""
        return cls(str(cls.at(place, f"line {line}" if line else "", problem, allowed)))


@dataclass(frozen=True, slots=True)
class Document:
    """One file's content as text, and where each part of it stands."""

    place: str
    """The file as the person named it."""
    tree: Tree
    lines: dict[Where, int]

    def field(self, where: Where) -> str:
        """Return the name of a part for a message: ``standards[2].within (line 14)``."""
        name = ""
        for step in where:
            name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
        line = next((self.lines[where[:size]] for size in range(len(where), -1, -1) if where[:size] in self.lines), 0)
        return f"{name} (line {line})".strip() if line else name


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end was not seen yet."""

    where: Where
    value: "list[Tree] | dict[str, Tree]"
    anchor: str | None
    parts: int = 1
    key: str | None = None


@dataclass(slots=True)
class _Builder:
    """Makes the tree of one document from the parser's events."""

    place: str
    lines: dict[Where, int] = field(default_factory=dict)
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Tree, int]] = field(default_factory=dict)
    root: "Tree | None" = None
    parts: int = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event of the stream."""
        line = event.start_mark.line + 1 if event.start_mark is not None else 0
        if isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
            raise ScenarioError.on(self.place, line, "a second document", "allowed: one document a file")
        if isinstance(event, yaml.AliasEvent):
            self._alias(event.anchor, line)
        elif isinstance(event, yaml.ScalarEvent):
            self._refuse_tag(event.tag, line)
            self._scalar(event.value, event.anchor, line)
        elif isinstance(event, yaml.MappingStartEvent):
            self._open(event, {}, line)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open(event, [], line)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            done = self.stack.pop()
            self._name(done.anchor, done.value, done.parts)
            if self.stack:
                self.stack[-1].parts += done.parts

    def _scalar(self, text: str, anchor: str | None, line: int) -> None:
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._key(top, top.value, text, line)
            return
        self._place(text, 1, line)
        self._name(anchor, text, 1)

    def _key(self, top: _Open, mapping: dict[str, Tree], key: str, line: int) -> None:
        where = (*top.where, key)
        if key == "<<":
            raise ScenarioError.on(self.place, line, "a merge key '<<'", "allowed: write the keys out")
        if key in mapping:
            first = self.lines[where]
            raise ScenarioError.on(self.place, line, f"key {_short(key)} is there twice, first in line {first}")
        self.lines[where] = line
        top.key = key

    def _open(self, event: yaml.CollectionStartEvent, value: "list[Tree] | dict[str, Tree]", line: int) -> None:
        self._refuse_tag(event.tag, line)
        if len(self.stack) >= DEPTH_MAX:
            raise ScenarioError.on(self.place, line, "nested too deeply", f"allowed: {DEPTH_MAX} levels")
        where = self._place(value, 0, line)
        self.stack.append(_Open(where, value, event.anchor))

    def _alias(self, anchor: str | None, line: int) -> None:
        if anchor is None or anchor not in self.anchors:
            raise ScenarioError.on(self.place, line, f"alias *{anchor} names nothing that is complete above it")
        value, parts = self.anchors[anchor]
        self._place(value, parts, line)

    def _place(self, value: Tree, parts: int, line: int) -> Where:
        """Put a value where the document stands and return its place."""
        self.parts += parts or 1
        if self.parts > PARTS_MAX:
            raise ScenarioError.on(self.place, line, "too many parts", f"allowed: {PARTS_MAX}, aliases written out")
        if not self.stack:
            self.root = value
            self.lines[()] = line
            return ()
        top = self.stack[-1]
        top.parts += parts
        if isinstance(top.value, list):
            where: Where = (*top.where, len(top.value))
            top.value.append(value)
        elif top.key is None:
            raise ScenarioError.on(self.place, line, "a key that is no plain text", "allowed: plain words as keys")
        else:
            where = (*top.where, top.key)
            top.value[top.key] = value
            top.key = None
        self.lines.setdefault(where, line)
        return where

    def _name(self, anchor: str | None, value: Tree, parts: int) -> None:
        if anchor:
            self.anchors[anchor] = (value, parts)

    def _refuse_tag(self, tag: str | None, line: int) -> None:
        if tag is not None:
            raise ScenarioError.on(self.place, line, f"tag {_short(tag)}", "allowed: plain values without tags")


def read_document(path: Path) -> Document:
    """Return the content of a YAML file.

    Raises:
        ScenarioError: The file cannot be read, or is no single plain YAML document.
    """
    try:
        with path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise ScenarioError.on(str(path), 0, f"cannot be read: {error.strerror or error}") from error
    return parse_document(content, str(path))


def parse_document(content: bytes, place: str) -> Document:
    """Return YAML bytes as a document; ``place`` names them in messages."""
    if len(content) > BYTES_MAX:
        raise ScenarioError.on(place, 0, "too large", f"allowed: {BYTES_MAX} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ScenarioError.on(place, line, f"byte 0x{content[error.start]:02x}", "allowed: UTF-8 text") from error
    builder = _Builder(place)
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.YAMLError as error:
        raise _syntax_error(place, text, error) from error
    if builder.root is None:
        raise ScenarioError.on(place, 0, "is empty")
    return Document(place, builder.root, builder.lines)


def _events(text: str) -> Iterator[yaml.Event]:
    yield from yaml.parse(text, Loader=_PARSER)


def _syntax_error(place: str, text: str, error: yaml.YAMLError) -> ScenarioError:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        problem = " ".join(part for part in (error.context, error.problem) if part)
        return ScenarioError.on(place, error.problem_mark.line + 1, f"no YAML: {problem}")
    position = getattr(error, "position", None)
    line = text.count("\n", 0, position) + 1 if isinstance(position, int) else 0
    problem = f"no YAML: {getattr(error, 'reason', None) or 'cannot be read'}"
    return ScenarioError.on(place, line, problem, "allowed: printable UTF-8 text")


def _short(text: str) -> str:
    """Return text quoted for a message, cut where it is long."""
    return repr(text if len(text) <= 60 else text[:57] + "...")
