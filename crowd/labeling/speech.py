"""Sentences for people, in English, that remember how they were put together, so that others can say them elsewhere.

This package knows no Django and cannot translate. It says ``say("At most %(most)s labels.", most=5)``; whoever is about
to show that to a person and knows the language looks up `template` and puts `values` in (crowd.kernel.speech).
"""

from collections.abc import Mapping
from typing import Any


class Message(str):
    """The sentence in English. `values` are texts, numbers, and messages again."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, Any]


def say(template: str, **values: Any) -> Message:
    """A message from its English template, with places as ``%(name)s``. Numbers are grouped: 1,000."""
    message = Message(template % {name: _written(value) for name, value in values.items()})
    message.template, message.values = template, values
    return message


def joined(sentence: str, more: str) -> str:
    """Two sentences, or the first alone where there is no second."""
    return say("%(sentence)s %(more)s", sentence=sentence, more=more) if more else sentence


def _written(value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.12g}" if isinstance(value, float) else str(value)
