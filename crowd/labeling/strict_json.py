"""JSON without its traps: no duplicate keys, no NaN or infinity, no bottomless nesting, nothing PostgreSQL refuses."""

import json
import math
import re
from typing import Any, NoReturn

from crowd.labeling.speech import say

MAX_DEPTH = 32
MAX_DIGITS = 300
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class JsonError(ValueError):
    """Text that is not JSON as this house accepts it. The message is a finished sentence."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


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


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise JsonError(say("The key %(key)s appears twice.", key=repr(key[:60])))
        result[key] = value
    return result


def _refuse(word: str) -> NoReturn:
    raise JsonError(say("%(word)s is not a number that JSON knows.", word=word))


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise JsonError(say("%(text)s is too large a number.", text=text[:60]))
    return value


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise JsonError(say("There is a number with %(count)s digits.", count=len(text)))
    return int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_refuse, parse_float=_finite, parse_int=_whole, strict=True
)


def _check(value: Any, depth: int) -> None:
    if isinstance(value, str) and _UNSTORABLE.search(value):
        raise JsonError(say("There is a text with a NUL character or half of a character in it."))
    if isinstance(value, dict | list):
        if depth <= 0:
            raise JsonError(say("This is nested too deep."))
        for part in [*value, *value.values()] if isinstance(value, dict) else value:
            _check(part, depth - 1)
