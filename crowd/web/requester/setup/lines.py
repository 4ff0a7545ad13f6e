"""Lists in a text field: one thing a line, its cells parted by "|".

A "|" or a backslash in a cell has a backslash before it, a line break is "\\n", so that whatever a label config holds
comes back as it was.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from crowd.web.forms import NeededChar

_ESCAPED = {"\\": "\\", "|": "|", "n": "\n"}


def written(rows: Sequence[Sequence[str]]) -> str:
    """The rows as lines; empty cells at the end of one are left out."""
    return "\n".join(_line(list(row)) for row in rows)


def read(text: str, most: int) -> list[list[str]]:
    """The cells of each line that says anything; at most so many, the last one holds what is left."""
    rows = (_cells(line, most) for line in text.splitlines())
    return [row for row in rows if row[0]]


def _line(cells: list[str]) -> str:
    while len(cells) > 1 and not cells[-1]:
        cells.pop()
    return " | ".join(cell.replace("\\", "\\\\").replace("|", "\\|").replace("\n", "\\n") for cell in cells)


def _cells(line: str, most: int) -> list[str]:
    cells, letters = [""], iter(line)
    for letter in letters:
        if letter == "\\":
            following = next(letters, "")
            cells[-1] += _ESCAPED.get(following, letter + following)
        elif letter == "|" and len(cells) < most:
            cells.append("")
        else:
            cells[-1] += letter
    return [cell.strip() for cell in cells]


class ListField(NeededChar):
    """A list of texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
    width = 1

    def prepare_value(self, value: Any) -> Any:
        return written([self.cells(one) for one in value]) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[Any]:
        return [self.row(cells) for cells in read(super().clean(value), self.width)]

    def cells(self, one: Any) -> list[str]:
        return [str(one)]

    def row(self, cells: list[str]) -> Any:
        return cells[0]


class PairsField(ListField):
    """A list of pairs of texts."""

    width = 2

    def cells(self, one: Any) -> list[str]:
        return list(one)

    def row(self, cells: list[str]) -> Any:
        return cells


class NodesField(PairsField):
    """The labels of a tree: id, title, id of the one above."""

    width = 3
    parts = ("id", "title", "parent")

    def cells(self, one: Any) -> list[str]:
        return [one.get(part, "") for part in self.parts] if isinstance(one, Mapping) else list(one)


class LabelsField(ListField):
    """Labels, each with what a page shows of it."""

    widget = forms.Textarea(attrs={"rows": 5, "spellcheck": "false"})
    parts = ("name", "title", "key", "colour", "description", "example")
    width = len(parts)

    def cells(self, one: Any) -> list[str]:
        return [one.get(part, "") for part in self.parts] if isinstance(one, Mapping) else [one]

    def row(self, cells: list[str]) -> Any:
        return {part: cell for part, cell in zip(self.parts, cells, strict=False) if cell}
