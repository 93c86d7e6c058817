"""Option types that several commands share."""

import math
import os
from pathlib import Path
from typing import Any

import click

from radar.errors import InputError
from radar.instant import DAY_US
from scenarios.scalars import parse_duration

DAYS_MAX = 365
"""Days that an option may ask for."""


class DurationType(click.ParamType):  # type: ignore[type-arg]  # generic in the stubs only
    """A duration as rules files write it (``90min``, ``36h``, ``0.2s``), in microseconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the microseconds of a text."""
        if isinstance(value, int):
            return value
        found = parse_duration(str(value))
        if found is None:
            self.fail(f"{value!r} is no duration, allowed: 0.2s, 90min, 36h, 3d", param, ctx)
        return found


DURATION = DurationType()


class FiniteRange(click.FloatRange):
    """A range of numbers that neither ``nan`` nor ``inf`` is in."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number of a text."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is no number, allowed: {self._describe_range()}", param, ctx)
        return number


class OutFileType(click.ParamType):  # type: ignore[type-arg]  # generic in the stubs only
    """A file to write, checked before the work begins: its folder exists, and it is no folder itself."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ARG002 - click calls it
        """Return the path of a text."""
        place = param.opts[-1] if param is not None else ""
        if (problem := why_unwritable(str(value))) is not None:
            raise InputError.at(place, str(value), problem, "allowed: a file in a folder that exists")
        return Path(value)


class OutFolderType(click.ParamType):  # type: ignore[type-arg]  # generic in the stubs only
    """A folder to write into, made when it is needed (``make_folder``)."""

    name = "folder"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ARG002 - click calls it
        """Return the path of a text."""
        text, path = str(value), Path(value)
        if not text or "\0" in text or path.is_file():
            place = param.opts[-1] if param is not None else ""
            problem = "is a file" if text and "\0" not in text else "is no path"
            raise InputError.at(place, repr(text), problem, "allowed: a folder, made where it is not there")
        return path


OUT_FILE = OutFileType()
OUT_FOLDER = OutFolderType()


MODEL = click.Path(path_type=Path)
"""A model file; ``console.models`` reads it."""


def make_folder(out: Path) -> None:
    """Make the folder of the results where it is not there.

    Raises:
        InputError: It cannot be made.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError.at(str(out), "", f"cannot be made: {error.strerror}", "allowed: a folder") from error


def whole_days(duration_us: int, option: str, least: int = 1) -> int:
    """Return a duration as days.

    Raises:
        InputError: It is no whole number of days, or out of range.
    """
    days, rest = divmod(duration_us, DAY_US)
    if rest or not least <= days <= DAYS_MAX:
        raise InputError.at(option, "", "is no whole number of days", f"allowed: {least}d to {DAYS_MAX}d")
    return days


class SomeDaysType(DurationType):
    """Whole days as rules files write them (``30d``, ``4w``), or ``0`` for none at all; as a number."""

    name = "days"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the days of a text."""
        if isinstance(value, int):
            return value
        duration_us = 0 if str(value) == "0" else super().convert(value, param, ctx)
        return whole_days(duration_us, param.opts[-1] if param is not None else "", least=0)


SOME_DAYS = SomeDaysType()


def why_unwritable(text: str) -> str | None:
    """Return why a file cannot be written, None when it looks as if it could."""
    if not text or "\0" in text:
        return "is no path"
    path = Path(text)
    try:
        if path.is_dir():
            return "is a folder"
        if not path.parent.is_dir():
            return f"{path.parent} is no folder"
    except OSError as error:
        return f"cannot be written: {error.strerror}"
    return None if os.access(path if path.exists() else path.parent, os.W_OK) else "cannot be written: no permission"
