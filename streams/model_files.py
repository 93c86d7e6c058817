"""Model files: what a radar has learned, as one file that says itself what it holds.

Gzip; unpacked, a line of JSON (the manifest) and behind it the rows of experience (``radar.experience``) as
MessagePack. ``zcat MODEL | head -1`` shows the manifest. Nothing in it depends on clock, machine or file names: the
same events give the same bytes. It holds tables by place, company and order type, and no order, customer or address.
"""

import gzip
import hashlib
import zlib
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

import msgspec

from radar.errors import InputError
from radar.experience import STATE_VERSION, experience
from radar.instant import Instant, to_instant, to_text
from radar.outputs import StateRow
from radar.room import ControlRoom
from radar.rules import Rules

FORMAT, FORMAT_VERSION = "order-radar-model", 1
CONTENT_BYTES_MAX = 512 * 1024 * 1024
"""Of a model, unpacked."""
_ALLOWED = "allowed: a file that `radar learn` or `radar model save` wrote"
_LEVEL = 9


class TypeCount(msgspec.Struct, frozen=True):
    """How much of an order type was learned from."""

    order_type: str
    orders: int
    deliveries: int


class ModelManifest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """What a model is."""

    format: str = FORMAT
    version: int = FORMAT_VERSION
    product: str
    """Version of Order Radar that wrote it."""
    state_version: int = STATE_VERSION
    """Of the rows."""
    rules_sha256: str
    """Rules it was learned under."""
    data_sha256: str | None = None
    """Of the events in the order in which they were applied; null for what a store learned, which keeps none."""
    first_at: str | None = None
    """First and last event, RFC 3339; null where nothing was heard."""
    last_at: str | None = None
    events: int = 0
    order_types: tuple[TypeCount, ...] = ()
    learned_from: tuple[str, ...] = ()
    """``rows_sha256`` of the model it began with, and so on back."""
    machines: dict[str, int] = {}
    """Rows by the machine that learned them."""
    rows_sha256: str = ""

    @property
    def learned_until(self) -> Instant | None:
        """Return the last event's time."""
        return _instant(self.last_at)

    @property
    def learned_since(self) -> Instant | None:
        """Return the first event's time."""
        return _instant(self.first_at)


class Model(msgspec.Struct, frozen=True):
    """A manifest and the rows it speaks of."""

    manifest: ModelManifest
    rows: tuple[StateRow, ...]


class Taught(msgspec.Struct, frozen=True, kw_only=True):
    """What a model was learned from."""

    rules_sha256: str
    data_sha256: str | None = None
    first_at: Instant | None = None
    last_at: Instant | None = None
    events: int = 0
    order_types: tuple[TypeCount, ...] = ()
    learned_from: tuple[str, ...] = ()


def model_of(rows: Iterable[StateRow], taught: Taught) -> Model:
    """Return the model of a room's experience."""
    kept = tuple(experience(rows))
    manifest = ModelManifest(
        product=version("order-radar"),
        rules_sha256=taught.rules_sha256,
        data_sha256=taught.data_sha256,
        first_at=None if taught.first_at is None else to_text(taught.first_at),
        last_at=None if taught.last_at is None else to_text(taught.last_at),
        events=taught.events,
        order_types=tuple(sorted(taught.order_types, key=lambda one: (-one.orders, one.order_type))),
        learned_from=taught.learned_from,
        machines=dict(sorted(Counter(row.machine for row in kept).items())),
        rows_sha256=hashlib.sha256(_packed(kept)).hexdigest(),
    )
    return Model(manifest, kept)


def pack(model: Model) -> bytes:
    """Return a model as the bytes of its file; the same model gives the same bytes."""
    content = msgspec.json.encode(model.manifest) + b"\n" + _packed(model.rows)
    return gzip.compress(content, _LEVEL, mtime=0)


def read_model(path: Path, rules: Rules) -> Model:
    """Return the model of a file.

    Args:
        path: The file.
        rules: Of the room that is to begin with it; others than those it was learned under are no error.

    Raises:
        InputError: It is no model, is cut off or damaged, or is of another version.
    """
    place = str(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError.at(place, "", f"cannot be read: {error.strerror or error}", _ALLOWED) from error
    model = unpack(raw, place)
    check_readable(model, rules, place)
    return model


def unpack(raw: bytes, place: str) -> Model:
    """Return the model of a file's bytes.

    Raises:
        InputError: As ``read_model``; ``place`` names the file.
    """
    head, _newline, packed = _content(raw, place).partition(b"\n")
    manifest = _manifest(head, place)
    if hashlib.sha256(packed).hexdigest() != manifest.rows_sha256:
        raise InputError.at(place, "", "is damaged: its rows are not those it was written with", _ALLOWED)
    rows = msgspec.msgpack.decode(packed, type=list[tuple[str, str, bytes]])
    return Model(manifest, tuple(StateRow(*row) for row in rows))


def check_readable(model: Model, rules: Rules, place: str) -> None:
    """Refuse rows that the machines of this radar cannot read.

    Raises:
        InputError: They cannot.
    """
    room = ControlRoom(rules)
    try:
        room.load(model.rows)
        room.next_due()  # the learner builds its tables when it is first asked
    except (msgspec.DecodeError, ValueError, LookupError) as error:
        said = f"holds what Order Radar {model.manifest.product} learned, which this one cannot read"
        raise InputError.at(place, "", said, "allowed: learn it again with `radar learn`") from error


def _content(raw: bytes, place: str) -> bytes:
    if raw[:2] != b"\x1f\x8b":
        raise InputError.at(place, "", "is no model file", _ALLOWED)
    try:
        with gzip.open(BytesIO(raw)) as file:
            content = file.read(CONTENT_BYTES_MAX + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError.at(place, "", "is cut off or damaged", _ALLOWED) from error
    if len(content) > CONTENT_BYTES_MAX:
        raise InputError.at(place, "", f"holds more than {CONTENT_BYTES_MAX} bytes", _ALLOWED)
    return content


class _Kind(msgspec.Struct):
    """As much of a manifest as every version has."""

    format: str
    version: int
    product: str = "?"
    state_version: int = 0


def _manifest(head: bytes, place: str) -> ModelManifest:
    try:
        kind = msgspec.json.decode(head, type=_Kind)
    except msgspec.DecodeError as error:
        raise InputError.at(place, "", "is no model file", _ALLOWED) from error
    if kind.format != FORMAT:
        raise InputError.at(place, "format", f"{kind.format!r} is no model", _ALLOWED)
    for field, found, known in (
        ("version", kind.version, FORMAT_VERSION),
        ("state_version", kind.state_version, STATE_VERSION),
    ):
        if found != known:
            said = f"is {found}, written by Order Radar {kind.product}"
            raise InputError.at(place, field, said, f"allowed: {known}; learn it again with `radar learn`")
    try:
        return msgspec.json.decode(head, type=ModelManifest)
    except msgspec.DecodeError as error:
        raise InputError.at(place, "manifest", f"is wrong: {error}", _ALLOWED) from error


def _packed(rows: Iterable[StateRow]) -> bytes:
    return msgspec.msgpack.encode([(row.machine, row.key, row.state) for row in rows])


def _instant(text: str | None) -> Instant | None:
    return None if text is None else to_instant(datetime.fromisoformat(text))
