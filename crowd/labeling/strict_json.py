"""JSON without its traps: no duplicate keys, no NaN or infinity, no bottomless nesting, nothing PostgreSQL refuses."""

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from crowd.labeling.speech import say

MAX_DEPTH = 32
MAX_DIGITS = 300
MAX_KEY = 100  # characters, as places name it
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class JsonError(ValueError):
    """Text that is not JSON as this house accepts it. The message is a finished sentence; `path` names the place in the
    value ("answers[3].x"), empty where the text as a whole is at fault."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path

    def under(self, key: str | int) -> "JsonError":
        """The same one, told of what holds the value under this key."""
        inner = self.path and (self.path if self.path[0] == "[" else f".{self.path}")
        return JsonError(self.message, f"[{key}]{inner}" if isinstance(key, int) else f"{written(key)}{inner}")


class NotJson(str):
    """Text in the place of a value, which was meant to be JSON and cannot be read; `fault` says why."""

    __slots__ = ("fault",)
    fault: JsonError

    @classmethod
    def of(cls, text: str, fault: JsonError) -> "NotJson":
        found = cls(text)
        found.fault = fault
        return found


@dataclass(frozen=True)
class _Refused:
    """In the place of a number that is none."""

    sentence: str


def loads(text: str, *, max_depth: int = MAX_DEPTH) -> Any:
    """The value of a JSON text. Raises JsonError, and nothing else, for whatever the text may be."""
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise JsonError(
            say(
                "This is not JSON: %(message)s at character %(position)s.",
                message=error.msg,
                position=str(error.pos + 1),
            )
        ) from None
    except RecursionError:
        raise JsonError(say("This is nested deeper than %(most)s levels.", most=max_depth)) from None
    _check(value, max_depth)
    return value


def written(key: str, most: int = MAX_KEY) -> str:
    """A key as a place may name it: what is long is cut, and what no answer can carry is replaced."""
    short = key if len(key) <= most else f"{key[:most]}…"
    return _UNSTORABLE.sub("\ufffd", short)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise JsonError(say("The key %(key)s appears twice.", key=repr(key[:60])))
        result[key] = value
    return result


def _constant(word: str) -> _Refused:
    return _Refused(say("%(word)s is not a number that JSON knows.", word=word))


def _finite(text: str) -> float | _Refused:
    value = float(text)
    return value if math.isfinite(value) else _Refused(say("%(text)s is too large a number.", text=text[:60]))


def _whole(text: str) -> int | _Refused:
    if len(text) > MAX_DIGITS:
        return _Refused(say("There is a number with %(count)s digits.", count=len(text)))
    return int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_finite, parse_int=_whole, strict=True
)


def _check(value: Any, depth: int) -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict | list):
        if depth <= 0:
            raise JsonError(say("This is nested too deep."))
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(key, str):
                _check_text(key)
            try:
                _check(part, depth - 1)
            except JsonError as error:
                raise error.under(key) from None
    elif isinstance(value, _Refused):
        raise JsonError(value.sentence)


def _check_text(text: str) -> None:
    if _UNSTORABLE.search(text):
        raise JsonError(say("There is a text with a NUL character or half of a character in it."))
