"""Documents: the forms in which a text is read. Plain, as it came; Markdown; the turns of a chat.

A chat is text, a line a turn ("name: words"; other lines go on with the turn before), or a list of turns
``[{"role": "customer", "text": "Where is it?"}, ...]``. The source of a list, in which spans count, is a line
"role: text" for each turn, as if it had been written so.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crowd.labeling.errors import SplitError
from crowd.labeling.speech import say

FORMATS = PLAIN, MARKDOWN, CHAT = ("plain", "markdown", "chat")
MOST_TURNS = 10_000
MOST_ROLE = 100
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_SPEAKER = re.compile(r"[^\s:][^:\n]{0,39}(?=:(?:\s|$))")  # an address has no space after its colon


@dataclass(frozen=True)
class Turn:
    """`role`: who speaks, empty where nobody is named; `said`: the rest of the source up to the next turn.

    All roles and rests, one after the other, are the source. speaker: the number of the role, by who speaks first.
    """

    role: str
    said: str
    speaker: int


def turns(document: Any) -> list[Turn]:
    """Of a chat, in either form; none of anything else."""
    pairs = list(_listed(document) if is_list_of_turns(document) else _lines(document))
    roles: dict[str, int] = {}
    return [Turn(role, said, roles.setdefault(role, len(roles)) if role else 0) for role, said in pairs]


def source(document: Any) -> str | None:
    """The text whose code points marks count; None where there is none."""
    if isinstance(document, str):
        return document
    return "".join(turn.role + turn.said for turn in turns(document)) if is_list_of_turns(document) else None


def is_list_of_turns(document: Any) -> bool:
    return isinstance(document, list) and bool(document) and not any(map(_fault, document))


def check_document(document: Any, field: str, format: str) -> None:
    """Raises SplitError, with the place, for what could not be read in this form."""
    if isinstance(document, str):
        if not document.strip():
            raise SplitError(field, say("There is no text in it."))
        return
    if format != CHAT:
        raise SplitError(field, say("This must be text."))
    if not isinstance(document, list) or not 1 <= len(document) <= MOST_TURNS:
        raise SplitError(field, say("A chat is text, or a list of 1 to %(most)s turns.", most=MOST_TURNS))
    for place, turn in enumerate(document):
        if fault := _fault(turn):
            raise SplitError(f"{field}[{place}]", fault)


def _fault(turn: Any) -> str:
    if not isinstance(turn, Mapping) or turn.keys() != {"role", "text"}:
        return say("A turn is an object of role and text, and of nothing else.")
    role, text = turn["role"], turn["text"]
    if not isinstance(role, str) or not 1 <= len(role.strip()) <= MOST_ROLE or "\n" in role:
        return say("The role is who speaks: a line of at most %(most)s characters.", most=MOST_ROLE)
    return "" if isinstance(text, str) and text.strip() else say("There is no text in this turn.")


def _listed(document: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    for left, turn in zip(range(len(document) - 1, -1, -1), document, strict=True):
        yield turn["role"], f": {turn['text']}" + ("\n" if left else "")


def _lines(document: Any) -> Iterator[tuple[str, str]]:
    role, said = "", ""
    for line in _LINE.findall(document) if isinstance(document, str) else ():
        found = _SPEAKER.match(line)
        if found:
            if role or said:
                yield role, said
            role, said = found[0], line[found.end() :]
        else:
            said += line
    if role or said:
        yield role, said
