"""The one place where an end of a command becomes an exit code and one line on stderr."""

import os
import sys
import traceback
from collections.abc import Callable
from enum import IntEnum

import click
from click.exceptions import NoArgsIsHelpError

from radar.errors import GateRefusedError, InputError, RadarError, RunFailedError, StoppedError

DEBUG_VARIABLE = "RADAR_DEBUG"


class ExitCode(IntEnum):
    """How a command ended; scripts rely on these numbers."""

    DONE = 0
    RUN_FAILED = 1
    BAD_INPUT = 2
    GATE_REFUSED = 3
    STOPPED = 130


# The first match counts, so the wider class stands last.
_CODES: tuple[tuple[type[RadarError], ExitCode], ...] = (
    (InputError, ExitCode.BAD_INPUT),
    (GateRefusedError, ExitCode.GATE_REFUSED),
    (StoppedError, ExitCode.STOPPED),
    (RunFailedError, ExitCode.RUN_FAILED),
    (RadarError, ExitCode.RUN_FAILED),
)


def run_to_exit_code(command: Callable[[], object]) -> int:
    """Return the exit code of ``command``; whatever it raises is told in one line on stderr.

    With the environment variable ``RADAR_DEBUG`` set, the traceback is printed before that line.
    """
    try:
        result = command()
    except BaseException as error:  # noqa: BLE001 - the outermost loop of the command line (docs/STYLE.md, section 5)
        return _told(error)
    return result if isinstance(result, int) else ExitCode.DONE


def _told(error: BaseException) -> int:
    """Tell ``error`` on stderr and return its exit code."""
    if isinstance(error, SystemExit):
        return _code_of_exit(error)
    if isinstance(error, BrokenPipeError):
        return _reader_gone()
    if os.environ.get(DEBUG_VARIABLE):
        traceback.print_exception(error)
    if isinstance(error, NoArgsIsHelpError):
        error.show()
        return ExitCode.BAD_INPUT
    code, message = _code_and_message(error)
    click.echo(f"radar: {message}", err=True)
    return code


def _code_of_exit(error: SystemExit) -> int:
    """Return the number that ``sys.exit`` was called with, as Python itself would read it."""
    if error.code is None:
        return ExitCode.DONE
    return error.code if isinstance(error.code, int) else ExitCode.RUN_FAILED


def _code_and_message(error: BaseException) -> tuple[ExitCode, str]:
    """Return what ``error`` means to the caller: its exit code and one line."""
    if isinstance(error, click.UsageError | click.FileError):
        return ExitCode.BAD_INPUT, _one_line(_of_arguments(error))
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return ExitCode.STOPPED, "stopped; nothing half done is left behind; type the same command again to go on"
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code, _one_line(str(error))
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return ExitCode.RUN_FAILED, _one_line(f"{place}{error.strerror or error}")
    found = _one_line(f"{type(error).__name__}: {error}")
    return ExitCode.RUN_FAILED, f"internal error, please report it: {found} (set {DEBUG_VARIABLE}=1 to see where)"


def _of_arguments(error: click.ClickException) -> str:
    """Return what is wrong with the arguments, in the form of ``InputError``: place, what is wrong, what is allowed."""
    context = getattr(error, "ctx", None)
    see = f" (see `{context.command_path} --help`)" if context else ""
    if not isinstance(error, click.BadParameter) or error.param is None:
        return error.format_message().removesuffix(".") + see
    place = error.param.get_error_hint(context).replace("'", "")
    if isinstance(error, click.MissingParameter):
        return f"{place}: is missing{see}"
    return f"{place}: {error.message.removesuffix('.').removesuffix(' range')}"  # "is not a valid integer range"


def _one_line(text: str) -> str:
    """Return ``text`` with its line breaks and other unprintables out of the way."""
    return "".join(char if char.isprintable() else " " for char in text).strip()


def _reader_gone() -> int:
    """Return the code for a closed pipe (``radar ... | head``), and keep Python from telling it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.RUN_FAILED
