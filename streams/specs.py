"""What ``--from`` may say: a file, a compressed file, standard input, or a folder that grows (a journal)."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from zoneinfo import ZoneInfo

from radar.errors import InputError

ALLOWED = "allowed: FILE.jsonl, FILE.jsonl.gz, a folder of .jsonl files, or - for standard input"
JOURNAL_PATTERN = "*.jsonl"
STDIN = "-"


class SpecKind(Enum):
    """How a stream is read."""

    FILE = "file"
    GZIP = "gzip"
    STDIN = "stdin"
    JOURNAL = "journal"


@dataclass(frozen=True, slots=True)
class Spec:
    """One ``--from``, understood."""

    text: str
    """As it was given."""
    kind: SpecKind
    path: Path
    """Absolute, so that the same file is the same stream from wherever it is run; `-` for standard input."""
    zone: str | None
    """Zone in which the source writes times without an offset; None refuses such times."""

    @property
    def name(self) -> str:
        """Return the name under which the stream's position is kept."""
        return str(self.path)


def parse_spec(text: str, zone: str | None = None) -> Spec:
    """Return what a ``--from`` means.

    Args:
        text: ``PATH``, ``PATH?zone=Area/City`` or ``-``.
        zone: Zone for sources that do not name their own.

    Raises:
        InputError: There is no such file, or the form is not one of this version.
    """
    place, _, suffix = text.partition("?zone=")
    zone = _checked_zone(suffix or zone, text)
    if place == STDIN:
        return Spec(text, SpecKind.STDIN, Path(STDIN), zone)
    scheme, separator, _rest = place.partition("://")
    if separator and scheme.isalnum():
        what = (
            f"{scheme}:// is not in this version yet"
            if scheme in ("kafka", "http", "https")
            else f"{scheme}:// is unknown"
        )
        raise InputError.at("--from", text, what, ALLOWED)
    return Spec(text, _kind_of(place, text), Path(place).resolve(), zone)


def _kind_of(place: str, text: str) -> SpecKind:
    if "\0" in place or not place:
        raise InputError.at("--from", repr(text), "is no path", ALLOWED)
    path = Path(place)
    try:
        if path.is_dir():
            return SpecKind.JOURNAL
        if path.exists() and not path.is_file():  # a look into a pipe would take bytes out of it
            raise InputError.at("--from", text, "is a pipe or a device", ALLOWED)
        with path.open("rb") as file:
            head = file.read(2)
    except FileNotFoundError as error:
        raise InputError.at("--from", text, "there is no such file or folder", ALLOWED) from error
    except OSError as error:
        raise InputError.at("--from", text, f"cannot be read: {error.strerror}", ALLOWED) from error
    return SpecKind.GZIP if head == b"\x1f\x8b" or path.suffix == ".gz" else SpecKind.FILE


def _checked_zone(zone: str | None, text: str) -> str | None:
    if zone is None:
        return None
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError) as error:
        raise InputError.at(
            "--from", text, f"{zone!r} is no time zone", "allowed: IANA names such as Asia/Taipei"
        ) from error
    return zone
