"""Slots: the rows of tables that are kept by name, given to others once their name is gone."""

from typing import TypeVar

import numpy as np

from radar.learning.local_days import Floats, Ints
from radar.learning.positions import Objects

_FIRST = 256
Table = TypeVar("Table", Floats, Ints, Objects)


class Slots:
    """Numbers of names, as small as can be."""

    __slots__ = ("_free", "numbers")

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self._free: list[int] = []

    def __len__(self) -> int:
        """Return how many rows the names need."""
        return len(self.numbers) + len(self._free)

    def take(self, name: str) -> int:
        """Return the number of a name, a new one where it has none."""
        found = self.numbers.get(name)
        if found is None:
            found = self.numbers[name] = self._free.pop() if self._free else len(self.numbers)
        return found

    def give_back(self, name: str) -> int:
        """Let a name go; returns the number it had."""
        number = self.numbers.pop(name)
        self._free.append(number)
        return number


def grown(table: Table, size: int) -> Table:
    """Return a table with room for so many rows: itself, or twice as long and more, new rows zero."""
    count = len(table)
    if count >= size:
        return table
    while count < size:
        count = max(2 * count, _FIRST)
    result = np.zeros((count, *table.shape[1:]), table.dtype)
    result[: len(table)] = table
    return result
