"""A report as rows, one a figure: for a CSV file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

COLUMNS = ("part", "group", "measure", "value", "low", "high", "of")
# The parts of a report that are lines of sums, by their way in it.
LINES = {
    "items": ("items", "lines"),
    "countries: agreement": ("workers", "countries", "agreement"),
    "countries: accuracy": ("workers", "countries", "accuracy"),
    "languages: agreement": ("workers", "languages", "agreement"),
    "languages: accuracy": ("workers", "languages", "accuracy"),
    "time": ("drift", "lines"),
}
COUNTS = {"items": ("items", "labels"), "time": ("drift", "labels")}


def rows(figures: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """`of` is the number that a share rests on. A group without a name is all the others together."""
    yield from _line("all", figures["whole"])
    for part, way in LINES.items():
        for line in _at(figures, way):
            yield from _line(part, line)
    for part, way in COUNTS.items():
        for line in _at(figures, way):
            yield from _counts(f"{part}: labels", line["group"], line["counts"])
    for line in figures["labels"]["lines"]:
        yield from _counts("labels", line["label"], {name: line[name] for name in ("merged", "keys", "said_on_gold")})


def _line(part: str, line: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    at = {"part": part, "group": line["group"]}
    yield at | {"measure": "answers", "value": line["answers"]}
    for measure, of in (("agreement", "compared"), ("accuracy", "gold")):
        if (found := line[measure]) is not None:
            interval = {"low": found["low"], "high": found["high"], "of": line[of]}
            yield at | {"measure": measure, "value": found["share"]} | interval
    for measure, of in (("difference", "compared"), ("gold_difference", "gold")):
        if (found := line.get(measure)) is not None:
            interval = {"low": found["low"], "high": found["high"], "of": line[of]}
            yield at | {"measure": measure, "value": found["mean"]} | interval
    if line["disagreement"] is not None:
        yield at | {"measure": "disagreement", "value": line["disagreement"], "of": line["compared"]}


def _counts(part: str, group: Any, counts: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for name, count in counts.items():
        yield {"part": part, "group": group, "measure": name, "value": count}


def _at(figures: Mapping[str, Any], way: Sequence[str]) -> Sequence[Any]:
    found: Any = figures
    for step in way:
        found = found[step] if found else None
    return found or []
