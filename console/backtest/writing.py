"""What a backtest leaves behind: JSON, warnings file, page, picture; each whole or not at all."""

import csv
import io
import os
from pathlib import Path

import msgspec

from console.backtest.report import Report, WarningLine
from console.options import why_unwritable
from radar.errors import InputError, RunFailedError

WARNING_COLUMNS = ("order_id", "warned_at", "score", "withdrawn_at")


def check_places(places: dict[str, Path | None], sources: list[Path]) -> None:
    """Refuse, before the work begins, what could not be written after it.

    Raises:
        InputError: A place is a folder, in no folder, one of the sources, or named twice.
    """
    taken = {path.resolve() for path in sources}
    for option, path in places.items():
        if path is None:
            continue
        if (what := why_unwritable(str(path))) is not None:
            raise InputError.at(option, str(path), what, "allowed: a file in a folder that exists")
        if path.resolve() in taken:
            raise InputError.at(option, str(path), "is read or written otherwise", "allowed: a file of its own")
        taken.add(path.resolve())


def report_json(report: Report) -> bytes:
    """Return the report as JSON text, indented, with a final line feed."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"


def warnings_csv(lines: list[WarningLine]) -> bytes:
    """Return the warnings file as the reference scorer reads it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(WARNING_COLUMNS)
    writer.writerows((line.order_id, line.warned_at, line.score, line.withdrawn_at) for line in lines)
    return text.getvalue().encode()


def write_whole(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` at once: a reader sees the old file or the new one.

    Raises:
        RunFailedError: The file cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        os.replace(part, path)  # noqa: PTH105 - the same call, and it names the file it failed on
    except OSError as error:
        part.unlink(missing_ok=True)
        raise RunFailedError(f"{path}: cannot be written: {error.strerror or error}") from error
