"""What an example says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

TEXT = "Ada Lovelace wrote to Charles Babbage in London. 👩‍💻 She was right."


@dataclass(frozen=True)
class Example:
    """`shown` is what the unit shows beside a media file; `wrong` are values, each with the place and a word."""

    kind: str
    data: str
    fields: Mapping[str, Any]
    key: Any
    answers: Sequence[Any]
    bad: Any
    wrong: Sequence[tuple[Any, str, str]]
    shown: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""  # where a kind has several examples
    before: Sequence[Mapping[str, Any]] = ()  # questions that it needs before it

    @property
    def question(self) -> dict[str, Any]:
        return {"id": "q", "kind": self.kind, "text": "Please mark.", **self.fields}

    @property
    def config(self) -> dict[str, Any]:
        column = {"data": {"kind": self.data, "field": "shown"}}
        return {
            **(column if self.data != "row" else {"data": {"kind": "row"}}),
            "questions": [*self.before, self.question],
        }

    @property
    def unit(self) -> dict[str, Any]:
        """The payload's unit, as it would be of a file of 200 x 100 pixels that plays 20 seconds."""
        media = {
            "image": {"media": 1, "width": 200, "height": 100},
            "audio": {"media": 1, "seconds": 20.0},
            "video": {"media": 1, "width": 200, "height": 100, "seconds": 20.0},
            "text": TEXT,
            "series": {"time": [0.0, 10.0, 20.0], "channels": {"x": [1, 2, 3], "y": [3, 2, 1]}},
        }
        return {"shown": media[self.data], **self.shown} if self.data in media else dict(self.shown)


def around(make: Callable[[float], Any], careless: Any) -> list[Any]:
    """Four careful answers, off by up to two units, and a careless one."""
    return [make(-1), make(0), make(1), make(2), careless]


def ids(example: Example) -> str:
    return f"{example.kind}-{example.name}" if example.name else example.kind
