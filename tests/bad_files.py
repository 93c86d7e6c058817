"""Whole files that something went wrong with: what must survive of each, and why the rest is refused."""

from typing import NamedTuple

from tests.bad_input import good_line


class BadFile(NamedTuple):
    """A file of lines, not all of them good."""

    name: str
    content: bytes
    events: int
    reasons: list[str]


def bad_files() -> list[BadFile]:
    """Return the files; split at line feeds, each gives so many events and these refusals, blank lines nothing."""
    lines = [good_line(number) for number in range(3)]
    whole = b"\n".join(lines) + b"\n"
    utf16 = (whole.decode()).encode("utf-16")
    return [
        BadFile("an empty file", b"", 0, []),
        BadFile("a lone line feed", b"\n", 0, []),
        BadFile("a byte order mark alone", b"\xef\xbb\xbf", 0, []),
        BadFile("blank lines everywhere", b"\n\n \t\n" + whole.replace(b"\n", b"\n\r\n\n"), 3, []),
        BadFile("a byte order mark and carriage returns", b"\xef\xbb\xbf" + whole.replace(b"\n", b"\r\n"), 3, []),
        BadFile("no line feed at the end", whole[:-1], 3, []),
        BadFile("the last line cut short", whole[:-20], 2, ["bad-json"]),
        BadFile("the first line cut short", whole[20:], 2, ["bad-json"]),
        BadFile("a tail of NUL bytes after a power cut", whole + b"\0" * 4096, 3, ["bad-json"]),
        BadFile("a line feed lost", whole.replace(b"\n", b"", 1), 1, ["bad-json"]),
        BadFile("a line feed inside an event", whole.replace(b", ", b",\n", 1), 2, ["bad-json", "bad-json"]),
        BadFile("a file joined to itself", whole[:-1] + whole, 4, ["bad-json"]),
        BadFile("a log mixed in", b"starting\n" + whole + b"done\n", 3, ["bad-json", "bad-json"]),
        BadFile("UTF-16", utf16, 0, ["not-utf8", "bad-json", "bad-json", "bad-json"]),
        BadFile("pretty-printed JSON", b'{\n"id": "1"\n}\n' + whole, 3, ["bad-json"] * 3),
        BadFile("a JSON list of events", b"[\n" + b",\n".join(lines) + b"\n]\n", 1, ["bad-json"] * 4),
        BadFile("binary noise", bytes(range(11, 256)) * 3 + b"\n" + whole, 3, ["not-utf8"]),
    ]
