"""House rules (docs/STYLE.md) executed; each rule is also shown to be able to fail."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tidy_rules as rules

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("radar", "scenarios", "streams", "twin", "console")

# The outermost loops, the only places for a broad handler: (file, function) -> why it is one.
OUTERMOST_LOOPS = {
    ("console/exits.py", "run_to_exit_code"): "every end of a command becomes a code and one line",
    ("radar/watch.py", "observe"): "one poison order must not stop the others: it is quarantined (R51)",
    ("radar/watch.py", "_look"): "the same, when time or a condition rather than an event wakes the order",
    (
        "streams/dataflow.py",
        "guarded",
    ): "a step that raises inside Bytewax prints its trace; the failure is raised after it",
}

CODE: dict[rules.Rule, tuple[str, ...]] = {
    rules.file_is_short: (*PACKAGES, "tests", "benchmarks"),
    rules.functions_are_short: (*PACKAGES, "tests", "benchmarks"),
    rules.core_imports_are_pure: ("radar",),
    rules.core_calls_are_pure: ("radar",),
    rules.prints_nothing: ("radar", "scenarios", "streams", "twin"),
    rules.swallows_nothing: (*PACKAGES, "tests", "benchmarks"),
    rules.public_names_are_documented: (*PACKAGES, "benchmarks"),
    rules.names_are_of_the_glossary: ("radar", "scenarios"),
    rules.tests_assert_and_never_sleep: ("tests",),
}
TEXT: dict[rules.Rule, tuple[str, ...]] = {
    rules.names_no_machine: (".py", ".md", ".toml", ".yaml", ".yml", ".ipynb", ".sh", ".json", "Makefile", "run"),
    rules.todos_carry_an_issue: (".py", ".yaml", ".sh", "Makefile"),
    rules.says_live_not_real_time: (".py", ".yaml", "README.md", "CHANGELOG.md"),
    rules.names_no_registry: (".txt",),
}
# Files that must spell out what they forbid.
SPELLED_OUT = {"docs/glossary.md", "tests/test_tidy.py", "tests/tidy_rules.py"}

BAD_SNIPPETS: list[tuple[rules.Rule, str]] = [
    (rules.file_is_short, "x = 1\n" * 401),
    (rules.functions_are_short, "def long():\n" + "    x = 1\n" * 50),
    (rules.core_imports_are_pure, "import logging"),
    (rules.core_imports_are_pure, "from time import monotonic"),
    (rules.core_imports_are_pure, "import sqlalchemy.orm"),
    (rules.core_imports_are_pure, "from numpy.random import default_rng"),
    (rules.core_imports_are_pure, "from numpy import random"),
    (rules.core_imports_are_pure, "from streams import store"),
    (rules.core_calls_are_pure, "datetime.now(UTC)"),
    (rules.core_calls_are_pure, "import datetime\ndatetime.datetime.now()"),
    (rules.core_calls_are_pure, "open('x')"),
    (rules.core_calls_are_pure, "np.random.default_rng(1)"),
    (rules.core_calls_are_pure, "hash('differs in each process')"),
    (rules.prints_nothing, "print(1)"),
    (rules.prints_nothing, "sys.stdout.write('x')"),
    (rules.swallows_nothing, "try:\n    x()\nexcept KeyError:\n    pass"),
    (rules.swallows_nothing, "try:\n    x()\nexcept KeyError:\n    ..."),
    (rules.public_names_are_documented, "x = 1"),
    (rules.public_names_are_documented, '"""M."""\ndef f(): return 1'),
    (rules.public_names_are_documented, '"""M."""\nclass C:\n    """C."""\n    def f(self): return 1'),
    (rules.names_are_of_the_glossary, "def watch(user_id): return 1"),
    (rules.names_are_of_the_glossary, "status = 'late'"),
    (rules.names_are_of_the_glossary, "class OrderJob: x: int = 1"),
    (rules.tests_assert_and_never_sleep, "def test_x():\n    run()"),
    (rules.tests_assert_and_never_sleep, "def test_x():\n    time.sleep(1)\n    assert x"),
    (rules.says_live_not_real_time, "a real-time board"),
    (rules.todos_carry_an_issue, "x = 1  # TODO later"),
    (rules.names_no_machine, "read " + "/" + "home/ann/orders.csv"),
    (rules.names_no_registry, "numpy @ https://example.org/numpy.whl"),
    (rules.names_no_registry, "--index-url x"),
]
GOOD_SNIPPETS: list[tuple[rules.Rule, str]] = [
    (rules.file_is_short, "x = 1\n" * 400),
    (rules.functions_are_short, "def fits():\n" + "    x = 1\n" * 49),
    (
        rules.core_imports_are_pure,
        "import math\nimport msgspec\nimport numpy as np\nfrom radar.errors import InputError",
    ),
    (rules.core_calls_are_pure, "np.zeros(3)\nreorder.open(1)\nself.now"),
    (rules.core_calls_are_pure, "class C:\n    def __hash__(self): return hash(self.id)"),
    (rules.swallows_nothing, "try:\n    x()\nexcept KeyError:\n    count += 1"),
    (rules.public_names_are_documented, '"""M."""\ndef _private(): return 1'),
    (rules.names_are_of_the_glossary, "line_status = 'down'"),
    (rules.todos_carry_an_issue, "x = 1  # TODO(#12): later"),
    (rules.names_no_machine, "see https://example.org/work/x and ../shared/data and docs/root/x"),
    (rules.names_no_registry, "numpy==2.0 \\\n    --hash=sha256:00"),
]


def sources(*folders: str) -> Iterator[Path]:
    """Yield the Python files of these folders."""
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def tracked() -> list[str]:
    """Return the files of the project: those that git knows, or in a source archive those of the packages."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [name for name in listed.stdout.split("\0") if (ROOT / name).is_file()]
    return [path.relative_to(ROOT).as_posix() for path in sources(*CODE[rules.file_is_short])]


def problems(rule: rules.Rule, paths: list[Path]) -> list[str]:
    """Return what ``rule`` finds, each with its file."""
    found = []
    for path in paths:
        name = path.relative_to(ROOT).as_posix()
        if name not in SPELLED_OUT or rule in CODE:
            found += [f"{name}: {text}" for text in rule(path.read_text(encoding="utf-8"))]
    return found


@pytest.mark.parametrize("rule", CODE, ids=lambda rule: rule.__name__)
def test_the_code_keeps_the_rule(rule):
    found = problems(rule, list(sources(*CODE[rule])))
    assert not found, "\n".join([rule.__doc__ or "", *found])


@pytest.mark.parametrize("rule", TEXT, ids=lambda rule: rule.__name__)
def test_the_files_keep_the_rule(rule):
    found = problems(rule, [ROOT / name for name in tracked() if name.endswith(TEXT[rule])])
    assert not found, "\n".join([rule.__doc__ or "", *found])


@pytest.mark.parametrize(("rule", "snippet"), BAD_SNIPPETS, ids=lambda part: getattr(part, "__name__", ""))
def test_the_rule_can_fail(rule, snippet):
    assert rule(snippet)


@pytest.mark.parametrize(("rule", "snippet"), GOOD_SNIPPETS, ids=lambda part: getattr(part, "__name__", ""))
def test_the_rule_lets_good_code_pass(rule, snippet):
    assert rule(snippet) == []


def test_every_rule_has_a_snippet_that_fails_it():
    assert {rule for rule, _ in BAD_SNIPPETS} == CODE.keys() | TEXT.keys()


def test_only_the_outermost_loops_catch_everything():
    found = {}
    for path in sources(*PACKAGES, "benchmarks"):
        name = path.relative_to(ROOT).as_posix()
        for function, handler in rules.broad_handlers(path.read_text(encoding="utf-8")):
            found[name, function] = handler.lineno
    assert found.keys() <= OUTERMOST_LOOPS.keys(), {
        place: found[place] for place in found.keys() - OUTERMOST_LOOPS.keys()
    }
    assert OUTERMOST_LOOPS.keys() <= found.keys(), "a listed loop is gone: take it off the list"


@pytest.mark.parametrize("clause", ["except:", "except Exception:", "except (KeyError, BaseException):"])
def test_a_broad_handler_is_seen_with_the_function_it_stands_in(clause):
    source = f"def outer():\n    def inner():\n        try:\n            x()\n        {clause}\n            raise"
    assert [function for function, _ in rules.broad_handlers(source)] == ["inner"]


def test_a_narrow_handler_is_no_broad_one():
    assert rules.broad_handlers("try:\n    x()\nexcept KeyError as error:\n    raise ValueError from error") == []


def test_folders_of_tests_are_packages_so_that_two_files_may_share_a_name():
    missing = {path.parent for path in sources("tests") if not (path.parent / "__init__.py").exists()}
    assert not missing


def test_notebooks_are_stored_without_outputs():
    for name in tracked():
        if name.endswith(".ipynb"):
            cells = json.loads((ROOT / name).read_text(encoding="utf-8"))["cells"]
            full = [n for n, cell in enumerate(cells) if cell.get("outputs") or cell.get("execution_count")]
            assert not full, f"{name}: cells {full} hold outputs"


def test_no_row_of_the_shared_data_is_tracked():
    shipped = [
        name for name in tracked() if Path(name).name in {"olist_orders_open.csv.gz", "olist_events_open.csv.gz"}
    ]
    big = [name for name in tracked() if (ROOT / name).stat().st_size > 1_000_000]
    assert shipped + big == []
