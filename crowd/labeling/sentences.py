"""Where paragraphs and sentences are in a text, by a few rules that hold for several scripts.

Limits, on purpose: no language is detected and no model loaded. Where a full stop may be an abbreviation's (initials,
titles, ``z. B.``), the sentence goes on: too long is better than torn. Scripts that end sentences by a space or not at
all (Thai, Lao, Khmer) come out as whole paragraphs. A full stop inside Chinese or Japanese quotes ends the sentence
after the closing quote. A single line break is a space; a blank line always ends a sentence.
"""

import re
from collections.abc import Iterator

Span = tuple[int, int]

_BLANK_LINE = re.compile(r"\r?\n[^\S\n]*(?:\r?\n[^\S\n]*)+|\r(?!\n)[^\S\r\n]*\r(?!\n)|\u2029")
_CLOSERS = "\"'”’»›)]}】」』）］"
# Full-width marks need no space after them; the others do.
_MARK = re.compile(
    rf"(?P<wide>[。！？｡]+)[{re.escape(_CLOSERS)}]*|(?P<mark>[.!?…‽։؟۔।॥።]+)(?P<closed>[{re.escape(_CLOSERS)}]*)"
)
_WORD_BEFORE = re.compile(r"[^\s(\[{\"'“‘«„]+\Z")
_SPACES = re.compile(r"\s*")
_LETTERS_WITH_DOTS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")

# Followed by a name or more of the same; never the last word of a sentence, or hardly ever.
_TITLES = re.compile(
    "mr|mrs|ms|mx|dr|prof|st|sr|jr|messrs|gen|col|sgt|capt|lt|maj|rev|hon|pres|gov|sen|rep|vs|cf|al|approx|dept|univ"
    "|hr|fr|frl|dipl|ing|bzw|ca|evtl|ggf|inkl|zzgl|vgl|sog|bspw"
    "|mme|mlle|mm|me|sra|srta|ud|uds|sig|sigra|dott|drs"
)
# An abbreviation only where a number follows: "No. 5", but "He said no. Then he left."
_BEFORE_NUMBERS = re.compile("no|nr|nos|vol|p|pp|fig|figs|eq|art|ch|sec|abs|kap|bd|núm|nº")
# How far back an abbreviation is looked for. A text of nothing but abbreviations must not cost its length squared.
_LOOK_BACK = 40


def paragraphs(text: str) -> Iterator[Span]:
    """Spans [start, end) in code points of what stands between blank lines, without surrounding space."""
    start = 0
    for gap in _BLANK_LINE.finditer(text):
        yield from trimmed(text, start, gap.start())
        start = gap.end()
    yield from trimmed(text, start, len(text))


def sentences(text: str) -> Iterator[Span]:
    """Spans [start, end) in code points of the sentences, without surrounding space; all else but space is in one."""
    for first, last in paragraphs(text):
        start = first
        for match in _MARK.finditer(text, first, last):
            if match.end() > start and _ends_here(text, start, last, match):
                yield from trimmed(text, start, match.end())
                start = match.end()
        yield from trimmed(text, start, last)


def trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    """The span without the space around it; nothing when there is nothing but space."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def _ends_here(text: str, start: int, last: int, match: re.Match[str]) -> bool:
    if match["wide"] or match.end() == last:
        return True
    spaces = _SPACES.match(text, match.end(), last)
    following = spaces.end() if spaces else match.end()
    if following == match.end():
        return False  # 3.14, example.org, a?b=c
    then = text[following : following + 1]
    if match["mark"] in (".", "…", "...") or match["closed"]:
        before = text[max(start, match.start() - _LOOK_BACK) : match.start()]
        return not then.islower() and not _abbreviates(before, match["mark"], then)
    return True


def _abbreviates(before: str, mark: str, then: str) -> bool:
    found = _WORD_BEFORE.search(before)
    if mark != "." or found is None:
        return False
    word = found[0]
    if word.isdigit():  # "1. First do this": a number that begins the sentence only counts it
        return before.strip() == word and len(word) <= 3
    initial = len(word) == 1 and word.isalpha() and word != "I"
    numbered = then.isdigit() and _BEFORE_NUMBERS.fullmatch(word.casefold())
    return bool(initial or numbered or _TITLES.fullmatch(word.casefold()) or _LETTERS_WITH_DOTS.fullmatch(word))
