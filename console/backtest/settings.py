"""What a backtest was asked for, and what it reads."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from console.backtest.anchors.catalogue import AnchorSet
from radar.errors import InputError
from radar.instant import HOUR_US
from radar.rules import Rules
from radar.scoring import Terms
from radar.scoring_selection import Window
from streams.model_files import Model
from streams.specs import JOURNAL_PATTERN, STDIN, Spec, parse_spec

HORIZONS_H = (168, 96, 84, 72, 48, 36, 24)
"""Hours before the promise at which probabilities are judged (EVALUATION)."""
_CHUNK_BYTES = 1 << 20


def asked_horizons_us(rules: Rules) -> list[int]:
    """Return the horizons at which the radar is asked: those judged, and its own checks."""
    checks = (one for one in rules.prediction.predicts_at_us if one > 0)
    return sorted({*(hours * HOUR_US for hours in HORIZONS_H), *checks}, reverse=True)


@dataclass(frozen=True, slots=True)
class BacktestSettings:
    """What ``radar backtest`` was asked for, checked."""

    specs: tuple[Spec, ...]
    rules: Rules
    window: Window
    terms: Terms
    lateness_us: int
    zone: str | None
    is_undelivered_included: bool
    resamples: int
    seed: int
    anchors: AnchorSet | None
    segments_by: tuple[str, ...]
    segments_max: int
    arguments: dict[str, object]
    """The options as given, for the manifest."""
    usual_late_max: float = 0.07
    """Largest share late of a month of usual lateness. Source: 6.8 % of Olist 2016-18 were late."""
    model: Model | None = None
    """What the radar begins with."""


class DataFile(msgspec.Struct, frozen=True):
    """One file read, so that a later run can know it had the same."""

    path: str
    bytes: int
    sha256: str


def parse_events(texts: tuple[str, ...], zone: str | None) -> tuple[Spec, ...]:
    """Return the files to read.

    Raises:
        InputError: One is not there, is standard input, or is named twice.
    """
    specs = []
    for text in texts:
        place = text.partition("?zone=")[0]
        if place == STDIN:
            raise InputError.at("EVENTS", text, "standard input leaves nothing to score again", "allowed: files")
        if "://" not in place and not Path(place).exists():
            raise InputError.at(place, "", "there is no such file", "allowed: .jsonl, .jsonl.gz, a folder of .jsonl")
        specs.append(parse_spec(text, zone))
        if specs[-1].path in [spec.path for spec in specs[:-1]]:
            raise InputError.at("EVENTS", text, "is named twice")
    return tuple(specs)


def data_files(specs: tuple[Spec, ...]) -> list[DataFile]:
    """Return size and hash of every file the specs stand for, as they are on the disk."""
    found = []
    for spec in specs:
        paths = sorted(spec.path.glob(JOURNAL_PATTERN)) if spec.path.is_dir() else [spec.path]
        found += [_data_file(path, spec) for path in paths]
    return found


def _data_file(path: Path, spec: Spec) -> DataFile:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    shown = spec.text if path == spec.path else f"{spec.text}/{path.name}"
    return DataFile(shown, size, digest.hexdigest())
