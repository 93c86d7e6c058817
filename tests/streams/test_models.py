"""Models: the same events give the same file, and a store gives back what it was given."""

import gzip
import re
import sqlite3
from pathlib import Path

import msgspec
import pytest

from radar.errors import InputError
from radar.experience import MOVES, STATE_VERSION, experience
from radar.instant import DAY_US, HOUR_US, Instant
from radar.outputs import StateRow
from scenarios.rules import load_rules
from streams.codec import encode
from streams.lessons import Lesson, learn
from streams.model_files import FORMAT_VERSION, Model, check_readable, pack, read_model, unpack
from streams.model_store import begin_with, load_model, move_before, rows_before, save_model
from streams.pace import Pace
from streams.running import Run, RunSettings
from streams.specs import parse_spec
from streams.store import open_store
from tests.radar.learning.worlds import World
from tests.streams.flow import Flow

RULES = load_rules()
LINES = [encode(event) + b"\n" for event in World(days=30, orders_per_day=8, order_types=("a", "b")).events()]
CUT = len(LINES) * 2 // 3


def taught(path: Path) -> Lesson:
    return learn([parse_spec(str(path))], RULES, HOUR_US, lambda _ledger, _clock: None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    path: Path = tmp_path_factory.mktemp("models")
    (path / "first.jsonl").write_bytes(b"".join(LINES[:CUT]))
    (path / "rest.jsonl").write_bytes(b"".join(LINES[CUT:]))
    (path / "first.jsonl.gz").write_bytes(gzip.compress(b"".join(LINES[:CUT])))
    return path


@pytest.fixture(scope="module")
def lesson(folder) -> Lesson:
    return taught(folder / "first.jsonl")


def save(flow: Flow, name: str) -> Model:
    return save_model(flow.url(name))


# --- the file -----------------------------------------------------------------------------------------------


@pytest.mark.req("R03")
def test_the_same_events_give_the_same_bytes_however_they_are_kept(folder, lesson, tmp_path):
    assert pack(taught(folder / "first.jsonl.gz").model) == pack(lesson.model)
    halves = [tmp_path / "x.jsonl", tmp_path / "y.jsonl"]
    for place, half in zip(halves, (LINES[:CUT:2], LINES[1:CUT:2]), strict=True):
        place.write_bytes(b"".join([*half, half[3], b"not a line\n"]))  # and a duplicate, and a bad line
    merged = learn([parse_spec(str(place)) for place in halves], RULES, HOUR_US, lambda _ledger, _clock: None)
    assert pack(merged.model) == pack(lesson.model)
    assert merged.counters.dead == sum(merged.dead.values()) == len(merged.letters) == 2
    assert merged.counters.duplicates == 2


def test_other_events_give_another_file(folder, lesson):
    assert taught(folder / "rest.jsonl").model.manifest.data_sha256 != lesson.model.manifest.data_sha256


def test_a_model_says_what_it_is(lesson):
    manifest = lesson.model.manifest
    assert (manifest.version, manifest.state_version) == (FORMAT_VERSION, STATE_VERSION)
    assert manifest.events == CUT
    assert manifest.rules_sha256 == RULES.version
    assert {one.order_type for one in manifest.order_types} == {"a", "b"}
    placed = sum(b"order.placed" in line for line in LINES[:CUT])
    assert sum(one.orders for one in manifest.order_types) == placed
    delivered = sum(b"shipment.delivered" in line for line in LINES[:CUT])
    assert sum(one.deliveries for one in manifest.order_types) == delivered
    assert manifest.machines["learner"] > 10
    assert (manifest.learned_since or 0) < (manifest.learned_until or 0)


def test_the_first_line_unpacked_is_the_manifest(lesson):
    head, _, _ = gzip.decompress(pack(lesson.model)).partition(b"\n")
    assert msgspec.json.decode(head)["format"] == "order-radar-model"


def test_no_clock_is_in_the_file(lesson):
    assert pack(lesson.model)[4:8] == bytes(4)  # where gzip would note when it was written


def test_what_is_written_is_read(lesson, tmp_path):
    (tmp_path / "m").write_bytes(pack(lesson.model))
    found = read_model(tmp_path / "m", RULES)
    assert found == lesson.model
    assert pack(found) == pack(lesson.model)


def forged(lesson: Lesson, **fields: object) -> bytes:
    """Return a model file whose manifest says something else."""
    head, newline, rows = gzip.decompress(pack(lesson.model)).partition(b"\n")
    return gzip.compress(msgspec.json.encode({**msgspec.json.decode(head), **fields}) + newline + rows)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"version": 2}, "version: is 2, written by Order Radar"),
        ({"state_version": 99}, "state_version: is 99"),
        ({"format": "cake"}, "format: 'cake' is no model"),
        ({"events": "many"}, "manifest: is wrong: Expected `int`"),
        ({"rows_sha256": "0"}, "its rows are not those it was written with"),
    ],
)
def test_another_version_or_content_is_refused(lesson, fields, said):
    with pytest.raises(InputError, match=said):
        unpack(forged(lesson, **fields), "m")


def test_every_cut_is_found(lesson):
    raw = pack(lesson.model)
    for length in (0, 1, 2, 10, len(raw) // 2, len(raw) - 8, len(raw) - 1):
        with pytest.raises(InputError, match=r"^m: is (no model file|cut off or damaged), allowed"):
            unpack(raw[:length], "m")


def test_what_is_no_model_is_refused(tmp_path):
    for content, said in (
        (b"hello", "no model file"),
        (gzip.compress(b"hello"), "no model file"),
        (gzip.compress(b"[1]\n"), "no model file"),
    ):
        with pytest.raises(InputError, match=said):
            unpack(content, "m")
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_model(tmp_path / "none", RULES)
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_model(tmp_path, RULES)


def test_rows_no_machine_can_read_are_refused(lesson):
    core = next(row for row in lesson.model.rows if row.key == "0/core/")
    for state in (b"", b"\x91\x01", core.state[:40]):
        rows = (msgspec.structs.replace(core, state=state),)
        with pytest.raises(InputError, match="which this one cannot read"):
            check_readable(Model(lesson.model.manifest, rows), RULES, "m")


def test_events_without_an_event_teach_nothing(tmp_path):
    (tmp_path / "bad.jsonl").write_bytes(b"nothing\n\n")
    with pytest.raises(InputError, match="EVENTS: no event in 1 lines"):
        taught(tmp_path / "bad.jsonl")


# --- stores -------------------------------------------------------------------------------------------------


def run(flow: Flow, name: str, lines: list[bytes], model: Model | None = None, file: str = "events.jsonl") -> list[str]:
    """Run some lines into a store; returns what a person was told."""
    told: list[str] = []
    specs = (parse_spec(str(flow.write(lines, file))),)
    settings = RunSettings(
        specs=specs,
        store_url=flow.url(name),
        rules=RULES,
        pace=Pace(until_eof=True, epoch_s=0.0, block_lines=100),
        lateness_us=HOUR_US,
        engine="plain",
        model=model,
        model_place="m",
        tell=told.append,
    )
    Run(settings).start()
    return told


def states(flow: Flow, name: str) -> list[StateRow]:
    with sqlite3.connect(flow.folder / f"{name}.db") as connection:
        rows = connection.execute("SELECT machine, key, state FROM machine_rows").fetchall()
    return [StateRow(*row) for row in rows]


@pytest.fixture
def flow(tmp_path) -> Flow:
    return Flow(tmp_path, RULES)


def test_a_store_and_a_lesson_learn_the_same(flow, lesson):
    run(flow, "a", LINES[:CUT])
    saved = save(flow, "a")
    assert saved.rows == lesson.model.rows
    ours, theirs = saved.manifest, lesson.model.manifest
    assert (ours.events, ours.order_types, ours.last_at) == (theirs.events, theirs.order_types, theirs.last_at)


@pytest.mark.req("R03")
def test_saved_loaded_and_saved_again_is_the_same_file(flow):
    run(flow, "a", LINES[:CUT])
    first = save(flow, "a")
    store = open_store(flow.url("b"))
    load_model(store, first, "m")
    store.close()
    assert pack(save(flow, "b")) == pack(first)
    assert states(flow, "b") != []
    assert experience(states(flow, "b")) == list(first.rows)


def test_a_new_store_begins_with_a_model_and_the_same_command_goes_on(flow, lesson):
    assert run(flow, "a", LINES[CUT:], lesson.model) == []
    warm = save(flow, "a")
    assert warm.manifest.learned_from == (lesson.model.manifest.rows_sha256,)
    assert warm.manifest.events == len(LINES)
    assert warm.manifest.first_at == lesson.model.manifest.first_at
    assert sum(one.orders for one in warm.manifest.order_types) == sum(b"order.placed" in line for line in LINES)
    before = states(flow, "a")
    assert run(flow, "a", LINES[CUT:], lesson.model) == []
    assert states(flow, "a") == before


@pytest.mark.req("R03")
def test_a_restart_after_a_warm_start_leaves_no_trace(flow, lesson):
    rest = LINES[CUT:]
    run(flow, "a", rest, lesson.model)
    for end in (1, 70, len(rest)):
        run(flow, "b", rest[:end], lesson.model)
    learned = {(row.machine, row.key): row.state for row in states(flow, "a") if row.machine in MOVES}
    assert learned == {(row.machine, row.key): row.state for row in states(flow, "b") if row.machine in MOVES}


def test_a_store_that_began_otherwise_is_refused(flow, lesson):
    run(flow, "a", LINES[:50])
    with pytest.raises(InputError, match="has learned already, allowed: a new store, or"):
        run(flow, "a", LINES[:50], lesson.model)
    store = open_store(flow.url("a"))
    with pytest.raises(InputError, match="has learned already"):
        begin_with(store, lesson.model, "m")
    load_model(store, lesson.model, "m", replace=True)
    store.close()
    assert list(save(flow, "a").rows) == list(lesson.model.rows)
    run(flow, "a", LINES[:200])  # its orders go on, under what is known now
    assert save(flow, "a").manifest.events == CUT + 150


def test_a_store_without_anything_learned_has_no_model(flow):
    store = open_store(flow.url("a"))
    store.close()
    with pytest.raises(InputError, match="has learned nothing yet"):
        save(flow, "a")


def test_a_model_that_looks_ahead_is_taken_weeks_earlier_and_said_so(flow, lesson):
    (said,) = run(flow, "a", LINES[:CUT], lesson.model)
    assert "it knows more than anybody knew then" in said
    assert "weeks earlier" in said
    assert run(flow, "a", LINES[:CUT], lesson.model) == []
    days = [msgspec.msgpack.decode(row.state)[3] for row in lesson.model.rows if row.key.endswith("/core/")]
    rows, told = rows_before(lesson.model, Instant((lesson.model.manifest.learned_until or 0) - 9 * DAY_US))
    moved = [msgspec.msgpack.decode(row.state)[3] for row in rows if row.key.endswith("/core/")]
    assert moved == [day - 14 for day in days]
    assert "2 weeks earlier" in (told or "")


def test_a_mistyped_year_in_the_first_line_moves_no_model(flow, lesson):
    mistyped = re.sub(rb'"time":"20\d\d', b'"time":"1987', LINES[CUT])
    assert mistyped != LINES[CUT]
    assert run(flow, "a", [mistyped, *LINES[CUT:]], lesson.model) == []


def test_a_model_of_the_past_stays_where_it_is(flow, lesson):
    later = Instant((lesson.model.manifest.learned_until or 0) + 30 * DAY_US)
    assert rows_before(lesson.model, later) == (lesson.model.rows, None)
    assert rows_before(lesson.model, None) == (lesson.model.rows, None)
    store = open_store(flow.url("a"))
    begin_with(store, lesson.model, "m")
    assert move_before(store, later) is None
    store.close()


def test_a_model_is_noted_among_the_runs(flow, lesson):
    store = open_store(flow.url("a"))
    load_model(store, lesson.model, "some.model")
    store.close()
    with sqlite3.connect(flow.folder / "a.db") as connection:
        (row,) = connection.execute("SELECT engine, status, specs, settings FROM runs").fetchall()
    assert row[:3] == ("model", "done", '["some.model"]')
    assert msgspec.json.decode(row[3])["model"]["rows_sha256"] == lesson.model.manifest.rows_sha256
