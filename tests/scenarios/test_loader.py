"""The strict loader: what it refuses, and that each refusal is one clear line."""

import pytest
from pydantic import Field

from radar.errors import InputError
from scenarios.loader import Declared, ScenarioError, load, parse, parse_document
from scenarios.scalars import (
    Day,
    Duration,
    Flag,
    Limit,
    Moment,
    MonthDay,
    Named,
    Number,
    Opening,
    Ratio,
    Span,
    StageName,
    TimeOfDay,
    Whole,
    WorkingSpan,
    Zone,
)


class Leg(Declared):
    site: Named
    open: Opening = ()


class Sheet(Declared):
    """One field of every scalar."""

    name: Named = "sheet"
    flag: Flag = False
    number: Number = 0.0
    whole: Whole = 0
    share: Ratio = 0.0
    duration: Duration = 0
    limit: Limit = 0
    span: WorkingSpan = Span()
    time: TimeOfDay = 0
    day: Day | None = None
    month_day: MonthDay = (1, 1)
    moment: Moment | None = None
    zone: Zone = "UTC"
    stage: StageName | None = None
    legs: tuple[Leg, ...] = ()
    depots: dict[Named, Leg] = Field(default_factory=dict)


def sheet(text: str) -> Sheet:
    return parse(text.encode(), "sheet.yaml", Sheet)


def said(text: str | bytes) -> str:
    with pytest.raises(ScenarioError) as caught:
        parse(text if isinstance(text, bytes) else text.encode(), "sheet.yaml", Sheet)
    message = str(caught.value)
    assert message.startswith("sheet.yaml")
    assert "\n" not in message
    assert isinstance(caught.value, InputError)
    return message


def test_every_scalar_stays_text_until_its_model_types_it():
    tree = parse_document(b"a: 10:30\nb: NO\nc: 1e3\nd: ~\ne: 2024-01-01\nf: 0x1f\ng:", "x.yaml").tree
    assert tree == {"a": "10:30", "b": "NO", "c": "1e3", "d": "~", "e": "2024-01-01", "f": "0x1f", "g": ""}


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("name: NO", "name", "NO"),
        ("flag: true", "flag", True),
        ("number: -1.5e3", "number", -1500.0),
        ("whole: 10000", "whole", 10000),
        ("share: 1", "share", 1.0),
        ("duration: 90min", "duration", 5_400_000_000),
        ("duration: 1d 12h", "duration", 36 * 3_600_000_000),
        ("duration: 1.5 hours", "duration", 5_400_000_000),
        ("limit: off", "limit", 0),
        ("span: 2 working h", "span", Span(7_200_000_000, is_working=True)),
        ("span: 1 working day", "span", Span(working_days=1.0, is_working=True)),
        ("span: 2h", "span", Span(7_200_000_000)),
        ("time: 10:30", "time", 630),
        ("time: 24:00", "time", 1440),
        ("month_day: 02-29", "month_day", (2, 29)),
        ("legs: [{site: A, open: '22:00-06:00'}]", "legs", (Leg(site="A", open=((1320, 360),)),)),
        ("depots: {north: &d {site: A}, south: *d}", "depots", {"north": Leg(site="A"), "south": Leg(site="A")}),
    ],
)
def test_a_right_value_is_typed(line, field, value):
    assert getattr(sheet(line), field) == value


# (file, what its message must hold): each file is wrong in one way.
BAD_VALUES = [
    ("flag: yes", "flag (line 1): 'yes' is no yes or no, allowed: true, false"),
    ("flag: True", "'True' is no yes or no"),
    ("flag: 1", "'1' is no yes or no"),
    ("flag: [true]", "a list is no yes or no"),
    ("number: twelve", "'twelve' is no number"),
    ("number: nan", "'nan' is no number"),
    ("number: inf", "'inf' is no number"),
    ("number: 1_000", "'1_000' is no number"),
    ("number: 0x1f", "'0x1f' is no number"),
    ("number: 1e999", "'1e999' is no number"),
    ("number: ١٢", "is no number"),
    ("number:", "'' is no number"),
    ("number: {a: 1}", "a mapping is no number"),
    ("whole: 1.5", "'1.5' is no whole number"),
    ("whole: " + "9" * 400, "is no whole number"),
    ("share: 1.01", "'1.01' is no share, allowed: 0 to 1"),
    ("share: -0.1", "is no share"),
    ("duration: soon", "'soon' is no duration, allowed: 90min"),
    ("duration: 5", "'5' is no duration"),
    ("duration: 5m", "'5m' is no duration"),
    ("duration: -2h", "'-2h' is no duration"),
    ("duration: 2h and a bit", "is no duration"),
    ("duration: 11000d", "ten years at most"),
    ("duration: 1 working day", "is no duration"),
    ("limit: 0h", "is no limit, allowed: a duration such as 24h, or off"),
    ("limit: no", "'no' is no duration"),
    ("span: working day", "is no duration"),
    ("span: 1 working week", "is no duration"),
    ("span: 1d 2 working h", "is no duration"),
    ("time: 630", "'630' is no time of day, allowed: 00:00 to 24:00"),
    ("time: 24:01", "is no time of day"),
    ("time: 10:60", "is no time of day"),
    ("time: 9:00", "is no time of day"),
    ("day: 2023-02-29", "'2023-02-29' is no date"),
    ("day: 20240101", "is no date"),
    ("day: 2024-W01-1", "is no date"),
    ("month_day: 13-01", "is no day of the year"),
    ("month_day: 2024-01-01", "is no day of the year"),
    ("moment: 2024-03-01T09:00:00", "has no UTC offset"),
    ("moment: tomorrow", "is no instant"),
    ("zone: Mars/Olympus", "'Mars/Olympus' is no time zone, allowed: an IANA name"),
    ("zone: ../../etc/passwd", "is no time zone"),
    ("stage: shipped", "'shipped' is no stage, allowed: placed, validated, paid"),
    ("name: ''", "is no name"),
    ("name: " + "x" * 101, "is no name"),
    ('name: "a\\tb"', "is no name"),
    ("nme: x", "nme (line 1): unknown key, did you mean name?, allowed: name, flag"),
    ("zzz: x", "zzz (line 1): unknown key, allowed: name"),
    ("legs: {site: A}", "legs (line 1): a mapping where a list is needed"),
    ("legs: A", "the text 'A' where a list is needed"),
    ("legs: [A]", "legs[0] (line 1): the text 'A' where a mapping is needed"),
    ("legs:\n- site: A\n- sight: B", "legs[1].sight (line 3): unknown key, did you mean site?"),
    ("legs:\n- site: A\n- open: closed", "legs[1].site (line 3): is missing"),
    ("legs:\n- site: A\n  open: 9-18", "legs[0].open (line 3): '9-18' are no opening hours"),
    ("legs: [{site: A, open: '24:00-06:00'}]", "are no opening hours"),
    ("legs: [{site: A, open: 09:00-12:00-13:00}]", "are no opening hours"),
    ("depots:\n  north:\n    site: [A]", "depots.north.site (line 3): a list is no name"),
    ("number: x\nwhole: y\nshare: z", "number (line 1): 'x' is no number, allowed: 12, 0.5, 1e6 (and 2 more wrong)"),
]

BAD_YAML = [
    (b"", "is empty"),
    (b"# nothing but a remark\n", "is empty"),
    (b"just text", "the text 'just text' at the top"),
    (b"- a\n- b", "a list at the top"),
    (b"name: a\nname: b", "line 2: key 'name' is there twice, first in line 1"),
    (b"legs: [{site: A, site: B}]", "is there twice"),
    (b"name: !!python/object:os.system x", "line 1: tag 'tag:yaml.org,2002:python/object:os.system'"),
    (b"legs: !!set {a}", "tag"),
    (b"depots:\n  <<: {site: A}", "line 2: a merge key"),
    (b"name: a\n---\nname: b", "line 2: a second document"),
    (b"name: *nobody", "alias *nobody"),
    (b"depots: &d {north: *d}", "alias *d"),
    (b"? [a, b]\n: c", "a key that is no plain text"),
    (b"name: [", "no YAML"),
    (b"name: 'x", "no YAML"),
    (b"name: a: b", "no YAML"),
    (b"\tname: a", "no YAML"),
    (b"name: @x", "no YAML"),
    (b"name: \x00", "no YAML"),
    (b"name: \x07bell", "no YAML"),
    (b"name: caf\xe9", "line 1: byte 0xe9, allowed: UTF-8 text"),
    (b"\xff\xfen\x00a\x00", "allowed: UTF-8 text"),
    (b"\x7fELF\x02\x01\x01\x00", "no YAML"),
    (b"\x1f\x8b\x08\x00", "allowed: UTF-8 text"),
    (b"legs: " + b"[" * 100 + b"]" * 100, "nested too deeply, allowed: 40 levels"),
    (b"legs: " + b"[" * 200_000, "nested too deeply"),
    (b"name: " + b"x" * 1_000_001, "too large, allowed: 1000000 bytes"),
    (b"legs: [" + b"a," * 50_001 + b"]", "too many parts"),
]

# Ten aliases of ten aliases of ...: 1e9 parts written in 300 bytes.
BOMB = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))


@pytest.mark.parametrize(("text", "holds"), BAD_VALUES)
def test_a_wrong_value_is_one_clear_line(text, holds):
    assert holds in said(text)


@pytest.mark.parametrize(("content", "holds"), BAD_YAML)
def test_what_is_no_plain_yaml_is_one_clear_line(content, holds):
    assert holds in said(content)


def test_aliases_that_blow_up_are_refused():
    assert "too many parts" in said(BOMB)


def test_a_byte_order_mark_is_read_over():
    assert parse(b"\xef\xbb\xbfname: x", "x.yaml", Sheet).name == "x"


def test_a_missing_file_a_folder_and_a_file_without_rights_are_clear(tmp_path):
    with pytest.raises(ScenarioError, match=r"nothing\.yaml: cannot be read: No such file"):
        load(tmp_path / "nothing.yaml", Sheet)
    with pytest.raises(ScenarioError, match="cannot be read: Is a directory"):
        load(tmp_path, Sheet)


def test_a_declared_value_is_frozen():
    with pytest.raises(ValueError, match="frozen"):
        sheet("name: x").name = "y"
