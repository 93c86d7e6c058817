"""Documents cannot lie: their Python runs, their links lead somewhere, and every command is in the reference."""

import doctest
import re
from importlib import import_module
from pathlib import Path

import pytest

from console.cli import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    path.relative_to(ROOT).as_posix()
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*/README.md")])
]
PACKAGES = ("radar", "scenarios", "streams", "twin", "console")
FENCE = re.compile(r"^```(.*?)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def text_of(name: str) -> str:
    """Return the text of a document of the project."""
    return (ROOT / name).read_text(encoding="utf-8")


def python_blocks(text: str) -> list[tuple[int, str]]:
    """Return the Python blocks with the line they begin in; a block marked `no-run` is only shown."""
    return [
        (text[: found.start(2)].count("\n") + 1, found[2])
        for found in FENCE.finditer(text)
        if found[1].split()[:1] == ["python"] and "no-run" not in found[1]
    ]


def run_blocks(name: str, text: str) -> None:
    """Run the blocks one after the other, as a reader would type them into one session."""
    names: dict[str, object] = {"__name__": "document"}
    for line, block in python_blocks(text):
        exec(compile("\n" * (line - 1) + block, name, "exec"), names)


def heading_anchors(text: str) -> set[str]:
    """Return the anchors that the headings make, by the usual rule: lower case, no punctuation, dashes for spaces."""
    heads = re.findall(r"^#+ +(.*)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def dead_links(name: str, text: str) -> list[str]:
    """Return the links of a document to files or headings of the project that are not there."""
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", text)):
        place, _, anchor = target.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        path = (ROOT / name).parent / place
        headings = path.read_text(encoding="utf-8") if path.is_file() and place else text
        if not path.exists() or (anchor and anchor not in heading_anchors(headings)):
            dead.append(target)
    return dead


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if python_blocks(text_of(name))])
def test_the_python_of_the_document_runs(name):
    run_blocks(name, text_of(name))
    assert python_blocks(text_of(name))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_links_of_the_document_lead_somewhere(name):
    assert dead_links(name, text_of(name)) == []


def test_a_wrong_block_fails_and_says_where():
    text = "# T\n\n```python\nx = 1\nassert x == 2\n```\n"
    with pytest.raises(AssertionError) as caught:
        run_blocks("t.md", text)
    assert caught.traceback[-1].lineno + 1 == 5


def test_blocks_share_a_session_and_no_run_blocks_stay_out():
    run_blocks("t.md", "```python\nx = 1\n```\n```python no-run\nx = nonsense\n```\n```python\nassert x == 1\n```\n")
    assert python_blocks("```python no-run\nx\n```\n```sh\nls\n```\n") == []


def test_a_dead_link_and_a_dead_anchor_are_seen():
    text = "# A head, here\n[a](no-such-file.md) [b](#no-such-head) [c](#a-head-here) [d](https://example.org)"
    assert dead_links("README.md", text) == ["no-such-file.md", "#no-such-head"]


def modules_with_examples() -> list[str]:
    """Return the modules of the packages whose docstrings hold examples."""
    paths = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in paths
        if ">>> " in path.read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize("module", modules_with_examples())
def test_the_examples_in_the_docstrings_hold(module):
    failed, tried = doctest.testmod(import_module(module))
    assert (failed, tried > 0) == (0, True)


def test_every_command_is_in_the_reference():
    reference = "\n".join(text_of(name) for name in DOCUMENTS if name.startswith("docs/reference"))
    assert [name for name in COMMANDS if f"radar {name}" not in reference] == []


def test_every_direct_dependency_has_its_line():
    pyproject = text_of("pyproject.toml")
    lists = re.findall(r"^(?:dependencies|dev|bench) = \[\n(.*?)^\]", pyproject, re.MULTILINE | re.DOTALL)
    wanted = {name.lower() for part in lists for name in re.findall(r'^ +"([\w-]+)', part, re.MULTILINE)}
    listed = {name.lower() for name in re.findall(r"^\| ([\w-]+) \|", text_of("docs/dependencies.md"), re.MULTILINE)}
    assert wanted - listed == set()
    assert len(wanted) >= 20
