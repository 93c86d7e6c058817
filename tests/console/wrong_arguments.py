"""Wrong command lines of every command, each with the words that its one line on stderr must hold.

They are typed in a folder with ``events.jsonl``, a store ``good.db`` of it, ``table.csv`` and what ``places`` makes.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

Case = tuple[tuple[str, ...], str]

RUN = ("run", "--from", "events.jsonl", "--store", "sqlite:///new.db", "--until-eof", "--engine", "plain")
IMPORT = ("import", "table.csv", "--map", "olist_orders", "--out", "out.jsonl")
BACKTEST = ("backtest", "events.jsonl")
GOOD = ("--store", "sqlite:///good.db")
SIMULATE = ("simulate", "one_line", "--days", "1", "--out", "log.jsonl")
WHATIF = ("whatif", "one_line", "--replications", "1", "--days", "1", "--experience", "0", "--out", "figures")
SWEEP = ("sweep", "one_line")
LEARN = ("learn", "events.jsonl", "--out", "new.model")
DEMO = ("demo", "--seconds", "0", "--days", "2")
LONG = "x" * 300

BAD_STORES = {
    "": "",
    "good.db": "is no store this radar can write, allowed: sqlite:///file.db",
    "sqlite://": "is no store this radar can write",
    "sqlite:///": "is no store this radar can write",
    "sqlite:///a\0b": "is no store this radar can write",
    "mysql://host/x": "is no store this radar can write",
    "postgresql://host/x": "PostgreSQL is not in this version yet",
    "sqlite:///binary": "is no SQLite database",
    "sqlite:///other.db": "is a database of something else (table 'somebodys')",
    f"sqlite:///{LONG}": "cannot be opened: File name too long",
}
NO_STORES = {
    "sqlite:///none.db": "there is no such store, allowed: one that `radar run` wrote",
    "sqlite:///none/x.db": "there is no such store",
    "sqlite:///folder": "there is no such store",
    "sqlite:///empty": "is of version none",
    "sqlite:///events.jsonl": "is no SQLite database",
}
BAD_RULES = {
    "none.yaml": "none.yaml: cannot be read: No such file",
    "text.yaml": "text.yaml: line 1",
    "torn.yaml": "torn.yaml: line",
    "binary": "binary: line",
}
BAD_OUTS = {
    "": "is no path",
    "a\0b": "is no path",
    "folder": "is a folder",
    "none/x.json": "none is no folder, allowed: a file in a folder that exists",
    f"{LONG}/x": "cannot be written: File name too long",
}


def make_places(folder: Path) -> None:
    """Write what the wrong command lines name."""
    (folder / "table.csv").write_text("order_id,x\n1,2\n")
    (folder / "binary").write_bytes(bytes(range(256)) * 40)
    (folder / "empty").write_bytes(b"")
    (folder / "text.yaml").write_text("hello")
    (folder / "torn.yaml").write_text("a: [1,\n")
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    with closing(sqlite3.connect(folder / "other.db")) as other:
        other.execute("CREATE TABLE somebodys (x)")


def cases() -> Iterator[Case]:
    """Yield every wrong command line."""
    yield from _of_all()
    yield from _of_run()
    yield from _of_import()
    yield from _of_backtest()
    yield from _of_the_store()
    yield from _of_models()
    yield from _of_the_twin()


def _with(base: Sequence[str], option: str, values: dict[str, str]) -> Iterator[Case]:
    """Yield a command line with an option at each of some values; the line must name the option or the file."""
    for value, said in values.items():
        yield (*base, option, value), said


def _of_all() -> Iterator[Case]:
    yield ("nonsense",), "No such command 'nonsense' (see `radar --help`)"
    yield ("--xyzzy",), "No such option '--xyzzy'"
    yield ("deadletter", "nonsense"), "No such command 'nonsense' (see `radar deadletter --help`)"
    for base in (RUN, IMPORT, BACKTEST, LEARN, SIMULATE, WHATIF, SWEEP, DEMO, ("schema",), ("ahead", *GOOD),
                 ("explain", "SO-1", *GOOD)):  # fmt: skip
        yield (*base, "--xyzzy"), f"No such option '--xyzzy' (see `radar {base[0]} --help`)"
    for base in (RUN, IMPORT, SIMULATE, WHATIF, SWEEP, DEMO, ("schema", "order.placed")):
        yield (*base, "more"), "unexpected extra argument (more)"
    yield from {
        ("run",): "--from: is missing",
        RUN[:3]: "--store: is missing",
        ("run", *RUN[3:]): "--from: is missing",
        ("import",): "FILE.csv[.gz]: is missing",
        IMPORT[:2]: "--map: is missing",
        IMPORT[:4]: "--out: is missing",
        ("backtest",): "EVENTS...: is missing",
        ("deadletter", "list"): "--store: is missing",
        ("deadletter", "replay"): "--store: is missing",
        ("ahead",): "--store: is missing",
        ("explain",): "ORDER: is missing",
        ("explain", "SO-1"): "--store: is missing",
        ("simulate",): "NETWORK: is missing",
        SIMULATE[:2]: "--out: is missing",
        ("whatif", "one_line"): "--out: is missing",
        ("sweep",): "NETWORK: is missing",
        LEARN[:2]: "--out: is missing",
        ("learn", *LEARN[2:]): "EVENTS...: is missing",
        ("model", "save", *GOOD): "--out: is missing",
        ("model", "save", *LEARN[2:]): "--store: is missing",
        ("model", "load", "text.yaml"): "--store: is missing",
        ("model", "load", *GOOD): "MODEL: is missing",
    }.items()
    yield (*RUN, "--from"), "Option '--from' requires an argument"


def _of_run() -> Iterator[Case]:
    speeds = {value: f"--speed: '{value}' is no speed, allowed: max" for value in ("fast", "0", "-3", "nan", "inf", "")}
    yield from _with(RUN, "--speed", speeds)
    for option in ("--lateness", "--epoch"):
        bad = ("", "soon", "-1h", "1", "NaNs", "1e400s", "9999999999999d", "2 fortnights")
        yield from _with(RUN, option, {value: f"{option}: '{value}' is no duration, allowed: 0.2s" for value in bad})
    yield from _with(RUN, "--zone", dict.fromkeys(("", "Mars/X", "../x", "a\x00b"), "is no time zone"))
    yield from _with(RUN, "--engine", {"faust": "--engine: 'faust' is not one of 'bytewax', 'plain'"})
    yield from _with(
        RUN, "--block-lines", {"0": "1<=x<=100000", "many": "--block-lines: 'many' is not a valid integer"}
    )
    yield from _with(RUN, "--rules", {**BAD_RULES, "folder": "folder", "": "cannot be read"})
    taken = dict.fromkeys(("events.jsonl", "good.db", "binary"), "exists already and is not from this store")
    yield from _with(RUN, "--out", {**taken, "folder": "cannot be written", "none/x": "cannot be written"})
    yield from _with(
        RUN,
        "--from",
        {
            "": "is no path",
            "a\0b": "is no path",
            "none.jsonl": "there is no such file or folder",
            "events.jsonl?zone=X": "'X' is no time zone",
            "events.jsonl?zome=UTC": "there is no such file",
            "events.jsonl": "the same file is named twice",
            "./folder/../events.jsonl": "the same file is named twice",
            "pipe": "is a pipe or a device",
            "/dev/null": "is a pipe or a device",
            "kafka://host/topic": "kafka:// is not in this version yet",
            "foo://x": "foo:// is unknown",
            LONG: "File name too long",
        },
    )
    yield from _with(RUN, "--store", {**BAD_STORES, "sqlite:///none/x.db": "folder none does not exist"})
    yield from _with(RUN, "--store", {"sqlite:///folder": "is a folder", "sqlite:///events.jsonl": "is no SQLite"})


def _of_import() -> Iterator[Case]:
    yield from _with(
        IMPORT, "--map", {"": "cannot be read", "none": "none: no such map, allowed: a YAML file, or one of"}
    )
    yield from _with(IMPORT, "--map", {"text.yaml": "line 1", "torn.yaml": "torn.yaml: line", "binary": "binary: line"})
    yield from _with(IMPORT, "--map", {"folder": "folder"})
    yield from _with(IMPORT, "--out", {**BAD_OUTS, "table.csv": "is also read or written otherwise"})
    yield from _with(IMPORT, "--rejects", {**BAD_OUTS, "table.csv": "is also read or written otherwise"})
    for table, said in {
        "none.csv": "none.csv: cannot be read: No such file",
        "folder": "folder: cannot be read: Is a directory",
        "empty": "empty: is empty, allowed: a header line and rows",
        "binary": "binary: line",
        "table.csv": "table.csv: line 1: column",
    }.items():
        yield ("import", table, *IMPORT[2:]), said


def _of_backtest() -> Iterator[Case]:
    for files, said in {
        ("none.jsonl",): "none.jsonl: there is no such file",
        ("-",): "standard input",
        ("empty",): "there is no line",
        ("pipe",): "is a pipe or a device",
        ("events.jsonl", "events.jsonl"): "is named twice",
    }.items():
        yield ("backtest", *files), said
    dates = {value: f"'{value}' is no local date" for value in ("soon", "2024-01-01T00:00:00Z", "2024-13-01")}
    yield from _with(BACKTEST, "--score-from", dates)
    yield (*BACKTEST, "--score-from", "2024-02-01", "--score-until", "2024-01-01"), "is not after --score-from"
    yield from _with(BACKTEST, "--lead", {"0s": "--lead", "soon": "--lead: 'soon' is no duration"})
    yield from _with(BACKTEST, "--policy", {"brave": "--policy: 'brave' is no policy, allowed: rules"})
    yield from _with(BACKTEST, "--zone", {"": "is no time zone", "Mars/X": "is no time zone"})
    yield from _with(BACKTEST, "--lateness", {"soon": "--lateness: 'soon' is no duration"})
    numbers = {"nan": "'nan' is no number", "much": "'much' is not a valid float"}
    yield from _with(BACKTEST, "--effect", {**numbers, "2": "0<=x<=1"})
    yield from _with(BACKTEST, "--cost-action", {**numbers, "inf": "'inf' is no number, allowed: x>=0"})
    yield from _with(BACKTEST, "--cost-late", {**numbers, "-1": "x>=0"})
    yield from _with(BACKTEST, "--resamples", {"-1": "0<=x<=10000", "many": "--resamples"})
    yield from _with(BACKTEST, "--seed", {"-1": "x>=0", "1.5": "--seed: '1.5' is not a valid integer"})
    yield from _with(BACKTEST, "--rules", BAD_RULES)
    for option in ("--json", "--warnings", "--html", "--picture"):
        yield from _with(BACKTEST, option, {"folder": "is a folder", "none/x": "none is no folder"})
        yield from _with(BACKTEST, option, {"events.jsonl": "is read or written otherwise"})


def _of_the_store() -> Iterator[Case]:
    for verb in ("list", "replay"):
        base = ("deadletter", verb, *GOOD)
        yield from _with(base, "--reason", {"typo": "--reason: no line is kept for 'typo'"})
        yield from _with(base, "--limit", {"-1": "--limit", "9" * 20: "--limit", "all": "--limit"})
    stores = BAD_STORES | NO_STORES
    yield from _with(("deadletter", "list"), "--store", stores)
    yield from _with(("explain", "SO-1"), "--store", stores)
    yield from _with(("ahead",), "--store", stores)
    yield from _with(("ahead", *GOOD), "--kind", {"zone": "--kind: 'zone' is not one of 'line', 'warehouse'"})
    yield from _with(("ahead", *GOOD), "--language", {"fr": "--language: 'fr' is not one of 'en', 'zh-CN', 'zh-TW'"})
    replay = ("deadletter", "replay", *GOOD)
    yield from _with(replay[:2], "--store", stores)
    yield from _with(replay, "--zone", {"": "is no time zone", "Mars/X": "is no time zone"})
    yield from _with(replay, "--rules", BAD_RULES)
    for order in ("", "nobody", "a\0b", "' OR 1=1 --"):
        yield ("explain", order, *GOOD), "is not in the store"
    yield ("explain", "x" * 5000, *GOOD), "ORDER: an id of 5000 characters, allowed: up to 200"
    explain = ("explain", "SO-0000000", *GOOD)
    yield from _with(explain, "--language", {"fr": "--language: 'fr' is not one of 'en', 'zh-CN', 'zh-TW'"})
    yield from _with(explain, "--zone", {"": "is no time zone", "Mars/X": "is no time zone"})
    yield from _with(explain, "--rules", BAD_RULES)
    yield ("schema", "order.exploded"), "'order.exploded' is no kind of event, allowed: order.placed.v1"
    yield from _with(("schema",), "--out", BAD_OUTS)


def _of_models() -> Iterator[Case]:
    for files, said in {
        ("none.jsonl",): "none.jsonl: there is no such file",
        ("-",): "standard input",
        ("empty",): "no event in 0 lines",
        ("binary",): "EVENTS: no event in",
        ("events.jsonl", "events.jsonl"): "is named twice",
    }.items():
        yield ("learn", *files, *LEARN[2:]), said
    yield from _with(LEARN, "--out", {**BAD_OUTS, "events.jsonl": "is read or written otherwise"})
    yield from _with(LEARN, "--rules", BAD_RULES)
    yield from _with(LEARN, "--zone", {"Mars/X": "is no time zone"})
    yield from _with(LEARN, "--lateness", {"soon": "--lateness: 'soon' is no duration"})
    models = {
        "none": "none: cannot be read: No such file",
        "folder": "folder: cannot be read: Is a directory",
        "binary": "binary: is no model file, allowed: a file that `radar learn` or `radar model save` wrote",
        "events.jsonl": "events.jsonl: is no model file",
        "empty": "empty: is no model file",
        "": "Is a directory",
    }
    for base in (RUN, BACKTEST, WHATIF):
        yield from _with(base, "--model", models)
    for name, said in models.items():
        yield ("model", "show", name), said
        yield ("model", "load", name, "--store", "sqlite:///new.db"), said
    yield ("model", "show"), "one thing to show is needed, allowed: a model file, or --store URL"
    yield ("model", "show", "binary", *GOOD), "one thing to show is needed"
    yield from _with(("model", "show"), "--store", BAD_STORES | NO_STORES)
    yield from _with(("model", "show", *GOOD), "--top", {"0": "--top", "many": "--top"})
    yield from _with(("model", "save", *LEARN[2:]), "--store", BAD_STORES | NO_STORES)
    yield from _with(("model", "save", *GOOD), "--out", BAD_OUTS)


def _of_the_twin() -> Iterator[Case]:
    stories = {"none": "no such scenario, allowed: a YAML file, or one of", "torn.yaml": "torn.yaml", "": "scenario"}
    networks = {"none": "no such network, allowed", "torn.yaml": "torn.yaml", "folder": "network", "": "network"}
    seeds = {"-1": "--seed", "luck": "--seed"}
    yield from _with(SIMULATE, "--scenario", {**stories, "folder": "folder", "binary": "binary"})
    yield from _with(SIMULATE, "--days", {"0": "1<=x<=3650", "some": "--days"})
    yield from _with(SIMULATE, "--out", BAD_OUTS)
    yield from _with(SIMULATE, "--seed", seeds)
    yield from _with(WHATIF, "--scenario", stories)
    yield from _with(WHATIF, "--respond", {"bravely": "--respond"})
    yield from _with(WHATIF, "--replications", {"0": "--replications"})
    yield from _with(WHATIF, "--jobs", {"0": "--jobs"})
    yield from _with(WHATIF, "--rules", {"none.yaml": "none.yaml", "folder": "folder", "torn.yaml": "torn.yaml"})
    yield from _with(
        WHATIF, "--experience", {"90min": "--experience: is no whole number of days", "-1d": "'-1d' is no"}
    )
    yield from _with(WHATIF, "--out", {"": "is no path", "events.jsonl": "is a file", "events.jsonl/x": "cannot be"})
    yield from _with(SWEEP, "--kind", {"planet": "--kind: 'planet' is not one of"})
    yield from _with(SWEEP, "--outage", {"0d": "--outage: is no whole number", "90min": "--outage", "x": "--outage"})
    yield from _with(SWEEP, "--after", {"x": "--after: 'x' is no duration"})
    yield from _with(SWEEP, "--out", BAD_OUTS)
    for name, said in networks.items():
        yield ("simulate", name, "--out", "log.jsonl"), said
        yield ("whatif", name, "--out", "figures"), said
        yield ("sweep", name), said
        yield (*DEMO, "--network", name), said
    yield from _with(DEMO, "--scenario", stories)
    yield from _with(DEMO, "--days", {"1": "2<=x<=60"})
    yield from _with(DEMO, "--seed", seeds)
    yield from _with(DEMO, "--seconds", {"-1": "0<=x<=3600", "nan": "'nan' is no number", "long": "--seconds"})
    yield from _with(DEMO, "--dir", {"": "is no path", "events.jsonl": "is a file", "events.jsonl/x": "cannot be"})
