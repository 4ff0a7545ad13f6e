"""What the question form calls the kinds of questions and their settings. What a setting is, its type, its bounds and
whether it is needed, says the kind's own schema (crowd.labeling.kinds)."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
DATA = ("image", "text", "audio", "video", "row", "series")

# Group, the kinds of data that it makes sense for, and each kind's name in it.
GROUPS: tuple[tuple[Words, tuple[str, ...], tuple[tuple[str, Words], ...]], ...] = (
    (
        _("A choice or a value"),
        DATA,
        (
            ("choice", _("one of several labels")),
            ("multi-choice", _("any number of labels")),
            ("taxonomy", _("a label of a large tree")),
            ("rating", _("a step of a scale")),
            ("number", _("a number")),
            ("text", _("a text")),
            ("transcript", _("a transcript, word by word")),
        ),
    ),
    (
        _("Marks on a picture"),
        ("image",),
        (
            ("boxes", _("boxes")),
            ("polygons", _("polygons")),
            ("polylines", _("lines")),
            ("points", _("points")),
            ("keypoints", _("the points of a skeleton")),
            ("ellipses", _("ellipses")),
            ("masks", _("masks: every pixel of a thing")),
        ),
    ),
    (
        _("Marks in a text"),
        ("text",),
        (("spans", _("stretches of the text")), ("relations", _("relations between stretches"))),
    ),
    (_("Marks in time"), ("audio", "video", "series"), (("segments", _("segments: sounds, speakers, actions")),)),
    (_("Marks through a film"), ("video",), (("tracks", _("tracks: boxes that move")),)),
    (
        _("Rows"),
        DATA,
        (("record", _("values of named fields")), ("flags", _("flags on the cells of a row"))),
    ),
    (
        _("Comparisons"),
        DATA,
        (
            ("pairwise", _("the better of two")),
            ("ranking", _("a ranking")),
            ("best-worst", _("the best and the worst")),
        ),
    ),
    (_("Something new"), DATA, (("contribution", _("a text, photo, recording or film that the worker brings")),)),
)

LABELS: tuple[Words, Words] = (
    _("Labels"),
    _("One a line: name | what workers read | key | #colour | description | example. Only the name is needed."),
)
THINGS: tuple[Words, Words] = (
    _("What is compared"),
    _("One a line: name | what workers read | key. In a row, the name is the column that holds it."),
)

# Label and hint of a setting.
WORDS: Mapping[str, tuple[Words, Words]] = {
    "labels": LABELS,
    "nodes": (
        _("Labels of the tree"),
        _("One a line, parents first: id | what workers read | id of the parent. Empty: what is stored stays."),
    ),
    "leaves": (_("Only labels without others below them are answers"), ""),
    "at_least": (_("At least so many marks"), ""),
    "at_most": (_("At most so many marks"), ""),
    "min_size": (_("No mark smaller than"), _("Pixels, characters or seconds, as the marks are counted in.")),
    "transcript": (_("The text that is read or heard in each mark"), ""),
    "rotation": (_("They may be turned"), ""),
    "skeleton": (_("Points of the skeleton"), _("One a line, in the order in which they are set.")),
    "edges": (_("Lines of the skeleton"), _("One a line: from | to. They are only drawn.")),
    "overlap": (_("Marks may overlap"), ""),
    "of": (_("Between the stretches of"), _("A question before this one that asks for stretches of the text.")),
    "directed": (_("From one to the other: the direction counts"), ""),
    "channels": (_("Channels that are marked"), _("One a line. Empty: a mark is about all of them.")),
    "columns": (_("Columns that may be flagged"), _("One a line. Empty: all that the row has.")),
    "fields": (_("Fields"), _("What is filled in, field by field. A column's value is there to be corrected.")),
    "lowest": (_("Lowest step"), ""),
    "highest": (_("Highest step"), ""),
    "words": (_("Words of the steps"), _("One a line: for the two ends, or for each step.")),
    "minimum": (_("Smallest number"), ""),
    "maximum": (_("Largest number"), ""),
    "integer": (_("Whole numbers only"), ""),
    "unit": (_("Unit"), ""),
    "tolerance": (_("On gold, right within"), ""),
    "min_length": (_("At least so many characters"), ""),
    "max_length": (_("At most so many characters"), ""),
    "multiline": (_("Several lines"), ""),
    "tie": (_("Both may be equally good"), ""),
    "reasons": (_("Reasons to tick"), _("One a line.")),
    "comment": (_("Workers may add a word"), ""),
    "takes": (_("What is brought"), ""),
    "consent": (_("What the worker agrees to"), _("Word for word: it stands in every answer.")),
    "licence": (_("Licence"), _("As CC0 1.0 or CC BY 4.0.")),
    "max_bytes": (_("Largest file, in bytes"), _("20971520 are 20 MB.")),
    "min_seconds": (_("A recording plays at least, in seconds"), ""),
    "max_seconds": (_("A recording plays at most, in seconds"), ""),
    # of the fields of a record
    "name": (_("Name"), ""),
    "type": (_("Type"), ""),
    "title": (_("What workers read"), ""),
    "required": (_("Must be filled in"), ""),
    "column": (_("Column with the value to correct"), ""),
}

# Where a kind means something of its own by it.
WORDS_OF: Mapping[tuple[str, str], tuple[Words, Words]] = {
    ("multi-choice", "at_least"): (_("At least so many labels"), ""),
    ("multi-choice", "at_most"): (_("At most so many labels"), ""),
    ("multi-choice", "tolerance"): (_("On gold, right within"), _("The share of labels that may differ, from 0 to 1.")),
    ("number", "tolerance"): (_("On gold, right within"), _("So far from the number.")),
    ("text", "tolerance"): (_("On gold, right within"), _("The share of characters that may differ, from 0 to 1.")),
    ("rating", "tolerance"): (_("On gold, right within"), _("So many steps.")),
    ("points", "tolerance"): (_("On gold, right within"), _("So many pixels.")),
    ("polylines", "tolerance"): (_("On gold, right within"), _("So many pixels.")),
    ("pairwise", "labels"): THINGS,
    ("ranking", "labels"): THINGS,
    ("best-worst", "labels"): THINGS,
    ("record", "labels"): (_("What may be chosen"), _("One a line.")),
}

CHOICES: Mapping[str, Words] = {
    "no": _("is not asked for"),
    "optional": _("may be typed"),
    "required": _("must be typed"),
    "text": _("a text"),
    "image": _("a photo"),
    "audio": _("a recording"),
    "video": _("a film"),
    "document": _("a document (PDF)"),
    "number": _("a number"),
    "integer": _("a whole number"),
    "date": _("a date"),
    "choice": _("one of several labels"),
    "flag": _("yes or no"),
}

# Shown before the others, though there is a default.
FIRST = frozenset({"nodes", "lowest", "highest", "words", "columns", "channels", "tie", "reasons"})
