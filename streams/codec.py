"""Lines of CloudEvents JSON to events and back.

``Codec.decode_block`` never raises, whatever the bytes. A line becomes an ``Event``, or a ``Rejection`` that says
what is wrong, where, and what is allowed, or None: a blank line is not a line and is counted nowhere, because an
empty last line is how most editors end a file.

Two paths. The fast one is a single typed msgspec decode; it accepts what the contract's own writer writes and a
good deal more. Everything it does not accept gets a second look (``streams/second_look.py``), which knows the
lenient forms (extension attributes, JSON nulls, a byte order mark, naive times of a source with a declared zone)
and finds the precise reason of a refusal. Whatever the fast path accepts, the second look reads alike; a test
holds the two together. Of a repeated JSON key the last value counts.
"""

from collections.abc import Callable, Sequence
from typing import cast
from zoneinfo import ZoneInfo

import msgspec

from radar.errors import InputError
from radar.events import Event
from radar.instant import to_datetime
from streams.envelopes import CONTRACT, Envelope, event_of, new_envelope
from streams.second_look import LINE_BYTES_MAX, NUL_ESCAPE, Rejection, second_look

Decoded = Event | Rejection | None

_BACKSLASH = ord("\\")
_decode = cast("Callable[[bytes], Envelope]", msgspec.json.Decoder(CONTRACT).decode)
_encode = msgspec.json.Encoder().encode


class Codec:
    """Reads the lines of one source.

    Args:
        zone: IANA name of the zone in which the source writes times without an offset
            (``America/Sao_Paulo``); None refuses such times.

    Raises:
        InputError: There is no such zone.
    """

    def __init__(self, zone: str | None = None) -> None:
        self._zone = None if zone is None else _zone_info(zone)

    def decode_block(self, lines: Sequence[bytes]) -> list[Decoded]:
        """Return what each line says, in order and one for one; never raises."""
        zone, decode = self._zone, _decode
        decoded: list[Decoded] = []
        for line in lines:
            event = None
            try:
                if len(line) <= LINE_BYTES_MAX and (_BACKSLASH not in line or NUL_ESCAPE not in line):
                    event = event_of(decode(line))
            except (ValueError, RecursionError):  # all of msgspec's and Unicode's errors are ValueErrors
                event = None
            decoded.append(second_look(line, zone) if event is None else event)
        return decoded

    def decode(self, line: bytes) -> Decoded:
        """Return what one line says; never raises."""
        return self.decode_block((line,))[0]


def encode(event: Event) -> bytes:
    """Return the event as one line of the contract's JSON, without the line feed.

    Times are written in UTC and defaults are left out; decoding gives an equal event.
    """
    envelope = new_envelope[type(event.data)](
        specversion="1.0",
        id=event.id,
        source=event.source,
        time=to_datetime(event.time),
        subject=event.subject,
        data=event.data,
        recordedtime=None if event.recorded_at is None else to_datetime(event.recorded_at),
        runmode=event.run_mode,
        runid=event.run_id,
    )
    return _encode(envelope)


def _zone_info(name: str) -> ZoneInfo:
    """Return the zone of an IANA name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:  # ZoneInfo raises each of them for some wrong name
        raise InputError.at(
            "zone", "", f"{name!r} is no time zone", "allowed: IANA names such as Asia/Taipei"
        ) from error
