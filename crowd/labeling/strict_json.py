"""JSON without its traps: no duplicate keys, no NaN or infinity, no bottomless nesting, nothing PostgreSQL refuses."""

import json
import math
import re
from typing import Any, NoReturn

MAX_DEPTH = 32
MAX_DIGITS = 300
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class JsonError(ValueError):
    """Text that is not JSON as this house accepts it. The message is a finished sentence."""


def loads(text: str, *, max_depth: int = MAX_DEPTH) -> Any:
    """The value of a JSON text. Raises JsonError, and nothing else, for whatever the text may be."""
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise JsonError(f"This is not JSON: {error.msg} at character {error.pos + 1}.") from None
    except RecursionError:
        raise JsonError(f"This is nested deeper than {max_depth} levels.") from None
    _check(value, max_depth)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        if key in result:
            raise JsonError(f"The key {key[:60]!r} appears twice.")
        result[key] = value
    return result


def _refuse(word: str) -> NoReturn:
    raise JsonError(f"{word} is not a number that JSON knows.")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise JsonError(f"{text[:60]} is too large a number.")
    return value


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise JsonError(f"There is a number with {len(text):,} digits.")
    return int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_refuse, parse_float=_finite, parse_int=_whole, strict=True
)


def _check(value: Any, depth: int) -> None:
    if isinstance(value, str) and _UNSTORABLE.search(value):
        raise JsonError("There is a text with a NUL character or half of a character in it.")
    if isinstance(value, dict | list):
        if depth <= 0:
            raise JsonError("This is nested too deep.")
        for part in [*value, *value.values()] if isinstance(value, dict) else value:
            _check(part, depth - 1)
