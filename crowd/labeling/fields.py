"""Reading a mapping key by key: each read checks the type and names the place, and `done` refuses what nobody read."""

import re
import reprlib
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from crowd.labeling.errors import ConfigError
from crowd.labeling.speech import joined, say

_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


class Fields:
    """One JSON object of a config, read once.

    Every reader raises ConfigError with the key's full path. Keys that were never read are unknown keys.
    """

    def __init__(self, data: Any, path: str = "") -> None:
        if not isinstance(data, Mapping):
            raise ConfigError(path, say("This must be an object, not %(kind)s.", kind=kind_of(data)))
        self._data = data
        self._path = path
        self._read: list[str] = []

    def at(self, key: str) -> str:
        """The path of a key, for an error about it."""
        return f"{self._path}.{key}" if self._path else key

    def get(self, key: str, default: Any = None) -> Any:
        """The raw value, or the default when the key is absent."""
        self._read.append(key)
        return self._data.get(key, default)

    def has(self, key: str) -> bool:
        return key in self._data

    def text(self, key: str, *, at_most: int, default: str | None = None) -> str:
        """A string in NFC, stripped, without control characters; not empty, unless the default is ``""``."""
        value = self._required(key, default)
        if not isinstance(value, str):
            raise ConfigError(self.at(key), say("This must be text, not %(kind)s.", kind=kind_of(value)))
        return self._checked_text(key, value, at_most, may_be_empty=default is not None)

    def _checked_text(self, key: str, value: str, at_most: int, *, may_be_empty: bool) -> str:
        value = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
        if _SURROGATE.search(value) or _CONTROL.search(value):
            raise ConfigError(self.at(key), say("This text contains a control character or half of a character."))
        if not value and not may_be_empty:
            raise ConfigError(self.at(key), say("This must not be empty."))
        if len(value) > at_most:
            raise ConfigError(
                self.at(key),
                say("This has %(count)s characters; at most %(most)s are allowed.", count=len(value), most=at_most),
            )
        return value

    def one_of(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        """One of a few words."""
        value = self._required(key, default)
        if not isinstance(value, str) or value not in allowed:
            hint = meant(value, allowed)
            raise ConfigError(
                self.at(key),
                joined(say("%(value)s is not one of %(names)s.", value=shown(value), names=", ".join(allowed)), hint),
            )
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false, nothing that merely looks like it."""
        value = self.get(key, default)
        if not isinstance(value, bool):
            raise ConfigError(self.at(key), say("This must be true or false, not %(kind)s.", kind=kind_of(value)))
        return value

    def integer(self, key: str, *, default: int | None, at_least: int, at_most: int) -> int:
        """A whole number within bounds."""
        value = self._required(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ConfigError(self.at(key), say("This must be a whole number, not %(kind)s.", kind=kind_of(value)))
        if not at_least <= value <= at_most:
            raise ConfigError(
                self.at(key),
                say("%(value)s is not between %(low)s and %(high)s.", value=shown(value), low=at_least, high=at_most),
            )
        return value

    def number(self, key: str, *, default: float | None, at_least: float, at_most: float) -> float:
        """A finite number within bounds."""
        value = self._required(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigError(self.at(key), say("This must be a number, not %(kind)s.", kind=kind_of(value)))
        if not at_least <= value <= at_most:  # NaN is refused here too: it is never between two numbers
            raise ConfigError(
                self.at(key),
                say("%(value)s is not between %(low)s and %(high)s.", value=shown(value), low=at_least, high=at_most),
            )
        return value

    def optional_number(self, key: str, *, at_least: float, at_most: float) -> float | None:
        """As `number`, where absent and null mean no bound."""
        if self.get(key) is None:
            return None
        return self.number(key, default=None, at_least=at_least, at_most=at_most)

    def list_of(self, key: str, *, at_least: int, at_most: int, what: str) -> list[Any]:
        """A JSON list of a bounded length; `what` names its members in the message."""
        value = self._required(key, None)
        if not isinstance(value, list | tuple):
            raise ConfigError(
                self.at(key), say("This must be a list of %(what)s, not %(kind)s.", what=what, kind=kind_of(value))
            )
        if len(value) < at_least:
            raise ConfigError(
                self.at(key),
                say(
                    "This needs at least %(at_least)s of %(what)s; it has %(count)s.",
                    at_least=at_least,
                    what=what,
                    count=len(value),
                ),
            )
        if len(value) > at_most:
            raise ConfigError(
                self.at(key),
                say(
                    "This has %(count)s %(what)s; at most %(most)s are allowed.",
                    count=len(value),
                    what=what,
                    most=at_most,
                ),
            )
        return list(value)

    def names(self, key: str, *, at_most: int) -> tuple[str, ...]:
        """A list of names, each of them once."""
        raw = self.list_of(key, at_least=0, at_most=at_most, what=say("names"))
        one = Fields({f"[{place}]": name for place, name in enumerate(raw)}, self.at(key))
        names = tuple(one.text(f"[{place}]", at_most=200) for place in range(len(raw)))
        if len(set(names)) < len(names):
            raise ConfigError(self.at(key), say("A name is given twice."))
        return names

    def done(self) -> None:
        """Refuse the keys nobody asked for, with the key that was probably meant."""
        for key in self._data:
            if key not in self._read:
                unused = [name for name in dict.fromkeys(self._read) if name not in self._data]
                hint = meant(key, unused) or meant(key, self._read)
                raise ConfigError(
                    self.at(str(key)), joined(say("%(value)s is not known here.", value=shown(key)), hint)
                )

    def _required(self, key: str, default: Any) -> Any:
        value = self.get(key, default)
        if value is None:
            hint = self._misspelt(key)
            raise ConfigError(self.at(key), joined(say("This is missing."), hint))
        return value

    def _misspelt(self, key: str) -> str:
        near = get_close_matches(key, [name for name in self._data if isinstance(name, str)], n=1)
        return (
            say("There is %(near)s; did you mean %(key)s?", near=repr(near[0]), key=repr(key))
            if near and near[0] != key
            else ""
        )


def meant(value: Any, known: Iterable[str]) -> str:
    """`` Did you mean 'x'?``, or nothing when nothing is near."""
    near = get_close_matches(value, list(known), n=1) if isinstance(value, str) and len(value) <= 100 else []
    return say("Did you mean %(near)s?", near=repr(near[0])) if near else ""


def shown(value: Any) -> str:
    """A value as a message may show it: short, and never failing on what cannot be printed."""
    try:
        return _SHORT.repr(value)
    except ValueError:  # an integer with more digits than Python agrees to print
        return say("This number")


def listed(names: Collection[str], at_most: int = 8) -> str:
    """The first few names, for a message."""
    first = [name for name, _ in zip(names, range(at_most), strict=False)]
    shown_names = ", ".join(first)
    if len(names) <= at_most:
        return shown_names
    return say("%(names)s and %(count)s more", names=shown_names, count=len(names) - at_most)


def kind_of(value: Any) -> str:
    """What a value is in the words of JSON."""
    for types, name in _JSON_NAMES:
        if isinstance(value, types):
            return name
    return f"a {type(value).__name__}"


_JSON_NAMES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), say("null")),
    (bool, say("true or false")),
    ((int, float), say("a number")),
    (str, say("text")),
    ((list, tuple), say("a list")),
    (Mapping, say("an object")),
)

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60
_SHORT.maxlist = _SHORT.maxdict = _SHORT.maxlevel = 3
