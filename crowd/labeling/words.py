"""Text that people type, brought into one form, so that the same words are the same bytes everywhere."""

import re
import unicodedata

from crowd.labeling.errors import AnswerError
from crowd.labeling.speech import say

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str, path: str) -> str:
    """NFC and line feeds. Refuses NUL and halves of surrogate pairs, which PostgreSQL cannot keep: AnswerError."""
    if _UNSTORABLE.search(text):
        raise AnswerError(path, say("This text contains a NUL character or half of a character."))
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
