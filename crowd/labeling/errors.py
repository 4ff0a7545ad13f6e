"""What can be wrong with a label config, an answer, a cut or a file, always with the place where it is wrong.

Messages are finished sentences in English that can be said in other languages too: see crowd.labeling.speech.
"""

from crowd.labeling.speech import Message, say
from crowd.labeling.strict_json import written

MAX_PATH = 300


class LabelingError(ValueError):
    """Something outside the rules of labeling; `path` names the place, for example ``questions[0].labels[2].name``."""

    def __init__(self, path: str, message: str) -> None:
        path = _sayable(path)
        super().__init__(path, message)
        self.path = path
        self.message = message

    @property
    def sentence(self) -> str:
        """The message, with the place before it."""
        return say("%(place)s: %(message)s", place=self.path, message=self.message) if self.path else self.message

    def __str__(self) -> str:
        return str(self.sentence)


class ConfigError(LabelingError):
    """A label config or a split that does not follow its rules."""


class AnswerError(LabelingError):
    """An answer, or a gold key, that the label config does not allow."""


class SplitError(LabelingError):
    """An item that cannot be cut as its project asks: no such column, no duration, nothing in it."""


class FormatError(LabelingError):
    """A file that cannot be read any further. `row` counts as the file's format says; 0 means the file as a whole."""

    def __init__(self, row: int, column: str | None, message: str) -> None:
        super().__init__(_place(row, column), message)
        self.args = (row, column, message)
        self.row = row
        self.column = column


def _sayable(path: str) -> str:
    """Whatever somebody took for a key may be in it."""
    return path if isinstance(path, Message) else written(path, MAX_PATH)  # of a message the parts have been here


def _place(row: int, column: str | None) -> str:
    if column is None:
        return say("row %(row)s", row=str(row)) if row else ""
    named = say("column %(column)s", column=repr(_sayable(column)))
    return say("row %(row)s, %(column)s", row=str(row), column=named) if row else named
