"""Option types that several commands share."""

from typing import Any

import click

from scenarios.scalars import parse_duration


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
