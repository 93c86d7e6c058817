"""Scenarios by name or path: a file, the scenarios it takes in, and the hash that names exactly this content."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from scenarios.disruptions import After, ScenarioFile
from scenarios.loader import Document, ScenarioError, read_document, typed
from scenarios.yaml_text import Where

PACKAGED = Path(__file__).parent
FAMILIES = ("weather", "production", "supply", "transport", "demand", "warehouse", "information", "compound")
DEPTH_MAX = 8
"""Scenarios within scenarios."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario ready to be compiled against a network."""

    file: ScenarioFile
    document: Document
    parts: "tuple[Scenario, ...]"
    """The scenarios of ``file.parts``, in that order."""
    digest: str
    """SHA-256 over its content and that of all its parts."""

    @property
    def name(self) -> str:
        """Return the name it gives itself."""
        return self.file.name

    def wrong(self, where: Where, problem: str, allowed: str) -> ScenarioError:
        """Return the error of one of its fields."""
        place = self.document.place
        return ScenarioError(str(ScenarioError.at(place, self.document.field(where), problem, allowed)))


def packaged_scenarios() -> dict[str, Path]:
    """Return the packaged scenarios: ``weather/typhoon`` -> file."""
    return {f"{family}/{path.stem}": path for family in FAMILIES for path in sorted((PACKAGED / family).glob("*.yaml"))}


def load_scenario(name: str) -> Scenario:
    """Return a packaged scenario by name (``weather/typhoon``, or ``typhoon``), or a scenario file by path.

    Raises:
        ScenarioError: It is not there, or something in it or in one of its parts is wrong.
    """
    path = _find(name, Path())
    if path is None:
        raise ScenarioError(str(ScenarioError.at(name, "", *_no_such(name))))
    return _loaded(path, ())


def _find(name: str, folder: Path) -> Path | None:
    """Return the file of a scenario: packaged by its full or short name, or a path from ``folder``."""
    packaged = packaged_scenarios()
    if name in packaged:
        return packaged[name]
    path = folder / name
    if path.is_file() or path.suffix in (".yaml", ".yml"):
        return path
    by_stem = [full for full in packaged if full.split("/")[1] == name]
    return packaged[by_stem[0]] if len(by_stem) == 1 else None


def _no_such(name: str) -> tuple[str, str]:
    packaged = packaged_scenarios()
    close = get_close_matches(name, [*packaged, *(full.split("/")[1] for full in packaged)], n=1, cutoff=0.6)
    hint = f", did you mean {close[0]}?" if close else ""
    return f"no such scenario{hint}", "allowed: a YAML file, or one of " + ", ".join(packaged)


def _loaded(path: Path, above: tuple[Path, ...]) -> Scenario:
    document = read_document(path)
    file = typed(document, ScenarioFile)
    bare = Scenario(file, document, (), "")
    parts = tuple(_part(bare, index, path, above) for index in range(len(file.parts)))
    scenario = Scenario(file, document, parts, _digest(document, parts))
    _check_references(scenario)
    return scenario


def _part(scenario: Scenario, index: int, path: Path, above: tuple[Path, ...]) -> Scenario:
    where = ("parts", index, "scenario")
    name = scenario.file.parts[index].scenario
    wanted = _find(name, path.parent)
    if wanted is None:
        raise scenario.wrong(where, *_no_such(name))
    line = (*above, path.resolve())
    if wanted.resolve() in line:
        raise scenario.wrong(where, "a scenario that takes itself in", "allowed: parts without circles")
    if len(line) >= DEPTH_MAX:
        raise scenario.wrong(where, "scenarios within scenarios too deep", f"allowed: {DEPTH_MAX} levels")
    if not wanted.is_file():
        raise scenario.wrong(
            where, f"no file {wanted.name!r} beside this one", "allowed: a packaged scenario, or a path"
        )
    return _loaded(wanted, line)


def _digest(document: Document, parts: tuple[Scenario, ...]) -> str:
    content = json.dumps([document.tree, [part.digest for part in parts]], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def _check_references(scenario: Scenario) -> None:
    """Refuse an ``after`` that names nothing, or that waits for itself in a circle."""
    known = set(onset_ids(scenario))
    waits: dict[str, str] = {}
    entries: list[tuple[str, int, str, After | None]] = [
        *(("parts", index, part.name, part.after) for index, part in enumerate(scenario.file.parts)),
        *(("disruptions", index, one.id, one.after) for index, one in enumerate(scenario.file.disruptions)),
    ]
    for kind, index, name, after in entries:
        if after is None:
            continue
        where = (kind, index, "after", "id")
        if after.id not in known:
            near = get_close_matches(after.id, known, n=1, cutoff=0.6)
            hint = f", did you mean {near[0]}?" if near else ""
            raise scenario.wrong(where, f"no disruption {after.id!r}{hint}", "allowed: " + ", ".join(sorted(known)))
        waits[name] = after.id.split(".")[0]
        if _circles(waits):
            raise scenario.wrong(where, "waits for itself in a circle", "allowed: onsets that begin somewhere")


def onset_ids(scenario: Scenario) -> list[str]:
    """Return the ids an ``after`` of this file may name: its own, and ``part.id`` of its parts."""
    own = [one.id for one in scenario.file.disruptions]
    taken = zip(scenario.file.parts, scenario.parts, strict=True)
    return [*own, *(f"{part.name}.{name}" for part, inner in taken for name in onset_ids(inner))]


def _circles(waits: Mapping[str, str]) -> bool:
    for start in waits:
        step, seen = start, {start}
        while step in waits:
            step = waits[step]
            if step in seen:
                return True
            seen.add(step)
    return False
